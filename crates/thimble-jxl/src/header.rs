//! The header: sides, orientation and frames, without decoding anything of the picture.

use jxl::api::{Event, JxlDecoder};

use crate::bits::Bits;
use crate::container::{self, Codestream};
use crate::error::Error;
use crate::options;

/// Frames that are counted: a file of more has this many.
const MOST_FRAMES: u32 = 1 << 16;

/// Samples of a picture whose frames are counted.
const MOST_SAMPLES: usize = 1 << 31;

/// Sides, orientation and frames of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Columns, as stored.
    pub width: u32,
    /// Rows, as stored.
    pub height: u32,
    /// Turn that makes the stored picture upright, as Exif counts them, from 1 to 8.
    pub orientation: u8,
    /// Frames that are shown, at least 1: those of an animation, and never more than 65,536.
    pub frames: u32,
}

impl Header {
    /// Reads the header, and goes over the frames of an animation.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if there is no header, or the sides make no sense.
    pub fn read(source: &[u8]) -> Result<Self, Error> {
        let head = container::head(source);
        let header = Stored::read(&head);
        let stored = header.ok_or_else(|| Error::malformed("there is no header"))?;
        let frames = if stored.is_animated {
            count_frames(source).max(1)
        } else {
            1
        };
        Ok(Header {
            width: stored.width,
            height: stored.height,
            orientation: stored.orientation,
            frames,
        })
    }
}

/// The first fields of a codestream.
struct Stored {
    width: u32,
    height: u32,
    orientation: u8,
    is_animated: bool,
    /// 16 bits hold every number that its samples are computed from.
    is_narrow: bool,
}

impl Stored {
    fn read(head: &[u8]) -> Option<Self> {
        let mut bits = Bits::of(head.strip_prefix(b"\xff\x0a")?);
        let (width, height) = sides(&mut bits)?;
        let mut stored = Stored {
            width,
            height,
            orientation: 1,
            is_animated: false,
            is_narrow: true,
        };
        let is_plain = bits.flag()?;
        if is_plain {
            return Some(stored);
        }
        if bits.flag()? {
            stored.orientation = bits.take(3)? as u8 + 1;
            if bits.flag()? {
                // The size at which it is meant to be shown.
                sides(&mut bits)?;
            }
            if bits.flag()? {
                skip_preview(&mut bits)?;
            }
            stored.is_animated = bits.flag()?;
        }
        // The times of an animation stand before the depth.
        stored.is_narrow = !stored.is_animated && is_narrow(&mut bits).unwrap_or(false);
        Some(stored)
    }
}

/// Width and height.
fn sides(bits: &mut Bits<'_>) -> Option<(u32, u32)> {
    let is_small = bits.flag()?;
    let side = |bits: &mut Bits<'_>| {
        if is_small {
            Some((bits.take(5)? + 1) * 8)
        } else {
            let length = [9, 13, 18, 30][bits.take(2)? as usize];
            Some(bits.take(length)? + 1)
        }
    };
    let height = side(bits)?;
    let (share, of) = match bits.take(3)? {
        0 => return Some((side(bits)?, height)),
        1 => (1, 1),
        2 => (12, 10),
        3 => (4, 3),
        4 => (3, 2),
        5 => (16, 9),
        6 => (5, 4),
        _ => (2, 1),
    };
    let width = u64::from(height) * share / of;
    Some((u32::try_from(width).ok()?, height))
}

/// Sides of a picture within the file, which is not read.
fn skip_preview(bits: &mut Bits<'_>) -> Option<()> {
    let lengths = if bits.flag()? {
        [0, 0, 5, 9]
    } else {
        [6, 8, 10, 12]
    };
    let side = |bits: &mut Bits<'_>| {
        let length = lengths[bits.take(2)? as usize];
        bits.take(length)
    };
    side(bits)?;
    if bits.take(3)? == 0 {
        side(bits)?;
    }
    Some(())
}

/// The field behind the depth of samples.
fn is_narrow(bits: &mut Bits<'_>) -> Option<bool> {
    let is_float = bits.flag()?;
    if bits.take(2)? == 3 {
        bits.take(6)?;
    }
    if is_float {
        bits.take(4)?;
    }
    bits.flag()
}

/// Bytes of a number that samples are computed from.
pub(crate) fn bytes_of_a_number(source: &[u8]) -> usize {
    let stored = Stored::read(&container::head(source));
    if stored.is_some_and(|stored| stored.is_narrow) {
        2
    } else {
        4
    }
}

/// The first frame that is shown has no blocks. Nor has one whose header makes no sense.
pub(crate) fn is_modular(source: &[u8]) -> bool {
    let head = first_shown(source).and_then(|(_, mut codestream)| {
        let head = codestream.take(1);
        head.first().copied()
    });
    head.is_none_or(|head| head & 1 == 0 && head & 8 != 0)
}

/// A decoder that goes over frames, and the codestream from the first one that is shown.
fn first_shown(source: &[u8]) -> Option<(JxlDecoder, Codestream<'_>)> {
    let mut options = options(MOST_SAMPLES);
    options.scan_frames_only = true;
    let mut decoder = JxlDecoder::new(options);
    if !goes_to_frame(&mut decoder, &mut Codestream::new(source)) {
        return None;
    }
    // The decoder takes notes of every frame, until it is told to go to one of them.
    let first = decoder.scanned_frames().first()?.seek_target;
    let place = usize::try_from(decoder.start_new_frame(first).ok()?).ok()?;
    Some((decoder, Codestream::at(source, place)))
}

/// Frames that are shown, as far as their headers make sense.
fn count_frames(source: &[u8]) -> u32 {
    let Some((mut decoder, mut codestream)) = first_shown(source) else {
        return 1;
    };
    let mut frames = 0;
    while frames < MOST_FRAMES && goes_to_frame(&mut decoder, &mut codestream) {
        frames += 1;
    }
    frames
}

/// Goes on to the header of the next frame that is shown, if there is one.
fn goes_to_frame(decoder: &mut JxlDecoder, codestream: &mut Codestream<'_>) -> bool {
    loop {
        match decoder.process(codestream, None, None) {
            Ok(Event::FrameHeader) => return true,
            Ok(Event::BasicInfo | Event::FrameComplete { .. }) => {}
            Ok(Event::NeedMoreInput { .. } | Event::Complete) | Err(_) => return false,
        }
    }
}
