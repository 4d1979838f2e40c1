//! Samples of any depth and kind to 8 or 16 bits.

use thimble_picture::narrow;
use thimble_simd::{self as simd, Lanes};

use crate::layout::{Kind, Layout, Photometric};

/// Undoes the predictor in a row, in place. Afterwards samples of several bytes
/// are in the order of the file.
pub(crate) fn unpredict(layout: &Layout, big_endian: bool, row: &mut [u8]) {
    let samples = layout.chunk_samples();
    match (layout.predictor, layout.bits) {
        (2, 8) => accumulate::<1>(row, samples, |[a], [b]| [a.wrapping_add(b)]),
        (2, 16) => accumulate::<2>(row, samples, |a, b| order16(big_endian, a, b)),
        (2, 32) => accumulate::<4>(row, samples, |a, b| order32(big_endian, a, b)),
        (2, 64) => accumulate::<8>(row, samples, |a, b| order64(big_endian, a, b)),
        (3, bits) => unshuffle(row, samples, bits / 8, big_endian),
        _ => {}
    }
}

fn order16(big_endian: bool, a: [u8; 2], b: [u8; 2]) -> [u8; 2] {
    let [a, b] = [a, b].map(|bytes| u16::from_be_bytes(turned(big_endian, bytes)));
    turned(big_endian, a.wrapping_add(b).to_be_bytes())
}

fn order32(big_endian: bool, a: [u8; 4], b: [u8; 4]) -> [u8; 4] {
    let [a, b] = [a, b].map(|bytes| u32::from_be_bytes(turned(big_endian, bytes)));
    turned(big_endian, a.wrapping_add(b).to_be_bytes())
}

fn order64(big_endian: bool, a: [u8; 8], b: [u8; 8]) -> [u8; 8] {
    let [a, b] = [a, b].map(|bytes| u64::from_be_bytes(turned(big_endian, bytes)));
    turned(big_endian, a.wrapping_add(b).to_be_bytes())
}

/// From the order of a file to the most significant byte first, and back.
fn turned<const BYTES: usize>(big_endian: bool, mut bytes: [u8; BYTES]) -> [u8; BYTES] {
    if !big_endian {
        bytes.reverse();
    }
    bytes
}

fn accumulate<const BYTES: usize>(
    row: &mut [u8],
    samples: usize,
    add: impl Fn([u8; BYTES], [u8; BYTES]) -> [u8; BYTES],
) {
    let (values, _) = row.as_chunks_mut::<BYTES>();
    match samples {
        1 => accumulate_pixels::<BYTES, 1>(values, add),
        3 => accumulate_pixels::<BYTES, 3>(values, add),
        4 => accumulate_pixels::<BYTES, 4>(values, add),
        _ => {
            for index in samples..values.len() {
                values[index] = add(values[index], values[index - samples]);
            }
        }
    }
}

