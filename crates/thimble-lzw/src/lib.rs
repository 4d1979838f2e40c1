//! Decompression of LZW as GIF (GIF89a, appendix F) and TIFF (TIFF 6.0, section 13) have it,
//! into a buffer that holds all that comes out.
//!
//! What a code stands for has been put out before: the string of the code before it, and one
//! byte more. So the table has places in the output instead of links between codes, as the
//! paper has them (T. A. Welch, "A Technique for High-Performance Data Compression", 1984).
//! The first eight bytes of a string are in the table as well: most strings are no longer, and
//! are put out by one store.
//!
//! | | begins with | codes grow |
//! |---|---|---|
//! | [`Decoder::gif`] | the lowest bit | when the table needs them |
//! | [`Decoder::tiff`] | the highest bit | one code earlier |
//! | [`Decoder::old_tiff`] | the lowest bit | when the table needs them |
//!
//! ```
//! use thimble_lzw::{Decoder, Status};
//!
//! // Clear, 7, the string of 7 and 7, end: codes of nine bits.
//! let stream = [0x80, 0x01, 0xe0, 0x50, 0x10];
//! let mut output = [0; 8];
//! let mut decoder = Decoder::tiff();
//! assert_eq!(decoder.decode(&stream[..3], &mut output), Status::Hungry);
//! assert_eq!(decoder.decode(&stream[3..], &mut output), Status::Done);
//! assert_eq!(&output[..decoder.produced()], [7, 7, 7]);
//! ```
//!
//! # Limits
//!
//! Memory is a table of 64 KiB. Of an output, the first 4 GiB are used. An output that is full ends the work, whatever comes
//! behind. Codes that only clear the table put nothing out: how many of them are read is for
//! the caller to limit.
//!
//! # Errors
//!
//! [`Status::Damaged`] is a code that stands for nothing yet. What came out before is there.
//!
//! The fuzz target is `lzw`, in `fuzz/` of the repository: the same streams through weezl.

#![forbid(unsafe_code)]

mod bits;
#[cfg(test)]
mod tests;

use bits::{Bits, HighFirst, LowFirst, Order};

/// Bits of the longest code.
const LONGEST: u32 = 12;

/// Codes that there can be.
const CODES: usize = 1 << LONGEST;

/// Bytes that are copied at a time.
const WORD: usize = 8;

/// The reason for which decompression stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The input is used up.
    Hungry,
    /// The stream says that it ends, or the output is full.
    Done,
    /// A code stands for nothing.
    Damaged,
}

/// The string of a code.
#[derive(Clone, Copy, Debug, Default)]
struct Text {
    /// Its first bytes, the first one lowest, and zeros.
    head: u64,
    /// Its place in the output, if it is longer than these.
    start: u32,
    /// Zero if there is none.
    length: u32,
}

impl Text {
    fn of_byte(byte: u8) -> Self {
        Text {
            head: byte.into(),
            start: 0,
            length: 1,
        }
    }

    /// The string with the first byte of another behind it, which is where it is in the
    /// output.
    #[inline(always)]
    fn grown(self, other: Text) -> Self {
        let byte = other.head & 0xff;
        let head = if self.length < WORD as u32 {
            self.head | byte << (8 * self.length)
        } else {
            self.head
        };
        Text {
            head,
            start: self.start,
            length: self.length + 1,
        }
    }
}

/// The codes so far.
#[derive(Debug)]
struct Codes {
    texts: Box<[Text; CODES]>,
    /// Bits of a byte's own code.
    bits: u32,
    /// The next code that gets a string.
    next: usize,
    /// Bits of the next code that is read.
    width: u32,
    /// One if codes grow a code earlier than they have to.
    early: usize,
    /// The string that was put out last.
    last: Text,
}

impl Codes {
    fn new(bits: u32, early: usize) -> Self {
        let mut codes = Codes {
            texts: Box::new([Text::default(); CODES]),
            bits,
            next: 0,
            width: 0,
            early,
            last: Text::default(),
        };
        let bytes = codes.texts.iter_mut().take(1 << bits);
        for (byte, text) in (0..).zip(bytes) {
            *text = Text::of_byte((byte & 0xff_u32) as u8);
        }
        codes.clear();
        codes
    }

    /// Forgets all strings that are no bytes.
    fn clear(&mut self) {
        self.next = (1 << self.bits) + 2;
        self.width = self.bits + 1;
        self.last = Text::default();
    }

