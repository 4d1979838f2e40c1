//! A file: its header, and where its sections are.

use thimble_bytes::Bytes;

use crate::error::Error;
use crate::layers;
use crate::resources;

/// Bytes of the header.
const HEADER: usize = 26;

/// Colors of a palette, each as a red, a green and a blue, which stand apart.
pub(crate) const PALETTE: usize = 256;

/// Resource of versions, in which a byte is 0 where a program was told to leave the composite out.
const VERSION: u16 = 1057;
/// Resource with the ICC profile.
const PROFILE: u16 = 1039;
/// Resource with EXIF.
const EXIF: u16 = 1058;
/// Resource with the color of a palette that is transparent.
const TRANSPARENT: u16 = 1047;

const CUT: Error = Error::Malformed("a section is cut short");

/// Meaning of the samples of a composite, alpha aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colors {
    /// One channel: 0 is black.
    Gray,
    /// Red, green and blue.
    Rgb,
    /// Cyan, magenta, yellow and black: 0 is no ink.
    Cmyk,
}

/// Meaning of stored samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A bit is an ink, so 1 is black.
    Bitmap,
    Gray,
    Indexed,
    Rgb,
    /// Every ink is stored inverted.
    Cmyk,
}

/// A Photoshop file: its header, checked, and its sections.
#[derive(Clone, Copy, Debug)]
pub struct Photoshop<'a> {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    pub(crate) mode: Mode,
    /// Bits of a sample.
    pub(crate) depth: u16,
    /// Channels that are stored, those that nobody shows included.
    pub(crate) stored: usize,
    /// True for the form of large pictures, whose lengths take twice the bytes.
    pub(crate) is_large: bool,
    palette: &'a [u8],
    resources: &'a [u8],
    layers: &'a [u8],
    pub(crate) data: &'a [u8],
}

/// True for a Photoshop file, by its first bytes.
#[must_use]
pub fn is_photoshop(source: &[u8]) -> bool {
    source.starts_with(b"8BPS\0\x01") || source.starts_with(b"8BPS\0\x02")
}

impl<'a> Photoshop<'a> {
    /// Reads the header, and finds the sections.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if they make no sense or are cut short before the pixels, and
    /// [`Error::Unsupported`] for colors and samples that are not read.
    pub fn read(source: &'a [u8]) -> Result<Self, Error> {
        let bytes = Bytes::big_endian(source);
        let header = bytes.slice(0, HEADER).filter(|_| is_photoshop(source));
        let header = Bytes::big_endian(header.ok_or(Error::Malformed("the header is cut short"))?);
        let number = |at| header.u16(at).unwrap_or_default();
        let side = |at| header.u32(at).unwrap_or_default();
        let is_large = number(4) == 2;
        let (palette, at) = section(bytes, HEADER, false)?;
        let (resources, at) = section(bytes, at, false)?;
        let (layers, at) = section(bytes, at, is_large)?;
        let (mode, depth) = (mode(number(24))?, number(22));
        let file = Self {
            width: side(18),
            height: side(14),
            mode,
            depth,
            stored: number(12).into(),
            is_large,
            palette,
            resources,
            layers,
            data: bytes.rest(at),
        };
        file.check()?;
        Ok(file)
    }

    fn check(&self) -> Result<(), Error> {
        match (self.mode, self.depth) {
            (Mode::Bitmap, 1) | (Mode::Indexed, 8) => {}
            (Mode::Gray | Mode::Rgb | Mode::Cmyk, 8 | 16) => {}
            (Mode::Gray | Mode::Rgb | Mode::Cmyk, 32) => {
                return Err(Error::Unsupported("samples of 32 bits"));
            }
            _ => return Err(Error::Malformed("no such depth of these colors")),
        }
        if self.stored < self.color_channels() {
            return Err(Error::Malformed("a color has no channel"));
        }
        if self.mode == Mode::Indexed && self.palette.len() < 3 * PALETTE {
            return Err(Error::Malformed("the palette is cut short"));
        }
        Ok(())
    }

    /// The colors of the rows.
    #[must_use]
    pub fn colors(&self) -> Colors {
        match self.mode {
            Mode::Bitmap | Mode::Gray => Colors::Gray,
            Mode::Indexed | Mode::Rgb => Colors::Rgb,
            Mode::Cmyk => Colors::Cmyk,
        }
    }

    /// False if the file says that its layers are all there is.
    pub(crate) fn has_composite(&self) -> bool {
        let version = resources::find(self.resources, VERSION);
        version.and_then(|version| version.get(4)) != Some(&0)
    }

    /// The channels that make a color, as they are stored.
    pub(crate) fn color_channels(&self) -> usize {
        match self.mode {
            Mode::Bitmap | Mode::Gray | Mode::Indexed => 1,
            Mode::Rgb => 3,
            Mode::Cmyk => 4,
        }
    }

    /// True if the first channel behind the colors is the alpha of the composite. Others are
    /// selections that somebody kept. Inks are stored upon white, and stay there.
    pub(crate) fn has_alpha_channel(&self) -> bool {
        matches!(self.mode, Mode::Gray | Mode::Rgb)
            && self.stored > self.color_channels()
            && layers::are_transparent_together(self.layers, self.is_large)
    }

    /// The color of the palette that is transparent.
    pub(crate) fn transparent(&self) -> Option<u8> {
        let index = resources::find(self.resources, TRANSPARENT)?;
        let index = Bytes::big_endian(index).u16(0)?;
        u8::try_from(index)
            .ok()
            .filter(|_| self.mode == Mode::Indexed)
    }

    /// A color of the palette.
    pub(crate) fn color(&self, index: u8) -> [u8; 3] {
        let at = usize::from(index);
        [0, PALETTE, 2 * PALETTE].map(|part| self.palette.get(part + at).copied().unwrap_or(0))
    }

    /// The ICC profile.
    #[must_use]
    pub fn profile(&self) -> Option<&'a [u8]> {
        resources::find(self.resources, PROFILE)
    }

    /// EXIF, as a TIFF.
    #[must_use]
    pub fn exif(&self) -> Option<&'a [u8]> {
        resources::find(self.resources, EXIF)
    }
}

/// A section that begins with its length, and where the next one begins.
fn section(bytes: Bytes<'_>, at: usize, is_long: bool) -> Result<(&[u8], usize), Error> {
    let (length, start) = if is_long {
        (bytes.u64(at), at.saturating_add(8))
    } else {
        (bytes.u32(at).map(u64::from), at.saturating_add(4))
    };
    let length = length.and_then(|length| usize::try_from(length).ok());
    let length = length.ok_or(CUT)?;
    let content = bytes.slice(start, length).ok_or(CUT)?;
    Ok((content, start + length))
}

fn mode(number: u16) -> Result<Mode, Error> {
    match number {
        0 => Ok(Mode::Bitmap),
        // A duotone is gray, with notes about its inks that no other program understands.
        1 | 8 => Ok(Mode::Gray),
        2 => Ok(Mode::Indexed),
        3 => Ok(Mode::Rgb),
        4 => Ok(Mode::Cmyk),
        7 => Err(Error::Unsupported("channels without a color")),
        9 => Err(Error::Unsupported("colors of Lab")),
        _ => Err(Error::Malformed("no such kind of colors")),
    }
}
