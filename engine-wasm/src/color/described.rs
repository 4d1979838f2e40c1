//! Profiles for sources that describe their colors by numbers instead of one.

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, DataColorSpace,
    MatrixCoefficients, ToneReprCurve, TransferCharacteristics, Xyzd,
};
// Their results are the same on every machine, which those of the platform are not.
use pxfm::{f_exp, f_pow};

/// Points of a curve: enough for 16 bits, as there are straight lines between.
const POINTS: usize = 4096;

/// Luminance of the white of a screen that is no HDR screen, in candelas per square
/// meter (ITU-R BT.2408).
const WHITE: f64 = 203.0;

/// The brightest luminance that a picture is taken to use; few are mastered for more.
const PEAK: f64 = 1000.0;

/// Light that is shown as it is; brighter light is compressed.
const KNEE: f64 = 0.8;

/// Kinds of samples that a profile may describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Samples {
    Gray,
    Rgb,
}

/// A profile for the code points of ITU-T H.273: primaries, transfer, matrix, and
/// whether the range is full. `None` if they say nothing that is known.
///
/// Light of HDR transfers is mapped to a screen that is none: as it is up to [`KNEE`],
/// compressed above.
pub(crate) fn of_code_points(points: [u8; 4], samples: Samples) -> Option<Vec<u8>> {
    let [primaries, transfer, matrix, range] = points;
    if matrix != 0 {
        return None;
    }
    let mut profile = ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: CicpColorPrimaries::try_from(primaries).ok()?,
        transfer_characteristics: TransferCharacteristics::Linear,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    if !adds_up(&profile) {
        return None;
    }
    profile.cicp = None;
    let light = transfer_of(transfer)?;
    let is_full = range != 0;
    let sample = |value: f64| {
        if is_full {
            value
        } else {
            ((value * 255.0 - 16.0) / 219.0).clamp(0.0, 1.0)
        }
    };
    with_curve(profile, samples, |value| light(sample(value)))
}

/// A profile for a gamma, as the exponent of light in samples, and for chromaticities
/// of white, red, green and blue. `None` if they are those of sRGB, or make no sense.
pub(crate) fn of_gamma(
    gamma: f64,
    chromaticities: Option<[f64; 8]>,
    samples: Samples,
) -> Option<Vec<u8>> {
    let chromaticities = chromaticities.filter(|numbers| !is_near_srgb(numbers));
    let is_plain = (gamma * 2.2 - 1.0).abs() < 0.05;
    if is_plain && (chromaticities.is_none() || samples == Samples::Gray) {
        return None;
    }
    if !(0.01..=100.0).contains(&gamma) {
        return None;
    }
    let mut profile = ColorProfile::new_srgb();
    profile.cicp = None;
    if let Some(described) = chromaticities.and_then(|numbers| of_primaries(&profile, numbers)) {
        profile = described;
    }
    with_curve(profile, samples, |value| f_pow(value, 1.0 / gamma))
}

/// The least area of the triangle of the primaries; that of sRGB is 0.112.
const LEAST_GAMUT: f64 = 0.005;

/// The profile with other primaries, unless they make no sense: then they lie in a line,
/// or their light does not add up to white.
fn of_primaries(profile: &ColorProfile, numbers: [f64; 8]) -> Option<ColorProfile> {
    let [_, _, red_x, red_y, green_x, green_y, blue_x, blue_y] = numbers;
    let (to_green, to_blue) = (
        (green_x - red_x, green_y - red_y),
        (blue_x - red_x, blue_y - red_y),
    );
    let area = (to_green.0 * to_blue.1 - to_green.1 * to_blue.0).abs() / 2.0;
    if area < LEAST_GAMUT {
        return None;
    }
    let mut profile = profile.clone();
    let [white, red, green, blue] = [0, 2, 4, 6].map(|at| Chromaticity {
        x: numbers[at] as f32,
        y: numbers[at + 1] as f32,
    });
    profile.update_rgb_colorimetry(white.to_xyyb(), ColorPrimaries { red, green, blue });
    adds_up(&profile).then_some(profile)
}

/// True if the light of the primaries adds up to white, and none of them is out of all
/// bounds. The colors of some have no light, and there are no numbers for them.
fn adds_up(profile: &ColorProfile) -> bool {
    let colorants = [
        profile.red_colorant,
        profile.green_colorant,
        profile.blue_colorant,
    ];
    let light: f64 = colorants.iter().map(|color| color.y).sum();
    let is_sound = |color: &Xyzd| {
        [color.x, color.y, color.z]
            .iter()
            .all(|part| part.abs() < 2.0)
    };
    (light - 1.0).abs() < 0.05 && colorants.iter().all(is_sound)
}

