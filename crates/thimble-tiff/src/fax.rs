//! Fax: rows of runs (ITU-T T.4), or of what differs from the row above (T.6).
//!
//! The codes are those of the `fax` crate; how rows follow each other, and what
//! becomes of damaged ones, is decided here. Where rows end with a code of their
//! own, a damaged row costs itself alone: it looks like the row above, and the
//! next row is found by its code. Without such codes the picture ends there.

use std::convert::Infallible;

use fax::maps::{Mode, black, mode, white};
use fax::{BitReader, Color};

use crate::inflated::Inflated;

/// The dialects of fax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Rows of runs that begin at multiples of so many bits.
    Aligned(usize),
    /// Rows of runs that end with a code. `mixed` if a bit behind the code chooses
    /// between runs and differences.
    Group3 {
        /// T4Options, bit 0.
        mixed: bool,
    },
    /// Rows of differences, up to a code that ends the page.
    Group4,
}

/// Ends of rows, one after the other, that end a page: six of them by the book.
const ENDS_OF_PAGE: usize = 3;

/// Bits of the code that ends a row: zeros, and a one.
const END_OF_ROW: usize = 12;

/// Decodes rows of `width` pixels, each in `row_length` bytes, into `rows`, which
/// is zero: white.
pub(crate) fn decode(
    dialect: Dialect,
    width: u16,
    chunk: &[u8],
    rows: &mut [u8],
    row_length: usize,
) -> Inflated {
    let mut page = Page {
        bits: Bits { chunk, at: 0 },
        lines: Lines::new(width),
        rows,
        row_length,
    };
    match dialect {
        Dialect::Aligned(bits) => page.aligned(bits),
        Dialect::Group3 { mixed } => page.group3(mixed),
        Dialect::Group4 => page.group4(),
    }
}

/// A page in the making.
struct Page<'a> {
    bits: Bits<'a>,
    lines: Lines,
    rows: &'a mut [u8],
    row_length: usize,
}

impl Page<'_> {
    fn aligned(&mut self, multiple: usize) -> Inflated {
        let mut produced = 0;
        for row in self.rows.chunks_mut(self.row_length) {
            self.bits.at = self.bits.at.next_multiple_of(multiple);
            if self.lines.runs(&mut self.bits) != Some(Line::Whole) || self.bits.is_over() {
                return Inflated::cut(produced);
            }
            self.lines.paint(row);
            produced += row.len();
        }
        Inflated::whole(produced)
    }

    fn group4(&mut self) -> Inflated {
        let mut produced = 0;
        let length = self.rows.len();
        for row in self.rows.chunks_mut(self.row_length) {
            let line = self.lines.differences(&mut self.bits);
            match line.filter(|_| !self.bits.is_over()) {
                Some(Line::Whole) => self.lines.paint(row),
                // What comes after an end that is early is white.
                Some(Line::End) => return Inflated::cut(length),
                _ => return Inflated::cut(produced),
            }
            produced += row.len();
        }
        Inflated::whole(produced)
    }

    fn group3(&mut self, mixed: bool) -> Inflated {
        let (mut produced, mut is_whole, mut has_ends) = (0, true, false);
        let (length, mut begin) = (self.rows.len(), 0);
        for row in self.rows.chunks_mut(self.row_length) {
            let mut ends = self.bits.take_ends(mixed);
            if ends.count == 0 && (has_ends || mixed) && self.bits.find_end(begin) {
                is_whole &= !has_ends;
                ends = self.bits.take_ends(mixed);
            }
            if ends.count >= ENDS_OF_PAGE {
                return Inflated::cut(length);
            }
            has_ends |= ends.count > 0;
            begin = self.bits.at;
            let line = if ends.has_differences {
                self.lines.differences(&mut self.bits)
            } else {
                self.lines.runs(&mut self.bits)
            };
            if self.bits.is_over() {
                return Inflated::cut(produced);
            }
            is_whole &= line == Some(Line::Whole);
            if !matches!(line, Some(Line::Whole | Line::Short)) {
                if !self.bits.find_end(begin) {
                    return Inflated::cut(produced);
                }
                self.lines.repeat();
            }
            self.lines.paint(row);
            produced += row.len();
        }
        Inflated {
            length: produced,
            is_whole,
        }
    }
}

/// Outcome of reading a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Whole,
    /// The code that ends a row came before its last pixel.
    Short,
    /// The code that ends a page of differences.
    End,
}

/// The line being read, and the one above it: columns at which the color changes,
/// to black first. The line ends with the color it had last.
#[derive(Debug)]
struct Lines {
    width: u16,
    above: Vec<u16>,
    line: Vec<u16>,
}

