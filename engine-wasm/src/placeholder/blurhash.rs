//! BlurHash: a picture in 28 characters.
//!
//! Twelve coefficients of a cosine transform of linear light, four along the longer
//! side and three along the other: the average with eight bits a color, and the others
//! in nineteen steps each.

use std::cmp::Ordering;

use super::cosine::{ONE, Table};
use super::{Pixels, transform};
use crate::alpha::divide_by_255;

/// The digits of base 83.
const DIGITS: &[u8; 83] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

/// Coefficients along the longer side, and along the other.
const LONG: usize = 4;
const SHORT: usize = 3;

/// Linear light that is one.
const LIGHT: u32 = 20;

/// The step that stands for nothing, and steps to either side of it.
const MIDDLE: i128 = 9;

/// The characters of the BlurHash.
pub(super) fn encode(pixels: &Pixels<'_>, background: [u8; 3]) -> String {
    let (across, down) = if pixels.height > pixels.width {
        (SHORT, LONG)
    } else {
        (LONG, SHORT)
    };
    let waves = (
        &Table::at_starts(across, pixels.width),
        &Table::at_starts(down, pixels.height),
    );
    let wanted: Vec<(usize, usize)> = (0..down)
        .flat_map(|row| (0..across).map(move |column| (column, row)))
        .collect();
    let sums = light(pixels, background).map(|channel| transform(&channel, waves, &wanted));
    let whole = (i128::from(pixels.area()) * i128::from(ONE) * i128::from(ONE)) << LIGHT;
    let of = |index: usize| {
        sums.each_ref()
            .map(|sums| sums.get(index).copied().unwrap_or(0))
    };

    let varying: Vec<[i128; 3]> = (1..wanted.len())
        .map(|index| of(index).map(|sum| 2 * sum))
        .collect();
    let largest = varying
        .as_flattened()
        .iter()
        .map(|sum| sum.abs())
        .max()
        .unwrap_or(0);
    let scale = ((332 * largest - whole) / (2 * whole)).clamp(0, 82);
    let average = of(0).map(|sum| i128::from(level_of((sum << FINE >> LIGHT) / (whole >> LIGHT))));
    let mut hash = String::with_capacity(28);
    push(&mut hash, (across - 1 + (down - 1) * 9) as i128, 1);
    push(&mut hash, scale, 1);
    push(&mut hash, digits_of(average, 256), 4);
    for sums in varying {
        let steps = sums.map(|sum| step(166 * sum, whole * (scale + 1)));
        push(&mut hash, digits_of(steps, 2 * MIDDLE + 1), 2);
    }
    hash
}

/// The three colors as linear light.
fn light(pixels: &Pixels<'_>, background: [u8; 3]) -> [Vec<i64>; 3] {
    let table: Vec<i64> = (0..=255)
        .map(|level| linear(2 * level) >> (FINE - LIGHT))
        .collect();
    let of = |color: usize, behind: u8| {
        let shown = |pixel: &[u8; 4]| {
            let (front, back) = (u32::from(pixel[3]), 255 - u32::from(pixel[3]));
            let level = pixel.get(color).copied().unwrap_or(0);
            divide_by_255(u32::from(level) * front + u32::from(behind) * back)
        };
        let light = |pixel| table.get(usize::from(shown(pixel))).copied().unwrap_or(0);
        pixels.pixels.iter().map(light).collect()
    };
    let [red, green, blue] = background;
    [of(0, red), of(1, green), of(2, blue)]
}

/// Precision of a single level of light.
const FINE: u32 = 24;

/// Linear light of `halves` half levels of sRGB, in units of 2^-24.
fn linear(halves: i128) -> i64 {
    // Up to a level of 0.04045 a line, and then a power of 12/5.
    let light = if halves * 100_000 <= 4_045 * 510 {
        ((halves * 100) << FINE) / (510 * 1_292)
    } else {
        let base = ((1_000 * halves + 55 * 510) << 30) / (1_055 * 510);
        let square = base * base;
        ((square >> 30) * fifth_root(square << 60)) >> 30
    };
    i64::try_from(light).unwrap_or(i64::MAX)
}

/// The largest number of 25 bits whose fifth power is at most `power`.
fn fifth_root(power: i128) -> i128 {
    (0..=FINE).rev().fold(0, |root, bit| {
        let larger: i128 = root | (1 << bit);
        if larger.pow(5) <= power { larger } else { root }
    })
}

/// The level of sRGB that is nearest to linear light.
fn level_of(light: i128) -> u8 {
    let reached = |level: &u8| i128::from(linear(2 * i128::from(*level) - 1)) <= light;
    (1..=u8::MAX).take_while(reached).last().unwrap_or(0)
}

/// The step of a coefficient, which goes by its square root: more of them for small ones.
fn step(number: i128, whole: i128) -> i128 {
    let edge = |halves: i128| halves * halves * whole;
    let size = 324 * number.abs();
    let reached = |step: &i128| match number.cmp(&0) {
        Ordering::Less => edge(2 * step + 1) >= size,
        _ => edge(2 * step - 1) <= size,
    };
    match number.cmp(&0) {
        Ordering::Less => MIDDLE - (0..MIDDLE).find(reached).unwrap_or(MIDDLE),
        _ => MIDDLE + (1..=MIDDLE).take_while(reached).last().unwrap_or(0),
    }
}

fn digits_of([red, green, blue]: [i128; 3], base: i128) -> i128 {
    (red * base + green) * base + blue
}

fn push(hash: &mut String, value: i128, length: u32) {
    for place in (0..length).rev() {
        let digit = usize::try_from(value / 83_i128.pow(place) % 83).unwrap_or(0);
        hash.push(char::from(DIGITS.get(digit).copied().unwrap_or(b'0')));
    }
}
