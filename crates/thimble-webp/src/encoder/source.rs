//! The source of an encoding: planes of luma and halved color differences in the
//! limited range of the format, in whole macroblocks.

use thimble_picture::{Model, Picture, Plane};

/// A picture ready to be cut into macroblocks.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) width: usize,
    pub(super) height: usize,
    luma: Samples<16>,
    chroma: [Samples<8>; 2],
}

/// A macroblock of the source.
#[derive(Clone, Copy, Debug)]
pub(super) struct SourceBlock {
    pub(super) luma: [[u8; 16]; 16],
    pub(super) chroma: [[[u8; 8]; 8]; 2],
}

impl Source {
    /// Takes a picture of at least one pixel.
    pub(super) fn new(picture: &Picture) -> Option<Source> {
        let first = picture.planes.first()?;
        let (width, height) = first.covered();
        if width == 0 || height == 0 {
            return None;
        }
        let (luma, chroma) = match (picture.model, &picture.planes[..]) {
            (Model::Ycbcr, [luma, blue, red]) => (
                limited_luma(luma),
                [blue, red].map(|plane| limited_chroma(plane, (width, height))),
            ),
            (Model::Gray, _) => (
                limited_luma(first),
                [(); 2].map(|()| vec![128; width.div_ceil(2) * height.div_ceil(2)]),
            ),
            _ => from_pixels(first),
        };
        let halved = (width.div_ceil(2), height.div_ceil(2));
        Some(Source {
            width,
            height,
            luma: Samples::new(luma, (width, height)),
            chroma: chroma.map(|samples| Samples::new(samples, halved)),
        })
    }

    /// Columns and rows of macroblocks.
    pub(super) fn macroblocks(&self) -> (usize, usize) {
        (self.width.div_ceil(16), self.height.div_ceil(16))
    }

    pub(super) fn macroblock(&self, column: usize, row: usize) -> SourceBlock {
        SourceBlock {
            luma: self.luma.square(column, row),
            chroma: [0, 1].map(|plane: usize| self.chroma[plane].square(column, row)),
        }
    }
}

/// A plane, cut into squares of `N` by `N`: its last columns and rows are
/// repeated beyond its edge.
#[derive(Debug)]
struct Samples<const N: usize> {
    samples: Vec<u8>,
    width: usize,
    height: usize,
}

impl<const N: usize> Samples<N> {
    fn new(samples: Vec<u8>, (width, height): (usize, usize)) -> Self {
        Samples {
            samples,
            width,
            height,
        }
    }

    fn square(&self, column: usize, row: usize) -> [[u8; N]; N] {
        let mut square = [[0; N]; N];
        for (y, target) in square.iter_mut().enumerate() {
            let y = (row * N + y).min(self.height - 1);
            let row = &self.samples[y * self.width..][..self.width];
            match row.get(column * N..).and_then(<[u8]>::first_chunk) {
                Some(samples) => *target = *samples,
                None => {
                    for (x, target) in target.iter_mut().enumerate() {
                        *target = row[(column * N + x).min(self.width - 1)];
                    }
                }
            }
        }
        square
    }
}

/// Full range to limited range (ITU-R BT.601): `16 + y * 219 / 255`.
fn limited_luma(plane: &Plane) -> Vec<u8> {
    covered_rows(plane)
        .flatten()
        .map(|&luma| ((u32::from(luma) * 56_284 + (1 << 15)) >> 16) as u8 + 16)
        .collect()
}

/// `128 + (c - 128) * 224 / 255`, of one sample for two columns and two rows.
fn limited_chroma(plane: &Plane, whole: (usize, usize)) -> Vec<u8> {
    let limit = |full: u32, scale: u32| {
        // The sum of `scale` samples, brought to 128 at the middle.
        let scaled = i64::from(full) - 128 * i64::from(scale);
        let product = scaled * 57_569 + (1 << 15) * i64::from(scale);
        (128 + product.div_euclid(65_536 * i64::from(scale))) as u8
    };
    if plane.covered() != whole || whole == (1, 1) {
        let row = |row: &[u8]| {
            row.iter()
                .map(|&sample| limit(sample.into(), 1))
                .collect::<Vec<u8>>()
        };
        return covered_rows(plane).flat_map(row).collect();
    }
    let rows: Vec<&[u8]> = covered_rows(plane).collect();
    let sum = |pair: &[u8]| match *pair {
        [left, right] => u32::from(left) + u32::from(right),
        [only, ..] => 2 * u32::from(only),
        [] => 0,
    };
    rows.chunks(2)
        .flat_map(|pair| {
            let (upper, lower) = (pair[0], pair[pair.len() - 1]);
            let columns = upper.chunks(2).zip(lower.chunks(2));
            columns.map(move |(upper, lower)| limit(sum(upper) + sum(lower), 4))
        })
        .collect()
}

fn covered_rows(plane: &Plane) -> impl Iterator<Item = &[u8]> {
    let (columns, rows) = plane.covered();
    plane
        .samples
        .chunks_exact(plane.width * plane.channels)
        .take(rows)
        .map(move |row| &row[..columns * plane.channels])
}

/// Luma and color differences of RGB, or of RGBA: what is transparent does not
/// count for the color of a square of which a part is not.
fn from_pixels(plane: &Plane) -> (Vec<u8>, [Vec<u8>; 2]) {
    let (columns, rows) = plane.covered();
    let channels = plane.channels;
    let mut luma = Vec::with_capacity(columns * rows);
    let mut chroma = [Vec::new(), Vec::new()];
    let lines: Vec<&[u8]> = covered_rows(plane).collect();
    for pair in lines.chunks(2) {
        for row in pair {
            luma.extend(row.chunks_exact(channels).map(|pixel| luma_of(rgb(pixel))));
        }
        let (upper, lower) = (pair[0], pair[pair.len() - 1]);
        let squares = upper.chunks(2 * channels).zip(lower.chunks(2 * channels));
        for (upper, lower) in squares {
            let [blue, red] = chroma_of(mean([upper, lower], channels));
            chroma[0].push(blue);
            chroma[1].push(red);
        }
    }
    (luma, chroma)
}

fn rgb(pixel: &[u8]) -> [i32; 3] {
    match *pixel {
        [red, green, blue, ..] => [red, green, blue].map(i32::from),
        _ => [0; 3],
    }
}

/// The mean color of a square in quarters of a level.
fn mean(rows: [&[u8]; 2], channels: usize) -> [i32; 3] {
    let mut sums = [0; 3];
    let mut weights = 0;
    for row in rows {
        for pixel in row.chunks_exact(channels) {
            let weight = pixel.get(3).map_or(255, |&alpha| i32::from(alpha));
            weights += weight;
            for (sum, value) in sums.iter_mut().zip(rgb(pixel)) {
                *sum += weight * value;
            }
        }
    }
    sums.map(|sum| (4 * sum + weights / 2).checked_div(weights).unwrap_or(0))
}

/// ITU-R BT.601 in 65536ths.
fn luma_of([red, green, blue]: [i32; 3]) -> u8 {
    let luma = 16_839 * red + 33_059 * green + 6420 * blue;
    ((luma + (16 << 16) + (1 << 15)) >> 16) as u8
}

/// The differences of blue and of red, of a color in quarters of a level.
fn chroma_of([red, green, blue]: [i32; 3]) -> [u8; 2] {
    let level = |sum: i32| ((sum + (128 << 18) + (1 << 17)) >> 18).clamp(0, 255) as u8;
    [
        level(-9719 * red - 19_081 * green + 28_800 * blue),
        level(28_800 * red - 24_116 * green - 4684 * blue),
    ]
}
