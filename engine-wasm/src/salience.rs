//! Salience: the part of a picture that a crop keeps when nobody names one.
//!
//! A pixel draws attention by detail (how much its luma differs from that of its
//! four neighbors), by vivid color, and by being of the hue of skin; the idea of
//! weighing these three is that of the smartcrop family. The crop is put where
//! the sum over its area is greatest, and as near the middle as that leaves it.
//! All of it is integer arithmetic over a copy of at most 256 pixels
//! a side, so that the answer is the same everywhere.

use crate::contract::{Dimensions, Point};
use crate::picture::Picture;

/// The longest side of the copy that is looked at: a larger one would find the
/// same.
const LONGEST_SIDE: f64 = 256.0;

/// The color behind transparent pixels: gray, which draws no attention.
pub(crate) const BEHIND: [u8; 3] = [128; 3];

/// The size of the copy to look at of a picture of `width` by `height` pixels.
pub(crate) fn copy_size(width: f64, height: f64) -> Dimensions {
    let scale = (LONGEST_SIDE / width.max(height)).min(1.0);
    let side = |side: f64| (side * scale).round().max(1.0) as u32;
    Dimensions {
        width: side(width),
        height: side(height),
    }
}

/// The middle of the most salient part of an RGB `picture` that has the share
/// `window` (0 to 1) of its width and height.
pub(crate) fn most_salient(picture: &Picture, window: (f64, f64)) -> Point {
    let scores = Scores::of(picture);
    let columns = share(scores.width, window.0);
    let rows = share(scores.height, window.1);
    let left = best_start(&scores.sums_of_columns(), columns);
    let top = best_start(&scores.sums_of_rows(left, columns), rows);
    Point {
        x: middle(left, columns, scores.width),
        y: middle(top, rows, scores.height),
    }
}

/// Attention that each pixel draws.
struct Scores {
    width: usize,
    height: usize,
    values: Vec<u32>,
}

impl Scores {
    fn of(picture: &Picture) -> Self {
        let Some(plane) = picture.planes.first() else {
            return Self {
                width: 1,
                height: 1,
                values: vec![0],
            };
        };
        let (width, height) = (plane.width, plane.height);
        let (pixels, _) = plane.samples.as_chunks::<3>();
        let lumas: Vec<i32> = pixels.iter().map(luma).collect();
        let values = pixels
            .iter()
            .enumerate()
            .map(|(index, pixel)| {
                let detail = detail(&lumas, (width, height), index);
                2 * detail + vividness(pixel) + 2 * skin(pixel)
            })
            .collect();
        Self {
            width,
            height,
            values,
        }
    }

    fn sums_of_columns(&self) -> Vec<u64> {
        let mut sums = vec![0; self.width];
        for row in self.values.chunks_exact(self.width) {
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += u64::from(*value);
            }
        }
        sums
    }

    fn sums_of_rows(&self, left: usize, columns: usize) -> Vec<u64> {
        let row_sum = |row: &[u32]| {
            row.iter()
                .skip(left)
                .take(columns)
                .copied()
                .map(u64::from)
                .sum()
        };
        self.values.chunks_exact(self.width).map(row_sum).collect()
    }
}

/// The start of the window of `length` with the greatest sum; of several equal
/// ones the one nearest to the middle.
fn best_start(sums: &[u64], length: usize) -> usize {
    let length = length.clamp(1, sums.len().max(1));
    let last = sums.len().saturating_sub(length);
    let windows = sums
        .windows(length)
        .map(|window| window.iter().sum::<u64>());
    windows
        .enumerate()
        .max_by_key(|(start, sum)| (*sum, std::cmp::Reverse((2 * start).abs_diff(last))))
        .map_or(0, |(start, _)| start)
}

fn share(side: usize, share: f64) -> usize {
    ((side as f64 * share).round() as usize).clamp(1, side.max(1))
}

fn middle(start: usize, length: usize, side: usize) -> f32 {
    let middle = (2 * start + length) as f64 / (2 * side.max(1)) as f64;
    (middle as f32).clamp(0.0, 1.0)
}

fn luma([red, green, blue]: &[u8; 3]) -> i32 {
    (77 * i32::from(*red) + 150 * i32::from(*green) + 29 * i32::from(*blue)) >> 8
}

/// Distance of the luma from the mean of the four neighbors; at the edges of the
/// picture a missing neighbor counts as equal.
fn detail(lumas: &[i32], (width, height): (usize, usize), index: usize) -> u32 {
    let here = lumas.get(index).copied().unwrap_or(0);
    let (x, y) = (index % width, index / width);
    let neighbors = [
        (x > 0).then(|| index - 1),
        (x + 1 < width).then(|| index + 1),
        (y > 0).then(|| index - width),
        (y + 1 < height).then(|| index + width),
    ];
    let differences = neighbors
        .into_iter()
        .flatten()
        .filter_map(|index| lumas.get(index));
    (differences
        .map(|luma| here - luma)
        .sum::<i32>()
        .unsigned_abs()
        / 4)
    .min(255)
}

/// Distance of a color from gray, if it is neither near black nor near white.
fn vividness(pixel: &[u8; 3]) -> u32 {
    let (least, most) = extremes(pixel);
    if !(40..=230).contains(&luma(pixel)) || most == 0 {
        return 0;
    }
    let saturation = 255 * u32::from(most - least) / u32::from(most);
    saturation.saturating_sub(100) / 2
}

/// Likeness of a color to skin, whatever its depth: red over green over
/// blue, in about these proportions.
fn skin(pixel: &[u8; 3]) -> u32 {
    let [red, green, blue] = pixel.map(i32::from);
    let sum = red + green + blue;
    if luma(pixel) < 50 || red <= green || green <= blue {
        return 0;
    }
    let distance = (1000 * red / sum - 440).abs() + (1000 * green / sum - 320).abs();
    u32::try_from(120 - distance).unwrap_or(0)
}

fn extremes([red, green, blue]: &[u8; 3]) -> (u8, u8) {
    (*red.min(green).min(blue), *red.max(green).max(blue))
}
