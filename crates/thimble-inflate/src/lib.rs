//! Decompression of zlib streams (RFC 1950), which is that of DEFLATE (RFC 1951).
//!
//! The loop over symbols takes up to three literals from one filling of the bit
//! buffer, and copies sixteen bytes at a time: the structure of libdeflate, by Eric
//! Biggers. In WebAssembly this matters more than elsewhere, since a block copied by
//! the instruction made for that is a call out of the sandbox, however short it is.
//!
//! [`Inflater`] hands out what it has decompressed piece by piece. The checksum at
//! the end is not looked at: a reader of images is done before.

#![forbid(unsafe_code)]

mod bits;
mod codes;
mod copy;
mod damage;
mod symbols;
#[cfg(test)]
mod tests;

use bits::Bits;
use codes::Codes;
pub use damage::Damage;
use symbols::{End, SLACK, Symbols};

/// How far back a match reaches at most.
const REACH: usize = 1 << 15;

/// How much is decompressed at a time, at least.
const PIECE: usize = 1 << 15;

/// Where in the stream the next bits are.
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
pub struct Inflater<'a, I> {
    bits: Bits<'a, I>,
    codes: Box<Codes>,
    place: Place,
    is_last_block: bool,
    /// What was decompressed last, at least as far back as a match may reach, and
    /// room for more.
    window: Vec<u8>,
    filled: usize,
    taken: usize,
}

impl<'a, I: Iterator<Item = &'a [u8]>> Inflater<'a, I> {
    /// Decompresses what the pieces are together.
    pub fn new(pieces: I) -> Self {
        Self {
            bits: Bits::new(pieces),
            codes: Box::default(),
            place: Place::Start,
            is_last_block: false,
            window: Vec::new(),
            filled: 0,
            taken: 0,
        }
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    ///
    /// If there are not as many. Those that there are can still be had.
    pub fn take(&mut self, count: usize) -> Result<&[u8], Damage> {
        while self.filled - self.taken < count {
            self.make_room(count);
            self.advance()?;
        }
        let from = self.taken;
        self.taken += count;
        Ok(&self.window[from..self.taken])
    }

    /// Some bytes, `most` of them at most and one at least.
    ///
    /// # Errors
    ///
    /// If there are no more.
    pub fn take_some(&mut self, most: usize) -> Result<&[u8], Damage> {
        if self.filled == self.taken {
            self.take(1)?;
            self.taken -= 1;
        }
        self.take(most.min(self.filled - self.taken))
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
