//! A picture at its place on a canvas: a whole one, or the rows there are of a damaged one.

use thimble_picture::{Plane, Row, from_ycbcr};

use super::Detail;
use super::container::{self, Frame};
use super::lossless::{self, Rows};
use super::still::{self, Error, Pixels};

/// A canvas, and the place of a picture on it. What lies beside the picture is transparent,
/// and what lies beside the canvas is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canvas {
    /// Width and height.
    pub sides: (u32, u32),
    /// The left upper corner of the picture.
    pub place: (u32, u32),
}

/// A picture to be put on a canvas.
pub struct Layer(Source);

enum Source {
    Whole(Pixels),
    Lossless(Rows),
    Lossy(Cut),
}

/// A lossy picture of which only the upper rows are there, or that is not what the file
/// says of it.
struct Cut {
    /// Those rows: luma, blue difference and red difference.
    planes: [Plane; 3],
    is_whole: bool,
    /// The whole picture, with alpha, and with colors that cannot be trusted.
    alpha: Option<Vec<u8>>,
}

impl Layer {
    /// A still picture of these sides: check them before.
    ///
    /// # Errors
    ///
    /// If it is damaged or of other sides, or there is not enough memory.
    pub fn whole(source: &[u8], sides: (u32, u32)) -> Result<Self, Error> {
        let pixels = still::pixels(&still::readable(source), sides)?;
        Ok(Self(Source::Whole(pixels)))
    }

    /// The rows there are of a still picture that is damaged; `None` if there are none. Check
    /// [`sides_of_frame`](still::sides_of_frame) before.
    #[must_use]
    pub fn remains(source: &[u8]) -> Option<Self> {
        Some(Self(match container::still_frame(source)? {
            Frame::Lossless(frame) => Source::Lossless(lossless::decode_partly(frame)?),
            Frame::Lossy(frame) => Source::Lossy(Cut::decode(source, frame)?),
        }))
    }

    /// No row of the picture is missing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match &self.0 {
            Source::Whole(_) => true,
            Source::Lossless(rows) => rows.is_whole(),
            Source::Lossy(cut) => cut.is_whole,
        }
    }

    /// Hands out the rows of the canvas from the top, in red, green, blue and alpha. One that
    /// the picture does not touch is missing.
    ///
    /// # Errors
    ///
    /// Those of `take`.
    pub fn rows_on<E>(
        &self,
        canvas: Canvas,
        take: impl FnMut(Row<'_, u8>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut placed = Placed::new(canvas, take)?;
        match &self.0 {
            Source::Whole(pixels) => {
                let length = (pixels.width as usize * pixels.channels).max(1);
                let mut rows = pixels.samples.chunks_exact(length);
                rows.try_for_each(|row| placed.push(row, pixels.channels))?;
            }
            Source::Lossless(there) => {
                let mut rows = there.pixels.chunks_exact(there.width as usize);
                rows.try_for_each(|row| placed.push(row.as_flattened(), 4))?;
            }
            Source::Lossy(cut) => {
                let mut row = Vec::new();
                for y in 0..cut.planes[0].extent.1 as usize {
                    cut.row(y, &mut row);
                    placed.push(row.as_flattened(), 4)?;
                }
            }
        }
        placed.finish()
    }
}

impl Cut {
    fn decode(source: &[u8], frame: &[u8]) -> Option<Self> {
        let sides = super::dimensions(frame)?;
        let (picture, is_whole) =
            super::decode_partly(frame, Detail::for_size(sides, sides)).ok()?;
        let filled = container::filled_up(source, sides);
        Some(Self {
            planes: picture.planes.try_into().ok()?,
            is_whole,
            alpha: filled.and_then(|filled| still::with_alpha(&filled, sides)),
        })
    }

    /// The pixels of a row.
    fn row(&self, y: usize, pixels: &mut Vec<[u8; 4]>) {
        let width = self.planes[0].extent.0 as usize;
        pixels.clear();
        pixels.extend((0..width).map(|x| {
            let at = |plane: &Plane| plane.samples.get(y * plane.width + x).copied();
            let [luma, blue, red] = self.planes.each_ref().map(|plane| at(plane).unwrap_or(128));
            let alpha = self.alpha.as_ref();
            let alpha = alpha.and_then(|pixels| pixels.get((y * width + x) * 4 + 3));
            let [red, green, blue] = from_ycbcr(luma, blue, red);
            [red, green, blue, alpha.copied().unwrap_or(u8::MAX)]
        }));
    }
}

/// A canvas on the way of rows that may be shorter than its own, or longer, or fewer.
struct Placed<T> {
    canvas: Canvas,
    row: Vec<u8>,
    /// Rows that were handed out.
    filled: u32,
    take: T,
}

impl<T, E> Placed<T>
where
    T: FnMut(Row<'_, u8>) -> Result<(), E>,
{
    fn new(canvas: Canvas, take: T) -> Result<Self, E> {
        let mut placed = Self {
            canvas,
            row: vec![0; canvas.sides.0 as usize * 4],
            filled: 0,
            take,
        };
        placed.leave_out_to(canvas.place.1.min(canvas.sides.1))?;
        Ok(placed)
    }

    /// Takes the next row, of three or four channels.
    fn push(&mut self, row: &[u8], channels: usize) -> Result<(), E> {
        if self.filled == self.canvas.sides.1 {
            return Ok(());
        }
        self.filled += 1;
        let left = self.canvas.place.0 as usize;
        if channels == 4 && left == 0 && row.len() == self.row.len() {
            return (self.take)(there(row));
        }
        let places = self.row.chunks_exact_mut(4).skip(left);
        for (place, pixel) in places.zip(row.chunks_exact(channels)) {
            place[..channels].copy_from_slice(pixel);
            place[channels..].fill(u8::MAX);
        }
        (self.take)(there(&self.row))
    }

    fn finish(mut self) -> Result<(), E> {
        self.leave_out_to(self.canvas.sides.1)
    }

    fn leave_out_to(&mut self, end: u32) -> Result<(), E> {
        while self.filled < end {
            self.filled += 1;
            (self.take)(there(&[]))?;
        }
        Ok(())
    }
}

fn there(samples: &[u8]) -> Row<'_, u8> {
    Row { samples, gaps: &[] }
}
