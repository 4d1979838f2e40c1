//! The letters of a source, and whether they are those of an SVG.

use std::io::Read;

use flate2::read::GzDecoder;

use crate::Error;

/// The longest text, in bytes: of an SVG that is compressed, as it is inflated.
const MOST: usize = 64 << 20;

/// The most comparisons of attributes.
const MOST_COMPARED: u64 = 400_000_000;

/// Bytes in which the first element begins.
const HEAD: usize = 4096;

/// The entities that the parser allows within one.
const WITHIN: usize = 255;

/// First bytes of a file that gzip compressed.
const GZIP: &[u8] = b"\x1f\x8b";

/// True for the first bytes of an SVG, compressed or not.
pub(crate) fn is_svg(head: &[u8]) -> bool {
    if !head.starts_with(GZIP) {
        return begins(&letters(head.into()));
    }
    let mut inflated = Vec::new();
    let mut decoder = GzDecoder::new(head).take(HEAD as u64);
    // The head ends where it ends: what came before counts.
    let _ = decoder.read_to_end(&mut inflated);
    begins(&letters(inflated))
}

/// The text of a source.
pub(crate) fn of(source: &[u8]) -> Result<String, Error> {
    let too_long = || Error::LimitExceeded(format!("a text of more than {MOST} bytes"));
    let bytes = if source.starts_with(GZIP) {
        let mut inflated = Vec::new();
        let mut decoder = GzDecoder::new(source).take(MOST as u64 + 1);
        let read = decoder.read_to_end(&mut inflated);
        read.map_err(|error| Error::MalformedSource(format!("cannot be inflated: {error}")))?;
        inflated
    } else {
        source.to_vec()
    };
    if bytes.len() > MOST {
        return Err(too_long());
    }
    let text = letters(bytes);
    if expanded(&text) > MOST {
        return Err(too_long());
    }
    if compared(&text) > MOST_COMPARED {
        return Err(Error::LimitExceeded("too many attributes".into()));
    }
    Ok(text)
}

/// Bytes that entities can become at most, if each were as long as the longest and every one
/// that is within another came as often as the parser allows.
fn expanded(text: &str) -> usize {
    let length = |rest: &str| {
        let at = rest.find(['"', '\''])?;
        let (quote, value) = (rest.as_bytes()[at], &rest[at + 1..]);
        Some(value.find(char::from(quote)).unwrap_or(value.len()))
    };
    let declared = text.split("<!ENTITY").skip(1);
    let Some(longest) = declared.filter_map(length).max() else {
        return 0;
    };
    let is_own = |rest: &&str| {
        let standard = ["#", "amp;", "lt;", "gt;", "quot;", "apos;"];
        !standard.iter().any(|name| rest.starts_with(name))
    };
    let used = text.split('&').skip(1).filter(is_own).count();
    used.saturating_mul(WITHIN).saturating_mul(longest)
}

/// Comparisons of attributes by the parser: each with all others of its element, and each name
/// with all namespaces. What stands between two elements counts as if it were attributes.
fn compared(text: &str) -> u64 {
    let attributes = text.split('<').map(|tag| tag.matches('=').count() as u64);
    let squares = attributes.fold(0, |sum: u64, count| sum.saturating_add(count * count));
    let count = |word: &str| text.matches(word).count() as u64;
    squares.saturating_add(count("xmlns").saturating_mul(count("<")))
}

/// Letters as the mark at the beginning says: UTF-8 without one, and Latin-1 if it is not that.
fn letters(bytes: Vec<u8>) -> String {
    let wide = |number: fn([u8; 2]) -> u16| {
        let (units, _) = bytes[2..].as_chunks();
        let units: Vec<u16> = units.iter().map(|unit| number(*unit)).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes.as_slice() {
        [0xff, 0xfe, ..] => wide(u16::from_le_bytes),
        [0xfe, 0xff, ..] => wide(u16::from_be_bytes),
        _ => match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) if is_utf8(error.as_bytes()) => {
                String::from_utf8_lossy(error.as_bytes()).into_owned()
            }
            Err(error) => error.as_bytes().iter().copied().map(char::from).collect(),
        },
    }
}

/// Not all of it, and no other encoding is named.
fn is_utf8(bytes: &[u8]) -> bool {
    let prolog = &bytes[..bytes.len().min(100)];
    let prolog = String::from_utf8_lossy(prolog).to_ascii_lowercase();
    let named = prolog.split_once("encoding=").map(|(_, named)| named);
    let named = named.map(|named| named.trim_start_matches(['"', '\'']));
    named.is_none_or(|named| named.starts_with("utf-8"))
}

