//! Luma and color differences to red, green and blue, as ITU-T H.273 has it.

use thimble_heif::{CodePoints, Planes, widen};

use crate::mosaic::Mosaic;

/// Bits of fraction of the factors.
const FRACTION: u32 = 12;

/// A sample of a converted pixel.
pub trait Sample: Copy + Default + Into<i32> {
    /// The largest value.
    const MOST: i32;

    /// The nearest sample to a value.
    fn of(value: i32) -> Self;

    /// The value of a sample.
    fn value(self) -> i32 {
        self.into()
    }

    /// The alpha of a sample of so many bits.
    fn of_alpha(sample: u16, depth: u32, is_full_range: bool) -> Self {
        let (zero, range) = range(depth, is_full_range, 219);
        let value = (i32::from(sample) - zero).clamp(0, range);
        // Of 16 bits by 12 there would be one bit too many.
        let value = i64::from(value) * i64::from(Self::MOST);
        Self::of(((value + i64::from(range / 2)) / i64::from(range)) as i32)
    }

    /// A color that was multiplied by an alpha, as it was before.
    fn over(self, alpha: Self) -> Self {
        let alpha = i64::from(alpha.value());
        if alpha == 0 {
            return Self::of(0);
        }
        let value = i64::from(self.value()) * i64::from(Self::MOST);
        Self::of(((value + alpha / 2) / alpha).min(i64::from(Self::MOST)) as i32)
    }
}

impl Sample for u8 {
    const MOST: i32 = 255;

    fn of(value: i32) -> Self {
        value.clamp(0, Self::MOST) as u8
    }
}

impl Sample for u16 {
    const MOST: i32 = 65_535;

    fn of(value: i32) -> Self {
        value.clamp(0, Self::MOST) as u16
    }
}

/// Zero and length of the range of samples: that of luma in 219 steps of 8 bits, that of
/// color differences in 224.
fn range(depth: u32, is_full: bool, steps: i32) -> (i32, i32) {
    if is_full {
        (0, (1 << depth) - 1)
    } else {
        (16 << (depth - 8), steps << (depth - 8))
    }
}

/// The conversion of pictures of one kind.
#[derive(Debug)]
pub(crate) struct Conversion {
    pub(crate) points: CodePoints,
    depth: u32,
    halved: (bool, bool),
    planes: Planes,
    /// Color differences of a row of pixels.
    differences: [Vec<u16>; 2],
    /// The row above or below, while they are interpolated.
    other: Vec<u16>,
}

impl Conversion {
    /// The conversion for code points, or `None` if the matrix is not known.
    pub(crate) fn new(points: &CodePoints, depth: u32, halved: (bool, bool)) -> Option<Self> {
        Some(Conversion {
            points: *points,
            depth,
            halved,
            planes: points.planes(halved)?,
            differences: Default::default(),
            other: Vec::new(),
        })
    }

    /// A row of pixels.
    pub(crate) fn row<S: Sample>(&mut self, mosaic: &mut Mosaic<'_, '_>, y: usize) -> Vec<[S; 3]> {
        let scale = f64::from(S::MOST);
        let one = f64::from(1 << FRACTION);
        let (zero, luma_range) = range(self.depth, self.points.is_full_range, 219);
        let luma_factor = (scale / f64::from(luma_range) * one).round() as i32;
        let half = 1 << (FRACTION - 1);
        if mosaic.is_gray() {
            let luma = mosaic.row(0, y);
            let gray =
                |luma: &u16| S::of(((i32::from(*luma) - zero) * luma_factor + half) >> FRACTION);
            return luma.iter().map(|luma| [gray(luma); 3]).collect();
        }
        self.read_differences(mosaic, y);
        let [blues, reds] = &self.differences;
        let luma = mosaic.row(0, y);
        let pixels = luma.iter().zip(blues.iter().zip(reds));
        let Planes::Differences(matrix) = self.planes else {
            let sample =
                |sample: u16| S::of(((i32::from(sample) - zero) * luma_factor + half) >> FRACTION);
            let pixels = pixels.map(|(green, (blue, red))| [*red, *green, *blue].map(sample));
            return pixels.collect();
        };
        let (_, range) = range(self.depth, self.points.is_full_range, 224);
        let factor = |share: f64| (share * scale / f64::from(range) * one).round() as i32;
        let factors = matrix.map(|shares| shares.map(factor));
        let middle = 1 << (self.depth - 1);
        let pixels = pixels.map(|(luma, (blue, red))| {
            let luma = (i32::from(*luma) - zero) * luma_factor + half;
            let (blue, red) = (i32::from(*blue) - middle, i32::from(*red) - middle);
            factors
                .map(|[of_blue, of_red]| S::of((luma + of_blue * blue + of_red * red) >> FRACTION))
        });
        pixels.collect()
    }

    /// Reads both color differences for every pixel of a row. Those that are halved lie
    /// between pixels, and are interpolated.
    fn read_differences(&mut self, mosaic: &mut Mosaic<'_, '_>, y: usize) {
        let (across, down) = self.halved;
        let width = mosaic.width();
        for plane in 0..2 {
            let differences = &mut self.differences[plane];
            differences.clear();
            if down {
                let last = mosaic.height().div_ceil(2) - 1;
                let (near, far) = (
                    y / 2,
                    if y.is_multiple_of(2) {
                        (y / 2).saturating_sub(1)
                    } else {
                        y / 2 + 1
                    },
                );
                let tile = mosaic.tile_of(plane + 1, near);
                // What is beyond the tile is not there yet, or not any more.
                let far = if mosaic.tile_of(plane + 1, far.min(last)) == tile {
                    far.min(last)
                } else {
                    near
                };
                self.other.clear();
                self.other.extend_from_slice(mosaic.row(plane + 1, far));
                let near = mosaic.row(plane + 1, near);
                let mixed = near.iter().zip(&self.other);
                differences.extend(mixed.map(|(near, far)| (3 * near + far + 2) >> 2));
            } else {
                differences.extend_from_slice(mosaic.row(plane + 1, y));
            }
            if across {
                self.other.clear();
                self.other.extend_from_slice(differences);
                widen(&self.other, width, differences);
            }
        }
    }
}
