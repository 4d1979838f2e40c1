//! Tables of Huffman codes, RFC 1951, sections 3.2.2, 3.2.5, 3.2.6 and 3.2.7.
//!
//! A table is looked up with the next bits of the stream. Codes longer than its
//! index continue in a part behind, to which their entry leads. An entry is, from
//! its lowest bit:
//!
//! | bits | |
//! |---|---|
//! | 6 | how many bits to consume, extra bits included |
//! | 2 | flags: [`LITERAL`], [`RARE`] |
//! | 4 | how many of them are the code's; in a link, those of the second index; of literals, how many there are |
//! | 4 | flags: [`LINK`], [`END`] |
//! | 16 | one or two literals, what extra bits are added to, or where a link leads |

use super::Damage;
use super::bits::{Bits, State};
use super::tables::{LENGTH_BASES, ORDER};

/// The entry is one literal, or two.
const LITERAL: u32 = 1 << 6;
/// The entry is none of literals, a length and a distance: a link, the end of a
/// block, or, if it is neither, bits that are no code.
const RARE: u32 = 1 << 7;
/// The entry leads to a part of the table for longer codes.
const LINK: u32 = RARE | 1 << 12;
/// The entry is the end of a block.
const END: u32 = RARE | 1 << 13;

const MOST_BITS: usize = 15;

/// Symbols of the largest alphabet: the fixed codes have two that mean nothing.
const MOST_SYMBOLS: usize = 288;

/// The form of a table: how many bits its first index has, and its size, which is
/// enough for every set of codes of its alphabet, as zlib's `enough.c` tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form<const SIZE: usize> {
    bits: u32,
}

/// Of 286 symbols: 2,342 entries at most.
pub(super) const LITERALS: Form<4096> = Form { bits: 11 };
/// Of 30 symbols: 402 entries at most.
pub(super) const DISTANCE: Form<512> = Form { bits: 8 };
/// Of 19 symbols, with codes of seven bits at most.
const LENGTHS: Form<128> = Form { bits: 7 };

/// The codes of a block.
#[derive(Debug)]
pub(super) struct Codes {
    pub(super) literals: [u32; 4096],
    pub(super) distances: [u32; 512],
    lengths: [u32; 128],
    /// True for the fixed codes, which no block tells.
    are_fixed: bool,
}

impl Default for Codes {
    fn default() -> Self {
        Self {
            literals: [RARE; 4096],
            distances: [RARE; 512],
            lengths: [RARE; 128],
            are_fixed: false,
        }
    }
}

impl Codes {
    pub(super) fn set_fixed(&mut self) -> Result<(), Damage> {
        if self.are_fixed {
            return Ok(());
        }
        let mut lengths = [8; 288];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        LITERALS.build(&mut self.literals, &lengths, literal_entry)?;
        DISTANCE.build(&mut self.distances, &[5; 32], distance_entry)?;
        self.pair_literals();
        self.are_fixed = true;
        Ok(())
    }

    /// Reads the codes that a block tells.
    pub(super) fn read(&mut self, bits: &mut Bits<'_>) -> Result<(), Damage> {
        self.are_fixed = false;
        let literals = bits.take(5)? as usize + 257;
        let distances = bits.take(5)? as usize + 1;
        let told = bits.take(4)? as usize + 4;
        if literals > 286 || distances > 30 {
            return Err(Damage::Lengths);
        }
        let mut lengths = [0; ORDER.len()];
        for symbol in &ORDER[..told] {
            lengths[*symbol] = bits.take(3)? as u8;
        }
        LENGTHS.build(&mut self.lengths, &lengths, |symbol, length| {
            plain_entry(symbol as u32, length)
        })?;
        let mut lengths = [0; 286 + 30];
        let lengths = &mut lengths[..literals + distances];
        self.read_lengths(bits, lengths)?;
        let (literals, distances) = lengths.split_at(literals);
        if literals[256] == 0 {
            return Err(Damage::Lengths);
        }
        LITERALS.build(&mut self.literals, literals, literal_entry)?;
        DISTANCE.build(&mut self.distances, distances, distance_entry)?;
        self.pair_literals();
        Ok(())
    }

    /// Makes an entry of two literals where the index of one has the code of the
    /// other too.
    fn pair_literals(&mut self) {
        // What follows has a smaller index, and comes later.
        for index in (0..1 << LITERALS.bits).rev() {
            let entry = self.literals[index];
            let next = self.literals[index >> consumed(entry)];
            let bits = consumed(entry) + consumed(next);
            if is_literal(entry) && is_literal(next) && bits <= LITERALS.bits {
                let pair = entry >> 16 | next >> 8 & 0xff00;
                self.literals[index] = LITERAL | pair << 16 | 2 << 8 | bits;
            }
        }
    }

