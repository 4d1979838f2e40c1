//! Limited and full range: VP8 keeps luma in 16 to 235 and color differences in
//! 16 to 240 (ITU-R BT.601), the rest of the engine uses all of 0 to 255, as
//! JFIF does. The coefficients are the same, so this is all that lies between.

/// Stretches luma to full range: `(y - 16) * 255 / 219`.
pub(super) fn expand_luma(samples: &mut [u8]) {
    for sample in samples {
        let above_black = u16::from(*sample).saturating_sub(16);
        let stretched = above_black + ((above_black * 168 + 512) >> 10);
        *sample = stretched.min(255) as u8;
    }
}

/// Stretches color differences to full range: `(c - 128) * 255 / 224 + 128`.
pub(super) fn expand_chroma(samples: &mut [u8]) {
    for sample in samples {
        let difference = i16::from(*sample) - 128;
        let stretched = difference + ((difference * 142 + 512) >> 10);
        *sample = (stretched + 128).clamp(0, 255) as u8;
    }
}
