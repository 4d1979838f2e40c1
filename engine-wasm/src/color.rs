//! Color: whatever the profile of a picture says, to sRGB.
//!
//! Conversions are relative colorimetric, without black point compensation. A
//! profile that is broken, or made for another kind of picture, is ignored with
//! a warning: the picture is then taken for sRGB. Inks without a profile are
//! mixed as if they were ideal: what light one leaves, the next takes its share
//! of.

mod deep;
mod described;
mod inks;

use std::borrow::Cow;
use std::sync::Arc;

use moxcms::{
    CmsError, ColorProfile, DataColorSpace, Layout, RenderingIntent, TransformExecutor,
    TransformOptions,
};

pub(crate) use deep::DeepColors;
pub(crate) use described::{Samples, of_code_points, of_gamma};
pub(crate) use inks::{Inks, uninvert_inks};

use crate::picture::{Model, Picture};

type Transform = Arc<dyn TransformExecutor<u8> + Send + Sync>;

/// The same for samples of 16 bits.
type DeepTransform = Arc<dyn TransformExecutor<u16> + Send + Sync>;

/// Pixels that are converted at a time: enough to amortize a call, few enough
/// to stay in the cache.
const RUN: usize = 4096;

/// Converts a picture to sRGB, or says in a warning why it is left as it is.
///
/// The model may change: gray that is not neutral in sRGB becomes RGB. Pictures
/// of [`Model::Ycbcr`] are left alone, since a profile describes RGB: a decoder
/// that finds a profile hands out RGB.
pub(crate) fn to_srgb(mut picture: Picture, profile: &[u8], warnings: &mut Vec<String>) -> Picture {
    let converted = match picture.model {
        Model::Gray => convert_gray(&mut picture, profile),
        Model::Rgb => convert_rgb(&mut picture, profile, Layout::Rgb),
        Model::Rgba => convert_rgb(&mut picture, profile, Layout::Rgba)
            .or_else(|error| convert_spread_gray(&mut picture, profile).map_err(|_| error)),
        Model::Ycbcr => Err(CmsError::InvalidLayout),
    };
    if let Err(error) = converted {
        warnings.push(ignored(&error));
    }
    picture
}

/// True if a profile says, in its own words, that RGB samples are sRGB: to
/// convert them would change none by more than rounding does.
pub(crate) fn is_srgb(profile: &[u8]) -> bool {
    let steps = || (0..=255u8).step_by(51);
    let colors: Vec<u8> = steps()
        .flat_map(|red| steps().map(move |green| (red, green)))
        .flat_map(|(red, green)| steps().flat_map(move |blue| [red, green, blue]))
        .collect();
    let mut converted = vec![0; colors.len()];
    transform(profile, DataColorSpace::Rgb, Layout::Rgb, Layout::Rgb)
        .and_then(|transform| transform.transform(&colors, &mut converted))
        .is_ok_and(|()| {
            colors
                .iter()
                .zip(&converted)
                .all(|(a, b)| a.abs_diff(*b) <= 1)
        })
}

/// The warning of a profile that does not describe such samples, if it does not.
pub(crate) fn refusal(profile: &[u8], samples: Samples) -> Option<String> {
    let (space, layout) = match samples {
        Samples::Gray => (DataColorSpace::Gray, Layout::Gray),
        Samples::Rgb => (DataColorSpace::Rgb, Layout::Rgb),
    };
    let refused = transform(profile, space, layout, Layout::Rgb).err()?;
    Some(ignored(&refused))
}

fn ignored(error: &CmsError) -> String {
    format!("the color profile is ignored: {error}")
}

fn transform(
    profile: &[u8],
    space: DataColorSpace,
    from: Layout,
    to: Layout,
) -> Result<Transform, CmsError> {
    let profile = read_profile(profile, space)?;
    profile.create_transform_8bit(from, &ColorProfile::new_srgb(), to, options())
}

fn options() -> TransformOptions {
    TransformOptions {
        rendering_intent: RenderingIntent::RelativeColorimetric,
        ..TransformOptions::default()
    }
}

/// Types of values that two programs got wrong, and what they mean by them: Corbis'
/// coordinates, and Monaco's curves.
const BROKEN_TYPES: [([u8; 4], &[u8; 4]); 2] = [
    ([0x17, 0xa5, 0x05, 0xb8], b"XYZ "),
    ([0x94, 0x78, 0xee, 0x00], b"curv"),
];

