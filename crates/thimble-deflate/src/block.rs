//! Blocks of symbols, written in whichever way is the shortest. RFC 1951, section 3.2.

use thimble_inflate::tables::{LENGTH_BASES, ORDER};

use crate::bits::Bits;
use crate::chains::{LONGEST, Match};
use crate::huffman;

/// Symbols of the alphabets, the end of a block among them.
const LITERALS: usize = 286;
const END: usize = 256;
const DISTANCES: usize = 30;

/// Literals that are added at once.
pub(super) const STRIDE: usize = 16;

/// Room that has to be behind all that is written.
const SLACK: usize = 8;

/// The symbol of each length, less 257.
const LENGTH_SYMBOLS: [u8; LONGEST + 1] = {
    let mut symbols = [0; LONGEST + 1];
    let (mut length, mut symbol) = (3, 0);
    while length <= LONGEST {
        if symbol < 28 && length == LENGTH_BASES[symbol + 1].0 as usize {
            symbol += 1;
        }
        symbols[length] = symbol as u8;
        length += 1;
    }
    symbols
};

/// Literals, and the match behind them, if its length is not zero.
#[derive(Clone, Copy, Debug)]
struct Sequence {
    literals: u32,
    length: u16,
    distance: u16,
}

/// Symbols that are not written yet.
#[derive(Debug)]
pub(super) struct Block {
    sequences: Vec<Sequence>,
    /// Literals behind the last match.
    literals: u32,
    literal_counts: [u32; LITERALS],
    distance_counts: [u32; DISTANCES],
}

/// The symbol of a distance, and its number of extra bits.
#[inline(always)]
fn distance_symbol(distance: usize) -> (usize, u32) {
    let from = (distance - 1) as u32;
    let Some(bits) = from.checked_ilog2().filter(|bits| *bits > 0) else {
        return (from as usize, 0);
    };
    let symbol = 2 * bits + (from >> (bits - 1) & 1);
    (symbol as usize, bits - 1)
}

impl Default for Block {
    fn default() -> Self {
        Self {
            sequences: Vec::new(),
            literals: 0,
            literal_counts: [0; LITERALS],
            distance_counts: [0; DISTANCES],
        }
    }
}

impl Block {
    #[inline(always)]
    pub(super) fn literal(&mut self, literal: u8) {
        self.literals += 1;
        self.literal_counts[usize::from(literal)] += 1;
    }

    /// Adds a stride of literals.
    #[inline(always)]
    pub(super) fn stride(&mut self, literals: &[u8; STRIDE]) {
        self.literals += STRIDE as u32;
        for literal in literals {
            self.literal_counts[usize::from(*literal)] += 1;
        }
    }

    #[inline(always)]
    pub(super) fn matched(&mut self, found: Match) {
        let symbol = LENGTH_SYMBOLS.get(found.length).copied().unwrap_or(0);
        self.literal_counts[END + 1 + usize::from(symbol & 31).min(28)] += 1;
        let (symbol, _) = distance_symbol(found.distance);
        if let Some(count) = self.distance_counts.get_mut(symbol) {
            *count += 1;
        }
        self.sequences.push(Sequence {
            literals: self.literals,
            length: found.length as u16,
            distance: found.distance as u16,
        });
        self.literals = 0;
    }

    /// Number of matches.
    pub(super) fn matches(&self) -> usize {
        self.sequences.len()
    }

    /// Writes the symbols of `data`, and begins anew.
    pub(super) fn write(&mut self, data: &[u8], is_last: bool, bits: &mut Bits, out: &mut Vec<u8>) {
        self.literal_counts[END] = 1;
        self.sequences.push(Sequence {
            literals: self.literals,
            length: 0,
            distance: 0,
        });
        let told = Told::of(&self.literal_counts, &self.distance_counts);
        let fixed = Lengths::fixed();
        let symbols = self.cost(&told.lengths);
        let dynamic = told.cost() + symbols;
        let plain = 3 + self.cost(&fixed);
        let stored = stored_cost(data.len());
        let least = dynamic.min(plain).min(stored);
        out.resize(bits.at + (least / 8) as usize + 2 * SLACK, 0);
        if stored == least {
            store(data, is_last, bits, out);
        } else {
            bits.put(is_last.into(), 1);
            let lengths = if plain == least {
                bits.put(1, 2);
                &fixed
            } else {
                bits.put(2, 2);
                told.write(bits, out);
                &told.lengths
            };
            self.write_symbols(data, &Codes::of(lengths), bits, out);
        }
        self.sequences.clear();
        self.literals = 0;
        self.literal_counts.fill(0);
        self.distance_counts.fill(0);
    }

