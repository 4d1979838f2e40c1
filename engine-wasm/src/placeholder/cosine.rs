//! Cosines in fixed point, the same on every machine.

/// One, as cosines count.
pub(super) const ONE: i64 = 1 << 24;

/// One while a series is summed up.
const FINE: u32 = 60;

/// Pi, in units of 2^-60.
const PI: i128 = 3_622_009_729_038_561_421;

/// The cosines of a few frequencies along a side of a picture.
pub(super) struct Table {
    length: usize,
    waves: Vec<Vec<i64>>,
}

impl Table {
    /// Of `frequencies` from 0, at the middles of `length` samples.
    pub(super) fn at_middles(frequencies: usize, length: usize) -> Self {
        Self::new(frequencies, length, |frequency, place| {
            cos_pi(frequency * (2 * place + 1), 2 * length)
        })
    }

    /// Of `frequencies` from 0, at the starts of `length` samples.
    pub(super) fn at_starts(frequencies: usize, length: usize) -> Self {
        Self::new(frequencies, length, |frequency, place| {
            cos_pi(frequency * place, length)
        })
    }

    fn new(frequencies: usize, length: usize, cosine: impl Fn(usize, usize) -> i64) -> Self {
        let wave = |frequency| (0..length).map(|place| cosine(frequency, place)).collect();
        Self {
            length,
            waves: (0..frequencies).map(wave).collect(),
        }
    }

    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// The cosines of one frequency.
    pub(super) fn wave(&self, frequency: usize) -> &[i64] {
        self.waves.get(frequency).map_or(&[], Vec::as_slice)
    }

    /// An answer for each frequency.
    pub(super) fn of_all(&self, answer: impl Fn(&[i64]) -> i64) -> Vec<i64> {
        self.waves.iter().map(|wave| answer(wave)).collect()
    }
}

/// The cosine of pi times `number / whole`.
fn cos_pi(number: usize, whole: usize) -> i64 {
    let number = number % (2 * whole);
    let number = number.min(2 * whole - number);
    if 2 * number > whole {
        -cos_to_half_pi(whole - number, whole)
    } else {
        cos_to_half_pi(number, whole)
    }
}

/// The series of the cosine, for angles up to half of pi.
fn cos_to_half_pi(number: usize, whole: usize) -> i64 {
    if 2 * number == whole {
        return 0;
    }
    let as_wide = |number: usize| i128::try_from(number).unwrap_or(i128::MAX);
    let angle = PI * as_wide(number) / as_wide(whole).max(1);
    let square = (angle * angle) >> FINE;
    let (mut term, mut sum, mut divisor) = (1_i128 << FINE, 0, 1);
    while term != 0 {
        sum += term;
        term = -((term * square) >> FINE) / (divisor * (divisor + 1));
        divisor += 2;
    }
    let dropped = FINE - ONE.trailing_zeros();
    i64::try_from((sum + (1 << (dropped - 1))) >> dropped).unwrap_or(ONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosines_are_those_of_the_textbook() {
        for whole in [1, 2, 3, 7, 64, 200] {
            for number in 0..5 * whole {
                let angle = std::f64::consts::PI * number as f64 / whole as f64;
                let expected = angle.cos() * ONE as f64;
                let off = (cos_pi(number, whole) as f64 - expected).abs();
                assert!(off < 0.51, "{number}/{whole} is off by {off}");
            }
        }
    }

    #[test]
    fn opposite_cosines_cancel_out() {
        for length in 1..40 {
            let table = Table::at_middles(8, length);
            for frequency in 1..8.min(length) {
                let sum: i64 = table.wave(frequency).iter().sum();
                assert!(
                    sum.abs() <= 1 + length as i64 / 2,
                    "{frequency} of {length}: {sum}"
                );
            }
        }
    }
}
