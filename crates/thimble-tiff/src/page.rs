//! From the chunks of a page to its rows.

use std::ops::Range;
use std::slice;

use thimble_jpeg::Scale;
use thimble_picture::Row;

use crate::chunk::{self, Kept};
use crate::colors::Colors;
use crate::convert::{Absolute, Conversion, Deep, Shallow};
use crate::error::{Error, Warning};
use crate::extents::Extents;
use crate::header::Header;
use crate::inflated::Inflated;
use crate::jpeg::Streams;
use crate::layout::{Layout, Photometric};
use crate::sample::{self, Sample};
use crate::{sensor, tag, ycbcr};

/// Bytes that a strip or tile, or a row of tiles, may take, decompressed.
const MAX_CHUNK: usize = 512 << 20;

/// Bytes that are read, as so many times the length of the file, and however short that
/// is: enough for a page that repeats a tile of one color.
const TIMES_READ: usize = 4;
const ALWAYS_READ: usize = 128 << 20;

/// Takes a row, and the columns of it that are not there.
trait Take<S, E>: FnMut(&mut [S], &[Range<usize>]) -> Result<(), E> {}

impl<S, E, F: FnMut(&mut [S], &[Range<usize>]) -> Result<(), E>> Take<S, E> for F {}

/// A page that is being read.
#[derive(Debug)]
pub struct Page<'d, 'a> {
    header: &'d Header<'a>,
    layout: Layout,
    streams: Streams<'a>,
    extents: Extents<'d, 'a>,
    big_endian: bool,
    /// Bytes of a chunk, decompressed.
    stored: Vec<u8>,
    /// The same with color differences for every pixel, where they are shared.
    spread: Vec<u8>,
    /// Compressed bytes that may still be read. Chunks may be the same bytes, but all of
    /// them together no more than a few times the file.
    spare: usize,
    kept: Kept<'a>,
    found: bool,
    missing: bool,
}

impl<'d, 'a> Page<'d, 'a> {
    /// Reads how the first page is stored, and makes room for a piece of it.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] and [`Error::CameraRaw`] for the corners of the format that
    /// are left out, [`Error::Malformed`] for those that make no sense, and
    /// [`Error::TooLarge`] for more than so many pixels in all of its tiles, too many
    /// pieces, or a piece that there is no memory for.
    pub fn open(header: &'d Header<'a>, most_pixels: u64) -> Result<Self, Error> {
        let directory = &header.directory;
        let sides = (header.width, header.height);
        let mut layout = Layout::read(directory, sides, most_pixels)?;
        let streams = Streams::read(directory, &mut layout)?;
        // Rows of a chunk below the picture are of no use: no room for them.
        let rows = layout.chunk_height.min(layout.height);
        let spread = if layout.shares_color() {
            room(layout.row_length().checked_mul(rows))?
        } else {
            Vec::new()
        };
        let planes = if layout.planar { layout.samples } else { 1 };
        Ok(Page {
            header,
            streams,
            extents: Extents::new(directory, &layout, planes),
            big_endian: directory.file().is_big_endian(),
            stored: room(layout.stored_length(rows))?,
            spread,
            spare: TIMES_READ * directory.file().rest(0).len() + ALWAYS_READ,
            kept: Kept::default(),
            found: false,
            missing: false,
            layout,
        })
    }

    /// Decodes JPEG at the least scale at which no side falls below the one wanted, if the
    /// page is made of it and its strips or tiles allow that.
    pub fn shrink(&mut self, wanted: (u32, u32)) {
        let scale = Scale::for_size(wanted, (self.header.width, self.header.height));
        if let Some(layout) = self.layout.at_scale(scale) {
            let rows = layout.chunk_height.min(layout.height);
            self.stored
                .truncate(layout.stored_length(rows).unwrap_or(0));
            self.stored.shrink_to_fit();
            self.layout = layout;
        }
    }

