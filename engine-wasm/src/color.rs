//! Color: whatever the profile of a picture says, to sRGB.
//!
//! Conversions are relative colorimetric, without black point compensation. A
//! profile that is broken, or made for another kind of picture, is ignored with
//! a warning: the picture is then taken for sRGB. Inks without a profile are
//! mixed as if they were ideal: what light one leaves, the next takes its share
//! of.

use std::sync::Arc;

use moxcms::{
    CmsError, ColorProfile, DataColorSpace, Layout, RenderingIntent, TransformExecutor,
    TransformOptions,
};

use crate::contract::Error;
use crate::picture::{Model, Picture, Plane};

type Transform = Arc<dyn TransformExecutor<u8> + Send + Sync>;

/// Pixels that are converted at a time: enough to amortize a call, few enough
/// to stay in the cache.
const RUN: usize = 4096;

/// Converts a picture to sRGB, or says in a warning why it is left as it is.
///
/// The model may change: gray that is not neutral in sRGB becomes RGB. Pictures
/// of [`Model::Ycbcr`] are left alone, since a profile describes RGB: a decoder
/// that finds a profile hands out RGB.
pub fn to_srgb(picture: Picture, profile: &[u8], warnings: &mut Vec<String>) -> Picture {
    let converted = match picture.model {
        Model::Gray => convert_gray(&picture, profile),
        Model::Rgb => convert_rgb(&picture, profile, Layout::Rgb),
        Model::Rgba => convert_rgb(&picture, profile, Layout::Rgba),
        Model::Ycbcr => Err(CmsError::InvalidLayout),
    };
    converted.unwrap_or_else(|error| {
        warnings.push(ignored(&error));
        picture
    })
}

