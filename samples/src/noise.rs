//! Seeded noise: the same picture on every run.

/// A well-mixed number for a place; `seed` makes another field of them.
pub(crate) fn hash(x: i32, y: i32, seed: u32) -> u32 {
    let mut h = seed.wrapping_mul(0x9e37_79b9);
    for part in [x as u32, y as u32] {
        h = (h ^ part).wrapping_mul(0x85eb_ca6b);
        h = (h ^ (h >> 15)).wrapping_mul(0xc2b2_ae35);
        h ^= h >> 13;
    }
    h
}

/// The same from 0.0 to 1.0.
pub(crate) fn random(x: i32, y: i32, seed: u32) -> f32 {
    (hash(x, y, seed) >> 8) as f32 / (1 << 24) as f32
}

/// Nearly normal, mean 0 and deviation 1: what a sensor adds to a pixel.
pub(crate) fn normal(x: i32, y: i32, seed: u32) -> f32 {
    let h = hash(x, y, seed);
    let sum: u32 = (0..4).map(|i| (h >> (8 * i)) & 0xff).sum();
    (sum as f32 - 510.0) / 147.8
}

/// Smooth noise around 0.5, about one bump for each unit.
pub(crate) fn smooth(x: f32, y: f32, seed: u32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (u, v) = (fade(x - left), fade(y - top));
    let (i, j) = (left as i32, top as i32);
    let upper = lerp(random(i, j, seed), random(i + 1, j, seed), u);
    let lower = lerp(random(i, j + 1, seed), random(i + 1, j + 1, seed), u);
    lerp(upper, lower, v)
}

/// Noise with detail at `octaves` scales, each half as strong as the one
/// before, around 0.5: what nature looks like.
pub(crate) fn fractal(mut x: f32, mut y: f32, octaves: u32, seed: u32) -> f32 {
    let (mut sum, mut weight, mut total) = (0.0, 1.0, 0.0);
    for octave in 0..octaves {
        sum += weight * smooth(x, y, seed.wrapping_add(octave));
        total += weight;
        weight *= 0.5;
        // Turned as well as doubled, or the grid of the noise would show.
        (x, y) = (1.6 * x + 1.2 * y + 3.7, 1.6 * y - 1.2 * x + 1.3);
    }
    sum / total
}

/// Sharp crests instead of bumps: mountains and waves.
pub(crate) fn ridged(x: f32, y: f32, octaves: u32, seed: u32) -> f32 {
    1.0 - (2.0 * fractal(x, y, octaves, seed) - 1.0).abs() * 2.2
}

fn fade(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

fn lerp(a: f32, b: f32, t: f32) -> f32 {
    a + (b - a) * t
}
