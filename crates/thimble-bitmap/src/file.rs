//! BMP: a bitmap with a file header before it.

use thimble_bytes::Bytes;

use crate::bitmap::Bitmap;
use crate::error::Error;

/// Bytes of the file header: two letters, sizes, and where the pixels begin.
const FILE_HEADER: usize = 14;

/// True for a file that begins as BMP.
///
/// Two letters alone would match many a text, so the size of the second header
/// is looked at as well: no known one is smaller than 12 or larger than 124 bytes.
#[must_use]
pub fn is_bmp(source: &[u8]) -> bool {
    source.starts_with(b"BM")
        && matches!(source.get(14..18), Some([size @ 12..=124, 0, 0, 0]) if size % 4 == 0)
}

impl<'a> Bitmap<'a> {
    /// Reads both headers of a BMP, and the palette.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if a header is cut short, and [`Error::Unsupported`].
    pub fn of_file(source: &'a [u8]) -> Result<Self, Error> {
        let bytes = Bytes::little_endian(source);
        let Some(start) = bytes.u32(10) else {
            return Err(Error::Malformed("the header is cut short"));
        };
        let start = (start as usize).checked_sub(FILE_HEADER);
        Bitmap::read(bytes.rest(FILE_HEADER), start)
    }
}
