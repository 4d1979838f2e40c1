//! Prediction of rows. PNG, third edition, section 9.
//!
//! Every pixel needs the one to its left, so within a row there is nothing to do at
//! once but the samples of a pixel, and nothing to gain but a short way from pixel to
//! pixel. That of Paeth's predictor is the one of `stb_image`, by Sean Barrett.
//! [`pairs`](crate::pairs) takes two rows at once.

use thimble_simd::{
    Lanes, add_i16, add_u8, first_i64, greater_i16, load_widened, max_i16, min_i16, narrow_i16,
    select, shift_right_i16, splat_i16, subtract_i16,
};

/// Pixels of an iteration of a loop.
const TOGETHER: usize = 8;

/// Adds its prediction to a row. `pixel` is the distance, in bytes, of what is to
/// the left: 1, 2, 3, 4, 6 or 8. `above` and `row` are as long as `filtered`.
///
/// Gives nothing if there is no such filter.
pub(super) fn unfilter(
    filter: u8,
    pixel: usize,
    filtered: &[u8],
    above: &[u8],
    row: &mut [u8],
) -> Option<()> {
    match (filter, pixel) {
        (0, _) => row.copy_from_slice(filtered),
        (2, _) => {
            for ((sample, filtered), above) in row.iter_mut().zip(filtered).zip(above) {
                *sample = filtered.wrapping_add(*above);
            }
        }
        (_, 1) => sequential::<1>(filter, filtered, above, row)?,
        (_, 2) => sequential::<2>(filter, filtered, above, row)?,
        (_, 3) => sequential::<3>(filter, filtered, above, row)?,
        (_, 4) => sequential::<4>(filter, filtered, above, row)?,
        (_, 6) => sequential::<6>(filter, filtered, above, row)?,
        _ => sequential::<8>(filter, filtered, above, row)?,
    }
    Some(())
}

#[inline(never)]
fn sequential<const PIXEL: usize>(
    filter: u8,
    filtered: &[u8],
    above: &[u8],
    row: &mut [u8],
) -> Option<()> {
    match filter {
        1 => predicted::<PIXEL>(filtered, above, row, |left, _, _| left),
        3 => predicted::<PIXEL>(filtered, above, row, |left, above, _| {
            shift_right_i16::<1>(add_i16(left, above))
        }),
        4 => predicted::<PIXEL>(filtered, above, row, paeth),
        _ => return None,
    }
    Some(())
}

/// Whichever of the three is nearest to `left + above - corner`, in this order.
#[inline(always)]
pub(super) fn paeth(left: Lanes, above: Lanes, corner: Lanes) -> Lanes {
    // What is to the left is known last, and comes last.
    let twice = add_i16(corner, corner);
    let threshold = subtract_i16(add_i16(twice, subtract_i16(corner, above)), left);
    let (low, high) = (min_i16(left, above), max_i16(left, above));
    let at_most = select(greater_i16(high, threshold), corner, low);
    select(greater_i16(threshold, low), at_most, high)
}

/// `predict` takes the pixels to the left, above, and above to the left, each
/// sample an `i16`.
#[inline(always)]
fn predicted<const PIXEL: usize>(
    filtered: &[u8],
    above: &[u8],
    row: &mut [u8],
    predict: impl Fn(Lanes, Lanes, Lanes) -> Lanes,
) {
    let (mut left, mut corner) = (splat_i16(0), splat_i16(0));
    let mut step = |filtered: &[u8; PIXEL], above: &[u8; PIXEL], to: &mut [u8; PIXEL]| {
        let above = load(above);
        // Sums of bytes, so that what is above them stays zero.
        left = add_u8(load(filtered), predict(left, above, corner));
        corner = above;
        let samples = first_i64(narrow_i16(left, left)).to_le_bytes();
        to.copy_from_slice(&samples[..PIXEL]);
    };
    let (filtered, last) = filtered.as_chunks::<PIXEL>().0.as_chunks::<TOGETHER>();
    let (above, last_above) = above.as_chunks::<PIXEL>().0.as_chunks::<TOGETHER>();
    let (row, last_row) = row.as_chunks_mut::<PIXEL>().0.as_chunks_mut::<TOGETHER>();
    for ((filtered, above), row) in filtered.iter().zip(above).zip(row) {
        // Not a loop: between its iterations, vectors would go through memory.
        let mut step = |k: usize| step(&filtered[k], &above[k], &mut row[k]);
        step(0);
        step(1);
        step(2);
        step(3);
        step(4);
        step(5);
        step(6);
        step(7);
    }
    for ((filtered, above), to) in last.iter().zip(last_above).zip(last_row) {
        step(filtered, above, to);
    }
}

#[inline(always)]
fn load<const PIXEL: usize>(pixel: &[u8; PIXEL]) -> Lanes {
    let mut bytes = [0; 8];
    bytes[..PIXEL].copy_from_slice(pixel);
    load_widened(&bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Bytes that are different each time.
    pub(crate) fn noise() -> impl FnMut(usize) -> Vec<u8> {
        let mut state = 1_u32;
        move |length| {
            let next = |_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            };
            (0..length).map(next).collect()
        }
    }

    /// The predictors as the standard words them.
    fn predict(filter: u8, left: u8, above: u8, corner: u8) -> u8 {
        let (a, b, c) = (i32::from(left), i32::from(above), i32::from(corner));
        let distance = |from: i32| (a + b - c - from).abs();
        match filter {
            0 => 0,
            1 => left,
            2 => above,
            3 => ((a + b) / 2) as u8,
            _ if distance(a) <= distance(b) && distance(a) <= distance(c) => left,
            _ if distance(b) <= distance(c) => above,
            _ => corner,
        }
    }

    fn as_the_standard_says(filter: u8, pixel: usize, filtered: &[u8], above: &[u8]) -> Vec<u8> {
        let mut row: Vec<u8> = vec![];
        for (index, sample) in filtered.iter().enumerate() {
            let before = index.checked_sub(pixel);
            let left = before.map_or(0, |index| row[index]);
            let corner = before.map_or(0, |index| above[index]);
            row.push(sample.wrapping_add(predict(filter, left, above[index], corner)));
        }
        row
    }

    #[test]
    fn rows_are_what_the_standard_says() {
        let mut noise = noise();
        for pixel in [1, 2, 3, 4, 6, 8] {
            for pixels in [1, 7, 8, 9, 300] {
                let (filtered, above) = (noise(pixel * pixels), noise(pixel * pixels));
                for filter in 0..5 {
                    let mut row = vec![0; filtered.len()];
                    unfilter(filter, pixel, &filtered, &above, &mut row).unwrap();
                    let expected = as_the_standard_says(filter, pixel, &filtered, &above);
                    assert_eq!(row, expected, "filter {filter}, {pixels} of {pixel} bytes");
                }
                let mut row = vec![0; filtered.len()];
                assert_eq!(unfilter(5, pixel, &filtered, &above, &mut row), None);
            }
        }
    }

    #[test]
    fn paeth_chooses_as_the_standard_says() {
        for left in (0..=255).step_by(5) {
            for above in (0..=255).step_by(3) {
                for corner in 0..=255_u8 {
                    let lanes = paeth(
                        splat_i16(left.into()),
                        splat_i16(above.into()),
                        splat_i16(corner.into()),
                    );
                    let chosen = first_i64(lanes) as u8;
                    assert_eq!(chosen, predict(4, left, above, corner));
                }
            }
        }
    }
}
