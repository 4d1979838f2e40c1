//! Still pictures that are whole, decoded by a crate that knows all of WebP.

use std::borrow::Cow;
use std::fmt::{self, Display, Formatter};
use std::io::Cursor;

use image_webp::{DecodingError, WebPDecoder};

use super::container::{self, Frame};
use super::lossless;

type Decoder<'a> = WebPDecoder<Cursor<&'a [u8]>>;

/// A reason for which there are no pixels.
#[derive(Debug)]
pub enum Error {
    /// The file is damaged.
    Damaged(DecodingError),
    /// There is no memory for so many pixels.
    TooLarge,
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Error::Damaged(error) => error.fmt(f),
            Error::TooLarge => f.write_str("more pixels than there is memory for"),
        }
    }
}

impl std::error::Error for Error {}

impl From<DecodingError> for Error {
    fn from(error: DecodingError) -> Self {
        Error::Damaged(error)
    }
}

/// The pixels of a picture, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    /// Columns.
    pub width: u32,
    /// Channels: 3, or 4 with alpha.
    pub channels: usize,
    /// All samples.
    pub samples: Vec<u8>,
}

/// The sides of a still picture's canvas, or of what there is of the picture.
///
/// # Errors
///
/// If not even the header of the picture is there.
pub fn sides(source: &[u8]) -> Result<(u32, u32), DecodingError> {
    match open(&readable(source)) {
        Ok(decoder) => Ok(decoder.dimensions()),
        Err(error) => sides_of_frame(source).ok_or(error),
    }
}

/// The sides of a still picture by its own header, whatever the file says.
#[must_use]
pub fn sides_of_frame(source: &[u8]) -> Option<(u32, u32)> {
    match container::still_frame(source)? {
        Frame::Lossy(frame) => super::dimensions(frame),
        Frame::Lossless(frame) => lossless::header(frame).map(|(width, height, _)| (width, height)),
    }
}

/// The file as the decoding crate reads it: with a canvas if it needs one, and with what it
/// says of itself put right if that is wrong.
#[must_use]
pub fn readable(source: &[u8]) -> Cow<'_, [u8]> {
    if let Some(canvas) = container::with_canvas(source) {
        return Cow::Owned(canvas);
    }
    container::mended(source).map_or(Cow::Borrowed(source), Cow::Owned)
}

/// All pixels of a [`readable`] file, whose picture has these sides: check them before.
///
/// # Errors
///
/// If the picture is damaged or of other sides, or there is not enough memory.
pub fn pixels(readable: &[u8], (width, height): (u32, u32)) -> Result<Pixels, Error> {
    let mut decoder = open(readable)?;
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let mut samples = room((width, height), channels).ok_or(Error::TooLarge)?;
    decoder.read_image(&mut samples)?;
    Ok(Pixels {
        width,
        channels,
        samples,
    })
}

/// The pixels of a [`readable`] file that has an alpha and these sides.
pub(crate) fn with_alpha(readable: &[u8], sides: (u32, u32)) -> Option<Vec<u8>> {
    let decoder = open(readable).ok()?;
    if !decoder.has_alpha() || decoder.dimensions() != sides {
        return None;
    }
    pixels(readable, sides).ok().map(|pixels| pixels.samples)
}

/// A chunk cannot be larger than the source, so neither can what is read of it.
fn open(source: &[u8]) -> Result<Decoder<'_>, DecodingError> {
    let mut decoder = WebPDecoder::new(Cursor::new(source))?;
    decoder.set_memory_limit(source.len());
    Ok(decoder)
}

fn room((width, height): (u32, u32), channels: usize) -> Option<Vec<u8>> {
    let length = u64::from(width).checked_mul(u64::from(height))?;
    let length = usize::try_from(length.checked_mul(channels as u64)?).ok()?;
    let mut samples = Vec::new();
    samples.try_reserve_exact(length).ok()?;
    samples.resize(length, 0);
    Some(samples)
}
