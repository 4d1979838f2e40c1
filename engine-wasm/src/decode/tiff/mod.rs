//! TIFF and BigTIFF: the first page, in strips or tiles, of any depth.
//!
//! The directory is read here rather than by a crate because so much of the
//! format is optional: what the common viewers accept is more than what is
//! written down.

mod chunk;
mod directory;
mod layout;
mod sample;

use self::directory::Directory;
use self::layout::{Alpha, Layout, Photometric};
use crate::color::{self, Inks};
use crate::contract::{Error, Limits};
use crate::decode::{
    Decoded, Header, Wanted, admit_profile, malformed, rows, samples, unsupported_feature,
};
use crate::format::Format;
use crate::orient::Orientation;

/// Bytes that a strip or tile may take, decompressed.
const MAX_CHUNK: usize = 512 << 20;

/// Reads the first directory, and counts the others.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let directory = open(source)?;
    let side = |tag| directory.first_number(tag);
    let Some((width, height)) = side(layout::WIDTH).zip(side(layout::HEIGHT)) else {
        return Err(malformed(Format::Tiff, "no width or no height"));
    };
    let orientation = directory.first_number(layout::ORIENTATION).unwrap_or(1);
    let orientation = Orientation::from_number(orientation);
    let frames = directory::count_pages(source);
    Ok(Header {
        orientation,
        frames,
        ..Header::new(Format::Tiff, width, height)
    })
}

/// Decodes the first page. What a damaged strip or tile lacks stays blank, with
/// a warning.
pub(super) fn decode(
    source: &[u8],
    header: &Header,
    wanted: Wanted,
    limits: &Limits,
) -> Result<Decoded, Error> {
    let mut warnings = Vec::new();
    let directory = open(source)?;
    let layout = Layout::read(&directory, (header.width, header.height))?;
    if !chunk::is_known(layout.compression) {
        let reason = format!("compression {} is not decoded", layout.compression);
        return Err(unsupported_feature(Format::Tiff, reason));
    }
    let mut page = Page::read(&directory, header, layout, &mut warnings)?;
    let profile = directory.bytes(layout::PROFILE).map(<[u8]>::to_vec);
    let profile = admit_profile(profile, limits, &mut warnings);
    let (channels, profile) = page.convert(&directory, header, profile, &mut warnings)?;
    let picture = rows::averaged(header, wanted, channels, page.samples)?;
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

fn open(source: &[u8]) -> Result<Directory<'_>, Error> {
    Directory::first(source).ok_or_else(|| malformed(Format::Tiff, "no directory"))
}

/// The samples of a page, 8 bits each, as the page means them.
struct Page {
    layout: Layout,
    /// `layout.kept()` samples a pixel.
    samples: Vec<u8>,
}

impl Page {
    fn read(
        directory: &Directory<'_>,
        header: &Header,
        layout: Layout,
        warnings: &mut Vec<String>,
    ) -> Result<Page, Error> {
        let samples = samples::allocate(header.width, header.height, layout.kept())?;
        let mut page = Page { layout, samples };
        let planes = if page.layout.planar {
            page.layout.kept()
        } else {
            1
        };
        let chunks = page.layout.chunks_across() * page.layout.chunks_down();
        let mut rows = page.room_for_chunk()?;
        let (mut missing, mut found) = (false, false);
        for index in 0..planes * chunks {
            if index >= page.layout.chunks_stated(directory) {
                missing = true;
                break;
            }
            let length = page.read_chunk(directory, index, &mut rows);
            missing |= length.0 < length.1;
            found |= length.0 > 0;
        }
        if !found {
            return Err(malformed(
                Format::Tiff,
                "nothing of the picture can be decompressed",
            ));
        }
        if missing {
            warnings.push("the source is damaged, a part of it is blank".into());
        }
        Ok(page)
    }

    /// Rows of a chunk below the picture are of no use: no room for them.
    fn room_for_chunk(&self) -> Result<Vec<u8>, Error> {
        let height = self.layout.chunk_height.min(self.layout.height);
        let length = self.layout.row_length().checked_mul(height);
        let length = length
            .filter(|length| *length <= MAX_CHUNK)
            .ok_or_else(|| {
                Error::LimitExceeded("a strip or tile takes more memory than there is".into())
            })?;
        let mut rows = Vec::new();
        rows.try_reserve_exact(length).map_err(|_| {
            Error::LimitExceeded("a strip or tile takes more memory than there is".into())
        })?;
        rows.resize(length, 0);
        Ok(rows)
    }

    /// Decodes a chunk, and returns how many of its bytes there were, and how
    /// many there should have been.
    fn read_chunk(
        &mut self,
        directory: &Directory<'_>,
        index: usize,
        rows: &mut [u8],
    ) -> (usize, usize) {
        let layout = &self.layout;
        let chunks = layout.chunks_across() * layout.chunks_down();
        let (plane, place) = (index / chunks, index % chunks);
        let left = place % layout.chunks_across() * layout.chunk_width;
        let top = place / layout.chunks_across() * layout.chunk_height;
        let count = layout.chunk_height.min(layout.height - top);
        let Some(rows) = rows.get_mut(..count * layout.row_length()) else {
            return (0, 1);
        };
        rows.fill(0);
        let tables = directory.bytes(layout::JPEG_TABLES);
        let length = chunk::inflate(layout, tables, layout.chunk(directory, index), rows);
        let expected = rows.len();
        self.place(directory.file().is_big_endian(), (left, top), plane, rows);
        (length, expected)
    }

