//! A night sky: gradients so smooth that 8 bits would show steps.

use crate::camera::Scene;
use crate::light::{Light, add, hex, inside, mix, scale, step};
use crate::noise::{fractal, random, ridged, smooth};

/// Northern lights over a forest.
pub(crate) struct Aurora {
    pub seed: u32,
}

impl Scene for Aurora {
    fn light(&self, x: f32, y: f32, pixel: f32) -> Light {
        let night = mix(hex(0x040a1c), hex(0x14304a), step(0.0, 0.9, y));
        let sky = add(add(night, self.stars(x, y)), self.curtains(x, y));
        let hill = 0.80 - 0.12 * ridged(x * 1.1, 0.0, 5, self.seed + 40).max(0.0);
        let tree = x * 46.0;
        let tall = 0.3 + 0.7 * random(tree.floor() as i32, 1, self.seed + 41);
        let crest = hill - 0.06 * tall * (1.0 - 2.0 * (tree.fract() - 0.5).abs()).powf(1.3);
        let ground = scale(
            hex(0x0a1512),
            0.4 + fractal(x * 30.0, y * 30.0, 4, self.seed + 42),
        );
        mix(sky, ground, inside(crest - y, pixel))
    }
}

impl Aurora {
    fn curtains(&self, x: f32, y: f32) -> Light {
        let mut light = [0.0; 3];
        for index in 0..3 {
            let seed = self.seed + 11 * index;
            let fold = 0.38 * (fractal(x * 1.2, 0.3, 3, seed) - 0.5);
            let foot = 0.46 + 0.08 * index as f32 + fold;
            let above = foot - y;
            let rays = 0.35 + 0.9 * smooth(x * 26.0 + 14.0 * fold, y * 0.8, seed + 1);
            let fade = if above > 0.0 {
                (-above * 5.5).exp()
            } else {
                (above * 60.0).exp()
            };
            let color = mix(hex(0x2df08a), hex(0x9a45d8), step(0.05, 0.36, above));
            light = add(light, scale(color, 0.42 * rays * fade));
        }
        light
    }

    fn stars(&self, x: f32, y: f32) -> Light {
        let cell = 0.028;
        let (i, j) = ((x / cell).floor(), (y / cell).floor());
        let at = |part: u32| random(i as i32, j as i32, self.seed + 60 + part);
        let (dx, dy) = (
            x - (i + 0.2 + 0.6 * at(0)) * cell,
            y - (j + 0.2 + 0.6 * at(1)) * cell,
        );
        let bright = at(2).powi(5) * 1.5;
        scale(
            [0.9, 0.95, 1.0],
            bright * (-(dx * dx + dy * dy) * 1.2e6).exp(),
        )
    }
}
