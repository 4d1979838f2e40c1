//! The composite: the channels of a picture, one behind the other, made to rows of pixels.

use std::borrow::Cow;
use std::slice;

use thimble_bytes::{Bytes, unpack_bits};
use thimble_picture::{Row, narrow};

use crate::error::Error;
use crate::file::{Mode, Photoshop};

/// The picture of all layers together.
#[derive(Debug)]
pub struct Composite<'a> {
    file: Photoshop<'a>,
    has_alpha_channel: bool,
    transparent: Option<u8>,
    /// Bytes of an unpacked row of a channel.
    length: usize,
    /// Beginnings of the rows of each channel, and the end of the last one, if their lengths
    /// differ.
    places: Option<Vec<usize>>,
}

impl<'a> Composite<'a> {
    /// The composite of a file, with the place of each of its rows.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] if the file says that it has none, or if it is compressed as
    /// only layers are; [`Error::Malformed`] if not one row is there, and [`Error::TooLarge`].
    pub fn of(file: &Photoshop<'a>) -> Result<Self, Error> {
        if !file.has_composite() {
            return Err(Error::Unsupported(
                "it has layers and no composite; save it with maximized compatibility",
            ));
        }
        let file = *file;
        let length = (u64::from(file.width) * u64::from(file.depth)).div_ceil(8);
        let mut composite = Self {
            file,
            has_alpha_channel: file.has_alpha_channel(),
            transparent: file.transparent(),
            length: usize::try_from(length).map_err(|_| Error::TooLarge)?,
            places: None,
        };
        composite.places = match Bytes::big_endian(file.data).u16(0) {
            Some(0) => None,
            Some(1) => Some(composite.packed()?),
            Some(2 | 3) => return Err(Error::Unsupported("a composite that is zipped")),
            Some(_) => return Err(Error::Malformed("no such compression")),
            None => return Err(Error::Malformed("there is no pixel")),
        };
        if composite.colors(0).is_none() {
            return Err(Error::Malformed("there is no pixel with all of its colors"));
        }
        Ok(composite)
    }

    /// Channels of the rows: the colors, and perhaps alpha.
    #[must_use]
    pub fn channels(&self) -> usize {
        let colors = match self.file.mode {
            Mode::Indexed => 3,
            _ => self.file.color_channels(),
        };
        colors + usize::from(self.has_alpha_channel || self.transparent.is_some())
    }

    /// Hands out the rows from the top, and tells a whole picture from another. A row that
    /// lacks one of its colors is not there; one that lacks its alpha is opaque.
    ///
    /// # Errors
    ///
    /// Those of `take`.
    pub fn rows<E>(&self, mut take: impl FnMut(Row<'_, u8>) -> Result<(), E>) -> Result<bool, E> {
        let missing = 0..self.file.width as usize;
        let (mut is_whole, mut samples) = (true, Vec::new());
        for row in 0..self.file.height as usize {
            let colors = self.colors(row);
            let shown = colors.map(|colors| self.interleave(row, &colors, &mut samples));
            is_whole &= shown == Some(true);
            take(match shown {
                Some(_) => Row {
                    samples: &samples,
                    gaps: &[],
                },
                None => Row {
                    samples: &[],
                    gaps: slice::from_ref(&missing),
                },
            })?;
        }
        Ok(is_whole)
    }

    /// A row of every color.
    fn colors(&self, row: usize) -> Option<Vec<Cow<'a, [u8]>>> {
        let channels = 0..self.file.color_channels();
        channels.map(|channel| self.line(channel, row)).collect()
    }

