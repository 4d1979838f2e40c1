//! Rows on their way into a picture.
//!
//! Where a thumbnail needs far fewer rows than the source has, neighbouring rows
//! are averaged as they are decoded: the picture is never there as a whole, and
//! most of the resampling is done by additions. What is left to the resampler is
//! twice as large as the thumbnail or more, so what an average lacks in sharpness
//! is beyond what the thumbnail can show.

use crate::contract::Error;
use crate::decode::{Header, Wanted, samples};
use crate::picture::Picture;

/// How many rows are averaged to one at most, so that sums of samples are `u16`.
const MOST: u32 = 128;

/// Where averages are computed as products: bits of fraction of `1 / count`.
/// With [`MOST`] rows that is exact.
const FRACTION: u32 = 22;

/// Takes the rows of a picture from the first to the last.
#[derive(Debug)]
pub(super) struct Rows {
    channels: usize,
    /// How many rows are averaged to one.
    together: usize,
    sums: Sums,
    samples: Vec<u8>,
}

/// Sums of rows that are not yet averaged.
#[derive(Debug, Default)]
struct Sums {
    count: usize,
    /// Sums of every sample, as long as nothing is transparent.
    plain: Vec<u16>,
    /// Once something is: sums of alpha, and of everything else times alpha.
    weighted: Vec<u32>,
}

impl Rows {
    /// Room for the rows of a source with this header, of 1 to 4 channels: as
    /// many as [`samples::picture`] knows.
    ///
    /// # Errors
    ///
    /// `limit-exceeded` if there is not enough memory.
    pub(super) fn new(header: &Header, wanted: Wanted, channels: usize) -> Result<Self, Error> {
        let together = (header.height / wanted.averaged_rows.max(1)).clamp(1, MOST);
        let height = header.height.div_ceil(together);
        Ok(Self {
            channels,
            together: together as usize,
            sums: Sums::default(),
            samples: samples::reserve(header.width, height, channels)?,
        })
    }

    /// Takes the next row.
    pub(super) fn push(&mut self, row: &[u8]) {
        if self.together == 1 {
            self.samples.extend_from_slice(row);
            return;
        }
        self.sums.add(row, self.channels);
        if self.sums.count == self.together {
            self.sums.average(self.channels, &mut self.samples);
        }
    }

    /// The picture of all rows.
    ///
    /// # Errors
    ///
    /// `limit-exceeded` if there is not enough memory.
    pub(super) fn finish(mut self, header: &Header) -> Result<Picture, Error> {
        if self.sums.count > 0 {
            self.sums.average(self.channels, &mut self.samples);
        }
        let rows = f64::from(header.height) / self.together as f64;
        samples::picture(header, rows, self.channels, self.samples)
    }
}

impl Sums {
    fn add(&mut self, row: &[u8], channels: usize) {
        if self.weighted.is_empty() && shows_through(row, channels) {
            self.begin_to_weight(row.len(), channels);
        }
        self.count += 1;
        match channels {
            _ if self.weighted.is_empty() => {
                self.plain.resize(row.len(), 0);
                for (sum, sample) in self.plain.iter_mut().zip(row) {
                    *sum += u16::from(*sample);
                }
            }
            2 => self.add_weighted::<2>(row),
            _ => self.add_weighted::<4>(row),
        }
    }

    /// Rows before were opaque: every sample of theirs has the weight of 255.
    fn begin_to_weight(&mut self, length: usize, channels: usize) {
        self.weighted.resize(length, 0);
        let sums = self.weighted.chunks_exact_mut(channels);
        for (sums, plain) in sums.zip(self.plain.chunks_exact(channels)) {
            for (sum, plain) in sums.iter_mut().zip(plain) {
                *sum = u32::from(*plain) * u32::from(u8::MAX);
            }
            sums[channels - 1] /= u32::from(u8::MAX);
        }
    }

