//! CIE L*a*b* to sRGB.

/// CIE L*a*b* of the D50 white to sRGB: lightness from 0 to 100, the other two from
/// -128 to 128.
pub(crate) fn to_srgb([lightness, first, second]: [f32; 3]) -> [u8; 3] {
    let middle = (lightness + 16.0) / 116.0;
    let linear = |value: f32| {
        if value > 6.0 / 29.0 {
            value * value * value
        } else {
            (value - 4.0 / 29.0) * 0.128_418_55
        }
    };
    let x = 0.964_22 * linear(middle + first / 500.0);
    let y = linear(middle);
    let z = 0.825_21 * linear(middle - second / 200.0);
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
        1.055 * pxfm::f_powf(linear, 1.0 / 2.4) - 0.055
    };
    (encoded * 255.0).round() as u8
}
