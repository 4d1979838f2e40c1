//! Meaning of a page's samples: gray, red, green and blue, or inks, and perhaps alpha.

use crate::directory::Directory;
use crate::lab;
use crate::layout::{Alpha, Layout, Photometric};
use crate::sample::Sample;
use crate::tag;
use crate::ycbcr::Ycbcr;

/// Converts rows of samples, `layout.kept()` for each pixel.
pub(crate) trait Conversion<S> {
    /// A sample afterwards.
    type Made;

    /// The converted pixels of a row: its own samples, which may be changed, or others in
    /// the buffer.
    fn convert<'r>(&self, row: &'r mut [S], buffer: &'r mut Vec<Self::Made>) -> &'r [Self::Made];
}

/// Conversion of samples of 8 bits.
#[derive(Debug)]
pub(crate) struct Shallow {
    layout: Layout,
    means: Means,
}

/// Meanings of samples of 8 bits.
#[derive(Debug)]
enum Means {
    Themselves,
    Complement,
    Palette(Vec<[u8; 3]>),
    /// Inks alone, without alpha.
    Inks,
    Differences(Box<Ycbcr>),
    Lab {
        signed: bool,
    },
}

impl Shallow {
    pub(crate) fn new(directory: &Directory<'_>, layout: &Layout) -> Self {
        let means = match layout.photometric {
            Photometric::WhiteIsZero => Means::Complement,
            Photometric::Palette => Means::Palette(palette(directory, layout.bits)),
            Photometric::Cmyk => Means::Inks,
            // A JPEG of all three has been converted while it was decoded.
            Photometric::Ycbcr if layout.planar || !matches!(layout.compression, 6 | 7) => {
                Means::Differences(Box::new(Ycbcr::read(directory)))
            }
            Photometric::Lab { signed } => Means::Lab { signed },
            _ => Means::Themselves,
        };
        Shallow {
            layout: layout.clone(),
            means,
        }
    }
}

impl Conversion<u8> for Shallow {
    type Made = u8;

    fn convert<'r>(&self, row: &'r mut [u8], buffer: &'r mut Vec<u8>) -> &'r [u8] {
        let kept = self.layout.kept();
        match &self.means {
            Means::Themselves => {}
            Means::Complement => row
                .iter_mut()
                .step_by(kept)
                .for_each(|sample| *sample = 255 - *sample),
            Means::Palette(palette) => return look_up(palette, row, kept, buffer),
            Means::Inks if kept == 4 => {}
            Means::Inks => {
                let pixels = row.chunks_exact(kept);
                buffer.clear();
                pixels.for_each(|pixel| buffer.extend_from_slice(&pixel[..4]));
                return buffer;
            }
            Means::Differences(colors) => {
                for pixel in row.chunks_exact_mut(kept) {
                    let color = colors.to_rgb([pixel[0], pixel[1], pixel[2]]);
                    pixel[..3].copy_from_slice(&color);
                }
            }
            Means::Lab { signed } => {
                for pixel in row.chunks_exact_mut(kept) {
                    let wide = |index: usize| i32::from(pixel[index]) << 8;
                    let lightness = f32::from(pixel[0]) / 2.55;
                    let axes = [1, 2].map(|index| axis(wide(index), *signed));
                    pixel[..3].copy_from_slice(&lab::to_srgb([lightness, axes[0], axes[1]]));
                }
            }
        }
        if self.layout.alpha == Alpha::Premultiplied {
            divide_alpha_out(row, kept);
        }
        row
    }
}

/// Conversion of samples of 16 bits to colors of 8, for those that stand for sRGB.
#[derive(Debug)]
pub(crate) struct Absolute {
    palette: Option<Vec<[u8; 3]>>,
    /// Axes of color have a sign.
    signed: bool,
    kept: usize,
}

impl Absolute {
    /// A conversion of axes of color, or of indices into a palette that is as large.
    pub(crate) fn new(directory: &Directory<'_>, layout: &Layout) -> Self {
        let is_index = layout.photometric == Photometric::Palette;
        Absolute {
            palette: is_index.then(|| palette(directory, layout.bits)),
            signed: layout.photometric == Photometric::Lab { signed: true },
            kept: layout.kept(),
        }
    }
}

