//! The first frame of an animation that shows something: GIF, WebP and PNG.
//!
//! Many animations begin with nothing: a transparent canvas, or black that fades to a picture.
//! Whatever has one color throughout shows nothing, and is passed over ([`shows_something`]).
//!
//! | | |
//! |---|---|
//! | GIF | by [`thimble_gif::find`] |
//! | WebP | by `image-webp`, which composes frames as well |
//! | PNG | frames by `png`, composed here |
//!
//! ```
//! use thimble_poster::shows_something;
//!
//! let black = [0, 0, 0, 255].repeat(100);
//! assert!(!shows_something(&black, 4));
//! let mut title = black;
//! title[40..60].fill(255);
//! assert!(shows_something(&title, 4));
//! ```
//!
//! # Limits
//!
//! [`Most`] bounds the frames that are looked at, and their pixels: each frame counts as many as
//! the canvas has. A frame and the canvas are held, of four bytes a pixel each.
//!
//! # Errors
//!
//! There are none: without a frame to show, or behind a damaged one, the answer is `None`, and
//! the first frame will do.
//!
//! No bench: what costs is the decoding of frames, and the decoders have theirs. The fuzz targets
//! are `gif`, `webp` and `png`, in `fuzz/` of the repository: each asks for a poster.

#![forbid(unsafe_code)]

mod apng;
mod webp;

/// The most frames that are looked at: two seconds of most animations.
const FRAMES: u64 = 60;

/// Steps of 255 by which a pixel has to differ from the mean.
const STEPS: i32 = 24;

/// More than one pixel out of so many has to differ.
const SHARE: usize = 500;

/// Pixels of a frame that are looked at: of a larger one, some from all over it.
const PIXELS: usize = 1 << 22;

/// The most that looking for a frame may take.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    frames: usize,
}

/// A frame on its canvas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poster {
    /// The number of the frame, from 0. In a PNG whose default image is no part of the
    /// animation, that is 0, and the first frame is 1.
    pub frame: usize,
    /// Red, green, blue, and alpha, or three channels without it.
    pub channels: usize,
    /// The samples of all pixels.
    pub samples: Vec<u8>,
}

impl Most {
    /// At most so many pixels, for frames on a canvas of these sides.
    #[must_use]
    pub fn of_pixels(pixels: u64, (width, height): (u32, u32)) -> Self {
        let canvas = u64::from(width) * u64::from(height);
        let frames = (pixels / canvas.max(1)).min(FRAMES);
        Self {
            frames: frames as usize,
        }
    }

    /// True if any frame but the first is looked at.
    #[must_use]
    pub fn is_more_than_the_first(self) -> bool {
        self.frames > 1
    }
}

/// The poster of a GIF with a canvas of these sides.
#[must_use]
pub fn of_gif(source: &[u8], sides: (u32, u32), most: Most) -> Option<Poster> {
    let mut seen = 0;
    let found = thimble_gif::find(source, sides, most.frames, |canvas| {
        seen += 1;
        shows_something(canvas.as_flattened(), 4)
    });
    Some(Poster {
        samples: found.ok()??.into_flattened(),
        channels: 4,
        frame: seen - 1,
    })
}

/// The poster of a WebP.
#[must_use]
pub fn of_webp(source: &[u8], most: Most) -> Option<Poster> {
    webp::find(source, most.frames)
}

/// The poster of a PNG.
#[must_use]
pub fn of_png(source: &[u8], most: Most) -> Option<Poster> {
    apng::find(source, most.frames)
}

/// True unless nearly all pixels are alike, as they are seen: what is transparent has no color.
#[must_use]
pub fn shows_something(samples: &[u8], channels: usize) -> bool {
    let all = samples.chunks_exact(channels);
    // An odd number, so that it is not the same column of every row.
    let step = all.len().div_ceil(PIXELS) | 1;
    let pixels = all.step_by(step);
    let count = pixels.len().max(1);
    let mut sums = [0u64; 4];
    for pixel in pixels.clone() {
        for (sum, value) in sums.iter_mut().zip(seen(pixel)) {
            *sum += value as u64;
        }
    }
    let mean = sums.map(|sum| (sum / count as u64) as i32);
    let differs = |pixel: &[u8]| {
        let mut both = seen(pixel).into_iter().zip(mean);
        both.any(|(value, mean)| (value - mean).abs() > STEPS)
    };
    let least = count / SHARE + 1;
    pixels.filter(|pixel| differs(pixel)).take(least).count() == least
}

/// A pixel, colors multiplied by alpha.
fn seen(pixel: &[u8]) -> [i32; 4] {
    match *pixel {
        [red, green, blue, alpha] => {
            let part = |color: u8| i32::from(color) * i32::from(alpha) / 255;
            [part(red), part(green), part(blue), alpha.into()]
        }
        [red, green, blue] => [red.into(), green.into(), blue.into(), 255],
        _ => [0; 4],
    }
}
