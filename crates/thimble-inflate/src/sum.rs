//! The checksum of a zlib stream, Adler-32, in vectors of 128 bits. RFC 1950, section 8.2.

use thimble_simd::{
    Lanes, add_i16, add_i32, dot_i16, load_i16, load_u8, splat_i16, splat_i32, store_u8,
    widen_high_u8, widen_low_u8,
};

/// The largest prime below 2^16.
const PRIME: u64 = 65521;

/// Bytes of a vector, and vectors that are summed in integers of 16 bits.
const STRIDE: usize = 16;
const STRIDES: usize = 16;
const BLOCK: usize = STRIDE * STRIDES;

/// Bytes whose sums are less than 32 bits hold.
const CHUNK: usize = 16 * BLOCK;

/// Weights of the sums of each place in a vector.
const WEIGHTS: [[i16; 8]; 2] = [[16, 15, 14, 13, 12, 11, 10, 9], [8, 7, 6, 5, 4, 3, 2, 1]];

/// The checksum at the end of a zlib stream, of the bytes so far.
#[derive(Clone, Copy, Debug)]
pub struct Adler32 {
    /// The sum of all bytes.
    bytes: u64,
    /// The sum of all such sums.
    sums: u64,
}

impl Default for Adler32 {
    fn default() -> Self {
        Self { bytes: 1, sums: 0 }
    }
}

impl Adler32 {
    /// The checksum.
    #[must_use]
    pub fn finish(&self) -> u32 {
        (self.sums << 16 | self.bytes) as u32
    }

    /// Adds some bytes.
    pub fn write(&mut self, data: &[u8]) {
        for chunk in data.chunks(CHUNK) {
            let (blocks, rest) = chunk.as_chunks::<BLOCK>();
            self.write_blocks(blocks);
            for byte in rest {
                self.bytes += u64::from(*byte);
                self.sums += self.bytes;
            }
            self.bytes %= PRIME;
            self.sums %= PRIME;
        }
    }

    /// A byte counts once for itself and each byte behind it.
    fn write_blocks(&mut self, blocks: &[[u8; BLOCK]]) {
        let mut bytes = splat_i32(0);
        // Of all blocks before, once for each block.
        let mut before = splat_i32(0);
        let mut within = splat_i32(0);
        let [first, last] = WEIGHTS.map(|weights| load_i16(&weights));
        for block in blocks {
            let strides = block.as_chunks::<STRIDE>().0;
            let mut sums = [splat_i16(0); 2];
            let mut sums_before = [splat_i16(0); 2];
            let mut step = |k: usize| {
                let stride = load_u8(&strides[k]);
                sums_before = [
                    add_i16(sums_before[0], sums[0]),
                    add_i16(sums_before[1], sums[1]),
                ];
                sums = [
                    add_i16(sums[0], widen_low_u8(stride)),
                    add_i16(sums[1], widen_high_u8(stride)),
                ];
            };
            // Not a loop: between its iterations, vectors would go through memory.
            let mut four_steps = |k: usize| {
                step(k);
                step(k + 1);
                step(k + 2);
                step(k + 3);
            };
            four_steps(0);
            four_steps(4);
            four_steps(8);
            four_steps(12);
            before = add_i32(before, bytes);
            let [low, high] = sums;
            bytes = add_i32(bytes, dot_i16(add_i16(low, high), splat_i16(1)));
            let strides = sums_before.map(|sums| dot_i16(sums, splat_i16(STRIDE as i16)));
            let places = add_i32(dot_i16(low, first), dot_i16(high, last));
            within = add_i32(within, add_i32(add_i32(strides[0], strides[1]), places));
        }
        let length = (blocks.len() * BLOCK) as u64;
        self.sums += length * self.bytes + BLOCK as u64 * total(before) + total(within);
        self.bytes += total(bytes);
    }
}

/// The sum of four `i32`, none of which is negative.
fn total(lanes: Lanes) -> u64 {
    let mut bytes = [0; STRIDE];
    store_u8(lanes, &mut bytes);
    let numbers = bytes.as_chunks().0.iter();
    numbers
        .map(|number| u64::from(u32::from_le_bytes(*number)))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_another_implementation() {
        let noise = (0..70_000_u32).map(|k| (k.wrapping_mul(0x9e37_79b1) >> 24) as u8);
        let noise: Vec<u8> = noise.collect();
        for data in [noise, vec![255; 70_000], vec![0; 70_000]] {
            for piece in [1, 15, 16, 255, 256, 257, 4095, 4096, 5000, 70_000] {
                let mut ours = Adler32::default();
                data.chunks(piece).for_each(|piece| ours.write(piece));
                let theirs = simd_adler32::adler32(&data.as_slice());
                assert_eq!(ours.finish(), theirs, "pieces of {piece}");
            }
        }
    }
}
