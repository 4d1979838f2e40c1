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
        } else if is_bmp(data) {
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

/// Formats that a fixed text gives away: where it stands, the text, and the format. None of
/// the texts begins one that a person would write.
const MAGICS: [(usize, &[u8], &str); 41] = [
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"\0\0\x01\0", "image/vnd.microsoft.icon"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"%!PS", "application/postscript"),
    (0, b"\xc5\xd0\xd3\xc6", "application/postscript"),
    (0, b"\0\0\0\x0cjP  ", "image/jp2"),
    (0, b"\xff\x4f\xff\x51", "image/jp2"),
    (0, b"II\xbc", "image/jxr"),
    (0, b"qoif", "image/qoi"),
    (0, b"II+\0", "image/tiff"),
    (0, b"MM\0+", "image/tiff"),
    (0, b"FOVb", "image/x-sigma-x3f"),
    (0, b"FUJIFILMCCD-RAW", "image/x-fuji-raf"),
    (0, b"IIRO", "image/x-olympus-orf"),
    (0, b"IIRS", "image/x-olympus-orf"),
    (0, b"MMOR", "image/x-olympus-orf"),
    (0, b"IIU\0", "image/x-panasonic-rw2"),
    (0, b"\0MRM", "image/x-minolta-mrw"),
    (6, b"HEAPCCDR", "image/x-canon-crw"),
    (0, b"gimp xcf file\0", "image/x-xcf"),
    (0, b"gimp xcf v0", "image/x-xcf"),
    (30, b"mimetypeapplication/x-krita", "application/x-krita"),
    (30, b"mimetypeimage/openraster", "image/openraster"),
    (0, b"Paint Shop Pro Image File\n", "image/x-paintshoppro"),
    (0, b"\x76\x2f\x31\x01", "image/x-exr"),
    (0, b"#?RADIANCE\n", "image/vnd.radiance"),
    (0, b"#?RGBE\n", "image/vnd.radiance"),
    (0, b"SDPX\0", "image/x-dpx"),
    (0, b"XPDS\0", "image/x-dpx"),
    (0, b"\x80\x2a\x5f\xd7", "image/x-cineon"),
    (0, b"DDS \x7c\0\0\0", "image/vnd-ms.dds"),
    (0, b"SIMPLE  =", "image/fits"),
    (128, b"DICM", "application/dicom"),
    (0, b"icns\0", "image/icns"),
    (0, b"BPG\xfb", "image/bpg"),
    (0, b"farbfeld\0", "image/x-farbfeld"),
    (0, b"\x8aMNG\r\n\x1a\n", "video/x-mng"),
    (0, b"\x8bJNG\r\n\x1a\n", "image/x-jng"),
    (0, b"AT&TFORM", "image/vnd.djvu"),
    (0, b"\xd7\xcd\xc6\x9a", "image/wmf"),
    (40, b" EMF", "image/emf"),
];

/// The format that a source begins as, in words for a person: a hint at the decoder of an
/// engine that was at work.
pub(crate) fn format_of(source: &[u8]) -> Option<&'static str> {
    let by_magic = || {
        let begins = |at: usize, magic| source.get(at..).is_some_and(|at| at.starts_with(magic));
        let known = MAGICS.iter().find(|(at, magic, _)| begins(*at, magic));
        known.map(|(_, _, format)| *format)
    };
    let is_xml = || source.starts_with(b"<svg") || source.starts_with(b"<?xml");
    Header::read(source)
        .map(|header| header.media_type)
        .or_else(|| by_brand(source))
        .or_else(by_magic)
        .or_else(|| is_netpbm(source).then_some("image/x-portable-anymap"))
        .or_else(|| is_xml().then_some("image/svg+xml"))
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

/// Texts begin with these letters as well: the reserved bytes are zero, or the size of the
/// second header makes sense.
fn is_bmp(data: &[u8]) -> bool {
    let is_reserved = data.get(6..10) == Some(&[0; 4]);
    data.starts_with(b"BM")
        && (is_reserved || matches!(data.get(14..18), Some([12..=255, 0, 0, 0])))
}

