//! Headers of images: format and dimensions, by the first bytes.
//!
//! Not a decoder: just enough to hold the word of an engine against the bytes
//! that it returned. Every read is checked, and nothing is allocated.

/// Nature of bytes, as far as their header tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) media_type: &'static str,
    /// Width and height, where the header has them at a known place.
    pub(super) dimensions: Option<(u32, u32)>,
}

/// The media types that [`Header::read`] recognizes.
pub(super) const KNOWN: [&str; 8] = [
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "image/bmp",
    "image/tiff",
    "image/avif",
    "image/jxl",
];

impl Header {
    /// Recognizes an image by its first bytes.
    pub(super) fn read(data: &[u8]) -> Option<Self> {
        let (media_type, dimensions) = if data.starts_with(b"\xff\xd8\xff") {
            ("image/jpeg", jpeg(data))
        } else if data.starts_with(b"\x89PNG\r\n\x1a\n") {
            ("image/png", big(data, 16).zip(big(data, 20)))
        } else if data.starts_with(b"GIF87a") || data.starts_with(b"GIF89a") {
            ("image/gif", little(data, 6, 2).zip(little(data, 8, 2)))
        } else if data.starts_with(b"RIFF") && data.get(8..12) == Some(b"WEBP") {
            ("image/webp", webp(data))
        } else if data.starts_with(b"BM") {
            ("image/bmp", None)
        } else if data.starts_with(b"II*\0") || data.starts_with(b"MM\0*") {
            ("image/tiff", None)
        } else if matches!(data.get(4..12), Some(b"ftypavif" | b"ftypavis")) {
            ("image/avif", None)
        } else if data.starts_with(b"\xff\x0a") || data.starts_with(b"\0\0\0\x0cJXL \r\n\x87\n") {
            ("image/jxl", None)
        } else {
            return None;
        };
        Some(Self {
            media_type,
            dimensions,
        })
    }
}

/// The format that a source begins as, in words for a person: a hint at the decoder of an
/// engine that was at work.
pub(super) fn format_of(source: &[u8]) -> Option<&'static str> {
    let others = || match source {
        [b'8', b'B', b'P', b'S', ..] => Some("image/vnd.adobe.photoshop"),
        [b'P', b'1'..=b'7', b'\t'..=b'\r' | b' ', ..] => Some("image/x-portable-anymap"),
        [0, 0, 1, 0, ..] => Some("image/vnd.microsoft.icon"),
        _ if source.starts_with(b"<svg") || source.starts_with(b"<?xml") => Some("image/svg+xml"),
        _ => None,
    };
    Header::read(source)
        .map(|header| header.media_type)
        .or_else(|| by_brand(source))
        .or_else(others)
}

/// True if a file begins as a picture of a format that is known here. Documents of many
/// kinds are XML.
#[cfg(feature = "cli")]
pub(crate) fn is_picture(head: &[u8]) -> bool {
    match format_of(head) {
        Some("image/svg+xml") => head.windows(4).any(|bytes| bytes == b"<svg"),
        format => format.is_some(),
    }
}

/// The format of boxes, by the brand of the file, or by those that its container names.
fn by_brand(source: &[u8]) -> Option<&'static str> {
    match source.get(4..12)? {
        b"ftypheic" | b"ftypheix" | b"ftyphevc" => Some("image/heic"),
        b"ftypcrx " => Some("image/x-canon-cr3"),
        b"ftypmif1" | b"ftypmsf1" => {
            let end = usize::try_from(big(source, 0)?).ok()?.min(source.len());
            let brands = source.get(16..end).unwrap_or_default();
            let is_avif = |brand: &[u8; 4]| matches!(brand, b"avif" | b"avis");
            Some(match brands.as_chunks::<4>().0.iter().any(is_avif) {
                true => "image/avif",
                false => "image/heif",
            })
        }
        _ => None,
    }
}

/// Walks from marker to marker until the frame header.
fn jpeg(data: &[u8]) -> Option<(u32, u32)> {
    let mut at = 2;
    loop {
        let &[0xff, marker] = data.get(at..at + 2)? else {
            return None;
        };
        match marker {
            // A fill byte, or a marker without a body.
            0xff => at += 1,
            0x01 | 0xd0..=0xd8 => at += 2,
            // All frame headers; the three gaps are tables.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) => {
                let [height_high, height_low, width_high, width_low] =
                    *data.get(at + 5..at + 9)?.first_chunk::<4>()?;
                let height = u16::from_be_bytes([height_high, height_low]);
                let width = u16::from_be_bytes([width_high, width_low]);
                return Some((width.into(), height.into()));
            }
            // The image begins, or ends, without a frame header.
            0xd9 | 0xda => return None,
            _ => {
                let length = data.get(at + 2..at + 4)?.first_chunk::<2>()?;
                at += 2 + usize::from(u16::from_be_bytes(*length));
            }
        }
    }
}

