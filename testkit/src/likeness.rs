//! Likeness of two pictures, in the measures of image libraries.
//!
//! All three are taken as their best-known implementations take them, so that
//! the figures can be held against those of other programs. `bench/` takes two of
//! them from scikit-image itself: its figures are published, and need a judge
//! who is not of this project.

use image::RgbaImage;

use crate::pixels::Pixels;

/// Likeness of two pictures of one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// Signal to noise in decibels, at most 99: the worst of the pictures over
    /// black, over white, and their alpha.
    pub psnr: f64,
    /// Structural similarity of the luma over white.
    pub ssim: f64,
    /// Mean difference of color over white, by CIEDE2000.
    pub difference: f64,
}

/// A picture with its alpha.
struct Samples {
    width: usize,
    height: usize,
    rgba: Vec<[f64; 4]>,
}

/// A picture with three channels between 0 and 255, or another number of them.
struct Planes {
    width: usize,
    height: usize,
    pixels: Vec<[f64; 3]>,
}

impl Likeness {
    /// Compares two pictures; `None` if their sizes differ.
    #[must_use]
    pub fn of(one: &RgbaImage, other: &RgbaImage) -> Option<Likeness> {
        if one.dimensions() != other.dimensions() {
            return None;
        }
        let (one, other) = (Samples::of(one), Samples::of(other));
        let (white, other_white) = (one.on_white(), other.on_white());
        Some(Likeness {
            psnr: psnr(&one.rgba, &other.rgba),
            ssim: structure(&white, &other_white),
            difference: color_difference(&white, &other_white),
        })
    }
}

impl Samples {
    fn of(picture: &RgbaImage) -> Self {
        Self {
            width: picture.width() as usize,
            height: picture.height() as usize,
            rgba: exact(&Pixels::from(picture)),
        }
    }

    fn on_white(&self) -> Planes {
        Planes {
            width: self.width,
            height: self.height,
            pixels: over(&self.rgba, 255.0),
        }
    }
}

/// The pixels of a picture as [`psnr`] takes them.
#[must_use]
pub fn exact(picture: &Pixels) -> Vec<[f64; 4]> {
    let pixels = picture.rgba.iter();
    pixels.map(|pixel| pixel.map(f64::from)).collect()
}

/// Peak signal to noise ratio in decibels, at most 99: the worst of the colors
/// over black, over white, and of the alpha. Pixels are red, green, blue and
/// alpha between 0 and 255, not multiplied.
///
/// # Panics
///
/// If one has more pixels than the other.
#[must_use]
pub fn psnr(one: &[[f64; 4]], other: &[[f64; 4]]) -> f64 {
    assert_eq!(one.len(), other.len(), "pictures of other sizes");
    let colors = [0.0, 255.0].map(|background| {
        let (one, other) = (over(one, background), over(other, background));
        let pairs = one.as_flattened().iter().zip(other.as_flattened());
        mean(pairs.map(|(a, b)| (a - b).powi(2)))
    });
    let alphas = one.iter().zip(other);
    let alpha = mean(alphas.map(|(a, b)| (a[3] - b[3]).powi(2)));
    decibels(colors.into_iter().fold(alpha, f64::max))
}

fn over(pixels: &[[f64; 4]], background: f64) -> Vec<[f64; 3]> {
    let blended = pixels.iter().map(|&[red, green, blue, alpha]| {
        let opaque = alpha / 255.0;
        [red, green, blue].map(|channel| channel * opaque + background * (1.0 - opaque))
    });
    blended.collect()
}