/// The same where the compiler knows how many samples a pixel has.
fn accumulate_pixels<const BYTES: usize, const SAMPLES: usize>(
    values: &mut [[u8; BYTES]],
    add: impl Fn([u8; BYTES], [u8; BYTES]) -> [u8; BYTES],
) {
    let mut before = [[0; BYTES]; SAMPLES];
    let (pixels, rest) = values.as_chunks_mut::<SAMPLES>();
    for pixel in pixels {
        for (value, before) in pixel.iter_mut().zip(&mut before) {
            *value = add(*value, *before);
            *before = *value;
        }
    }
    for (value, before) in rest.iter_mut().zip(before) {
        *value = add(*value, before);
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

/// A sample as it is worked with: 8 bits, or 16 where that is of use.
pub(crate) trait Sample: Copy + Default + Into<u32> {
    /// The largest value.
    const WHOLE: u32;

    /// Bytes as samples, or as they are if samples have more bits.
    fn of_bytes(bytes: &mut [u8]) -> Result<&mut [Self], &mut [u8]>;

    fn from_8_bits(value: u8) -> Self;

    fn from_16_bits(value: u16) -> Self;

    /// Appends values of two bytes.
    fn append_16_bits(row: &[u8], big_endian: bool, out: &mut Vec<Self>) {
        let values = row.as_chunks().0.iter();
        let read = if big_endian {
            u16::from_be_bytes
        } else {
            u16::from_le_bytes
        };
        out.extend(values.map(|value| Self::from_16_bits(read(*value))));
    }

    /// Takes a value as it is, unless it is larger than any.
    fn as_it_is(value: u32) -> Self;

    /// Stretches what is 1 at `whole`.
    fn stretch(value: u32, whole: u32) -> Self {
        let (value, whole) = (u64::from(value), u64::from(whole));
        Self::as_it_is(((value * u64::from(Self::WHOLE) + whole / 2) / whole) as u32)
    }

    /// Floating point is black at 0 and white at 1; what is no number is black.
    fn of_unit(value: f64) -> Self {
        Self::as_it_is((value.clamp(0.0, 1.0) * f64::from(Self::WHOLE)).round() as u32)
    }
}

/// Eight samples of 16 bits as those of 8 that [`narrow`] makes of them.
#[inline(always)]
fn narrow_eight(samples: Lanes) -> Lanes {
    let rounded = simd::add_saturating_u16(samples, simd::splat_i16(128));
    let less = simd::shift_right_u16::<8>(rounded);
    simd::shift_right_u16::<8>(simd::subtract_i16(rounded, less))
}

/// Eight samples of 16 bits with their bytes in the other order.
#[inline(always)]
fn swapped(samples: Lanes) -> Lanes {
    let high = simd::multiply_i16(samples, simd::splat_i16(256));
    simd::add_i16(high, simd::shift_right_u16::<8>(samples))
}

impl Sample for u8 {
    const WHOLE: u32 = 0xff;

    fn of_bytes(bytes: &mut [u8]) -> Result<&mut [u8], &mut [u8]> {
        Ok(bytes)
    }

    fn from_8_bits(value: u8) -> Self {
        value
    }

    fn from_16_bits(value: u16) -> Self {
        narrow(value)
    }

    /// Sixteen at a time, rounded as [`narrow`] does.
    fn append_16_bits(row: &[u8], big_endian: bool, out: &mut Vec<u8>) {
        let (blocks, rest) = row.as_chunks::<32>();
        let from = out.len();
        out.resize(from + row.len() / 2, 0);
        let (places, others) = out[from..].as_chunks_mut::<16>();
        for (block, place) in blocks.iter().zip(places) {
            let (halves, _) = block.as_chunks();
            let narrowed = |half: usize| {
                let stored = simd::load_u8(&halves[half]);
                narrow_eight(if big_endian { swapped(stored) } else { stored })
            };
            simd::store_u8(simd::narrow_i16(narrowed(0), narrowed(1)), place);
        }
        for (place, value) in others.iter_mut().zip(rest.as_chunks().0) {
            *place = narrow(u16::from_be_bytes(turned(big_endian, *value)));
        }
    }

    fn as_it_is(value: u32) -> Self {
        value.min(Self::WHOLE) as u8
    }
}

impl Sample for u16 {
    const WHOLE: u32 = 0xffff;

    fn of_bytes(bytes: &mut [u8]) -> Result<&mut [u16], &mut [u8]> {
        Err(bytes)
    }

    fn from_8_bits(value: u8) -> Self {
        u16::from(value) * 257
    }

    fn from_16_bits(value: u16) -> Self {
        value
    }

    fn as_it_is(value: u32) -> Self {
        value.min(Self::WHOLE) as u16
    }
}

/// The samples of a row: its own bytes, or others in the buffer. Indices into a palette,
/// and color axes with a sign, stay as they are; elsewhere what is below zero is black.
///
/// Integers of more than 16 bits use their range where they are colors. A gray of
/// so many bits is mostly a small number: it is taken as it is, and white above
/// 255. Scaled, all of these would be black.
pub(crate) fn widen<'r, S: Sample>(
    layout: &Layout,
    big_endian: bool,
    row: &'r mut [u8],
    buffer: &'r mut Vec<S>,
) -> &'r mut [S] {
    let row = if layout.kind == Kind::Unsigned && layout.bits == 8 {
        match S::of_bytes(row) {
            Ok(samples) => return samples,
            Err(row) => row,
        }
    } else {
        row
    };
    buffer.clear();
    append(layout, big_endian, row, buffer);
    buffer
}

