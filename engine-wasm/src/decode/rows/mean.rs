//! Means of sums of samples.

use thimble_simd as simd;

/// Bits of fraction of `1 / count`, where averages are computed as products. With 128
/// samples that is exact.
const FRACTION: u32 = 22;

/// `1 / count` with 15 bits of fraction, if it can stand for a division: the mean is moved up
/// by what was rounded, which may not bring it to the next half.
fn share(count: u32) -> Option<i16> {
    let share = (1_u32 << 15).div_ceil(count);
    let surplus = 255 * count * (share * count - (1 << 15));
    i16::try_from(share).ok().filter(|_| 2 * surplus < 1 << 15)
}

/// Divides sums of some number of bytes by that number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mean {
    count: u32,
    half: u32,
    factor: u32,
    /// `1 / count` with 15 bits of fraction, rounded up, if a product with that rounds as
    /// it should.
    share: Option<i16>,
}

impl Mean {
    pub(super) fn of(count: usize) -> Self {
        let count = count as u32;
        Self {
            count,
            half: count / 2,
            factor: (1 << FRACTION) / count + 1,
            share: share(count),
        }
    }

    /// Appends the means of sums.
    pub(super) fn round_all(self, sums: &[i16], means: &mut Vec<u8>) {
        let from = means.len();
        means.resize(from + sums.len(), 0);
        let (blocks, _) = sums.as_chunks::<16>();
        let places = means[from..].as_chunks_mut().0.iter_mut();
        let mut done = 0;
        if let Some(share) = self.share.map(simd::splat_i16) {
            for (sums, place) in blocks.iter().zip(places) {
                let mean = |half: usize| {
                    let sums = sums.as_chunks().0[half];
                    simd::multiply_q15(simd::load_i16(&sums), share)
                };
                simd::store_u8(simd::narrow_i16(mean(0), mean(1)), place);
            }
            done = 16 * blocks.len();
        }
        for (mean, sum) in means[from + done..].iter_mut().zip(&sums[done..]) {
            *mean = self.round(*sum);
        }
    }

    /// Divides a pixel, and its colors by its alpha. What is wholly transparent is
    /// black.
    pub(super) fn straight<const CHANNELS: usize>(self, sums: [i16; CHANNELS]) -> [u8; CHANNELS] {
        let alpha = u32::from(sums[CHANNELS - 1].cast_unsigned());
        let mut pixel = sums.map(|sum| self.round(sum));
        if alpha == 0 || alpha == 255 * self.count {
            return pixel;
        }
        // No color is larger than alpha, so no product is larger than 255.
        let factor = (255 << FRACTION) / alpha;
        for (sample, sum) in pixel.iter_mut().zip(sums).take(CHANNELS - 1) {
            let color = u32::from(sum.cast_unsigned()) * factor;
            *sample = ((color + (1 << (FRACTION - 1))) >> FRACTION) as u8;
        }
        pixel
    }

    pub(super) fn round(self, sum: i16) -> u8 {
        (((u32::from(sum.cast_unsigned()) + self.half) * self.factor) >> FRACTION) as u8
    }
}
