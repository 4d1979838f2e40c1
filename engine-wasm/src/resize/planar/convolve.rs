//! Sums of weighted rows, and of weighted columns, of 8-bit samples.
//!
//! One kernel does both: a sum of rows is taken over 32 neighboring bytes at a
//! time, and for a sum of columns, 32 rows at a time are turned into columns
//! first, and back afterwards. Turning costs a few instructions for a register;
//! what it saves is a sum across the lanes of a register for every sample.

use std::ops::Range;

use super::weights::Weights;
use thimble_simd::{self as simd, Lanes};

/// Bytes that are summed at a time, and the least a row of a [`Rows`] has.
pub(super) const BLOCK: usize = 32;

/// Rows, and bytes of each, that are transposed at a time.
const TURNED: usize = 16;

/// Bytes row by row, each row [`BLOCK`] bytes or longer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a> {
    pub(super) bytes: &'a [u8],
    /// From one row to the next.
    pub(super) stride: usize,
    pub(super) count: usize,
}

impl Rows<'_> {
    /// A part of each row.
    pub(super) fn cut(self, left: usize, length: usize) -> Vec<u8> {
        let mut samples = Vec::with_capacity(self.count * length);
        for row in self.bytes.chunks(self.stride).take(self.count) {
            samples.extend_from_slice(&row[left..left + length]);
        }
        samples
    }
}

/// Makes sums of rows: of some bytes of each row, [`BLOCK`] or more, to the first
/// bytes of each row of `target`, which is `stride` long.
pub(super) fn rows(
    source: Rows<'_>,
    bytes: Range<usize>,
    weights: &Weights,
    target: &mut [u8],
    stride: usize,
) {
    let length = bytes.len();
    for (target, (start, pairs)) in target.chunks_mut(stride).zip(weights.windows()) {
        let row = start * source.stride + bytes.start;
        let mut column = 0;
        loop {
            // The last block overlaps the one before.
            let at = column.min(length - BLOCK);
            let sums = sums(
                source.bytes,
                row + at,
                source.stride,
                pairs,
                weights.fraction,
            );
            store(sums, target, at);
            column += BLOCK;
            if column >= length {
                break;
            }
        }
    }
}

/// Buffers for [`columns`], to use again.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    source: Vec<u8>,
    target: Vec<u8>,
}

/// Makes rows of a length: sums of columns. The rows of `source` begin `left` bytes
/// behind the first column.
pub(super) fn columns(
    source: Rows<'_>,
    left: usize,
    weights: &Weights,
    length: usize,
    buffers: &mut Buffers,
) -> Vec<u8> {
    let mut target = vec![0; source.count * length];
    buffers.source.resize(source.stride * BLOCK, 0);
    buffers
        .target
        .resize(length.next_multiple_of(TURNED) * BLOCK, 0);
    let bands = target.chunks_mut(BLOCK * length).enumerate();
    for (band, target) in bands {
        for half in [0, TURNED] {
            turn_in(source, band * BLOCK + half, &mut buffers.source[half..]);
        }
        let outputs = buffers.target.chunks_exact_mut(BLOCK);
        for (output, (start, pairs)) in outputs.zip(weights.windows()) {
            let at = (start - left) * BLOCK;
            let sums = sums(&buffers.source, at, BLOCK, pairs, weights.fraction);
            store(sums, output, 0);
        }
        for (half, target) in [0, TURNED]
            .into_iter()
            .zip(target.chunks_mut(TURNED * length))
        {
            turn_out(&buffers.target[half..], target, length);
        }
    }
    target
}

/// Sums of [`BLOCK`] bytes from `at` on, and of those a stride further, and so on.
/// For an odd number of samples, the last pair's second weight is zero.
///
/// Compiled WebAssembly asks in every iteration of a loop whether its time is up,
/// and fetches what it keeps in vectors from memory afterwards. So pairs are taken
/// four at a time without a loop, and most sums have no more than four.
#[inline(always)]
fn sums(source: &[u8], at: usize, stride: usize, pairs: &[i32], fraction: u32) -> [Lanes; 2] {
    let mut sums = Sums {
        source,
        at,
        stride,
        left: [simd::splat_i32(1 << fraction >> 1); 4],
        right: [simd::splat_i32(1 << fraction >> 1); 4],
    };
    let (fours, rest) = pairs.as_chunks();
    if let [first, others @ ..] = fours {
        sums.add_four(first);
        for pairs in others {
            sums.add_four(pairs);
        }
    }
    match *rest {
        [a] => sums.add(a),
        [a, b] => {
            sums.add(a);
            sums.add(b);
        }
        [a, b, c] => {
            sums.add(a);
            sums.add(b);
            sums.add(c);
        }
        _ => {}
    }
    [rounded(sums.left, fraction), rounded(sums.right, fraction)]
}

