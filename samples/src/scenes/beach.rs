//! A beach, at noon or at dusk.

use crate::camera::Scene;
use crate::light::{Light, add, disc, hex, inside, mix, scale, step};
use crate::noise::{fractal, ridged, smooth};

/// Sea, sand, a ball and a sail.
pub(crate) struct Beach {
    pub seed: u32,
    /// True if the sun is about to set.
    pub dusk: bool,
}

const HORIZON: f32 = 0.40;

impl Scene for Beach {
    fn light(&self, x: f32, y: f32, pixel: f32) -> Light {
        let far = if y < HORIZON {
            self.sky(x, y, pixel)
        } else {
            self.sea(x, y)
        };
        let far = self.sail(far, x, y, pixel);
        let shore = 0.66
            + 0.05 * (x * 2.1 + 0.6).sin()
            + 0.03 * (fractal(x * 3.0, 0.0, 4, self.seed) - 0.5);
        let foam = step(0.035, 0.0, (y - shore + 0.012).abs())
            * step(0.35, 0.62, fractal(x * 22.0, y * 44.0, 5, self.seed + 8));
        let ground = mix(far, self.sand(x, y, shore), inside(shore - y, pixel * 2.0));
        let ground = mix(ground, self.tinted(hex(0xfafcff)), foam * 0.9);
        self.ball(ground, x, y, pixel)
    }
}

impl Beach {
    /// A color at this hour.
    fn tinted(&self, light: Light) -> Light {
        if self.dusk {
            [light[0] * 0.85, light[1] * 0.48, light[2] * 0.38]
        } else {
            light
        }
    }

    fn sky(&self, x: f32, y: f32, pixel: f32) -> Light {
        let (top, low) = if self.dusk {
            (0x3d3a6b, 0xffa14a)
        } else {
            (0x2b7fd0, 0xd6edf7)
        };
        let sky = mix(hex(top), hex(low), step(0.0, HORIZON, y));
        let cloud = fractal(x * 1.6, y * 7.0, 7, self.seed + 20);
        let sky = mix(
            sky,
            self.tinted(hex(0xfff6ee)),
            step(0.52, 0.78, cloud) * 0.8,
        );
        if !self.dusk {
            return sky;
        }
        let from_sun = disc(x - 0.95, y - 0.33, 0.055);
        let glow = scale(hex(0xff9a3c), 0.8 * (-from_sun.max(0.0) * 9.0).exp());
        mix(add(sky, glow), [1.2, 1.0, 0.62], inside(from_sun, pixel))
    }

    fn sea(&self, x: f32, y: f32) -> Light {
        let depth = y - HORIZON;
        let far = 0.3 / (depth + 0.03);
        let swell = ridged(x * 3.0 * far.sqrt(), far * 2.4, 5, self.seed + 30);
        let chop = fractal(x * 16.0 * far.sqrt(), far * 16.0, 4, self.seed + 31);
        let (deep, shallow) = if self.dusk {
            (0x1c2340, 0x8a5a52)
        } else {
            (0x0b4a7d, 0x4fc2c0)
        };
        let water = mix(
            hex(deep),
            hex(shallow),
            step(0.0, 0.26, depth) + 0.25 * (chop - 0.5),
        );
        let crest = step(0.72, 1.0, swell) * step(0.55, 0.75, chop);
        let water = mix(
            scale(water, 0.75 + 0.5 * chop),
            self.tinted(hex(0xf4fbff)),
            crest * 0.8,
        );
        if !self.dusk {
            return water;
        }
        let path = (-((x - 0.95) / (0.05 + depth * 0.6)).powi(2)).exp();
        add(
            water,
            scale(hex(0xffb060), path * step(0.45, 0.7, chop) * 1.4),
        )
    }

    fn sand(&self, x: f32, y: f32, shore: f32) -> Light {
        let grain = fractal(x * 150.0, y * 210.0, 4, self.seed + 40);
        let dune = smooth(x * 5.0, y * 16.0, self.seed + 41);
        let dry = mix(hex(0xa88a5c), hex(0xf1dfb6), 0.35 * grain + 0.65 * dune);
        let wet = scale(dry, 0.42);
        let sand = mix(wet, dry, step(0.0, 0.10, y - shore + 0.02 * (dune - 0.5)));
        self.tinted(scale(sand, 0.8 + 0.4 * grain))
    }

    fn sail(&self, behind: Light, x: f32, y: f32, pixel: f32) -> Light {
        let (dx, dy) = (x - 0.30, y - HORIZON);
        let white = (dx.abs() * 1.0 + (dy + 0.045) * 0.42 - 0.019)
            .max(-dx - 0.004)
            .max(dy + 0.008);
        let white = white.max(-0.11 - dy);
        let hull = (dy.abs() - 0.008).max(dx.abs() - 0.035 + dy);
        let behind = mix(behind, self.tinted(hex(0xfdfdf8)), inside(white, pixel));
        mix(behind, self.tinted(hex(0x7a2e26)), inside(hull, pixel))
    }

    fn ball(&self, behind: Light, x: f32, y: f32, pixel: f32) -> Light {
        let (dx, dy) = (x - 0.92, y - 0.80);
        let radius = 0.085;
        let shadow = inside(disc((dx - 0.05) * 0.6, (dy - 0.078) * 2.4, 0.07), 0.03);
        let behind = scale(behind, 1.0 - 0.55 * shadow);
        let stripe = ((dy + 0.05).atan2(dx + 0.03) * 6.0 / std::f32::consts::TAU + 6.0) as u32 % 3;
        let paint = [hex(0xe23b2e), hex(0xfbf7ea), hex(0x2f6fd0)][stripe as usize];
        let shade = (0.95 - (dx * 0.8 + dy * 1.1) / radius * 0.45).clamp(0.15, 1.2);
        let gloss = (-((dx + 0.03).powi(2) + (dy + 0.035).powi(2)) * 2600.0).exp();
        let lit = add(scale(paint, shade), [0.7 * gloss; 3]);
        mix(
            behind,
            self.tinted(lit),
            inside(disc(dx, dy, radius), pixel),
        )
    }
}
