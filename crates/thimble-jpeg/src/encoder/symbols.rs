//! Blocks as symbols, and how often each is used (ITU-T T.81, F.1.2).
//!
//! A symbol with the bits behind it is a token of 32 bits. Taking blocks apart
//! into tokens once, counting as it goes, leaves little to do once the Huffman
//! tables are known.

use super::forward::Block;
use crate::zigzag::NATURAL;

/// A symbol and the bits behind it: bits 0 to 15 are those bits, 16 to 23 the
/// symbol, 24 and 25 its [`Class`], and from 26 on how many bits there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token(u32);

/// The Huffman table of a symbol: DC or AC, luma or chroma.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Class(u32);

impl Class {
    /// The class of DC coefficients; `chroma` for color differences.
    pub(super) fn dc(chroma: bool) -> Self {
        Class(u32::from(chroma))
    }

    /// The class of AC coefficients; `chroma` for color differences.
    pub(super) fn ac(chroma: bool) -> Self {
        Class(2 + u32::from(chroma))
    }

    /// Its name in a segment of tables: the kind in the high nibble, the number
    /// in the low one.
    pub(super) fn selector(self) -> u8 {
        ((self.0 >> 1) << 4 | (self.0 & 1)) as u8
    }

    /// First of the 256 entries of the class in a table of all classes.
    pub(super) fn start(self) -> usize {
        self.0 as usize * 256
    }
}

impl Token {
    /// A symbol, and `count` bits.
    #[inline(always)]
    fn new(class: Class, symbol: u32, count: u32, bits: u32) -> Self {
        Token(count << 26 | class.0 << 24 | symbol << 16 | bits)
    }

    /// Its entry in a table of all classes.
    #[inline(always)]
    pub(super) fn entry(self) -> usize {
        (self.0 >> 16) as usize % CLASSES
    }

    /// Number of bits that follow the symbol, and those bits.
    #[inline(always)]
    pub(super) fn bits(self) -> (u32, u32) {
        (self.0 >> 26, self.0 & 0xFFFF)
    }
}

/// Entries of a table with a place for each symbol of each class.
pub(super) const CLASSES: usize = 4 * 256;

/// The category of a number: how many bits its magnitude has.
#[inline(always)]
pub(super) fn category(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}

/// The category of a number, and the bits that tell which it is (T.81, F.1.2.1).
#[inline(always)]
pub(super) fn magnitude(value: i32) -> (u32, u32) {
    let category = category(value);
    let bits = if value < 0 { value - 1 } else { value } as u32;
    (category, bits & ((1 << category) - 1))
}

/// Zigzag index of a coefficient of a [`Block`].
const ZIGZAG: [u8; 64] = {
    let mut indices = [0; 64];
    let mut k = 0;
    while k < 64 {
        indices[COLUMNS[k] as usize] = k as u8;
        k += 1;
    }
    indices
};

/// Place in a [`Block`] of the coefficient with a zigzag index.
const COLUMNS: [u8; 64] = {
    let mut places = [0; 64];
    let mut k = 0;
    while k < 64 {
        places[k] = (NATURAL[k] & 7) * 8 + (NATURAL[k] >> 3);
        k += 1;
    }
    places
};

/// Place in a [`Block`] of the coefficient with a zigzag index.
#[inline(always)]
pub(super) fn place(index: usize) -> usize {
    usize::from(COLUMNS[index % 64]) % 64
}

/// Bits of the coefficients that are not zero, in zigzag order instead of a block's.
#[inline(always)]
pub(super) fn in_zigzag(nonzero: u64) -> u64 {
    let (mut left, mut result) = (nonzero, 0);
    while left != 0 {
        result |= 1 << ZIGZAG[left.trailing_zeros() as usize % 64];
        left &= left - 1;
    }
    result
}

/// Tokens, and how often each symbol is among them.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) tokens: Vec<Token>,
    pub(super) counts: Box<[u32; CLASSES]>,
}

impl Tokens {
    pub(super) fn new() -> Self {
        Tokens {
            tokens: vec![],
            counts: Box::new([0; CLASSES]),
        }
    }

    /// Add a symbol with `count` bits behind it.
    #[inline(always)]
    fn push(&mut self, class: Class, symbol: u32, count: u32, bits: u32) {
        let token = Token::new(class, symbol, count, bits);
        self.counts[token.entry()] += 1;
        self.tokens.push(token);
    }

    /// Add a block, of which `nonzero` tells in zigzag order the coefficients that
    /// aren't zero.
    #[inline(always)]
    pub(super) fn block(&mut self, block: &Block, nonzero: u64, predictor: i16, chroma: bool) {
        self.dc(block, predictor, chroma);
        if self.ac(block, nonzero & !1, 1, chroma) < 64 {
            self.push(Class::ac(chroma), 0, 0, 0);
        }
    }

    /// Add the DC coefficient of a block that follows one with the DC coefficient
    /// `predictor`.
    #[inline(always)]
    pub(super) fn dc(&mut self, block: &Block, predictor: i16, chroma: bool) {
        let (category, bits) = magnitude(i32::from(block[0]) - i32::from(predictor));
        self.push(Class::dc(chroma), category, category, bits);
    }

    /// Add AC coefficients of a block: those from the zigzag index `first` on
    /// that `nonzero` tells. Says which index comes next.
    #[inline(always)]
    pub(super) fn ac(&mut self, block: &Block, nonzero: u64, first: u32, chroma: bool) -> u32 {
        let class = Class::ac(chroma);
        let (mut left, mut next) = (nonzero, first);
        while left != 0 {
            let index = left.trailing_zeros();
            left &= left - 1;
            let mut run = index - next;
            next = index + 1;
            while run > 15 {
                self.push(class, 0xF0, 0, 0);
                run -= 16;
            }
            let (category, bits) = magnitude(block[place(index as usize)].into());
            self.push(class, run << 4 | category, category, bits);
        }
        next
    }

    /// Add that so many blocks, 1 to 32767, have nothing more in a band (T.81,
    /// G.1.2.2).
    pub(super) fn ended(&mut self, blocks: u32, chroma: bool) {
        let count = blocks.ilog2();
        self.push(Class::ac(chroma), count << 4, count, blocks - (1 << count));
    }
}
