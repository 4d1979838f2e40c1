use super::sniff;
use crate::format::Format;

#[test]
fn each_format_is_known_by_its_first_bytes() {
    let sources: [(&[u8], Option<Format>); 20] = [
        (b"\xff\xd8\xff\xe0", Some(Format::JPEG)),
        (b"\x89PNG\r\n\x1a\n", Some(Format::PNG)),
        (b"GIF89a", Some(Format::GIF)),
        (b"GIF87a", Some(Format::GIF)),
        (b"RIFF\0\0\0\0WEBPVP8 ", Some(Format::WEBP)),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b"BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0", Some(Format::BMP)),
        (b"BMW is a maker of cars and motorcycles", None),
        (b"II*\0", Some(Format::TIFF)),
        (b"MM\0+", Some(Format::TIFF)),
        (
            b"\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\x16\0\0\0",
            Some(Format::ICO),
        ),
        (b"\0\0\x01\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0", None),
        (b"\xff\x0a", Some(Format::JXL)),
        (b"\0\0\0\x0cJXL \r\n\x87\n", Some(Format::JXL)),
        (b"P6 2 2 255\n", Some(Format::PNM)),
        (b"P7\nWIDTH 2\n", Some(Format::PNM)),
        (b"P1 is the first program", None),
        (
            b"\0\0\x02\0\0\0\0\0\0\0\0\0\x01\0\x01\0\x18\0",
            Some(Format::TGA),
        ),
        (b"not an image", None),
        (b"", None),
    ];
    for (source, format) in sources {
        assert_eq!(sniff(source), format, "{}", source.escape_ascii());
    }
}
