//! Bits and the codes made of them (RFC 9649, sections 3.1 and 3.7.2).

/// Bits of a chunk, the lowest of a byte first.
#[derive(Debug)]
pub(super) struct Bits<'a> {
    rest: &'a [u8],
    window: u64,
    /// Bits of the window that are there.
    held: u32,
}

impl<'a> Bits<'a> {
    pub(super) fn new(content: &'a [u8]) -> Self {
        Bits {
            rest: content,
            window: 0,
            held: 0,
        }
    }

    /// So many bits, 32 at most, or nothing if there are fewer.
    pub(super) fn read(&mut self, count: u32) -> Option<u32> {
        let bits = self.peek(count);
        self.consume(count)?;
        Some(bits)
    }

    /// So many bits, 32 at most; those behind the end are zero.
    fn peek(&mut self, count: u32) -> u32 {
        if self.held < count {
            self.fill();
        }
        (self.window & ((1 << count) - 1)) as u32
    }

    fn fill(&mut self) {
        if let Some((bytes, rest)) = self.rest.split_first_chunk::<4>() {
            self.window |= u64::from(u32::from_le_bytes(*bytes)) << self.held;
            self.held += 32;
            self.rest = rest;
            return;
        }
        while let Some((byte, rest)) = self.rest.split_first() {
            self.window |= u64::from(*byte) << self.held;
            self.held += 8;
            self.rest = rest;
        }
    }

    fn consume(&mut self, count: u32) -> Option<()> {
        self.held = self.held.checked_sub(count)?;
        self.window >>= count;
        Some(())
    }
}

/// The longest code.
const LONGEST: usize = 15;

/// Bits that are looked up at once.
const LOOKED_UP: usize = 8;

/// A prefix code.
#[derive(Debug)]
pub(super) enum Code {
    /// Its only symbol takes no bits.
    Single(u16),
    Several(Codes),
}

/// Codes of several symbols.
#[derive(Debug)]
pub(super) struct Codes {
    /// Symbol and length by the next bits, lowest first; length 0 for a longer code.
    table: Vec<(u16, u8)>,
    /// Symbols by their codes.
    symbols: Vec<u16>,
    /// Number of codes of each length.
    counts: [u16; LONGEST + 1],
}

impl Code {
    /// Reads a code for so many symbols.
    pub(super) fn read(bits: &mut Bits<'_>, symbols: usize) -> Option<Self> {
        let mut lengths = vec![0; symbols];
        if bits.read(1)? == 1 {
            let count = bits.read(1)? + 1;
            let width = if bits.read(1)? == 1 { 8 } else { 1 };
            *lengths.get_mut(bits.read(width)? as usize)? = 1;
            if count == 2 {
                *lengths.get_mut(bits.read(8)? as usize)? = 1;
            }
        } else {
            read_lengths(bits, &mut lengths)?;
        }
        Self::of_lengths(&lengths)
    }

    /// The code whose symbols have these lengths, if they make a whole one.
    fn of_lengths(lengths: &[u8]) -> Option<Self> {
        let mut counts = [0_u16; LONGEST + 1];
        let mut symbols: Vec<u16> = Vec::new();
        for (length, count) in counts.iter_mut().enumerate().skip(1) {
            let of_length = lengths
                .iter()
                .zip(0_u16..)
                .filter(|(other, _)| usize::from(**other) == length);
            let before = symbols.len();
            symbols.extend(of_length.map(|(_, symbol)| symbol));
            *count = (symbols.len() - before) as u16;
        }
        if let [symbol] = symbols[..] {
            return Some(Code::Single(symbol));
        }
        let taken = |length: usize| u32::from(counts[length]) << (LONGEST - length);
        let is_whole = (1..=LONGEST).map(taken).sum::<u32>() == 1 << LONGEST;
        let table = table(&counts, &symbols);
        is_whole.then_some(Code::Several(Codes {
            table,
            symbols,
            counts,
        }))
    }

    /// The next symbol.
    pub(super) fn next(&self, bits: &mut Bits<'_>) -> Option<u16> {
        let codes = match self {
            Code::Single(symbol) => return Some(*symbol),
            Code::Several(codes) => codes,
        };
        let window = bits.peek(LONGEST as u32);
        let (symbol, length) = codes.table[window as usize % (1 << LOOKED_UP)];
        if length > 0 {
            bits.consume(length.into())?;
            return Some(symbol);
        }
        let (mut code, mut first, mut index) = (0, 0, 0);
        for length in 1..=LONGEST {
            code |= window as usize >> (length - 1) & 1;
            let count = usize::from(codes.counts[length]);
            if code < first + count {
                bits.consume(length as u32)?;
                return codes.symbols.get(index + code - first).copied();
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        None
    }
}

/// The symbols of short codes, by the bits that begin with them.
fn table(counts: &[u16; LONGEST + 1], symbols: &[u16]) -> Vec<(u16, u8)> {
    let mut table = vec![(0, 0); 1 << LOOKED_UP];
    let (mut code, mut symbols) = (0_u16, symbols.iter());
    let counts = counts.iter().enumerate().take(LOOKED_UP + 1).skip(1);
    for (length, count) in counts {
        for symbol in symbols.by_ref().take((*count).into()) {
            let first = code.reverse_bits() >> (16 - length);
            for place in table.iter_mut().skip(first.into()).step_by(1 << length) {
                *place = (*symbol, length as u8);
            }
            code = code.wrapping_add(1);
        }
        code <<= 1;
    }
    table
}

/// Order in which the lengths of the code of lengths are written.
const ORDER: [usize; 19] = [
    17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
];

/// Lengths are written in a code of their own.
fn read_lengths(bits: &mut Bits<'_>, lengths: &mut [u8]) -> Option<()> {
    let mut own = [0; ORDER.len()];
    let count = bits.read(4)? as usize + 4;
    for place in &ORDER[..count] {
        own[*place] = bits.read(3)? as u8;
    }
    let code = Code::of_lengths(&own)?;
    let most = if bits.read(1)? == 1 {
        let width = 2 + 2 * bits.read(3)?;
        bits.read(width)? as usize + 2
    } else {
        lengths.len()
    };
    let (mut at, mut before) = (0, 8);
    for _ in 0..most {
        if at == lengths.len() {
            break;
        }
        let symbol = code.next(bits)?;
        let (length, count) = match symbol {
            0..16 => (symbol as u8, 1),
            16 => (before, bits.read(2)? + 3),
            17 => (0, bits.read(3)? + 3),
            _ => (0, bits.read(7)? + 11),
        };
        if length > 0 {
            before = length;
        }
        let end = at + count as usize;
        lengths.get_mut(at..end)?.fill(length);
        at = end;
    }
    Some(())
}
