//! Device-independent bitmaps: the content of a BMP, and of most icons.
//!
//! Rows are padded to four bytes and stored from the bottom up, unless the
//! height is negative.

use thimble_bytes::Bytes;

use crate::error::{Error, Overlooked};
use crate::header::{Coding, coding, colors, masks_behind, overlooked, profile, read_palette};

/// A bitmap: its header, checked, and where its pixels are.
#[derive(Clone, Debug)]
pub struct Bitmap<'a> {
    bytes: Bytes<'a>,
    /// Columns.
    pub width: u32,
    /// Rows. Those of the mask of an icon do not count.
    pub height: u32,
    /// A mask follows the pixels.
    is_icon: bool,
    bits: usize,
    top_down: bool,
    coding: Coding,
    /// The compression says that there are masks.
    has_masks: bool,
    palette: Vec<[u8; 3]>,
    /// Position of the pixels.
    start: usize,
    /// End of all that belongs to the picture: the latest header may put a
    /// color profile behind it.
    end: usize,
    profile: Option<&'a [u8]>,
    overlooked: Option<Overlooked>,
}

impl<'a> Bitmap<'a> {
    /// Reads the header and the palette. `start` is where the pixels begin, if
    /// something outside the bitmap says so.
    pub(crate) fn read(data: &'a [u8], start: Option<usize>) -> Result<Self, Error> {
        let bytes = Bytes::little_endian(data);
        let cut = Error::Malformed("the header of the bitmap is cut short");
        Self::parse(bytes, start).unwrap_or(Err(cut))
    }

    /// Reads the same of an icon, whose height counts the rows of its mask as well.
    pub(crate) fn of_icon(data: &'a [u8]) -> Result<Self, Error> {
        let bitmap = Self::read(data, None)?;
        Ok(Bitmap {
            height: bitmap.height / 2,
            is_icon: true,
            ..bitmap
        })
    }

    fn parse(bytes: Bytes<'a>, start: Option<usize>) -> Option<Result<Self, Error>> {
        let header = bytes.u32(0)? as usize;
        let core = header == 12;
        let (width, height, bits) = if core {
            (
                bytes.u16(4)?.into(),
                i32::from(bytes.u16(6)?),
                bytes.u16(10)?,
            )
        } else {
            (bytes.u32(4)?, bytes.u32(8)?.cast_signed(), bytes.u16(14)?)
        };
        let compression = if header < 20 { 0 } else { bytes.u32(16)? };
        let Some(coding) = coding(&bytes, header, bits, compression) else {
            return Some(Err(Error::Unsupported { bits, compression }));
        };
        let stated = if header < 36 {
            0
        } else {
            bytes.u32(32)? as usize
        };
        let palette_at = header + masks_behind(header, compression);
        let entry = if core { 3 } else { 4 };
        // Some writers do not count the palette when they say where it ends.
        let begins = if bits > 8 {
            palette_at
        } else {
            palette_at + entry
        };
        let start = start.filter(|start| *start >= begins);
        let room = start.map(|start| (start - palette_at) / entry);
        let palette = read_palette(&bytes, palette_at, entry, colors(bits, stated, room));
        let start = start.unwrap_or(palette_at + entry * palette.len());
        let profile_at = bytes.u32(112).filter(|at| header >= 124 && *at != 0);
        let end = profile_at.map_or(usize::MAX, |at| at as usize);
        let profile = profile(&bytes, header);
        let overlooked = overlooked(&bytes, header);
        let (height, top_down, bits) = (height.unsigned_abs(), height < 0, usize::from(bits));
        Some(Ok(Self {
            bytes,
            width,
            height,
            is_icon: false,
            bits,
            top_down,
            coding,
            has_masks: matches!(compression, 3 | 6),
            palette,
            start,
            end,
            profile,
            overlooked,
        }))
    }