    fn place(
        &mut self,
        big_endian: bool,
        (left, top): (usize, usize),
        plane: usize,
        rows: &mut [u8],
    ) {
        let layout = &self.layout;
        let (stored, kept) = (layout.chunk_samples(), layout.kept());
        let columns = layout.chunk_width.min(layout.width - left);
        let copied = if layout.planar { 1 } else { kept };
        let mut narrow = Vec::with_capacity(layout.chunk_width * stored);
        for (y, row) in rows.chunks_exact_mut(layout.row_length()).enumerate() {
            sample::unpredict(layout, big_endian, row);
            sample::widen(layout, big_endian, row, &mut narrow);
            let start = ((top + y) * layout.width + left) * kept;
            let target = &mut self.samples[start..start + columns * kept];
            if copied == stored && kept == stored {
                target.copy_from_slice(&narrow[..columns * kept]);
                continue;
            }
            for (to, from) in target
                .chunks_exact_mut(kept)
                .zip(narrow.chunks_exact(stored))
            {
                to[plane..plane + copied].copy_from_slice(&from[..copied]);
            }
        }
    }

    /// Makes the samples gray or RGB, perhaps with alpha. Returns the channels,
    /// and the profile if it has still to be applied.
    fn convert(
        &mut self,
        directory: &Directory<'_>,
        header: &Header,
        profile: Option<Vec<u8>>,
        warnings: &mut Vec<String>,
    ) -> Result<(usize, Option<Vec<u8>>), Error> {
        let kept = self.layout.kept();
        match self.layout.photometric {
            Photometric::WhiteIsZero => {
                for sample in self.samples.iter_mut().step_by(kept) {
                    *sample = 255 - *sample;
                }
            }
            Photometric::Palette => self.look_up(directory, header)?,
            Photometric::Cmyk => {
                self.drop_alpha(4);
                let inks = Inks::new(std::mem::take(&mut self.samples));
                self.samples = inks.to_srgb(profile.as_deref(), warnings)?;
                return Ok((3, None));
            }
            Photometric::Ycbcr if self.layout.compression != 7 => {
                for pixel in self.samples.chunks_exact_mut(kept) {
                    let converted = color::from_ycbcr(pixel[0], pixel[1], pixel[2]);
                    pixel[..3].copy_from_slice(&converted);
                }
            }
            Photometric::Lab { signed } => {
                for pixel in self.samples.chunks_exact_mut(kept) {
                    let lab = [pixel[0], pixel[1], pixel[2]];
                    pixel[..3].copy_from_slice(&color::from_lab(lab, signed));
                }
                return Ok((kept, None));
            }
            _ => {}
        }
        if self.layout.alpha == Alpha::Premultiplied {
            self.divide_alpha_out();
        }
        let colors = if self.layout.colors() == 1 && self.layout.photometric != Photometric::Palette
        {
            1
        } else {
            3
        };
        Ok((colors + kept - self.layout.colors(), profile))
    }

    /// Palettes have all reds, all greens, all blues, 16 bits each.
    fn look_up(&mut self, directory: &Directory<'_>, header: &Header) -> Result<(), Error> {
        let count = 1usize << self.layout.bits;
        let channel = |index: usize| directory.number(layout::PALETTE, index).unwrap_or(0);
        let palette: Vec<[u64; 3]> = (0..count)
            .map(|index| {
                [
                    channel(index),
                    channel(count + index),
                    channel(2 * count + index),
                ]
            })
            .collect();
        // Some writers forgot that there are 16 bits.
        let wide = palette.as_flattened().iter().any(|value| *value > 255);
        let convert = |value: u64| {
            if wide {
                (value >> 8) as u8
            } else {
                value as u8
            }
        };
        let kept = self.layout.kept();
        let mut colors = samples::allocate(header.width, header.height, kept + 2)?;
        let pixels = colors.chunks_exact_mut(kept + 2);
        for (to, from) in pixels.zip(self.samples.chunks_exact(kept)) {
            let color = palette
                .get(usize::from(from[0]))
                .copied()
                .unwrap_or_default();
            to[..3].copy_from_slice(&color.map(convert));
            to[3..].copy_from_slice(&from[1..]);
        }
        self.samples = colors;
        Ok(())
    }

    fn drop_alpha(&mut self, colors: usize) {
        let kept = self.layout.kept();
        if kept > colors {
            let pixels = self.samples.chunks_exact(kept);
            self.samples = pixels
                .flat_map(|pixel| pixel[..colors].iter().copied())
                .collect();
        }
    }

    fn divide_alpha_out(&mut self) {
        let kept = self.layout.kept();
        for pixel in self.samples.chunks_exact_mut(kept) {
            let Some((alpha @ 1.., colors)) = pixel.split_last_mut().map(|(a, c)| (*a, c)) else {
                continue;
            };
            for color in colors {
                let whole = u32::from(alpha);
                *color = ((u32::from(*color) * 255 + whole / 2) / whole).min(255) as u8;
            }
        }
    }
}
