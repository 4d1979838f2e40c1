//! The container: chunks in a RIFF file (RFC 9649, section 2).

use std::num::TryFromIntError;

use super::lossless;

/// The frame of a still picture that is lossy and has no alpha: what
/// [`decode`](super::decode) takes. `None` for every other WebP.
#[must_use]
pub fn opaque_frame(source: &[u8]) -> Option<&[u8]> {
    let mut chunks = Chunks::of(source)?;
    match chunks.next()? {
        Chunk {
            name: b"VP8 ",
            content,
            ..
        } => Some(content),
        Chunk {
            name: b"VP8X",
            content: [flags, ..],
            ..
        } if flags & (ALPHA | ANIMATION) == 0 => chunks
            .find(|chunk| chunk.name == b"VP8 ")
            .map(|chunk| chunk.content),
        _ => None,
    }
}

/// The picture of a still, perhaps with its end cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// For [`decode_partly`](super::decode_partly).
    Lossy(&'a [u8]),
    /// For [`decode_partly`](lossless::decode_partly).
    Lossless(&'a [u8]),
}

/// The picture of a still, perhaps with its end cut off.
#[must_use]
pub fn still_frame(source: &[u8]) -> Option<Frame<'_>> {
    let chunk = Chunks::of(source)?.find(Chunk::is_picture)?;
    match chunk.name {
        b"VP8 " => Some(Frame::Lossy(chunk.content)),
        b"VP8L" => Some(Frame::Lossless(chunk.content)),
        _ => None,
    }
}

/// The first frame of an animation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Animation {
    /// Sides of the canvas.
    pub canvas: (u32, u32),
    /// Number of frames, at least 1.
    pub frames: u32,
    /// Place of the first frame: its left upper corner.
    pub place: (u32, u32),
    /// Sides of the first frame.
    pub sides: (u32, u32),
    /// The first frame as a file of its own: a still picture, perhaps with its end cut off.
    pub first: Vec<u8>,
}

/// The first frame of an animation, whatever its flags say; `None` if this is none.
#[must_use]
pub fn animation(source: &[u8]) -> Option<Animation> {
    let mut chunks = Chunks::of(source)?;
    let header = chunks.next().filter(|chunk| chunk.name == b"VP8X")?;
    let frame = chunks.find(Chunk::is_picture)?;
    let frame = Some(frame.content).filter(|_| frame.name == b"ANMF")?;
    let number = |bytes: &[u8], at: usize| {
        let [low, middle, high] = *bytes.get(at..)?.first_chunk()?;
        Some(u32::from_le_bytes([low, middle, high, 0]))
    };
    let side = |bytes: &[u8], at: usize| Some(number(bytes, at)? + 1);
    let sides = (side(frame, 6)?, side(frame, 9)?);
    let chunks_of_frame = frame.get(16..)?;
    let others = chunks.filter(|chunk| chunk.name == b"ANMF").count();
    let mut own = extended_header(sides.0, sides.1);
    let has_alpha = Chunks(chunks_of_frame).any(|chunk| chunk.name == b"ALPH");
    own[0] = if has_alpha { ALPHA } else { 0 };
    let mut first = write(&[(*b"VP8X", &own)]).ok()?;
    first.extend_from_slice(chunks_of_frame);
    let length = u32::try_from(first.len() - 8).ok()?.to_le_bytes();
    first.get_mut(4..8)?.copy_from_slice(&length);
    Some(Animation {
        canvas: (side(header.content, 4)?, side(header.content, 7)?),
        frames: u32::try_from(others + 1).ok()?,
        place: (number(frame, 0)? * 2, number(frame, 3)? * 2),
        sides,
        first,
    })
}

/// The contents of all chunks of a name.
pub fn contents<'a>(source: &'a [u8], name: &[u8; 4]) -> impl Iterator<Item = &'a [u8]> {
    let chunks = Chunks::of(source).into_iter().flatten();
    chunks
        .filter(move |chunk| chunk.name == name)
        .map(|chunk| chunk.content)
}

/// Flags of the `VP8X` chunk.
const PROFILE: u8 = 0x20;
const ALPHA: u8 = 0x10;
const EXIF: u8 = 0x08;
const XMP: u8 = 0x04;
const ANIMATION: u8 = 0x02;

/// The file without flags for chunks that are not there, with the flag for a lossless
/// picture that has alpha, without a chunk that is cut off, and with a canvas if the
/// picture is not the first chunk; `None` if there is nothing to mend.
#[must_use]
pub fn mended(source: &[u8]) -> Option<Vec<u8>> {
    let first = Chunks::of(source)?.next()?;
    let header = match (first.name, first.content) {
        (b"VP8X", [flags, rest @ ..]) => {
            let right = flags & true_flags(source) | lossless_alpha(source);
            (right != *flags).then(|| [&[right], rest].concat())
        }
        (b"VP8X" | b"VP8 " | b"VP8L", _) => None,
        _ => Some(canvas(source)?.to_vec()),
    };
    if header.is_none() && !is_cut(source) {
        return None;
    }
    let whole = Chunks::of(source)?.filter(|chunk| !chunk.is_cut());
    let whole = whole.filter(|chunk| header.is_none() || chunk.name != b"VP8X");
    let header = header.iter().map(|header| (*b"VP8X", header.as_slice()));
    let whole = whole.map(|chunk| (*chunk.name, chunk.content));
    let chunks: Vec<_> = header.chain(whole).collect();
    write(&chunks).ok().filter(|_| !chunks.is_empty())
}

