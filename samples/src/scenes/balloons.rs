//! Hot-air balloons in colors that only a wide gamut has.

use crate::camera::Scene;
use crate::light::{Light, disc, hex, inside, mix, scale, step};
use crate::noise::{fractal, ridged};

/// Balloons over hills. The light is in the primaries of Display P3, so red is
/// redder, and green greener, than sRGB can say.
pub(crate) struct Balloons {
    pub seed: u32,
}

/// Middle, radius and the two colors of each balloon, far ones first.
const BALLOONS: [(f32, f32, f32, [u32; 2]); 6] = [
    (0.22, 0.52, 0.035, [0xff2d00, 0xffd000]),
    (1.28, 0.46, 0.040, [0x00d23c, 0xf8fff0]),
    (0.80, 0.55, 0.045, [0xff00a0, 0x2a00ff]),
    (1.08, 0.20, 0.085, [0x00b7ff, 0xffe600]),
    (0.22, 0.24, 0.110, [0x00e050, 0xff6a00]),
    (0.66, 0.34, 0.175, [0xff0000, 0xffb400]),
];

impl Scene for Balloons {
    fn light(&self, x: f32, y: f32, pixel: f32) -> Light {
        let mut light = self.sky(x, y);
        light = self.hills(light, x, y, pixel);
        for balloon in &BALLOONS {
            light = balloon_over(light, x, y, pixel, balloon);
        }
        light
    }
}

impl Balloons {
    fn sky(&self, x: f32, y: f32) -> Light {
        let sky = mix(hex(0x1a5fd0), hex(0xffd9b0), step(0.0, 0.75, y));
        let cloud = fractal(x * 1.4 + 9.0, y * 5.0, 7, self.seed);
        mix(sky, hex(0xfff4ea), step(0.50, 0.76, cloud) * 0.75)
    }

    fn hills(&self, behind: Light, x: f32, y: f32, pixel: f32) -> Light {
        let mut light = behind;
        for (index, (base, color)) in [(0.76, 0x7f93a8), (0.83, 0x4f7a4a), (0.91, 0x2c6b1e)]
            .iter()
            .enumerate()
        {
            let seed = self.seed + 30 + 7 * index as u32;
            let crest = base - 0.08 * ridged(x * 1.3, 0.0, 5, seed).max(0.0);
            let field = 0.55 + 0.8 * fractal(x * 20.0, (y - crest) * 60.0, 5, seed + 1);
            light = mix(light, scale(hex(*color), field), inside(crest - y, pixel));
        }
        light
    }
}

fn balloon_over(
    behind: Light,
    x: f32,
    y: f32,
    pixel: f32,
    balloon: &(f32, f32, f32, [u32; 2]),
) -> Light {
    let &(middle_x, middle_y, radius, colors) = balloon;
    let (dx, dy) = ((x - middle_x) / radius, (y - middle_y) / radius);
    // Round above; below the middle it narrows to the mouth.
    let half = if dy < 0.0 {
        (1.0 - dy * dy).max(0.0).sqrt()
    } else {
        1.0 - 0.62 * step(0.0, 1.75, dy)
    };
    let edge = (dx.abs() - half).max(dy - 1.35).max(-1.0 - dy) * radius;
    let gore = ((dx / half.max(0.05)).clamp(-1.0, 1.0).asin() * 5.0 + 20.5).floor() as i32;
    let paint = hex(colors[(gore.rem_euclid(2)) as usize]);
    let shade = 0.45 + 0.75 * (1.0 - disc(dx * 0.8 + 0.35, dy * 0.8 + 0.35, 0.0) * 0.62).max(0.0);
    let seam = 0.9 + 0.1 * (dy * 16.0).sin().abs().sqrt();
    let rope = ((dx.abs() - 0.30 + (dy - 1.35) * 0.14).abs() - 0.012)
        .max(1.35 - dy)
        .max(dy - 1.75);
    let basket = (dx.abs() - 0.24).max((dy - 1.88).abs() - 0.16);
    let light = mix(behind, scale(paint, shade * seam), inside(edge, pixel));
    let light = mix(light, hex(0x3b2a1a), inside(rope * radius, pixel));
    let weave = 0.7 + 0.3 * ((dx * 60.0).sin() * (dy * 60.0).sin());
    mix(
        light,
        scale(hex(0x8a5b2b), weave),
        inside(basket * radius, pixel),
    )
}
