//! Files that an engine does not read, by their first bytes: for a message that
//! names what somebody has, and says what would help.
//!
//! | | |
//! |---|---|
//! | pictures of other formats | a codec may be joined |
//! | drawings, documents, raw files, videos | something else to make a picture of |
//! | web pages, litter, archives, text | no picture |
//!
//! ```
//! let said = thimble_foreign::reason(b"%PDF-1.7", "JPEG, PNG");
//! assert_eq!(said, "PDF (application/pdf); make a picture of it; JPEG, PNG are read");
//! ```
//!
//! # Limits
//!
//! No more than the first 4,096 bytes are looked at. No bench: it is called once, for a source that
//! costs nothing more.
//!
//! # Errors
//!
//! Nothing here fails. The fuzz target is `generate`, in `fuzz/` of the repository: it comes here
//! with every input that is no picture.

#![forbid(unsafe_code)]

/// Bytes in which a document may begin with something else than its first element.
const PROLOGUE: usize = 4096;

/// A kind of file, and a way out for whoever has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Another format of pictures.
    Picture,
    /// Pictures of HEVC, whose codec is built by those who may.
    Hevc,
    /// A camera's own format.
    Raw,
    /// Pages, or shapes.
    Document,
    /// Shapes that a codec of this repository draws.
    Drawing,
    /// A sequence of pictures with sound.
    Video,
    /// A web page, mostly in place of a picture that was not there.
    Page,
    /// Something that a system leaves in folders.
    Litter,
    /// Anything else.
    Other,
}

impl Kind {
    fn advice(self) -> &'static str {
        match self {
            Kind::Picture => "convert it, or join a codec for it to the engine",
            Kind::Hevc => {
                "patents keep it out of the engine: convert it, or join the codec for it, by \
                 `make heic` in a checkout, then `thimble engine compose`"
            }
            Kind::Raw => "use the JPEG beside it, or develop it",
            Kind::Document => "make a picture of it",
            Kind::Drawing => {
                "join the codec for it to the engine: `make svg`, then `thimble engine compose`; or \
                 make a picture of it"
            }
            Kind::Video => "take a picture out of it",
            Kind::Page => "look at what the address of the picture answers with",
            Kind::Litter => "leave it out",
            Kind::Other => "name only pictures",
        }
    }
}