fn is_near_srgb(numbers: &[f64; 8]) -> bool {
    let srgb = [0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06];
    numbers.iter().zip(srgb).all(|(a, b)| (a - b).abs() < 0.01)
}

/// The profile, with light as a function of samples.
fn with_curve(
    mut profile: ColorProfile,
    samples: Samples,
    light: impl Fn(f64) -> f64,
) -> Option<Vec<u8>> {
    let point = |index: usize| {
        let light = light(index as f64 / (POINTS - 1) as f64);
        (light.clamp(0.0, 1.0) * 65_535.0).round() as u16
    };
    let curve = ToneReprCurve::Lut((0..POINTS).map(point).collect());
    match samples {
        Samples::Rgb => {
            profile.red_trc = Some(curve.clone());
            profile.green_trc = Some(curve.clone());
            profile.blue_trc = Some(curve);
        }
        Samples::Gray => {
            profile = ColorProfile::new_gray_with_gamma(1.0);
            debug_assert_eq!(profile.color_space, DataColorSpace::Gray);
            profile.gray_trc = Some(curve);
        }
    }
    profile.encode().ok()
}

/// Light by samples, from 0 to 1, where 1 is the white of a screen. Transfers of cameras
/// (1, 6, 14, 15) are for pictures that are made to be seen on a screen: that of sRGB.
fn transfer_of(code: u8) -> Option<fn(f64) -> f64> {
    Some(match code {
        4 => |value| f_pow(value, 2.2),
        5 => |value| f_pow(value, 2.8),
        7 => |value| segments(value, 0.0913, 4.0, 0.1115, 1.0 / 0.45),
        8 => |value| value,
        1 | 6 | 13 | 14 | 15 => |value| segments(value, 0.04045, 12.92, 0.055, 2.4),
        16 => |value| screen(perceptual_quantizer(value) / WHITE),
        17 => |value| f_pow(value, 2.6) * 52.37 / 48.0,
        18 => |value| screen(hybrid_log_gamma(value) / WHITE),
        _ => return None,
    })
}

/// A straight line, and a power behind it.
fn segments(value: f64, end: f64, slope: f64, offset: f64, power: f64) -> f64 {
    if value < end {
        value / slope
    } else {
        f_pow((value + offset) / (1.0 + offset), power)
    }
}

/// Luminance of a sample of PQ (SMPTE ST 2084).
fn perceptual_quantizer(value: f64) -> f64 {
    let root = f_pow(value, 32.0 / 2523.0);
    let above = (root - 0.835_937_5).max(0.0);
    10_000.0 * f_pow(above / (18.851_562_5 - 18.6875 * root), 8192.0 / 1305.0)
}

/// Luminance of a sample of HLG on a screen of [`PEAK`] (ITU-R BT.2100).
fn hybrid_log_gamma(value: f64) -> f64 {
    let scene = if value <= 0.5 {
        value * value / 3.0
    } else {
        (f_exp((value - 0.559_910_73) / 0.178_832_77) + 0.284_668_92) / 12.0
    };
    PEAK * f_pow(scene, 1.2)
}

