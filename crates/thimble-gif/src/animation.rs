//! Frames one after the other, each on what those before it left on the canvas.

use thimble_bytes::Bytes;

use crate::error::Error;
use crate::image::Image;
use crate::walk::{Disposal, Frame, Walk};

/// Looks for a frame of an animation: the canvas, in red, green, blue and alpha, when the first
/// frame is on it for which `is_it` is true. At most so many frames are decoded, and those that
/// are damaged are passed over, as in browsers; one that is cut off is on the canvas and not asked about.
///
/// # Errors
///
/// [`Error::NoFrame`], and [`Error::TooLarge`] if there is no memory for the canvas.
pub fn find(
    source: &[u8],
    (width, height): (u32, u32),
    most: usize,
    mut is_it: impl FnMut(&[[u8; 4]]) -> bool,
) -> Result<Option<Vec<[u8; 4]>>, Error> {
    let bytes = Bytes::little_endian(source);
    let mut walk = Walk::new(&bytes).ok_or(Error::NoFrame)?;
    let mut canvas = Canvas::new(width as usize, height as usize)?;
    let frames = std::iter::from_fn(|| walk.next_frame());
    let frames = frames.filter(|frame| frame.has_pixels()).take(most);
    for frame in frames.collect::<Vec<Frame>>() {
        if !frame.is_within((width, height)) {
            continue;
        }
        if let Ok(image) = Image::of_frame(&bytes, frame, walk.palette) {
            canvas.show(&frame, &image);
            if image.is_whole() && is_it(&canvas.pixels) {
                return Ok(Some(canvas.pixels));
            }
        }
    }
    Ok(None)
}

/// A canvas with all frames so far.
struct Canvas {
    width: usize,
    pixels: Vec<[u8; 4]>,
    /// Frame that was shown last.
    last: Option<Frame>,
    /// Pixels that it covered, if those come back.
    covered: Vec<[u8; 4]>,
}

impl Canvas {
    fn new(width: usize, height: usize) -> Result<Self, Error> {
        let mut pixels = Vec::new();
        pixels
            .try_reserve_exact(width * height)
            .map_err(|_| Error::TooLarge { width, height })?;
        pixels.resize(width * height, [0; 4]);
        Ok(Canvas {
            width,
            pixels,
            last: None,
            covered: Vec::new(),
        })
    }

    fn show(&mut self, frame: &Frame, image: &Image) {
        self.dispose();
        self.covered.clear();
        if frame.disposal == Disposal::Restore {
            for y in 0..frame.height {
                let covered = &self.pixels[row(self.width, frame, y)];
                self.covered.extend_from_slice(covered);
            }
        }
        for y in 0..frame.height {
            image.lay(y, &mut self.pixels[row(self.width, frame, y)]);
        }
        self.last = Some(*frame);
    }

    fn dispose(&mut self) {
        let Some(frame) = self.last.take() else {
            return;
        };
        let mut covered = self.covered.chunks_exact(frame.width);
        for y in 0..frame.height {
            let shown = &mut self.pixels[row(self.width, &frame, y)];
            match frame.disposal {
                Disposal::Keep => return,
                Disposal::Clear => shown.fill([0; 4]),
                Disposal::Restore => {
                    if let Some(covered) = covered.next() {
                        shown.copy_from_slice(covered);
                    }
                }
            }
        }
    }
}

/// Places of the pixels of a frame's row.
fn row(width: usize, frame: &Frame, y: usize) -> std::ops::Range<usize> {
    let start = (frame.top + y) * width + frame.left;
    start..start + frame.width
}