    /// The color profile that the latest header may hold.
    #[must_use]
    pub fn profile(&self) -> Option<&'a [u8]> {
        self.profile
    }

    /// Statement of the header about colors that is not handed out.
    #[must_use]
    pub fn overlooked(&self) -> Option<Overlooked> {
        self.overlooked
    }

    /// Pixels say how opaque they are. If all of them say that they are transparent, their
    /// writer did not mean it, unless there are masks for 32 bits: those take some trouble
    /// to write.
    #[must_use]
    pub fn has_alpha(&self) -> bool {
        let mask = match self.coding {
            Coding::Fields([_, _, _, alpha]) => alpha,
            // Icons have an alpha that no mask announces.
            Coding::Bytes if self.bits == 32 && self.is_icon => 0xff00_0000,
            _ => 0,
        };
        let stored = self.bytes.rest(self.start);
        let rows = stored.chunks(self.stride(self.bits).max(1));
        let width = self.width as usize * self.bits / 8;
        let pixels = |row: &'a [u8]| row.get(..width).unwrap_or(row);
        let says = |row: &'a [u8]| match self.bits {
            16 => pixels(row)
                .as_chunks()
                .0
                .iter()
                .any(|bytes| u32::from(u16::from_le_bytes(*bytes)) & mask != 0),
            _ => pixels(row)
                .as_chunks()
                .0
                .iter()
                .any(|bytes| u32::from_le_bytes(*bytes) & mask != 0),
        };
        let is_meant = self.has_masks && self.bits == 32;
        mask != 0 && (is_meant || rows.take(self.height as usize).any(says))
    }

    /// Bytes of a stored row of `bits` a pixel.
    fn stride(&self, bits: usize) -> usize {
        (self.width as usize * bits).div_ceil(32) * 4
    }

    /// Hands out the rows from the top, in red, green, blue and alpha, and how many of
    /// their pixels were there; the rest is transparent. Returns true if all of them were.
    ///
    /// Pixels that have no alpha of their own have a fourth byte that means nothing, but in
    /// icons: a mask hides those.
    ///
    /// # Errors
    ///
    /// Those of `take`.
    pub fn rows<E>(
        &self,
        mut take: impl FnMut(&[[u8; 4]], usize) -> Result<(), E>,
    ) -> Result<bool, E> {
        let has_mask = self.is_icon && !(self.bits == 32 && self.has_alpha());
        let mut y = 0;
        self.stored(|pixels, there| {
            if has_mask && there > 0 {
                for (x, pixel) in pixels.iter_mut().enumerate() {
                    pixel[3] = if self.hides(x, y) { 0 } else { 255 };
                }
            }
            pixels[there..].fill([0; 4]);
            y += 1;
            take(pixels, there)
        })
    }

    /// Hands out the rows of a bitmap without alpha from the top, in blue, green and red, and
    /// how many of their pixels were there; the rest means nothing. Returns true if all of
    /// them were.
    ///
    /// That is how most bitmaps are stored, and their rows are handed out where they lie.
    ///
    /// # Errors
    ///
    /// Those of `take`.
    pub fn opaque_rows<E>(
        &self,
        mut take: impl FnMut(&[u8], usize) -> Result<(), E>,
    ) -> Result<bool, E> {
        let width = self.width as usize;
        if self.coding == Coding::Bytes && self.bits == 24 {
            let mut padded = Vec::new();
            return self.stored_rows(|stored, there| {
                let row = stored.get(..3 * width).unwrap_or_else(|| {
                    padded.clear();
                    padded.extend_from_slice(stored);
                    padded.resize(3 * width, 0);
                    &padded
                });
                take(row, there)
            });
        }
        let mut row = vec![[0; 3]; width];
        self.stored(|pixels, there| {
            for (to, [red, green, blue, _]) in row.iter_mut().zip(pixels) {
                *to = [*blue, *green, *red];
            }
            take(row.as_flattened(), there)
        })
    }

    /// Hands out the rows as they are stored; where no pixel was there, a row means
    /// nothing.
    fn stored<E>(
        &self,
        mut take: impl FnMut(&mut [[u8; 4]], usize) -> Result<(), E>,
    ) -> Result<bool, E> {
        let (width, height) = (self.width as usize, self.height as usize);
        let mut pixels = vec![[0; 4]; width];
        let colors = self.colors();
        if self.coding == Coding::Runs {
            let mut indices = vec![0; width * height];
            let rows = self.run(height, &mut indices);
            for (y, row) in indices.chunks_exact(width).enumerate() {
                look_up(&colors, row, &mut pixels);
                take(
                    &mut pixels,
                    if self.stored_at(y) < rows { width } else { 0 },
                )?;
            }
            return Ok(rows == height);
        }
        let mut row = vec![0; self.stride(self.bits)];
        self.stored_rows(|stored, there| {
            if there > 0 {
                row[..stored.len()].copy_from_slice(stored);
                row[stored.len()..].fill(0);
                self.convert(&colors, &row, &mut pixels);
            }
            take(&mut pixels, there)
        })
    }

    /// Hands out the bytes of the rows from the top, as far as they are there, and how many
    /// pixels those are.
    fn stored_rows<E>(
        &self,
        mut take: impl FnMut(&'a [u8], usize) -> Result<(), E>,
    ) -> Result<bool, E> {
        let (width, stride) = (self.width as usize, self.stride(self.bits));
        let mut complete = true;
        for y in 0..self.height as usize {
            let start = self.start.saturating_add(self.stored_at(y) * stride);
            let there = self.bytes.rest(start);
            let there = there.get(..stride).unwrap_or(there);
            let count = (8 * there.len() / self.bits).min(width);
            complete &= count == width;
            take(there, count)?;
        }
        Ok(complete)
    }

    /// Number of the stored row that is shown as a row.
    fn stored_at(&self, y: usize) -> usize {
        if self.top_down {
            y
        } else {
            self.height as usize - 1 - y
        }
    }

    /// The mask of an icon: a bit for each pixel, which hides it. It follows the
    /// picture.
    fn hides(&self, x: usize, y: usize) -> bool {
        let height = self.height as usize;
        let (picture, mask) = (self.stride(self.bits), self.stride(1));
        let row = height - 1 - y;
        let begin = self.start + picture * height;
        if begin + mask * height > self.end {
            return false;
        }
        let at = begin + mask * row + x / 8;
        self.bytes
            .u8(at)
            .is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
    }

    /// Color of each index; one beyond the palette is black.
    fn colors(&self) -> [[u8; 4]; 256] {
        let mut colors = [[0, 0, 0, 255]; 256];
        for (color, [red, green, blue]) in colors.iter_mut().zip(&self.palette) {
            *color = [*red, *green, *blue, 255];
        }
        colors
    }

    /// The pixels of a row, of which all bytes are there.
    fn convert(&self, colors: &[[u8; 4]; 256], row: &[u8], pixels: &mut [[u8; 4]]) {
        match self.coding {
            Coding::Runs => {}
            Coding::Indices if self.bits == 8 => look_up(colors, row, pixels),
            Coding::Indices => {
                let mask = (0xffu16 >> (8 - self.bits)) as u8;
                for (x, pixel) in pixels.iter_mut().enumerate() {
                    let first = x * self.bits;
                    let shift = 8 - self.bits - first % 8;
                    *pixel = colors[usize::from(row[first / 8] >> shift & mask)];
                }
            }
            Coding::Bytes if self.bits == 24 => {
                let (stored, _) = row.as_chunks();
                for (pixel, &[blue, green, red]) in pixels.iter_mut().zip(stored) {
                    *pixel = [red, green, blue, 255];
                }
            }
            Coding::Bytes => {
                let (stored, _) = row.as_chunks();
                for (pixel, &[blue, green, red, fourth]) in pixels.iter_mut().zip(stored) {
                    *pixel = [red, green, blue, fourth];
                }
            }
            Coding::Fields(masks) if self.bits == 16 => {
                let (stored, _) = row.as_chunks();
                for (pixel, &bytes) in pixels.iter_mut().zip(stored) {
                    let bits = u32::from(u16::from_le_bytes(bytes));
                    *pixel = masks.map(|mask| field(bits, mask));
                }
            }
            Coding::Fields(masks) => {
                let (stored, _) = row.as_chunks();
                for (pixel, &bytes) in pixels.iter_mut().zip(stored) {
                    *pixel = masks.map(|mask| field(u32::from_le_bytes(bytes), mask));
                }
            }
        }
    }

    /// Expands runs of indices, and counts the stored rows up to where they end: all
    /// of them, unless the data do. Pixels that are skipped keep index 0.
    fn run(&self, height: usize, indices: &mut [u8]) -> usize {
        let width = self.width as usize;
        let (mut x, mut y, mut at) = (0, 0, self.start);
        let mut put = |x: usize, y: usize, index: u8| {
            let row = if self.top_down {
                Some(y)
            } else {
                height.checked_sub(y + 1)
            };
            if let Some(target) = row.and_then(|row| indices.get_mut(row * width + x))
                && x < width
            {
                *target = index;
            }
        };
        while y < height {
            let Some((count, value)) = self.bytes.u8(at).zip(self.bytes.u8(at + 1)) else {
                return y;
            };
            at += 2;
            match (count, value) {
                (0, 0) => (x, y) = (0, y + 1),
                (0, 1) => return height,
                (0, 2) => {
                    let Some((right, up)) = self.bytes.u8(at).zip(self.bytes.u8(at + 1)) else {
                        return y;
                    };
                    (x, y, at) = (x + usize::from(right), y + usize::from(up), at + 2);
                }
                (0, count) => {
                    let count = usize::from(count);
                    let packed = self.bytes.rest(at);
                    for index in 0..count {
                        put(x + index, y, self.packed(packed, index));
                    }
                    x += count;
                    at += (count * self.bits).div_ceil(16) * 2;
                }
                (count, _) => {
                    for index in 0..usize::from(count) {
                        put(
                            x + index,
                            y,
                            self.packed(&[value], if self.bits == 4 { index % 2 } else { 0 }),
                        );
                    }
                    x += usize::from(count);
                }
            }
        }
        height
    }

    /// An index out of whole or half bytes.
    fn packed(&self, bytes: &[u8], index: usize) -> u8 {
        let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
        match (self.bits, index % 2) {
            (4, 0) => byte(index / 2) >> 4,
            (4, _) => byte(index / 2) & 0xf,
            _ => byte(index),
        }
    }

    /// Looks for pixels, before anybody makes room for them.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if none are there.
    pub fn check_pixels(&self) -> Result<(), Error> {
        if self.bytes.rest(self.start).is_empty() {
            return Err(Error::Malformed("the pixels are missing"));
        }
        Ok(())
    }
}

fn look_up(colors: &[[u8; 4]; 256], indices: &[u8], pixels: &mut [[u8; 4]]) {
    for (pixel, index) in pixels.iter_mut().zip(indices) {
        *pixel = colors[usize::from(*index)];
    }
}

/// The bits of a channel, spread to 8. A channel without bits is black, and
/// opaque for lack of anything else.
fn field(pixel: u32, mask: u32) -> u8 {
    let shift = mask.trailing_zeros();
    let Some(whole) = mask.checked_shr(shift).map(u64::from) else {
        return 0;
    };
    let value = u64::from((pixel & mask) >> shift);
    ((value * 255 + whole / 2) / whole) as u8
}
