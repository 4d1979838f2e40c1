//! Transparency: premultiplied while a picture is resampled, straight otherwise.
//!
//! Were color not premultiplied, invisible pixels would lend theirs to their
//! neighbors, and dark fringes would appear around everything.

use thimble_simd::{self as simd, Lanes};

use crate::picture::{Model, Picture, Plane};

/// Multiplies the colors of a picture by its alpha, if it has any.
pub(crate) fn premultiply(picture: &mut Picture) {
    if picture.model != Model::Rgba {
        return;
    }
    for plane in &mut picture.planes {
        let (fours, rest) = plane.samples.as_chunks_mut();
        for four in fours {
            let [low, high] = premultiplied(four);
            simd::store_u8(simd::narrow_i16(low, high), four);
        }
        for pixel in rest.as_chunks_mut().0 {
            *pixel = premultiplied_pixel(*pixel);
        }
    }
}

/// Four pixels, their colors multiplied by their alpha: sixteen `i16`.
#[inline(always)]
pub(crate) fn premultiplied(pixels: &[u8; 16]) -> [Lanes; 2] {
    let pixels = simd::load_u8(pixels);
    let alpha = simd::repeat_fourth_u8(pixels);
    // Alpha itself is multiplied by one.
    let whole = simd::load_i16(&[0, 0, 0, 255, 0, 0, 0, 255]);
    let by_alpha = |samples, alpha| {
        let product = simd::multiply_i16(samples, simd::max_i16(alpha, whole));
        let product = simd::add_i16(product, simd::splat_i16(128));
        let rounded = simd::add_i16(product, simd::shift_right_u16::<8>(product));
        simd::shift_right_u16::<8>(rounded)
    };
    [
        by_alpha(simd::widen_low_u8(pixels), simd::widen_low_u8(alpha)),
        by_alpha(simd::widen_high_u8(pixels), simd::widen_high_u8(alpha)),
    ]
}

/// A pixel, its colors multiplied by its alpha.
pub(crate) fn premultiplied_pixel([red, green, blue, alpha]: [u8; 4]) -> [u8; 4] {
    let by_alpha = |color: u8| divide_by_255(u32::from(color) * u32::from(alpha));
    [by_alpha(red), by_alpha(green), by_alpha(blue), alpha]
}

/// Divides the colors of a picture by its alpha, if it has any. What is wholly
/// transparent becomes black.
pub(crate) fn straighten(picture: &mut Picture) {
    each_pixel(picture, |[red, green, blue, alpha]| {
        let divisor = u32::from(alpha);
        let by_alpha = |color: u8| {
            let rounded = (u32::from(color) * 255 + divisor / 2)
                .checked_div(divisor)
                .unwrap_or(0);
            u8::try_from(rounded).unwrap_or(u8::MAX)
        };
        [by_alpha(red), by_alpha(green), by_alpha(blue), alpha]
    });
}

/// True if no pixel of a picture is transparent.
pub(crate) fn is_opaque(picture: &Picture) -> bool {
    picture.model != Model::Rgba
        || picture.planes.iter().all(|plane| {
            let (pixels, _) = plane.samples.as_chunks::<4>();
            pixels.iter().all(|pixel| pixel[3] == u8::MAX)
        })
}

/// Lets an opaque color show through what is transparent, and drops the alpha.
/// A picture without alpha stays as it is.
pub(crate) fn flatten(picture: Picture, behind: [u8; 3]) -> Picture {
    if picture.model != Model::Rgba {
        return picture;
    }
    let planes = picture
        .planes
        .iter()
        .map(|plane| flatten_plane(plane, behind))
        .collect();
    Picture {
        model: Model::Rgb,
        planes,
    }
}

fn flatten_plane(plane: &Plane, behind: [u8; 3]) -> Plane {
    let (pixels, _) = plane.samples.as_chunks::<4>();
    let mut samples = Vec::with_capacity(pixels.len() * 3);
    for [red, green, blue, alpha] in pixels {
        let (front, back) = (u32::from(*alpha), 255 - u32::from(*alpha));
        for (color, behind) in [red, green, blue].into_iter().zip(behind) {
            samples.push(divide_by_255(
                u32::from(*color) * front + u32::from(behind) * back,
            ));
        }
    }
    Plane {
        channels: 3,
        samples,
        ..*plane
    }
}

fn each_pixel(picture: &mut Picture, change: impl Fn([u8; 4]) -> [u8; 4]) {
    if picture.model != Model::Rgba {
        return;
    }
    for plane in &mut picture.planes {
        let (pixels, _) = plane.samples.as_chunks_mut::<4>();
        for pixel in pixels {
            *pixel = change(*pixel);
        }
    }
}

/// `product / 255`, rounded, for products of two bytes.
pub(crate) fn divide_by_255(product: u32) -> u8 {
    let shifted = product + 128;
    ((shifted + (shifted >> 8)) >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_pixels_at_a_time_are_as_one() {
        for alpha in 0..=255 {
            for color in 0..=255 {
                let pixel = [color, 255 - color, color / 2, alpha];
                let mut plane = Plane {
                    channels: 4,
                    width: 5,
                    height: 1,
                    extent: (5.0, 1.0),
                    samples: pixel.repeat(5),
                };
                plane.samples[4..8].fill(255);
                let mut picture = Picture {
                    model: Model::Rgba,
                    planes: vec![plane],
                };
                premultiply(&mut picture);
                let expected = premultiplied_pixel(pixel);
                let (pixels, _) = picture.planes[0].samples.as_chunks::<4>();
                assert_eq!(pixels, [expected, [255; 4], expected, expected, expected]);
            }
        }
    }

    #[test]
    fn division_by_255_rounds() {
        for product in 0..=255 * 255_u32 {
            let expected = (product * 2 + 255) / 510;
            assert_eq!(u32::from(divide_by_255(product)), expected, "{product}");
        }
    }
}