    /// The string of a code, if it has one. The next code already stands for the last string
    /// and its own first byte.
    #[inline(always)]
    fn text(&self, code: usize) -> Option<Text> {
        if code < self.next {
            return Some(self.texts[code % CODES]);
        }
        let is_next = code == self.next && self.last.length > 0;
        is_next.then(|| self.last.grown(self.last))
    }

    /// Gives the next code the last string and the first byte of this one, which is the last
    /// from now on.
    #[inline(always)]
    fn learn(&mut self, text: Text) {
        if self.last.length > 0 && self.next < CODES {
            self.texts[self.next % CODES] = self.last.grown(text);
            self.next += 1;
            if self.next + self.early >= 1 << self.width && self.width < LONGEST {
                self.width += 1;
            }
        }
        self.last = text;
    }
}

/// A stream that is decompressed.
#[derive(Debug)]
pub struct Decoder {
    codes: Codes,
    bits: Bits,
    is_high_first: bool,
    produced: usize,
}

impl Decoder {
    /// A stream of GIF, whose bytes have `bits` bits: 0 to 11. `None` for more.
    #[must_use]
    pub fn gif(bits: u8) -> Option<Self> {
        (u32::from(bits) < LONGEST).then(|| Self::new(bits.into(), 0, false))
    }

    /// A stream of TIFF.
    #[must_use]
    pub fn tiff() -> Self {
        Self::new(8, 1, true)
    }

    /// A stream as some wrote it before version 6 of TIFF.
    #[must_use]
    pub fn old_tiff() -> Self {
        Self::new(8, 0, false)
    }

    fn new(bits: u32, early: usize, is_high_first: bool) -> Self {
        Decoder {
            codes: Codes::new(bits, early),
            bits: Bits::default(),
            is_high_first,
            produced: 0,
        }
    }

    /// Bytes that have come out.
    #[must_use]
    pub fn produced(&self) -> usize {
        self.produced
    }

    /// Decompresses the next bytes of the stream. `output` is the same in every call, with all
    /// that came out before; a few bytes behind what comes out may become zero.
    pub fn decode(&mut self, input: &[u8], output: &mut [u8]) -> Status {
        let room = output.len().min(u32::MAX as usize);
        let output = &mut output[..room];
        let status = if self.is_high_first {
            self.run::<HighFirst>(input, output)
        } else {
            self.run::<LowFirst>(input, output)
        };
        let behind = output[self.produced..].iter_mut();
        behind.take(WORD).for_each(|byte| *byte = 0);
        status
    }

    fn run<O: Order>(&mut self, mut input: &[u8], output: &mut [u8]) -> Status {
        let clear = 1 << self.codes.bits;
        loop {
            self.bits.fill::<O>(&mut input);
            while let Some(code) = self.bits.take::<O>(self.codes.width) {
                if code == clear {
                    self.codes.clear();
                    continue;
                }
                if code == clear + 1 || self.produced == output.len() {
                    return Status::Done;
                }
                let Some(text) = self.codes.text(code) else {
                    return Status::Damaged;
                };
                let start = self.produced;
                self.put(text, output);
                self.codes.learn(Text {
                    start: start as u32,
                    ..text
                });
            }
            if input.is_empty() {
                let is_full = self.produced == output.len();
                return if is_full {
                    Status::Done
                } else {
                    Status::Hungry
                };
            }
        }
    }

    /// Puts out a string, as far as there is room.
    #[inline(always)]
    fn put(&mut self, text: Text, output: &mut [u8]) {
        let (at, length) = (self.produced, text.length as usize);
        match output.get_mut(at..at + WORD) {
            Some(room) => room.copy_from_slice(&text.head.to_le_bytes()),
            None => {
                let room = output[at..].iter_mut();
                room.zip(text.head.to_le_bytes())
                    .for_each(|(to, from)| *to = from);
            }
        }
        if length > WORD {
            repeat(output, text.start as usize, at, length);
        }
        self.produced = (at + length).min(output.len());
    }
}

/// Copies all but the first eight of `length` bytes from `from` to `at`, as far as there is
/// room. They are eight or more apart, or the string would not be that long.
fn repeat(output: &mut [u8], from: usize, at: usize, length: usize) {
    let end = (at + length).min(output.len());
    let distance = at - from;
    let mut at = at + WORD;
    while at < end && at + WORD <= output.len() {
        let mut word = [0; WORD];
        word.copy_from_slice(&output[at - distance..at - distance + WORD]);
        output[at..at + WORD].copy_from_slice(&word);
        at += WORD;
    }
    for at in at..end {
        output[at] = output[at - distance];
    }
}
