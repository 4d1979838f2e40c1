//! A camera: a scene's light becomes samples, a little blurred by the lens and
//! with the noise of a sensor, because decoders and encoders behave differently
//! on pictures that are too clean.

use std::thread;

use crate::light::{Light, sample};
use crate::noise::normal;

/// A scene that can be photographed.
pub(crate) trait Scene: Sync {
    /// The light from a place: `y` goes from 0 at the top to 1 at the bottom,
    /// `x` from 0 at the left to the aspect ratio at the right. `pixel` is the
    /// size of a pixel, for edges that are sharp and yet smooth.
    fn light(&self, x: f32, y: f32, pixel: f32) -> Light;
}

/// Settings of a camera.
#[derive(Clone, Copy)]
pub(crate) struct Camera {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// The sensor's noise: 0 for none, 1 for a phone at noon, 3 for dusk.
    pub noise: f32,
    /// The lens's softness: 0 for none, 0.25 for a three-pixel blur.
    pub blur: f32,
}

/// A picture as light, row by row.
pub(crate) struct Photo {
    pub width: u32,
    pub height: u32,
    light: Vec<Light>,
}

impl Camera {
    /// Takes the picture; `seed` makes the noise.
    pub(crate) fn photograph(&self, scene: &dyn Scene, seed: u32) -> Photo {
        let light = self.rows(|x, y| {
            let pixel = 1.0 / self.height as f32;
            scene.light((x as f32 + 0.5) * pixel, (y as f32 + 0.5) * pixel, pixel)
        });
        let light = if self.blur > 0.0 {
            self.blurred(&light)
        } else {
            light
        };
        let light = if self.noise > 0.0 {
            self.grainy(&light, seed)
        } else {
            light
        };
        Photo {
            width: self.width,
            height: self.height,
            light,
        }
    }

    fn blurred(&self, light: &[Light]) -> Vec<Light> {
        let (width, height) = (self.width as usize, self.height as usize);
        let (side, middle) = (self.blur, 1.0 - 2.0 * self.blur);
        let weighted =
            |a: Light, b: Light, c: Light| [0, 1, 2].map(|i| side * (a[i] + c[i]) + middle * b[i]);
        let across = self.rows(|x, y| {
            let row = y * width;
            let (before, after) = (x.saturating_sub(1), (x + 1).min(width - 1));
            weighted(light[row + before], light[row + x], light[row + after])
        });
        self.rows(|x, y| {
            let (before, after) = (y.saturating_sub(1), (y + 1).min(height - 1));
            weighted(
                across[before * width + x],
                across[y * width + x],
                across[after * width + x],
            )
        })
    }

    /// Bright places have more noise, dark ones show it more: photons come at
    /// random, and reading them out adds a little of its own.
    fn grainy(&self, light: &[Light], seed: u32) -> Vec<Light> {
        let width = self.width as usize;
        self.rows(|x, y| {
            let place = light[y * width + x];
            [0, 1, 2].map(|i| {
                let deviation = self.noise * (place[i].max(0.0) * 1.6e-4 + 1e-6).sqrt();
                place[i] + deviation * normal(x as i32, y as i32, seed.wrapping_add(i as u32))
            })
        })
    }

    /// Every pixel's light, worked out on all cores.
    fn rows(&self, light: impl Fn(usize, usize) -> Light + Sync) -> Vec<Light> {
        let (width, height) = (self.width as usize, self.height as usize);
        let mut pixels = vec![[0.0; 3]; width * height];
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let band = height.div_ceil(cores).max(1);
        thread::scope(|scope| {
            for (index, rows) in pixels.chunks_mut(band * width).enumerate() {
                let light = &light;
                scope.spawn(move || {
                    for (offset, pixel) in rows.iter_mut().enumerate() {
                        *pixel = light(offset % width, index * band + offset / width);
                    }
                });
            }
        });
        pixels
    }
}

impl Photo {
    /// Three samples of 8 bits for each pixel.
    pub(crate) fn rgb8(&self) -> Vec<u8> {
        let samples = self.light.iter().flatten();
        samples
            .map(|light| (sample(*light) * 255.0 + 0.5) as u8)
            .collect()
    }

    /// Three samples of 16 bits for each pixel.
    pub(crate) fn rgb16(&self) -> Vec<u16> {
        let samples = self.light.iter().flatten();
        samples
            .map(|light| (sample(*light) * 65_535.0 + 0.5) as u16)
            .collect()
    }
}