impl Lines {
    fn new(width: u16) -> Self {
        Lines {
            width,
            above: Vec::new(),
            line: Vec::new(),
        }
    }

    fn begin(&mut self) {
        std::mem::swap(&mut self.above, &mut self.line);
        self.line.clear();
    }

    /// Replaces the line by the one above.
    fn repeat(&mut self) {
        self.line.clone_from(&self.above);
    }

    /// Changes the color at a column. Behind the last one there is nothing to change.
    fn change(&mut self, at: u16) {
        if at < self.width {
            self.line.push(at);
        }
    }

    /// Reads runs of white and black, in turns, up to the width.
    fn runs(&mut self, bits: &mut Bits<'_>) -> Option<Line> {
        self.begin();
        let (mut at, mut color) = (0, Color::White);
        while at < self.width {
            if bits.is_at_end_of_row() {
                return Some(Line::Short);
            }
            at = run(bits, color, at, self.width)?;
            self.change(at);
            color = !color;
        }
        Some(Line::Whole)
    }

    /// Reads how the line differs from the one above.
    fn differences(&mut self, bits: &mut Bits<'_>) -> Option<Line> {
        self.begin();
        let (mut at, mut color, mut is_first) = (0, Color::White, true);
        let mut next = 0;
        while is_first || at < self.width {
            next = self.next_change(next, at, is_first, color);
            let change = |index: usize| self.above.get(index).copied().unwrap_or(self.width);
            match code(bits, mode::decode)? {
                Mode::Pass => at = change(next + 1),
                Mode::Vertical(shift) => {
                    let column = i32::from(change(next)) + i32::from(shift);
                    let column = u16::try_from(column).ok()?;
                    if column < at || column > self.width {
                        return None;
                    }
                    at = column;
                    self.change(at);
                    color = !color;
                }
                Mode::Horizontal => {
                    let first = run(bits, color, at, self.width)?;
                    at = run(bits, !color, first, self.width)?;
                    self.change(first);
                    self.change(at);
                }
                Mode::Extension => return None,
                // In a page with ends of rows, it is the next row that takes it.
                Mode::EOF => {
                    bits.at -= END_OF_ROW;
                    return Some(Line::End);
                }
            }
            is_first = false;
        }
        Some(Line::Whole)
    }

    /// Index of the first change above that lies to the right of `at` and is one
    /// from `color`. The first pixel of a line has a change at column 0 to its
    /// right. `next` is where to begin to look.
    fn next_change(&self, next: usize, at: u16, is_first: bool, color: Color) -> usize {
        let is_right = |change: u16| change > at || is_first;
        let mut next = next.min(self.above.len());
        while next > 0 && is_right(self.above[next - 1]) {
            next -= 1;
        }
        while self
            .above
            .get(next)
            .is_some_and(|change| !is_right(*change))
        {
            next += 1;
        }
        let is_from_white = next.is_multiple_of(2);
        next + usize::from(is_from_white != (color == Color::White))
    }

    /// Sets the bits of black pixels in a row of white ones.
    fn paint(&self, row: &mut [u8]) {
        for run in self.line.chunks(2) {
            let end = run.get(1).copied().unwrap_or(self.width);
            blacken(row, run[0].into(), end.into());
        }
    }
}

/// Reads a run that begins at a column, and returns where it ends: at the width
/// at most.
fn run(bits: &mut Bits<'_>, color: Color, at: u16, width: u16) -> Option<u16> {
    let mut end = at;
    loop {
        let code = match color {
            Color::White => code(bits, white::decode)?,
            Color::Black => code(bits, black::decode)?,
        };
        end = end.saturating_add(code).min(width);
        if code < 64 {
            return Some(end);
        }
    }
}

/// Reads a code, and nothing if there is none: what is there instead may be the end
/// of the row.
fn code<'a, T>(bits: &mut Bits<'a>, decode: impl Fn(&mut Bits<'a>) -> Option<T>) -> Option<T> {
    let before = bits.at;
    let found = decode(bits);
    if found.is_none() {
        bits.at = before;
    }
    found
}

/// Sets the bits from `start` on, up to `end`.
fn blacken(row: &mut [u8], start: usize, end: usize) {
    if start >= end {
        return;
    }
    let (first, last) = (start / 8, (end - 1) / 8);
    let (head, tail) = (0xff >> (start % 8), 0xff << (7 - (end - 1) % 8));
    if first == last {
        row[first] |= head & tail;
        return;
    }
    row[first] |= head;
    row[first + 1..last].fill(0xff);
    row[last] |= tail;
}

/// Bits of a chunk, the highest of a byte first; behind the end they are zero.
#[derive(Debug)]
struct Bits<'a> {
    chunk: &'a [u8],
    /// Bits that are consumed.
    at: usize,
}