    /// Columns and rows that are handed out: fewer than the header says only after
    /// [`Page::shrink`].
    #[must_use]
    pub fn sides(&self) -> (u32, u32) {
        (self.layout.width as u32, self.layout.height as u32)
    }

    /// Columns and rows that cover the page exactly, of which the last may be but a part of
    /// those that are handed out.
    #[must_use]
    pub fn extent(&self) -> (f64, f64) {
        let share = self.layout.scale.side() as f64 / 8.0;
        let exact = |side: u32| f64::from(side) * share;
        (exact(self.header.width), exact(self.header.height))
    }

    /// The reason why this page is not all there is to see, if it is not.
    #[must_use]
    pub fn warning(&self) -> Option<Warning> {
        let first = &self.header.directory;
        sensor::preview(first.file().rest(0), first)
    }

    /// The ICC profile that is in the page.
    #[must_use]
    pub fn profile(&self) -> Option<&'a [u8]> {
        self.header.directory.bytes(tag::PROFILE)
    }

    /// Meaning of the samples of a row.
    #[must_use]
    pub fn colors(&self) -> Colors {
        match self.layout.photometric {
            Photometric::WhiteIsZero | Photometric::BlackIsZero => Colors::Gray,
            Photometric::Palette if self.layout.bits > 8 => Colors::Srgb,
            Photometric::Palette | Photometric::Rgb | Photometric::Ycbcr => Colors::Rgb,
            Photometric::Lab { .. } => Colors::Srgb,
            Photometric::Cmyk => Colors::Cmyk,
        }
    }

    /// Pixels have an alpha.
    #[must_use]
    pub fn has_alpha(&self) -> bool {
        self.layout.has_alpha()
    }

    /// Samples have more than the 8 bits of [`Page::rows`], for [`Page::deep_rows`].
    #[must_use]
    pub fn is_deep(&self) -> bool {
        let is_made = matches!(
            self.layout.photometric,
            Photometric::Palette | Photometric::Lab { .. } | Photometric::Ycbcr
        );
        self.layout.bits > 8 && !is_made
    }

    /// Hands out all rows, from the top, in samples of 8 bits, and tells a whole page from
    /// one of which something was not there, or made no sense. The alpha of inks is left
    /// away.
    ///
    /// # Errors
    ///
    /// Those of `take`; [`Error::Malformed`] if there is nothing of the picture,
    /// [`Error::Unsupported`] for a kind of JPEG that is not decoded, and
    /// [`Error::TooLarge`] if there is not enough memory.
    pub fn rows<E: From<Error>>(
        &mut self,
        take: impl FnMut(Row<'_, u8>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let directory = &self.header.directory;
        if self.layout.bits > 8 && self.colors() == Colors::Srgb {
            self.read(&Absolute::new(directory, &self.layout), take)
        } else {
            self.read(&Shallow::new(directory, &self.layout), take)
        }
    }

    /// The same in samples of 16 bits.
    ///
    /// # Errors
    ///
    /// As [`Page::rows`].
    pub fn deep_rows<E: From<Error>>(
        &mut self,
        take: impl FnMut(Row<'_, u16>) -> Result<(), E>,
    ) -> Result<bool, E> {
        self.read(&Deep::new(&self.layout), take)
    }

    fn read<S: Sample, C: Conversion<S>, E: From<Error>>(
        &mut self,
        conversion: &C,
        mut take: impl FnMut(Row<'_, C::Made>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let width = self.layout.width;
        let mut converted = Vec::new();
        let mut take = |row: &mut [S], gaps: &[Range<usize>]| {
            let is_missing = gaps.first() == Some(&(0..width));
            let samples = if is_missing {
                &[]
            } else {
                conversion.convert(row, &mut converted)
            };
            take(Row { samples, gaps })
        };
        if self.layout.planar || self.layout.chunks_across() > 1 {
            self.read_bands(&mut take)?;
        } else {
            self.read_strips(&mut take)?;
        }
        if !self.found {
            let nothing = Error::Malformed("nothing of the picture can be decompressed");
            return Err(nothing.into());
        }
        Ok(!self.missing)
    }

    /// Reads chunks that are as wide as the picture.
    fn read_strips<S: Sample, E: From<Error>>(
        &mut self,
        take: &mut impl Take<S, E>,
    ) -> Result<(), E> {
        let (layout, big_endian) = (&self.layout.clone(), self.big_endian);
        let (mut widened, mut kept) = (Vec::new(), Vec::new());
        let missing = 0..layout.width;
        for band in 0..layout.chunks_down() {
            let (rows, there) = self.read_chunk(band, layout.rows_of(band))?;
            for (y, row) in rows.chunks_exact_mut(layout.row_length()).enumerate() {
                sample::unpredict(layout, big_endian, row);
                let samples = sample::widen(layout, big_endian, row, &mut widened);
                let samples = kept_of(layout, samples, &mut kept);
                let gaps = if y < there {
                    &[][..]
                } else {
                    slice::from_ref(&missing)
                };
                take(samples, gaps)?;
            }
        }
        Ok(())
    }

    /// Reads tiles, or planes, and puts them together.
    fn read_bands<S: Sample, E: From<Error>>(
        &mut self,
        take: &mut impl Take<S, E>,
    ) -> Result<(), E> {
        let layout = &self.layout.clone();
        let line = layout.width * layout.kept();
        let height = layout.chunk_height.min(layout.height);
        let mut band: Vec<S> = room(line.checked_mul(height))?;
        for index in 0..layout.chunks_down() {
            let count = layout.rows_of(index);
            let ends = self.read_band(index, &mut band[..line * count])?;
            for (y, row) in band.chunks_exact_mut(line).take(count).enumerate() {
                let lacking = ends.iter().enumerate().filter(|(_, end)| **end <= y);
                let gaps = lacking.map(|(column, _)| {
                    let left = column * layout.chunk_width;
                    left..(left + layout.chunk_width).min(layout.width)
                });
                take(row, &gaps.collect::<Vec<_>>())?;
            }
        }
        Ok(())
    }

    /// Reads a row of tiles, of every plane, and counts the rows that each tile has.
    fn read_band<S: Sample>(&mut self, index: usize, band: &mut [S]) -> Result<Vec<usize>, Error> {
        let (layout, big_endian) = (&self.layout.clone(), self.big_endian);
        let (across, line) = (layout.chunks_across(), layout.width * layout.kept());
        let count = layout.rows_of(index);
        let mut ends = vec![count; across];
        let mut widened = Vec::new();
        for (place, plane) in planes(layout).into_iter().enumerate() {
            for (column, end) in ends.iter_mut().enumerate() {
                let chunk = (plane * layout.chunks_down() + index) * across + column;
                let left = column * layout.chunk_width * layout.kept();
                let (rows, there) = self.read_chunk(chunk, count)?;
                *end = there.min(*end);
                let rows = rows.chunks_exact_mut(layout.row_length());
                for (row, line) in rows.zip(band.chunks_exact_mut(line)) {
                    sample::unpredict(layout, big_endian, row);
                    let samples = sample::widen(layout, big_endian, row, &mut widened);
                    let line = &mut line[left..];
                    if layout.planar {
                        let places = line.iter_mut().skip(place).step_by(layout.kept());
                        places.zip(samples).for_each(|(to, from)| *to = *from);
                    } else {
                        keep(layout, samples, line);
                    }
                }
            }
        }
        Ok(ends)
    }

    /// Decompresses so many rows of a chunk, and counts those that were there.
    fn read_chunk(&mut self, index: usize, count: usize) -> Result<(&mut [u8], usize), Error> {
        let layout = &self.layout.clone();
        let length = layout.stored_length(count).unwrap_or(0);
        let is_listed = self.extents.lists(index) || matches!(self.streams, Streams::Whole(_));
        let made = if is_listed {
            self.inflate(index, length)?
        } else {
            self.stored[..length].fill(0);
            Inflated::cut(0)
        };
        self.found |= made.length > 0;
        self.missing |= !made.is_whole || made.length < length;
        let there = layout.rows_within(made.length).min(count);
        let stored = &mut self.stored[..length];
        if !layout.shares_color() {
            return Ok((stored, there));
        }
        let rows = &mut self.spread[..count * layout.row_length()];
        ycbcr::spread(layout, stored, rows);
        Ok((rows, there))
    }

    /// Decompresses a chunk; if there is not enough of it, whatever lies between it
    /// and the next one as well.
    fn inflate(&mut self, index: usize, length: usize) -> Result<Inflated, Error> {
        let bytes = self.extents.chunk(index);
        let made = self.decompress(bytes, length)?;
        if made.is_whole && made.length == length {
            return Ok(made);
        }
        let Some(more) = self.extents.beyond(index) else {
            return Ok(made);
        };
        let second = self.decompress(more, length)?;
        if (second.length, second.is_whole) > (made.length, made.is_whole) {
            return Ok(second);
        }
        self.decompress(bytes, length)
    }

    fn decompress(&mut self, bytes: &'a [u8], length: usize) -> Result<Inflated, Error> {
        let rows = &mut self.stored[..length];
        let is_plain = self.layout.compression == 1;
        let read = if is_plain {
            0
        } else {
            bytes.len() + self.streams.repeated()
        };
        let Some(spare) = self.spare.checked_sub(read) else {
            rows.fill(0);
            return Ok(Inflated::cut(0));
        };
        self.spare = spare;
        chunk::inflate(&self.layout, &self.streams, &mut self.kept, bytes, rows)
    }
}

/// The planes that are read: those of colors, and that of alpha.
fn planes(layout: &Layout) -> Vec<usize> {
    if layout.planar {
        let alpha = layout.has_alpha().then_some(layout.alpha_at);
        (0..layout.colors()).chain(alpha).collect()
    } else {
        vec![0]
    }
}

/// The samples of each pixel that are kept, of a row as wide as the picture or wider: its
/// own, or others in the buffer.
fn kept_of<'r, S: Sample>(
    layout: &Layout,
    samples: &'r mut [S],
    buffer: &'r mut Vec<S>,
) -> &'r mut [S] {
    let length = layout.width * layout.kept();
    if layout.samples == layout.kept() && samples.len() >= length {
        return &mut samples[..length];
    }
    buffer.clear();
    buffer.resize(length, S::default());
    keep(layout, samples, buffer);
    buffer
}

/// Takes the samples of each pixel that are kept.
fn keep<S: Sample>(layout: &Layout, samples: &[S], kept: &mut [S]) {
    let (stored, colors) = (layout.samples, layout.colors());
    if stored == layout.kept() {
        let length = samples.len().min(kept.len());
        kept[..length].copy_from_slice(&samples[..length]);
        return;
    }
    let pixels = kept.chunks_exact_mut(layout.kept());
    for (to, from) in pixels.zip(samples.chunks_exact(stored)) {
        to[..colors].copy_from_slice(&from[..colors]);
        if let Some(alpha) = to.get_mut(colors) {
            *alpha = from[layout.alpha_at];
        }
    }
}

/// So many zeros.
fn room<T: Copy + Default>(length: Option<usize>) -> Result<Vec<T>, Error> {
    let exceeded = || Error::too_large("a strip or tile takes more memory than there is");
    let most = MAX_CHUNK / size_of::<T>();
    let length = length
        .filter(|length| *length <= most)
        .ok_or_else(exceeded)?;
    let mut values = Vec::new();
    values.try_reserve_exact(length).map_err(|_| exceeded())?;
    values.resize(length, T::default());
    Ok(values)
}
