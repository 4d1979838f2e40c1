//! One color model into another.

use crate::picture::{Model, Picture, Plane, from_ycbcr};

/// Turns any picture without alpha into [`Model::Rgb`]; one with alpha stays.
///
/// Color differences need as many samples as luma: resize with
/// [`Chroma::Full`](crate::resize::Chroma::Full) first.
pub(crate) fn to_rgb(picture: Picture) -> Picture {
    match (picture.model, picture.planes.as_slice()) {
        (Model::Gray, [luma]) => rgb(luma, |gray, _| [gray; 3]),
        (Model::Ycbcr, [luma, blue, red]) => {
            let differences = |index: usize| {
                let at = |plane: &Plane| plane.samples.get(index).copied().unwrap_or(128);
                (at(blue), at(red))
            };
            rgb(luma, |luma, index| {
                let (blue, red) = differences(index);
                from_ycbcr(luma, blue, red)
            })
        }
        _ => picture,
    }
}

/// Gives a picture an alpha, opaque unless it has one already.
pub(crate) fn to_rgba(picture: Picture) -> Picture {
    let picture = to_rgb(picture);
    if picture.model == Model::Rgba {
        return picture;
    }
    let planes = picture.planes.into_iter().map(with_alpha).collect();
    Picture {
        model: Model::Rgba,
        planes,
    }
}

/// Drops the alpha of a picture that is opaque.
pub(crate) fn drop_alpha(picture: Picture) -> Picture {
    if picture.model != Model::Rgba {
        return picture;
    }
    let planes = picture.planes.into_iter().map(without_alpha).collect();
    Picture {
        model: Model::Rgb,
        planes,
    }
}

/// Takes the one channel of an RGB picture whose channels are all the same.
pub(crate) fn to_gray(picture: &Picture) -> Option<Picture> {
    let [plane] = picture.planes.as_slice() else {
        return None;
    };
    let (pixels, _) = plane.samples.as_chunks::<3>();
    let is_gray = picture.model == Model::Rgb
        && pixels
            .iter()
            .all(|[red, green, blue]| red == green && green == blue);
    is_gray.then(|| {
        let samples = pixels.iter().map(|[gray, _, _]| *gray).collect();
        Picture {
            model: Model::Gray,
            planes: vec![Plane {
                channels: 1,
                samples,
                ..*plane
            }],
        }
    })
}

fn rgb(luma: &Plane, color: impl Fn(u8, usize) -> [u8; 3]) -> Picture {
    let mut samples = Vec::with_capacity(luma.samples.len() * 3);
    for (index, sample) in luma.samples.iter().enumerate() {
        samples.extend_from_slice(&color(*sample, index));
    }
    let plane = Plane {
        channels: 3,
        samples,
        ..*luma
    };
    Picture {
        model: Model::Rgb,
        planes: vec![plane],
    }
}

fn with_alpha(plane: Plane) -> Plane {
    let (pixels, _) = plane.samples.as_chunks::<3>();
    let samples = pixels
        .iter()
        .flat_map(|[red, green, blue]| [*red, *green, *blue, u8::MAX]);
    Plane {
        channels: 4,
        samples: samples.collect(),
        ..plane
    }
}

fn without_alpha(plane: Plane) -> Plane {
    let (pixels, _) = plane.samples.as_chunks::<4>();
    let samples = pixels
        .iter()
        .flat_map(|[red, green, blue, _]| [*red, *green, *blue]);
    Plane {
        channels: 3,
        samples: samples.collect(),
        ..plane
    }
}