    fn add_weighted<const CHANNELS: usize>(&mut self, row: &[u8]) {
        let (pixels, _) = row.as_chunks::<CHANNELS>();
        let (sums, _) = self.weighted.as_chunks_mut::<CHANNELS>();
        for (sums, pixel) in sums.iter_mut().zip(pixels) {
            let alpha = u32::from(pixel[CHANNELS - 1]);
            for (sum, sample) in sums.iter_mut().zip(&pixel[..CHANNELS - 1]) {
                *sum += u32::from(*sample) * alpha;
            }
            sums[CHANNELS - 1] += alpha;
        }
    }

    /// Adds a row of averages to `samples`, and begins anew.
    fn average(&mut self, channels: usize, samples: &mut Vec<u8>) {
        let mean = Mean::of(self.count);
        if self.weighted.is_empty() {
            samples.extend(self.plain.iter().map(|sum| mean.round((*sum).into())));
        }
        for sums in self.weighted.chunks_exact(channels) {
            let (colors, alpha) = (&sums[..channels - 1], sums[channels - 1]);
            let color = |sum: &u32| ((sum + alpha / 2).checked_div(alpha)).unwrap_or(0) as u8;
            samples.extend(colors.iter().map(color));
            samples.push(mean.round(alpha));
        }
        self.count = 0;
        self.plain.clear();
        self.weighted.clear();
    }
}

fn shows_through(row: &[u8], channels: usize) -> bool {
    match channels {
        2 => (row.as_chunks().0.iter()).any(|[_, alpha]| *alpha != u8::MAX),
        4 => (row.as_chunks().0.iter()).any(|[_, _, _, alpha]| *alpha != u8::MAX),
        _ => false,
    }
}

/// Divides sums of some number of bytes by that number.
#[derive(Clone, Copy, Debug)]
struct Mean {
    half: u32,
    factor: u32,
}

impl Mean {
    fn of(count: usize) -> Self {
        let count = count as u32;
        Self {
            half: count / 2,
            factor: (1 << FRACTION) / count + 1,
        }
    }

    fn round(self, sum: u32) -> u8 {
        ((sum + self.half) * self.factor >> FRACTION) as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use crate::picture::Model;

    /// The picture of rows of one pixel, averaged `together` at a time.
    fn picture(rows: &[&[u8]], together: u32) -> Picture {
        let height = rows.len() as u32;
        let header = Header::new(Format::Png, 1, height);
        let wanted = Wanted {
            width: 1,
            height: 1,
            averaged_rows: height / together,
            halved_chroma: false,
        };
        let mut collected = Rows::new(&header, wanted, rows[0].len()).unwrap();
        rows.iter().for_each(|row| collected.push(row));
        collected.finish(&header).unwrap()
    }

    #[test]
    fn means_are_exact() {
        for count in 1..=MOST {
            let mean = Mean::of(count as usize);
            for sum in 0..=255 * count {
                assert_eq!(u32::from(mean.round(sum)), (sum + count / 2) / count);
            }
        }
    }

    #[test]
    fn rows_are_averaged_and_the_last_ones_are_fewer() {
        let picture = picture(&[&[10], &[21], &[30], &[40], &[77]], 2);
        let plane = &picture.planes[0];
        assert_eq!(plane.samples, [16, 35, 77]);
        assert_eq!(plane.extent, (1.0, 2.5));
        assert_eq!((plane.width, plane.height), (1, 3));
    }

    #[test]
    fn what_is_transparent_has_no_color() {
        let (red, clear, faint) = ([200, 0, 0, 255], [0, 255, 0, 0], [0, 0, 100, 51]);
        let rows: [&[u8]; 6] = [&red, &clear, &clear, &clear, &red, &faint];
        let picture = picture(&rows, 2);
        let expected = [200, 0, 0, 128, 0, 0, 0, 0, 167, 0, 17, 153];
        assert_eq!(picture.planes[0].samples, expected);
        assert_eq!(picture.model, Model::Rgba);
    }

    #[test]
    fn gray_with_alpha_becomes_color_with_alpha() {
        let rows: [&[u8]; 4] = [&[8, 255], &[9, 255], &[100, 0], &[7, 1]];
        let picture = picture(&rows, 2);
        assert_eq!(picture.planes[0].samples, [9, 9, 9, 255, 7, 7, 7, 1]);
        assert_eq!(picture.model, Model::Rgba);
    }
}
