//! Colors of 16 bits a sample: a linear profile needs most of them for the shadows.
//!
//! Most profiles are a curve for each channel, and primaries. The curve is looked up
//! with all 16 bits, and what comes out are 8 bits along the curve of sRGB, where they
//! suffice; the primaries are left for later, when there may be fewer pixels. A profile
//! of another kind is applied as a whole, to pictures that are not too large.

use moxcms::{CmsError, ColorProfile, DataColorSpace, Layout, ToneReprCurve};

use super::{DeepTransform, RUN, is_srgb, options, read_profile};
use crate::picture::narrow;

/// Pixels to which a whole profile is applied; it takes some dozens of nanoseconds for
/// each.
const MOST_PIXELS: u64 = 25_000_000;

/// A conversion of colors of 16 bits a sample to colors of 8.
pub(crate) struct DeepColors {
    means: Means,
    has_alpha: bool,
}

enum Means {
    /// The gray that each gray becomes, if all of them stay neutral.
    Grays(Vec<u8>),
    TintedGrays(Vec<[u8; 3]>),
    /// Samples along the curve of sRGB, for each channel.
    Curves([Vec<u8>; 3]),
    Rgb(DeepTransform),
    Inks(DeepTransform),
}

impl DeepColors {
    /// The conversion of so many pixels to what a profile says, and the profile that
    /// they still wait for. One color is gray, three are red, green and blue, four are
    /// inks, whose alpha is left away. `None` if the profile is of no use, or the
    /// picture too large for it.
    pub(crate) fn new(
        profile: &[u8],
        colors: usize,
        has_alpha: bool,
        pixels: u64,
    ) -> Option<(Self, Option<Vec<u8>>)> {
        let with = |means, rest| Some((DeepColors { means, has_alpha }, rest));
        if colors == 1 {
            return with(deep_grays(profile).ok()?, None);
        }
        if colors == 3
            && let Some((curves, rest)) = curves(profile)
        {
            return with(
                Means::Curves(curves),
                Some(rest).filter(|rest| !is_srgb(rest)),
            );
        }
        if pixels > MOST_PIXELS {
            return None;
        }
        if colors == 4 {
            let (from, to) = (Layout::Rgba, Layout::Rgb);
            let inks = read_profile(profile, DataColorSpace::Cmyk)
                .and_then(|profile| transform(&profile, from, to));
            return with(Means::Inks(inks.ok()?), None);
        }
        let layout = if has_alpha { Layout::Rgba } else { Layout::Rgb };
        let rgb = read_profile(profile, DataColorSpace::Rgb)
            .and_then(|profile| transform(&profile, layout, layout));
        with(Means::Rgb(rgb.ok()?), None)
    }

    /// Channels of a converted pixel.
    pub(crate) fn channels(&self) -> usize {
        let alpha = usize::from(self.has_alpha);
        match self.means {
            Means::Grays(_) => 1 + alpha,
            Means::TintedGrays(_) | Means::Curves(_) | Means::Rgb(_) => 3 + alpha,
            Means::Inks(_) => 3,
        }
    }

    /// Appends the converted pixels.
    pub(crate) fn convert(&self, samples: &[u16], out: &mut Vec<u8>) {
        let alpha = usize::from(self.has_alpha);
        match &self.means {
            Means::Grays(grays) => {
                for pixel in samples.chunks_exact(1 + alpha) {
                    out.push(grays[usize::from(pixel[0])]);
                    out.extend(pixel[1..].iter().map(|alpha| narrow(*alpha)));
                }
            }
            Means::TintedGrays(grays) => {
                for pixel in samples.chunks_exact(1 + alpha) {
                    out.extend(grays[usize::from(pixel[0])]);
                    out.extend(pixel[1..].iter().map(|alpha| narrow(*alpha)));
                }
            }
            Means::Curves([red, green, blue]) => {
                for pixel in samples.chunks_exact(3 + alpha) {
                    let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(usize::from);
                    out.extend([red[r], green[g], blue[b]]);
                    out.extend(pixel[3..].iter().map(|alpha| narrow(*alpha)));
                }
            }
            Means::Rgb(transform) => {
                transform_run(transform, samples, (3 + alpha, 3 + alpha), out);
            }
            Means::Inks(transform) if alpha == 0 => {
                transform_run(transform, samples, (4, 3), out);
            }
            Means::Inks(transform) => {
                let pixels = samples.chunks_exact(5).flat_map(|pixel| &pixel[..4]);
                let inks: Vec<u16> = pixels.copied().collect();
                transform_run(transform, &inks, (4, 3), out);
            }
        }
    }
}