/// The first element is that of an SVG, behind whatever may stand before it.
fn begins(head: &str) -> bool {
    let mut rest = head.strip_prefix('\u{feff}').unwrap_or(head);
    loop {
        rest = rest.trim_start();
        let end = if rest.starts_with("<!--") {
            "-->"
        } else if rest.starts_with("<?") {
            "?>"
        } else {
            break;
        };
        match rest.split_once(end) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    if let Some(named) = rest.strip_prefix("<!DOCTYPE") {
        return named.trim_start().starts_with("svg");
    }
    let name = rest.strip_prefix('<').unwrap_or_default();
    let end = name.find(|letter: char| letter.is_whitespace() || matches!(letter, '>' | '/'));
    let name = &name[..end.unwrap_or(name.len())];
    name == "svg" || name.ends_with(":svg")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn compressed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn an_svg_is_known_behind_whatever_may_stand_before_it() {
        for head in [
            "<svg/>",
            "<svg>",
            "\u{feff}<svg xmlns='http://www.w3.org/2000/svg'/>",
            "\n\t <?xml version='1.0'?>\n<!-- by hand --><svg/>",
            "<!-- a --><!-- b --><?style?><svg:svg xmlns:svg='http://www.w3.org/2000/svg'>",
            "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg/>",
            "<!DOCTYPE\nsvg PUBLIC '-//W3C'>",
        ] {
            assert!(is_svg(head.as_bytes()), "{head}");
            assert!(is_svg(&compressed(head.as_bytes())), "{head}");
            let wide: Vec<u16> = head.encode_utf16().collect();
            let wide: Vec<u8> = wide.into_iter().flat_map(u16::to_le_bytes).collect();
            assert!(is_svg(&[b"\xff\xfe", wide.as_slice()].concat()), "{head}");
        }
    }

    #[test]
    fn nothing_else_is_taken_for_one() {
        for head in [
            "",
            "<",
            "svg",
            "<svgs>",
            "<html><svg/></html>",
            "<!-- <svg/>",
            "<?xml ?><rss/>",
            "<!DOCTYPE html><svg/>",
            "{\"svg\": 1}",
            "\u{1f8b}",
        ] {
            assert!(!is_svg(head.as_bytes()), "{head}");
            assert!(!is_svg(&compressed(head.as_bytes())), "{head}");
        }
        assert!(!is_svg(b"\x1f\x8b\x08"));
        assert!(!is_svg(b"\xff\xfe"));
    }

    #[test]
    fn letters_are_those_of_the_encoding() {
        let text = |bytes: &[u8]| of(bytes).unwrap();
        assert_eq!(text("<svg>é</svg>".as_bytes()), "<svg>é</svg>");
        assert_eq!(text(b"\xfe\xff\0<\0\xe9"), "<é");
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><svg>\xe9</svg>";
        assert!(text(latin).ends_with("<svg>é</svg>"));
        assert_eq!(text(b"<svg>\xff</svg>"), "<svg>\u{fffd}</svg>");
    }

    #[test]
    fn entities_count_as_what_they_become() {
        let drawing = |entity: &str, used: usize| {
            let uses = "&a;".repeat(used);
            of(format!("<!DOCTYPE svg [<!ENTITY a '{entity}'>]><svg>{uses}</svg>").as_bytes())
        };
        assert!(drawing("http://www.w3.org/2000/svg", 1000).is_ok());
        assert!(matches!(
            drawing(&"a".repeat(1000), 1000),
            Err(Error::LimitExceeded(_))
        ));
        assert_eq!(expanded("<svg>&amp;&lt;&#65;</svg>"), 0);
    }

    #[test]
    fn attributes_count_as_their_squares_and_names_as_often_as_there_are_namespaces() {
        assert_eq!(compared("<svg a='' b=''><g c=''/></svg>"), 5);
        assert_eq!(compared("<svg xmlns='' xmlns:b=''/>"), 4 + 2);
        let many: String = (0..30_000).map(|it| format!("a{it}='' ")).collect();
        let refused = of(format!("<svg {many}/>").as_bytes());
        assert!(matches!(refused, Err(Error::LimitExceeded(_))));
    }

    #[test]
    fn a_text_that_is_too_long_is_refused_however_short_its_file_is() {
        let bomb = compressed(&vec![b' '; MOST + 1]);
        assert!(bomb.len() < 100_000);
        assert!(matches!(of(&bomb), Err(Error::LimitExceeded(_))));
        let cut = &compressed(b"<svg/>")[..12];
        assert!(matches!(of(cut), Err(Error::MalformedSource(_))));
    }
}