/// Appends the samples of a row.
fn append<S: Sample>(layout: &Layout, big_endian: bool, row: &[u8], out: &mut Vec<S>) {
    let bits = layout.bits;
    let is_index = layout.photometric == Photometric::Palette;
    match layout.kind {
        Kind::Unsigned if bits == 8 && !is_index => {
            out.extend(row.iter().copied().map(S::from_8_bits));
        }
        Kind::Unsigned if bits == 16 && !is_index => {
            S::append_16_bits(row, big_endian, out);
        }
        Kind::Float => {
            let values = row.chunks_exact(bits / 8);
            out.extend(values.map(|value| S::of_unit(float(value, big_endian))));
        }
        _ if bits < 8 || !bits.is_multiple_of(8) => {
            let count = layout.chunk_width * layout.chunk_samples();
            few_bits(row, bits, count, !is_index, out);
        }
        kind => {
            let has_axes = matches!(layout.photometric, Photometric::Lab { .. });
            let is_signed = kind == Kind::Signed && !has_axes;
            let is_color = layout.colors() >= 3;
            let values = row.chunks_exact(bits / 8);
            let values = values.map(|value| integer(value, big_endian));
            let values = values.map(|value| {
                if is_signed {
                    positive(value, bits)
                } else {
                    value
                }
            });
            match bits {
                _ if is_index => out.extend(values.map(S::as_it_is)),
                8 => out.extend(values.map(|value| S::from_8_bits(value as u8))),
                16 => out.extend(values.map(|value| S::from_16_bits(value as u16))),
                _ if is_color => {
                    let shift = bits - 16;
                    out.extend(values.map(|value| S::from_16_bits((value >> shift) as u16)));
                }
                _ => out.extend(values.map(|value| S::from_8_bits(value.min(0xff) as u8))),
            }
        }
    }
}

/// The number of so many bits with a sign, or zero if it is negative.
fn positive(value: u32, bits: usize) -> u32 {
    if value >> (bits - 1) & 1 == 1 {
        0
    } else {
        value
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

/// Samples of less than a byte, or of one and a part.
fn few_bits<S: Sample>(row: &[u8], bits: usize, count: usize, scale: bool, out: &mut Vec<S>) {
    let whole = (1u32 << bits) - 1;
    let convert = |value: u32| {
        if scale {
            S::stretch(value, whole)
        } else {
            S::as_it_is(value)
        }
    };
    if bits < 8 && 8_usize.is_multiple_of(bits) {
        let values: Vec<S> = (0..=whole).map(convert).collect();
        for byte in row {
            let parts = (0..8 / bits).map(|part| byte >> (8 - bits * (part + 1)));
            out.extend(parts.map(|part| values[(u32::from(part) & whole) as usize]));
        }
        out.truncate(count);
        return;
    }
    out.extend((0..count).map(|index| {
        let start = index * bits;
        let window = (0..3).fold(0u32, |window, offset| {
            window << 8 | u32::from(row.get(start / 8 + offset).copied().unwrap_or(0))
        });
        convert(window >> (24 - start % 8 - bits) & whole)
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_samples_are_narrowed_as_one_is() {
        let values: Vec<u16> = (0..=u16::MAX).chain([1, 40_000, 65_407]).collect();
        for big_endian in [false, true] {
            let bytes = |value: &u16| turned(big_endian, value.to_be_bytes());
            let row: Vec<u8> = values.iter().flat_map(bytes).collect();
            let mut narrowed = vec![9];
            u8::append_16_bits(&row, big_endian, &mut narrowed);
            let expected = values.iter().map(|value| narrow(*value));
            assert!(narrowed.into_iter().eq([9].into_iter().chain(expected)));
        }
    }
}
