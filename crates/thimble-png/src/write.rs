//! Rows of 8 bits a channel on their way into a file.

use crc32fast::Hasher;
use thimble_simd::{
    Lanes, add_i16, add_u8, and, at_most_u8, dot_i16, exclusive_or, load_u8, max_u8, min_u8,
    select, shift_right_u16, splat_i16, splat_u8, store_u8, subtract_u8, sum_pairs_u8,
};

/// Bytes that are filtered at once.
const BLOCK: usize = 16;

/// Blocks whose sums are less than an `i16` holds.
const SUMMED: usize = 64;

/// The filters that are tried: up, sub, average and that of Paeth.
const NUMBERS: [u8; 4] = [2, 1, 3, 4];

/// The first bytes of a file.
const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// Filters of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filters {
    /// None: what drawings and screenshots want.
    Never,
    /// For each row the one that leaves the least: what photographs want.
    Adaptive,
}

/// Rows of pixels of 1 to 4 channels as they are stored: each of them filtered, behind a byte that
/// says how.
#[must_use]
pub fn filtered(samples: &[u8], width: usize, channels: usize, filters: Filters) -> Vec<u8> {
    let pixel = channels.clamp(1, 4);
    let row = width.max(1) * pixel;
    let rows = samples.chunks_exact(row);
    // Blocks are written whole, over the end of a row.
    let length = (1 + row) * rows.len();
    let mut stored = vec![0; length + BLOCK];
    let places = (0..length).step_by(1 + row);
    match filters {
        Filters::Never => {
            for (samples, at) in rows.zip(places) {
                stored[at + 1..][..row].copy_from_slice(samples);
            }
        }
        Filters::Adaptive => {
            let mut near = Near::new(row, pixel);
            for (samples, at) in rows.zip(places) {
                near.advance(samples);
                let which = near.choose();
                stored[at] = NUMBERS[which];
                near.write(which, &mut stored[at + 1..]);
            }
        }
    }
    stored.truncate(length);
    stored
}

/// The file of a picture that is not interlaced, of 1 to 4 channels of 8 bits: gray, gray and alpha,
/// color, color and alpha. `stream` is the zlib stream of its stored rows.
#[must_use]
pub fn file(width: u32, height: u32, channels: usize, stream: &[u8]) -> Vec<u8> {
    let color = match channels {
        1 => 0,
        2 => 4,
        3 => 2,
        _ => 6,
    };
    let mut header = [0; 13];
    header[..4].copy_from_slice(&width.to_be_bytes());
    header[4..8].copy_from_slice(&height.to_be_bytes());
    header[8..10].copy_from_slice(&[8, color]);
    let mut file = Vec::with_capacity(stream.len() + 64);
    file.extend_from_slice(&SIGNATURE);
    append(&mut file, *b"IHDR", &header);
    // No chunk is longer than what a number of 31 bits can tell.
    for part in stream.chunks(i32::MAX as usize) {
        append(&mut file, *b"IDAT", part);
    }
    append(&mut file, *b"IEND", &[]);
    file
}

fn append(file: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let mut checksum = Hasher::new();
    checksum.update(&kind);
    checksum.update(data);
    file.extend_from_slice(&(data.len() as u32).to_be_bytes());
    file.extend_from_slice(&kind);
    file.extend_from_slice(data);
    file.extend_from_slice(&checksum.finalize().to_be_bytes());
}

/// A row and what predicts it, with zeros around them.
struct Near {
    row: Vec<u8>,
    above: Vec<u8>,
    length: usize,
    pixel: usize,
}

impl Near {
    fn new(length: usize, pixel: usize) -> Self {
        let blank = vec![0; BLOCK + length.next_multiple_of(BLOCK)];
        Self {
            row: blank.clone(),
            above: blank,
            length,
            pixel,
        }
    }

    /// Goes on to the next row.
    fn advance(&mut self, samples: &[u8]) {
        std::mem::swap(&mut self.row, &mut self.above);
        self.row[BLOCK..][..self.length].copy_from_slice(samples);
    }

