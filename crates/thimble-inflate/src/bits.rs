//! Bits from bytes that come in pieces, the least significant first.

use core::fmt;

use super::Damage;

/// Least number of bits after a refill, unless the data end.
const FULL: u32 = 56;

/// State of a reader of bits, without the pieces that follow: small enough for the
/// loop over symbols to have it in locals.
#[derive(Clone, Copy, Debug)]
pub(super) struct State<'a> {
    /// Bits that were read, the next one lowest. Above those that count there are
    /// more of the same data, or zeros.
    pub(super) buffer: u64,
    /// Number of bits of the buffer that count.
    pub(super) count: u32,
    /// The rest of the piece.
    rest: &'a [u8],
}

impl<'a> State<'a> {
    /// True if there are data for two more refills at least.
    #[inline(always)]
    pub(super) fn is_rich(&self) -> bool {
        self.rest.len() >= 16
    }

    /// Fills the buffer to [`FULL`] bits, or not at all near the end of a piece.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        if let Some(next) = self.rest.first_chunk() {
            let bytes = (63 - self.count) >> 3;
            self.buffer |= u64::from_le_bytes(*next) << self.count;
            self.count += 8 * bytes;
            self.rest = &self.rest[bytes as usize..];
        }
    }

    /// Fills the buffer to [`FULL`] bits, or to the end of the data.
    pub(super) fn refill_from(&mut self, pieces: &mut Pieces<'a>) {
        // What is above may be from a piece that has come to its end.
        self.buffer &= !(u64::MAX << self.count);
        while self.count < FULL {
            let Some((&byte, rest)) = self.rest.split_first() else {
                match pieces.next() {
                    Some(piece) => self.rest = piece,
                    None => break,
                }
                continue;
            };
            self.buffer |= u64::from(byte) << self.count;
            self.count += 8;
            self.rest = rest;
        }
    }
}

/// The pieces of a stream that are yet to come. A call for each of them costs
/// nothing beside what is in it, and whoever has pieces shares this code.
pub(super) struct Pieces<'a>(Box<dyn Iterator<Item = &'a [u8]> + Send + 'a>);

impl<'a> Pieces<'a> {
    pub(super) fn new(pieces: impl Iterator<Item = &'a [u8]> + Send + 'a) -> Self {
        Self(Box::new(pieces))
    }

    fn next(&mut self) -> Option<&'a [u8]> {
        self.0.next()
    }
}

impl fmt::Debug for Pieces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pieces")
    }
}

/// Reads bits.
#[derive(Debug)]
pub(super) struct Bits<'a> {
    pub(super) state: State<'a>,
    pub(super) pieces: Pieces<'a>,
}

impl<'a> Bits<'a> {
    pub(super) fn new(pieces: Pieces<'a>) -> Self {
        let state = State {
            buffer: 0,
            count: 0,
            rest: &[],
        };
        Self { state, pieces }
    }

    /// The next bits, `count` of them, 32 at most.
    pub(super) fn take(&mut self, count: u32) -> Result<u32, Damage> {
        let bits = self.peek() & !(u64::MAX << count);
        self.skip(count)?;
        Ok(bits as u32)
    }

    /// The next bits: as many as are wanted at once, or all and then zeros.
    pub(super) fn peek(&mut self) -> u64 {
        self.state.refill_from(&mut self.pieces);
        self.state.buffer
    }

    /// Skips bits that were seen.
    pub(super) fn skip(&mut self, count: u32) -> Result<(), Damage> {
        if self.state.count < count {
            return Err(Damage::Truncated);
        }
        self.state.buffer >>= count;
        self.state.count -= count;
        Ok(())
    }

    /// RFC 1950, section 2.2.
    pub(super) fn skip_zlib_header(&mut self) -> Result<(), Damage> {
        let [method, flags] = (self.take(16)? as u16).to_le_bytes();
        let is_sound = u16::from_be_bytes([method, flags]).is_multiple_of(31);
        let has_dictionary = flags & 0x20 != 0;
        if method & 0x0f == 8 && method >> 4 <= 7 && is_sound && !has_dictionary {
            Ok(())
        } else {
            Err(Damage::Header)
        }
    }

    /// The checksum behind the last block, from the next whole byte on. RFC 1950, section 2.2.
    pub(super) fn checksum(&mut self) -> Option<u32> {
        self.skip(self.state.count % 8).ok()?;
        let [first, second] = [self.take(16).ok()?, self.take(16).ok()?];
        let halves = [first, second].map(|half| (half as u16).to_le_bytes());
        Some(u32::from_be_bytes(*halves.as_flattened().first_chunk()?))
    }

    /// The length of a stored block, which begins with the next whole byte. RFC 1951,
    /// section 3.2.4.
    pub(super) fn start_stored(&mut self) -> Result<usize, Damage> {
        self.skip(self.state.count % 8)?;
        let length = self.take(16)?;
        if self.take(16)? == length ^ 0xffff {
            Ok(length as usize)
        } else {
            Err(Damage::Block)
        }
    }

    /// Copies whole bytes, at least one, and tells how many.
    pub(super) fn copy(&mut self, to: &mut [u8]) -> Result<usize, Damage> {
        let mut copied = 0;
        while self.state.count >= 8 && copied < to.len() {
            to[copied] = self.state.buffer as u8;
            copied += 1;
            self.skip(8)?;
        }
        if copied > 0 {
            return Ok(copied);
        }
        self.state.buffer = 0;
        while self.state.rest.is_empty() {
            self.state.rest = self.pieces.next().ok_or(Damage::Truncated)?;
        }
        let count = to.len().min(self.state.rest.len());
        to[..count].copy_from_slice(&self.state.rest[..count]);
        self.state.rest = &self.state.rest[count..];
        Ok(count)
    }
}
