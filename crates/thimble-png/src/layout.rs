//! Layout of stored samples, and their way to channels of 8 bits. PNG, third
//! edition, sections 11.2 and 11.3.1.

use std::borrow::Cow;

use crate::chunk::Chunk;
use crate::error::Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Color {
    Gray,
    Rgb,
    Indexed,
    GrayAlpha,
    Rgba,
}

/// The contents of `IHDR`, `PLTE` and `tRNS`.
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
            .ok_or(Error::Malformed("a damaged header"))?;
        for chunk in chunks {
            match &chunk.kind {
                b"IDAT" => break,
                b"PLTE" if layout.color == Color::Indexed => layout.read_palette(&chunk)?,
                // Colors that are suggested to screens of few: of no use to anybody.
                b"PLTE" => {}
                b"tRNS" if chunk.is_sound() => layout.read_transparency(chunk.data),
                b"IHDR" => return Err(Error::Malformed("two headers")),
                _ if chunk.is_critical() => {
                    return Err(Error::Malformed(
                        "a chunk that is unknown and cannot be ignored",
                    ));
                }
                _ => {}
            }
        }
        if layout.color == Color::Indexed && layout.palette.is_none() {
            return Err(Error::Malformed("no palette"));
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
        // A part of a color behind them is passed over.
        let (colors, _) = chunk.data.as_chunks();
        if !chunk.is_sound() || !(1..=256).contains(&colors.len()) {
            return Err(Error::Malformed("a damaged palette"));
        }
        if self.palette.is_some() {
            return Err(Error::Malformed("two palettes"));
        }
        let mut palette = Box::new([[0, 0, 0, 255]; 256]);
        for (entry, [red, green, blue]) in palette.iter_mut().zip(colors) {
            *entry = [*red, *green, *blue, 255];
        }
        self.palette = Some(palette);
        Ok(())
    }

    /// Reads `tRNS`. An invalid one is ignored: the picture is opaque then.
    fn read_transparency(&mut self, data: &[u8]) {
        let is_known = self.key.is_some() || self.has_transparent_palette;
        if is_known || data.len() > 256 {
            return;
        }
        let (stored, _) = data.as_chunks();
        let sample = |index: usize| {
            let sample = u16::from_be_bytes(*stored.get(index)?);
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

    /// Samples of 16 bits.
    pub(super) fn is_deep(&self) -> bool {
        self.depth == 16
    }

    /// One channel of color.
    pub(super) fn is_gray(&self) -> bool {
        matches!(self.color, Color::Gray | Color::GrayAlpha)
    }

    /// The row as channels of 16 bits, as many as [`Layout::channels`], if its samples
    /// have that many.
    pub(super) fn widen(&self, stored: &[u8], widened: &mut Vec<u16>) {
        let samples = stored
            .as_chunks()
            .0
            .iter()
            .map(|bytes| u16::from_be_bytes(*bytes));
        widened.clear();
        let Some(key) = self.key else {
            widened.extend(samples);
            return;
        };
        let colors = self.stored_samples();
        let samples: Vec<u16> = samples.collect();
        for pixel in samples.chunks_exact(colors) {
            widened.extend_from_slice(pixel);
            let is_opaque = pixel != &key[..colors];
            widened.push(if is_opaque { u16::MAX } else { 0 });
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

    /// The first sample of the key, which is all of it in gray.
    fn gray_key(&self) -> Option<[u16; 1]> {
        self.key.map(|[key, ..]| [key])
    }

    /// The row as channels of 8 bits: the stored row itself if it is that already.
    pub(super) fn expand<'r>(
        &self,
        stored: &'r [u8],
        width: usize,
        expanded: &'r mut Vec<u8>,
    ) -> &'r [u8] {
        expanded.resize(width * self.channels(), 0);
        match (self.color, &self.palette) {
            (Color::Indexed, Some(palette)) => {
                let indices = unpacked(stored, self.depth);
                let colors = indices.iter().map(|index| palette[usize::from(*index)]);
                if self.has_transparent_palette {
                    fill(expanded, colors);
                } else {
                    fill(
                        expanded,
                        colors.map(|[red, green, blue, _]| [red, green, blue]),
                    );
                }
            }
            _ if self.depth == 8 && self.key.is_none() => return stored,
            (Color::GrayAlpha, _) => fill(expanded, wide(stored).map(narrow::<2>)),
            (Color::Rgba, _) => fill(expanded, wide(stored).map(narrow::<4>)),
            (Color::Rgb, _) if self.depth == 16 => {
                fill_with_key::<3, 4>(expanded, wide(stored), narrow, self.key);
            }
            (Color::Rgb, _) => {
                let pixels = stored.as_chunks().0.iter();
                let pixels = pixels.map(|pixel: &[u8; 3]| pixel.map(u16::from));
                let narrow = |pixel: [u16; 3]| pixel.map(|sample| sample as u8);
                fill_with_key::<3, 4>(expanded, pixels, narrow, self.key);
            }
            _ if self.depth == 16 => {
                fill_with_key::<1, 2>(expanded, wide(stored), narrow, self.gray_key());
            }
            _ => {
                let scale = u8::MAX / (u8::MAX >> (8 - self.depth));
                let samples = unpacked(stored, self.depth);
                let samples = samples.iter().map(|sample| [u16::from(*sample)]);
                let widen = |[sample]: [u16; 1]| [sample as u8 * scale];
                fill_with_key::<1, 2>(expanded, samples, widen, self.gray_key());
            }
        }
        expanded
    }
}

/// Puts pixels into a row: with alpha if one value of them, the key, is transparent.
fn fill_with_key<const SAMPLES: usize, const AND_ALPHA: usize>(
    expanded: &mut [u8],
    pixels: impl Iterator<Item = [u16; SAMPLES]>,
    narrow: impl Fn([u16; SAMPLES]) -> [u8; SAMPLES],
    key: Option<[u16; SAMPLES]>,
) {
    match key {
        Some(key) => fill(
            expanded,
            pixels.map(|pixel| {
                let mut channels = [opacity(pixel != key); AND_ALPHA];
                channels[..SAMPLES].copy_from_slice(&narrow(pixel));
                channels
            }),
        ),
        None => fill(expanded, pixels.map(narrow)),
    }
}

/// Alpha of what is opaque or transparent.
fn opacity(is_opaque: bool) -> u8 {
    if is_opaque { u8::MAX } else { 0 }
}

/// Puts pixels into a row, one after the other.
fn fill<const CHANNELS: usize>(row: &mut [u8], pixels: impl Iterator<Item = [u8; CHANNELS]>) {
    for (place, pixel) in row.as_chunks_mut().0.iter_mut().zip(pixels) {
        *place = pixel;
    }
}

/// Pixels of samples of 16 bits.
fn wide<const SAMPLES: usize>(stored: &[u8]) -> impl Iterator<Item = [u16; SAMPLES]> {
    let pixels = stored.as_chunks::<2>().0.as_chunks::<SAMPLES>().0.iter();
    pixels.map(|pixel| pixel.map(u16::from_be_bytes))
}

fn narrow<const SAMPLES: usize>(pixel: [u16; SAMPLES]) -> [u8; SAMPLES] {
    pixel.map(thimble_picture::narrow)
}

/// Samples of at most eight bits, a byte each, perhaps more than there are pixels.
fn unpacked(stored: &[u8], depth: u8) -> Cow<'_, [u8]> {
    match depth {
        1 => Cow::Owned(unpack::<8>(stored)),
        2 => Cow::Owned(unpack::<4>(stored)),
        4 => Cow::Owned(unpack::<2>(stored)),
        _ => Cow::Borrowed(stored),
    }
}

/// The first sample is in the highest bits of a byte.
fn unpack<const IN_A_BYTE: usize>(stored: &[u8]) -> Vec<u8> {
    let depth = 8 / IN_A_BYTE;
    let mut samples = vec![0; stored.len() * IN_A_BYTE];
    let places = samples.as_chunks_mut::<IN_A_BYTE>().0.iter_mut();
    for (places, byte) in places.zip(stored) {
        *places = std::array::from_fn(|place| byte << (place * depth) >> (8 - depth));
    }
    samples
}