fn decibels(squared_error: f64) -> f64 {
    if squared_error == 0.0 {
        99.0
    } else {
        (10.0 * (255.0 * 255.0 / squared_error).log10()).min(99.0)
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
    sum / f64::max(count, 1.0)
}

const C1: f64 = (0.01 * 255.0) * (0.01 * 255.0);
const C2: f64 = (0.03 * 255.0) * (0.03 * 255.0);

/// The mean over all windows of 7 by 7 that lie within the picture, or of the
/// largest odd side that fits.
fn structure(one: &Planes, other: &Planes) -> f64 {
    let (width, height) = (one.width, one.height);
    let (a, b) = (luma(one), luma(other));
    let shorter = width.min(height);
    if shorter < 3 {
        return window_structure(a.iter().copied().zip(b.iter().copied()), Spread::Population);
    }
    let side = if shorter % 2 == 1 {
        shorter
    } else {
        shorter - 1
    }
    .min(7);
    let corners = (0..=height - side).flat_map(|y| (0..=width - side).map(move |x| (x, y)));
    mean(corners.map(|(x, y)| {
        let places =
            (y..y + side).flat_map(|row| (x..x + side).map(move |column| row * width + column));
        window_structure(places.map(|place| (a[place], b[place])), Spread::Sample)
    }))
}

fn luma(planes: &Planes) -> Vec<f64> {
    let luma = |[red, green, blue]: &[f64; 3]| 0.299 * red + 0.587 * green + 0.114 * blue;
    planes.pixels.iter().map(luma).collect()
}

/// Variance of all there is, or an estimate from a sample.
#[derive(Clone, Copy, PartialEq)]
enum Spread {
    Population,
    Sample,
}

fn window_structure(pairs: impl Iterator<Item = (f64, f64)>, spread: Spread) -> f64 {
    let (mut count, mut sums) = (0.0, [0.0; 5]);
    for (a, b) in pairs {
        count += 1.0;
        for (sum, term) in sums.iter_mut().zip([a, b, a * a, b * b, a * b]) {
            *sum += term;
        }
    }
    let [a, b, aa, bb, ab] = sums.map(|sum| sum / count);
    let scale = if spread == Spread::Sample {
        count / (count - 1.0)
    } else {
        1.0
    };
    let (variance_a, variance_b) = (scale * (aa - a * a), scale * (bb - b * b));
    let covariance = scale * (ab - a * b);
    ((2.0 * a * b + C1) * (2.0 * covariance + C2))
        / ((a * a + b * b + C1) * (variance_a + variance_b + C2))
}

fn color_difference(one: &Planes, other: &Planes) -> f64 {
    let pairs = one.pixels.iter().zip(&other.pixels);
    mean(pairs.map(|(a, b)| {
        if a == b {
            0.0
        } else {
            ciede2000(lab(a), lab(b))
        }
    }))
}

/// sRGB to CIE L*a*b* of the white D65.
fn lab(pixel: &[f64; 3]) -> [f64; 3] {
    let [red, green, blue] = pixel.map(|channel| {
        let channel = channel / 255.0;
        if channel > 0.04045 {
            ((channel + 0.055) / 1.055).powf(2.4)
        } else {
            channel / 12.92
        }
    });
    let x = (0.412_453 * red + 0.357_580 * green + 0.180_423 * blue) / 0.950_47;
    let y = 0.212_671 * red + 0.715_160 * green + 0.072_169 * blue;
    let z = (0.019_334 * red + 0.119_193 * green + 0.950_227 * blue) / 1.088_83;
    let [x, y, z] = [x, y, z].map(|value| {
        if value > 0.008_856 {
            value.cbrt()
        } else {
            7.787 * value + 16.0 / 116.0
        }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// The formula of the standard, all weights one.
fn ciede2000([l1, a1, b1]: [f64; 3], [l2, a2, b2]: [f64; 3]) -> f64 {
    let seventh = |chroma: f64| (chroma.powi(7) / (chroma.powi(7) + 25f64.powi(7))).sqrt();
    let mean_chroma = f64::midpoint(a1.hypot(b1), a2.hypot(b2));
    let stretch = 1.5 - 0.5 * seventh(mean_chroma);
    let (a1, a2) = (a1 * stretch, a2 * stretch);
    let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
    let angle = |a: f64, b: f64| {
        if a == 0.0 && b == 0.0 {
            0.0
        } else {
            b.atan2(a).to_degrees().rem_euclid(360.0)
        }
    };
    let (h1, h2) = (angle(a1, b1), angle(a2, b2));
    let apart = if c1 * c2 == 0.0 {
        0.0
    } else {
        (h2 - h1 + 180.0).rem_euclid(360.0) - 180.0
    };
    let delta_hue = 2.0 * (c1 * c2).sqrt() * (apart / 2.0).to_radians().sin();
    let hue = mean_hue(h1, h2, c1 * c2 == 0.0);
    let (lightness, chroma) = (f64::midpoint(l1, l2), f64::midpoint(c1, c2));
    let cosine = |degrees: f64| degrees.to_radians().cos();
    let t =
        1.0 - 0.17 * cosine(hue - 30.0) + 0.24 * cosine(2.0 * hue) + 0.32 * cosine(3.0 * hue + 6.0)
            - 0.20 * cosine(4.0 * hue - 63.0);
    let off = (lightness - 50.0).powi(2);
    let lightness_scale = 1.0 + 0.015 * off / (20.0 + off).sqrt();
    let (chroma_scale, hue_scale) = (1.0 + 0.045 * chroma, 1.0 + 0.015 * chroma * t);
    let turn = 60.0 * (-((hue - 275.0) / 25.0).powi(2)).exp();
    let rotation = -2.0 * seventh(chroma) * turn.to_radians().sin();
    let (dl, dc, dh) = (
        (l2 - l1) / lightness_scale,
        (c2 - c1) / chroma_scale,
        delta_hue / hue_scale,
    );
    (dl * dl + dc * dc + dh * dh + rotation * dc * dh)
        .max(0.0)
        .sqrt()
}

fn mean_hue(h1: f64, h2: f64, colorless: bool) -> f64 {
    let sum = h1 + h2;
    if colorless {
        sum
    } else if (h1 - h2).abs() <= 180.0 {
        sum / 2.0
    } else if sum < 360.0 {
        (sum + 360.0) / 2.0
    } else {
        (sum - 360.0) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pairs from the data that the formula was published with.
    #[test]
    fn differences_of_color_are_those_of_the_publication() {
        let pairs = [
            ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
            ([50.0, -1.3802, -84.2814], [50.0, 0.0, -82.7485], 1.0),
            ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
            ([50.0, 2.49, -0.001], [50.0, -2.49, 0.0009], 7.1792),
            ([50.0, 2.5, 0.0], [61.0, -5.0, 29.0], 22.8977),
            (
                [22.7233, 20.0904, -46.694],
                [23.0331, 14.973, -42.5619],
                2.0373,
            ),
            ([2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082),
        ];
        for (one, other, expected) in pairs {
            let difference = ciede2000(one, other);
            assert!(
                (difference - expected).abs() < 1e-4,
                "{difference} for {expected}"
            );
        }
    }

    fn picture(paint: impl Fn(u32, u32) -> [u8; 4]) -> RgbaImage {
        RgbaImage::from_fn(16, 12, |x, y| image::Rgba(paint(x, y)))
    }

    #[test]
    fn a_picture_is_like_itself() {
        let one = picture(|x, y| [x as u8 * 9, y as u8 * 20, 77, 200]);
        let likeness = Likeness::of(&one, &one).unwrap();
        assert_eq!((likeness.psnr, likeness.difference), (99.0, 0.0));
        assert!((likeness.ssim - 1.0).abs() < 1e-12);
    }

    #[test]
    fn sizes_that_differ_are_not_compared() {
        let one = picture(|_, _| [0; 4]);
        assert_eq!(Likeness::of(&one, &RgbaImage::new(16, 13)), None);
    }

    #[test]
    fn colors_that_nobody_sees_do_not_count_but_alpha_does() {
        let clear = |red| picture(move |_, _| [red, 0, 0, 0]);
        assert_eq!(Likeness::of(&clear(0), &clear(255)).unwrap().psnr, 99.0);
        let half = picture(|_, _| [0, 0, 0, 128]);
        assert!(
            Likeness::of(&half, &picture(|_, _| [0, 0, 0, 255]))
                .unwrap()
                .psnr
                < 10.0
        );
    }
}