/// A kind, and first bytes of its files with a name for each.
type Magics = (Kind, &'static [(&'static [u8], &'static str)]);

const MAGICS: [Magics; 6] = [
    (
        Kind::Picture,
        &[
            (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000 (image/jp2)"),
            (b"\xff\x4f\xff\x51", "JPEG 2000 (image/jp2)"),
            (b"II\xbc", "JPEG XR (image/jxr)"),
            (b"gimp xcf", "GIMP (image/x-xcf)"),
            (b"qoif", "QOI (image/qoi)"),
            (b"icns", "Apple icons (image/icns)"),
            (b"\x76\x2f\x31\x01", "OpenEXR (image/x-exr)"),
            (b"#?RADIANCE", "Radiance HDR (image/vnd.radiance)"),
            (b"#?RGBE", "Radiance HDR (image/vnd.radiance)"),
            (b"DDS ", "DDS (image/vnd-ms.dds)"),
            (b"BPG\xfb", "BPG (image/bpg)"),
            (b"FLIF", "FLIF (image/flif)"),
            (b"farbfeld", "farbfeld"),
            (b"SIMPLE  =", "FITS (image/fits)"),
            (b"\x8aMNG\r\n\x1a\n", "MNG (video/x-mng)"),
            (b"\x8bJNG\r\n\x1a\n", "JNG (image/x-jng)"),
        ],
    ),
    (
        Kind::Document,
        &[
            (b"AT&TFORM", "DjVu (image/vnd.djvu)"),
            (b"\xd7\xcd\xc6\x9a", "a Windows metafile (image/wmf)"),
            (b"%!PS", "PostScript (application/postscript)"),
            (b"\xc5\xd0\xd3\xc6", "PostScript (application/postscript)"),
        ],
    ),
    (
        Kind::Raw,
        &[
            (b"\0MRM", "a camera raw file (MRW)"),
            (b"FOVb", "a camera raw file (X3F)"),
        ],
    ),
    (
        Kind::Litter,
        &[
            (
                b"\0\x05\x16\x07",
                "AppleDouble (the metadata of another file)",
            ),
            (b"\0\0\0\x01Bud1", "a folder's .DS_Store"),
        ],
    ),
    (
        Kind::Other,
        &[
            (
                b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
                "an old Office document or a Thumbs.db",
            ),
            (b"PK\x03\x04", "a ZIP archive (as some documents are)"),
            (b"\x1f\x8b", "a file compressed with gzip"),
            (b"BZh", "a file compressed with bzip2"),
            (b"\xfd7zXZ\0", "a file compressed with xz"),
            (b"\x28\xb5\x2f\xfd", "a file compressed with Zstandard"),
            (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
            (b"Rar!\x1a\x07", "a RAR archive"),
            (b"ID3", "sound (MP3)"),
            (b"\x7fELF", "a program"),
        ],
    ),
    (
        Kind::Video,
        &[
            (b"\x1a\x45\xdf\xa3", "a Matroska or WebM video"),
            (b"\0\0\x01\xba", "an MPEG video"),
            (b"\0\0\x01\xb3", "an MPEG video"),
            (b"FLV\x01", "a Flash video"),
            (b"OggS", "Ogg"),
        ],
    ),
];

/// The reason why a source of no known format is not read: a name for it, if there is
/// one, what would help, and the names of formats that are read.
#[must_use]
pub fn reason(source: &[u8], formats: &str) -> String {
    if source.is_empty() {
        return "the source is empty".into();
    }
    match recognize(source) {
        Some((kind, name)) => format!("{name}; {}; {formats} are read", kind.advice()),
        None => format!("its content is that of no known image; {formats} are read"),
    }
}

fn recognize(source: &[u8]) -> Option<(Kind, &'static str)> {
    if let Some(brands) = brands(source) {
        return Some(by_brand(brands));
    }
    if let Some(chunks) = source.strip_prefix(b"RIFF")
        && let Some(kind) = chunks.get(4..8)
    {
        return match kind {
            b"AVI " => Some((Kind::Video, "an AVI video")),
            b"WAVE" => Some((Kind::Other, "sound (WAV)")),
            _ => Some((Kind::Other, "a RIFF file")),
        };
    }
    if let Some(known) = by_magic(source) {
        return Some(known);
    }
    let head = &source[..source.len().min(PROLOGUE)];
    if head.windows(5).take(1024).any(|bytes| bytes == b"%PDF-") {
        return Some((Kind::Document, "PDF (application/pdf)"));
    }
    markup(head).or_else(|| is_text(head).then_some((Kind::Other, "text")))
}

fn by_magic(source: &[u8]) -> Option<(Kind, &'static str)> {
    MAGICS.iter().find_map(|(kind, magics)| {
        let known = magics.iter().find(|(magic, _)| source.starts_with(magic));
        known.map(|(_, name)| (*kind, *name))
    })
}

/// Brands of a file of ISO boxes, each of four bytes, the major one first.
fn brands(source: &[u8]) -> Option<&[u8]> {
    let length = u32::from_be_bytes(*source.first_chunk()?) as usize;
    let named = source.get(4..)?.strip_prefix(b"ftyp")?;
    let length = length.saturating_sub(8).min(named.len());
    named.get(..length.max(4)).or(Some(named))
}

fn by_brand(brands: &[u8]) -> (Kind, &'static str) {
    let (brands, _) = brands.as_chunks::<4>();
    let known = brands.iter().find_map(|brand| match brand {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => {
            Some((Kind::Hevc, "HEIC (image/heic)"))
        }
        b"jxl " => Some((Kind::Picture, "JPEG XL (image/jxl)")),
        b"jp2 " | b"jpx " => Some((Kind::Picture, "JPEG 2000 (image/jp2)")),
        b"qt  " => Some((Kind::Video, "a QuickTime video")),
        b"isom" | b"iso2" | b"mp41" | b"mp42" | b"avc1" | b"M4V " | b"3gp4" | b"3gp5" => {
            Some((Kind::Video, "an MP4 video"))
        }
        _ => None,
    });
    let is_heif = |brand: &[u8; 4]| matches!(brand, b"mif1" | b"mif2" | b"msf1");
    match known {
        Some(known) => known,
        None if brands.iter().any(is_heif) => (Kind::Picture, "HEIF (image/heif)"),
        None => (Kind::Other, "a file of ISO boxes"),
    }
}

/// A document by its first element, behind whatever may stand before it.
fn markup(head: &[u8]) -> Option<(Kind, &'static str)> {
    let mut rest = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut is_xml = false;
    loop {
        rest = rest.trim_ascii_start();
        let begins = |name: &[u8]| {
            let start = rest.get(..name.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        let end: &[u8] = if begins(b"<!--") {
            b"-->"
        } else if begins(b"<?") {
            is_xml |= begins(b"<?xml");
            b"?>"
        } else if begins(b"<!doctype html")
            || begins(b"<html")
            || begins(b"<head")
            || begins(b"<body")
        {
            return Some((Kind::Page, "HTML (a web page)"));
        } else if begins(b"<svg") || begins(b"<!doctype svg") {
            return Some((Kind::Drawing, "SVG (image/svg+xml)"));
        } else if begins(b"<!doctype") {
            b">"
        } else {
            let is_element = matches!(rest, [b'<', b'a'..=b'z' | b'A'..=b'Z', ..]);
            return (is_xml || is_element).then_some((Kind::Document, "XML"));
        };
        let Some(at) = rest.windows(end.len()).position(|bytes| bytes == end) else {
            return Some((Kind::Document, "XML"));
        };
        rest = &rest[at + end.len()..];
    }
}

/// Nothing but letters, signs and blanks.
fn is_text(head: &[u8]) -> bool {
    let is_sign = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e | 0x80..);
    let valid = head
        .utf8_chunks()
        .next()
        .map_or(0, |chunk| chunk.valid().len());
    head.len() >= 16 && head.iter().all(is_sign) && valid + 4 > head.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_by_their_names() {
        let files: [(&[u8], &str); 16] = [
            (b"\0\0\0\x20ftypheic\0\0", "HEIC"),
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1msf1", "HEIF"),
            (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "MP4"),
            (b"%PDF-1.7", "PDF"),
            (b"\n\n%PDF-1.4", "PDF"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
            (
                b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- by hand --><svg/>",
                "SVG",
            ),
            (b"<!DOCTYPE svg PUBLIC '-//W3C'><svg/>", "SVG"),
            (b"<?xml version='1.0'?><rss/>", "XML"),
            (b"<?xml version='1.0'?><!-- no end", "XML"),
            (b"\r\n<!DOCTYPE html><title>404</title>", "HTML"),
            (b"<!-- gone --><HTML><body>", "HTML"),
            (b"II\xbc\x01", "JPEG XR"),
            (b"RIFF\0\0\0\0AVI LIST", "AVI"),
            (b"\0\0\0\x01Bud1\0\0", ".DS_Store"),
            (b"{\"error\": \"no such object\"}", "text"),
        ];
        for (file, name) in files {
            let reason = reason(file, "JPEG, PNG");
            assert!(reason.contains(name), "{reason:?} does not name {name}");
            assert!(reason.contains("JPEG, PNG"), "{reason}");
        }
    }

    #[test]
    fn what_a_codec_of_ours_reads_names_the_commands_that_join_it() {
        let files: [(&[u8], &str); 2] = [
            (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "`make heic`"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "`make svg`"),
        ];
        for (file, command) in files {
            let reason = reason(file, "JPEG, PNG");
            let parts = [command, "`thimble engine compose`"];
            assert!(parts.iter().all(|part| reason.contains(part)), "{reason}");
        }
    }

    #[test]
    fn noise_has_no_name() {
        for file in [&b"hello"[..], &[1, 2, 3, 4], &[0; 400], &[0xff; 20]] {
            assert_eq!(recognize(file), None, "{}", file.escape_ascii());
        }
        assert_eq!(reason(b"", "JPEG"), "the source is empty");
    }
}
