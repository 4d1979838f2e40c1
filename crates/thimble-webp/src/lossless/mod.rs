//! Lossless WebP that is cut off (RFC 9649, section 3): the rows there are.
//!
//! A whole picture is left to a crate that knows all of WebP. It gives nothing of one whose
//! data end early, where a browser shows every row that has arrived.

mod bits;
mod transform;

use bits::{Bits, Code};
use transform::{Blocks, Transform, packed};

/// Red, green, blue, alpha.
pub type Pixel = [u8; 4];

/// The upper rows of a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// Columns of the picture.
    pub width: u32,
    /// Rows of the picture, those that are missing included.
    pub height: u32,
    /// The pixels of the rows there are, which are whole.
    pub pixels: Vec<Pixel>,
}

impl Rows {
    /// No row is missing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.pixels.len() as u64 == u64::from(self.width) * u64::from(self.height)
    }
}

/// Width, height and alpha of a picture, by the beginning of a `VP8L` chunk.
#[must_use]
pub fn header(content: &[u8]) -> Option<(u32, u32, bool)> {
    let header = u32::from_le_bytes(*content.strip_prefix(b"\x2f")?.first_chunk()?);
    let side = |bits: u32| bits % (1 << 14) + 1;
    let has_alpha = header & 1 << 28 != 0;
    Some((side(header), side(header >> 14), has_alpha))
}

/// Decodes as many rows as there are in the content of a `VP8L` chunk. `None` if there is
/// not one, or not enough memory. It needs 4 bytes for each pixel that [`header`] claims, and
/// twice that if the picture has a palette.
#[must_use]
pub fn decode_partly(content: &[u8]) -> Option<Rows> {
    let (width, height, has_alpha) = header(content)?;
    let mut stream = Stream {
        bits: Bits::new(content.get(5..)?),
        height: height as usize,
    };
    let mut transforms = Vec::new();
    let stored_width = stream.read_transforms(width as usize, &mut transforms)?;
    let mut pixels = stream.read_main(stored_width)?;
    pixels.truncate(pixels.len() / stored_width * stored_width);
    for transform in transforms.iter().rev() {
        transform.undo(&mut pixels);
    }
    if !has_alpha {
        pixels.iter_mut().for_each(|pixel| pixel[3] = 255);
    }
    let rows = Rows {
        width,
        height,
        pixels,
    };
    Some(rows).filter(|rows| !rows.pixels.is_empty())
}

/// Symbols of green: a value, a length to copy, and what is remembered.
const VALUES: usize = 256;
const LENGTHS: usize = 24;
const DISTANCES: usize = 40;

/// A code each for green, red, blue, alpha and distances.
type Group = [Code; 5];

/// Groups of codes, and the group of each block of a picture.
struct Groups {
    groups: Vec<Group>,
    /// `None` if there is one group for all.
    blocks: Option<Blocks>,
}

/// Colors that were used, by a hash of theirs.
struct Cache {
    colors: Vec<Pixel>,
    bits: u32,
}

impl Cache {
    fn insert(&mut self, [red, green, blue, alpha]: Pixel) {
        let color = u32::from_be_bytes([alpha, red, green, blue]);
        let place = 0x1e35_a7bd_u32.wrapping_mul(color) >> (32 - self.bits);
        self.colors[place as usize] = [red, green, blue, alpha];
    }
}

struct Stream<'a> {
    bits: Bits<'a>,
    height: usize,
}

