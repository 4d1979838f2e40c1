//! Prediction of two rows at once.
//!
//! From pixel to pixel, each step waits for the one before, and half of a vector lies idle. So the
//! next row goes along in the other half, two pixels behind: what is above it is known by then.

use thimble_simd::{
    Lanes, add_i16, add_u8, first_i64, interleave_low_i64, load_i16, load_widened, narrow_i16,
    select, shift_right_i16, splat_i16,
};

use crate::filter::paeth;

/// Pixels that the second row is behind.
const BEHIND: usize = 2;

/// Pixels of an iteration of a loop, and bytes that they fit into.
const TOGETHER: usize = 8;
const WINDOW: usize = 32;

/// Two rows of the same length as they are stored, and their filters.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) filters: [u8; 2],
    pub(super) filtered: [&'a [u8]; 2],
    /// The row above both.
    pub(super) above: &'a [u8],
}

/// True for a filter that goes from pixel to pixel.
fn is_sequential(filter: u8) -> bool {
    matches!(filter, 1 | 3 | 4)
}

impl<'a> Pair<'a> {
    /// The two rows, each behind its filter, if they are there.
    pub(super) fn of(stored: &'a [u8], above: &'a [u8]) -> Option<Self> {
        let (one, other) = stored.split_at_checked(1 + above.len())?;
        let ([one_filter, one @ ..], [other_filter, other @ ..]) = (one, other) else {
            return None;
        };
        Some(Self {
            filters: [*one_filter, *other_filter],
            filtered: [one, other],
            above,
        })
    }

    /// True if the predictions of both are worth while to be added at once.
    pub(super) fn is_apt(&self) -> bool {
        self.filters.into_iter().all(is_sequential)
    }

    /// Adds their predictions to both. The rows are whole numbers of pixels of 3 or 4 bytes.
    pub(super) fn unfilter(self, pixel: usize, rows: [&mut [u8]; 2]) {
        let all = |filter: u8| {
            let lanes = self
                .filters
                .map(|other| if other == filter { -1 } else { 0 });
            let [a, b] = lanes;
            load_i16(&[a, a, a, a, b, b, b, b])
        };
        let (is_mean, is_paeth) = (all(3), all(4));
        let any = |left, above, corner| {
            let mean = shift_right_i16::<1>(add_i16(left, above));
            select(
                is_paeth,
                paeth(left, above, corner),
                select(is_mean, mean, left),
            )
        };
        match (self.filters, pixel) {
            ([4, 4], 3) => self.predict::<3>(rows, paeth),
            ([4, 4], _) => self.predict::<4>(rows, paeth),
            (_, 3) => self.predict::<3>(rows, any),
            _ => self.predict::<4>(rows, any),
        }
    }

    /// `predict` takes the pixels to the left, above, and above to the left.
    #[inline(always)]
    fn predict<const PIXEL: usize>(
        self,
        [first, second]: [&mut [u8]; 2],
        predict: impl Fn(Lanes, Lanes, Lanes) -> Lanes,
    ) {
        let [mut left, mut before, mut corner] = [splat_i16(0); 3];
        // The pixels of both rows, of four bytes each, of which the last may be anything.
        let mut step = |one: u32, other: u32, above: u32| -> u64 {
            let filtered = u64::from(one) | u64::from(other) << 32;
            let above = load_widened(&u64::from(above).to_le_bytes());
            let above = interleave_low_i64(above, before);
            before = left;
            left = add_u8(
                load_widened(&filtered.to_le_bytes()),
                predict(left, above, corner),
            );
            corner = above;
            first_i64(narrow_i16(left, left))
        };
        let [one, other] = self.filtered;
        let above = self.above;
        let pixels = one.len() / PIXEL;
        let mut x = 0;
        while x < pixels + BEHIND {
            if let Some(behind) = x.checked_sub(BEHIND)
                && let (Some(one), Some(other), Some(above), Some(first), Some(second)) = (
                    window(one, x * PIXEL),
                    window(other, behind * PIXEL),
                    window(above, x * PIXEL),
                    window_mut(first, x * PIXEL),
                    window_mut(second, behind * PIXEL),
                )
            {
                // Not a loop: between its iterations, vectors would go through memory.
                let mut step = |k: usize| {
                    let at = k * PIXEL;
                    let pixels = step(four(one, at), four(other, at), four(above, at));
                    first[at..at + 4].copy_from_slice(&(pixels as u32).to_le_bytes());
                    second[at..at + 4].copy_from_slice(&((pixels >> 32) as u32).to_le_bytes());
                };
                let mut two_steps = |k: usize| {
                    step(k);
                    step(k + 1);
                };
                two_steps(0);
                two_steps(2);
                two_steps(4);
                two_steps(6);
                x += TOGETHER;
                continue;
            }
            let behind = x.wrapping_sub(BEHIND);
            let pixels = step(
                pixel::<PIXEL>(one, x),
                pixel::<PIXEL>(other, behind),
                pixel::<PIXEL>(above, x),
            );
            let bytes = pixels.to_le_bytes();
            put::<PIXEL>(first, x, &bytes[..4]);
            put::<PIXEL>(second, behind, &bytes[4..]);
            x += 1;
        }
    }
}

#[inline(always)]
fn window(row: &[u8], at: usize) -> Option<&[u8; WINDOW]> {
    row.get(at..)?.first_chunk()
}

#[inline(always)]
fn window_mut(row: &mut [u8], at: usize) -> Option<&mut [u8; WINDOW]> {
    row.get_mut(at..)?.first_chunk_mut()
}

#[inline(always)]
fn four(window: &[u8; WINDOW], at: usize) -> u32 {
    let bytes = window[at..].first_chunk();
    bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// A pixel of a row, or zeros beside it.
fn pixel<const PIXEL: usize>(row: &[u8], x: usize) -> u32 {
    let mut bytes = [0; 4];
    if let Some(pixel) = row.as_chunks::<PIXEL>().0.get(x) {
        bytes[..PIXEL].copy_from_slice(pixel);
    }
    u32::from_le_bytes(bytes)
}

fn put<const PIXEL: usize>(row: &mut [u8], x: usize, bytes: &[u8]) {
    if let Some(place) = row.as_chunks_mut::<PIXEL>().0.get_mut(x) {
        place.copy_from_slice(&bytes[..PIXEL]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::{tests::noise, unfilter};

    #[test]
    fn two_rows_are_what_one_after_the_other_is() {
        let mut noise = noise();
        for pixel in [3, 4] {
            for pixels in [1, 2, 3, 7, 8, 9, 10, 11, 12, 13, 18, 19, 20, 21, 300] {
                let length = pixel * pixels;
                let (stored, above) = (noise(2 * (1 + length)), noise(length));
                let pair = Pair::of(&stored, &above).unwrap();
                for filters in [1, 3, 4].map(|a| [1, 3, 4].map(|b| [a, b])).concat() {
                    let pair = Pair { filters, ..pair };
                    assert!(pair.is_apt());
                    let (mut first, mut second) = (vec![0; length], vec![0; length]);
                    pair.unfilter(pixel, [&mut first, &mut second]);
                    let (mut one, mut other) = (vec![0; length], vec![0; length]);
                    let [filtered, behind] = pair.filtered;
                    unfilter(filters[0], pixel, filtered, &above, &mut one).unwrap();
                    unfilter(filters[1], pixel, behind, &one, &mut other).unwrap();
                    assert!(
                        first == one && second == other,
                        "{filters:?}, {pixels} of {pixel}"
                    );
                }
            }
        }
    }
}
