//! TGA: true colors, grays and palettes, in runs or not.
//!
//! No bytes at its beginning say that a file is one, so every field of its header has to
//! make sense.

use std::borrow::Cow;

use thimble_bytes::Bytes;
use thimble_picture::Row;

use crate::error::Error;
use crate::line::Line;

/// Bytes of the header.
const HEADER: usize = 18;

/// The last bytes of version 2: before them are the places of two areas.
const FOOTER: &[u8] = b"TRUEVISION-XFILE.\0";

/// Meaning of stored pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Indices into a palette.
    Indices,
    /// Blue, green, red, and perhaps alpha.
    Colors,
    Grays,
}

/// Meaning of the alpha of pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alpha {
    None,
    /// There is room for it, and the header announces none.
    Unannounced,
    Straight,
    /// Colors were multiplied by it.
    Premultiplied,
}

/// A TGA: its header, checked, and where its pixels are.
#[derive(Clone, Copy, Debug)]
pub struct Targa<'a> {
    bytes: Bytes<'a>,
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    kind: Kind,
    has_runs: bool,
    /// Bits of a stored pixel.
    bits: u8,
    /// Number of the first color of the palette, their number, and bits of each.
    palette: (usize, usize, u8),
    palette_at: usize,
    alpha: Alpha,
    is_top_down: bool,
    is_mirrored: bool,
}

/// True for a TGA: every field of its header makes sense beside the others.
#[must_use]
pub fn is_targa(source: &[u8]) -> bool {
    Targa::parse(source).is_some()
}

