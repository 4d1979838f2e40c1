//! Resampling of interleaved channels, by fast_image_resize.

use fast_image_resize::images::{TypedCroppedImage, TypedImage, TypedImageRef};
use fast_image_resize::{Filter, FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};

use super::Side;
use super::filter::{RADIUS, lanczos3};
use crate::contract::Error;
use crate::picture::Plane;

/// Resamples a rectangle of a plane whose samples are pixels `P`.
pub(super) fn resample<P: PixelTrait>(
    resizer: &mut Resizer,
    plane: &Plane,
    across: Side,
    down: Side,
) -> Result<Vec<u8>, Error> {
    let stored =
        TypedImageRef::<P>::from_buffer(side(plane.width)?, side(plane.height)?, &plane.samples)
            .map_err(cannot)?;
    let source = TypedCroppedImage::new(stored, 0, 0, side(across.samples)?, side(down.samples)?)
        .map_err(cannot)?;
    let mut samples = vec![0; across.outputs * down.outputs * plane.channels];
    let mut target =
        TypedImage::<P>::from_buffer(side(across.outputs)?, side(down.outputs)?, &mut samples)
            .map_err(cannot)?;
    let filter = Filter::new("Lanczos3", lanczos3, RADIUS).map_err(cannot)?;
    // Color is premultiplied already where there is alpha.
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Custom(filter)))
        .crop(across.start, down.start, across.length, down.length)
        .use_alpha(false);
    resizer
        .resize_typed(&source, &mut target, &options)
        .map_err(cannot)?;
    Ok(samples)
}

fn side(samples: usize) -> Result<u32, Error> {
    u32::try_from(samples).map_err(cannot)
}

fn cannot(error: impl std::fmt::Display) -> Error {
    Error::other(format!("cannot resize: {error}"))
}
