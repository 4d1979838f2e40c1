//! Planes to encode, out of any picture without alpha.

use crate::color;
use thimble_picture::{Model, Picture, Plane};

/// A picture's planes: luma, or luma and color differences. Those of an RGB
/// picture are calculated; `halved` has one difference of color for two columns
/// and two rows of pixels.
pub(super) fn planes(picture: Picture, halved: bool) -> Vec<Plane> {
    let differ = |picture: &Picture| match &picture.planes[..] {
        [luma, blue, _] => blue.covered() == luma.covered() && luma.covered() != (1, 1),
        _ => false,
    };
    match picture.model {
        Model::Gray => picture.planes,
        Model::Ycbcr if halved && differ(&picture) => {
            let planes = picture.planes.into_iter().enumerate();
            planes
                .map(|(index, plane)| if index == 0 { plane } else { halve(&plane) })
                .collect()
        }
        Model::Ycbcr => picture.planes,
        Model::Rgb | Model::Rgba => {
            let planes = picture
                .planes
                .first()
                .map(separate)
                .into_iter()
                .flatten()
                .enumerate();
            let halve = |(index, plane)| {
                if index > 0 && halved {
                    halve(&plane)
                } else {
                    plane
                }
            };
            planes.map(halve).collect()
        }
    }
}

/// The three planes of an interleaved one.
fn separate(pixels: &Plane) -> [Plane; 3] {
    let (width, height) = pixels.covered();
    let mut planes = [(); 3].map(|()| Vec::with_capacity(width * height));
    for row in pixels
        .samples
        .chunks_exact(pixels.width * pixels.channels)
        .take(height)
    {
        for pixel in row.chunks_exact(pixels.channels).take(width) {
            let rgb = pixel.first_chunk().copied().unwrap_or_default();
            for (plane, sample) in planes.iter_mut().zip(color::to_ycbcr(rgb)) {
                plane.push(sample);
            }
        }
    }
    let extent = (width as f64, height as f64);
    planes.map(|samples| Plane {
        channels: 1,
        width,
        height,
        extent,
        samples,
    })
}

/// A plane of the averages of two columns and two rows.
fn halve(plane: &Plane) -> Plane {
    let (columns, rows) = plane.covered();
    let (width, height) = (columns.div_ceil(2), rows.div_ceil(2));
    let mut samples = Vec::with_capacity(width * height);
    let row = |row: usize| &plane.samples[row.min(rows - 1) * plane.width..][..columns];
    for index in 0..height {
        let (upper, lower) = (row(2 * index), row(2 * index + 1));
        for (upper, lower) in upper.chunks(2).zip(lower.chunks(2)) {
            let sum = |pair: &[u8]| match *pair {
                [left, right] => u16::from(left) + u16::from(right),
                [only, ..] => 2 * u16::from(only),
                [] => 0,
            };
            samples.push(((sum(upper) + sum(lower) + 2) / 4) as u8);
        }
    }
    let extent = (columns as f64 / 2.0, rows as f64 / 2.0);
    Plane {
        channels: 1,
        width,
        height,
        extent,
        samples,
    }
}
