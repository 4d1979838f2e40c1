//! The header: dimensions, frames and metadata.

use thimble_inflate::{Damage, Inflater};

use crate::chunk::{Chunks, find};
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
    /// The EXIF block, from its byte order mark on.
    pub exif: Option<&'a [u8]>,
    pub(super) source: &'a [u8],
}

impl<'a> Header<'a> {
    /// Reads `IHDR`, and the chunks that count frames and state the orientation.
    ///
    /// # Errors
    ///
    /// If the source does not begin with `IHDR`.
    pub fn read(source: &'a [u8]) -> Result<Self, Error> {
        let header = Chunks::of(source).next();
        let header = header.filter(|chunk| chunk.kind == *b"IHDR");
        let sides =
            header.and_then(|chunk| big_endian(chunk.data, 0).zip(big_endian(chunk.data, 4)));
        let (width, height) = sides.ok_or(Error::Malformed("no header"))?;
        let frames = find(source, b"acTL").and_then(|data| big_endian(data, 0));
        Ok(Self {
            width,
            height,
            frames: frames.unwrap_or(1).max(1),
            exif: find(source, b"eXIf"),
            source,
        })
    }

    /// Decompresses the color profile, if there is one.
    ///
    /// # Errors
    ///
    /// If it has more than `most` bytes, or cannot be decompressed.
    pub fn profile(&self, most: usize) -> Result<Option<Vec<u8>>, ProfileError> {
        let Some(compressed) = find(self.source, b"iCCP").and_then(behind_name) else {
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