impl Stream<'_> {
    /// Reads the transforms, and returns the width of what they leave.
    fn read_transforms(&mut self, width: usize, found: &mut Vec<Transform>) -> Option<usize> {
        let (mut width, mut seen) = (width, 0);
        while self.bits.read(1)? == 1 {
            let kind = self.bits.read(2)?;
            if seen & 1 << kind != 0 {
                return None;
            }
            seen |= 1 << kind;
            found.push(match kind {
                0 => Transform::Predictor(self.read_blocks(width)?),
                1 => Transform::Color(self.read_blocks(width)?),
                2 => Transform::Green,
                _ => {
                    let count = self.bits.read(8)? as usize + 1;
                    let mut colors = self.read_part(count, 1)?;
                    for index in 1..count {
                        let before = colors[index - 1];
                        let sums = colors[index].iter_mut().zip(before);
                        sums.for_each(|(sum, before)| *sum = sum.wrapping_add(before));
                    }
                    let palette = Transform::Palette { colors, width };
                    width = width.div_ceil(1 << packed(count));
                    palette
                }
            });
        }
        Some(width)
    }

    /// Reads a picture of one pixel for each block of another.
    fn read_blocks(&mut self, width: usize) -> Option<Blocks> {
        let side = self.bits.read(3)? + 2;
        let sides = [width, self.height].map(|whole| whole.div_ceil(1 << side));
        Some(Blocks {
            parameters: self.read_part(sides[0], sides[1])?,
            side,
            width,
        })
    }

    /// Reads a picture that is needed as a whole.
    fn read_part(&mut self, width: usize, height: usize) -> Option<Vec<Pixel>> {
        let cache = self.read_cache()?;
        let group = self.read_group(cache.as_ref())?;
        let groups = Groups {
            groups: vec![group],
            blocks: None,
        };
        let pixels = self.read_pixels((width, height), &groups, cache)?;
        (pixels.len() == width * height).then_some(pixels)
    }

    /// Reads as much of the picture itself as there is.
    fn read_main(&mut self, width: usize) -> Option<Vec<Pixel>> {
        let cache = self.read_cache()?;
        let blocks = if self.bits.read(1)? == 1 {
            Some(self.read_blocks(width)?)
        } else {
            None
        };
        let used = blocks.iter().flat_map(|blocks| &blocks.parameters);
        let count = used.map(group_of).max().unwrap_or(0) + 1;
        let groups = (0..count).map(|_| self.read_group(cache.as_ref()));
        let groups = Groups {
            groups: groups.collect::<Option<_>>()?,
            blocks,
        };
        self.read_pixels((width, self.height), &groups, cache)
    }

    fn read_cache(&mut self) -> Option<Option<Cache>> {
        if self.bits.read(1)? == 0 {
            return Some(None);
        }
        let bits = self.bits.read(4)?;
        (1..=11).contains(&bits).then(|| {
            let colors = vec![[0; 4]; 1 << bits];
            Some(Cache { colors, bits })
        })
    }

    fn read_group(&mut self, cache: Option<&Cache>) -> Option<Group> {
        let remembered = cache.map_or(0, |cache| cache.colors.len());
        let mut code = |symbols| Code::read(&mut self.bits, symbols);
        Some([
            code(VALUES + LENGTHS + remembered)?,
            code(VALUES)?,
            code(VALUES)?,
            code(VALUES)?,
            code(DISTANCES)?,
        ])
    }

    /// Reads pixels up to the last, or to the end of the data, or to what makes no sense.
    /// `None` if there is no memory for them.
    fn read_pixels(
        &mut self,
        (width, height): (usize, usize),
        groups: &Groups,
        mut cache: Option<Cache>,
    ) -> Option<Vec<Pixel>> {
        let mut pixels: Vec<Pixel> = Vec::new();
        pixels.try_reserve_exact(width * height).ok()?;
        let (mut group, mut end) = (&groups.groups[0], 0);
        while pixels.len() < width * height {
            let before = pixels.len();
            if before >= end {
                (group, end) = groups.at(before, width);
            }
            if self
                .read_some(group, cache.as_ref(), width, &mut pixels)
                .is_none()
                || pixels.len() > width * height
            {
                pixels.truncate(before);
                break;
            }
            if let Some(cache) = &mut cache {
                pixels[before..]
                    .iter()
                    .for_each(|pixel| cache.insert(*pixel));
            }
        }
        Some(pixels)
    }

    /// Reads a pixel, or copies some.
    fn read_some(
        &mut self,
        group: &Group,
        cache: Option<&Cache>,
        width: usize,
        pixels: &mut Vec<Pixel>,
    ) -> Option<()> {
        let [green, red, blue, alpha, distances] = group;
        let symbol = usize::from(green.next(&mut self.bits)?);
        if symbol < VALUES {
            let mut value = |code: &Code| code.next(&mut self.bits).map(|value| value as u8);
            pixels.push([value(red)?, symbol as u8, value(blue)?, value(alpha)?]);
        } else if symbol < VALUES + LENGTHS {
            let length = self.read_number(symbol - VALUES)?;
            let symbol = usize::from(distances.next(&mut self.bits)?);
            let distance = distance(self.read_number(symbol)?, width);
            let from = pixels.len().checked_sub(distance)?;
            if length > pixels.capacity() - pixels.len() {
                return None;
            }
            for at in from..from + length {
                pixels.push(pixels[at]);
            }
        } else {
            let place = symbol - VALUES - LENGTHS;
            pixels.push(*cache?.colors.get(place)?);
        }
        Some(())
    }

    /// Lengths and distances: a symbol, and bits for its range.
    fn read_number(&mut self, symbol: usize) -> Option<usize> {
        if symbol < 4 {
            return Some(symbol + 1);
        }
        let bits = (symbol as u32 - 2) >> 1;
        let first = (2 + (symbol & 1)) << bits;
        Some(first + self.bits.read(bits)? as usize + 1)
    }
}

