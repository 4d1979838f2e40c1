//! Samples of any depth and kind to 8 bits.

use super::layout::{Kind, Layout, Photometric};
use crate::picture::narrow;

/// Undoes the predictor in a row, in place. Afterwards samples of several bytes
/// are in the order of the file.
pub(super) fn unpredict(layout: &Layout, big_endian: bool, row: &mut [u8]) {
    let samples = layout.chunk_samples();
    match (layout.predictor, layout.bits) {
        (2, 8) => {
            for index in samples..row.len() {
                row[index] = row[index].wrapping_add(row[index - samples]);
            }
        }
        (2, 16) => accumulate::<2>(row, samples, |a, b| order16(big_endian, a, b)),
        (2, 32) => accumulate::<4>(row, samples, |a, b| order32(big_endian, a, b)),
        (3, bits) if layout.kind == Kind::Float => {
            unshuffle(row, samples, bits / 8, big_endian);
        }
        _ => {}
    }
}

fn order16(big_endian: bool, a: [u8; 2], b: [u8; 2]) -> [u8; 2] {
    if big_endian {
        u16::from_be_bytes(a)
            .wrapping_add(u16::from_be_bytes(b))
            .to_be_bytes()
    } else {
        u16::from_le_bytes(a)
            .wrapping_add(u16::from_le_bytes(b))
            .to_le_bytes()
    }
}

fn order32(big_endian: bool, a: [u8; 4], b: [u8; 4]) -> [u8; 4] {
    if big_endian {
        u32::from_be_bytes(a)
            .wrapping_add(u32::from_be_bytes(b))
            .to_be_bytes()
    } else {
        u32::from_le_bytes(a)
            .wrapping_add(u32::from_le_bytes(b))
            .to_le_bytes()
    }
}

fn accumulate<const BYTES: usize>(
    row: &mut [u8],
    samples: usize,
    add: impl Fn([u8; BYTES], [u8; BYTES]) -> [u8; BYTES],
) {
    let (values, _) = row.as_chunks_mut::<BYTES>();
    for index in samples..values.len() {
        values[index] = add(values[index], values[index - samples]);
    }
}

/// Floating point: the bytes of a row are differences, and stored by
/// significance: first the highest byte of every sample.
fn unshuffle(row: &mut [u8], samples: usize, bytes: usize, big_endian: bool) {
    for index in samples..row.len() {
        row[index] = row[index].wrapping_add(row[index - samples]);
    }
    let count = row.len() / bytes;
    let shuffled = row.to_vec();
    for (index, value) in row.chunks_exact_mut(bytes).enumerate() {
        for (place, byte) in value.iter_mut().enumerate() {
            let significance = if big_endian { place } else { bytes - 1 - place };
            *byte = shuffled[significance * count + index];
        }
    }
}

/// The samples of a row as 8 bits each. Indices into a palette stay as they are,
/// what is below zero is black, and integers of more than 16 bits are taken as
/// they are: above 255 is white. Scaled, the small numbers that they mostly hold
/// would all be black.
pub(super) fn widen(layout: &Layout, big_endian: bool, row: &[u8], out: &mut Vec<u8>) {
    out.clear();
    match (layout.kind, layout.bits) {
        (Kind::Unsigned, 8) => out.extend_from_slice(row),
        (Kind::Signed, 8) => {
            out.extend(row.iter().map(|byte| byte.cast_signed().max(0) as u8));
        }
        (kind, 16) if kind != Kind::Float => {
            let signed = kind == Kind::Signed;
            let values = row
                .chunks_exact(2)
                .map(|value| integer(value, big_endian) as u16);
            out.extend(
                values.map(|value| narrow(if signed && value > 0x7fff { 0 } else { value })),
            );
        }
        (kind, bits @ (24 | 32)) if kind != Kind::Float => {
            let negative = if kind == Kind::Signed {
                0x8000_0000
            } else {
                u32::MAX
            };
            let values = row
                .chunks_exact(bits / 8)
                .map(|value| integer(value, big_endian));
            out.extend(values.map(|value| {
                if value >= negative {
                    0
                } else {
                    value.min(255) as u8
                }
            }));
        }
        (Kind::Float, bits) => {
            let values = row.chunks_exact(bits / 8);
            out.extend(values.map(|value| unit(float(value, big_endian))));
        }
        (_, bits) => {
            let scale = layout.photometric != Photometric::Palette;
            let count = layout.chunk_width * layout.chunk_samples();
            match bits {
                1 => out.extend(row.iter().flat_map(|byte| parts::<8>(*byte, scale))),
                2 => out.extend(row.iter().flat_map(|byte| parts::<4>(*byte, scale))),
                4 => out.extend(row.iter().flat_map(|byte| parts::<2>(*byte, scale))),
                _ => out.extend((0..count).map(|index| few_bits(row, index, bits, scale))),
            }
            out.truncate(count);
        }
    }
}

/// A whole number of up to four bytes.
fn integer(value: &[u8], big_endian: bool) -> u32 {
    let shift = |whole: u32, byte: &u8| whole << 8 | u32::from(*byte);
    if big_endian {
        value.iter().fold(0, shift)
    } else {
        value.iter().rev().fold(0, shift)
    }
}

fn float(value: &[u8], big_endian: bool) -> f64 {
    let mut bytes = [0; 8];
    for (index, byte) in bytes
        .iter_mut()
        .zip(0..value.len())
        .map(|(byte, index)| (index, byte))
    {
        *byte = if big_endian {
            value[index]
        } else {
            value[value.len() - 1 - index]
        };
    }
    match value.len() {
        2 => half(u16::from_be_bytes([bytes[0], bytes[1]])),
        4 => f32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]).into(),
        _ => f64::from_be_bytes(bytes),
    }
}

fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff) / 1024.0;
    let magnitude = match i32::from(bits >> 10 & 0x1f) {
        0 => fraction * 2f64.powi(-14),
        exponent => (1.0 + fraction) * 2f64.powi(exponent - 15),
    };
    if bits & 0x8000 == 0 {
        magnitude
    } else {
        -magnitude
    }
}

/// Floating point is black at 0 and white at 1; what is no number is black.
fn unit(value: f64) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// The `COUNT` samples of a byte.
fn parts<const COUNT: usize>(byte: u8, scale: bool) -> [u8; COUNT] {
    let bits = 8 / COUNT;
    let whole = 0xff >> (8 - bits);
    let factor = if scale { 0xff / whole } else { 1 };
    std::array::from_fn(|index| (byte >> (8 - bits * (index + 1)) & whole) * factor)
}

/// A sample of less than a byte, or of one and a part.
fn few_bits(row: &[u8], index: usize, bits: usize, scale: bool) -> u8 {
    let start = index * bits;
    let window = (0..3).fold(0u32, |window, offset| {
        window << 8 | u32::from(row.get(start / 8 + offset).copied().unwrap_or(0))
    });
    let whole = (1u32 << bits) - 1;
    let value = window >> (24 - start % 8 - bits) & whole;
    if scale {
        ((value * 255 + whole / 2) / whole) as u8
    } else {
        value as u8
    }
}
