//! The boxes around a codestream, as far as its first bytes.

/// First bytes of a codestream that stands alone.
const CODESTREAM: &[u8] = b"\xff\x0a";

/// First bytes of a file of boxes.
const CONTAINER: &[u8] = b"\0\0\0\x0cJXL \r\n\x87\n";

/// The box behind those bytes, and one that says how much a decoder has to be able to do.
const KIND: &[u8] = b"\0\0\0\x14ftypjxl \0\0\0\0jxl ";
const LEVEL: &[u8] = b"\0\0\0\x09jxll\x0a";

/// The beginning of a box that goes on until the end.
const ALL_OF_IT: &[u8] = b"\0\0\0\0jxlc";

/// Bytes in which a level is looked for: it stands before the codestream.
const MOST_BEFORE: usize = 1 << 16;

/// Bytes that a header has at most, a preview and an animation included.
const HEADER: usize = 64;

/// True for JPEG XL, bare or in boxes, by its first bytes.
#[must_use]
pub fn is_jxl(source: &[u8]) -> bool {
    source.starts_with(CODESTREAM) || source.starts_with(CONTAINER)
}

/// The first bytes of the codestream, as many as a header needs if there are as many.
pub(crate) fn head(source: &[u8]) -> Vec<u8> {
    if source.starts_with(CODESTREAM) {
        return source[..source.len().min(HEADER)].to_vec();
    }
    let mut head = Vec::new();
    let mut rest = source;
    while head.len() < HEADER {
        let Some((kind, content, behind)) = next_box(rest) else {
            break;
        };
        let part = match &kind {
            b"jxlc" => content,
            // A number comes first.
            b"jxlp" => content.get(4..).unwrap_or_default(),
            _ => &[],
        };
        let missing = HEADER - head.len();
        head.extend(&part[..part.len().min(missing)]);
        rest = behind;
    }
    head
}

/// A source as a decoder is to read it.
///
/// A file that states no level is of the least one, which forbids pictures that encoders
/// write nevertheless, and that everybody shows. So it states the highest.
pub(crate) struct Lifted<'a> {
    /// The first bytes.
    pub(crate) head: Vec<u8>,
    /// The other bytes, which are the last ones of the source.
    pub(crate) rest: &'a [u8],
}

impl<'a> Lifted<'a> {
    pub(crate) fn new(source: &'a [u8]) -> Self {
        if source.starts_with(CODESTREAM) {
            let head = [CONTAINER, KIND, LEVEL, ALL_OF_IT].concat();
            return Lifted { head, rest: source };
        }
        let kind = source.strip_prefix(CONTAINER).unwrap_or_default();
        let has_level = kind
            .windows(4)
            .take(MOST_BEFORE)
            .any(|four| four == b"jxll");
        if !kind.starts_with(KIND) || has_level {
            return Lifted {
                head: Vec::new(),
                rest: source,
            };
        }
        Lifted {
            head: [CONTAINER, KIND, LEVEL].concat(),
            rest: &kind[KIND.len()..],
        }
    }
}

/// The kind and the content of the first box, which may be cut off, and what is behind it.
fn next_box(bytes: &[u8]) -> Option<([u8; 4], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let (length, rest) = match u32::from_be_bytes(*length) {
        0 => (rest.len() as u64, rest),
        1 => {
            let (length, rest) = rest.split_first_chunk::<8>()?;
            (u64::from_be_bytes(*length).checked_sub(16)?, rest)
        }
        length => (u64::from(length).checked_sub(8)?, rest),
    };
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let (content, behind) = rest.split_at(length.min(rest.len()));
    Some((*kind, content, behind))
}
