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
