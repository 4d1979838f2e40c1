//! Rows on their way into a picture.
//!
//! Where a thumbnail needs far fewer rows than the source has, neighboring rows
//! are averaged as they are decoded, and neighboring columns of those where there are far
//! more of them as well: the picture is never there as a whole, and
//! most of the resampling is done by additions. What is left to the resampler is
//! so much larger than the thumbnail that what an average lacks in sharpness is
//! beyond what the thumbnail can show.

use std::mem;
use std::ops::Range;

use thimble_simd as simd;

mod columns;
mod mean;

use columns::add_columns;
use mean::Mean;

use crate::alpha;
use crate::contract::Error;
use crate::decode::{Header, Wanted, samples};
use crate::picture::Picture;

/// Most samples that are averaged to one, so that their sums are `i16`.
const MOST: u32 = 128;

/// The picture of samples that are all there already, with fewer rows if that is
/// enough.
///
/// # Errors
///
/// `limit-exceeded` if there is not enough memory.
pub(super) fn averaged(
    header: &Header,
    wanted: Wanted,
    channels: usize,
    samples: Vec<u8>,
) -> Result<Picture, Error> {
    if together(header, wanted) == 1 {
        let extent = (header.width.into(), header.height.into());
        return samples::picture(extent, channels, samples);
    }
    let mut rows = Rows::new(header, wanted, channels)?;
    for row in samples.chunks_exact(header.width as usize * channels) {
        rows.push(row);
    }
    rows.finish(header)
}

/// Rows that are averaged to one.
fn together(header: &Header, wanted: Wanted) -> u32 {
    (header.height / wanted.averaged_rows.max(1)).clamp(1, MOST)
}

/// Columns that are averaged to one, where so many rows are. Of gray, a register would hold
/// one sample, and resampling costs less than that.
fn across(header: &Header, wanted: Wanted, channels: usize, together: u32) -> u32 {
    if together == 1 || channels < 3 {
        return 1;
    }
    (header.width / wanted.averaged_columns.max(1)).clamp(1, MOST / together)
}

/// Takes the rows of a picture from the first to the last.
#[derive(Debug)]
pub(super) struct Rows {
    width: usize,
    /// Channels of the rows that are taken.
    taken: usize,
    /// Channels of the picture: one more, alpha, once a row had gaps.
    channels: usize,
    /// Rows that are averaged to one.
    together: usize,
    /// Columns that are averaged to one.
    across: usize,
    sums: Sums,
    /// The first of two rows.
    first: Vec<u8>,
    /// The last row that was converted.
    converted: Vec<u8>,
    samples: Vec<u8>,
}

/// Sums of rows that are not yet averaged.
#[derive(Debug, Default)]
struct Sums {
    count: usize,
    /// Of every sample; of color that is transparent, as much as shows.
    samples: Vec<i16>,
    /// The same of fewer columns.
    columns: Vec<i16>,
    /// True once anything is transparent.
    shows_through: bool,
}

impl Rows {
    /// Room for the rows of a source with this header, of 1 to 4 channels: as
    /// many as [`samples::picture`] knows.
    ///
    /// # Errors
    ///
    /// `limit-exceeded` if there is not enough memory.
    pub(super) fn new(header: &Header, wanted: Wanted, channels: usize) -> Result<Self, Error> {
        let together = together(header, wanted);
        let across = across(header, wanted, channels, together);
        let sides = (
            header.width.div_ceil(across),
            header.height.div_ceil(together),
        );
        Ok(Self {
            width: header.width as usize,
            taken: channels,
            channels,
            together: together as usize,
            across: across as usize,
            sums: Sums::default(),
            first: Vec::new(),
            converted: Vec::new(),
            samples: samples::reserve(sides.0, sides.1, channels)?,
        })
    }

    /// Takes the next row.
    pub(super) fn push(&mut self, row: &[u8]) {
        if self.taken == self.channels {
            self.push_row(row);
        } else {
            self.push_row(&with_alpha(row, self.taken, u8::MAX));
        }
    }

    /// Takes the next row, of which some columns, or all of them, may not be there.
    ///
    /// # Errors
    ///
    /// `limit-exceeded` if there is no memory for the alpha.
    pub(super) fn push_partly(&mut self, row: &[u8], gaps: &[Range<usize>]) -> Result<(), Error> {
        if gaps.first() == Some(&(0..self.width)) {
            return self.push_missing();
        }
        if gaps.is_empty() {
            self.push(row);
            return Ok(());
        }
        self.push_with_gaps(row, gaps)
    }

