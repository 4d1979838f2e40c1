//! Huffman tables for decoding (ITU-T T.81, annex C and F.2.2.3).
//!
//! A table comes as counts and values; what decodes is derived from it:
//! [`Dc`] for differences of DC coefficients and [`Ac`] for AC coefficients. Both
//! look up a code and the magnitude behind it in one step, when together they are
//! short. Codes that are longer go through [`Long`], the canonical search.
//!
//! [`Ac`] has a second table that knows lengths only, and passes over several
//! coefficients in a look-up. It is what makes decoding at a reduced scale cheap:
//! coefficients that the scale doesn't need are not decoded but stepped over.

use super::bits::{Bits, extend};
use super::error::Error;

/// Bits that the combined look-up sees.
pub(super) const FUSED_BITS: u32 = 10;
/// Bits that the look-up of lengths sees.
pub(super) const SKIP_BITS: u32 = 13;

/// A table as it is transmitted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Specification {
    /// Number of codes of each length, from 1 to 16 bits.
    counts: [u8; 16],
    /// Values of the codes, in their order.
    values: [u8; 256],
}

impl Specification {
    /// Check that the counts leave room for every code.
    pub(super) fn new(counts: &[u8; 16], values: &[u8]) -> Result<Self, Error> {
        let mut room = 1_i32;
        for count in counts {
            room = room * 2 - i32::from(*count);
            if room < 0 {
                return Err(Error::Malformed("has an impossible Huffman table"));
            }
        }
        let mut padded = [0; 256];
        match padded.get_mut(..values.len()) {
            Some(room) => room.copy_from_slice(values),
            None => return Err(Error::Malformed("has an impossible Huffman table")),
        }
        Ok(Specification {
            counts: *counts,
            values: padded,
        })
    }

    /// Each code with its length in bits and its value, shortest first.
    fn codes(&self) -> impl Iterator<Item = (u32, u32, u8)> {
        let mut code = 0;
        let lengths = (1..)
            .zip(self.counts)
            .flat_map(|(length, count)| (0..count).map(move |_| length));
        let mut previous = 1;
        lengths.zip(self.values).map(move |(length, value)| {
            code <<= length - previous;
            previous = length;
            code += 1;
            (code - 1, length, value)
        })
    }

    /// For each possible run of `2^n` bits the symbol they begin with: its
    /// length in the high byte, its value in the low one; 0 where it is longer.
    fn by_prefix(&self, bits: u32) -> Vec<u16> {
        let mut table = vec![0; 1 << bits];
        for (code, length, value) in self.codes().take_while(|(_, length, _)| *length <= bits) {
            let start = (code as usize) << (bits - length);
            let entries = table.iter_mut().skip(start).take(1 << (bits - length));
            entries.for_each(|entry| *entry = (length as u16) << 8 | u16::from(value));
        }
        table
    }
}

/// The search for codes of any length (T.81, F.2.2.3, DECODE).
#[derive(Clone, Debug)]
pub(super) struct Long {
    /// The first code that is longer than the length, left-aligned in 16 bits.
    bounds: [u32; 17],
    /// Number to add to a code of a length to find its value.
    offsets: [i32; 17],
    values: [u8; 256],
}

impl Long {
    fn new(specification: &Specification) -> Self {
        let mut long = Long {
            bounds: [0; 17],
            offsets: [0; 17],
            values: specification.values,
        };
        let (mut code, mut index) = (0_u32, 0_i32);
        for (length, count) in (1..17).zip(specification.counts) {
            long.offsets[length] = index - code as i32;
            code += u32::from(count);
            index += i32::from(count);
            long.bounds[length] = code << (16 - length);
            code <<= 1;
        }
        long
    }

