//! Netpbm: bitmaps, graymaps, pixmaps and arbitrary maps, as text and as bytes.

use thimble_picture::Row;

use crate::error::Error;
use crate::line::Line;

/// Storage of the samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    /// Digits of bits, with or without space between them; 1 is black.
    BitsAsText,
    /// Numbers, with space between them.
    NumbersAsText,
    /// Eight bits a byte, and each row from a byte of its own; 1 is black.
    Bits,
    /// A byte for each sample.
    Bytes,
    /// Two bytes for each sample.
    Words,
}

/// A picture of Netpbm: its header, and where its pixels are.
#[derive(Clone, Copy, Debug)]
pub struct Netpbm<'a> {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Samples of a pixel: gray, gray and alpha, colors, or colors and alpha.
    pub channels: usize,
    /// The four samples of a pixel are cyan, magenta, yellow and black, where 0 is paper.
    pub is_inked: bool,
    /// The largest sample.
    most: u32,
    coding: Coding,
    pixels: &'a [u8],
}

/// True for a file of Netpbm, by its first bytes.
///
/// Two letters alone would match many a text, so the two numbers behind them are looked at
/// as well.
#[must_use]
pub fn is_netpbm(source: &[u8]) -> bool {
    match source {
        [b'P', b'7', b'\n', ..] => true,
        [b'P', b'1'..=b'6', rest @ ..] => {
            let is_gap = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'#';
            let is_number = |word: &[u8]| word.iter().all(u8::is_ascii_digit);
            let mut words = Words { rest };
            rest.first().is_some_and(is_gap)
                && words.next().is_some_and(is_number)
                && words.next().is_some_and(is_number)
        }
        _ => false,
    }
}

impl<'a> Netpbm<'a> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] if it makes no sense, and [`Error::Channels`].
    pub fn read(source: &'a [u8]) -> Result<Self, Error> {
        let Some(([b'P', kind], rest)) = source.split_first_chunk::<2>() else {
            return Err(Error::Malformed("it is no file of Netpbm"));
        };
        let mut words = Words { rest };
        let header = match kind {
            b'7' => arbitrary(&mut words),
            b'1'..=b'6' => plain(*kind, &mut words),
            _ => None,
        };
        let header = header.ok_or(Error::Malformed(
            "the header makes no sense, or is cut short",
        ))?;
        if header.most == 0 || header.most > 65_535 {
            return Err(Error::Malformed(
                "samples have no largest value below 65,536",
            ));
        }
        if !(1..=4).contains(&header.channels) {
            return Err(Error::Channels(header.channels));
        }
        Ok(Netpbm {
            width: header.width,
            height: header.height,
            channels: header.channels as usize,
            is_inked: header.is_inked && header.channels == 4,
            most: header.most,
            coding: match header.coding {
                Coding::Bytes if header.most > 255 => Coding::Words,
                coding => coding,
            },
            pixels: words.rest,
        })
    }

    /// There is a pixel.
    #[must_use]
    pub fn has_pixels(&self) -> bool {
        match self.coding {
            Coding::BitsAsText | Coding::NumbersAsText => {
                self.pixels.iter().any(u8::is_ascii_digit)
            }
            Coding::Bits => !self.pixels.is_empty(),
            Coding::Bytes => self.pixels.len() >= self.channels,
            Coding::Words => self.pixels.len() >= 2 * self.channels,
        }
    }

    /// Hands out rows from the top, and tells a whole picture from one that is cut off or
    /// damaged: of that the rows behind are missing.
    ///
    /// # Errors
    ///
    /// Those of `take`.
    pub fn rows<E>(&self, mut take: impl FnMut(Row<'_, u8>) -> Result<(), E>) -> Result<bool, E> {
        let mut line = Line {
            width: self.width as usize,
            channels: self.channels,
            samples: Vec::new(),
            is_mirrored: false,
        };
        let mut rest = self.pixels;
        let mut is_whole = true;
        for _ in 0..self.height {
            self.read_row(&mut rest, &mut line.samples);
            is_whole &= line.give(&mut take)?;
        }
        Ok(is_whole)
    }

    /// Appends the samples of the next row, as many as there are.
    fn read_row(&self, rest: &mut &[u8], samples: &mut Vec<u8>) {
        let count = (self.width as usize).saturating_mul(self.channels);
        match self.coding {
            Coding::BitsAsText => {
                let bits = std::iter::from_fn(|| next_bit(rest));
                samples.extend(bits.take(count));
            }
            Coding::NumbersAsText => {
                let mut words = Words { rest };
                let numbers = std::iter::from_fn(|| words.number());
                samples.extend(numbers.take(count).map(|number| self.scaled(number)));
                *rest = words.rest;
            }
            Coding::Bits => {
                let bytes = split_off(rest, count.div_ceil(8));
                let bits = bytes
                    .iter()
                    .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
                samples.extend(
                    bits.take(count)
                        .map(|bit| if bit == 1 { 0 } else { u8::MAX }),
                );
            }
            Coding::Bytes => {
                let bytes = split_off(rest, count);
                samples.extend(bytes.iter().map(|byte| self.scaled((*byte).into())));
            }
            Coding::Words => {
                let (words, _) = split_off(rest, count.saturating_mul(2)).as_chunks::<2>();
                let words = words.iter().map(|word| u16::from_be_bytes(*word));
                samples.extend(words.map(|word| self.scaled(word.into())));
            }
        }
        // Of a pixel that is cut off there is nothing.
        samples.truncate(samples.len() / self.channels * self.channels);
    }

    fn scaled(&self, sample: u32) -> u8 {
        if self.most == 255 {
            return sample.min(255) as u8;
        }
        ((sample.min(self.most) * 255 + self.most / 2) / self.most) as u8
    }
}