    fn read_lengths(&self, bits: &mut Bits<'_>, lengths: &mut [u8]) -> Result<(), Damage> {
        let mut at = 0;
        while at < lengths.len() {
            let entry = LENGTHS.look_up(&self.lengths, bits.peek());
            if is_rare(entry) {
                return Err(Damage::Code);
            }
            bits.skip(consumed(entry))?;
            let (length, count) = match value(entry) {
                16 => {
                    let before = at.checked_sub(1).ok_or(Damage::Lengths)?;
                    (lengths[before], 3 + bits.take(2)?)
                }
                17 => (0, 3 + bits.take(3)?),
                18 => (0, 11 + bits.take(7)?),
                length => (length as u8, 1),
            };
            let repeated = lengths.get_mut(at..at + count as usize);
            repeated.ok_or(Damage::Lengths)?.fill(length);
            at += count as usize;
        }
        Ok(())
    }
}

impl<const SIZE: usize> Form<SIZE> {
    /// The entry for the next bits.
    #[inline(always)]
    pub(super) fn look_up(self, table: &[u32; SIZE], bits: u64) -> u32 {
        table[bits as usize & ((1 << self.bits) - 1)]
    }

    /// The entry to which an entry leads, or the entry itself.
    #[inline(always)]
    pub(super) fn follow(self, table: &[u32; SIZE], entry: u32, bits: u64) -> u32 {
        if entry & LINK != LINK {
            return entry;
        }
        let mask = !(usize::MAX << code_length(entry));
        let index = value(entry) + ((bits >> self.bits) as usize & mask);
        table[index % SIZE]
    }

    /// Makes the table of a set of codes from their lengths. The set has to be
    /// complete, but for none at all, and a single one of one bit.
    fn build(
        self,
        table: &mut [u32; SIZE],
        lengths: &[u8],
        entry_of: impl Fn(usize, u32) -> u32,
    ) -> Result<(), Damage> {
        let codes = first_codes(lengths)?;
        let mut next = codes;
        let order = Order::of(lengths);
        table[0] = RARE;
        // Indices of one bit more are those there are, twice, and the codes of that length.
        for length in 1..=self.bits {
            let size = 1 << (length - 1);
            table.copy_within(..size, size);
            for symbol in order.of_length(length) {
                let code = take_code(&mut next, length as u8);
                table[usize::from(code) % SIZE] = entry_of(symbol, length);
            }
        }
        if !order.has_longer(self.bits) {
            return Ok(());
        }
        let first = 1 << self.bits;
        table[first..].fill(RARE);
        self.link(table, lengths, codes)?;
        for length in self.bits + 1..=MOST_BITS as u32 {
            for symbol in order.of_length(length) {
                let code = take_code(&mut next, length as u8);
                let link = table[usize::from(code) % first];
                let (start, bits) = (value(link), code_length(link));
                let places = table[start..][..1 << bits].iter_mut();
                let entry = entry_of(symbol, length);
                places
                    .skip((code >> self.bits).into())
                    .step_by(1 << (length - self.bits))
                    .for_each(|place| *place = entry);
            }
        }
        Ok(())
    }

    /// Makes the links to the parts of longer codes.
    fn link(
        self,
        table: &mut [u32; SIZE],
        lengths: &[u8],
        mut next: [u16; MOST_BITS + 1],
    ) -> Result<(), Damage> {
        let first = 1_usize << self.bits;
        // How many bits each part needs: as many as its longest code has more.
        let mut bits = [0_u32; 1 << 11];
        for &length in lengths.iter().filter(|length| **length > 0) {
            let code = take_code(&mut next, length);
            if let Some(more) = u32::from(length).checked_sub(self.bits) {
                let bits = &mut bits[code as usize % first];
                *bits = more.max(*bits);
            }
        }
        let mut start = first;
        for (place, bits) in bits[..first].iter().enumerate() {
            if *bits > 0 {
                table[place] = LINK | (start as u32) << 16 | bits << 8;
                start += 1 << bits;
            }
        }
        if start > SIZE {
            return Err(Damage::Lengths);
        }
        Ok(())
    }
}

/// The symbols of an alphabet in the order of their codes: the shorter ones first.
struct Order {
    symbols: [u16; MOST_SYMBOLS],
    /// End of the symbols of each length; those of none come first.
    ends: [usize; MOST_BITS + 1],
}