    /// The length and value of the code that the buffer begins with. No code
    /// at all counts as 17 bits that mean 0, which harms least.
    #[cold]
    #[inline(never)]
    pub(super) fn find(&self, buffer: u64) -> (u32, u8) {
        let window = (buffer >> 48) as u32;
        let length = (1..17).find(|length| window < self.bounds[*length]);
        let Some(length) = length else { return (17, 0) };
        let code = (window >> (16 - length)) as i32;
        (
            length as u32,
            self.values[(code + self.offsets[length]) as usize & 255],
        )
    }
}

/// An entry of a combined look-up, of which the parts are:
///
/// - bits 0 to 5: how many bits it takes from the data;
/// - bit 7: set when it isn't complete, and the magnitude has yet to be read;
/// - bits 8 to 15: by how much the zigzag index advances;
/// - bits 16 to 31: the coefficient; or its category, if it isn't complete.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entry(u32);

/// Further than any block reaches: how an end of block advances the index.
pub(super) const END_OF_BLOCK: u32 = 64;

impl Entry {
    /// A code that is longer than the look-up sees.
    const LONGER: Entry = Entry(0x80);

    fn complete(bits: u32, advance: u32, value: i32) -> Self {
        Entry((value as u32) << 16 | advance << 8 | bits)
    }

    fn partial(bits: u32, advance: u32, category: u32) -> Self {
        Entry(category << 16 | advance << 8 | 0x80 | bits)
    }

    /// The entry for the next bits: what `symbol` says, with the magnitude when
    /// the bits contain it.
    fn new(prefix: usize, length: u32, advance: u32, category: u32) -> Self {
        let bits = length + category;
        if bits > FUSED_BITS {
            return Entry::partial(length, advance, category);
        }
        if category == 0 {
            return Entry::complete(bits, advance, 0);
        }
        let magnitude = prefix >> (FUSED_BITS - bits) & ((1 << category) - 1);
        Entry::complete(bits, advance, extend(magnitude as i32, category))
    }

    /// True if nothing but the entry is needed.
    #[inline(always)]
    pub(super) fn is_complete(self) -> bool {
        self.0 & 0x80 == 0
    }

    /// True if the code itself is longer than the look-up sees.
    #[inline(always)]
    pub(super) fn is_longer(self) -> bool {
        self.0 == Entry::LONGER.0
    }

    /// Bits to pass over, fewer than 64.
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        self.0 & 0x3F
    }

    /// By how much the zigzag index advances, the coefficient included.
    #[inline(always)]
    pub(super) fn advance(self) -> u32 {
        self.0 >> 8 & 0xFF
    }

    /// The coefficient, of a complete entry.
    #[inline(always)]
    pub(super) fn value(self) -> i32 {
        self.0 as i32 >> 16
    }

    /// Bits of magnitude that follow an incomplete entry.
    #[inline(always)]
    pub(super) fn category(self) -> u32 {
        self.0 >> 16 & 15
    }
}

/// Decodes differences of DC coefficients.
#[derive(Clone, Debug)]
pub(super) struct Dc {
    pub(super) fused: Box<[Entry; 1 << FUSED_BITS]>,
    pub(super) long: Long,
}

impl Dc {
    pub(super) fn new(specification: &Specification) -> Result<Self, Error> {
        if specification.codes().any(|(_, _, category)| category > 15) {
            return Err(Error::Malformed("has a DC table with a category over 15"));
        }
        let fused = fuse(specification, |symbol| (1, symbol.into()));
        Ok(Dc {
            fused,
            long: Long::new(specification),
        })
    }
}

/// Decodes AC coefficients.
#[derive(Clone, Debug)]
pub(super) struct Ac {
    pub(super) fused: [Entry; 1 << FUSED_BITS],
    /// Advance of several symbols at once, see [`Skip`]; empty unless asked for.
    pub(super) skip: [Skip; 1 << SKIP_BITS],
    pub(super) long: Long,
}

