//! Luma and color differences to red, green and blue, as ITU-T H.273 has it.

use thimble_heif::CodePoints;

use crate::mosaic::Mosaic;

/// Bits of fraction of the factors.
const FRACTION: u32 = 12;

/// A sample of a converted pixel.
pub trait Sample: Copy + Default {
    /// The largest value.
    const MOST: i32;

    /// The nearest sample to a value.
    fn of(value: i32) -> Self;

    /// The value of a sample.
    fn value(self) -> i32;

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

    fn value(self) -> i32 {
        self.into()
    }
}

impl Sample for u16 {
    const MOST: i32 = 65_535;

    fn of(value: i32) -> Self {
        value.clamp(0, Self::MOST) as u16
    }

    fn value(self) -> i32 {
        self.into()
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

/// Shares of the two color differences in red, green and blue, where those of luma are 1.
type Matrix = [[f64; 2]; 3];

/// The conversion of pictures of one kind.
#[derive(Debug)]
pub(crate) struct Conversion {
    pub(crate) points: CodePoints,
    depth: u32,
    halved: (bool, bool),
    /// `None` if the three planes are green, blue and red.
    matrix: Option<Matrix>,
    /// Color differences of a row of pixels.
    differences: [Vec<u16>; 2],
    /// The row above or below, while they are interpolated.
    other: Vec<u16>,
}

impl Conversion {
    /// The conversion for code points, or `None` if the matrix is not known.
    pub(crate) fn new(points: &CodePoints, depth: u32, halved: (bool, bool)) -> Option<Self> {
        let matrix = match points.matrix {
            0 if halved == (false, false) => None,
            8 => Some([[-1.0, 1.0], [1.0, 0.0], [-1.0, -1.0]]),
            matrix => {
                let (red, blue) = shares(matrix, points.primaries)?;
                Some(of_shares(red, blue))
            }
        };
        Some(Conversion {
            points: *points,
            depth,
            halved,
            matrix,
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
        let Some(matrix) = self.matrix else {
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
        let width = mosaic.row(0, y).len();
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
                spread(&self.other, width, differences);
            }
        }
    }
}

/// Twice as many samples.
fn spread(samples: &[u16], width: usize, wide: &mut Vec<u16>) {
    wide.clear();
    let last = samples.len().saturating_sub(1);
    for (index, near) in samples.iter().enumerate() {
        let mix = |far: u16| (3 * near + far + 2) >> 2;
        wide.push(mix(samples[index.saturating_sub(1)]));
        wide.push(mix(samples[(index + 1).min(last)]));
    }
    wide.truncate(width);
}

/// Shares of red and blue in luma.
fn shares(matrix: u8, primaries: u8) -> Option<(f64, f64)> {
    Some(match matrix {
        1 => (0.2126, 0.0722),
        4 => (0.30, 0.11),
        2 | 5 | 6 => (0.299, 0.114),
        7 => (0.212, 0.087),
        9 => (0.2627, 0.0593),
        // Derived from the primaries.
        12 => match primaries {
            1 => (0.2126, 0.0722),
            9 => (0.2627, 0.0593),
            11 | 12 => (0.2290, 0.0793),
            _ => (0.299, 0.114),
        },
        _ => return None,
    })
}

fn of_shares(red: f64, blue: f64) -> Matrix {
    let green = 1.0 - red - blue;
    let (of_red, of_blue) = (2.0 * (1.0 - red), 2.0 * (1.0 - blue));
    [
        [0.0, of_red],
        [-blue * of_blue / green, -red * of_red / green],
        [of_blue, 0.0],
    ]
}