/// The profile with a version that is known, and with the right types of its values.
fn mended(profile: &[u8]) -> Cow<'_, [u8]> {
    let number = |at: usize| {
        let bytes = profile.get(at..)?.first_chunk()?;
        Some(u32::from_be_bytes(*bytes) as usize)
    };
    // A count, and for each value its name, its place and its length.
    let places = (0..number(128).unwrap_or(0)).map_while(|index| {
        let entry = index.checked_mul(12)?.checked_add(132)?;
        number(entry.checked_add(4)?)
    });
    let mut mended = Cow::Borrowed(profile);
    // Versions before the second, which nobody published, are read as it.
    if profile.get(8).is_some_and(|version| *version < 2) {
        mended.to_mut()[8] = 2;
    }
    for place in places {
        let kind = profile
            .get(place..)
            .and_then(|rest| rest.first_chunk::<4>());
        let right = BROKEN_TYPES.iter().find(|(broken, _)| kind == Some(broken));
        if let Some((_, right)) = right {
            mended.to_mut()[place..place + 4].copy_from_slice(*right);
        }
    }
    mended
}

fn read_profile(profile: &[u8], space: DataColorSpace) -> Result<ColorProfile, CmsError> {
    let mut profile = ColorProfile::new_from_slice(&mended(profile))?;
    // A profile with one table means it for every intent.
    if profile.lut_a_to_b_colorimetric.is_none() {
        profile.lut_a_to_b_colorimetric = profile.lut_a_to_b_perceptual.clone();
    }
    if profile.color_space != space {
        return Err(CmsError::InvalidLayout);
    }
    Ok(profile)
}

/// Converts in place: a second picture might be more than there is memory for.
fn convert_rgb(picture: &mut Picture, profile: &[u8], layout: Layout) -> Result<(), CmsError> {
    let transform = transform(profile, DataColorSpace::Rgb, layout, layout)?;
    let mut source = Vec::new();
    for plane in &mut picture.planes {
        for samples in plane.samples.chunks_mut(RUN * plane.channels) {
            source.clear();
            source.extend_from_slice(samples);
            transform.transform(&source, samples)?;
        }
    }
    Ok(())
}

/// There are only 256 grays: converts each of them once.
fn gray_colors(profile: &[u8]) -> Result<Vec<[u8; 3]>, CmsError> {
    let transform = transform(profile, DataColorSpace::Gray, Layout::Gray, Layout::Rgb)?;
    let grays: Vec<u8> = (0..=255).collect();
    let mut colors = vec![[0; 3]; grays.len()];
    transform.transform(&grays, colors.as_flattened_mut())?;
    Ok(colors)
}

/// Converts grays with alpha, which decoders spread out to colors.
fn convert_spread_gray(picture: &mut Picture, profile: &[u8]) -> Result<(), CmsError> {
    let colors = gray_colors(profile)?;
    let is_gray = |[red, green, blue, _]: &mut [u8; 4]| red == green && green == blue;
    if !pixels_of(picture).all(is_gray) {
        return Err(CmsError::InvalidLayout);
    }
    for [red, green, blue, _] in pixels_of(picture) {
        [*red, *green, *blue] = colors[usize::from(*red)];
    }
    Ok(())
}

fn pixels_of(picture: &mut Picture) -> impl Iterator<Item = &mut [u8; 4]> {
    let planes = picture.planes.iter_mut();
    planes.flat_map(|plane| plane.samples.as_chunks_mut().0)
}

fn convert_gray(picture: &mut Picture, profile: &[u8]) -> Result<(), CmsError> {
    let colors = gray_colors(profile)?;
    let is_neutral = |[red, green, blue]: &[u8; 3]| red == green && green == blue;
    if colors.iter().all(is_neutral) {
        for sample in picture
            .planes
            .iter_mut()
            .flat_map(|plane| &mut plane.samples)
        {
            *sample = colors[usize::from(*sample)][0];
        }
        return Ok(());
    }
    for plane in &mut picture.planes {
        let grays = plane.samples.iter();
        plane.samples = grays.flat_map(|gray| colors[usize::from(*gray)]).collect();
        plane.channels = 3;
    }
    picture.model = Model::Rgb;
    Ok(())
}