impl Ac {
    /// A table for sequential scans: every symbol without a category, other
    /// than a run of sixteen zeros, ends the block. With `skips` it passes quickly
    /// over coefficients.
    pub(super) fn sequential(specification: &Specification, skips: bool) -> Box<Self> {
        let mut table = Box::new(Ac {
            fused: *fuse(specification, sequential_symbol),
            skip: [Skip::NONE; 1 << SKIP_BITS],
            long: Long::new(specification),
        });
        if skips {
            pass(&specification.by_prefix(SKIP_BITS), &mut table.skip);
        }
        table
    }
}

/// By how much a symbol of a sequential scan advances the index, and its
/// category.
#[inline(always)]
pub(super) fn sequential_symbol(symbol: u8) -> (u32, u32) {
    let (run, category) = (u32::from(symbol >> 4), u32::from(symbol & 15));
    if category == 0 && run < 15 {
        (END_OF_BLOCK, 0)
    } else {
        (run + 1, category)
    }
}

/// Derive a combined look-up, with symbols taken apart as told.
pub(super) fn fuse(
    specification: &Specification,
    symbol: impl Fn(u8) -> (u32, u32),
) -> Box<[Entry; 1 << FUSED_BITS]> {
    let mut table = Box::new([Entry::LONGER; 1 << FUSED_BITS]);
    let prefixes = specification.by_prefix(FUSED_BITS);
    for ((prefix, entry), found) in table.iter_mut().enumerate().zip(prefixes) {
        if found != 0 {
            let (advance, category) = symbol(found as u8);
            *entry = Entry::new(prefix, u32::from(found >> 8), advance, category);
        }
    }
    table
}

/// An entry of the look-up of lengths: bits 0 to 5 say how many bits of data to
/// pass over, the others by how much the zigzag index advances. So a shift by the
/// entry, of which a processor looks at six bits, passes over the data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Skip(u16);

/// Advance of an end of block in a [`Skip`]: twice a block, so that it can't be
/// confused with mere coefficients.
pub(super) const SKIP_END: u32 = 128;

/// Advance of an entry for which no symbol is complete: it never looks like progress
/// or an end.
pub(super) const INCOMPLETE: u32 = 512;

impl Skip {
    /// No symbol is complete within the bits.
    const NONE: Skip = Skip((INCOMPLETE << 6) as u16);

    /// Bits to pass over.
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        u32::from(self.0 & 0x3F)
    }

    /// By how much the zigzag index advances.
    #[inline(always)]
    pub(super) fn advance(self) -> u32 {
        u32::from(self.0 >> 6)
    }
}

/// True if an index is that behind a block that has ended, with or without an end of
/// block.
#[inline(always)]
pub(super) fn is_end(index: u32) -> bool {
    index == 64 || (SKIP_END..SKIP_END + 64).contains(&index)
}

/// For each possible run of bits, as many whole symbols as there are in it up to
/// an end of block.
fn pass(prefixes: &[u16], table: &mut [Skip; 1 << SKIP_BITS]) {
    for (bits, entry) in table.iter_mut().enumerate() {
        let (used, advanced) = pass_symbols(prefixes, bits, SKIP_BITS, (0, 0));
        if used > 0 {
            *entry = Skip((advanced << 6 | used) as u16);
        }
    }
}

/// Passes over the whole symbols in the first `within` of [`SKIP_BITS`] bits, of which some
/// are used already: returns how many are then, and how far the index advanced.
fn pass_symbols(
    prefixes: &[u16],
    bits: usize,
    within: u32,
    (used, advanced): (u32, u32),
) -> (u32, u32) {
    let mask = (1 << SKIP_BITS) - 1;
    let (mut used, mut advanced) = (used, advanced);
    while used < within && advanced < SKIP_END {
        let found = prefixes.get(bits << used & mask).copied().unwrap_or(0);
        let (advance, category) = sequential_symbol(found as u8);
        let advance = if advance == END_OF_BLOCK {
            SKIP_END
        } else {
            advance
        };
        let next = used + u32::from(found >> 8) + category;
        let too_far = advance < SKIP_END && advanced + advance > 63;
        if found == 0 || next > within || too_far {
            break;
        }
        used = next;
        advanced += advance;
    }
    (used, advanced)
}

