//! The header of a bitmap: what its fields say, and the palette behind them.

use thimble_bytes::Bytes;

use crate::error::Overlooked;

/// Storage of the pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    /// Indices into the palette, `bits` each.
    Indices,
    /// Blue, green, red, and perhaps a fourth byte.
    Bytes,
    /// Bits of each channel in a pixel.
    Fields([u32; 4]),
    /// Runs of indices of 4 or 8 bits.
    Runs,
}

/// Storage of the pixels, if it is a known one.
pub(crate) fn coding(
    bytes: &Bytes<'_>,
    header: usize,
    bits: u16,
    compression: u32,
) -> Option<Coding> {
    // The third version of the header has a mask of alpha, which browsers believe
    // whatever the compression.
    let alpha = if header >= 56 { bytes.u32(52)? } else { 0 };
    match (compression, bits) {
        (0, 1 | 2 | 4 | 8) => Some(Coding::Indices),
        (0, 16) => Some(Coding::Fields([0x7c00, 0x3e0, 0x1f, alpha])),
        (0, 32) if alpha != 0 => Some(Coding::Fields([0xff_0000, 0xff00, 0xff, alpha])),
        (0, 24 | 32) => Some(Coding::Bytes),
        (1, 8) | (2, 4) => Some(Coding::Runs),
        (3 | 6, 16 | 32) if header >= 40 => {
            // Before the third version, masks follow the header.
            let with_alpha = header < 56 && compression == 6;
            let alpha = if with_alpha { bytes.u32(52)? } else { alpha };
            Some(Coding::Fields([
                bytes.u32(40)?,
                bytes.u32(44)?,
                bytes.u32(48)?,
                alpha,
            ]))
        }
        _ => None,
    }
}

/// The profile that is embedded in a bitmap with the latest header.
pub(crate) fn profile<'a>(bytes: &Bytes<'a>, header: usize) -> Option<&'a [u8]> {
    const EMBEDDED: u32 = u32::from_be_bytes(*b"MBED");
    let is_embedded = header >= 124 && bytes.u32(56) == Some(EMBEDDED);
    let (at, length) = bytes.u32(112).zip(bytes.u32(116)).filter(|_| is_embedded)?;
    bytes.slice(at as usize, length as usize)
}

/// Primaries and gammas in the header, or a profile in a file of its own: no browser but
/// one looks at them, and most of what has them is sRGB in other words.
pub(crate) fn overlooked(bytes: &Bytes<'_>, header: usize) -> Option<Overlooked> {
    const CALIBRATED: u32 = 0;
    const LINKED: u32 = u32::from_be_bytes(*b"LINK");
    let is_stated = |at: usize| bytes.u32(at).is_some_and(|number| number != 0);
    match bytes.u32(56).filter(|_| header >= 108)? {
        CALIBRATED if (60..108).step_by(4).all(is_stated) => Some(Overlooked::Calibration),
        LINKED => Some(Overlooked::LinkedProfile),
        _ => None,
    }
}

/// Bytes of masks between the header and the palette.
pub(crate) fn masks_behind(header: usize, compression: u32) -> usize {
    match (header, compression) {
        (40, 3) => 12,
        (40, 6) => 16,
        _ => 0,
    }
}

/// Colors of the palette: as many as are stated, but no more than bits can count, nor
/// than there is room for before the pixels.
pub(crate) fn colors(bits: u16, stated: usize, room: Option<usize>) -> usize {
    if bits > 8 {
        return 0;
    }
    let most = 1 << bits;
    let stated = if stated == 0 || stated > most {
        most
    } else {
        stated
    };
    stated.min(room.unwrap_or(most))
}

/// The colors of the palette that are there, red, green and blue.
pub(crate) fn read_palette(
    bytes: &Bytes<'_>,
    at: usize,
    entry: usize,
    count: usize,
) -> Vec<[u8; 3]> {
    (0..count)
        .map_while(
            |index| match bytes.slice(at.checked_add(index * entry)?, 3)? {
                [blue, green, red] => Some([*red, *green, *blue]),
                _ => None,
            },
        )
        .collect()
}