impl Order {
    fn of(lengths: &[u8]) -> Self {
        let mut ends = [0; MOST_BITS + 1];
        for length in lengths {
            ends[usize::from(*length)] += 1;
        }
        let mut end = 0;
        for count in &mut ends {
            // Where they begin, until each symbol has moved that on.
            (*count, end) = (end, end + *count);
        }
        let mut symbols = [0; MOST_SYMBOLS];
        for (symbol, length) in lengths.iter().enumerate() {
            let place = &mut ends[usize::from(*length)];
            symbols[*place % MOST_SYMBOLS] = symbol as u16;
            *place += 1;
        }
        Order { symbols, ends }
    }

    /// The symbols whose codes have so many bits.
    fn of_length(&self, length: u32) -> impl Iterator<Item = usize> {
        let place = self.ends[length as usize - 1]..self.ends[length as usize];
        self.symbols[place]
            .iter()
            .map(|symbol| usize::from(*symbol))
    }

    /// Some code has more bits than these.
    fn has_longer(&self, length: u32) -> bool {
        self.ends[length as usize] < self.ends[MOST_BITS]
    }
}

/// The first code of each length. RFC 1951, section 3.2.2.
fn first_codes(lengths: &[u8]) -> Result<[u16; MOST_BITS + 1], Damage> {
    let mut counts = [0_u16; MOST_BITS + 1];
    for length in lengths {
        counts[usize::from(*length)] += 1;
    }
    counts[0] = 0;
    let mut next = [0; MOST_BITS + 1];
    let mut code = 0_u32;
    for (length, count) in counts.iter().enumerate().skip(1) {
        next[length] = code as u16;
        code += u32::from(*count);
        if code > 1 << length {
            return Err(Damage::Lengths);
        }
        code <<= 1;
    }
    let is_complete = code == 2 << MOST_BITS;
    let is_lonely = counts.iter().sum::<u16>() == counts[1] && counts[1] <= 1;
    if is_complete || is_lonely {
        Ok(next)
    } else {
        Err(Damage::Lengths)
    }
}

/// The next code of a length, its bits in the order in which they are read.
fn take_code(next: &mut [u16; MOST_BITS + 1], length: u8) -> u16 {
    let code = next[usize::from(length)];
    next[usize::from(length)] = code.wrapping_add(1);
    code.reverse_bits() >> (16 - length)
}

fn plain_entry(value: u32, length: u32) -> u32 {
    value << 16 | length << 8 | length
}

fn literal_entry(symbol: usize, length: u32) -> u32 {
    match symbol {
        0..256 => LITERAL | (symbol as u32) << 16 | 1 << 8 | length,
        256 => END | plain_entry(0, length),
        _ => match LENGTH_BASES.get(symbol - 257) {
            Some((base, extra)) => plain_entry((*base).into(), length) + u32::from(*extra),
            None => RARE,
        },
    }
}

/// From symbol 4 on, every second distance has one extra bit more.
fn distance_entry(symbol: usize, length: u32) -> u32 {
    let symbol = symbol as u32;
    match symbol {
        0..4 => plain_entry(symbol + 1, length),
        4..30 => {
            let extra = symbol / 2 - 1;
            let base = 1 + ((2 + symbol % 2) << extra);
            plain_entry(base, length) + extra
        }
        _ => RARE,
    }
}

#[inline(always)]
pub(super) fn is_literal(entry: u32) -> bool {
    entry & LITERAL != 0
}

#[inline(always)]
pub(super) fn is_rare(entry: u32) -> bool {
    entry & RARE != 0
}

#[inline(always)]
pub(super) fn is_end(entry: u32) -> bool {
    entry & END == END
}

/// Number of literals of an entry.
#[inline(always)]
pub(super) fn count(entry: u32) -> usize {
    code_length(entry) as usize
}

/// Two literals, of which only the first may count.
#[inline(always)]
pub(super) fn literals(entry: u32) -> [u8; 2] {
    ((entry >> 16) as u16).to_le_bytes()
}

/// Number that extra bits are added to.
#[inline(always)]
pub(super) fn value(entry: u32) -> usize {
    (entry >> 16) as usize
}

#[inline(always)]
fn code_length(entry: u32) -> u32 {
    entry >> 8 & 0xf
}

/// Number of bits of an entry.
#[inline(always)]
pub(super) fn consumed(entry: u32) -> u32 {
    entry & 0x3f
}

/// The extra bits, which follow the code.
#[inline(always)]
pub(super) fn extra(entry: u32, bits: u64) -> usize {
    let all = bits as u32 & !(u32::MAX << consumed(entry));
    (all >> code_length(entry)) as usize
}

/// Goes behind an entry.
#[inline(always)]
pub(super) fn consume(entry: u32, state: &mut State<'_>) {
    state.buffer >>= consumed(entry);
    state.count -= consumed(entry);
}
