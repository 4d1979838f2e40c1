//! From rows as they are stored to rows of pixels.

use crate::chunk::{Chunks, ImageData};
use crate::error::Error;
use crate::header::Header;
use crate::interlace::PASSES;
use crate::layout::Layout;
use crate::scanlines::Scanlines;

/// A picture that is about to be decoded.
#[derive(Debug)]
pub struct Image<'a> {
    source: &'a [u8],
    layout: Layout,
    width: usize,
    height: usize,
}

impl<'a> Image<'a> {
    /// Reads what stands before the image data, and checks the checksums of that.
    ///
    /// # Errors
    ///
    /// If the PNG makes no sense, or if its rows are too long for this machine.
    pub fn open(header: &Header<'a>) -> Result<Self, Error> {
        let source = header.source;
        let layout = Layout::read(Chunks::of(source))?;
        if !ImageData::of(source).all(|chunk| chunk.is_sound_or_cut()) {
            return Err(Error::Malformed("a wrong checksum of image data"));
        }
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
        })
    }

    /// Channels of 8 bits that a pixel has: 1 is gray, 2 are gray and alpha, 3 red,
    /// green and blue, 4 the same with alpha.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.layout.channels()
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
    /// As [`Image::pixels`] if the picture is interlaced; else if there is no memory
    /// for a row.
    pub fn rows(&self) -> Result<Rows<'_>, Error> {
        let source = if self.is_interlaced() {
            Stored::Decoded(self.read_passes()?)
        } else {
            Stored::Compressed(self.scanlines()?)
        };
        Ok(Rows {
            image: self,
            source,
            row: Vec::new(),
            next: 0,
        })
    }

    /// All pixels, row by row.
    ///
    /// # Errors
    ///
    /// If image data are damaged or end before the last row, or if there is no memory
    /// for the pixels.
    pub fn pixels(&self) -> Result<Vec<u8>, Error> {
        if self.is_interlaced() {
            return self.read_passes();
        }
        let mut pixels = Vec::new();
        pixels.try_reserve_exact(self.length()?)?;
        let mut rows = self.rows()?;
        while let Some(row) = rows.next_row()? {
            pixels.extend_from_slice(row);
        }
        Ok(pixels)
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
    fn read_passes(&self) -> Result<Vec<u8>, Error> {
        let mut scanlines = self.scanlines()?;
        let channels = self.channels();
        let mut pixels = Vec::new();
        pixels.try_reserve_exact(self.length()?)?;
        pixels.resize(self.length()?, 0);
        let mut expanded = Vec::new();
        for pass in PASSES {
            let width = pass.columns(self.width);
            if width == 0 {
                continue;
            }
            scanlines.start_pass();
            let rows = pixels.chunks_exact_mut(self.width * channels);
            for row in rows.skip(pass.top).step_by(pass.down) {
                let stored = scanlines.next(self.layout.row_bytes(width))?;
                let stored = self.layout.expand(stored, width, &mut expanded);
                pass.spread(row, channels, stored);
            }
        }
        Ok(pixels)
    }
}

/// The rows of an [`Image`].
#[derive(Debug)]
pub struct Rows<'a> {
    image: &'a Image<'a>,
    source: Stored<'a>,
    /// The row that was handed out last, if it is not as stored.
    row: Vec<u8>,
    next: usize,
}

#[derive(Debug)]
enum Stored<'a> {
    Compressed(Scanlines<'a>),
    Decoded(Vec<u8>),
}

impl Rows<'_> {
    /// The next row: for every pixel as many bytes as there are
    /// [channels](Image::channels). Nothing after the last one.
    ///
    /// # Errors
    ///
    /// If image data are damaged or end here.
    pub fn next_row(&mut self) -> Result<Option<&[u8]>, Error> {
        let Image {
            layout,
            width,
            height,
            ..
        } = self.image;
        if self.next == *height {
            return Ok(None);
        }
        self.next += 1;
        match &mut self.source {
            Stored::Compressed(scanlines) => {
                let stored = scanlines.next(layout.row_bytes(*width))?;
                Ok(Some(layout.expand(stored, *width, &mut self.row)))
            }
            Stored::Decoded(pixels) => {
                let length = *width * layout.channels();
                Ok(pixels.chunks_exact(length).nth(self.next - 1))
            }
        }
    }
}
