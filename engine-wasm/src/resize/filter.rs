//! The filter: Lanczos3.
//!
//! It is computed with additions, multiplications and divisions alone, which every
//! processor rounds alike, so that a thumbnail has the same bytes natively and in
//! WebAssembly. A library of C has sines of its own.

use std::f64::consts::PI;

/// Radius of the filter, in samples of the smaller picture.
pub(super) const RADIUS: f64 = 3.0;

/// A sinc, windowed by the middle lobe of one three times as wide:
/// `sin(3a) / (3a) * sin(a) / a` with `a` a third of half a turn times `x`. By the
/// sine of the triple angle, `sin(3a) = sin(a) * (3 - 4 * sin(a)^2)`, one sine is
/// enough; there are thousands of weights in a small thumbnail.
pub(super) fn lanczos3(x: f64) -> f64 {
    let angle = x * (PI / RADIUS);
    let square = angle * angle;
    let sinc = SINC.iter().rev().fold(0.0, |sum, term| sum * square + term);
    let squared = sinc * sinc;
    let weight = squared * (1.0 - 4.0 / 3.0 * square * squared);
    if x.abs() < RADIUS { weight } else { 0.0 }
}

/// The power series of `sin(a) / a` in the square of `a`: `(-1)^k / (2k + 1)!`. Up
/// to half a turn, the first term left out is smaller than the rounding of a double.
const SINC: [f64; 14] = {
    let mut terms = [1.0; 14];
    let mut k = 1;
    while k < terms.len() {
        terms[k] = -terms[k - 1] / ((2 * k) as f64 * (2 * k + 1) as f64);
        k += 1;
    }
    terms
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_is_lanczos3() {
        for step in -3500..3500 {
            let x = f64::from(step) / 1000.0;
            let turn = x * PI;
            let expected = if x == 0.0 {
                1.0
            } else if x.abs() >= 3.0 {
                0.0
            } else {
                turn.sin() / turn * (turn / 3.0).sin() / (turn / 3.0)
            };
            let weight = lanczos3(x);
            assert!((weight - expected).abs() < 1e-14, "at {x}: {weight}");
        }
    }
}