/// Bits that the look-up of a block's beginning sees.
pub(super) const START_BITS: u32 = 11;

/// Look-up of what a block begins with, where nothing but its DC coefficient is wanted: the
/// difference, and as many AC symbols behind it as there are in the bits.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) entries: [Beginning; 1 << START_BITS],
}

/// An entry of a [`Start`], of which the parts are:
///
/// - bits 0 to 5: how many bits it takes from the data;
/// - bits 6 to 15: by how much the zigzag index advances, as in a [`Skip`];
/// - bits 16 to 31: the difference.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beginning(u32);

impl Start {
    pub(super) fn new(dc: &Specification, ac: &Specification) -> Box<Self> {
        let mut start = Box::new(Start {
            entries: [Beginning(INCOMPLETE << 6); 1 << START_BITS],
        });
        let (differences, symbols) = (dc.by_prefix(START_BITS), ac.by_prefix(SKIP_BITS));
        let beginnings = start.entries.iter_mut().zip(differences);
        for (prefix, (entry, found)) in beginnings.enumerate() {
            let (length, category) = (u32::from(found >> 8), u32::from(found & 15));
            let used = length + category;
            if found == 0 || used > START_BITS {
                continue;
            }
            let magnitude = prefix >> (START_BITS - used) & ((1 << category) - 1);
            let difference = match category {
                0 => 0,
                _ => extend(magnitude as i32, category),
            };
            let bits = prefix << (SKIP_BITS - START_BITS);
            let (used, advanced) = pass_symbols(&symbols, bits, START_BITS, (used, 1));
            *entry = Beginning((difference as u32) << 16 | advanced << 6 | used);
        }
        start
    }
}

impl Beginning {
    /// Bits to pass over.
    #[inline(always)]
    pub(super) fn bits(self) -> u32 {
        self.0 & 0x3F
    }

    /// Zigzag index that comes next.
    #[inline(always)]
    pub(super) fn index(self) -> u32 {
        self.0 >> 6 & 0x3FF
    }

    /// The difference to the DC coefficient of the block before.
    #[inline(always)]
    pub(super) fn difference(self) -> i32 {
        self.0 as i32 >> 16
    }
}

/// Decodes symbols of progressive scans, which mean more than runs and
/// categories.
#[derive(Clone, Debug)]
pub(super) struct Progressive {
    symbols: Box<[u16; 1 << FUSED_BITS]>,
    long: Long,
}

/// A symbol of a progressive scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Symbol {
    /// Zeros before the coefficient; or, without a category, the kind of end.
    pub(super) run: u32,
    /// Bits of magnitude of the coefficient.
    pub(super) category: u32,
}

impl Progressive {
    pub(super) fn new(specification: &Specification) -> Self {
        let mut symbols = Box::new([0; 1 << FUSED_BITS]);
        symbols.copy_from_slice(&specification.by_prefix(FUSED_BITS));
        Progressive {
            symbols,
            long: Long::new(specification),
        }
    }

    /// Decode a symbol, which leaves at least 39 bits of a refill.
    #[inline(always)]
    pub(super) fn symbol(&self, bits: &mut Bits) -> Symbol {
        let found = self.symbols[bits.peek::<FUSED_BITS>()];
        let (length, symbol) = match found {
            0 => self.long.find(bits.buffer),
            found => (u32::from(found >> 8), found as u8),
        };
        bits.skip(length);
        Symbol {
            run: u32::from(symbol >> 4),
            category: u32::from(symbol & 15),
        }
    }
}

impl Symbol {
    /// Number of blocks, this one included, with nothing more in the band (T.81,
    /// G.1.2.2, EOBRUN): of a symbol without a category and a run below 15.
    #[inline(always)]
    pub(super) fn ended(self, bits: &mut Bits) -> u32 {
        match self.run {
            0 => 1,
            run => (1 << run) + bits.take(run) as u32,
        }
    }
}