    /// Bits of all symbols.
    fn cost(&self, lengths: &Lengths) -> u64 {
        let extra = |symbol: usize| match symbol.checked_sub(END + 1) {
            Some(symbol) => LENGTH_BASES[symbol].1,
            None => 0,
        };
        let literals = self.literal_counts.iter().zip(&lengths.literals);
        let literals = literals
            .enumerate()
            .map(|(symbol, (count, length))| u64::from(*count) * u64::from(length + extra(symbol)));
        let distances = self.distance_counts.iter().zip(&lengths.distances);
        let distances = distances.enumerate().map(|(symbol, (count, length))| {
            let extra = (symbol as u64 / 2).saturating_sub(1);
            u64::from(*count) * (u64::from(*length) + extra)
        });
        literals.sum::<u64>() + distances.sum::<u64>()
    }

    fn write_symbols(&self, data: &[u8], codes: &Codes, to: &mut Bits, out: &mut [u8]) {
        let mut bits = *to;
        let mut rest = data;
        let literal = |bits: &mut Bits, literal: u8| {
            let code = codes.literals[usize::from(literal)];
            bits.put((code >> 8).into(), code & 0xff);
        };
        for sequence in &self.sequences {
            let (literals, behind) = rest.split_at(sequence.literals as usize);
            let (fours, few) = literals.as_chunks::<4>();
            for four in fours {
                literal(&mut bits, four[0]);
                literal(&mut bits, four[1]);
                literal(&mut bits, four[2]);
                literal(&mut bits, four[3]);
                bits.flush(out);
            }
            if let [first, more @ ..] = few {
                literal(&mut bits, *first);
                if let [second, more @ ..] = more {
                    literal(&mut bits, *second);
                    if let [third] = more {
                        literal(&mut bits, *third);
                    }
                }
                bits.flush(out);
            }
            let length = usize::from(sequence.length);
            if length > 0 {
                let code = codes.lengths[length % 512];
                bits.put((code >> 8).into(), code & 0xff);
                let distance = usize::from(sequence.distance);
                let (symbol, extra) = distance_symbol(distance);
                let code = codes.distances[symbol % 32];
                bits.put((code >> 8).into(), code & 0xff);
                bits.put((distance as u64 - 1) & !(u64::MAX << extra), extra);
                bits.flush(out);
            }
            rest = &behind[length..];
        }
        let code = codes.literals[END];
        bits.put((code >> 8).into(), code & 0xff);
        bits.flush(out);
        *to = bits;
    }
}

/// Codes, their bits above eight bits of their length.
struct Codes {
    literals: [u32; END + 1],
    /// Of each length, with its extra bits.
    lengths: [u32; 512],
    distances: [u32; 32],
}

impl Codes {
    fn of(lengths: &Lengths) -> Self {
        let mut bits = [0; 288];
        huffman::codes(&lengths.literals, &mut bits);
        let code =
            |symbol: usize| u32::from(bits[symbol]) << 8 | u32::from(lengths.literals[symbol]);
        let mut with_extra = [0; 512];
        for (length, symbol) in LENGTH_SYMBOLS.iter().enumerate().skip(3) {
            let (base, extra) = LENGTH_BASES[usize::from(*symbol)];
            let code = code(END + 1 + usize::from(*symbol));
            let more = (length as u32 - u32::from(base)) << (code & 0xff);
            with_extra[length] = code + (more << 8) + u32::from(extra);
        }
        let literals = std::array::from_fn(code);
        let mut bits = [0; 32];
        huffman::codes(&lengths.distances, &mut bits);
        let distances = std::array::from_fn(|symbol| {
            let length = lengths.distances.get(symbol).copied().unwrap_or(0);
            u32::from(bits[symbol]) << 8 | u32::from(length)
        });
        Self {
            literals,
            lengths: with_extra,
            distances,
        }
    }
}

/// Lengths of the codes of a block.
struct Lengths {
    literals: [u8; 288],
    distances: [u8; DISTANCES],
}

impl Lengths {
    /// RFC 1951, section 3.2.6.
    fn fixed() -> Self {
        let mut literals = [8; 288];
        literals[144..256].fill(9);
        literals[256..280].fill(7);
        Self {
            literals,
            distances: [5; DISTANCES],
        }
    }
}

/// Most bits of a code for literals and lengths, so that four literals fit between two flushes;
/// and of a code for the lengths of codes.
const LITERAL_BITS: usize = 14;
const LENGTH_BITS: usize = 7;

/// Lengths of codes, as a block tells them. RFC 1951, section 3.2.7.
struct Told {
    lengths: Lengths,
    /// Symbols of each alphabet whose lengths are told.
    literals: usize,
    distances: usize,
    /// Symbols for them, with their extra bits.
    symbols: Vec<(u8, u8)>,
    codes: [u8; 19],
    /// Number of lengths of codes for lengths that are told.
    order: usize,
}

