//! Between the models that JPEG stores colors in, sample by sample.

/// YCbCr to RGB (JFIF 1.02, after ITU-R BT.601), in 16 fractional bits.
#[inline(always)]
pub(super) fn to_rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let luma = i32::from(y) << 16;
    let (blue, red) = (i32::from(cb) - 128, i32::from(cr) - 128);
    let narrow = |value: i32| ((value + HALF) >> 16).clamp(0, 255) as u8;
    [
        narrow(luma + 91_881 * red),
        narrow(luma - 22_554 * blue - 46_802 * red),
        narrow(luma + 116_130 * blue),
    ]
}
/// RGB to YCbCr (JFIF 1.02), in 16 fractional bits.
#[inline(always)]
pub(super) fn to_ycbcr([red, green, blue]: [u8; 3]) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (red, green, blue) = (i32::from(red), i32::from(green), i32::from(blue));
    let luma = 19_595 * red + 38_470 * green + 7_471 * blue;
    let cb = -11_059 * red - 21_709 * green + 32_768 * blue + (128 << 16);
    let cr = 32_768 * red - 27_439 * green - 5_329 * blue + (128 << 16);
    // A full blue or red comes to 255.5 and must not wrap.
    let narrow = |value: i32| ((value + HALF - 1) >> 16).clamp(0, 255) as u8;
    [((luma + HALF) >> 16) as u8, narrow(cb), narrow(cr)]
}