impl Groups {
    /// The codes of a pixel, and the next one that may have others.
    fn at(&self, pixel: usize, width: usize) -> (&Group, usize) {
        let Some(blocks) = &self.blocks else {
            return (&self.groups[0], usize::MAX);
        };
        let (x, y) = (pixel % width, pixel / width);
        let end = (((x >> blocks.side) + 1) << blocks.side).min(width);
        (&self.groups[group_of(&blocks.at(x, y))], y * width + end)
    }
}

/// The group of codes that a pixel of their picture stands for.
fn group_of([high, low, ..]: &Pixel) -> usize {
    usize::from(*high) << 8 | usize::from(*low)
}

/// Small distances are places around a pixel, in the order in which they are likely: down
/// the columns of this table, 8 to 1 to the left and up to 7 to the right, in rows above.
const NEAR: [u8; 120] = [
    0x18, 0x07, 0x17, 0x19, 0x28, 0x06, 0x27, 0x29, 0x16, 0x1a, 0x26, 0x2a, 0x38, 0x05, 0x37, 0x39,
    0x15, 0x1b, 0x36, 0x3a, 0x25, 0x2b, 0x48, 0x04, 0x47, 0x49, 0x14, 0x1c, 0x35, 0x3b, 0x46, 0x4a,
    0x24, 0x2c, 0x58, 0x45, 0x4b, 0x34, 0x3c, 0x03, 0x57, 0x59, 0x13, 0x1d, 0x56, 0x5a, 0x23, 0x2d,
    0x44, 0x4c, 0x55, 0x5b, 0x33, 0x3d, 0x68, 0x02, 0x67, 0x69, 0x12, 0x1e, 0x66, 0x6a, 0x22, 0x2e,
    0x54, 0x5c, 0x43, 0x4d, 0x65, 0x6b, 0x32, 0x3e, 0x78, 0x01, 0x77, 0x79, 0x53, 0x5d, 0x11, 0x1f,
    0x64, 0x6c, 0x42, 0x4e, 0x76, 0x7a, 0x21, 0x2f, 0x75, 0x7b, 0x31, 0x3f, 0x63, 0x6d, 0x52, 0x5e,
    0x00, 0x74, 0x7c, 0x41, 0x4f, 0x10, 0x20, 0x62, 0x6e, 0x30, 0x73, 0x7d, 0x51, 0x5f, 0x40, 0x72,
    0x7e, 0x61, 0x6f, 0x50, 0x71, 0x7f, 0x60, 0x70,
];

/// The pixels back to the one that a number stands for: at least 1.
fn distance(number: usize, width: usize) -> usize {
    match NEAR.get(number - 1) {
        Some(place) => {
            let (rows, left) = (usize::from(place >> 4), 8 - i64::from(place & 15));
            ((rows * width) as i64 + left).max(1) as usize
        }
        None => number - NEAR.len(),
    }
}
