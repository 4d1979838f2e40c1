//! The picture of these tests, as the codec shows it.

use image::RgbaImage;
use thimble_tiff::{Colors, Error, Header, Page};

pub(crate) use super::fields::{HEIGHT, Shown, WIDTH, is_black, pixels};

/// Pixels that no test needs more of.
const MOST_PIXELS: u64 = 100_000_000;

/// A warning for a page of which something was missing.
const DAMAGED: &str = "damaged";

impl Shown {
    /// Decodes a source that must not be refused.
    pub(crate) fn of(source: &[u8]) -> Shown {
        decode(source, MOST_PIXELS).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// Decodes the first page of a source.
pub(crate) fn decode(source: &[u8], most_pixels: u64) -> Result<Shown, Error> {
    let header = Header::read(source)?;
    let mut page = Page::open(&header, most_pixels)?;
    let colors = match page.colors() {
        Colors::Gray => 1,
        Colors::Rgb | Colors::Srgb => 3,
        Colors::Cmyk => panic!("no test of these needs inks"),
    };
    let channels = colors + usize::from(page.has_alpha());
    let mut pixels = vec![];
    let is_whole = page.rows(|row| {
        for x in 0..header.width as usize {
            let pixel = row.samples.get(x * channels..(x + 1) * channels);
            let is_gap = row.gaps.iter().any(|gap| gap.contains(&x));
            pixels.extend(match pixel.filter(|_| !is_gap) {
                None => [0; 4],
                Some([gray]) => [*gray, *gray, *gray, 255],
                Some([gray, alpha]) => [*gray, *gray, *gray, *alpha],
                Some([red, green, blue]) => [*red, *green, *blue, 255],
                Some(pixel) => [pixel[0], pixel[1], pixel[2], pixel[3]],
            });
        }
        Ok::<(), Error>(())
    })?;
    let warning = page.warning().map(|warning| warning.to_string());
    Ok(Shown {
        picture: RgbaImage::from_raw(header.width, header.height, pixels).unwrap(),
        warnings: warning
            .into_iter()
            .chain((!is_whole).then(|| DAMAGED.into()))
            .collect(),
    })
}

/// Fails unless a source is refused for a reason that names what it is.
pub(crate) fn expect_unsupported(source: &[u8], name: &str) {
    match decode(source, MOST_PIXELS) {
        Err(error @ (Error::Unsupported(_) | Error::CameraRaw)) => {
            let reason = error.to_string();
            assert!(reason.contains(name), "{reason:?} does not name {name:?}");
        }
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("a picture of {name}"),
    }
}