    /// Takes the next row as `convert` makes it, of which some columns, or all of them, may
    /// not be there.
    ///
    /// # Errors
    ///
    /// `limit-exceeded` if there is no memory for the alpha.
    pub(super) fn push_converted(
        &mut self,
        gaps: &[Range<usize>],
        convert: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), Error> {
        let mut row = mem::take(&mut self.converted);
        row.clear();
        convert(&mut row);
        let pushed = self.push_partly(&row, gaps);
        self.converted = row;
        pushed
    }

    /// Takes the next row, some columns of which are not there: they are
    /// transparent. So a picture gets an alpha that it did not begin with.
    ///
    /// # Errors
    ///
    /// `limit-exceeded` if there is no memory for the alpha.
    pub(super) fn push_with_gaps(
        &mut self,
        row: &[u8],
        gaps: &[Range<usize>],
    ) -> Result<(), Error> {
        if !has_alpha(self.channels) {
            self.add_alpha()?;
        }
        let mut row = if self.taken == self.channels {
            row.to_vec()
        } else {
            with_alpha(row, self.taken, u8::MAX)
        };
        for gap in gaps {
            let place = gap.start * self.channels..gap.end * self.channels;
            if let Some(place) = row.get_mut(place) {
                place.fill(0);
            }
        }
        self.push_row(&row);
        Ok(())
    }

    /// Takes the place of a row that is not there: a transparent one.
    ///
    /// # Errors
    ///
    /// `limit-exceeded` if there is no memory for the alpha.
    pub(super) fn push_missing(&mut self) -> Result<(), Error> {
        if !has_alpha(self.channels) {
            self.add_alpha()?;
        }
        let length = self.width * self.channels;
        if self.together > 2 || self.across > 1 {
            self.sums.add_nothing(length);
            self.average_if_enough();
        } else {
            self.push_row(&vec![0; length]);
        }
        Ok(())
    }

    /// Gives an alpha to all rows that were taken.
    fn add_alpha(&mut self) -> Result<(), Error> {
        let channels = self.channels;
        let length = self.samples.capacity() / channels * (channels + 1);
        let mut samples = samples::reserve_bytes(length)?;
        for pixel in self.samples.chunks_exact(channels) {
            samples.extend_from_slice(pixel);
            samples.push(u8::MAX);
        }
        self.samples = samples;
        self.first = with_alpha(&self.first, channels, u8::MAX);
        let whole = i16::from(u8::MAX) * self.sums.count as i16;
        self.sums.samples = with_alpha(&self.sums.samples, channels, whole);
        self.channels += 1;
        Ok(())
    }

    fn push_row(&mut self, row: &[u8]) {
        match (self.together, self.across) {
            (1, _) => self.samples.extend_from_slice(row),
            (2, 1) if self.first.is_empty() => self.first.extend_from_slice(row),
            (2, 1) => self.push_second(row),
            _ => self.add(row),
        }
    }

    /// Averages a row with the one before. Most pictures are opaque, and their bytes
    /// can be averaged as they are.
    fn push_second(&mut self, row: &[u8]) {
        let first = mem::take(&mut self.first);
        if shows_through(&first, self.channels) || shows_through(row, self.channels) {
            self.add(&first);
            self.add(row);
        } else {
            let from = self.samples.len();
            self.samples.extend_from_slice(&first);
            for (mean, sample) in self.samples[from..].iter_mut().zip(row) {
                *mean = ((u16::from(*mean) + u16::from(*sample) + 1) >> 1) as u8;
            }
        }
        self.first = first;
        self.first.clear();
    }

    fn add(&mut self, row: &[u8]) {
        self.sums.add(row, self.channels);
        self.average_if_enough();
    }

    fn average_if_enough(&mut self) {
        if self.sums.count == self.together {
            self.sums
                .average(self.channels, self.across, &mut self.samples);
        }
    }

    /// The picture of all rows.
    ///
    /// # Errors
    ///
    /// `limit-exceeded` if there is not enough memory.
    pub(super) fn finish(mut self, header: &Header) -> Result<Picture, Error> {
        if !self.first.is_empty() {
            self.sums.add(&self.first, self.channels);
        }
        if self.sums.count > 0 {
            self.sums
                .average(self.channels, self.across, &mut self.samples);
        }
        let columns = f64::from(header.width) / self.across as f64;
        let rows = f64::from(header.height) / self.together as f64;
        samples::picture((columns, rows), self.channels, self.samples)
    }
}

