//! The boxes around a codestream, and the codestream without them.

use std::collections::BTreeMap;
use std::io::{self, IoSliceMut};

use jxl::api::JxlBitstreamInput;

/// First bytes of a codestream that stands alone.
const CODESTREAM: &[u8] = b"\xff\x0a";

/// First bytes of a file of boxes.
const CONTAINER: &[u8] = b"\0\0\0\x0cJXL \r\n\x87\n";

/// The beginning of one box that goes on until the end, of the level of everything.
const HEAD: &[u8] = b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl \
    \0\0\0\x09jxll\x0a\0\0\0\0jxlc";

/// Bytes that a header has at most, a preview and an animation included.
const HEADER: usize = 64;

/// The bit in the number of a part that says that it is the last one.
const LAST: u32 = 1 << 31;

/// Parts that may wait for one before them.
const MOST_WAITING: usize = 256;

/// True for JPEG XL, bare or in boxes, by its first bytes.
#[must_use]
pub fn is_jxl(source: &[u8]) -> bool {
    source.starts_with(CODESTREAM) || source.starts_with(CONTAINER)
}

/// The first bytes of the codestream, as many as a header needs if there are as many.
pub(crate) fn head(source: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for part in Parts::new(source) {
        let missing = HEADER - head.len();
        head.extend(&part[..part.len().min(missing)]);
        if head.len() == HEADER {
            break;
        }
    }
    head
}

/// A source as a decoder is to read it: its codestream, in one box.
///
/// At the end of a box a decoder looks for the next one before it reads on, and gives up if
/// there is none: it does not see that the boxes that are left are empty. And a file that
/// states no level is of the least one, which forbids pictures that encoders write
/// nevertheless, and that everybody shows: this box states the highest.
pub(crate) struct Codestream<'a> {
    part: &'a [u8],
    parts: Parts<'a>,
    allowance: usize,
}

impl<'a> Codestream<'a> {
    pub(crate) fn new(source: &'a [u8]) -> Self {
        Codestream {
            part: HEAD,
            parts: Parts::new(source),
            allowance: usize::MAX,
        }
    }

    /// The same without its first bytes, those of the box included.
    pub(crate) fn at(source: &'a [u8], place: usize) -> Self {
        let mut codestream = Codestream::new(source);
        codestream.advance(place);
        codestream
    }

    /// Hands out so many bytes, and then says that there are no more for now.
    pub(crate) fn allow(&mut self, bytes: usize) {
        self.allowance = bytes;
    }

    /// Bytes that may still be handed out.
    pub(crate) fn allowance(&self) -> usize {
        self.allowance
    }

    /// The next bytes, at most so many; none at the end.
    pub(crate) fn take(&mut self, most: usize) -> &'a [u8] {
        let most = most.min(self.allowance);
        while self.part.is_empty() && most > 0 {
            match self.parts.next() {
                Some(part) => self.part = part,
                None => break,
            }
        }
        let (taken, rest) = self.part.split_at(most.min(self.part.len()));
        self.part = rest;
        self.allowance -= taken.len();
        taken
    }

    /// Passes over so many bytes, or as many as there are.
    fn advance(&mut self, bytes: usize) -> usize {
        let mut passed = 0;
        while passed < bytes {
            let taken = self.take(bytes - passed).len();
            if taken == 0 {
                break;
            }
            passed += taken;
        }
        passed
    }
}

impl JxlBitstreamInput for Codestream<'_> {
    fn available_bytes(&mut self) -> io::Result<usize> {
        let most = self.part.len().saturating_add(self.parts.boxes.len());
        Ok(most.min(self.allowance))
    }

    fn read(&mut self, buffers: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let mut read = 0;
        for buffer in buffers {
            let mut free: &mut [u8] = buffer;
            while !free.is_empty() {
                let taken = self.take(free.len());
                if taken.is_empty() {
                    return Ok(read);
                }
                let (filled, rest) = free.split_at_mut(taken.len());
                filled.copy_from_slice(taken);
                read += taken.len();
                free = rest;
            }
        }
        Ok(read)
    }

    fn skip(&mut self, bytes: usize) -> io::Result<usize> {
        Ok(self.advance(bytes))
    }
}

/// The parts of a codestream, in their order. Some may be empty.
struct Parts<'a> {
    boxes: &'a [u8],
    /// Number of the next part.
    number: u32,
    /// Parts may stand in the file before those that precede them.
    has_any_order: bool,
    /// Parts that stand before the next one, by their numbers.
    waiting: BTreeMap<u32, Part<'a>>,
}

/// Bytes of a codestream, and whether there are none behind them.
struct Part<'a> {
    number: u32,
    content: &'a [u8],
    is_last: bool,
}

impl<'a> Part<'a> {
    /// A part that is all of it.
    fn whole(content: &'a [u8]) -> Self {
        Part {
            number: 0,
            content,
            is_last: true,
        }
    }

    /// A part behind its number.
    fn numbered(content: &'a [u8]) -> Option<Self> {
        let (number, content) = content.split_first_chunk::<4>()?;
        let number = u32::from_be_bytes(*number);
        Some(Part {
            number: number & !LAST,
            content,
            is_last: number & LAST != 0,
        })
    }
}

impl<'a> Parts<'a> {
    fn new(source: &'a [u8]) -> Self {
        let mut parts = Parts {
            boxes: &[],
            number: 0,
            has_any_order: false,
            waiting: BTreeMap::new(),
        };
        if source.starts_with(CODESTREAM) {
            parts.waiting.insert(0, Part::whole(source));
        } else if let Some(boxes) = source.strip_prefix(CONTAINER)
            && let Some((kind, content, behind)) = next_box(boxes)
            && &kind == b"ftyp"
            && content.starts_with(b"jxl ")
        {
            parts.boxes = behind;
            parts.has_any_order = content.get(4..8) == Some(&[0, 0, 0, 1]);
        }
        parts
    }

    /// The part of that number, which is the next one.
    fn hand_out(&mut self, part: &Part<'a>) -> &'a [u8] {
        if part.is_last {
            self.end();
        }
        self.number += 1;
        part.content
    }

    /// True for a part that may stand before the next one. Of two of one number nobody knows
    /// the right one.
    fn can_wait(&self, part: &Part<'_>) -> bool {
        let is_early = part.number > self.number && self.has_any_order;
        is_early && self.waiting.len() < MOST_WAITING && !self.waiting.contains_key(&part.number)
    }

    fn end(&mut self) {
        self.boxes = &[];
        self.waiting.clear();
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if let Some(part) = self.waiting.remove(&self.number) {
            return Some(self.hand_out(&part));
        }
        loop {
            let (kind, content, behind) = next_box(self.boxes)?;
            self.boxes = behind;
            let part = match &kind {
                b"jxlc" => Some(Part::whole(content)),
                b"jxlp" => Part::numbered(content),
                _ => continue,
            };
            match part {
                Some(part) if part.number == self.number => return Some(self.hand_out(&part)),
                Some(part) if self.can_wait(&part) => self.waiting.insert(part.number, part),
                _ => {
                    self.end();
                    return None;
                }
            };
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
