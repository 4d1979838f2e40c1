//! Decompression of zlib streams (RFC 1950), which is that of DEFLATE (RFC 1951), in
//! pieces: the stream comes in some, and what it holds is handed out in others.
//!
//! The loop over symbols takes up to five entries of literals, of one or two each, from one
//! filling of the bit buffer, and copies sixteen bytes at a time: the structure of
//! libdeflate, by Eric Biggers. In WebAssembly this matters more than elsewhere, since a block copied by
//! the instruction made for that is a call out of the sandbox, however short it is.
//!
//! | | |
//! |---|---|
//! | blocks | stored, fixed codes, codes of their own |
//! | preset dictionary | refused |
//! | checksum at the end | compared where a caller asks for it ([`Inflater::is_sound`]); elsewhere a reader of images is done before |
//!
//! ```
//! use thimble_inflate::{Damage, Inflater};
//!
//! # use std::io::Write;
//! # let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
//! # encoder.write_all(&[7; 300]).unwrap();
//! # let stream = encoder.finish().unwrap();
//! // 300 bytes, compressed, come in pieces of five.
//! let mut inflater = Inflater::new(stream.chunks(5));
//! assert_eq!(inflater.take(200)?, [7; 200]);
//! assert_eq!(inflater.take_some(200)?, [7; 100]);
//! assert_eq!(inflater.take(1), Err(Damage::TooShort));
//! # Ok::<(), Damage>(())
//! ```
//!
//! # Limits
//!
//! Memory is the reach of a match, two pieces of 32 KiB, and as many bytes as are
//! taken at once. Nothing is decompressed before it is asked for, so that a bomb costs
//! no more than its caller wants of it.
//!
//! # Errors
//!
//! [`Damage`] names the reason for which a stream goes no further. The bytes before
//! it can still be had, by asking for fewer.
//!
//! The fuzz target is `inflate`, in `fuzz/` of the repository: the same streams
//! through zlib-rs.

#![forbid(unsafe_code)]

mod bits;
mod codes;
mod copy;
mod damage;
mod sum;
mod symbols;
pub mod tables;
#[cfg(test)]
mod tests;

use bits::{Bits, Pieces};
use codes::Codes;
pub use damage::Damage;
pub use sum::Adler32;
use symbols::{End, SLACK, Symbols};

/// Most bytes that a match reaches back.
const REACH: usize = 1 << 15;

/// Least number of bytes that are decompressed at a time.
const PIECE: usize = 1 << 15;

/// Place in the stream of the next bits.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Before the two bytes of the zlib header.
    Start,
    /// Before the header of a block.
    Header,
    /// In a block that is stored, so many bytes before its end.
    Stored(usize),
    /// In a block of symbols.
    Symbols,
    /// Behind the last block, or where nothing can be made of the data.
    End(Damage),
}

/// Decompresses a zlib stream that comes in pieces.
#[derive(Debug)]
pub struct Inflater<'a> {
    bits: Bits<'a>,
    codes: Box<Codes>,
    place: Place,
    is_last_block: bool,
    /// The bytes that were decompressed last, as many as a match may reach back or
    /// more, and room for others.
    window: Vec<u8>,
    filled: usize,
    taken: usize,
    /// The checksum of all that was taken, if it is going to be compared.
    sum: Option<Adler32>,
}

impl<'a> Inflater<'a> {
    /// Decompresses what the pieces are together.
    pub fn new(pieces: impl Iterator<Item = &'a [u8]> + Send + 'a) -> Self {
        Self {
            bits: Bits::new(Pieces::new(pieces)),
            codes: Box::default(),
            place: Place::Start,
            is_last_block: false,
            window: Vec::new(),
            filled: 0,
            taken: 0,
            sum: None,
        }
    }

    /// Begins another stream, in the memory of this one.
    pub fn restart(&mut self, pieces: impl Iterator<Item = &'a [u8]> + Send + 'a) {
        self.bits = Bits::new(Pieces::new(pieces));
        self.place = Place::Start;
        self.is_last_block = false;
        (self.filled, self.taken) = (0, 0);
        self.sum = self.sum.map(|_| Adler32::default());
    }

    /// Adds up what is taken, for [`is_sound`](Self::is_sound).
    #[must_use]
    pub fn summed(mut self) -> Self {
        self.sum = Some(Adler32::default());
        self
    }

