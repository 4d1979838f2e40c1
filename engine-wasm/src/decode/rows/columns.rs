//! Sums of neighboring columns.

use thimble_simd::{self as simd, Lanes};

/// Samples of a register, of which a pixel needs the first ones.
const LANES: usize = 8;

/// Adds up the columns of pixels of 3 or 4 channels, so many to one; of the last there may
/// be fewer. `sums` gets some samples longer.
pub(super) fn add_columns(
    sums: &mut Vec<i16>,
    channels: usize,
    across: usize,
    fewer: &mut Vec<i16>,
) {
    let length = sums.len();
    sums.resize(length + LANES, 0);
    fewer.clear();
    fewer.resize(length.div_ceil(channels * across) * channels + LANES, 0);
    match (channels, across) {
        (3, 2) => add::<3, 2>(sums, fewer),
        (3, 3) => add::<3, 3>(sums, fewer),
        (3, 4) => add::<3, 4>(sums, fewer),
        (4, 2) => add::<4, 2>(sums, fewer),
        (4, 3) => add::<4, 3>(sums, fewer),
        (4, 4) => add::<4, 4>(sums, fewer),
        _ => {
            sums.truncate(length);
            let pixels = fewer.chunks_exact_mut(channels);
            for (pixel, columns) in pixels.zip(sums.chunks(channels * across)) {
                for column in columns.chunks_exact(channels) {
                    let samples = pixel.iter_mut().zip(column);
                    samples.for_each(|(sum, sample)| *sum += *sample);
                }
            }
        }
    }
    fewer.truncate(fewer.len() - LANES);
}

/// The same where the compiler knows how many there are. What a register has of the next
/// pixel is overwritten with that.
fn add<const CHANNELS: usize, const ACROSS: usize>(sums: &[i16], fewer: &mut [i16]) {
    let load = |from: &[i16]| -> Option<Lanes> { from.first_chunk().map(simd::load_i16) };
    let mut at = 0;
    while let Some(place) = fewer.get_mut(at..).and_then(|rest| rest.first_chunk_mut()) {
        let from = &sums[(at * ACROSS).min(sums.len())..];
        let Some(mut sum) = load(from) else { break };
        for column in 1..ACROSS {
            let Some(more) = from.get(column * CHANNELS..).and_then(load) else {
                break;
            };
            sum = simd::add_i16(sum, more);
        }
        simd::store_i16(sum, place);
        at += CHANNELS;
    }
}