/// Texts begin with these letters as well: two numbers follow, or the name of a field.
fn is_netpbm(source: &[u8]) -> bool {
    let Some((b"P", [kind, rest @ ..])) = source.split_at_checked(1) else {
        return false;
    };
    if !matches!(kind, b'1'..=b'7' | b'F' | b'f') {
        return false;
    }
    let is_number = |word: &[u8]| word.iter().all(u8::is_ascii_digit);
    let fields: [&[u8]; 5] = [b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL", b"TUPLTYPE"];
    word(rest).is_some_and(|(first, rest)| {
        let is_field = *kind == b'7' && fields.contains(&first);
        is_field || is_number(first) && word(rest).is_some_and(|(second, _)| is_number(second))
    })
}

/// The word behind blanks and comments, of which there is one at least, and the rest.
fn word(mut text: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = text.len();
    loop {
        text = text.trim_ascii_start();
        if text.first() != Some(&b'#') {
            break;
        }
        let end = text.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
        text = text.get(end..)?;
    }
    let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'#';
    let end = text.iter().position(ends).unwrap_or(text.len());
    (text.len() < start && end > 0).then(|| text.split_at(end))
}

/// The format of boxes, by the brand of the file, or by those that its container names.
fn by_brand(source: &[u8]) -> Option<&'static str> {
    match source.get(4..12)? {
        b"ftypheic" | b"ftypheix" | b"ftypheim" | b"ftypheis" | b"ftyphevc" | b"ftyphevx" => {
            Some("image/heic")
        }
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
        let table: [(&[u8], Option<&str>); 18] = [
            (b"", None),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"<svg/>", Some("image/svg+xml")),
            (b"8BPS\0\x01", Some("image/vnd.adobe.photoshop")),
            (b"P8\n", None),
            (b"%PDF-1.7", Some("application/pdf")),
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
    fn a_text_is_no_picture_because_of_its_first_letters() {
        let text: [&[u8]; 19] = [
            b"BMW parts",
            b"BMI 22 in June, and what the doctor said",
            b"BM",
            b"P1 meeting: notes",
            b"P1 2nd meeting",
            b"P1",
            b"P1 ",
            b"P1\n# Notes\n\nwhat was said",
            b"P1\n# Notes",
            b"P2 10 things to do",
            b"P6\n\n1. begin",
            b"P7 WIDTHS of tables",
            b"P77 2 2",
            b"PF 2 x",
            b"P12 2 2",
            b"farbfeld is a format",
            b"gimp xcf files",
            b"DDS of the day",
            b"<html>",
        ];
        for text in text {
            assert_eq!(format_of(text), None, "{}", text.escape_ascii());
        }
        for (format, pictures) in [
            (
                "image/bmp",
                &[
                    &b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0"[..],
                    // Reserved bytes that are used, and sizes of other second headers.
                    b"BM\x46\0\0\0abcd\x36\0\0\0\x28\0\0\0",
                    b"BM\x46\0\0\0abcd\x1a\0\0\0\x0c\0\0\0",
                    b"BM\x46\0\0\0abcd\x1a\0\0\0\x7c\0\0\0",
                    b"BM\0\0\0\0\0\0\0\0",
                ][..],
            ),
            (
                "image/x-portable-anymap",
                &[
                    b"P1\n2 2",
                    b"P1 2 2 ",
                    b"P4\r\n640\t480\r\n",
                    b"P5#made by hand\n 7 # columns\n9\n255\n",
                    b"P6\n# CREATOR: GIMP\n# two\n640 480\n255\n",
                    b"P7\nWIDTH 2\nHEIGHT 2\n",
                    b"P7\n#\nDEPTH 3\n",
                    b"P7\nTUPLTYPE RGB\n",
                    b"PF\n2 2\n-1.0\n",
                    b"Pf\n2 2\n-1.0\n",
                ],
            ),
        ] {
            for picture in pictures {
                assert_eq!(
                    format_of(picture),
                    Some(format),
                    "{}",
                    picture.escape_ascii()
                );
            }
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
