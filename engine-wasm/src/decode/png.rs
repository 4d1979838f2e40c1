//! PNG: every color type and depth, interlaced or not; of an animation, the
//! default image.
//!
//! The colors of a PNG without ICC profile are taken for sRGB: `gAMA` and `cHRM`
//! are not applied, as nearly every file that has them states sRGB in other words.

use thimble_png::{Error as PngError, Image, ProfileError};

use crate::contract::{Error, Limits};
use crate::decode::rows::{self, Rows};
use crate::decode::{Decoded, Header, Wanted, exif, malformed, oversized_profile, samples};
use crate::format::Format;
use crate::picture::Picture;

/// Reads `IHDR`, and the chunks that count frames and state the orientation.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let header = thimble_png::Header::read(source);
    let header = header.map_err(|error| malformed(Format::Png, error))?;
    Ok(Header {
        orientation: header.exif.map_or_else(Default::default, exif::orientation),
        frames: header.frames,
        ..Header::new(Format::Png, header.width, header.height)
    })
}

/// Decodes the default image. A source that ends before its last row is
/// malformed.
pub(super) fn decode(
    source: &[u8],
    header: &Header,
    wanted: Wanted,
    limits: &Limits,
) -> Result<Decoded, Error> {
    let refused = |error| refused(error, header);
    let stored = thimble_png::Header::read(source).map_err(refused)?;
    let image = Image::open(&stored).map_err(refused)?;
    let picture = if image.is_interlaced() {
        let pixels = image.pixels().map_err(refused)?;
        rows::averaged(header, wanted, image.channels(), pixels)?
    } else {
        read_rows(&image, header, wanted)?
    };
    let mut warnings = Vec::new();
    let profile = read_profile(&stored, limits, &mut warnings);
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

/// Averages rows as they are decoded.
fn read_rows(image: &Image<'_>, header: &Header, wanted: Wanted) -> Result<Picture, Error> {
    let refused = |error| refused(error, header);
    let mut stored = image.rows().map_err(refused)?;
    let mut rows = Rows::new(header, wanted, image.channels())?;
    while let Some(row) = stored.next_row().map_err(refused)? {
        rows.push(row);
    }
    rows.finish(header)
}

fn read_profile(
    stored: &thimble_png::Header<'_>,
    limits: &Limits,
    warnings: &mut Vec<String>,
) -> Option<Vec<u8>> {
    let profile = stored.profile(limits.max_profile as usize);
    profile.unwrap_or_else(|error| {
        warnings.push(match error {
            ProfileError::TooLong => oversized_profile(limits),
            ProfileError::Damaged(_) => {
                "the color profile is ignored, it cannot be inflated".into()
            }
        });
        None
    })
}

fn refused(error: PngError, header: &Header) -> Error {
    match error {
        PngError::TooLarge => samples::too_large(header.width, header.height),
        PngError::Malformed(_) | PngError::Damaged(_) => malformed(Format::Png, error),
    }
}