/// Appends pixels of so many channels, converted to pixels of so many.
fn transform_run(
    transform: &DeepTransform,
    samples: &[u16],
    (from, to): (usize, usize),
    out: &mut Vec<u8>,
) {
    let mut converted = vec![0; RUN * to];
    for samples in samples.chunks(RUN * from) {
        let converted = &mut converted[..samples.len() / from * to];
        if transform.transform(samples, converted).is_ok() {
            out.extend(converted.iter().map(|sample| narrow(*sample)));
        }
    }
}

/// All grays, by a profile of gray.
fn deep_grays(profile: &[u8]) -> Result<Means, CmsError> {
    let profile = read_profile(profile, DataColorSpace::Gray)?;
    let colors = looked_up(&profile)?;
    let is_neutral = |[red, green, blue]: &[u8; 3]| red == green && green == blue;
    Ok(if colors.iter().all(is_neutral) {
        Means::Grays(colors.iter().map(|[gray, ..]| *gray).collect())
    } else {
        Means::TintedGrays(colors)
    })
}

/// The conversion of pixels of a layout to sRGB.
fn transform(profile: &ColorProfile, from: Layout, to: Layout) -> Result<DeepTransform, CmsError> {
    profile.create_transform_16bit(from, &ColorProfile::new_srgb(), to, options())
}

/// The color of each of the 65,536 grays.
fn looked_up(profile: &ColorProfile) -> Result<Vec<[u8; 3]>, CmsError> {
    let transform = transform(profile, Layout::Gray, Layout::Rgb)?;
    let grays: Vec<u16> = (0..=u16::MAX).collect();
    let mut colors = vec![0; 3 * grays.len()];
    transform.transform(&grays, &mut colors)?;
    let (colors, _) = colors.as_chunks::<3>();
    Ok(colors.iter().map(|color| color.map(narrow)).collect())
}

/// The curves of a profile that is nothing but curves and primaries, as samples along
/// the curve of sRGB; and a profile of its primaries and that curve.
fn curves(profile: &[u8]) -> Option<([Vec<u8>; 3], Vec<u8>)> {
    let mut profile = read_profile(profile, DataColorSpace::Rgb).ok()?;
    let has_tables = profile.lut_a_to_b_perceptual.is_some()
        || profile.lut_a_to_b_colorimetric.is_some()
        || profile.lut_a_to_b_saturation.is_some();
    if has_tables || profile.pcs != DataColorSpace::Xyz {
        return None;
    }
    profile.cicp = None;
    let curve = |curve: &Option<ToneReprCurve>| {
        let mut gray = ColorProfile::new_gray_with_gamma(1.0);
        gray.gray_trc = Some(curve.clone()?);
        let colors = looked_up(&gray).ok()?;
        Some(colors.into_iter().map(|[gray, ..]| gray).collect())
    };
    let curves = [
        curve(&profile.red_trc)?,
        curve(&profile.green_trc)?,
        curve(&profile.blue_trc)?,
    ];
    let srgb = ColorProfile::new_srgb();
    (profile.red_trc, profile.green_trc) = (srgb.red_trc, srgb.green_trc);
    profile.blue_trc = srgb.blue_trc;
    Some((curves, profile.encode().ok()?))
}
