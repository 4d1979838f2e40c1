//! A sunflower close up, taken upright with a phone.

use std::f32::consts::TAU;

use crate::camera::Scene;
use crate::light::{Light, add, disc, hex, inside, mix, scale, step};
use crate::noise::{fractal, random, smooth};

/// A flower in focus before a garden that is not.
pub(crate) struct Flower {
    pub seed: u32,
}

/// The middle of the flower.
const MIDDLE: (f32, f32) = (0.375, 0.40);

impl Scene for Flower {
    fn light(&self, x: f32, y: f32, pixel: f32) -> Light {
        let (dx, dy) = (x - MIDDLE.0, y - MIDDLE.1);
        let mut light = self.garden(x, y);
        light = self.stem(light, dx, dy, pixel);
        // Two whorls of petals, the one behind turned by half a petal.
        light = self.petals(light, dx, dy, pixel, (0.27, 0.5, 0.72));
        light = self.petals(light, dx, dy, pixel, (0.25, 0.0, 1.0));
        self.seeds(light, dx, dy, pixel)
    }
}

impl Flower {
    fn garden(&self, x: f32, y: f32) -> Light {
        let green = mix(
            hex(0x16301a),
            hex(0x86a860),
            smooth(x * 2.2, y * 2.6, self.seed),
        );
        let mut light = mix(green, hex(0xbfd9e8), step(0.35, 0.0, y) * 0.7);
        for index in 0..26 {
            let at = |part| random(index, part, self.seed + 5);
            let radius = 0.02 + 0.05 * at(2);
            let edge = disc(x - at(0) * 0.8, y - at(1) * 0.75, radius);
            light = add(
                light,
                scale(hex(0xfff2c0), 0.16 * at(3) * inside(edge, 0.006)),
            );
        }
        light
    }

    fn stem(&self, behind: Light, dx: f32, dy: f32, pixel: f32) -> Light {
        let bend = dx - 0.05 * dy * dy;
        let edge = (bend.abs() - 0.022).max(-dy);
        let hair = fractal(dx * 220.0, dy * 30.0, 3, self.seed + 9);
        let round = 1.0 - (bend / 0.026).powi(2) * 0.7;
        let light = mix(
            behind,
            scale(hex(0x6d8f3a), round * (0.6 + 0.7 * hair)),
            inside(edge, pixel),
        );
        let (lx, ly) = (dx - 0.16, dy - 0.44 + 0.5 * (dx - 0.16));
        let leaf = (lx / 0.17).powi(2) + (ly / 0.055).powi(2) - 1.0;
        let vein = 0.75 + 0.5 * fractal(lx * 50.0 + ly * 90.0, ly * 14.0, 3, self.seed + 10);
        let middle = step(0.0, 0.006, ly.abs());
        let green = mix(hex(0x9fbe63), scale(hex(0x4d7f2e), vein), middle);
        mix(light, green, inside(leaf * 0.05, pixel))
    }

    /// `whorl` is the length of the petals, their turn (in petals) and how
    /// bright they are.
    fn petals(&self, behind: Light, dx: f32, dy: f32, pixel: f32, whorl: (f32, f32, f32)) -> Light {
        let (length, turn, bright) = whorl;
        let petals = 17.0;
        let angle = dy.atan2(dx) / TAU * petals + petals + turn;
        let across = angle.fract() - 0.5;
        let grown = 0.86 + 0.14 * random(angle.floor() as i32, 0, self.seed + 20);
        let along = dx.hypot(dy) / (length * grown);
        // A petal is widest in its middle and ends in a point.
        let wide = 0.56 * (1.0 - step(0.55, 1.0, along).powf(1.6));
        let edge = ((across.abs() - wide) * 0.06 * along.max(0.2)).max((along - 1.0) * length);
        let vein = fractal(
            across * 22.0 + angle.floor() * 7.0,
            along * 3.0,
            4,
            self.seed + 21,
        );
        let gold = mix(hex(0xb05a00), hex(0xffc918), step(0.25, 0.75, along));
        let fold = 1.0 - 0.55 * (across.abs() * 2.0).powi(2);
        let light = scale(gold, bright * fold * (0.62 + 0.6 * vein));
        mix(behind, light, inside(edge, pixel))
    }

    fn seeds(&self, behind: Light, dx: f32, dy: f32, pixel: f32) -> Light {
        let away = dx.hypot(dy);
        let edge = away - 0.125 - 0.004 * (dy.atan2(dx) * 40.0).sin();
        // Seeds stand in two families of spirals.
        let angle = dy.atan2(dx);
        let turn = (away * 130.0).sqrt() * 6.0;
        let seed = (angle * 21.0 + turn).sin() * (angle * 34.0 - turn * 1.6).sin();
        let rough = fractal(dx * 90.0, dy * 90.0, 4, self.seed + 30);
        let brown = mix(
            hex(0x1d0f07),
            hex(0x8a5a22),
            0.25 + 0.3 * seed + 0.35 * rough,
        );
        let ring = mix(hex(0x5d6b22), brown, step(0.02, 0.055, away));
        let light = scale(ring, 1.15 - 2.5 * (dx + dy));
        mix(behind, light, inside(edge, pixel * 1.5))
    }
}
