//! Transforms that are undone when the samples are there (RFC 9649, section 3.5).

use super::Pixel;

/// A transform, and the width of the picture that it was applied to.
#[derive(Debug)]
pub(super) enum Transform {
    /// Each pixel is a difference from what its neighbors predict. The green of a block
    /// is the way to predict.
    Predictor(Blocks),
    /// Red and blue are differences from what green, and red, predict.
    Color(Blocks),
    /// Red and blue are differences from green.
    Green,
    /// Indices into a palette, several in a pixel if the palette is small.
    Palette { colors: Vec<Pixel>, width: usize },
}

/// Parameters of square blocks of a picture.
#[derive(Debug)]
pub(super) struct Blocks {
    pub(super) parameters: Vec<Pixel>,
    /// Binary logarithm of the side of a block.
    pub(super) side: u32,
    pub(super) width: usize,
}

impl Blocks {
    pub(super) fn at(&self, x: usize, y: usize) -> Pixel {
        let across = self.width.div_ceil(1 << self.side);
        self.parameters[(y >> self.side) * across + (x >> self.side)]
    }
}

/// Opaque black.
const BLACK: Pixel = [0, 0, 0, 255];

impl Transform {
    /// Undoes the transform in whole rows.
    pub(super) fn undo(&self, pixels: &mut Vec<Pixel>) {
        match self {
            Transform::Predictor(blocks) => add_predicted(blocks, pixels),
            Transform::Color(blocks) => {
                for (y, row) in pixels.chunks_exact_mut(blocks.width).enumerate() {
                    for (x, pixel) in row.iter_mut().enumerate() {
                        add_color(blocks.at(x, y), pixel);
                    }
                }
            }
            Transform::Green => {
                for [red, green, blue, _] in pixels {
                    *red = red.wrapping_add(*green);
                    *blue = blue.wrapping_add(*green);
                }
            }
            Transform::Palette { colors, width } => *pixels = look_up(colors, *width, pixels),
        }
    }
}

/// Bits of an index into so many colors, as a binary logarithm of the indices in a pixel.
pub(super) fn packed(colors: usize) -> u32 {
    match colors {
        0..=2 => 3,
        3..=4 => 2,
        5..=16 => 1,
        _ => 0,
    }
}

fn look_up(colors: &[Pixel], width: usize, packed_pixels: &[Pixel]) -> Vec<Pixel> {
    let packed = packed(colors.len());
    let bits = 8 >> packed;
    let across = width.div_ceil(1 << packed);
    let mut pixels = Vec::with_capacity(packed_pixels.len() / across * width);
    for row in packed_pixels.chunks_exact(across) {
        pixels.extend((0..width).map(|x| {
            let [_, indices, ..] = row[x >> packed];
            let place = x % (1 << packed) * bits;
            let index = usize::from(indices) >> place & ((1 << bits) - 1);
            colors.get(index).copied().unwrap_or_default()
        }));
    }
    pixels
}

fn add_color([red_to_blue, green_to_blue, green_to_red, _]: Pixel, pixel: &mut Pixel) {
    let share = |factor: u8, value: u8| {
        let product = i32::from(factor.cast_signed()) * i32::from(value.cast_signed());
        (product >> 5) as u8
    };
    let [red, green, blue, _] = pixel;
    *red = red.wrapping_add(share(green_to_red, *green));
    *blue = blue
        .wrapping_add(share(green_to_blue, *green))
        .wrapping_add(share(red_to_blue, *red));
}

fn add_predicted(blocks: &Blocks, pixels: &mut [Pixel]) {
    let width = blocks.width;
    for y in 0..pixels.len() / width {
        for x in 0..width {
            let at = y * width + x;
            let predicted = match (x, y) {
                (0, 0) => BLACK,
                (_, 0) => pixels[at - 1],
                (0, _) => pixels[at - width],
                _ => {
                    let [_, way, ..] = blocks.at(x, y);
                    // Above to the right of the last column is the first of this row.
                    let above = [at - width - 1, at - width, at - width + 1];
                    predict(way & 15, pixels[at - 1], above.map(|at| pixels[at]))
                }
            };
            let pixel = &mut pixels[at];
            *pixel = by_channel(|index| pixel[index].wrapping_add(predicted[index]));
        }
    }
}

fn by_channel(value: impl Fn(usize) -> u8) -> Pixel {
    [0, 1, 2, 3].map(value)
}

/// The color that the pixels to the left and above predict.
fn predict(way: u8, left: Pixel, [before, above, behind]: [Pixel; 3]) -> Pixel {
    match way {
        1 => left,
        2 => above,
        3 => behind,
        4 => before,
        5 => mean(mean(left, behind), above),
        6 => mean(left, before),
        7 => mean(left, above),
        8 => mean(before, above),
        9 => mean(above, behind),
        10 => mean(mean(left, before), mean(above, behind)),
        11 => nearer(left, above, before),
        12 => by_channel(|index| {
            let [left, above, before] = [left, above, before].map(|pixel| i32::from(pixel[index]));
            (left + above - before).clamp(0, 255) as u8
        }),
        13 => {
            let middle = mean(left, above);
            by_channel(|index| {
                let [middle, before] = [middle, before].map(|pixel| i32::from(pixel[index]));
                (middle + (middle - before) / 2).clamp(0, 255) as u8
            })
        }
        _ => BLACK,
    }
}

fn mean(a: Pixel, b: Pixel) -> Pixel {
    by_channel(|index| a[index].midpoint(b[index]))
}

/// The neighbor that is nearer to what both of them and the one between predict.
fn nearer(left: Pixel, above: Pixel, before: Pixel) -> Pixel {
    let distance = |pixel: Pixel| -> u32 {
        let channels = pixel.iter().zip(before);
        channels.map(|(a, b)| u32::from(a.abs_diff(b))).sum()
    };
    if distance(above) < distance(left) {
        left
    } else {
        above
    }
}
