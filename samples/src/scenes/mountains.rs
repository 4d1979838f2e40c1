//! Mountains behind a lake in the morning.

use crate::camera::Scene;
use crate::light::{Light, add, disc, hex, inside, mix, scale, step};
use crate::noise::{fractal, random, ridged, smooth};

/// Ridges in haze, their reflection, and a meadow in front.
pub(crate) struct Mountains {
    pub seed: u32,
}

/// Height at which the lake begins and the meadow ends.
const SHORE: f32 = 0.66;

/// One ridge: base line, height, bumps across the picture, haze over it.
const RIDGES: [(f32, f32, f32, f32); 4] = [
    (0.50, 0.30, 1.6, 0.62),
    (0.56, 0.24, 2.3, 0.42),
    (0.62, 0.17, 3.1, 0.22),
    (0.67, 0.11, 4.2, 0.05),
];

impl Scene for Mountains {
    fn light(&self, x: f32, y: f32, pixel: f32) -> Light {
        let lake = if y > SHORE {
            self.lake(x, y, pixel)
        } else {
            self.land(x, y, pixel)
        };
        let edge =
            0.88 - 0.05 * fractal(x * 2.5, 1.0, 4, self.seed + 50) + 0.06 * step(1.0, 0.0, x);
        let blades = 0.03 * ridged(x * 90.0, y * 8.0, 2, self.seed + 51);
        mix(lake, self.meadow(x, y), inside(edge - blades - y, pixel))
    }
}

impl Mountains {
    fn land(&self, x: f32, y: f32, pixel: f32) -> Light {
        let mut light = self.sky(x, y);
        for (index, ridge) in RIDGES.iter().enumerate() {
            let seed = self.seed + 10 * index as u32;
            let crest = self.crest(x, ridge, index, seed);
            let cover = inside(crest - y, pixel);
            if cover > 0.0 {
                light = mix(light, self.rock(x, y, y - crest, index, ridge.3), cover);
            }
        }
        light
    }

    fn crest(
        &self,
        x: f32,
        &(base, height, bumps, _): &(f32, f32, f32, f32),
        index: usize,
        seed: u32,
    ) -> f32 {
        let crest = base - height * ridged(x * bumps, 0.5, 7, seed).max(0.0);
        if index < 3 {
            return crest;
        }
        // The nearest ridge carries a forest: pointed tops of uneven height.
        let tree = x * 70.0;
        let tall = 0.35 + 0.65 * random(tree.floor() as i32, 0, seed);
        crest - 0.028 * tall * (1.0 - 2.0 * (tree.fract() - 0.5).abs())
    }

    fn rock(&self, x: f32, y: f32, depth: f32, index: usize, haze: f32) -> Light {
        let grain = fractal(x * 9.0, y * 9.0, 7, self.seed + 3);
        // Slopes that face the sun, on the left, are lit.
        let slope = fractal((x + 0.012) * 9.0, y * 9.0, 5, self.seed + 3)
            - fractal(x * 9.0, y * 9.0, 5, self.seed + 3);
        let lit = (0.55 + 5.0 * slope).clamp(0.12, 1.3);
        let stone = mix(hex(0x4a4640), hex(0x8c8272), grain);
        let forest = mix(hex(0x0e1f14), hex(0x2f4a26), grain);
        let bare = if index == 3 {
            forest
        } else {
            mix(forest, stone, step(0.16, 0.04, depth))
        };
        let snow =
            step(0.10, 0.02, depth + 0.16 * (grain - 0.45)) * if index < 2 { 1.0 } else { 0.0 };
        let ground = mix(
            scale(bare, lit),
            scale(hex(0xf2f5fa), 0.45 + 0.5 * lit),
            snow,
        );
        mix(ground, hex(0xb7cbe0), haze)
    }

    fn sky(&self, x: f32, y: f32) -> Light {
        let blue = mix(hex(0x2f6cb5), hex(0xcfe2ee), step(-0.1, 0.55, y));
        let glow = (-((x - 0.25).powi(2) + (y - 0.22).powi(2)) * 14.0).exp();
        let cloud = fractal(x * 2.0 + 4.0, y * 6.0, 7, self.seed + 90);
        let cover = step(0.50, 0.72, cloud) * step(0.55, 0.25, y) * 0.9;
        let white = mix(hex(0xaab4c4), hex(0xffffff), step(0.45, 0.75, cloud));
        mix(add(blue, scale(hex(0xffe2b0), 0.5 * glow)), white, cover)
    }

    fn lake(&self, x: f32, y: f32, pixel: f32) -> Light {
        let depth = y - SHORE;
        let wave = smooth(x * 14.0, 2.2 / (depth + 0.02), self.seed + 70) - 0.5;
        let ripple = fractal(x * 40.0, 9.0 / (depth + 0.03), 3, self.seed + 71) - 0.5;
        let bent = wave * 0.03 * (0.2 + depth * 3.0) + ripple * 0.015;
        let mirrored = self.land(x + bent, SHORE - depth * 0.95 + bent, pixel * 2.0);
        let water = mix(mirrored, hex(0x16343f), 0.25 + 0.9 * depth);
        add(water, scale(hex(0xffffff), 0.5 * step(0.18, 0.42, ripple)))
    }

    fn meadow(&self, x: f32, y: f32) -> Light {
        let tuft = fractal(x * 60.0, y * 18.0, 5, self.seed + 60);
        let patch = fractal(x * 4.0, y * 7.0, 4, self.seed + 61);
        let grass = mix(hex(0x1c2a0d), hex(0x8fa043), tuft * 0.6 + patch * 0.45);
        let dry = mix(grass, hex(0xb59a55), step(0.5, 0.75, patch) * 0.6);
        mix(
            scale(dry, 0.5 + tuft),
            hex(0xf6e9f2),
            self.flowers(x, y) * 0.9,
        )
    }

    /// Share of a place that one of the small flowers covers.
    fn flowers(&self, x: f32, y: f32) -> f32 {
        let (i, j) = ((x * 90.0).floor(), (y * 90.0).floor());
        let at = |part| random(i as i32, j as i32, self.seed + 62 + part);
        let grows = if at(0) > 0.975 { 1.0 } else { 0.0 };
        let (dx, dy) = (
            x * 90.0 - i - 0.3 - 0.4 * at(1),
            y * 90.0 - j - 0.3 - 0.4 * at(2),
        );
        grows * inside(disc(dx, dy, 0.26), 0.1)
    }
}
