//! Luma and color differences that no JPEG has made red, green and blue.
//!
//! TIFF 6, section 21: pixels may share color differences, luma has shares that may
//! be stated, and black and white may lie within the range of the samples.

use crate::directory::Directory;
use crate::layout::Layout;
use crate::tag;

/// Bits of fraction of the sums.
const FRACTION: u32 = 16;

/// Gives every pixel of some rows the color differences that it shares.
pub(crate) fn spread(layout: &Layout, stored: &[u8], rows: &mut [u8]) {
    let (across, down) = layout.shared;
    let unit = across * down + 2;
    let units = layout.chunk_width.div_ceil(across);
    let row_length = layout.row_length();
    let bands = stored.chunks(units * unit);
    for (band, rows) in bands.zip(rows.chunks_mut(row_length * down)) {
        for (y, row) in rows.chunks_mut(row_length).enumerate() {
            for (x, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
                let Some(unit) = band
                    .get(x / across * unit..)
                    .and_then(|rest| rest.get(..unit))
                else {
                    break;
                };
                let luma = unit[y * across + x % across];
                *pixel = [luma, unit[across * down], unit[across * down + 1]];
            }
        }
    }
}

/// Shares of each value of a sample in red, green and blue.
#[derive(Debug)]
pub(crate) struct Ycbcr {
    luma: [i32; 256],
    red: [i32; 256],
    blue: [i32; 256],
    green_by_red: [i32; 256],
    green_by_blue: [i32; 256],
}

impl Ycbcr {
    pub(crate) fn read(directory: &Directory<'_>) -> Self {
        let [red, green, blue] = numbers(directory, tag::LUMA_SHARES, [0.299, 0.587, 0.114]);
        let range = [0.0, 255.0, 128.0, 255.0, 128.0, 255.0];
        let range = numbers(directory, tag::BLACK_AND_WHITE, range);
        let [black, white, blue_zero, blue_one, red_zero, red_one] = range;
        let (by_red, by_blue) = (2.0 - 2.0 * red, 2.0 - 2.0 * blue);
        let table = |factor: f64, zero: f64, one: f64, whole: f64| {
            let span = if one == zero { 1.0 } else { one - zero };
            let scale = factor * whole / span * f64::from(1 << FRACTION);
            std::array::from_fn(|value| ((value as f64 - zero) * scale).round() as i32)
        };
        Ycbcr {
            luma: table(1.0, black, white, 255.0),
            red: table(by_red, red_zero, red_one, 127.0),
            blue: table(by_blue, blue_zero, blue_one, 127.0),
            green_by_red: table(-by_red * red / green, red_zero, red_one, 127.0),
            green_by_blue: table(-by_blue * blue / green, blue_zero, blue_one, 127.0),
        }
    }

    pub(crate) fn to_rgb(&self, [luma, blue, red]: [u8; 3]) -> [u8; 3] {
        let [luma, blue, red] = [luma, blue, red].map(usize::from);
        let whole = self.luma[luma].saturating_add(1 << (FRACTION - 1));
        let green = self.green_by_red[red].saturating_add(self.green_by_blue[blue]);
        [self.red[red], green, self.blue[blue]]
            .map(|part| (whole.saturating_add(part) >> FRACTION).clamp(0, 255) as u8)
    }
}

/// The values of a tag, or others if they are not there or are none to divide by.
fn numbers<const COUNT: usize>(
    directory: &Directory<'_>,
    tag: u16,
    others: [f64; COUNT],
) -> [f64; COUNT] {
    let stated = std::array::from_fn(|index| directory.fraction(tag, index));
    let is_sound = |value: &Option<f64>| value.is_some_and(f64::is_finite);
    if stated.iter().all(is_sound) && stated.iter().flatten().any(|value| *value != 0.0) {
        stated.map(Option::unwrap_or_default)
    } else {
        others
    }
}
