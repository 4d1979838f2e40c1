//! Compressions, by the numbers that directories give them.

/// Names of compressions, as the directory numbers them, that are not decoded.
const FOREIGN: [(u32, &str); 15] = [
    (32_766, "NeXT"),
    (32_809, "ThunderScan"),
    (32_908, "PixarFilm"),
    (32_909, "PixarLog"),
    (33_003, "JPEG 2000"),
    (33_005, "JPEG 2000"),
    (34_661, "JBIG"),
    (34_676, "LogLuv"),
    (34_677, "LogLuv"),
    (34_712, "JPEG 2000"),
    (34_887, "LERC"),
    (34_925, "LZMA"),
    (50_000, "Zstandard"),
    (50_001, "WebP"),
    (50_002, "JPEG XL"),
];

/// The reason to refuse a compression, if it is not decoded.
pub(crate) fn refusal(compression: u32) -> Option<String> {
    if matches!(
        compression,
        1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 32_771 | 32_773 | 32_946
    ) {
        return None;
    }
    let name = FOREIGN.iter().find(|(number, _)| *number == compression);
    Some(match name {
        Some((_, name)) => format!("compression {compression} ({name}) is not decoded"),
        None => format!("compression {compression} is not decoded"),
    })
}
