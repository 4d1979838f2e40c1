//! From rows as they are stored to rows of pixels.

use std::fmt;

use crate::chunk::{Chunks, ImageData};
use crate::error::Error;
use crate::header::Header;
use crate::interlace::{PASSES, SQUARES};
use crate::layout::Layout;
use crate::scanlines::Scanlines;

/// Converts pixels of 16 bits a sample to pixels of 8, and appends them.
pub type Convert<'c> = dyn Fn(&[u16], &mut Vec<u8>) + 'c;

/// A picture that is about to be decoded.
#[derive(Debug)]
pub struct Image<'a> {
    source: &'a [u8],
    layout: Layout,
    width: usize,
    height: usize,
    conversion: Option<Conversion<'a>>,
}

/// A conversion of pixels of 16 bits to so many channels.
struct Conversion<'a> {
    channels: usize,
    convert: &'a Convert<'a>,
}

impl fmt::Debug for Conversion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "to {} channels", self.channels)
    }
}

/// The pixels of a picture, as far as they could be decoded.
#[derive(Debug)]
pub struct Pixels {
    /// As many bytes for each pixel as there are [channels](Image::channels).
    pub samples: Vec<u8>,
    /// Rows that are there, from the first one on; those of an interlaced picture
    /// perhaps with fewer pixels, each of them repeated.
    pub rows: usize,
    /// The reason why there are no more.
    pub damage: Option<Error>,
    /// The checksum of all of them is right, as far as it is there.
    pub is_sound: bool,
}

impl<'a> Image<'a> {
    /// Reads what stands before the image data.
    ///
    /// # Errors
    ///
    /// If the PNG makes no sense, or if its rows are too long for this machine.
    pub fn open(header: &Header<'a>) -> Result<Self, Error> {
        let source = header.source;
        let layout = Layout::read(Chunks::of(source))?;
        if header.width == 0 || header.height == 0 {
            return Err(Error::Malformed("no pixels"));
        }
        // No pixel is stored in more than eight bytes.
        let longest = u64::from(header.width) * 64;
        usize::try_from(longest).map_err(|_| Error::TooLarge)?;
        Ok(Self {
            source,
            layout,
            width: header.width as usize,
            height: header.height as usize,
            conversion: None,
        })
    }

