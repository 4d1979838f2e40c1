//! Compression to zlib streams (RFC 1950), which is that of DEFLATE (RFC 1951), for rows of
//! pictures that are all there.
//!
//! The structure is that of libdeflate, by Eric Biggers: places with the same four bytes are a
//! chain, three bytes have one place, and a block ends where symbols of another kind begin. Nothing
//! is copied into a window, since all bytes are there; no table is cleared from one stream to the
//! next; and the loops call nothing, because in compiled WebAssembly a call costs as much as
//! some steps of the search.
//!
//! | way | what it finds |
//! |---|---|
//! | [`Deflater::matches`] | whatever was there before, as far as an [`Effort`] goes |
//! | [`Deflater::runs`] | runs of one byte: of photographs whose rows are filtered, the smaller files, in a fifth of the time |
//!
//! ```
//! use thimble_deflate::Deflater;
//! # use thimble_inflate::Inflater;
//!
//! let data = [7; 300];
//! let stream = Deflater::default().runs(&data);
//! assert!(stream.len() < 30);
//! # let mut inflater = Inflater::new(std::iter::once(stream.as_slice()));
//! # assert_eq!(inflater.take(300).unwrap(), data);
//! ```
//!
//! # Limits
//!
//! Memory is 400 kB, eight bytes for each match of a block, of which it has 50,000 at most, and
//! the stream. A stream is never longer than its data by more than some bytes in each 32 kB: what
//! cannot be compressed is stored.
//!
//! # Errors
//!
//! None: all bytes can be compressed, and the same bytes give the same stream everywhere.
//!
//! The fuzz target is `deflate`, in `fuzz/` of the repository: streams are inflated again.

#![forbid(unsafe_code)]

mod bits;
mod block;
mod chains;
mod huffman;
mod parse;
mod split;
#[cfg(test)]
mod tests;

use std::fmt::{self, Debug, Formatter};

use bits::Bits;
use block::Block;
use chains::Chains;
use thimble_inflate::Adler32;

/// Work that goes into the search for matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Most places that are looked at for each byte.
    pub depth: u32,
    /// A match waits for a better one at the next byte.
    pub lazy: bool,
    /// Length of the shortest match, three or more.
    pub shortest: usize,
}

impl Effort {
    /// For drawings, which have long matches close by.
    pub const GREEDY: Self = Self {
        depth: 12,
        lazy: false,
        shortest: 3,
    };

    /// For rows that are filtered: short matches cost more than the small numbers that they
    /// stand for.
    pub const LAZY: Self = Self {
        depth: 16,
        lazy: true,
        shortest: 5,
    };
}

/// Compresses one stream after the other, in the same memory.
#[derive(Default)]
pub struct Deflater {
    chains: Chains,
    block: Block,
}

impl Debug for Deflater {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("Deflater")
    }
}

impl Deflater {
    /// The zlib stream of `data`, with no other matches than runs of a byte.
    #[must_use]
    pub fn runs(&mut self, data: &[u8]) -> Vec<u8> {
        self.write(data, |_, block, start| parse::runs(block, data, start))
    }

    /// The zlib stream of `data`, with matches.
    #[must_use]
    pub fn matches(&mut self, data: &[u8], effort: Effort) -> Vec<u8> {
        let effort = Effort {
            depth: effort.depth.max(1),
            shortest: effort.shortest.max(3),
            ..effort
        };
        let parse = if effort.lazy {
            parse::matches::<true>
        } else {
            parse::matches::<false>
        };
        let stream = self.write(data, |chains, block, start| {
            parse(chains, block, data, start, effort)
        });
        self.chains.restart(data.len());
        stream
    }

    /// Writes the blocks that `parse` finds. It is told where a block begins, and tells its end.
    fn write(
        &mut self,
        data: &[u8],
        parse: impl Fn(&mut Chains, &mut Block, usize) -> usize,
    ) -> Vec<u8> {
        // A window of 32 KiB, and a check that makes it a multiple of 31.
        let mut out = vec![0x78, 0x9c];
        let mut bits = Bits::behind(&out);
        let mut start = 0;
        loop {
            let end = parse(&mut self.chains, &mut self.block, start);
            let is_last = end == data.len();
            self.block
                .write(&data[start..end], is_last, &mut bits, &mut out);
            if is_last {
                break;
            }
            start = end;
        }
        bits.align();
        bits.flush(&mut out);
        out.truncate(bits.at);
        let mut sum = Adler32::default();
        sum.write(data);
        out.extend_from_slice(&sum.finish().to_be_bytes());
        out
    }
}
