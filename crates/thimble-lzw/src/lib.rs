//! Decompression of LZW as GIF (GIF89a, appendix F) and TIFF (TIFF 6.0, section 13) have it,
//! into a buffer that holds all that comes out.
//!
//! What a code stands for has been put out before: the string of the code before it, and one
//! byte more. So the table has places in the output instead of links between codes, as the
//! paper has them (T. A. Welch, "A Technique for High-Performance Data Compression", 1984).
//! The first six bytes of a string are in the table as well: most strings are no longer, and
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
//! Memory is tables of 48 KiB. Of an output, the first 4 GiB are used. An output that is full
//! ends the work, whatever comes behind. Codes that only clear the table put nothing out: how
//! many of them are read is for the caller to limit.
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

use bits::{Bits, HighFirst, LONGEST, LowFirst, Order, TOGETHER};

/// Codes that there can be.
const CODES: usize = 1 << LONGEST;

/// Bytes that are copied at a time.
const WORD: usize = 8;

/// First bytes of a string that its table entry has.
const HEAD: usize = 6;

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

/// The string of a code: its first bytes, the first one lowest, and its length above them.
/// Zero if there is none.
#[derive(Clone, Copy, Debug, Default)]
struct Text(u64);

impl Text {
    const LENGTH: u32 = 8 * HEAD as u32;

    fn of_byte(byte: u8) -> Self {
        Text(1 << Self::LENGTH | u64::from(byte))
    }

    #[inline(always)]
    fn length(self) -> usize {
        (self.0 >> Self::LENGTH) as usize
    }

    /// The first bytes, and two that mean nothing.
    #[inline(always)]
    fn word(self) -> [u8; WORD] {
        self.0.to_le_bytes()
    }

    /// The string with the first byte of another behind it, which is where it is in the
    /// output.
    #[inline(always)]
    fn grown(self, other: Text) -> Self {
        let first = other.0 & 0xff;
        let length = self.length();
        let more = if length < HEAD {
            first << (8 * length)
        } else {
            0
        };
        Text((self.0 | more) + (1 << Self::LENGTH))
    }
}

/// The codes so far.
#[derive(Debug)]
struct Codes {
    texts: Box<[Text; CODES]>,
    /// Places in the output of the strings that are longer than a byte.
    starts: Box<[u32; CODES]>,
    /// Bits of a byte's own code.
    bits: u32,
    /// The next code that gets a string.
    next: usize,
    /// Bits of the next code that is read.
    width: u32,
    /// One if codes grow a code earlier than they have to.
    early: usize,
    /// The string that was put out last, and its place.
    last: Text,
    last_start: usize,
}

impl Codes {
    fn new(bits: u32, early: usize) -> Self {
        let mut codes = Codes {
            texts: Box::new([Text::default(); CODES]),
            starts: Box::new([0; CODES]),
            bits,
            next: 0,
            width: 0,
            early,
            last: Text::default(),
            last_start: 0,
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

    /// The string of a code, and its place, if it has one. The next code already stands for
    /// the last string and its own first byte.
    #[inline(always)]
    fn text(&self, code: usize) -> Option<(Text, usize)> {
        if code < self.next {
            return Some((self.texts[code % CODES], self.starts[code % CODES] as usize));
        }
        let is_next = code == self.next && self.last.length() > 0;
        is_next.then(|| (self.last.grown(self.last), self.last_start))
    }

    /// Gives the next code the last string and the first byte of this one, which is put out
    /// at a place and is the last from now on.
    #[inline(always)]
    fn learn(&mut self, text: Text, start: usize) {
        if self.last.length() > 0 && self.next < CODES {
            self.texts[self.next % CODES] = self.last.grown(text);
            self.starts[self.next % CODES] = self.last_start as u32;
            self.next += 1;
            if self.next + self.early >= 1 << self.width && self.width < LONGEST {
                self.width += 1;
            }
        }
        (self.last, self.last_start) = (text, start);
    }

    /// The number of the next code up to which codes stay as long as they are.
    fn end_of_width(&self) -> usize {
        if self.width < LONGEST {
            (1 << self.width) - self.early - 1
        } else {
            CODES
        }
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
            self.run_on::<O>(&mut input, output);
            self.bits.fill::<O>(&mut input);
            while let Some(code) = self.bits.take::<O>(self.codes.width) {
                if code == clear {
                    self.codes.clear();
                    continue;
                }
                if code == clear + 1 || self.produced == output.len() {
                    return Status::Done;
                }
                let Some((text, from)) = self.codes.text(code) else {
                    return Status::Damaged;
                };
                let at = self.produced;
                self.produced = put(text, from, at, output);
                self.codes.learn(text, at);
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

    /// Puts out strings up to the first code that is out of the ordinary: one that stands for
    /// no string yet, and those near the end of the input, of the output or of a length of
    /// codes. Nothing is asked twice here, and all that changes is in locals.
    fn run_on<O: Order>(&mut self, input: &mut &[u8], output: &mut [u8]) {
        let (end, width) = (self.codes.end_of_width(), self.codes.width);
        let (mut bits, mut at, mut next) = (self.bits, self.produced, self.codes.next);
        let (mut last, mut last_start) = (self.codes.last, self.codes.last_start);
        if last.length() == 0 {
            return;
        }
        let (texts, starts) = (&mut self.codes.texts, &mut self.codes.starts);
        'codes: while next + TOGETHER <= end && bits.refill::<O>(input) {
            for _ in 0..TOGETHER {
                let (code, others) = bits.first::<O>(width);
                let text = texts[code % CODES];
                let length = text.length();
                let Some(room) = output.get_mut(at..at + WORD) else {
                    break 'codes;
                };
                if code >= next || length == 0 {
                    break 'codes;
                }
                room.copy_from_slice(&text.word());
                texts[next % CODES] = last.grown(text);
                starts[next % CODES] = last_start as u32;
                (last, last_start) = (text, at);
                (bits, next) = (others, next + 1);
                at += length;
                if length > HEAD {
                    repeat(output, starts[code % CODES] as usize, last_start, length);
                    at = at.min(output.len());
                }
            }
        }
        (self.bits, self.produced, self.codes.next) = (bits, at, next);
        (self.codes.last, self.codes.last_start) = (last, last_start);
    }
}

/// Puts out a string that was put out before, as far as there is room, and tells where it ends.
#[inline(always)]
fn put(text: Text, from: usize, at: usize, output: &mut [u8]) -> usize {
    match output.get_mut(at..at + WORD) {
        Some(room) => room.copy_from_slice(&text.word()),
        None => {
            let room = output[at..].iter_mut();
            room.zip(text.word()).for_each(|(to, from)| *to = from);
        }
    }
    let length = text.length();
    if length > HEAD {
        repeat(output, from, at, length);
    }
    (at + length).min(output.len())
}

/// Copies all of `length` bytes but the head from `from` to `at`, as far as there is room.
fn repeat(output: &mut [u8], from: usize, at: usize, length: usize) {
    let end = (at + length).min(output.len());
    let distance = at - from;
    let mut at = at + HEAD;
    // What is nearer was not there yet when a word is read.
    while distance >= WORD && at < end && at + WORD <= output.len() {
        let mut word = [0; WORD];
        word.copy_from_slice(&output[at - distance..at - distance + WORD]);
        output[at..at + WORD].copy_from_slice(&word);
        at += WORD;
    }
    for at in at..end {
        output[at] = output[at - distance];
    }
}
