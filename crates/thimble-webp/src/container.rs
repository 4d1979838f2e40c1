//! The container: chunks in a RIFF file (RFC 9649, section 2).

use std::num::TryFromIntError;

/// The frame of a still picture that is lossy and has no alpha: what
/// [`decode`](super::decode) takes. `None` for every other WebP.
#[must_use]
pub fn opaque_frame(source: &[u8]) -> Option<&[u8]> {
    let mut chunks = Chunks::of(source)?;
    match chunks.next()? {
        (b"VP8 ", frame) => Some(frame),
        (b"VP8X", [flags, ..]) if flags & (ALPHA | ANIMATION) == 0 => chunks
            .find(|(name, _)| *name == b"VP8 ")
            .map(|(_, frame)| frame),
        _ => None,
    }
}

/// Flags of the `VP8X` chunk.
const ALPHA: u8 = 0x10;
const ANIMATION: u8 = 0x02;

/// The chunks of a file: names and contents.
struct Chunks<'a>(&'a [u8]);

impl<'a> Chunks<'a> {
    fn of(source: &'a [u8]) -> Option<Self> {
        let (header, chunks) = source.split_first_chunk::<12>()?;
        let is_webp = header.starts_with(b"RIFF") && header.ends_with(b"WEBP");
        is_webp.then_some(Chunks(chunks))
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = (&'a [u8; 4], &'a [u8]);

    /// A chunk that the file ends in has the bytes that are there.
    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = self.0.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        let (content, after) = rest.split_at(length.min(rest.len()));
        self.0 = after.get(length % 2..).unwrap_or(&[]);
        Some((name, content))
    }
}

/// The data behind the header of the picture, in a file that is lossless and nothing
/// else: signature, dimensions and version take five bytes.
pub fn lossless_content(file: &[u8]) -> Option<&[u8]> {
    match Chunks::of(file)?.next()? {
        (b"VP8L", content) => content.get(5..),
        _ => None,
    }
}

/// A file that is lossless and nothing else, with a side of 16,384 pixels, as a
/// file with a canvas; `None` for any other. The longest side there is, and one
/// more than the decoding crate reads unless a canvas says so.
pub fn with_canvas(source: &[u8]) -> Option<Vec<u8>> {
    const LONGEST: u32 = 1 << 14;
    let (b"VP8L", content) = Chunks::of(source)?.next()? else {
        return None;
    };
    let header = u32::from_le_bytes(*content.get(1..)?.first_chunk()?);
    let [width, height] = [header, header >> 14].map(|bits| bits % LONGEST + 1);
    if width.max(height) < LONGEST {
        return None;
    }
    let mut canvas = extended_header(width, height);
    if header & 1 << 28 == 0 {
        canvas[0] &= !ALPHA;
    }
    write(&[(*b"VP8X", &canvas), (*b"VP8L", content)]).ok()
}

/// The content of the `VP8X` chunk of a still picture with alpha, whose sides are
/// those given, from 1 to 2^24.
pub fn extended_header(width: u32, height: u32) -> [u8; 10] {
    let [w0, w1, w2, _] = width.saturating_sub(1).to_le_bytes();
    let [h0, h1, h2, _] = height.saturating_sub(1).to_le_bytes();
    [ALPHA, 0, 0, 0, w0, w1, w2, h0, h1, h2]
}

/// Writes a file of chunks: names and contents.
///
/// # Errors
///
/// If a length does not fit in 32 bits.
pub fn write(chunks: &[([u8; 4], &[u8])]) -> Result<Vec<u8>, TryFromIntError> {
    let mut body = b"WEBP".to_vec();
    for (name, content) in chunks {
        body.extend_from_slice(name);
        body.extend_from_slice(&u32::try_from(content.len())?.to_le_bytes());
        body.extend_from_slice(content);
        body.resize(body.len().next_multiple_of(2), 0);
    }
    let length = u32::try_from(body.len())?.to_le_bytes();
    Ok([b"RIFF", &length[..], &body].concat())
}
