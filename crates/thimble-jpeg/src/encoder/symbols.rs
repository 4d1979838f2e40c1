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

    /// The category of a number as a symbol, and the bits that tell which number it is
    /// (T.81, F.1.2.1).
    #[inline(always)]
    fn number(value: i32) -> Self {
        let small = (value + SMALLEST) as usize;
        SMALL.get(small).copied().unwrap_or_else(|| number(value))
    }

    /// A number with its class, and with zeros before it.
    #[inline(always)]
    fn after(self, run: u32, class: Class) -> Self {
        Token(self.0 | class.0 << 24 | run << 20)
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

/// A number as a token, calculated.
const fn number(value: i32) -> Token {
    let category = 32 - value.unsigned_abs().leading_zeros();
    let bits = if value < 0 { value - 1 } else { value } as u32;
    Token(category << 26 | category << 16 | bits & ((1 << category) - 1))
}

/// Tokens of the numbers from -128 to 127, which nearly all coefficients are.
static SMALL: [Token; 2 * SMALLEST as usize] = {
    let mut tokens = [Token(0); 2 * SMALLEST as usize];
    let mut k = 0;
    while k < tokens.len() {
        tokens[k] = number(k as i32 - SMALLEST);
        k += 1;
    }
    tokens
};

/// Magnitude of the smallest number among [`SMALL`] ones.
const SMALLEST: i32 = 128;

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

/// For each column of a block, and each set of its coefficients, the set in zigzag order.
static SETS: [[u64; 256]; 8] = {
    let mut sets = [[0; 256]; 8];
    let mut k = 0;
    while k < 8 * 256 {
        let (column, set) = (k / 256, k % 256);
        let mut row = 0;
        while row < 8 {
            if set >> row & 1 == 1 {
                sets[column][set] |= 1 << ZIGZAG[column * 8 + row];
            }
            row += 1;
        }
        k += 1;
    }
    sets
};

/// Bits of the coefficients that are not zero, in zigzag order instead of a block's.
#[inline(always)]
pub(super) fn in_zigzag(nonzero: u64) -> u64 {
    let columns = nonzero.to_le_bytes();
    let parts = SETS.iter().zip(columns);
    parts.fold(0, |all, (sets, column)| all | sets[usize::from(column)])
}

/// Tokens, and how often each symbol is among them.
#[derive(Debug)]
pub(super) struct Tokens {
    /// Those that were added, and room for more.
    tokens: Vec<Token>,
    /// Number of those that were added.
    count: usize,
    pub(super) counts: Box<[u32; CLASSES]>,
}

/// Room that is made for a block: a power of two, and no block has as many tokens.
const ROOM: usize = 128;

/// Tokens of a block that are being added.
struct Adding<'a> {
    tokens: &'a mut [Token; ROOM],
    count: usize,
    counts: &'a mut [u32; CLASSES],
}

impl Adding<'_> {
    #[inline(always)]
    fn push(&mut self, token: Token) {
        self.counts[token.entry()] += 1;
        self.tokens[self.count % ROOM] = token;
        self.count += 1;
    }

    /// Add the DC coefficient of a block that follows one with the DC coefficient
    /// `predictor`.
    #[inline(always)]
    fn dc(&mut self, block: &Block, predictor: i16, chroma: bool) {
        let number = Token::number(i32::from(block[0]) - i32::from(predictor));
        self.push(number.after(0, Class::dc(chroma)));
    }

    /// Add AC coefficients of a block: those from the zigzag index `first` on
    /// that `nonzero` tells. Says which index comes next.
    #[inline(always)]
    fn ac(&mut self, block: &Block, nonzero: u64, first: u32, chroma: bool) -> u32 {
        let class = Class::ac(chroma);
        let (mut left, mut next) = (nonzero, first);
        while left != 0 {
            let index = left.trailing_zeros();
            left &= left - 1;
            let mut run = index - next;
            next = index + 1;
            while run > 15 {
                self.push(Token::new(class, 0xF0, 0, 0));
                run -= 16;
            }
            let number = Token::number(block[place(index as usize)].into());
            self.push(number.after(run, class));
        }
        next
    }
}

impl Tokens {
    /// No tokens, and room for so many.
    pub(super) fn new(room: usize) -> Self {
        Tokens {
            tokens: vec![Token(0); room + ROOM],
            count: 0,
            counts: Box::new([0; CLASSES]),
        }
    }

    /// All that were added.
    pub(super) fn all(&self) -> &[Token] {
        self.tokens.get(..self.count).unwrap_or(&[])
    }

    /// Add what a block has.
    #[inline(always)]
    fn add<T>(&mut self, add: impl FnOnce(&mut Adding<'_>) -> T) -> Option<T> {
        if self.tokens.len() < self.count + ROOM {
            self.tokens.resize(2 * self.tokens.len() + ROOM, Token(0));
        }
        let mut adding = Adding {
            tokens: self.tokens.get_mut(self.count..)?.first_chunk_mut()?,
            count: 0,
            counts: &mut self.counts,
        };
        let result = add(&mut adding);
        self.count += adding.count;
        Some(result)
    }

    /// Add a block, of which `nonzero` tells in zigzag order the coefficients that
    /// aren't zero.
    #[inline(always)]
    pub(super) fn block(&mut self, block: &Block, nonzero: u64, predictor: i16, chroma: bool) {
        self.add(|adding| {
            adding.dc(block, predictor, chroma);
            if adding.ac(block, nonzero & !1, 1, chroma) < 64 {
                adding.push(Token::new(Class::ac(chroma), 0, 0, 0));
            }
        });
    }

    /// Add the DC coefficient of a block that follows one with the DC coefficient
    /// `predictor`.
    #[inline(always)]
    pub(super) fn dc(&mut self, block: &Block, predictor: i16, chroma: bool) {
        self.add(|adding| adding.dc(block, predictor, chroma));
    }

    /// Add AC coefficients of a block: those from the zigzag index `first` on
    /// that `nonzero` tells. Says which index comes next.
    #[inline(always)]
    pub(super) fn ac(&mut self, block: &Block, nonzero: u64, first: u32, chroma: bool) -> u32 {
        self.add(|adding| adding.ac(block, nonzero, first, chroma))
            .unwrap_or(first)
    }

    /// Add that so many blocks, 1 to 32767, have nothing more in a band (T.81,
    /// G.1.2.2).
    pub(super) fn ended(&mut self, blocks: u32, chroma: bool) {
        let count = blocks.ilog2();
        let token = Token::new(Class::ac(chroma), count << 4, count, blocks - (1 << count));
        self.add(|adding| adding.push(token));
    }
}
