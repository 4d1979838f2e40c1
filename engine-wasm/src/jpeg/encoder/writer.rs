//! Segments and entropy-coded data, as they are transmitted (ITU-T T.81, annex B
//! and F.1.2.3).

use super::huffman::{Codes, Table};
use super::symbols::Token;

/// A JPEG being written.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub(super) bytes: Vec<u8>,
    /// Bits that don't make up whole bytes yet, the last one lowest.
    buffer: u64,
    /// How many bits there are in the buffer: up to 32 between calls.
    count: u32,
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
        self.segment(crate::jpeg::marker::DHT, &parameters);
    }

    /// Symbols with the bits behind them.
    pub(super) fn tokens(&mut self, tokens: &[Token], codes: &Codes) {
        for token in tokens {
            let code = codes[token.entry()];
            let (count, bits) = token.bits();
            self.put(
                u64::from(code >> 8) << count | u64::from(bits),
                (code & 0xFF) + count,
            );
        }
    }

    /// Up to 32 bits.
    #[inline(always)]
    fn put(&mut self, bits: u64, count: u32) {
        self.buffer = self.buffer << count | bits;
        self.count += count;
        if self.count > 32 {
            self.count -= 32;
            self.word((self.buffer >> self.count) as u32);
        }
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
        let filling = (8 - self.count % 8) % 8;
        self.put((1 << filling) - 1, filling);
        while self.count >= 8 {
            self.count -= 8;
            self.byte((self.buffer >> self.count) as u8);
        }
    }
}
