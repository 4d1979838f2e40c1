//! Meaning of a page's samples: gray, or red, green and blue, of 8 bits and perhaps with
//! alpha.

use super::directory::Directory;
use super::layout::{Alpha, Layout, Photometric};
use super::sample::Sample;
use super::tag;
use super::ycbcr::Ycbcr;
use crate::color::{self, DeepColors, Inks};

/// Converts rows of samples, `layout.kept()` for each pixel.
pub(super) trait Conversion<S> {
    /// Channels of a pixel afterwards: gray or three colors, perhaps with alpha.
    fn channels(&self) -> usize;

    /// Appends the converted pixels of a row, whose samples may be changed.
    fn convert(&mut self, row: &mut [S], out: &mut Vec<u8>);
}

/// Conversion of samples of 8 bits.
pub(super) struct Shallow {
    layout: Layout,
    means: Means,
}

/// Meanings of samples of 8 bits.
enum Means {
    Themselves,
    Complement,
    Palette(Vec<[u8; 3]>),
    Inks(Inks),
    Differences(Box<Ycbcr>),
    Lab { signed: bool },
}

impl Shallow {
    /// Inks are the only colors to which a profile is applied here.
    pub(super) fn new(
        directory: &Directory<'_>,
        layout: &Layout,
        profile: Option<&[u8]>,
        warnings: &mut Vec<String>,
    ) -> Self {
        let means = match layout.photometric {
            Photometric::WhiteIsZero => Means::Complement,
            Photometric::Palette => Means::Palette(palette(directory, layout.bits)),
            Photometric::Cmyk => Means::Inks(Inks::new(profile, warnings)),
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
    fn channels(&self) -> usize {
        let alpha = usize::from(self.layout.has_alpha());
        match self.means {
            Means::Inks(_) => 3,
            Means::Palette(_) => 3 + alpha,
            _ => self.layout.kept(),
        }
    }

    fn convert(&mut self, row: &mut [u8], out: &mut Vec<u8>) {
        let kept = self.layout.kept();
        match &self.means {
            Means::Themselves => {}
            Means::Complement => row
                .iter_mut()
                .step_by(kept)
                .for_each(|sample| *sample = 255 - *sample),
            Means::Palette(palette) => return look_up(palette, row, kept, out),
            Means::Inks(inks) => {
                let pixels = row.chunks_exact(kept).flat_map(|pixel| &pixel[..4]);
                let pixels: Vec<u8> = pixels.copied().collect();
                return inks.convert(&pixels, out);
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
                    pixel[..3].copy_from_slice(&color::from_lab([lightness, axes[0], axes[1]]));
                }
            }
        }
        if self.layout.alpha == Alpha::Premultiplied {
            divide_alpha_out(row, kept);
        }
        out.extend_from_slice(row);
    }
}

/// Conversion of samples of 16 bits, with which colors are more exact.
pub(super) struct Deep {
    layout: Layout,
    means: DeepMeans,
}

enum DeepMeans {
    Profiled(DeepColors),
    Palette(Vec<[u8; 3]>),
    Lab { signed: bool },
}

impl Deep {
    /// A conversion, if 16 bits are of any use: with a profile that is not that of
    /// sRGB, with axes of color, and with palettes as large. And the profile that colors
    /// still wait for.
    pub(super) fn new(
        directory: &Directory<'_>,
        layout: &Layout,
        profile: Option<&[u8]>,
    ) -> Option<(Self, Option<Vec<u8>>)> {
        if layout.bits <= 8 {
            return None;
        }
        let mut rest = None;
        let means = match layout.photometric {
            Photometric::Palette => DeepMeans::Palette(palette(directory, layout.bits)),
            Photometric::Lab { signed } => DeepMeans::Lab { signed },
            Photometric::Ycbcr => return None,
            _ => {
                let pixels = layout.width as u64 * layout.height as u64;
                let (colors, alpha) = (layout.colors(), layout.has_alpha());
                let (colors, left) = DeepColors::new(profile?, colors, alpha, pixels)?;
                rest = left;
                DeepMeans::Profiled(colors)
            }
        };
        let layout = layout.clone();
        Some((Deep { layout, means }, rest))
    }
}

impl Conversion<u16> for Deep {
    fn channels(&self) -> usize {
        let alpha = usize::from(self.layout.has_alpha());
        match &self.means {
            DeepMeans::Profiled(colors) => colors.channels(),
            _ => 3 + alpha,
        }
    }

    fn convert(&mut self, row: &mut [u16], out: &mut Vec<u8>) {
        let kept = self.layout.kept();
        match &mut self.means {
            DeepMeans::Palette(palette) => look_up(palette, row, kept, out),
            DeepMeans::Lab { signed } => {
                for pixel in row.chunks_exact(kept) {
                    // ICC's encoding has 100 at 0xff00.
                    let whole = if *signed { 655.35 } else { 652.8 };
                    let lightness = f32::from(pixel[0]) / whole;
                    let axes = [pixel[1], pixel[2]].map(|value| axis(value.into(), *signed));
                    out.extend(color::from_lab([lightness, axes[0], axes[1]]));
                    out.extend(pixel[3..].iter().map(|alpha| u8::from_16_bits(*alpha)));
                }
            }
            DeepMeans::Profiled(colors) => {
                if self.layout.photometric == Photometric::WhiteIsZero {
                    let samples = row.iter_mut().step_by(kept);
                    samples.for_each(|sample| *sample = u16::MAX - *sample);
                }
                if self.layout.alpha == Alpha::Premultiplied {
                    divide_alpha_out(row, kept);
                }
                colors.convert(row, out);
            }
        }
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
fn look_up<S: Sample>(palette: &[[u8; 3]], row: &[S], kept: usize, out: &mut Vec<u8>) {
    for pixel in row.chunks_exact(kept) {
        let index: u32 = pixel[0].into();
        let color = palette.get(index as usize).copied().unwrap_or_default();
        out.extend(color);
        let alpha = pixel[1..].iter().map(|alpha| (*alpha).into());
        out.extend(alpha.map(|alpha| u8::stretch(alpha, S::WHOLE)));
    }
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
