//! The picture: the thumbnails side by side, as a PNG for the engine to scale.

use std::io::Cursor;

use anyhow::{Context, Result, bail};

use super::{Entry, Thumbnail};
use crate::encode;

/// Pictures in a row, the pixels that one has for itself, and those between two.
const COLUMNS: usize = 4;
const CELL: (usize, usize) = (320, 240);
const GAP: usize = 16;

/// The paper, and what lies behind a picture.
const PAPER: [u8; 3] = [0x14, 0x18, 0x1f];
const CARD: [u8; 3] = [0x1d, 0x23, 0x2d];

/// Rows of pixels that are painted on.
struct Canvas {
    width: usize,
    pixels: Vec<[u8; 3]>,
}

/// A decoded thumbnail: 8-bit RGBA.
struct Cell {
    width: usize,
    pixels: Vec<[u8; 4]>,
}

/// All cells on one canvas.
pub(super) fn picture(entries: &[Entry]) -> Result<Vec<u8>> {
    let rows = entries.len().div_ceil(COLUMNS);
    let (width, height) = (COLUMNS * (CELL.0 + GAP) + GAP, rows * (CELL.1 + GAP) + GAP);
    let mut canvas = Canvas {
        width,
        pixels: vec![PAPER; width * height],
    };
    for (index, entry) in entries.iter().enumerate() {
        let left = GAP + (index % COLUMNS) * (CELL.0 + GAP);
        let top = GAP + (index / COLUMNS) * (CELL.1 + GAP);
        canvas.card((left, top));
        if let Some(thumbnail) = &entry.cell {
            canvas.paste(&Cell::decode(thumbnail)?, (left, top));
        }
    }
    let size = (u32::try_from(width)?, u32::try_from(height)?);
    encode::rgb(size, canvas.pixels.as_flattened())
}

impl Canvas {
    fn card(&mut self, at: (usize, usize)) {
        for y in at.1..at.1 + CELL.1 {
            self.pixels[y * self.width + at.0..][..CELL.0].fill(CARD);
        }
    }

    /// Paints a picture in the middle of the cell at a place.
    fn paste(&mut self, cell: &Cell, at: (usize, usize)) {
        let height = cell.pixels.len() / cell.width.max(1);
        let left = at.0 + CELL.0.saturating_sub(cell.width) / 2;
        let top = at.1 + CELL.1.saturating_sub(height) / 2;
        for (y, row) in cell.pixels.chunks_exact(cell.width.max(1)).enumerate() {
            let place = self.pixels[(top + y) * self.width + left..].iter_mut();
            for (behind, &[red, green, blue, alpha]) in place.zip(row) {
                let over = [red, green, blue];
                *behind = [0, 1, 2].map(|i| {
                    let alpha = u32::from(alpha);
                    let sum = u32::from(over[i]) * alpha + u32::from(behind[i]) * (255 - alpha);
                    ((sum + 127) / 255) as u8
                });
            }
        }
    }
}

impl Cell {
    fn decode(thumbnail: &Thumbnail) -> Result<Self> {
        let name = &thumbnail.key;
        let mut decoder = png::Decoder::new(Cursor::new(&thumbnail.bytes));
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder
            .read_info()
            .with_context(|| format!("this is no PNG file: {name}"))?;
        let size = reader
            .output_buffer_size()
            .context("the picture is too large")?;
        let mut samples = vec![0; size];
        let info = reader.next_frame(&mut samples)?;
        let (width, height) = (info.width as usize, info.height as usize);
        if width > CELL.0 || height > CELL.1 {
            bail!(
                "this picture is larger than {} x {}: {name}",
                CELL.0,
                CELL.1
            );
        }
        let channels = info.color_type.samples();
        let pixels = samples[..info.buffer_size()]
            .chunks_exact(channels)
            .map(rgba);
        Ok(Self {
            width,
            pixels: pixels.collect(),
        })
    }
}

fn rgba(samples: &[u8]) -> [u8; 4] {
    match *samples {
        [gray] => [gray, gray, gray, 255],
        [gray, alpha] => [gray, gray, gray, alpha],
        [red, green, blue] => [red, green, blue, 255],
        [red, green, blue, alpha, ..] => [red, green, blue, alpha],
        [] => [0; 4],
    }
}