impl Told {
    fn of(literal_counts: &[u32; LITERALS], distance_counts: &[u32; DISTANCES]) -> Self {
        let mut lengths = Lengths {
            literals: [0; 288],
            distances: [0; DISTANCES],
        };
        huffman::lengths(literal_counts, LITERAL_BITS, &mut lengths.literals);
        huffman::lengths(distance_counts, huffman::MOST_BITS, &mut lengths.distances);
        let told = |lengths: &[u8], least: usize| {
            let last = lengths.iter().rposition(|length| *length > 0);
            last.map_or(least, |last| least.max(last + 1))
        };
        let literals = told(&lengths.literals, END + 1);
        let distances = told(&lengths.distances, 1);
        let mut all = Vec::with_capacity(LITERALS + DISTANCES);
        all.extend_from_slice(&lengths.literals[..literals]);
        all.extend_from_slice(&lengths.distances[..distances]);
        let symbols = runs(&all);
        let mut counts = [0; 19];
        for (symbol, _) in &symbols {
            counts[usize::from(*symbol)] += 1;
        }
        let mut codes = [0; 19];
        huffman::lengths(&counts, LENGTH_BITS, &mut codes);
        let order = ORDER.iter().rposition(|symbol| codes[*symbol] > 0);
        Self {
            lengths,
            literals,
            distances,
            symbols,
            codes,
            order: order.map_or(4, |last| (last + 1).max(4)),
        }
    }

    /// Bits of all of it, those of the kind of block included.
    fn cost(&self) -> u64 {
        let symbols = self.symbols.iter();
        let symbols = symbols.map(|(symbol, _)| {
            u64::from(self.codes[usize::from(*symbol)]) + u64::from(extra_bits(*symbol))
        });
        3 + 5 + 5 + 4 + 3 * self.order as u64 + symbols.sum::<u64>()
    }

    fn write(&self, bits: &mut Bits, out: &mut [u8]) {
        bits.put(self.literals as u64 - 257, 5);
        bits.put(self.distances as u64 - 1, 5);
        bits.put(self.order as u64 - 4, 4);
        bits.flush(out);
        for symbol in &ORDER[..self.order] {
            bits.put(self.codes[*symbol].into(), 3);
            bits.flush(out);
        }
        let mut codes = [0; 19];
        huffman::codes(&self.codes, &mut codes);
        for (symbol, extra) in &self.symbols {
            let place = usize::from(*symbol);
            bits.put(codes[place].into(), self.codes[place].into());
            bits.put((*extra).into(), extra_bits(*symbol));
            bits.flush(out);
        }
    }
}

fn extra_bits(symbol: u8) -> u32 {
    match symbol {
        16 => 2,
        17 => 3,
        18 => 7,
        _ => 0,
    }
}

/// Lengths as symbols, with their extra bits: the same again is told as how often.
fn runs(lengths: &[u8]) -> Vec<(u8, u8)> {
    let mut symbols = Vec::with_capacity(lengths.len());
    for run in lengths.chunk_by(|one, other| one == other) {
        let (length, mut left) = (run[0], run.len());
        if length > 0 {
            symbols.push((length, 0));
            left -= 1;
        }
        while left >= 3 {
            let (symbol, least, most) = match (length, left) {
                (0, 11..) => (18, 11, 138),
                (0, _) => (17, 3, 10),
                _ => (16, 3, 6),
            };
            let told = left.min(most);
            symbols.push((symbol, (told - least) as u8));
            left -= told;
        }
        symbols.extend(std::iter::repeat_n((length, 0), left));
    }
    symbols
}

/// Most bytes of a stored block.
const MOST_STORED: usize = 0xffff;

/// Bits of so many stored bytes, and some more.
fn stored_cost(length: usize) -> u64 {
    let blocks = length.div_ceil(MOST_STORED).max(1) as u64;
    8 * length as u64 + 40 * blocks
}

/// RFC 1951, section 3.2.4.
fn store(data: &[u8], is_last: bool, bits: &mut Bits, out: &mut Vec<u8>) {
    let blocks = data.len().div_ceil(MOST_STORED).max(1);
    for block in 0..blocks {
        let from = block * MOST_STORED;
        let part = &data[from..data.len().min(from + MOST_STORED)];
        bits.put((is_last && block + 1 == blocks).into(), 3);
        bits.align();
        bits.flush(out);
        let length = part.len() as u64;
        bits.put(length | (length ^ 0xffff) << 16, 32);
        bits.flush(out);
        out.truncate(bits.at);
        out.extend_from_slice(part);
        bits.at = out.len();
        out.resize(bits.at + 2 * SLACK, 0);
    }
}