    /// The checksums of the chunks of image data are right, as far as they are there. That of
    /// the stream in them is known behind the last row.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        ImageData::of(self.source).all(|chunk| chunk.is_sound_or_cut())
    }

    /// Samples of 16 bits, which become 8 unless they are [converted](Self::convert).
    #[must_use]
    pub fn is_deep(&self) -> bool {
        self.layout.is_deep()
    }

    /// One channel of color instead of three.
    #[must_use]
    pub fn is_gray(&self) -> bool {
        self.layout.is_gray()
    }

    /// Has pixels of 16 bits a sample converted to `channels` of 8. They have as many
    /// channels as the picture [had](Self::channels) before.
    pub fn convert(&mut self, channels: usize, convert: &'a Convert<'a>) {
        if self.is_deep() {
            self.conversion = Some(Conversion { channels, convert });
        }
    }

    /// Channels of 8 bits that a pixel has: 1 is gray, 2 are gray and alpha, 3 red,
    /// green and blue, 4 the same with alpha.
    #[must_use]
    pub fn channels(&self) -> usize {
        let conversion = self.conversion.as_ref();
        conversion.map_or_else(|| self.layout.channels(), |conversion| conversion.channels)
    }

    /// True for a picture in seven passes, each finer than the one before.
    #[must_use]
    pub fn is_interlaced(&self) -> bool {
        self.layout.is_interlaced
    }

    /// The rows from the first to the last. Those of an interlaced picture are all
    /// decoded before the first can be had.
    ///
    /// # Errors
    ///
    /// If the picture is interlaced and not all of it is there, or if there is no
    /// memory.
    pub fn rows(&self) -> Result<Rows<'_>, Error> {
        let source = if self.is_interlaced() {
            let pixels = self.read_passes()?;
            if let Some(damage) = pixels.damage {
                return Err(damage);
            }
            Stored::Decoded(pixels.samples)
        } else {
            Stored::Compressed(Box::new(self.scanlines()?))
        };
        Ok(Rows {
            image: self,
            source,
            buffers: Buffers::default(),
            next: 0,
        })
    }

    /// The pixels there are, row by row.
    ///
    /// # Errors
    ///
    /// If there are none, or no memory for them.
    pub fn pixels(&self) -> Result<Pixels, Error> {
        if self.is_interlaced() {
            return self.read_passes();
        }
        let mut samples = Vec::new();
        samples.try_reserve_exact(self.length()?)?;
        let mut rows = self.rows()?;
        let (mut count, mut damage) = (0, None);
        loop {
            match rows.next_row() {
                Ok(Some(row)) => samples.extend_from_slice(row),
                Ok(None) => break,
                Err(error) if count == 0 => return Err(error),
                Err(error) => {
                    damage = Some(error);
                    break;
                }
            }
            count += 1;
        }
        samples.resize(self.length()?, 0);
        Ok(Pixels {
            samples,
            rows: count,
            damage,
            is_sound: rows.is_sound(),
        })
    }

    /// A stored row as pixels of 8 bits a channel.
    fn expand<'r>(&self, stored: &'r [u8], width: usize, buffers: &'r mut Buffers) -> &'r [u8] {
        let Some(conversion) = &self.conversion else {
            return self.layout.expand(stored, width, &mut buffers.row);
        };
        self.layout.widen(stored, &mut buffers.deep);
        buffers.row.clear();
        (conversion.convert)(&buffers.deep, &mut buffers.row);
        buffers.row.resize(width * conversion.channels, 0);
        &buffers.row
    }

    /// Bytes of all pixels.
    fn length(&self) -> Result<usize, Error> {
        let row = self.width * self.channels();
        row.checked_mul(self.height).ok_or(Error::TooLarge)
    }

    fn scanlines(&self) -> Result<Scanlines<'_>, Error> {
        Scanlines::new(ImageData::of(self.source), &self.layout, self.width)
    }

    /// Puts the pixels of all passes where they belong.
    fn read_passes(&self) -> Result<Pixels, Error> {
        let mut scanlines = self.scanlines()?;
        let channels = self.channels();
        let mut samples = Vec::new();
        samples.try_reserve_exact(self.length()?)?;
        samples.resize(self.length()?, 0);
        let mut buffers = Buffers::default();
        for (number, pass) in PASSES.iter().enumerate() {
            let width = pass.columns(self.width);
            if width == 0 {
                continue;
            }
            scanlines.start_pass();
            let rows = samples.chunks_exact_mut(self.width * channels);
            for (index, row) in rows.skip(pass.top).step_by(pass.down).enumerate() {
                let stored = match scanlines.next(self.layout.row_bytes(width), false) {
                    Ok(stored) => stored,
                    Err(error) if (number, index) == (0, 0) => return Err(error),
                    Err(error) => return Ok(self.coarse(samples, (number, index), error)),
                };
                pass.spread(row, channels, self.expand(stored, width, &mut buffers));
            }
        }
        Ok(Pixels {
            samples,
            rows: self.height,
            damage: None,
            is_sound: scanlines.is_sound(),
        })
    }

    /// Gives each pixel that is not there the color of the square it is in, as browsers
    /// show a picture that is still on its way. So many passes were complete, and so
    /// many rows of the next one.
    fn coarse(
        &self,
        mut samples: Vec<u8>,
        (passes, done): (usize, usize),
        damage: Error,
    ) -> Pixels {
        let channels = self.channels();
        let length = self.width * channels;
        let down = PASSES[passes].down;
        let rows = if passes == 0 {
            done * down
        } else {
            self.height
        };
        let rows = rows.min(self.height);
        for y in 0..rows {
            let is_done = y / down < done;
            let (across, high) = SQUARES[passes - usize::from(!is_done)];
            let from = y - y % high;
            if from < y {
                samples.copy_within(from * length..(from + 1) * length, y * length);
                continue;
            }
            let row = &mut samples[y * length..(y + 1) * length];
            for square in row.chunks_mut(across * channels) {
                let (first, rest) = square.split_at_mut(channels);
                rest.chunks_exact_mut(channels)
                    .for_each(|pixel| pixel.copy_from_slice(first));
            }
        }
        Pixels {
            samples,
            rows,
            damage: Some(damage),
            is_sound: true,
        }
    }
}

/// A row on its way to pixels.
#[derive(Debug, Default)]
struct Buffers {
    row: Vec<u8>,
    deep: Vec<u16>,
}

/// The rows of an [`Image`].
#[derive(Debug)]
pub struct Rows<'a> {
    image: &'a Image<'a>,
    source: Stored<'a>,
    /// The row that was handed out last, if it is not as stored.
    buffers: Buffers,
    next: usize,
}

#[derive(Debug)]
enum Stored<'a> {
    Compressed(Box<Scanlines<'a>>),
    Decoded(Vec<u8>),
}

impl Rows<'_> {
    /// Behind the last row: the checksum of all of them is right, as far as it is there.
    pub fn is_sound(&mut self) -> bool {
        match &mut self.source {
            Stored::Compressed(scanlines) => scanlines.is_sound(),
            Stored::Decoded(_) => true,
        }
    }

    /// The next row: for every pixel as many bytes as there are
    /// [channels](Image::channels). Nothing after the last one.
    ///
    /// # Errors
    ///
    /// If image data are damaged or end here.
    pub fn next_row(&mut self) -> Result<Option<&[u8]>, Error> {
        let Image { width, height, .. } = self.image;
        if self.next == *height {
            return Ok(None);
        }
        self.next += 1;
        match &mut self.source {
            Stored::Compressed(scanlines) => {
                let has_next = self.next < *height;
                let stored = scanlines.next(self.image.layout.row_bytes(*width), has_next)?;
                Ok(Some(self.image.expand(stored, *width, &mut self.buffers)))
            }
            Stored::Decoded(pixels) => {
                let length = *width * self.image.channels();
                Ok(pixels.chunks_exact(length).nth(self.next - 1))
            }
        }
    }
}