/// The three kinds of WebP keep their dimensions in three places.
fn webp(data: &[u8]) -> Option<(u32, u32)> {
    match data.get(12..16)? {
        b"VP8 " => {
            (data.get(23..26)? == b"\x9d\x01\x2a").then_some(())?;
            Some((little(data, 26, 2)? & 0x3fff, little(data, 28, 2)? & 0x3fff))
        }
        b"VP8L" => {
            (*data.get(20)? == 0x2f).then_some(())?;
            let bits = little(data, 21, 4)?;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => Some((little(data, 24, 3)? + 1, little(data, 27, 3)? + 1)),
        _ => None,
    }
}

fn big(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*data.get(at..)?.first_chunk()?))
}

fn little(data: &[u8], at: usize, bytes: usize) -> Option<u32> {
    let field = data.get(at..at + bytes)?;
    Some(
        field
            .iter()
            .rev()
            .fold(0, |value, &byte| value << 8 | u32::from(byte)),
    )
}

#[cfg(test)]
mod tests {
    use super::{Header, format_of};

    #[test]
    fn the_dimensions_of_common_formats_are_read() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\x02\0\0\0\x03";
        let gif = b"GIF89a\x02\x01\x03\0";
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xff\xc2\0\x0b\x08\0\x03\x01\x02\x01";
        let lossy = b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\x02\x41\x03\0";
        let lossless = b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\x01\x81\0\0";
        let extended = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x01\x01\0\x02\0\0";
        for (data, media_type) in [
            (&png[..], "image/png"),
            (gif, "image/gif"),
            (jpeg, "image/jpeg"),
            (lossy, "image/webp"),
            (lossless, "image/webp"),
            (extended, "image/webp"),
        ] {
            let expected = Header {
                media_type,
                dimensions: Some((258, 3)),
            };
            assert_eq!(Header::read(data), Some(expected), "{media_type}");
        }
    }

    #[test]
    fn a_source_is_called_by_the_format_that_it_begins_as() {
        let table: [(&[u8], Option<&str>); 19] = [
            (b"", None),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"<svg/>", Some("image/svg+xml")),
            (b"8BPS\0\x01", Some("image/vnd.adobe.photoshop")),
            (b"P8\n", None),
            (b"P1\n2 2", Some("image/x-portable-anymap")),
            (b"P7 ", Some("image/x-portable-anymap")),
            (b"PK\x03\x04", None),
            (b"\0\0\x01\0\x02\0", Some("image/vnd.microsoft.icon")),
            (b"\0\0\x01\xba", None),
            (b"\0\0\0\x18ftypcrx \0\0\0\x01", Some("image/x-canon-cr3")),
            (b"\0\0\0\x18ftypavif\0\0\0\0", Some("image/avif")),
            (b"\0\0\0\x18ftypheic\0\0\0\0", Some("image/heic")),
            (b"\0\0\x01\0ftypheic\0\0\0\0mif1heic", Some("image/heic")),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", Some("image/avif")),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1msf1", Some("image/heif")),
            // What follows the brands is none of them.
            (b"\0\0\0\x14ftypmif1\0\0\0\0mif1avif", Some("image/heif")),
            (b"\0\0\0\x18ftypmif1", Some("image/heif")),
            (b"\0\0\0\x18ftypmp42\0\0\0\0", None),
        ];
        for (source, expected) in table {
            assert_eq!(format_of(source), expected, "{}", source.escape_ascii());
        }
    }

    #[test]
    fn truncated_and_foreign_bytes_do_no_harm() {
        let jpeg = b"\xff\xd8\xff\xe0\xff\xff\xff";
        assert_eq!(
            Header::read(jpeg).and_then(|header| header.dimensions),
            None
        );
        for length in 0..12 {
            assert_eq!(Header::read(&b"<html><body>"[..length]), None);
            let _ = Header::read(&b"RIFF\0\0\0\0WEBPVP8X\0"[..length]);
            let _ = Header::read(&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..length]);
        }
    }
}
