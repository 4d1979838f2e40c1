//! The header: dimensions, frames and metadata.

use thimble_inflate::{Damage, Inflater};

use crate::chunk::{Chunk, Chunks, find, find_before_pixels};
use crate::error::{Error, ProfileError};

/// The header of a PNG. Reading it allocates nothing.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    /// Columns of the picture.
    pub width: u32,
    /// Rows of the picture.
    pub height: u32,
    /// Frames of an animation, at least 1.
    pub frames: u32,
    pub(super) source: &'a [u8],
}

impl<'a> Header<'a> {
    /// Reads `IHDR`, and the chunk that counts frames.
    ///
    /// # Errors
    ///
    /// If the source does not begin with `IHDR`.
    pub fn read(source: &'a [u8]) -> Result<Self, Error> {
        let header = Chunks::of(source).next();
        if header.is_some_and(|chunk| chunk.kind == *b"CgBI") {
            let what = "a PNG of Xcode's (CgBI), which only Apple's programs read; export it anew";
            return Err(Error::Unsupported(what));
        }
        let header = header.filter(|chunk| chunk.kind == *b"IHDR");
        let sides =
            header.and_then(|chunk| big_endian(chunk.data, 0).zip(big_endian(chunk.data, 4)));
        let (width, height) = sides.ok_or(Error::Malformed("no header"))?;
        let frames = find(source, b"acTL").and_then(|data| big_endian(data, 0));
        Ok(Self {
            width,
            height,
            frames: frames.unwrap_or(1).max(1),
            source,
        })
    }

    /// Decompresses the color profile, if there is one.
    ///
    /// # Errors
    ///
    /// If it has more than `most` bytes, or cannot be decompressed.
    pub fn profile(&self, most: usize) -> Result<Option<Vec<u8>>, ProfileError> {
        let Some(compressed) =
            find_before_pixels(self.source, b"iCCP", |_| true).and_then(behind_name)
        else {
            return Ok(None);
        };
        let mut inflater = Inflater::new(std::iter::once(compressed));
        let mut profile = Vec::new();
        loop {
            let room = most - profile.len();
            match inflater.take_some(room.max(1)) {
                Ok(_) if room == 0 => return Err(ProfileError::TooLong),
                Ok(some) => profile.extend_from_slice(some),
                Err(Damage::TooShort) => {
                    return Ok(Some(profile).filter(|profile| !profile.is_empty()));
                }
                Err(damage) => return Err(ProfileError::Damaged(damage)),
            }
        }
    }
}

impl<'a> Header<'a> {
    /// Numbers that describe the colors. Which of them count, and whether a profile
    /// counts before them, is for the reader to know. PNG, third edition, section
    /// 4.3.
    #[must_use]
    pub fn colors(&self) -> Colors {
        let numbers = |data: &[u8]| {
            let numbers = std::array::from_fn(|index| big_endian(data, 4 * index));
            numbers
                .iter()
                .all(Option::is_some)
                .then(|| numbers.map(Option::unwrap_or_default))
        };
        let sound = |kind| find_before_pixels(self.source, kind, Chunk::is_sound);
        let code_points = sound(b"cICP");
        let gamma = sound(b"gAMA");
        Colors {
            code_points: code_points.and_then(|data| data.try_into().ok()),
            is_srgb: sound(b"sRGB").is_some(),
            gamma: gamma.and_then(|data| big_endian(data, 0)),
            chromaticities: sound(b"cHRM").and_then(numbers),
        }
    }

    /// The EXIF blocks, a few of them, each from its byte order mark on.
    pub fn exif(&self) -> impl Iterator<Item = &'a [u8]> {
        let chunks = Chunks::of(self.source).filter(Chunk::is_whole);
        let blocks = chunks.filter(|chunk| chunk.kind == *b"eXIf");
        blocks.map(|chunk| chunk.data).take(MOST_BLOCKS)
    }

    /// The EXIF blocks that programs wrote as text before there was a chunk for them. Each
    /// is decoded when it is asked for.
    pub fn exif_as_text(&self) -> impl Iterator<Item = Vec<u8>> {
        let texts = Chunks::of(self.source).filter_map(|chunk| {
            let name = TEXTS.iter().find(|name| chunk.data.starts_with(name))?;
            let data = chunk.data.get(name.len()..)?.strip_prefix(b"\0")?;
            match (&chunk.kind, data) {
                (b"tEXt", text) => Some((text, false)),
                (b"zTXt", [0, text @ ..]) => Some((text, true)),
                (b"iTXt", [compressed @ (0 | 1), 0, rest @ ..]) => {
                    // A language and a translated name come before the text.
                    let text = rest.splitn(3, |byte| *byte == 0).nth(2)?;
                    Some((text, *compressed == 1))
                }
                _ => None,
            }
        });
        let texts = texts.take(MOST_BLOCKS);
        texts.filter_map(|(text, is_compressed)| {
            if is_compressed {
                unhex(&inflate_text(text))
            } else {
                unhex(&text[..text.len().min(MOST_TEXT)])
            }
        })
    }
}

/// Numbers that describe the colors of a PNG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colors {
    /// Code points of ITU-T H.273: primaries, transfer, matrix, full range.
    pub code_points: Option<[u8; 4]>,
    /// The colors are those of sRGB.
    pub is_srgb: bool,
    /// The exponent of light in samples, in 100,000ths.
    pub gamma: Option<u32>,
    /// x and y of white, red, green and blue, in 100,000ths.
    pub chromaticities: Option<[u32; 8]>,
}

/// Names of texts that hold an EXIF block.
const TEXTS: [&[u8]; 2] = [b"Raw profile type exif", b"Raw profile type APP1"];

/// EXIF blocks that are looked at, of each kind: nobody writes as many.
const MOST_BLOCKS: usize = 8;

/// Bytes of a text that are read: EXIF has at most half of them.
const MOST_TEXT: usize = 1 << 17;

fn inflate_text(data: &[u8]) -> Vec<u8> {
    let mut inflater = Inflater::new(std::iter::once(data));
    let mut text = Vec::new();
    while let Ok(some) = inflater.take_some(MOST_TEXT - text.len()) {
        text.extend_from_slice(some);
        if text.len() == MOST_TEXT {
            break;
        }
    }
    text
}

/// A name, a length, and that many bytes in hexadecimal digits, each on lines of its
/// own.
fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii_start();
    // Some names are of two words.
    let name = text.iter().position(|byte| *byte == b'\n')?;
    let mut words = text[name..]
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let length = words.next()?;
    let length: usize = std::str::from_utf8(length).ok()?.parse().ok()?;
    let digits: Vec<u32> = words
        .flatten()
        .map_while(|digit| char::from(*digit).to_digit(16))
        .collect();
    let bytes = digits
        .as_chunks()
        .0
        .iter()
        .map(|[high, low]| (high << 4 | low) as u8);
    Some(bytes.take(length).collect())
}

/// The data behind a name, its end and the method of compression. PNG, third
/// edition, section 11.3.2.3.
fn behind_name(data: &[u8]) -> Option<&[u8]> {
    let name = data.iter().position(|byte| *byte == 0)?;
    data.get(name + 2..)
}

fn big_endian(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..)?.first_chunk()?;
    Some(u32::from_be_bytes(*bytes))
}
