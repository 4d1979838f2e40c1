//! Inks: with a profile, or mixed as if they were ideal: what light one leaves, the next
//! takes its share of.

use moxcms::{DataColorSpace, Layout};

use super::{RUN, Transform, ignored, transform};
use crate::contract::Error;
use crate::picture::from_ycbcr;

/// Cyan, magenta, yellow and black as JPEG stores them: inverted, as Adobe began to
/// and everybody followed, and perhaps with the first three as YCbCr. Afterwards 0 is
/// no ink, and 255 is all of it.
pub(crate) fn uninvert_inks(samples: &mut [u8], ycck: bool) {
    let (pixels, _) = samples.as_chunks_mut::<4>();
    for pixel in pixels {
        let [first, second, third, black] = *pixel;
        let [cyan, magenta, yellow] = if ycck {
            from_ycbcr(first, second, third)
        } else {
            [255 - first, 255 - second, 255 - third]
        };
        *pixel = [cyan, magenta, yellow, 255 - black];
    }
}

/// The colors of cyan, magenta, yellow and black: 0 is no ink, 255 is all of it.
pub(crate) struct Inks(Option<Transform>);

impl Inks {
    /// Inks as a profile describes them, if it is of any use.
    pub(crate) fn new(profile: Option<&[u8]>, warnings: &mut Vec<String>) -> Inks {
        let transform =
            |profile| transform(profile, DataColorSpace::Cmyk, Layout::Rgba, Layout::Rgb);
        match profile.map(transform) {
            Some(Ok(transform)) => Inks(Some(transform)),
            Some(Err(error)) => {
                warnings.push(ignored(&error));
                Inks(None)
            }
            None => Inks(None),
        }
    }

    /// Red, green and blue of pixels.
    ///
    /// # Errors
    ///
    /// `limit-exceeded` if there is no memory for them.
    pub(crate) fn to_srgb(&self, inks: &[u8]) -> Result<Vec<u8>, Error> {
        let mut colors = Vec::new();
        let length = inks.len() / 4 * 3;
        colors.try_reserve_exact(length).map_err(|_| {
            Error::LimitExceeded("there is no memory for the colors of the picture".into())
        })?;
        self.convert(inks, &mut colors);
        Ok(colors)
    }

    /// Appends red, green and blue of pixels.
    pub(crate) fn convert(&self, inks: &[u8], colors: &mut Vec<u8>) {
        for inks in inks.chunks(4 * RUN) {
            let start = colors.len();
            colors.resize(start + inks.len() / 4 * 3, 0);
            let colors = &mut colors[start..];
            let converted = self
                .0
                .as_ref()
                .is_some_and(|transform| transform.transform(inks, colors).is_ok());
            if !converted {
                mix(inks, colors);
            }
        }
    }
}

/// Inks as if they were ideal.
fn mix(inks: &[u8], colors: &mut [u8]) {
    let (colors, _) = colors.as_chunks_mut::<3>();
    let (inks, _) = inks.as_chunks::<4>();
    for (color, &[cyan, magenta, yellow, black]) in colors.iter_mut().zip(inks) {
        *color = [cyan, magenta, yellow].map(|ink| share(255 - ink, 255 - black));
    }
}

/// `a * b` of values where 255 is the whole, rounded.
fn share(a: u8, b: u8) -> u8 {
    ((u32::from(a) * u32::from(b) + 127) / 255) as u8
}