/// Sums of 32 weighted samples, so far.
struct Sums<'a> {
    source: &'a [u8],
    at: usize,
    stride: usize,
    left: [Lanes; 4],
    right: [Lanes; 4],
}

impl Sums<'_> {
    #[inline(always)]
    fn add_four(&mut self, &[a, b, c, d]: &[i32; 4]) {
        self.add(a);
        self.add(b);
        self.add(c);
        self.add(d);
    }

    /// Adds the next two rows. Below the last there is none, and its weight is zero.
    #[inline(always)]
    fn add(&mut self, pair: i32) {
        let one = load(self.source, self.at);
        let below = (self.at + self.stride).min(self.source.len() - BLOCK);
        let other = load(self.source, below);
        let weights = simd::splat_i32(pair);
        self.left = add(self.left, one[0], other[0], weights);
        self.right = add(self.right, one[1], other[1], weights);
        self.at += 2 * self.stride;
    }
}

/// Adds two vectors of 16 samples, weighted, to 16 sums.
#[inline(always)]
fn add(sums: [Lanes; 4], one: Lanes, other: Lanes, weights: Lanes) -> [Lanes; 4] {
    let low = simd::interleave_low_u8(one, other);
    let high = simd::interleave_high_u8(one, other);
    let plus = |sum, samples| simd::add_i32(sum, simd::dot_i16(samples, weights));
    [
        plus(sums[0], simd::widen_low_u8(low)),
        plus(sums[1], simd::widen_high_u8(low)),
        plus(sums[2], simd::widen_low_u8(high)),
        plus(sums[3], simd::widen_high_u8(high)),
    ]
}

/// The sums without their fraction, as samples.
#[inline(always)]
fn rounded(sums: [Lanes; 4], fraction: u32) -> Lanes {
    let [a, b, c, d] = sums.map(|sum| simd::shift_right_i32_by(sum, fraction));
    simd::narrow_i16(simd::narrow_i32(a, b), simd::narrow_i32(c, d))
}

#[inline(always)]
fn load(source: &[u8], at: usize) -> [Lanes; 2] {
    let (halves, _) = source[at..at + BLOCK].as_chunks();
    [simd::load_u8(&halves[0]), simd::load_u8(&halves[1])]
}

#[inline(always)]
fn store(lanes: [Lanes; 2], target: &mut [u8], at: usize) {
    if let Some((halves, [])) = target[at..]
        .first_chunk_mut::<BLOCK>()
        .map(|block| block.as_chunks_mut())
    {
        simd::store_u8(lanes[0], &mut halves[0]);
        simd::store_u8(lanes[1], &mut halves[1]);
    }
}

/// Turns the 16 rows from `row` on into columns: each byte of a row goes to the
/// place of its column, which is [`BLOCK`] bytes from the next one's. Below the
/// last row there is the same again.
fn turn_in(source: Rows<'_>, row: usize, columns: &mut [u8]) {
    let starts: [usize; TURNED] =
        std::array::from_fn(|k| (row + k).min(source.count - 1) * source.stride);
    let mut column = 0;
    while column < source.stride {
        let at = column.min(source.stride - TURNED);
        let lanes = starts.map(|start| {
            let bytes = source.bytes[start + at..].first_chunk();
            bytes.map_or(simd::splat_u8(0), simd::load_u8)
        });
        let places = columns[at * BLOCK..].chunks_mut(BLOCK);
        for (lanes, place) in simd::transpose_u8(lanes).into_iter().zip(places) {
            if let Some(place) = place.first_chunk_mut() {
                simd::store_u8(lanes, place);
            }
        }
        column += TURNED;
    }
}

/// Turns columns back into rows of a length, as many as there are in `target`.
fn turn_out(columns: &[u8], target: &mut [u8], length: usize) {
    for at in (0..length).step_by(TURNED) {
        let lanes = std::array::from_fn(|k| {
            let place = columns[(at + k) * BLOCK..].first_chunk();
            place.map_or(simd::splat_u8(0), simd::load_u8)
        });
        let rows = target.chunks_exact_mut(length);
        for (lanes, row) in simd::transpose_u8(lanes).into_iter().zip(rows) {
            match row[at..].first_chunk_mut() {
                Some(place) => simd::store_u8(lanes, place),
                None => {
                    let mut bytes = [0; TURNED];
                    simd::store_u8(lanes, &mut bytes);
                    let rest = &mut row[at..];
                    rest.copy_from_slice(&bytes[..rest.len()]);
                }
            }
        }
    }
}