impl<'a> Targa<'a> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if it makes no sense.
    pub fn read(source: &'a [u8]) -> Result<Self, Error> {
        Self::parse(source).ok_or(Error::Malformed(
            "the header makes no sense, or is cut short",
        ))
    }

    fn parse(source: &'a [u8]) -> Option<Self> {
        let bytes = Bytes::little_endian(source);
        let (kind, has_runs) = match bytes.u8(2)? {
            1 => (Kind::Indices, false),
            2 => (Kind::Colors, false),
            3 => (Kind::Grays, false),
            9 => (Kind::Indices, true),
            10 => (Kind::Colors, true),
            11 => (Kind::Grays, true),
            _ => return None,
        };
        let (width, height) = (bytes.u16(12)?, bytes.u16(14)?);
        let (bits, descriptor) = (bytes.u8(16)?, bytes.u8(17)?);
        let palettes = bytes.u8(1)?;
        let targa = Targa {
            bytes,
            width: width.into(),
            height: height.into(),
            kind,
            has_runs,
            bits,
            palette: (bytes.u16(3)?.into(), bytes.u16(5)?.into(), bytes.u8(7)?),
            palette_at: HEADER + usize::from(bytes.u8(0)?),
            alpha: Alpha::None,
            is_top_down: descriptor & 0x20 != 0,
            is_mirrored: descriptor & 0x10 != 0,
        };
        let extension = extension(&bytes);
        let origin = (bytes.u16(8)?, bytes.u16(10)?);
        let is_at_corner = origin.0 == 0 && (origin.1 == 0 || origin.1 == height);
        let is_consistent = width > 0
            && height > 0
            && descriptor & 0xc0 == 0
            && (is_at_corner || extension.is_some())
            && targa.has_sound_palette(palettes, extension.is_some())
            && targa.has_sound_depth(descriptor & 15, extension.is_some());
        let has_room = matches!((kind, bits), (Kind::Colors, 32) | (Kind::Grays, 16));
        let alpha = match (descriptor & 15, extension.flatten()) {
            (0, None | Some(Alpha::Straight)) if has_room => Alpha::Unannounced,
            (0, _) => Alpha::None,
            // Some programs state it whatever the pixels have.
            _ if !has_room && !targa.has_palette_of_alpha() && bits != 16 => Alpha::None,
            (_, said) => said.unwrap_or(Alpha::Straight),
        };
        // Fields of a palette that is not there may be those of an earlier picture.
        let palette = if palettes == 0 {
            (0, 0, 0)
        } else {
            targa.palette
        };
        is_consistent.then_some(Targa {
            alpha,
            palette,
            ..targa
        })
    }

    fn has_palette_of_alpha(&self) -> bool {
        self.kind == Kind::Indices && self.palette.2 == 32
    }

    /// A palette is there where it is needed, and nothing of it where there is none, unless
    /// a footer proves that the file is a TGA.
    fn has_sound_palette(&self, palettes: u8, has_footer: bool) -> bool {
        let (first, count, bits) = self.palette;
        let is_sound = count > 0 && matches!(bits, 15 | 16 | 24 | 32);
        let is_none = (first, count) == (0, 0) && matches!(bits, 0 | 24 | 32);
        match palettes {
            0 => self.kind != Kind::Indices && (has_footer || is_none),
            1 => self.kind != Kind::Grays && is_sound,
            _ => false,
        }
    }

    /// Pixels have as many bits as their kind allows, and as many of alpha. GIMP states 8
    /// of alpha for pixels of 16 bits; a footer proves that such a file is a TGA.
    fn has_sound_depth(&self, alpha: u8, has_footer: bool) -> bool {
        match (self.kind, self.bits) {
            (Kind::Indices, 8 | 16) | (Kind::Grays, 8) => alpha == 0 || alpha == 8,
            (Kind::Colors, 15) => alpha == 0,
            (Kind::Colors, 24) => alpha == 0 || alpha == 8,
            (Kind::Colors, 16) => alpha <= 1 || alpha == 8 && has_footer,
            (Kind::Colors, 32) | (Kind::Grays, 16) => alpha == 0 || alpha == 8,
            _ => false,
        }
    }

    /// The same file, with alpha where pixels have some that its header does not announce:
    /// many programs write none, and those that show it go by the size of a pixel. One that is
    /// 0 everywhere is none.
    #[must_use]
    pub fn with_alpha_of(self, pixels: &[u8]) -> Self {
        if self.alpha != Alpha::Unannounced {
            return self;
        }
        let mut alphas = pixels.iter().skip(self.size() - 1).step_by(self.size());
        let alpha = if alphas.any(|alpha| *alpha != 0) {
            Alpha::Straight
        } else {
            Alpha::None
        };
        Targa { alpha, ..self }
    }

    /// Samples of a pixel: gray, gray and alpha, colors, or colors and alpha.
    #[must_use]
    pub fn channels(&self) -> usize {
        let colors = if self.kind == Kind::Grays { 1 } else { 3 };
        colors + usize::from(self.has_alpha())
    }

    fn has_alpha(&self) -> bool {
        !matches!(self.alpha, Alpha::None | Alpha::Unannounced)
    }

    /// Hands out rows of [`Targa::pixels`] from the top, and tells a whole picture from one
    /// that is cut off.
    ///
    /// # Errors
    ///
    /// Those of `take`.
    pub fn rows<E>(
        &self,
        stored: &[u8],
        mut take: impl FnMut(Row<'_, u8>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let (width, size) = (self.width as usize, self.size());
        let palette = self.colors_of_palette();
        let mut line = Line {
            width,
            channels: self.channels(),
            samples: Vec::new(),
            is_mirrored: self.is_mirrored,
        };
        let mut is_whole = true;
        for y in 0..self.height {
            let y = if self.is_top_down {
                y
            } else {
                self.height - 1 - y
            };
            let from = (y as usize).saturating_mul(width * size).min(stored.len());
            let until = (from + width * size).min(stored.len());
            for pixel in stored[from..until].chunks_exact(size) {
                self.convert(pixel, &palette, &mut line.samples);
            }
            is_whole &= line.give(&mut take)?;
        }
        Ok(is_whole)
    }

    /// Bytes of a stored pixel.
    fn size(&self) -> usize {
        usize::from(self.bits.div_ceil(8))
    }

    /// The pixels as they are stored, without runs.
    ///
    /// # Errors
    ///
    /// [`Error`] if there is no pixel, or no memory for those in runs.
    pub fn pixels(&self) -> Result<Cow<'a, [u8]>, Error> {
        let pixels = self.without_runs()?;
        if pixels.len() < self.size() {
            return Err(Error::Malformed("there is no pixel"));
        }
        Ok(pixels)
    }

    fn without_runs(&self) -> Result<Cow<'a, [u8]>, Error> {
        let (_, count, bits) = self.palette;
        let rest = (self.bytes).rest(self.palette_at + count * usize::from(bits.div_ceil(8)));
        let size = self.size();
        let length = (self.width as usize * size).saturating_mul(self.height as usize);
        if !self.has_runs {
            return Ok(Cow::Borrowed(&rest[..length.min(rest.len())]));
        }
        let mut pixels = Vec::new();
        // A run of 128 pixels takes a byte and a pixel.
        let most = rest.len().saturating_mul(128).min(length);
        pixels
            .try_reserve_exact(most)
            .map_err(|_| Error::TooLarge)?;
        let mut rest = rest;
        while let Some((head, behind)) = rest.split_first().filter(|_| pixels.len() < length) {
            let count = usize::from(head & 127) + 1;
            let (stored, times) = if head & 128 == 0 {
                (count * size, 1)
            } else {
                (size, count)
            };
            let (run, behind) = behind.split_at(stored.min(behind.len()));
            rest = behind;
            let room = (length - pixels.len()).min(run.len() * times);
            pixels.extend(run.iter().cycle().take(room));
        }
        Ok(Cow::Owned(pixels))
    }

    /// Blue, green, red and alpha of each color of the palette.
    fn colors_of_palette(&self) -> Vec<[u8; 4]> {
        let (_, count, bits) = self.palette;
        if self.kind != Kind::Indices {
            return Vec::new();
        }
        let size = usize::from(bits.div_ceil(8));
        let stored = self.bytes.rest(self.palette_at).chunks_exact(size);
        stored
            .take(count)
            .map(|color| color_of(color, bits))
            .collect()
    }

    /// Appends a pixel.
    fn convert(&self, pixel: &[u8], palette: &[[u8; 4]], samples: &mut Vec<u8>) {
        if self.kind == Kind::Grays {
            samples.extend(pixel.iter().take(self.channels()));
            return;
        }
        let [blue, green, red, alpha] = if self.kind == Kind::Indices {
            let index = pixel
                .iter()
                .rev()
                .fold(0, |index, byte| index << 8 | usize::from(*byte));
            let index = index.checked_sub(self.palette.0);
            let color = index.and_then(|index| palette.get(index));
            color.copied().unwrap_or([0, 0, 0, u8::MAX])
        } else {
            color_of(pixel, self.bits)
        };
        let colors = [red, green, blue];
        match self.alpha {
            Alpha::None | Alpha::Unannounced => samples.extend(colors),
            Alpha::Straight => samples.extend([red, green, blue, alpha]),
            Alpha::Premultiplied => {
                samples.extend(colors.map(|color| divided(color, alpha)));
                samples.push(alpha);
            }
        }
    }
}