/// Light on a screen that shows no more than its white: Reinhard's curve above the
/// knee, which maps the peak to white.
fn screen(light: f64) -> f64 {
    if light <= KNEE {
        return light;
    }
    let room = 1.0 - KNEE;
    let most = (PEAK / WHITE - KNEE) / room;
    let above = (light - KNEE) / room;
    (KNEE + room * above * (1.0 + above / (most * most)) / (1.0 + above)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::color;
    use crate::picture::{Model, Picture, Plane};

    /// A color, or a gray, converted to sRGB.
    fn converted(profile: &[u8], samples: &[u8]) -> Vec<u8> {
        let model = if samples.len() == 1 {
            Model::Gray
        } else {
            Model::Rgb
        };
        let plane = Plane {
            channels: samples.len(),
            width: 1,
            height: 1,
            extent: (1.0, 1.0),
            samples: samples.to_vec(),
        };
        let picture = Picture {
            model,
            planes: vec![plane],
        };
        let mut warnings = vec![];
        let converted = color::to_srgb(picture, profile, &mut warnings);
        assert_eq!(warnings, Vec::<String>::new());
        converted.planes[0].samples.clone()
    }

    fn near(made: &[u8], wanted: &[u8], tolerance: u8) {
        let far = made
            .iter()
            .zip(wanted)
            .any(|(a, b)| a.abs_diff(*b) > tolerance);
        assert!(!far, "{made:?}, not {wanted:?}");
    }

    #[test]
    fn code_points_are_colors() {
        let rgb = |points| of_code_points(points, Samples::Rgb).unwrap();
        for (points, stored, wanted, tolerance) in [
            ([12, 13, 0, 1], [200, 50, 40], [218, 24, 25], 2),
            ([1, 13, 0, 1], [200, 50, 40], [200, 50, 40], 1),
            ([1, 8, 0, 1], [147, 8, 5], [200, 50, 40], 3),
            // What a camera records is shown as it is.
            ([1, 1, 0, 1], [128, 32, 16], [128, 32, 16], 1),
            ([5, 6, 0, 1], [32; 3], [32; 3], 1),
            ([9, 14, 0, 1], [64; 3], [64; 3], 1),
            ([9, 15, 0, 1], [16; 3], [16; 3], 1),
            // The narrow range ends at 235.
            ([1, 13, 0, 0], [235, 16, 16], [255, 0, 0], 1),
        ] {
            near(&converted(&rgb(points), &stored), &wanted, tolerance);
        }
        let gray = of_code_points([12, 8, 0, 1], Samples::Gray).unwrap();
        near(&converted(&gray, &[55]), &[128], 1);
    }

    #[test]
    fn light_brighter_than_white_is_compressed_and_the_rest_is_not() {
        for transfer in [16, 18] {
            let rgb = of_code_points([9, transfer, 0, 1], Samples::Rgb).unwrap();
            let light = |value: u8| converted(&rgb, &[value; 3])[1];
            let values: Vec<u8> = (0..=255).map(light).collect();
            assert!(values.is_sorted(), "{transfer}: {values:?}");
            assert!(values[255] >= 250, "{transfer}: {}", values[255]);
        }
        // 203 candelas in PQ and HLG, and a tenth of that in PQ.
        let pq = of_code_points([9, 16, 0, 1], Samples::Rgb).unwrap();
        near(&converted(&pq, &[148; 3]), &[243; 3], 3);
        near(&converted(&pq, &[90; 3]), &[89; 3], 3);
        let hlg = of_code_points([9, 18, 0, 1], Samples::Rgb).unwrap();
        near(&converted(&hlg, &[191; 3]), &[243; 3], 3);
    }

    #[test]
    fn what_is_not_known_is_not_described() {
        for points in [
            [1, 13, 1, 1],
            [2, 13, 0, 1],
            [1, 2, 0, 1],
            [0, 0, 0, 0],
            [255; 4],
        ] {
            assert_eq!(of_code_points(points, Samples::Rgb), None, "{points:?}");
        }
        let srgb = [0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06];
        assert_eq!(of_gamma(0.45455, Some(srgb), Samples::Rgb), None);
        assert_eq!(of_gamma(0.45455, None, Samples::Rgb), None);
        for nonsense in [0.0, -1.0, f64::NAN, 1e9] {
            assert_eq!(of_gamma(nonsense, None, Samples::Rgb), None, "{nonsense}");
        }
        for nonsense in [[0.0; 8], [0.3; 8], [f64::NAN; 8]] {
            let gamma = of_gamma(1.0, Some(nonsense), Samples::Rgb).unwrap();
            near(&converted(&gamma, &[147, 8, 5]), &[200, 50, 40], 3);
        }
    }

    #[test]
    fn a_gamma_and_chromaticities_are_colors() {
        let linear = of_gamma(1.0, None, Samples::Rgb).unwrap();
        near(&converted(&linear, &[147, 8, 5]), &[200, 50, 40], 3);
        let gray = of_gamma(1.0, None, Samples::Gray).unwrap();
        near(&converted(&gray, &[55]), &[128], 1);
        let p3 = [0.3127, 0.3290, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06];
        let p3 = of_gamma(0.45455, Some(p3), Samples::Rgb).unwrap();
        // A gamma is not quite the curve of sRGB.
        near(&converted(&p3, &[200, 50, 40]), &[219, 14, 16], 2);
    }

    #[test]
    fn white_and_black_stay_what_they_are_whatever_the_numbers() {
        let mut described = vec![];
        for primaries in 0..=255 {
            let Some(profile) = of_code_points([primaries, 13, 0, 1], Samples::Rgb) else {
                continue;
            };
            for level in [0, 255] {
                near(&converted(&profile, &[level; 3]), &[level; 3], 1);
            }
            described.push(primaries);
        }
        // Of the tenth, two have no light.
        assert_eq!(described, [1, 4, 5, 6, 7, 8, 9, 11, 12, 22]);
    }
}