/// True if the file ends within a chunk.
#[must_use]
pub fn is_cut(source: &[u8]) -> bool {
    let mut chunks = Chunks::of(source).into_iter().flatten();
    chunks.any(|chunk| chunk.is_cut())
}

/// The flag of alpha if the picture is lossless and says that it has some: decoders go by
/// that. A lossy picture without the flag is opaque, whatever chunks there are.
fn lossless_alpha(source: &[u8]) -> u8 {
    let header = contents(source, b"VP8L").next().and_then(lossless::header);
    header
        .filter(|(.., has_alpha)| *has_alpha)
        .map_or(0, |_| ALPHA)
}

/// The content of the `VP8X` chunk for a still picture that has none, and other chunks in
/// front of it.
fn canvas(source: &[u8]) -> Option<[u8; 10]> {
    let mut chunks = Chunks::of(source)?;
    let frame = chunks.find(|chunk| matches!(chunk.name, b"VP8 " | b"VP8L"))?;
    let (width, height, has_alpha) = if frame.name == b"VP8 " {
        let (width, height) = super::dimensions(frame.content)?;
        (width, height, contents(source, b"ALPH").next().is_some())
    } else {
        lossless::header(frame.content)?
    };
    let mut canvas = extended_header(width, height);
    canvas[0] = if has_alpha { ALPHA } else { 0 };
    Some(canvas)
}

/// The longest side of a picture.
const LONGEST: u32 = 1 << 14;

/// The flags of the chunks that are there as a whole; those that say nothing of chunks
/// are true.
fn true_flags(source: &[u8]) -> u8 {
    let mut flags = !(PROFILE | ALPHA | EXIF | XMP | ANIMATION);
    let (mut has_animation, mut has_frame) = (false, false);
    let chunks = Chunks::of(source).into_iter().flatten();
    for chunk in chunks.filter(|chunk| !chunk.is_cut()) {
        match chunk.name {
            b"ICCP" => flags |= PROFILE,
            b"ALPH" | b"VP8L" => flags |= ALPHA,
            b"EXIF" => flags |= EXIF,
            b"XMP " => flags |= XMP,
            b"ANIM" => has_animation = true,
            b"ANMF" => has_frame = true,
            _ => {}
        }
    }
    if has_animation && has_frame {
        flags |= ANIMATION | ALPHA;
    }
    flags
}

/// A still picture, lossy and with alpha, whose frame is cut off, with zeros for the
/// missing part of it: enough for a decoder to read every block as empty.
#[must_use]
pub fn filled_up(source: &[u8], (width, height): (u32, u32)) -> Option<Vec<u8>> {
    let frame = Chunks::of(source)?.find(|chunk| chunk.name == b"VP8 ")?;
    let alpha = Chunks::of(source)?.find(|chunk| chunk.name == b"ALPH")?;
    let header = Chunks::of(source)?
        .next()
        .filter(|chunk| chunk.name == b"VP8X")?;
    let [_, rest @ ..] = header.content else {
        return None;
    };
    let (columns, rows) = (width.div_ceil(16) as usize, height.div_ceil(16) as usize);
    let macroblocks = columns * rows;
    // No macroblock has more bytes than its pixels have. An empty block takes a byte at
    // most.
    let missing = (frame.stated - frame.content.len()).min(macroblocks * 1024);
    let zeros = missing + macroblocks * 32 + 64;
    let frame = [frame.content, &vec![0; zeros]].concat();
    let header = [&[ALPHA], rest].concat();
    write(&[
        (*b"VP8X", &header),
        (*b"ALPH", alpha.content),
        (*b"VP8 ", &frame),
    ])
    .ok()
}

/// A chunk of a file. One that the file ends in has the bytes that are there.
struct Chunk<'a> {
    name: &'a [u8; 4],
    content: &'a [u8],
    /// Bytes that it says it has.
    stated: usize,
}

impl Chunk<'_> {
    fn is_picture(&self) -> bool {
        matches!(self.name, b"VP8 " | b"VP8L" | b"ANMF")
    }

    fn is_cut(&self) -> bool {
        self.content.len() < self.stated
    }
}

/// The chunks of a file.
struct Chunks<'a>(&'a [u8]);

impl<'a> Chunks<'a> {
    fn of(source: &'a [u8]) -> Option<Self> {
        let (header, chunks) = source.split_first_chunk::<12>()?;
        let is_webp = header.starts_with(b"RIFF") && header.ends_with(b"WEBP");
        is_webp.then_some(Chunks(chunks))
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (name, rest) = self.0.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let stated = u32::from_le_bytes(*length) as usize;
        let (content, after) = rest.split_at(stated.min(rest.len()));
        self.0 = after.get(stated % 2..).unwrap_or(&[]);
        Some(Chunk {
            name,
            content,
            stated,
        })
    }
}

/// The data behind the header of the picture, in a file that is lossless and nothing
/// else: signature, dimensions and version take five bytes.
pub fn lossless_content(file: &[u8]) -> Option<&[u8]> {
    let first = Chunks::of(file)?.next()?;
    let content = Some(first.content).filter(|_| first.name == b"VP8L")?;
    content.get(5..)
}

/// A file that is lossless and nothing else, with a side of 16,384 pixels, as a
/// file with a canvas; `None` for any other. The longest side there is, and one
/// more than the decoding crate reads unless a canvas says so.
pub fn with_canvas(source: &[u8]) -> Option<Vec<u8>> {
    let first = Chunks::of(source)?.next()?;
    let content = Some(first.content).filter(|_| first.name == b"VP8L")?;
    let (width, height, _) = lossless::header(content)?;
    if width.max(height) < LONGEST {
        return None;
    }
    let canvas = canvas(source)?;
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