    /// Blocks of the row, and of what is to the left, above, and above to the left.
    #[inline(always)]
    fn blocks(&self) -> impl ExactSizeIterator<Item = [Lanes; 4]> {
        let left = BLOCK - self.pixel;
        let row = self.row[BLOCK..].as_chunks::<BLOCK>().0.iter();
        let lefts = self.row[left..].as_chunks::<BLOCK>().0.iter();
        let above = self.above[BLOCK..].as_chunks::<BLOCK>().0.iter();
        let corners = self.above[left..].as_chunks::<BLOCK>().0.iter();
        row.zip(lefts)
            .zip(above.zip(corners))
            .map(|((row, left), (above, corner))| [row, left, above, corner].map(load_u8))
    }

    /// Of [`NUMBERS`], the filter with the least sum of what is left, as numbers with a sign.
    fn choose(&self) -> usize {
        let mut totals = [0_i64; 4];
        let mut sums = [splat_i16(0); 4];
        let last = self.length.div_ceil(BLOCK) - 1;
        for (number, block) in self.blocks().enumerate() {
            let left_over = [up(block), sub(block), mean(block), paeth(block)];
            let distances = left_over.map(|bytes| min_u8(bytes, subtract_u8(splat_u8(0), bytes)));
            if number == last {
                // Behind the row, there is something to the left of nothing.
                let mask = mask(self.length - BLOCK * last);
                for (sums, distances) in sums.iter_mut().zip(distances) {
                    *sums = add_i16(*sums, sum_pairs_u8(and(distances, mask)));
                }
            } else {
                for (sums, distances) in sums.iter_mut().zip(distances) {
                    *sums = add_i16(*sums, sum_pairs_u8(distances));
                }
            }
            if number == last || number % SUMMED == SUMMED - 1 {
                for (total, sums) in totals.iter_mut().zip(&mut sums) {
                    *total += i64::from(sum_i32(dot_i16(*sums, splat_i16(1))));
                    *sums = splat_i16(0);
                }
            }
        }
        let least = totals.iter().min().copied().unwrap_or(0);
        let is_least = |total: &i64| *total == least;
        // The first that leaves nothing, and otherwise the last.
        let found = if least == 0 {
            totals.iter().position(is_least)
        } else {
            totals.iter().rposition(is_least)
        };
        found.unwrap_or(0)
    }

    /// Writes what a filter leaves, and something behind it.
    fn write(&self, which: usize, to: &mut [u8]) {
        match which {
            0 => self.apply(to, up),
            1 => self.apply(to, sub),
            2 => self.apply(to, mean),
            _ => self.apply(to, paeth),
        }
    }

    #[inline(always)]
    fn apply(&self, to: &mut [u8], filter: impl Fn([Lanes; 4]) -> Lanes) {
        for (block, place) in self.blocks().zip(to.as_chunks_mut().0) {
            store_u8(filter(block), place);
        }
    }
}

/// All bits of the first bytes, `count` of them.
fn mask(count: usize) -> Lanes {
    load_u8(&std::array::from_fn(|k| if k < count { 0xff } else { 0 }))
}

/// The sum of four `i32`.
fn sum_i32(lanes: Lanes) -> i32 {
    let mut bytes = [0; BLOCK];
    store_u8(lanes, &mut bytes);
    let numbers = bytes.as_chunks().0.iter();
    numbers.map(|number| i32::from_le_bytes(*number)).sum()
}

#[inline(always)]
fn up([row, _, above, _]: [Lanes; 4]) -> Lanes {
    subtract_u8(row, above)
}

#[inline(always)]
fn sub([row, left, _, _]: [Lanes; 4]) -> Lanes {
    subtract_u8(row, left)
}

#[inline(always)]
fn mean([row, left, above, _]: [Lanes; 4]) -> Lanes {
    let half = shift_right_u16::<1>(exclusive_or(left, above));
    let mean = add_u8(and(left, above), and(half, splat_u8(0x7f)));
    subtract_u8(row, mean)
}

/// Whichever of the three is nearest to `left + above - corner`, in this order. In bytes, after
/// L. Versari: where the corner is the smallest or the largest of the three, it is the farthest.
#[inline(always)]
fn paeth([row, left, above, corner]: [Lanes; 4]) -> Lanes {
    let difference = |a: Lanes, b: Lanes| subtract_u8(max_u8(a, b), min_u8(a, b));
    let (to_left, to_above) = (difference(above, corner), difference(left, corner));
    let is_extreme = exclusive_or(at_most_u8(corner, left), at_most_u8(above, corner));
    let to_corner = max_u8(difference(to_left, to_above), is_extreme);
    let nearest = select(at_most_u8(to_above, to_corner), above, corner);
    let is_left = at_most_u8(to_left, min_u8(to_above, to_corner));
    subtract_u8(row, select(is_left, left, nearest))
}

