//! A printed poster: flat inks and sharp edges.

use crate::camera::Scene;
use crate::light::{Light, disc, hex, inside, mix, step};
use crate::noise::ridged;

/// A striped sun behind hills.
pub(crate) struct Poster;

impl Scene for Poster {
    fn light(&self, x: f32, y: f32, pixel: f32) -> Light {
        let paper = hex(0xf6ead0);
        let (dx, dy) = (x - 0.36, y - 0.42);
        let gap = 0.014 * step(0.0, 0.26, dy + 0.02);
        let stripe = ((dy * 22.0).fract().abs() - 0.5).abs() / 22.0 - gap;
        let sun = disc(dx, dy, 0.25).max(if dy > 0.0 { -stripe } else { -1.0 });
        let sky = mix(hex(0xf2b134), hex(0xe85d3a), (y * 8.0).floor() / 6.0);
        let mut light = mix(sky, hex(0xc9223b), inside(sun, pixel));
        for (index, ink) in [0x2a7f8e, 0x1d5470, 0x14263f].iter().enumerate() {
            let crest = 0.66 + 0.09 * index as f32
                - 0.10 * ridged(x * (1.5 + index as f32), 0.2, 2, 80 + index as u32);
            light = mix(light, hex(*ink), inside(crest - y, pixel));
        }
        let frame = -(x.min(0.72 - x).min(y).min(1.0 - y) - 0.035);
        mix(light, paper, inside(-frame, pixel))
    }
}
