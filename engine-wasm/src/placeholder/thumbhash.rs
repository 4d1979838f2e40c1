//! ThumbHash: a picture in 5 to 25 bytes.
//!
//! Luma, two differences of color and alpha become a few coefficients of a cosine
//! transform each. The first of each, the average, has six bits or four, and the
//! others four bits of the largest among them.

use super::cosine::{ONE, Table};
use super::{Pixels, as_i64, transform};

/// Parts of a level of a color: the average that shows through what is transparent is
/// no whole number.
const LEVEL: i64 = 1 << 12;

/// The frequencies of differences of color, and of alpha.
const COLORS: usize = 3;
const ALPHAS: usize = 5;

/// A channel: its samples, and the value that is one.
struct Channel {
    samples: Vec<i64>,
    one: i64,
}

/// The coefficients of a channel: numerators over [`whole`](Self::whole).
struct Coefficients {
    average: i128,
    others: Vec<i128>,
    largest: i128,
    whole: i128,
}

/// The bytes of the ThumbHash.
pub(super) fn encode(pixels: &Pixels<'_>) -> Vec<u8> {
    let (width, height) = (pixels.width, pixels.height);
    let has_alpha = pixels.pixels.iter().any(|pixel| pixel[3] != u8::MAX);
    let (across, down) = luma_frequencies(width, height, if has_alpha { 5 } else { 7 });
    let most = across.max(down).max(ALPHAS);
    let waves = (
        &Table::at_middles(most, width),
        &Table::at_middles(most, height),
    );
    let [luma, yellow, red, alpha] = channels(pixels);
    let of = |channel: &Channel, across, down| Coefficients::of(channel, waves, across, down);
    let luma = of(&luma, across.max(COLORS), down.max(COLORS));
    let yellow = of(&yellow, COLORS, COLORS);
    let red = of(&red, COLORS, COLORS);
    let alpha = has_alpha.then(|| of(&alpha, ALPHAS, ALPHAS));

    let is_landscape = width > height;
    let header = luma.of_average(63, 0)
        | yellow.of_average(63, 63) << 6
        | red.of_average(63, 63) << 12
        | luma.of_largest(31) << 18
        | u32::from(has_alpha) << 23;
    let shape = if is_landscape { down } else { across };
    let rest = u32::try_from(shape).unwrap_or(7)
        | yellow.of_largest(63) << 3
        | red.of_largest(63) << 9
        | u32::from(is_landscape) << 15;
    let mut hash = Vec::with_capacity(25);
    hash.extend_from_slice(header.to_le_bytes().get(..3).unwrap_or_default());
    hash.extend_from_slice(rest.to_le_bytes().get(..2).unwrap_or_default());
    if let Some(alpha) = &alpha {
        hash.push((alpha.of_average(15, 0) | alpha.of_largest(15) << 4) as u8);
    }
    let channels = [Some(&luma), Some(&yellow), Some(&red), alpha.as_ref()];
    let varying: Vec<u8> = channels
        .into_iter()
        .flatten()
        .flat_map(Coefficients::varying)
        .collect();
    let packed = varying.chunks(2).map(|pair| match pair {
        [low, high] => low | high << 4,
        _ => pair.first().copied().unwrap_or_default(),
    });
    hash.extend(packed);
    hash
}

/// Number of frequencies of luma along each side: `most` along the longer one.
fn luma_frequencies(width: usize, height: usize, most: usize) -> (usize, usize) {
    let longer = width.max(height).max(1);
    let share = |side: usize| ((2 * most * side + longer) / (2 * longer)).max(1);
    (share(width), share(height))
}

/// Luma, yellow against blue, red against green, and alpha; over the average color
/// where a picture is transparent.
fn channels(Pixels { pixels, .. }: &Pixels<'_>) -> [Channel; 4] {
    let opacity: i64 = pixels.iter().map(|pixel| i64::from(pixel[3])).sum();
    let average = |index: usize| {
        let color = |pixel: &[u8; 4]| {
            i64::from(pixel[3]) * i64::from(pixel.get(index).copied().unwrap_or(0))
        };
        let sum = pixels.iter().map(color).sum::<i64>();
        i64::try_from(i128::from(sum) * i128::from(LEVEL) / i128::from(opacity.max(1))).unwrap_or(0)
    };
    let behind = [average(0), average(1), average(2)];
    let shown = |color: u8, behind: i64, alpha: u8| {
        let (color, alpha) = (i64::from(color), i64::from(alpha));
        (behind * (255 - alpha) + alpha * color * LEVEL + 127) / 255
    };
    let mut all = [1, 2, 3, 4].map(|_| Vec::with_capacity(pixels.len()));
    for &[red, green, blue, alpha] in *pixels {
        let [red, green, blue] = [
            shown(red, behind[0], alpha),
            shown(green, behind[1], alpha),
            shown(blue, behind[2], alpha),
        ];
        all[0].push(red + green + blue);
        all[1].push(red + green - 2 * blue);
        all[2].push(red - green);
        all[3].push(i64::from(alpha));
    }
    let [luma, yellow, red, alpha] = all;
    let whole = 255 * LEVEL;
    [
        (luma, 3 * whole),
        (yellow, 2 * whole),
        (red, whole),
        (alpha, 255),
    ]
    .map(|(samples, one)| Channel { samples, one })
}

impl Coefficients {
    /// The frequencies below a diagonal from `across` to `down`.
    fn of(channel: &Channel, waves: (&Table, &Table), across: usize, down: usize) -> Self {
        let below = |row: usize| {
            let in_row = move |column: &usize| column * down < across * (down - row);
            (0..across).filter(in_row).map(move |column| (column, row))
        };
        let wanted: Vec<(usize, usize)> = (0..down).flat_map(below).collect();
        let mut sums = transform(&channel.samples, waves, &wanted);
        let others = sums.split_off(1.min(sums.len()));
        let area = as_i64(channel.samples.len()).max(1);
        let whole = i128::from(channel.one) * i128::from(area) * i128::from(ONE) * i128::from(ONE);
        // What is as small as a cosine is exact is nothing.
        let is_something = |sum: i128| sum.abs() > whole / i128::from(ONE);
        let others: Vec<i128> = others
            .into_iter()
            .map(|sum| if is_something(sum) { sum } else { 0 })
            .collect();
        Self {
            average: sums.first().copied().unwrap_or_default(),
            largest: others.iter().map(|sum| sum.abs()).max().unwrap_or_default(),
            others,
            whole,
        }
    }

    /// The average in `steps`; where it may be negative, half as many on either side of
    /// half of `signed`.
    fn of_average(&self, steps: i128, signed: i128) -> u32 {
        if signed == 0 {
            rounded(steps * self.average, self.whole)
        } else {
            rounded(signed * (self.whole + self.average), 2 * self.whole)
        }
    }

    /// The largest of the others in `steps`.
    fn of_largest(&self, steps: i128) -> u32 {
        rounded(steps * self.largest, self.whole).min(u32::try_from(steps).unwrap_or(0))
    }

    /// The others, in sixteen steps from the largest with a minus to the largest.
    fn varying(&self) -> impl Iterator<Item = u8> {
        self.others.iter().map(|other| match self.largest {
            0 => 0,
            largest => rounded(15 * (largest + other), 2 * largest).min(15) as u8,
        })
    }
}

/// A fraction that is not negative, as a whole number; a half is rounded up.
fn rounded(number: i128, whole: i128) -> u32 {
    let rounded = (2 * number + whole).checked_div(2 * whole).unwrap_or(0);
    u32::try_from(rounded).unwrap_or(0)
}
