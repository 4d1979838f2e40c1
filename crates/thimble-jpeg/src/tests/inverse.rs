//! The inverse transforms beside their definition in floating point.

use std::f64::consts::PI;

use crate::block::Coefficients;
use crate::inverse::{Steps, reconstruct};
use crate::scale::slots;
use crate::zigzag::NATURAL;

/// The sample at a row and column of a transform of `side` points.
fn defined(coefficients: &[[f64; 8]; 8], side: usize, row: usize, column: usize) -> f64 {
    let basis = |k: usize, at: usize| {
        let norm = if k == 0 { 0.5_f64.sqrt() } else { 1.0 };
        norm * ((2 * at + 1) as f64 * k as f64 * PI / (2 * side) as f64).cos()
    };
    let mut sum = 0.0;
    for (down, line) in coefficients.iter().enumerate().take(side) {
        for (across, coefficient) in line.iter().enumerate().take(side) {
            sum += coefficient * basis(down, row) * basis(across, column);
        }
    }
    (sum / 4.0 + 128.0).clamp(0.0, 255.0)
}

fn is_as_defined<const SIDE: usize>() {
    let mut noise = 1_u32;
    for _ in 0..500 {
        let mut plain = [[0.0; 8]; 8];
        let (mut block, mut steps): (Coefficients, Steps) = ([0; 128], [1; 64]);
        for (zigzag, natural) in NATURAL.iter().enumerate() {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (row, column) = (usize::from(natural >> 3), usize::from(natural & 7));
            let coefficient = (noise >> 24) as i16 / (1 + zigzag as i16);
            if row < SIDE && column < SIDE {
                let slot = usize::from(slots(SIDE)[zigzag]);
                (block[slot], steps[slot]) = (coefficient, 3);
                plain[row][column] = f64::from(coefficient) * 3.0;
            }
        }
        let mut samples = [7; 9 * 16];
        reconstruct::<SIDE>(true, &block, &steps, &mut samples, 16);
        for (row, line) in samples.chunks(16).enumerate() {
            for (column, sample) in line.iter().enumerate() {
                if row < SIDE && column < SIDE {
                    let expected = defined(&plain, SIDE, row, column);
                    let error = (f64::from(*sample) - expected).abs();
                    assert!(error < 1.1, "{sample}, not {expected}, of {SIDE} points");
                } else {
                    assert_eq!(*sample, 7, "beyond {SIDE} points");
                }
            }
        }
    }
}

#[test]
fn a_transform_of_any_size_is_as_defined() {
    is_as_defined::<1>();
    is_as_defined::<2>();
    is_as_defined::<3>();
    is_as_defined::<4>();
    is_as_defined::<8>();
}
