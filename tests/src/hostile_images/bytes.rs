//! Building blocks of the formats: checksums, containers, damage.

/// Deflated zeros with a zlib wrapper: about a thousandth of their length.
pub(super) fn zipped_zeros(length: usize) -> Vec<u8> {
    fdeflate::compress_to_vec(&vec![0; length])
}

/// The checksum of PNG (ISO 3309), bit by bit.
pub(super) fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 * (crc & 1))
        })
    };
    !bytes.iter().fold(!0, step)
}

/// A directory as in TIFF and EXIF, little-endian, at offset 8: entries of tag,
/// type, count and value, and where the next directory is.
pub(super) fn directory(entries: &[(u16, u16, u32, u32)], next: u32) -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        file.extend([tag.to_le_bytes(), kind.to_le_bytes()].as_flattened());
        file.extend([count.to_le_bytes(), value.to_le_bytes()].as_flattened());
    }
    file.extend(next.to_le_bytes());
    file
}
