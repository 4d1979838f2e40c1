//! Segments and entropy-coded data, as they are transmitted (ITU-T T.81, annex B
//! and F.1.2.3).

use super::huffman::{Codes, Table};
use super::symbols::Token;

/// A JPEG being written.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
    bits: Bits,
}

/// Bits that don't make up four bytes yet.
#[derive(Clone, Copy, Debug, Default)]
struct Bits {
    /// The last one lowest; those above the ones that count have been written.
    buffer: u64,
    /// Number of bits that count: up to 32 between calls.
    count: u32,
}

impl Bits {
    /// Adds up to 32 bits. Gives back the first 32 once there are more.
    #[inline(always)]
    fn put(&mut self, bits: u64, count: u32) -> Option<u32> {
        self.buffer = self.buffer << count | bits;
        self.count += count;
        (self.count > 32).then(|| {
            self.count -= 32;
            (self.buffer >> self.count) as u32
        })
    }
}

impl Writer {
    /// A marker without parameters.
    pub(super) fn marker(&mut self, marker: u8) {
        self.bytes.extend_from_slice(&[0xFF, marker]);
    }

    /// A marker with its parameters.
    pub(super) fn segment(&mut self, marker: u8, parameters: &[u8]) {
        self.marker(marker);
        self.bytes
            .extend_from_slice(&(parameters.len() as u16 + 2).to_be_bytes());
        self.bytes.extend_from_slice(parameters);
    }

    /// A Huffman table; `selector` has the kind in its high nibble and the number
    /// in its low one.
    pub(super) fn table(&mut self, selector: u8, table: &Table) {
        let parameters = [&[selector][..], &table.counts, &table.symbols].concat();
        self.segment(crate::marker::DHT, &parameters);
    }

    /// Symbols with the bits behind them.
    pub(super) fn tokens(&mut self, tokens: &[Token], codes: &Codes) {
        // About as many bytes as symbols, so that the vector seldom grows.
        self.bytes.reserve(tokens.len());
        // Kept out of the writer meanwhile, whose fields are in memory.
        let mut bits = self.bits;
        for token in tokens {
            let code = codes[token.entry()];
            let (count, magnitude) = token.bits();
            let all = u64::from(code >> 8) << count | u64::from(magnitude);
            if let Some(word) = bits.put(all, (code & 0xFF) + count) {
                self.word(word);
            }
        }
        self.bits = bits;
    }

    /// Four bytes, with zeros stuffed in after any that is `FF`.
    #[inline(always)]
    fn word(&mut self, word: u32) {
        let bytes = word.to_be_bytes();
        // A byte is FF if its high bit is set and adding one carries out of it.
        let stuffed = word & 0x8080_8080 & !word.wrapping_add(0x0101_0101);
        if stuffed == 0 {
            self.bytes.extend_from_slice(&bytes);
        } else {
            bytes.into_iter().for_each(|byte| self.byte(byte));
        }
    }

    fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
        if byte == 0xFF {
            self.bytes.push(0);
        }
    }

    /// End entropy-coded data: what is left of a byte is filled with ones.
    pub(super) fn finish(&mut self) {
        let filling = (8 - self.bits.count % 8) % 8;
        if let Some(word) = self.bits.put((1 << filling) - 1, filling) {
            self.word(word);
        }
        while self.bits.count >= 8 {
            self.bits.count -= 8;
            self.byte((self.bits.buffer >> self.bits.count) as u8);
        }
    }
}