impl Sums {
    fn add(&mut self, row: &[u8], channels: usize) {
        let transparent = shows_through(row, channels);
        self.shows_through |= transparent;
        self.count += 1;
        if self.count == 1 && !transparent {
            self.samples
                .extend(row.iter().map(|sample| i16::from(*sample)));
            return;
        }
        self.samples.resize(row.len(), 0);
        match channels {
            2 if transparent => self.add_gray_with_alpha(row),
            4 if transparent => self.add_with_alpha(row),
            _ => {
                for (sum, sample) in self.samples.iter_mut().zip(row) {
                    *sum += i16::from(*sample);
                }
            }
        }
    }

    /// Adds a row of `length` samples that are all transparent.
    fn add_nothing(&mut self, length: usize) {
        self.count += 1;
        self.samples.resize(length, 0);
        self.shows_through = true;
    }

    fn add_gray_with_alpha(&mut self, row: &[u8]) {
        let (sums, _) = self.samples.as_chunks_mut::<2>();
        for (sums, &[gray, alpha]) in sums.iter_mut().zip(row.as_chunks().0) {
            let [gray, _, _, alpha] = alpha::premultiplied_pixel([gray, 0, 0, alpha]);
            sums[0] += i16::from(gray);
            sums[1] += i16::from(alpha);
        }
    }

    fn add_with_alpha(&mut self, row: &[u8]) {
        let (fours, rest) = row.as_chunks();
        let (sums, others) = self.samples.as_chunks_mut::<16>();
        for (sums, four) in sums.iter_mut().zip(fours) {
            let halves = sums.as_chunks_mut().0.iter_mut();
            for (sums, samples) in halves.zip(alpha::premultiplied(four)) {
                simd::store_i16(simd::add_i16(simd::load_i16(sums), samples), sums);
            }
        }
        let (others, _) = others.as_chunks_mut::<4>();
        for (sums, pixel) in others.iter_mut().zip(rest.as_chunks().0) {
            let samples = alpha::premultiplied_pixel(*pixel);
            for (sum, sample) in sums.iter_mut().zip(samples) {
                *sum += i16::from(sample);
            }
        }
    }

    /// Adds a row of averages to `samples`, and begins anew.
    fn average(&mut self, channels: usize, across: usize, samples: &mut Vec<u8>) {
        let mut sums = &self.samples;
        let columns = sums.len() / channels;
        if across > 1 {
            add_columns(&mut self.samples, channels, across, &mut self.columns);
            sums = &self.columns;
        }
        self.append(sums, channels, self.count * across, samples);
        let last = columns % across;
        if last > 0 {
            samples.truncate(samples.len() - channels);
            let pixel = &sums[sums.len() - channels..];
            self.append(pixel, channels, self.count * last, samples);
        }
        self.count = 0;
        self.samples.clear();
        self.shows_through = false;
    }

    /// Appends the means of sums of so many samples.
    fn append(&self, sums: &[i16], channels: usize, count: usize, samples: &mut Vec<u8>) {
        let mean = Mean::of(count);
        match channels {
            2 if self.shows_through => {
                let (pixels, _) = sums.as_chunks::<2>();
                samples.extend(pixels.iter().flat_map(|pixel| mean.straight(*pixel)));
            }
            4 if self.shows_through => {
                let (pixels, _) = sums.as_chunks::<4>();
                samples.extend(pixels.iter().flat_map(|pixel| mean.straight(*pixel)));
            }
            _ => mean.round_all(sums, samples),
        }
    }
}

/// The last of so many channels is alpha.
fn has_alpha(channels: usize) -> bool {
    channels.is_multiple_of(2)
}

/// Pixels with an alpha behind their channels.
fn with_alpha<T: Copy>(row: &[T], channels: usize, alpha: T) -> Vec<T> {
    let mut pixels = Vec::with_capacity(row.len() / channels * (channels + 1));
    for pixel in row.chunks_exact(channels) {
        pixels.extend_from_slice(pixel);
        pixels.push(alpha);
    }
    pixels
}

fn shows_through(row: &[u8], channels: usize) -> bool {
    match channels {
        2 => (row.as_chunks().0.iter()).any(|[_, alpha]| *alpha != u8::MAX),
        4 => (row.as_chunks().0.iter()).any(|[_, _, _, alpha]| *alpha != u8::MAX),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
