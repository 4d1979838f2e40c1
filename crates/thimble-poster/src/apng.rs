//! Frames of a PNG, composed by the rules of its third edition, section 13.

use std::io::Cursor;
use std::ops::Range;

use png::{BlendOp, Decoder, DisposeOp, FrameControl, Transformations};

use crate::{Poster, shows_something};

pub(crate) fn find(source: &[u8], most: usize) -> Option<Poster> {
    let mut decoder = Decoder::new(Cursor::new(source));
    decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
    let mut reader = decoder.read_info().ok()?;
    let palette = reader.info().palette.as_deref().unwrap_or_default();
    if !palette.len().is_multiple_of(3) {
        // The crate would panic at a part of a color.
        return None;
    }
    let frames = reader.info().animation_control()?.num_frames as usize;
    let (width, height) = reader.info().size();
    let (width, height) = (width as usize, height as usize);
    let mut decoded = zeros(reader.output_buffer_size()?)?;
    let mut canvas = Canvas {
        width,
        pixels: zeros(width.checked_mul(height)?)?,
        last: None,
        covered: Vec::new(),
    };
    let (mut frame, mut end) = (0, most.min(frames));
    while frame < end {
        let output = reader.next_frame(&mut decoded).ok()?;
        // A default image that is no frame has no control, and is counted nevertheless.
        let Some(control) = reader.info().frame_control() else {
            (frame, end) = (frame + 1, end + 1);
            continue;
        };
        let there = decoded.get(..output.buffer_size())?;
        canvas.show(control, there, output.color_type.samples())?;
        if shows_something(canvas.pixels.as_flattened(), 4) {
            return Some(Poster {
                frame,
                channels: 4,
                samples: canvas.pixels.into_flattened(),
            });
        }
        frame += 1;
    }
    None
}

fn zeros<T: Clone + Default>(length: usize) -> Option<Vec<T>> {
    let mut zeros = Vec::new();
    zeros.try_reserve_exact(length).ok()?;
    zeros.resize(length, T::default());
    Some(zeros)
}

/// A canvas with all frames so far.
struct Canvas {
    width: usize,
    pixels: Vec<[u8; 4]>,
    /// The frame that was shown last.
    last: Option<FrameControl>,
    /// Pixels that it covered, if those come back.
    covered: Vec<[u8; 4]>,
}

impl Canvas {
    /// Shows a frame with two channels, gray and alpha, or four.
    fn show(&mut self, control: &FrameControl, samples: &[u8], channels: usize) -> Option<()> {
        self.dispose()?;
        self.covered.clear();
        for y in 0..control.height {
            let covered = self.pixels.get(row(self.width, control, y))?;
            if control.dispose_op == DisposeOp::Previous {
                self.covered.extend_from_slice(covered);
            }
        }
        let length = control.width as usize * channels;
        for (y, samples) in (0..).zip(samples.chunks_exact(length)) {
            let shown = self.pixels.get_mut(row(self.width, control, y))?;
            match channels {
                2 => {
                    let (pixels, _) = samples.as_chunks();
                    let gray = |[gray, alpha]: &[u8; 2]| [*gray, *gray, *gray, *alpha];
                    lay(shown, pixels.iter().map(gray), control.blend_op);
                }
                4 => lay(
                    shown,
                    samples.as_chunks().0.iter().copied(),
                    control.blend_op,
                ),
                _ => return None,
            }
        }
        self.last = Some(*control);
        Some(())
    }

    fn dispose(&mut self) -> Option<()> {
        let Some(control) = self.last.take() else {
            return Some(());
        };
        let mut covered = self.covered.chunks_exact(control.width as usize);
        for y in 0..control.height {
            let shown = self.pixels.get_mut(row(self.width, &control, y))?;
            match control.dispose_op {
                DisposeOp::None => break,
                DisposeOp::Background => shown.fill([0; 4]),
                DisposeOp::Previous => shown.copy_from_slice(covered.next()?),
            }
        }
        Some(())
    }
}

/// Lays a row of a frame on that of the canvas.
fn lay(shown: &mut [[u8; 4]], above: impl Iterator<Item = [u8; 4]>, blend: BlendOp) {
    let both = shown.iter_mut().zip(above);
    match blend {
        BlendOp::Source => both.for_each(|(pixel, above)| *pixel = above),
        BlendOp::Over => both.for_each(|(pixel, above)| *pixel = over(above, *pixel)),
    }
}

/// Places of the pixels of a frame's row.
fn row(width: usize, control: &FrameControl, y: u32) -> Range<usize> {
    let start = (control.y_offset + y) as usize * width + control.x_offset as usize;
    start..start + control.width as usize
}

/// A pixel seen through another.
fn over(above: [u8; 4], below: [u8; 4]) -> [u8; 4] {
    let [alpha, behind] = [above[3], below[3]].map(u32::from);
    if alpha == 255 || behind == 0 {
        return above;
    }
    // In units of 255 by 255.
    let (of_above, of_below) = (alpha * 255, behind * (255 - alpha));
    let all = of_above + of_below;
    let mut seen = [0; 4];
    for (seen, (above, below)) in seen.iter_mut().zip(above.into_iter().zip(below)) {
        let mixed = u32::from(above) * of_above + u32::from(below) * of_below;
        *seen = ((mixed + all / 2) / all.max(1)) as u8;
    }
    seen[3] = ((all + 127) / 255) as u8;
    seen
}