/// Ends of rows that follow each other.
#[derive(Clone, Copy, Debug)]
struct Ends {
    count: usize,
    /// The row behind them is one of differences.
    has_differences: bool,
}

impl Bits<'_> {
    /// More was consumed than there is.
    fn is_over(&self) -> bool {
        self.at > 8 * self.chunk.len()
    }

    fn is_at_end_of_row(&self) -> bool {
        self.peek(11) == Some(0)
    }

    /// Takes fill bits and the codes that end a row, as many as there are: eleven
    /// zeros at least, and a one. No run begins with as many.
    fn take_ends(&mut self, mixed: bool) -> Ends {
        let mut ends = Ends {
            count: 0,
            has_differences: false,
        };
        while self.is_at_end_of_row() && !self.is_over() {
            while self.peek(16) == Some(0) && !self.is_over() {
                self.at += 16;
            }
            let window = self.peek(16).unwrap_or_default();
            self.at += window.leading_zeros() as usize + 1;
            ends.count += 1;
            if mixed {
                ends.has_differences = self.peek(1) == Some(0);
                self.at += 1;
            }
        }
        ends
    }

    /// Goes on to the next end of a row that begins at `begin`, if there is one. The last
    /// code of a damaged row may have taken some zeros of it.
    fn find_end(&mut self, begin: usize) -> bool {
        self.at = (self.at.saturating_sub(END_OF_ROW - 2)).max(begin);
        // Behind the last one of eleven bits there may be zeros enough.
        while let Some(window @ 1..) = self.peek(11) {
            self.at += 11 - window.trailing_zeros() as usize;
        }
        !self.is_over()
    }
}

impl BitReader for Bits<'_> {
    type Error = Infallible;

    fn peek(&self, bits: u8) -> Option<u16> {
        let shift = 32u32
            .checked_sub(bits.into())
            .filter(|shift| *shift >= 16)?;
        let rest = self.chunk.get(self.at / 8..).unwrap_or_default();
        let window = match rest.first_chunk() {
            Some(bytes) => u32::from_be_bytes(*bytes),
            None => {
                let mut bytes = [0; 4];
                bytes[..rest.len()].copy_from_slice(rest);
                u32::from_be_bytes(bytes)
            }
        };
        Some((u64::from(window << (self.at % 8)) >> shift) as u16)
    }

    fn consume(&mut self, bits: u8) -> Result<(), Infallible> {
        self.at += usize::from(bits);
        Ok(())
    }

    fn bits_to_byte_boundary(&self) -> u8 {
        (self.at.next_multiple_of(8) - self.at) as u8
    }
}

#[cfg(test)]
mod tests {
    use fax::VecWriter;
    use fax::decoder::pels;
    use fax::encoder::Encoder;
    use proptest::prelude::*;

    use super::*;

    fn is_black(row: &[u8], x: usize) -> bool {
        row[x / 8] & (0x80 >> (x % 8)) != 0
    }

    proptest! {
        #[test]
        fn lines_are_painted_as_pixels_are(
            transitions in prop::collection::btree_set(0..70_u16, 0..12),
            width in 1..60_u16,
        ) {
            let mut lines = Lines::new(width);
            transitions.iter().for_each(|at| lines.change(*at));
            let mut row = vec![0; usize::from(width).div_ceil(8)];
            lines.paint(&mut row);
            let transitions: Vec<u16> = transitions.into_iter().collect();
            for (x, color) in pels(&transitions, width).enumerate() {
                prop_assert_eq!(is_black(&row, x), color == Color::Black, "at {}", x);
            }
        }

        #[test]
        fn pages_of_differences_are_what_was_encoded(
            width in 1..90_u16,
            seed in prop::collection::vec(any::<u8>(), 1..400),
        ) {
            let columns = usize::from(width);
            let pixel = |y: usize, x: usize| seed[(y * 7 + x / 3) % seed.len()] & 0x18 == 0;
            let mut encoder = Encoder::new(VecWriter::new());
            for y in 0..9 {
                let row = (0..columns).map(|x| if pixel(y, x) { Color::Black } else { Color::White });
                encoder.encode_line(row, width).unwrap();
            }
            let page = encoder.finish().unwrap().finish();
            let length = columns.div_ceil(8);
            let mut rows = vec![0; 9 * length];
            let made = decode(Dialect::Group4, width, &page, &mut rows, length);
            prop_assert!(made.is_whole && made.length == rows.len());
            for (y, row) in rows.chunks(length).enumerate() {
                for x in 0..columns {
                    prop_assert_eq!(is_black(row, x), pixel(y, x), "at {}, {}", x, y);
                }
            }
        }
    }
}
