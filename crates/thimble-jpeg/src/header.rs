//! The header: everything before the first scan.

use super::error::Error;
use super::frame::{self, Frame};
use super::marker::{self, Segment, Segments};

/// EXIF blocks that are looked at: some programs put one of their own before that of
/// the camera.
const MOST_EXIF: usize = 16;

/// Meaning of the components as colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColorModel {
    /// Luma alone.
    Gray,
    /// Luma and color differences, as JFIF defines them.
    Ycbcr,
    /// Red, green, blue.
    Rgb,
    /// Inks.
    Cmyk,
    /// Luma and differences of the inks' complements, and black.
    Ycck,
}

/// The header of a JPEG. Reading it allocates nothing by the sizes that it claims.
#[derive(Clone, Debug)]
pub struct Header<'a> {
    pub(super) frame: Frame,
    /// Meaning of the components. A container that knows better may set it.
    pub model: ColorModel,
    /// The EXIF blocks, each from its byte order mark on.
    pub exif: Vec<&'a [u8]>,
    profile: Vec<(u8, &'a [u8])>,
    pub(super) source: &'a [u8],
}

/// Segments found on the way to the first scan.
#[derive(Default)]
struct Found<'a> {
    frame: Option<Frame>,
    jfif: bool,
    adobe: Option<u8>,
    exif: Vec<&'a [u8]>,
    profile: Vec<(u8, &'a [u8])>,
}

impl<'a> Header<'a> {
    /// Reads everything before the first scan, and the number of lines after it when
    /// the frame header leaves that open.
    ///
    /// # Errors
    ///
    /// If the source is no JPEG, one that breaks the rules, or one of a kind that is
    /// not decoded.
    pub fn read(source: &'a [u8]) -> Result<Header<'a>, Error> {
        let mut segments = Segments::new(source);
        if segments
            .next()
            .is_none_or(|first| first.marker != marker::SOI)
        {
            return Err(Error::Malformed("has no start marker"));
        }
        let mut found = Found::default();
        while let Some(segment) = segments.next() {
            match segment.marker {
                marker::SOS | marker::EOI => break,
                _ => found.read(segment)?,
            }
        }
        let Some(mut frame) = found.frame else {
            return Err(Error::Malformed("ends before its frame header"));
        };
        if frame.height == 0 {
            frame.height = number_of_lines(source, segments.position())?;
        }
        let model = model(&frame, found.jfif, found.adobe);
        Ok(Header {
            frame,
            model,
            exif: found.exif,
            profile: found.profile,
            source,
        })
    }

    /// Columns and rows, as stored.
    pub fn dimensions(&self) -> (u32, u32) {
        (self.frame.width as u32, self.frame.height as u32)
    }

    /// Length of the ICC profile in bytes; 0 without one.
    pub fn profile_length(&self) -> usize {
        self.profile.iter().map(|(_, part)| part.len()).sum()
    }

    /// The ICC profile, put together from its parts in their order (ICC.1:2010,
    /// annex B.4).
    pub fn profile(&self) -> Option<Vec<u8>> {
        let mut parts = self.profile.clone();
        parts.sort_by_key(|(number, _)| *number);
        let whole = parts
            .iter()
            .flat_map(|(_, part)| part.iter().copied())
            .collect::<Vec<u8>>();
        (!whole.is_empty()).then_some(whole)
    }
}

impl<'a> Found<'a> {
    fn read(&mut self, segment: Segment<'a>) -> Result<(), Error> {
        let Segment { marker, payload } = segment;
        match marker {
            marker::APP0 => self.jfif |= payload.starts_with(b"JFIF\0"),
            marker::APP1 if self.exif.len() < MOST_EXIF => {
                // A zero in most files, and something else in some.
                if let Some([_, block @ ..]) = payload.strip_prefix(b"Exif\0") {
                    self.exif.push(block);
                }
            }
            marker::APP2 => {
                let part = payload.strip_prefix(b"ICC_PROFILE\0");
                if let Some([number, _, part @ ..]) = part
                    && self.profile.iter().all(|(other, _)| other != number)
                {
                    self.profile.push((*number, part));
                }
            }
            marker::APP14 => {
                if let Some([_, _, _, _, _, _, transform, ..]) = payload.strip_prefix(b"Adobe") {
                    self.adobe = Some(*transform);
                }
            }
            _ if frame::is_frame(marker) && self.frame.is_none() => {
                self.frame = Some(Frame::read(marker, payload)?);
            }
            _ => {}
        }
        Ok(())
    }
}

/// The number of lines, from the DNL segment after the first scan (T.81,
/// B.2.5).
fn number_of_lines(source: &[u8], scan: usize) -> Result<usize, Error> {
    let missing = Error::Malformed("doesn't say its height");
    let end = marker::find_scan_end(source, scan).ok_or(missing)?;
    let mut segments = Segments::new(source);
    segments.seek(end);
    match segments.next() {
        Some(Segment {
            marker: marker::DNL,
            payload: &[high, low, ..],
        }) if (high, low) != (0, 0) => Ok(usize::from(u16::from_be_bytes([high, low]))),
        _ => Err(missing),
    }
}

/// Meaning of the components, by the rules of JFIF (its marker means YCbCr), of Adobe
/// technical note 5116 (its marker names the transform) and of common practice
/// (component names).
fn model(frame: &Frame, jfif: bool, adobe: Option<u8>) -> ColorModel {
    let ids = frame
        .components
        .iter()
        .map(|component| component.id)
        .collect::<Vec<_>>();
    match (ids.len(), adobe) {
        (1, _) => ColorModel::Gray,
        (3, _) if jfif => ColorModel::Ycbcr,
        (3, Some(0)) => ColorModel::Rgb,
        (3, None) if ids == *b"RGB" => ColorModel::Rgb,
        (3, _) => ColorModel::Ycbcr,
        (_, None | Some(0)) => ColorModel::Cmyk,
        _ => ColorModel::Ycck,
    }
}
