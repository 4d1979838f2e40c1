//! A picture for the benches of codecs.

use thimble_picture::{Model, Picture, Plane};

/// Soft shapes with grain, as a camera sees them.
pub(super) fn picture((width, height): (u32, u32)) -> Picture {
    let mut noise = 1_u32;
    let mut samples = vec![];
    for y in 0..height {
        for x in 0..width {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (noise >> 28) as f32;
            let wave = |period: f32| ((x as f32 / period).sin() + (y as f32 / 97.0).cos()) * 55.0;
            samples.extend([61.0, 83.0, 151.0].map(|period| (wave(period) + 120.0 + grain) as u8));
        }
    }
    let plane = Plane {
        channels: 3,
        width: width as usize,
        height: height as usize,
        extent: (width.into(), height.into()),
        samples,
    };
    Picture {
        model: Model::Rgb,
        planes: vec![plane],
    }
}
