//! The pixels of a frame, on its canvas.

use thimble_bytes::Bytes;
use thimble_lzw::{Decoder, Status};

use crate::error::Error;
use crate::walk::{Frame, Palette, Walk};

/// Bytes that a frame may have more than its pixels can need.
const SURPLUS: usize = 1 << 16;

/// Frames of some size that are tried for one with pixels.
const MOST_TRIED: usize = 4;

/// The first frame of which anything is there, decompressed. Of a frame that has no pixels,
/// browsers show nothing, and go on.
#[derive(Debug)]
pub struct Image {
    frame: Frame,
    indices: Indices,
    colors: [[u8; 4]; 256],
}

impl Image {
    /// Decompresses the frame, of those that lie within the sides of the header.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if there is nothing of it, and [`Error::TooLarge`].
    pub fn decode(source: &[u8], sides: (u32, u32)) -> Result<Self, Error> {
        let bytes = Bytes::little_endian(source);
        let mut walk = Walk::new(&bytes).ok_or(Error::NoFrame)?;
        let mut refused = Error::NoFrame;
        let frames = std::iter::from_fn(|| walk.next_frame());
        let frames = frames.filter(|frame| frame.has_pixels() && frame.is_within(sides));
        let frames: Vec<Frame> = frames.take(MOST_TRIED).collect();
        for frame in frames {
            match Self::of_frame(&bytes, frame, walk.palette) {
                Ok(image) => return Ok(image),
                Err(error @ Error::TooLarge { .. }) => return Err(error),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }

    /// Decompresses one frame.
    pub(crate) fn of_frame(
        bytes: &Bytes<'_>,
        frame: Frame,
        common: Palette,
    ) -> Result<Self, Error> {
        Ok(Image {
            indices: Indices::read(bytes, &frame)?,
            colors: colors(bytes, &frame, common),
            frame,
        })
    }

    /// Lays a row of the frame over what is there: where it is transparent, that stays.
    pub(crate) fn lay(&self, y: usize, row: &mut [[u8; 4]]) {
        let indices = shown_row(&self.frame, &self.indices, y);
        for (pixel, index) in row.iter_mut().zip(indices) {
            let color = self.colors[usize::from(*index)];
            if color[3] > 0 {
                *pixel = color;
            }
        }
    }

    /// No pixel of the frame is missing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.indices.is_whole()
    }

    /// Every pixel of a canvas of these sides has a color.
    #[must_use]
    pub fn is_opaque(&self, (width, height): (u32, u32)) -> bool {
        let Frame {
            top,
            left,
            transparent,
            ..
        } = self.frame;
        let sides = (self.frame.width, self.frame.height);
        let is_covered = (left, top) == (0, 0) && sides == (width as usize, height as usize);
        is_covered && transparent.is_none() && self.is_whole()
    }

    /// Paints a row of a canvas that is opaque, in red, green and blue.
    pub fn paint_opaque(&self, y: u32, row: &mut [[u8; 3]]) {
        let indices = shown_row(&self.frame, &self.indices, y as usize);
        let color = |index: u8| u32::from_le_bytes(self.colors[usize::from(index)]) & 0xff_ffff;
        let (fours, rest) = row.as_chunks_mut::<4>();
        let (indices, others) = indices.as_chunks::<4>();
        for (four, indices) in fours.iter_mut().zip(indices) {
            let [a, b, c, d] = indices.map(color);
            let words = [a | b << 24, b >> 8 | c << 16, c >> 16 | d << 8];
            let bytes = words.map(u32::to_le_bytes);
            four.as_flattened_mut()
                .copy_from_slice(bytes.as_flattened());
        }
        for (pixel, index) in rest.iter_mut().zip(others) {
            let [red, green, blue, _] = self.colors[usize::from(*index)];
            *pixel = [red, green, blue];
        }
    }

    /// Paints a row of the canvas, in red, green, blue and alpha. Pixels that the frame
    /// leaves uncovered, and those that are missing, are transparent.
    pub fn paint(&self, y: u32, row: &mut [[u8; 4]]) {
        row.fill([0; 4]);
        let Frame {
            top, left, height, ..
        } = self.frame;
        let y = (y as usize).checked_sub(top).filter(|y| *y < height);
        let Some(y) = y else { return };
        let indices = shown_row(&self.frame, &self.indices, y);
        for (pixel, index) in row.iter_mut().skip(left).zip(indices) {
            *pixel = self.colors[usize::from(*index)];
        }
    }
}

/// Zeros, one for each pixel of a frame.
fn room(frame: &Frame) -> Result<Vec<u8>, Error> {
    let (width, height) = (frame.width, frame.height);
    let mut values = Vec::new();
    values
        .try_reserve_exact(width * height)
        .map_err(|_| Error::TooLarge { width, height })?;
    values.resize(width * height, 0);
    Ok(values)
}

/// Indices of a frame into its colors, in the order in which they are stored.
#[derive(Debug)]
struct Indices {
    values: Vec<u8>,
    /// The pixels that were there.
    count: usize,
}

impl Indices {
    /// Decompresses the pixels of a frame, as many as there are.
    fn read(bytes: &Bytes<'_>, frame: &Frame) -> Result<Self, Error> {
        let mut values = room(frame)?;
        // Indices have 8 bits at most, but there are writers who begin with longer codes.
        let decoder = bytes.u8(frame.data).and_then(Decoder::gif);
        let decoder = decoder.ok_or(Error::Malformed("no code size of pixels"))?;
        let count = decompress(bytes, frame.data + 1, decoder, &mut values);
        if count == 0 {
            return Err(Error::Malformed("nothing of the frame can be decompressed"));
        }
        Ok(Indices { values, count })
    }

