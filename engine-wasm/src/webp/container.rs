//! The container: chunks in a RIFF file (RFC 9649, section 2).

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