impl Conversion<u16> for Absolute {
    type Made = u8;

    fn convert<'r>(&self, row: &'r mut [u16], buffer: &'r mut Vec<u8>) -> &'r [u8] {
        if let Some(palette) = &self.palette {
            return look_up(palette, row, self.kept, buffer);
        }
        buffer.clear();
        for pixel in row.chunks_exact(self.kept) {
            // ICC's encoding has 100 at 0xff00.
            let whole = if self.signed { 655.35 } else { 652.8 };
            let lightness = f32::from(pixel[0]) / whole;
            let axes = [pixel[1], pixel[2]].map(|value| axis(value.into(), self.signed));
            buffer.extend(lab::to_srgb([lightness, axes[0], axes[1]]));
            buffer.extend(pixel[3..].iter().map(|alpha| u8::from_16_bits(*alpha)));
        }
        buffer
    }
}

/// Samples of 16 bits, for a profile that has a use for all of them.
#[derive(Debug)]
pub(crate) struct Deep {
    is_complement: bool,
    is_premultiplied: bool,
    kept: usize,
}

impl Deep {
    pub(crate) fn new(layout: &Layout) -> Self {
        Deep {
            is_complement: layout.photometric == Photometric::WhiteIsZero,
            is_premultiplied: layout.alpha == Alpha::Premultiplied,
            kept: layout.kept(),
        }
    }
}

impl Conversion<u16> for Deep {
    type Made = u16;

    fn convert<'r>(&self, row: &'r mut [u16], _buffer: &'r mut Vec<u16>) -> &'r [u16] {
        if self.is_complement {
            let samples = row.iter_mut().step_by(self.kept);
            samples.for_each(|sample| *sample = u16::MAX - *sample);
        }
        if self.is_premultiplied {
            divide_alpha_out(row, self.kept);
        }
        row
    }
}

/// An axis of color, 16 bits of it, from -128 to 128: with a sign, or moved up by
/// 128.
fn axis(value: i32, signed: bool) -> f32 {
    let value = if signed {
        i32::from(value as i16)
    } else {
        value - 0x8000
    };
    value as f32 / 256.0
}

/// The colors that rows of indices, perhaps with alpha, stand for.
fn look_up<'r, S: Sample>(
    palette: &[[u8; 3]],
    row: &[S],
    kept: usize,
    buffer: &'r mut Vec<u8>,
) -> &'r [u8] {
    buffer.clear();
    for pixel in row.chunks_exact(kept) {
        let index: u32 = pixel[0].into();
        let color = palette.get(index as usize).copied().unwrap_or_default();
        buffer.extend(color);
        let alpha = pixel[1..].iter().map(|alpha| (*alpha).into());
        buffer.extend(alpha.map(|alpha| u8::stretch(alpha, S::WHOLE)));
    }
    buffer
}

/// Palettes have all reds, all greens, all blues, 16 bits each. Some are shorter than
/// indices could count.
fn palette(directory: &Directory<'_>, bits: usize) -> Vec<[u8; 3]> {
    let count = (1usize << bits).min(directory.count(tag::PALETTE) / 3);
    let channel = |index: usize| directory.number(tag::PALETTE, index).unwrap_or(0);
    let palette: Vec<[u64; 3]> = (0..count)
        .map(|index| [0, 1, 2].map(|color| channel(color * count + index)))
        .collect();
    // Some writers forgot that there are 16 bits.
    let wide = palette.as_flattened().iter().any(|value| *value > 255);
    let convert = |value: u64| if wide { value >> 8 } else { value } as u8;
    palette.iter().map(|color| color.map(convert)).collect()
}

fn divide_alpha_out<S: Sample>(row: &mut [S], kept: usize) {
    for pixel in row.chunks_exact_mut(kept) {
        let Some((alpha, colors)) = pixel.split_last_mut() else {
            continue;
        };
        let whole: u32 = (*alpha).into();
        if whole > 0 {
            for color in colors {
                *color = S::stretch((*color).into(), whole);
            }
        }
    }
}
