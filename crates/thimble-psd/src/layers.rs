//! Layers: whether the picture of all of them together is transparent anywhere.

use thimble_bytes::Bytes;

/// Names of parts that hold the layers where samples have more than 8 bits.
const DEEP: [&[u8]; 2] = [b"Lr16", b"Lr32"];

/// Names of parts that say that there is an alpha, and nothing else.
const TRANSPARENT: [&[u8]; 3] = [b"Mtrn", b"Mt16", b"Mt32"];

/// Names of parts whose length takes eight bytes in a file for large pictures.
const LONG: [&[u8]; 13] = [
    b"LMsk", b"Lr16", b"Lr32", b"Layr", b"Mt16", b"Mt32", b"Mtrn", b"Alph", b"FMsk", b"lnk2",
    b"FEid", b"FXid", b"PxSD",
];

/// True if the first channel behind the colors of the composite is its alpha. The number of
/// layers is negative then, or a part of its own says so.
pub(crate) fn are_transparent_together(layers: &[u8], is_large: bool) -> bool {
    let bytes = Bytes::big_endian(layers);
    let (length, start) = if is_large {
        (bytes.u64(0), 8)
    } else {
        (bytes.u32(0).map(u64::from), 4)
    };
    let Some(length) = length.and_then(|length| usize::try_from(length).ok()) else {
        return false;
    };
    if length > 0 {
        return is_negative(bytes.rest(start));
    }
    // Behind the layers are masks that are for all of them, with their length.
    let masks = bytes.u32(start).map_or(0, |length| length as usize);
    parts(
        bytes.rest(start.saturating_add(4).saturating_add(masks)),
        is_large,
    )
}

/// Looks through the parts behind the masks.
fn parts(parts: &[u8], is_large: bool) -> bool {
    let bytes = Bytes::big_endian(parts);
    let mut at = 0;
    // A signature, a name, a length.
    while let Some(name) = bytes.slice(at + 4, 4) {
        let (length, start) = if is_large && LONG.contains(&name) {
            (bytes.u64(at + 8), at + 16)
        } else {
            (bytes.u32(at + 8).map(u64::from), at + 12)
        };
        if TRANSPARENT.contains(&name) || DEEP.contains(&name) && is_negative(bytes.rest(start)) {
            return true;
        }
        let length = length.and_then(|length| usize::try_from(length).ok());
        let Some(content) = length.and_then(|length| bytes.slice(start, length)) else {
            return false;
        };
        at = start + content.len().next_multiple_of(4);
    }
    false
}

fn is_negative(count: &[u8]) -> bool {
    count.first().is_some_and(|first| first & 0x80 != 0)
}