    fn is_whole(&self) -> bool {
        self.count == self.values.len()
    }

    /// A stored row, up to where the pixels end.
    fn row(&self, frame: &Frame, index: usize) -> &[u8] {
        let there = &self.values[..self.count];
        let start = (index * frame.width).min(there.len());
        &there[start..(start + frame.width).min(there.len())]
    }
}

/// Decompresses blocks, and returns how many pixels came out. A pixel takes no more
/// than a code, and a code that clears the table before it: three bytes. Codes that
/// only clear could go on for ever.
fn decompress(bytes: &Bytes<'_>, mut at: usize, mut decoder: Decoder, pixels: &mut [u8]) -> usize {
    let mut spare = pixels.len().saturating_mul(4).saturating_add(SURPLUS);
    while let Some(length @ 1..) = bytes.u8(at) {
        let rest = bytes.rest(at + 1);
        let block = rest.get(..length.into()).unwrap_or(rest);
        at += 1 + usize::from(length);
        let status = decoder.decode(block, pixels);
        spare = match spare.checked_sub(length.into()) {
            Some(spare) if status == Status::Hungry => spare,
            _ => break,
        };
    }
    decoder.produced()
}

/// The color of each index: its own palette's, that of all frames, or a shade of
/// gray. An index beyond the palette is black.
fn colors(bytes: &Bytes<'_>, frame: &Frame, common: Palette) -> [[u8; 4]; 256] {
    let palette = if frame.palette.length > 0 {
        frame.palette
    } else {
        common
    };
    let mut colors = [[0, 0, 0, 255]; 256];
    if palette.length == 0 {
        colors = std::array::from_fn(|gray| [gray as u8, gray as u8, gray as u8, 255]);
    }
    let rest = bytes.rest(palette.at);
    let table = rest.get(..palette.length).unwrap_or(rest);
    for (color, [red, green, blue]) in colors.iter_mut().zip(table.as_chunks().0) {
        *color = [*red, *green, *blue, 255];
    }
    if let Some(index) = frame.transparent {
        colors[usize::from(index)] = [0; 4];
    }
    colors
}

/// The stored row that is shown as a row of the frame. Of an interlaced frame that
/// ends early, that is one above, as it is while a browser receives it.
fn shown_row<'a>(frame: &Frame, indices: &'a Indices, y: usize) -> &'a [u8] {
    if !frame.is_interlaced {
        return indices.row(frame, y);
    }
    let is_there = |row: &&[u8]| row.len() == frame.width;
    let candidates = [y, y & !1, y & !3, y & !7];
    let rows = candidates.map(|y| indices.row(frame, stored_index(y, frame.height)));
    rows.into_iter().find(is_there).unwrap_or_default()
}

/// The place of a row among those of an interlaced frame: every eighth, those midway
/// between them, every second of the rest, and what is left.
fn stored_index(y: usize, height: usize) -> usize {
    let before = |start: usize, step: usize| (height + step - 1 - start.min(height)) / step;
    match y % 8 {
        0 => y / 8,
        4 => before(0, 8) + y / 8,
        2 | 6 => before(0, 8) + before(4, 8) + y / 4,
        _ => before(0, 8) + before(4, 8) + before(2, 4) + y / 2,
    }
}