    /// A row of a channel, if all of it is there.
    fn line(&self, channel: usize, row: usize) -> Option<Cow<'a, [u8]>> {
        let bytes = Bytes::big_endian(self.file.data);
        let index = channel
            .checked_mul(self.file.height as usize)?
            .checked_add(row)?;
        let Some(places) = &self.places else {
            let line = bytes.slice(index.checked_mul(self.length)?.checked_add(2)?, self.length);
            return line.map(Cow::Borrowed);
        };
        let (start, end) = (*places.get(index)?, *places.get(index + 1)?);
        let mut line = vec![0; self.length];
        let packed = bytes.rest(start);
        let packed = packed.get(..end - start).unwrap_or(packed);
        (unpack_bits(packed, &mut line) == line.len()).then_some(Cow::Owned(line))
    }

    /// Places of the rows that are shown, by the lengths that stand before all rows.
    fn packed(&self) -> Result<Vec<usize>, Error> {
        let bytes = Bytes::big_endian(self.file.data);
        let of_number = if self.file.is_large { 4 } else { 2 };
        let height = self.file.height as usize;
        let shown = self.file.color_channels() + usize::from(self.has_alpha_channel);
        // No more than are stored, whose lengths are there.
        let shown = height.saturating_mul(shown);
        let mut at = height
            .checked_mul(self.file.stored * of_number)
            .and_then(|length| length.checked_add(2))
            .filter(|at| *at <= self.file.data.len())
            .ok_or(Error::Malformed("the lengths of the rows are cut short"))?;
        let mut places = Vec::new();
        places
            .try_reserve_exact(shown + 1)
            .map_err(|_| Error::TooLarge)?;
        places.push(at);
        for index in 0..shown {
            let place = 2 + index * of_number;
            let length = if self.file.is_large {
                bytes.u32(place).map_or(0, |length| length as usize)
            } else {
                bytes.u16(place).map_or(0, usize::from)
            };
            at = at.saturating_add(length);
            places.push(at);
        }
        Ok(places)
    }

    /// Makes pixels of the channels of a row. False if its alpha is missing.
    fn interleave(&self, row: usize, colors: &[Cow<'a, [u8]>], samples: &mut Vec<u8>) -> bool {
        let width = self.file.width as usize;
        samples.clear();
        samples.resize(width * self.channels(), 255);
        match (self.file.mode, colors) {
            (Mode::Bitmap, [bits]) => {
                for (column, sample) in samples.iter_mut().enumerate() {
                    let is_ink = bits[column / 8] << (column % 8) & 0x80 != 0;
                    *sample = if is_ink { 0 } else { 255 };
                }
            }
            (Mode::Indexed, [indices]) => {
                let pixels = samples.chunks_exact_mut(self.channels());
                pixels
                    .zip(indices.iter())
                    .for_each(|(pixel, index)| self.look_up(*index, pixel));
            }
            (Mode::Cmyk, inks) => {
                self.spread(inks, samples);
                samples.iter_mut().for_each(|ink| *ink = 255 - *ink);
            }
            (_, colors) => {
                self.spread(colors, samples);
                return !self.has_alpha_channel || self.blend(row, samples);
            }
        }
        true
    }

    /// Puts the samples of each channel into their places in the pixels.
    fn spread(&self, lines: &[Cow<'_, [u8]>], samples: &mut [u8]) {
        for (channel, line) in lines.iter().enumerate() {
            let places = samples.iter_mut().skip(channel).step_by(self.channels());
            if self.file.depth == 16 {
                let (line, _) = line.as_chunks();
                places
                    .zip(line)
                    .for_each(|(place, sample)| *place = narrow(u16::from_be_bytes(*sample)));
            } else {
                places
                    .zip(line.iter())
                    .for_each(|(place, sample)| *place = *sample);
            }
        }
    }

    /// Gives the pixels of a row their alpha, if it is there.
    fn blend(&self, row: usize, samples: &mut [u8]) -> bool {
        let channel = self.file.color_channels();
        let Some(line) = self.line(channel, row) else {
            return false;
        };
        self.spread(slice::from_ref(&line), &mut samples[channel..]);
        for pixel in samples.chunks_exact_mut(channel + 1) {
            let alpha = pixel[channel];
            if alpha != 255 {
                pixel[..channel]
                    .iter_mut()
                    .for_each(|color| *color = off_white(*color, alpha));
            }
        }
        true
    }

    /// Writes a color of the palette, with its alpha if there is room for one.
    fn look_up(&self, index: u8, pixel: &mut [u8]) {
        let (color, alpha) = pixel.split_at_mut(3);
        color.copy_from_slice(&self.file.color(index));
        if self.transparent == Some(index) {
            alpha.fill(0);
        }
    }
}

/// The color of a pixel that was laid upon white.
fn off_white(color: u8, alpha: u8) -> u8 {
    if alpha == 0 {
        return color;
    }
    let light = u32::from(255 - color) * 255 / u32::from(alpha);
    255 - light.min(255) as u8
}
