//! Boxes of ISO's base media file format: a length, a kind, and content, which may be
//! boxes again.

/// Boxes of one content that are looked at. Files have dozens, and properties hundreds.
const MOST: usize = 1 << 16;

/// A box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Box<'a> {
    /// Four letters.
    pub kind: [u8; 4],
    /// Everything behind the length and the kind.
    pub content: &'a [u8],
}

/// The boxes of a content, up to the first one that makes no sense. The last one may be
/// cut short.
pub fn all(content: &[u8]) -> impl Iterator<Item = Box<'_>> {
    let mut rest = Numbers(content);
    std::iter::from_fn(move || next(&mut rest)).take(MOST)
}

/// The first box of a kind.
#[must_use]
pub fn find<'a>(content: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    all(content)
        .find(|inner| inner.kind == *kind)
        .map(|inner| inner.content)
}

fn next<'a>(rest: &mut Numbers<'a>) -> Option<Box<'a>> {
    let whole = rest.0;
    let length = rest.u32()?;
    let kind = *rest.take(4)?.first_chunk()?;
    let length = match length {
        0 => whole.len(),
        1 => usize::try_from(rest.uint(8)?).unwrap_or(usize::MAX),
        length => length as usize,
    };
    let head = whole.len() - rest.0.len();
    let content = whole.get(head..length.min(whole.len()))?;
    rest.0 = whole.get(length..).unwrap_or_default();
    Some(Box { kind, content })
}

/// Numbers out of bytes, the most significant byte first, one after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Numbers<'a>(pub(crate) &'a [u8]);

impl<'a> Numbers<'a> {
    pub(crate) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of so many bytes, 8 at most; of none it is 0.
    pub(crate) fn uint(&mut self, length: usize) -> Option<u64> {
        let bytes = self.take(length)?;
        Some(
            bytes
                .iter()
                .fold(0, |number, byte| number << 8 | u64::from(*byte)),
        )
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.uint(1).map(|number| number as u8)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.uint(2).map(|number| number as u16)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.uint(4).map(|number| number as u32)
    }

    /// A number of two bytes, or of four.
    pub(crate) fn short_or_long(&mut self, is_long: bool) -> Option<u32> {
        self.uint(if is_long { 4 } else { 2 })
            .map(|number| number as u32)
    }

    /// The version of a full box, and its flags.
    pub(crate) fn version(&mut self) -> Option<(u8, u32)> {
        let number = self.u32()?;
        Some(((number >> 24) as u8, number & 0x00ff_ffff))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short_long_or_up_to_the_end() {
        let short = b"\0\0\0\x0aabcdxy".as_slice();
        let long = b"\0\0\0\x01efgh\0\0\0\0\0\0\0\x11z";
        let last = b"\0\0\0\0ijkl123";
        let file = [short, long, last].concat();
        let found: Vec<_> = all(&file)
            .map(|found| (found.kind, found.content))
            .collect();
        let wanted: [([u8; 4], &[u8]); 3] =
            [(*b"abcd", b"xy"), (*b"efgh", b"z"), (*b"ijkl", b"123")];
        assert_eq!(found, wanted);
        assert_eq!(find(&file, b"efgh"), Some(b"z".as_slice()));
    }

    #[test]
    fn a_length_that_makes_no_sense_ends_the_boxes() {
        for (file, count) in [
            (b"\0\0\0\x07abcd".as_slice(), 0),
            (b"\0\0\0\x01abcd\0\0\0\0\0\0\0\x08".as_slice(), 0),
            (b"\0\0\0\x01abcd".as_slice(), 0),
            (b"\xff\xff\xff\xffabcdx".as_slice(), 1),
            (b"".as_slice(), 0),
        ] {
            assert_eq!(all(file).count(), count, "{}", file.escape_ascii());
        }
    }
}
