//! How samples are stored, and how they become channels of 8 bits. PNG, third
//! edition, sections 11.2 and 11.3.1.

use super::chunk::Chunk;
use crate::contract::Error;
use crate::decode::{Bytes, malformed, samples};
use crate::format::Format;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Color {
    Gray,
    Rgb,
    Indexed,
    GrayAlpha,
    Rgba,
}

/// What `IHDR`, `PLTE` and `tRNS` say.
#[derive(Debug)]
pub(super) struct Layout {
    color: Color,
    /// Bits of a sample.
    depth: u8,
    pub(super) is_interlaced: bool,
    /// Colors, with their alpha; those that are missing are black.
    palette: Option<Box<[[u8; 4]; 256]>>,
    /// The one color that is transparent, as stored.
    key: Option<[u16; 3]>,
    has_transparent_palette: bool,
}

impl Layout {
    /// Reads the chunks up to the first of image data.
    pub(super) fn read<'a>(mut chunks: impl Iterator<Item = Chunk<'a>>) -> Result<Self, Error> {
        let header = chunks.next().filter(|chunk| chunk.kind == *b"IHDR");
        let header = header.filter(Chunk::is_sound);
        let mut layout = header
            .and_then(|chunk| Self::from_header(chunk.data))
            .ok_or_else(|| broken("a damaged header"))?;
        for chunk in chunks {
            match &chunk.kind {
                b"IDAT" => break,
                b"PLTE" => layout.read_palette(&chunk)?,
                b"tRNS" if chunk.is_sound() => layout.read_transparency(chunk.data),
                b"IHDR" => return Err(broken("two headers")),
                _ if chunk.is_critical() => {
                    return Err(broken("a chunk that is unknown and cannot be ignored"));
                }
                _ => {}
            }
        }
        if layout.color == Color::Indexed && layout.palette.is_none() {
            return Err(broken("no palette"));
        }
        Ok(layout)
    }

    fn from_header(header: &[u8]) -> Option<Self> {
        let [
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            depth,
            color,
            0,
            0,
            interlaced @ 0..=1,
        ] = *header
        else {
            return None;
        };
        let color = match (color, depth) {
            (0, 1 | 2 | 4 | 8 | 16) => Color::Gray,
            (2, 8 | 16) => Color::Rgb,
            (3, 1 | 2 | 4 | 8) => Color::Indexed,
            (4, 8 | 16) => Color::GrayAlpha,
            (6, 8 | 16) => Color::Rgba,
            _ => return None,
        };
        Some(Self {
            color,
            depth,
            is_interlaced: interlaced == 1,
            palette: None,
            key: None,
            has_transparent_palette: false,
        })
    }

    fn read_palette(&mut self, chunk: &Chunk<'_>) -> Result<(), Error> {
        let (colors, rest) = chunk.data.as_chunks();
        if !chunk.is_sound() || !rest.is_empty() || !(1..=256).contains(&colors.len()) {
            return Err(broken("a damaged palette"));
        }
        if self.palette.is_some() {
            return Err(broken("two palettes"));
        }
        let mut palette = Box::new([[0, 0, 0, 255]; 256]);
        for (entry, [red, green, blue]) in palette.iter_mut().zip(colors) {
            *entry = [*red, *green, *blue, 255];
        }
        self.palette = Some(palette);
        Ok(())
    }

    /// What makes no sense is as good as nothing.
    fn read_transparency(&mut self, data: &[u8]) {
        let is_known = self.key.is_some() || self.has_transparent_palette;
        if is_known || data.len() > 256 {
            return;
        }
        let bytes = Bytes::big_endian(data);
        let sample = |index: usize| {
            let sample = bytes.u16(2 * index)?;
            // A decoder of a smaller depth uses as many of the lowest bits.
            Some(if self.depth < 16 {
                sample & 0xff
            } else {
                sample
            })
        };
        match (self.color, &mut self.palette) {
            (Color::Gray, _) => self.key = sample(0).map(|gray| [gray; 3]),
            (Color::Rgb, _) => {
                self.key = (|| Some([sample(0)?, sample(1)?, sample(2)?]))();
            }
            (Color::Indexed, Some(palette)) if !data.is_empty() => {
                for (entry, alpha) in palette.iter_mut().zip(data) {
                    entry[3] = *alpha;
                }
                self.has_transparent_palette = true;
            }
            _ => {}
        }
    }

    /// Channels of a pixel after expansion.
    pub(super) fn channels(&self) -> usize {
        let stored = match self.color {
            Color::Indexed => 3,
            _ => self.stored_samples(),
        };
        stored + usize::from(self.key.is_some() || self.has_transparent_palette)
    }

    /// Bytes from a sample to that of the pixel to the left.
    pub(super) fn pixel_bytes(&self) -> usize {
        (self.pixel_bits() / 8).max(1)
    }

    /// Bytes of a row of so many pixels.
    pub(super) fn row_bytes(&self, width: usize) -> usize {
        (width * self.pixel_bits()).div_ceil(8)
    }

    fn pixel_bits(&self) -> usize {
        self.stored_samples() * usize::from(self.depth)
    }

    fn stored_samples(&self) -> usize {
        match self.color {
            Color::Gray | Color::Indexed => 1,
            Color::GrayAlpha => 2,
            Color::Rgb => 3,
            Color::Rgba => 4,
        }
    }

    /// The row as channels of 8 bits: the stored row itself if it is that already.
    pub(super) fn expand<'r>(
        &self,
        stored: &'r [u8],
        width: usize,
        expanded: &'r mut Vec<u8>,
    ) -> &'r [u8] {
        expanded.clear();
        match (self.color, &self.palette) {
            (Color::Indexed, Some(palette)) => {
                let channels = self.channels();
                for index in unpacked(stored, self.depth).take(width) {
                    expanded.extend_from_slice(&palette[usize::from(index)][..channels]);
                }
            }
            _ if self.depth == 8 && self.key.is_none() => return stored,
            (Color::Gray | Color::Indexed, _) => self.expand_pixels::<1>(stored, width, expanded),
            (Color::GrayAlpha, _) => self.expand_pixels::<2>(stored, width, expanded),
            (Color::Rgb, _) => self.expand_pixels::<3>(stored, width, expanded),
            (Color::Rgba, _) => self.expand_pixels::<4>(stored, width, expanded),
        }
        expanded
    }

    fn expand_pixels<const SAMPLES: usize>(
        &self,
        stored: &[u8],
        width: usize,
        expanded: &mut Vec<u8>,
    ) {
        match self.depth {
            16 => {
                let (pixels, _) = stored.as_chunks::<2>().0.as_chunks::<SAMPLES>();
                let pixels = pixels.iter().map(|pixel| pixel.map(u16::from_be_bytes));
                self.extend(pixels, samples::narrow, expanded);
            }
            8 => {
                let pixels = stored.as_chunks::<SAMPLES>().0.iter();
                let pixels = pixels.map(|pixel| pixel.map(u16::from));
                self.extend(pixels, |sample| sample as u8, expanded);
            }
            depth => {
                let scale = 255 / ((1 << depth) - 1);
                let samples = unpacked(stored, depth).take(width);
                let pixels = samples.map(|sample| [u16::from(sample); SAMPLES]);
                self.extend(pixels, |sample| sample as u8 * scale, expanded);
            }
        }
    }

    fn extend<const SAMPLES: usize>(
        &self,
        pixels: impl Iterator<Item = [u16; SAMPLES]>,
        narrow: impl Fn(u16) -> u8,
        expanded: &mut Vec<u8>,
    ) {
        let Some(key) = self.key else {
            expanded.extend(pixels.flat_map(|pixel| pixel.map(&narrow)));
            return;
        };
        for pixel in pixels {
            expanded.extend(pixel.map(&narrow));
            let is_key = pixel.iter().eq(&key[..SAMPLES.min(3)]);
            expanded.push(if is_key { 0 } else { 255 });
        }
    }
}

/// Samples of at most eight bits, the first in the highest bits of a byte.
fn unpacked(stored: &[u8], depth: u8) -> impl Iterator<Item = u8> {
    let in_a_byte = 8 / depth;
    let mask = u8::MAX >> (8 - depth);
    stored
        .iter()
        .flat_map(move |byte| (1..=in_a_byte).map(move |place| byte >> (8 - place * depth) & mask))
}

fn broken(reason: &str) -> Error {
    malformed(Format::Png, reason)
}