/// Whether a profile says, in its own words, that RGB samples are sRGB: to
/// convert them would change none by more than rounding does.
pub fn is_srgb(profile: &[u8]) -> bool {
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

fn ignored(error: &CmsError) -> String {
    format!("the color profile is ignored: {error}")
}

fn transform(
    profile: &[u8],
    space: DataColorSpace,
    from: Layout,
    to: Layout,
) -> Result<Transform, CmsError> {
    let mut profile = ColorProfile::new_from_slice(profile)?;
    // A profile with one table means it for every intent.
    if profile.lut_a_to_b_colorimetric.is_none() {
        profile.lut_a_to_b_colorimetric = profile.lut_a_to_b_perceptual.clone();
    }
    if profile.color_space != space {
        return Err(CmsError::InvalidLayout);
    }
    let options = TransformOptions {
        rendering_intent: RenderingIntent::RelativeColorimetric,
        ..TransformOptions::default()
    };
    let transform = profile.create_transform_8bit(from, &ColorProfile::new_srgb(), to, options)?;
    Ok(transform)
}

fn convert_rgb(picture: &Picture, profile: &[u8], layout: Layout) -> Result<Picture, CmsError> {
    let transform = transform(profile, DataColorSpace::Rgb, layout, layout)?;
    let mut converted = picture.clone();
    for (plane, source) in converted.planes.iter_mut().zip(&picture.planes) {
        let run = RUN * plane.channels;
        for (to, from) in plane
            .samples
            .chunks_mut(run)
            .zip(source.samples.chunks(run))
        {
            transform.transform(from, to)?;
        }
    }
    Ok(converted)
}

/// There are only 256 grays: converts each of them once.
fn convert_gray(picture: &Picture, profile: &[u8]) -> Result<Picture, CmsError> {
    let transform = transform(profile, DataColorSpace::Gray, Layout::Gray, Layout::Rgb)?;
    let grays: Vec<u8> = (0..=255).collect();
    let mut colors = vec![0; 3 * grays.len()];
    transform.transform(&grays, &mut colors)?;
    let (colors, _) = colors.as_chunks::<3>();
    if colors
        .iter()
        .all(|[red, green, blue]| red == green && green == blue)
    {
        let planes = picture
            .planes
            .iter()
            .map(|plane| look_up(plane, |gray| [colors[gray][0]]));
        return Ok(Picture {
            model: Model::Gray,
            planes: planes.collect(),
        });
    }
    let planes = picture
        .planes
        .iter()
        .map(|plane| look_up(plane, |gray| colors[gray]));
    Ok(Picture {
        model: Model::Rgb,
        planes: planes.collect(),
    })
}

fn look_up<const CHANNELS: usize>(plane: &Plane, color: impl Fn(usize) -> [u8; CHANNELS]) -> Plane {
    let samples = plane
        .samples
        .iter()
        .flat_map(|gray| color(usize::from(*gray)))
        .collect();
    Plane {
        channels: CHANNELS,
        samples,
        ..plane.clone()
    }
}

/// Samples of cyan, magenta, yellow and black: 0 is no ink, 255 is all of it.
pub(crate) struct Inks(Vec<u8>);

impl Inks {
    /// Takes samples as they are: 255 is all of the ink.
    pub(crate) fn new(samples: Vec<u8>) -> Inks {
        Inks(samples)
    }

    /// Takes samples as JPEG stores them: inverted, as Adobe began to and
    /// everybody followed, and perhaps with the first three as YCbCr.
    pub(crate) fn from_jpeg(mut samples: Vec<u8>, ycck: bool) -> Inks {
        let (pixels, _) = samples.as_chunks_mut::<4>();
        for pixel in pixels {
            let [first, second, third, black] = *pixel;
            let [cyan, magenta, yellow] = if ycck {
                from_ycbcr(first, second, third)
            } else {
                [255 - first, 255 - second, 255 - third]
            };
            *pixel = [cyan, magenta, yellow, 255 - black];
        }
        Inks(samples)
    }

    /// Red, green and blue, by the profile if it is of any use.
    ///
    /// # Errors
    ///
    /// `limit-exceeded` if there is no memory for them.
    pub(crate) fn to_srgb(
        &self,
        profile: Option<&[u8]>,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<u8>, Error> {
        let mut colors = Vec::new();
        let length = self.0.len() / 4 * 3;
        colors.try_reserve_exact(length).map_err(|_| {
            Error::LimitExceeded("there is no memory for the colors of the picture".into())
        })?;
        colors.resize(length, 0);
        match profile.map(|profile| self.convert(profile, &mut colors)) {
            Some(Ok(())) => return Ok(colors),
            Some(Err(error)) => warnings.push(ignored(&error)),
            None => {}
        }
        self.mix(&mut colors);
        Ok(colors)
    }

    fn convert(&self, profile: &[u8], colors: &mut [u8]) -> Result<(), CmsError> {
        let transform = transform(profile, DataColorSpace::Cmyk, Layout::Rgba, Layout::Rgb)?;
        for (to, from) in colors.chunks_mut(3 * RUN).zip(self.0.chunks(4 * RUN)) {
            transform.transform(from, to)?;
        }
        Ok(())
    }

    fn mix(&self, colors: &mut [u8]) {
        let (colors, _) = colors.as_chunks_mut::<3>();
        let (inks, _) = self.0.as_chunks::<4>();
        for (color, &[cyan, magenta, yellow, black]) in colors.iter_mut().zip(inks) {
            *color = [cyan, magenta, yellow].map(|ink| share(255 - ink, 255 - black));
        }
    }
}

/// `a * b` of values where 255 is the whole, rounded.
fn share(a: u8, b: u8) -> u8 {
    ((u32::from(a) * u32::from(b) + 127) / 255) as u8
}

/// JFIF's YCbCr to RGB, in 16 bits of fraction.
pub(crate) fn from_ycbcr(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    let luma = (i32::from(luma) << 16) + (1 << 15);
    let (blue, red) = (i32::from(blue) - 128, i32::from(red) - 128);
    let channel = |value: i32| (value >> 16).clamp(0, 255) as u8;
    [
        channel(luma + 91_881 * red),
        channel(luma - 22_554 * blue - 46_802 * red),
        channel(luma + 116_130 * blue),
    ]
}

/// CIE L*a*b* of the D50 white, 8 bits each, to sRGB: lightness from 0 to 100,
/// the other two from -128 to 127, `signed` or moved up by 128.
pub(crate) fn from_lab([lightness, first, second]: [u8; 3], signed: bool) -> [u8; 3] {
    let axis = |byte: u8| {
        if signed {
            f32::from(byte as i8)
        } else {
            f32::from(byte) - 128.0
        }
    };
    let middle = (f32::from(lightness) / 2.55 + 16.0) / 116.0;
    let linear = |value: f32| {
        if value > 6.0 / 29.0 {
            value * value * value
        } else {
            (value - 4.0 / 29.0) * 0.128_418_55
        }
    };
    let x = 0.964_22 * linear(middle + axis(first) / 500.0);
    let y = linear(middle);
    let z = 0.825_21 * linear(middle - axis(second) / 200.0);
    // From D50 to the linear light of sRGB, adapted by Bradford's matrix.
    [
        3.133_856 * x - 1.616_867 * y - 0.490_615 * z,
        -0.978_768 * x + 1.916_142 * y + 0.033_454 * z,
        0.071_945 * x - 0.228_991 * y + 1.405_243 * z,
    ]
    .map(encode)
}

/// The curve of sRGB.
fn encode(linear: f32) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let encoded = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (encoded * 255.0).round() as u8
}