#[cfg(test)]
mod tests {
    use thimble_deflate::Deflater;
    use thimble_inflate::Inflater;

    use super::*;
    use crate::chunk::ImageData;
    use crate::{Header, Image};

    /// Slopes, with noise on them.
    fn samples(width: usize, height: usize, channels: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let at = |k: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (x, y) = (k / channels % width, k / channels / width);
            (x * (k % channels + 1) + 3 * y) as u8 ^ (state >> 30) as u8
        };
        (0..width * height * channels).map(at).collect()
    }

    #[test]
    fn a_file_has_the_pixels_that_it_is_made_of() {
        for channels in 1..=4 {
            for (width, height) in [(1, 1), (5, 3), (16, 9), (33, 40), (700, 20)] {
                let samples = samples(width, height, channels);
                for filters in [Filters::Never, Filters::Adaptive] {
                    let rows = filtered(&samples, width, channels, filters);
                    assert_eq!(rows.len(), samples.len() + height);
                    let stream = Deflater::default().runs(&rows);
                    let file = file(width as u32, height as u32, channels, &stream);
                    let header = Header::read(&file).unwrap();
                    assert_eq!(
                        (header.width as usize, header.height as usize),
                        (width, height)
                    );
                    let image = Image::open(&header).unwrap();
                    assert!(image.is_sound());
                    assert_eq!(image.channels(), channels);
                    let pixels = image.pixels().unwrap();
                    assert!(pixels.samples == samples && pixels.is_sound);
                }
            }
        }
    }

    #[test]
    fn another_decoder_reads_it_as_well() {
        let samples = samples(70, 50, 3);
        let rows = filtered(&samples, 70, 3, Filters::Adaptive);
        let file = file(70, 50, 3, &Deflater::default().runs(&rows));
        let mut reader = png::Decoder::new(std::io::Cursor::new(file))
            .read_info()
            .unwrap();
        let mut pixels = vec![0; samples.len()];
        reader.next_frame(&mut pixels).unwrap();
        assert!(pixels == samples);
    }

    #[test]
    fn filters_are_those_that_another_encoder_chooses() {
        for channels in 1..=4 {
            for (width, height) in [(1, 2), (5, 3), (16, 9), (33, 40), (700, 20)] {
                let samples = samples(width, height, channels);
                let color = [
                    png::ColorType::Grayscale,
                    png::ColorType::GrayscaleAlpha,
                    png::ColorType::Rgb,
                    png::ColorType::Rgba,
                ][channels - 1];
                let mut file = Vec::new();
                let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
                encoder.set_color(color);
                encoder.set_filter(png::Filter::Adaptive);
                encoder.set_deflate_compression(png::DeflateCompression::Level(1));
                let mut writer = encoder.write_header().unwrap();
                writer.write_image_data(&samples).unwrap();
                drop(writer);
                let data = ImageData::of(&file).map(|chunk| chunk.data);
                let length = (1 + width * channels) * height;
                let mut inflater = Inflater::new(data);
                let theirs = inflater.take(length).unwrap();
                assert!(filtered(&samples, width, channels, Filters::Adaptive) == theirs);
            }
        }
    }

    #[test]
    fn the_filter_is_the_one_that_leaves_the_least() {
        let slope: Vec<u8> = (0..100).map(|k| 2 * k).collect();
        let rows = filtered(&[slope.clone(), slope].concat(), 100, 1, Filters::Adaptive);
        assert_eq!((rows[0], &rows[2..101]), (4, &[2; 99][..]));
        assert_eq!((rows[101], &rows[102..]), (2, &[0; 100][..]));
    }

    #[test]
    fn sums_of_long_rows_do_not_run_over() {
        // The first filter leaves half of what the second does, which is more than an `i32` holds.
        let row = [0, 128].repeat((1 << 23) + 1);
        let rows = filtered(&row, row.len(), 1, Filters::Adaptive);
        assert_eq!(rows[0], 2);
    }
}