/// Blue, green, red and alpha of a stored color.
fn color_of(stored: &[u8], bits: u8) -> [u8; 4] {
    match *stored {
        [low, high] => {
            let word = u16::from_le_bytes([low, high]);
            let five = |place: u16| {
                let value = (word >> place & 31) as u8;
                value << 3 | value >> 2
            };
            // Set where the pixel is transparent, as GIMP and Pillow have it; the
            // specification leaves it to the program.
            let is_opaque = bits == 15 || word >> 15 == 0;
            [
                five(0),
                five(5),
                five(10),
                if is_opaque { u8::MAX } else { 0 },
            ]
        }
        [blue, green, red] => [blue, green, red, u8::MAX],
        [blue, green, red, alpha] => [blue, green, red, alpha],
        _ => [0; 4],
    }
}

/// A color as it was before it was multiplied by an alpha.
fn divided(color: u8, alpha: u8) -> u8 {
    if alpha == 0 {
        return 0;
    }
    let alpha = u32::from(alpha);
    ((u32::from(color) * 255 + alpha / 2) / alpha).min(255) as u8
}

/// Of a file of version 2, the meaning of alpha, if it says one.
fn extension(bytes: &Bytes<'_>) -> Option<Option<Alpha>> {
    let source = bytes.rest(0);
    let places = source.strip_suffix(FOOTER)?.last_chunk::<8>()?;
    let [at, _] = [0, 4].map(|at| Bytes::little_endian(places).u32(at).unwrap_or(0) as usize);
    let is_there = at != 0 && bytes.u16(at).is_some_and(|length| length >= 495);
    let attributes = bytes.u8(at.saturating_add(494)).filter(|_| is_there);
    Some(attributes.map(|attributes| match attributes {
        3 => Alpha::Straight,
        4 => Alpha::Premultiplied,
        _ => Alpha::None,
    }))
}