    /// False if the stream ends behind what was taken with the checksum of something else.
    /// A stream that has more, or less than its checksum, is none of that; nor is one that
    /// is not [`summed`](Self::summed).
    pub fn is_sound(&mut self) -> bool {
        let Some(sum) = self.sum.as_ref().map(|sum| sum.finish()) else {
            return true;
        };
        if self.filled > self.taken {
            return true;
        }
        self.make_room(1);
        // The end of the last block may be still to be read.
        let has_more = self.advance().is_ok();
        let has_ended = self.is_last_block && matches!(self.place, Place::End(Damage::TooShort));
        let stated = self.bits.checksum().filter(|_| has_ended && !has_more);
        stated.is_none_or(|stated| stated == sum)
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    ///
    /// If there are not as many. Those that there are can still be had.
    pub fn take(&mut self, count: usize) -> Result<&[u8], Damage> {
        self.fill(count)?;
        let from = self.taken;
        self.taken += count;
        let taken = &self.window[from..self.taken];
        if let Some(sum) = &mut self.sum {
            sum.write(taken);
        }
        Ok(taken)
    }

    /// The next `count` bytes, which are still to be taken.
    ///
    /// # Errors
    ///
    /// If there are not as many. Those that there are can still be had.
    pub fn ahead(&mut self, count: usize) -> Result<&[u8], Damage> {
        self.fill(count)?;
        Ok(&self.window[self.taken..][..count])
    }

    /// Some bytes, `most` of them at most and one at least.
    ///
    /// # Errors
    ///
    /// If there are no more.
    pub fn take_some(&mut self, most: usize) -> Result<&[u8], Damage> {
        if self.filled == self.taken {
            self.fill(1)?;
        }
        self.take(most.min(self.filled - self.taken))
    }

    /// Decompresses until so many bytes can be taken.
    fn fill(&mut self, count: usize) -> Result<(), Damage> {
        while self.filled - self.taken < count {
            self.make_room(count);
            self.advance()?;
        }
        Ok(())
    }

    /// Makes room for a piece, or for as much as is lacking to `count` bytes.
    fn make_room(&mut self, count: usize) {
        let size = REACH + count.max(PIECE) + PIECE + SLACK;
        if self.window.len() < size {
            self.window.resize(size, 0);
        }
        if self.window.len() - self.filled < PIECE + SLACK {
            let keep = self.taken.min(self.filled.saturating_sub(REACH));
            self.window.copy_within(keep..self.filled, 0);
            self.filled -= keep;
            self.taken -= keep;
        }
    }

    /// Decompresses at least one byte.
    fn advance(&mut self) -> Result<(), Damage> {
        let before = self.filled;
        while self.filled == before {
            let step = match self.place {
                Place::Start => self.bits.skip_zlib_header().map(|()| Place::Header),
                Place::Header => self.start_block(),
                Place::Stored(left) => self.copy_stored(left),
                Place::Symbols => self.read_symbols(),
                Place::End(reason) => return Err(reason),
            };
            self.place = step.unwrap_or_else(Place::End);
        }
        Ok(())
    }

    /// RFC 1951, section 3.2.3.
    fn start_block(&mut self) -> Result<Place, Damage> {
        if self.is_last_block {
            return Err(Damage::TooShort);
        }
        self.is_last_block = self.bits.take(1)? == 1;
        match self.bits.take(2)? {
            0 => self.bits.start_stored().map(Place::Stored),
            1 => {
                self.codes.set_fixed()?;
                Ok(Place::Symbols)
            }
            2 => {
                self.codes.read(&mut self.bits)?;
                Ok(Place::Symbols)
            }
            _ => Err(Damage::Block),
        }
    }

    fn copy_stored(&mut self, left: usize) -> Result<Place, Damage> {
        if left == 0 {
            return Ok(Place::Header);
        }
        let room = &mut self.window[self.filled..];
        let fits = left.min(room.len());
        let copied = self.bits.copy(&mut room[..fits])?;
        self.filled += copied;
        Ok(Place::Stored(left - copied))
    }

    /// Reads symbols to the end of the block, or a piece of them.
    fn read_symbols(&mut self) -> Result<Place, Damage> {
        let start = self.filled.saturating_sub(REACH);
        let Some(view) = self.window[start..].first_chunk_mut() else {
            return Err(Damage::TooShort);
        };
        let mut symbols = Symbols {
            view,
            at: self.filled - start,
            state: self.bits.state,
            codes: &self.codes,
        };
        let end = symbols.read(&mut self.bits.pieces);
        self.filled = start + symbols.at;
        self.bits.state = symbols.state;
        end.map(|end| match end {
            End::OfBlock => Place::Header,
            End::OfView => Place::Symbols,
        })
    }
}
