//! Padding: a scaled picture on its canvas.

use crate::contract::{Color, Dimensions};
use crate::model;
use crate::picture::{Model, Picture, Plane};

/// Puts a picture on a larger canvas of one color, `offset` columns from the
/// left and rows from the top.
///
/// The result has an alpha if the picture has one, or if the color is not
/// opaque; it is gray if both are.
pub(crate) fn pad(picture: Picture, size: Dimensions, offset: (u32, u32), color: Color) -> Picture {
    let fill = [color.red, color.green, color.blue, color.alpha];
    let is_gray = color.red == color.green && color.green == color.blue;
    let picture = match picture.model {
        _ if color.alpha != u8::MAX => model::to_rgba(picture),
        Model::Gray if is_gray => picture,
        _ => model::to_rgb(picture),
    };
    let planes = picture
        .planes
        .iter()
        .map(|plane| pad_plane(plane, size, offset, fill))
        .collect();
    Picture {
        model: picture.model,
        planes,
    }
}

fn pad_plane(plane: &Plane, size: Dimensions, offset: (u32, u32), fill: [u8; 4]) -> Plane {
    let channels = plane.channels;
    let (width, height) = (size.width as usize, size.height as usize);
    let background = fill.get(..channels).unwrap_or(&fill);
    let mut samples = background.repeat(width * height);
    let rows = samples
        .chunks_exact_mut(width * channels)
        .skip(offset.1 as usize);
    let start = offset.0 as usize * channels;
    for (row, source) in rows.zip(plane.samples.chunks_exact(plane.width * channels)) {
        if let Some(target) = row.get_mut(start..start + source.len()) {
            target.copy_from_slice(source);
        }
    }
    let extent = (f64::from(size.width), f64::from(size.height));
    Plane {
        channels,
        width,
        height,
        extent,
        samples,
    }
}