/// As many bytes as there are, up to a number.
fn split_off<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (bytes, behind) = rest.split_at(count.min(rest.len()));
    *rest = behind;
    bytes
}

/// The next digit of a bitmap: white, or black.
fn next_bit(rest: &mut &[u8]) -> Option<u8> {
    let mut words = Words { rest };
    words.skip_space();
    // Also where nothing follows: later rows do not look through the same space again.
    *rest = words.rest;
    let (digit, behind) = rest.split_first()?;
    *rest = behind;
    match digit {
        b'0' => Some(u8::MAX),
        b'1' => Some(0),
        _ => {
            // Nothing behind it can be trusted.
            *rest = &[];
            None
        }
    }
}

/// The fields of a header.
struct Fields {
    width: u32,
    height: u32,
    channels: u32,
    is_inked: bool,
    most: u32,
    coding: Coding,
}

/// The header of a bitmap, a graymap or a pixmap: numbers, and one space behind them.
fn plain(kind: u8, words: &mut Words<'_>) -> Option<Fields> {
    let (width, height) = (words.number()?, words.number()?);
    let is_bitmap = matches!(kind, b'1' | b'4');
    let most = if is_bitmap { 1 } else { words.number()? };
    let fields = Fields {
        width,
        height,
        channels: if matches!(kind, b'3' | b'6') { 3 } else { 1 },
        is_inked: false,
        most,
        coding: match kind {
            b'1' => Coding::BitsAsText,
            b'2' | b'3' => Coding::NumbersAsText,
            b'4' => Coding::Bits,
            _ => Coding::Bytes,
        },
    };
    if matches!(fields.coding, Coding::Bits | Coding::Bytes) {
        let (space, rest) = words.rest.split_first()?;
        space.is_ascii_whitespace().then_some(())?;
        words.rest = rest;
    }
    Some(fields)
}

/// The header of an arbitrary map: lines of a name and a value.
fn arbitrary(words: &mut Words<'_>) -> Option<Fields> {
    let mut fields = Fields {
        width: 0,
        height: 0,
        channels: 0,
        is_inked: false,
        most: 0,
        coding: Coding::Bytes,
    };
    loop {
        match words.next()? {
            b"WIDTH" => fields.width = words.number()?,
            b"HEIGHT" => fields.height = words.number()?,
            b"DEPTH" => fields.channels = words.number()?,
            b"MAXVAL" => fields.most = words.number()?,
            // Any words, in any number of lines: but for inks, the channels say enough.
            b"TUPLTYPE" => {
                fields.is_inked |= words.rest.trim_ascii_start().starts_with(b"CMYK");
                words.skip_line();
            }
            b"ENDHDR" => {
                words.skip_line();
                return Some(fields);
            }
            _ => return None,
        }
    }
}

/// Words with space between them, and comments.
struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        self.skip_space();
        let is_end = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'#';
        let length = self.rest.iter().position(is_end).unwrap_or(self.rest.len());
        let (word, behind) = self.rest.split_at(length);
        self.rest = behind;
        (!word.is_empty()).then_some(word)
    }

    /// The next word, which has to be a number.
    fn number(&mut self) -> Option<u32> {
        let word = self.next()?;
        let number = str::from_utf8(word)
            .ok()
            .filter(|word| !word.starts_with('+'));
        let number = number.and_then(|word| word.parse().ok());
        if number.is_none() {
            // Nothing behind it can be trusted.
            self.rest = &[];
        }
        number
    }

    /// Skips space and comments, which end with their line, wherever it was written.
    fn skip_space(&mut self) {
        loop {
            self.rest = self.rest.trim_ascii_start();
            if self.rest.first() != Some(&b'#') {
                break;
            }
            let end = (self.rest.iter()).position(|byte| matches!(byte, b'\n' | b'\r'));
            self.rest = &self.rest[end.unwrap_or(self.rest.len())..];
        }
    }

    fn skip_line(&mut self) {
        let end = self.rest.iter().position(|byte| *byte == b'\n');
        self.rest = &self.rest[end.map_or(self.rest.len(), |end| end + 1)..];
    }
}
