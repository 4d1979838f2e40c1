//! The header: the directory of the first page.

use crate::directory::{self, Directory};
use crate::error::Error;
use crate::{exif, sensor, tag};

/// The first bytes of a file: the order of bytes, and the dialect.
const MAGICS: [&[u8; 4]; 4] = [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"];

/// True for a file that begins as TIFF or BigTIFF.
#[must_use]
pub fn is_tiff(source: &[u8]) -> bool {
    MAGICS.iter().any(|magic| source.starts_with(*magic))
}

/// The header of a TIFF: sides that it claims, and where the rest is.
#[derive(Clone, Debug)]
pub struct Header<'a> {
    /// Columns of the first page.
    pub width: u32,
    /// Rows of the first page.
    pub height: u32,
    /// Orientation by the numbers of EXIF, 1 to 8; 1 is upright.
    pub orientation: u8,
    pub(crate) directory: Directory<'a>,
}

impl<'a> Header<'a> {
    /// Reads the directory of the first page.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] without a directory or without sides, and [`Error::CameraRaw`]
    /// for the samples of a sensor that has none.
    pub fn read(source: &'a [u8]) -> Result<Self, Error> {
        let directory = Directory::first(source).ok_or(Error::Malformed("no directory"))?;
        let side = |tag| directory.first_number(tag);
        let Some((width, height)) = side(tag::WIDTH).zip(side(tag::HEIGHT)) else {
            if sensor::is_raw(source, &directory) {
                return Err(Error::CameraRaw);
            }
            return Err(Error::Malformed("no width or no height"));
        };
        let orientation = directory.first_number(tag::ORIENTATION);
        Ok(Header {
            width,
            height,
            orientation: orientation.and_then(exif::number).unwrap_or(1),
            directory,
        })
    }

    /// Number of pages, at least 1.
    #[must_use]
    pub fn pages(&self) -> u32 {
        directory::count_pages(self.directory.file().rest(0))
    }
}
