//! Colors as amounts of light, and the few shapes that every scene is made of.

/// Red, green and blue light, linear: 1.0 is as bright as paper in the sun.
pub(crate) type Light = [f32; 3];

/// A color as designers write it (`0xff8800`), as light.
pub(crate) fn hex(color: u32) -> Light {
    [16, 8, 0].map(|shift| linear(((color >> shift) & 0xff) as f32 / 255.0))
}

/// The light of an sRGB sample.
fn linear(sample: f32) -> f32 {
    if sample <= 0.040_45 {
        sample / 12.92
    } else {
        ((sample + 0.055) / 1.055).powf(2.4)
    }
}

/// The sRGB sample, from 0.0 to 1.0, of an amount of light.
pub(crate) fn sample(light: f32) -> f32 {
    let light = light.clamp(0.0, 1.0);
    if light <= 0.003_130_8 {
        light * 12.92
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}

/// From `a` to `b` as `share` goes from 0 to 1.
pub(crate) fn mix(a: Light, b: Light, share: f32) -> Light {
    let share = share.clamp(0.0, 1.0);
    [0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * share)
}

/// Brighter or darker.
pub(crate) fn scale(light: Light, by: f32) -> Light {
    light.map(|value| value * by)
}

/// Two lights at once.
pub(crate) fn add(a: Light, b: Light) -> Light {
    [0, 1, 2].map(|i| a[i] + b[i])
}

/// 0 below `from`, 1 above `to`, and a soft step between.
pub(crate) fn step(from: f32, to: f32, value: f32) -> f32 {
    let t = ((value - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// Share of a pixel that lies inside a shape whose edge is `distance` away
/// (negative inside). It makes edges smooth at any resolution.
pub(crate) fn inside(distance: f32, pixel: f32) -> f32 {
    step(pixel, -pixel, distance)
}

/// Distance from a disc's edge.
pub(crate) fn disc(x: f32, y: f32, radius: f32) -> f32 {
    x.hypot(y) - radius
}

/// Distance from the edge of a box with rounded corners around the origin.
pub(crate) fn rounded_box(x: f32, y: f32, half: (f32, f32), radius: f32) -> f32 {
    let (dx, dy) = (x.abs() - half.0 + radius, y.abs() - half.1 + radius);
    dx.max(0.0).hypot(dy.max(0.0)) + dx.max(dy).min(0.0) - radius
}
