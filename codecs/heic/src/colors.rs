//! Luma and color differences to red, green and blue, as ITU-T H.273 has it.

use thimble_heif::{CodePoints, Planes};

use crate::Error;
use crate::average::Means;
use crate::tiles::Tiles;

/// The conversion of a picture.
pub(crate) struct Conversion {
    pub(crate) points: CodePoints,
    is_gray: bool,
    /// Zero of luma, and what makes a sample one of 8 bits.
    luma: (f32, f32),
    /// The same for color differences.
    chroma: (f32, f32),
    /// Shares of the two color differences in red, green and blue, where those of luma are
    /// 1; none if the three planes are green, blue and red.
    matrix: Option<[[f32; 2]; 3]>,
}

impl Conversion {
    pub(crate) fn new(points: &CodePoints, tiles: &Tiles<'_, '_>) -> Result<Self, Error> {
        let planes = points.planes(tiles.halved()).ok_or_else(|| {
            Error::UnsupportedFormat(format!("colors of matrix {}", points.matrix))
        })?;
        let [luma, chroma] = tiles.depths().map(|depth| f32::from(1u16 << (depth - 8)));
        let is_full = points.is_full_range;
        let whole = |step: f32| 256.0 * step - 1.0;
        Ok(Conversion {
            points: *points,
            is_gray: tiles.is_gray(),
            luma: if is_full {
                (0.0, 255.0 / whole(luma))
            } else {
                (16.0 * luma, 255.0 / (219.0 * luma))
            },
            chroma: if planes == Planes::Colors {
                (0.0, 255.0 / whole(chroma))
            } else if is_full {
                (128.0 * chroma, 255.0 / whole(chroma))
            } else {
                (128.0 * chroma, 255.0 / (224.0 * chroma))
            },
            matrix: match planes {
                Planes::Colors => None,
                Planes::Differences(matrix) => {
                    Some(matrix.map(|shares| shares.map(|share| share as f32)))
                }
            },
        })
    }

    /// Adds a row of pixels.
    pub(crate) fn rgb(&self, means: &Means, samples: &mut Vec<u8>) {
        self.pixels(means, |pixel, _| samples.extend_from_slice(&pixel));
    }

    /// Adds a row of pixels with alpha. Colors that were multiplied by it are as before.
    pub(crate) fn rgba(
        &self,
        means: &Means,
        opacity: &[u8],
        is_premultiplied: bool,
        samples: &mut Vec<u8>,
    ) {
        self.pixels(means, |mut pixel, at| {
            let alpha = opacity.get(at).copied().unwrap_or(u8::MAX);
            if is_premultiplied {
                for value in &mut pixel {
                    let whole = u32::from(*value) * 255 + u32::from(alpha) / 2;
                    *value = whole.checked_div(alpha.into()).unwrap_or(0).min(255) as u8;
                }
            }
            samples.extend_from_slice(&pixel);
            samples.push(alpha);
        });
    }

    fn pixels(&self, [luma, blue, red]: &Means, mut put: impl FnMut([u8; 3], usize)) {
        let (zero, factor) = self.luma;
        let (middle, of_chroma) = self.chroma;
        let round = |value: f32| (value + 0.5) as u8;
        for (at, luma) in luma.iter().enumerate() {
            let luma = (luma - zero) * factor;
            if self.is_gray {
                put([round(luma); 3], at);
                continue;
            }
            let difference =
                |plane: &[f32]| (plane.get(at).unwrap_or(&middle) - middle) * of_chroma;
            let (blue, red) = (difference(blue), difference(red));
            let pixel = match self.matrix {
                None => [red, luma, blue],
                Some(matrix) => {
                    matrix.map(|[of_blue, of_red]| luma + of_blue * blue + of_red * red)
                }
            };
            put(pixel.map(round), at);
        }
    }
}
