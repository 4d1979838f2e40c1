//! Entropy decoding of one block of a sequential scan (ITU-T T.81, F.2.2).

use super::bits::{Bits, Bytes, REFILLED};
use super::huffman::{
    Ac, Dc, END_OF_BLOCK, Entry, FUSED_BITS, INCOMPLETE, SKIP_BITS, START_BITS, Start, is_end,
    sequential_symbol,
};
use super::scale::{needed, places};

/// A block's coefficients in the order of its inverse transform, with room for
/// those that it doesn't need.
pub(super) type Coefficients = [i16; 128];

/// A component's current block and what decoding it needs, in one place: the inner
/// loop then has one address to keep instead of several.
#[derive(Debug)]
pub(super) struct Current {
    /// Position of the data of the next block.
    pub(super) bits: Bits,
    /// The DC coefficient of the block before.
    pub(super) predictor: i32,
    /// Slot of each coefficient of the data, by zigzag index.
    pub(super) slots: [u8; 128],
    pub(super) coefficients: Coefficients,
}

/// Decode the difference of a DC coefficient (T.81, F.2.2.1). Leaves at least 24
/// bits at hand.
#[inline(always)]
pub(super) fn difference(bits: &mut Bits, bytes: &Bytes, table: &Dc) -> i32 {
    bits.refill(bytes);
    let entry = table.fused[bits.peek::<FUSED_BITS>()];
    bits.skip(entry.bits());
    if entry.is_complete() {
        return entry.value();
    }
    let mut category = entry.category();
    if entry.is_longer() {
        let (length, found) = table.long.find(bits.buffer);
        bits.skip(length);
        category = found.into();
    }
    bits.take_signed(category & 15)
}

/// Finish an AC symbol whose entry isn't complete: by how much the zigzag index
/// advances, and the coefficient. Uses up to 32 bits.
#[inline(always)]
fn finish(bits: &mut Bits, entry: Entry, table: &Ac) -> (u32, i32) {
    let (mut advance, mut category) = (entry.advance(), entry.category());
    if entry.is_longer() {
        let (length, symbol) = table.long.find(bits.buffer);
        bits.skip(length);
        (advance, category) = sequential_symbol(symbol);
    }
    (advance, bits.take_signed(category))
}

/// Decode one AC symbol, whatever it takes: up to 32 bits.
#[inline(always)]
fn symbol(bits: &mut Bits, table: &Ac) -> (u32, i32) {
    let entry = table.fused[bits.peek::<FUSED_BITS>()];
    bits.skip(entry.bits());
    if entry.is_complete() {
        return (entry.advance(), entry.value());
    }
    finish(bits, entry, table)
}

/// Decode a block as far as an inverse transform of `SIDE` points needs it and pass
/// over the rest. Says whether it may have more than a DC coefficient.
///
/// A function of its own, and nothing around its loops: a WebAssembly compiler that
/// runs out of registers keeps even the base of the memory on the stack, and
/// fetches it again for every access.
#[inline(never)]
pub(super) fn decode<const SIDE: usize>(
    current: &mut Current,
    bytes: &Bytes,
    dc: &Dc,
    ac: &Ac,
) -> bool {
    let mut bits = current.bits;
    current.coefficients[..places(SIDE)].fill(0);
    let difference = difference(&mut bits, bytes, dc);
    current.predictor = current.predictor.wrapping_add(difference);
    current.coefficients[0] = current.predictor as i16;
    let next = coefficients::<SIDE>(&mut bits, bytes, ac, current);
    if SIDE < 8 {
        skip(&mut bits, bytes, ac, next);
    }
    current.bits = bits;
    next != 1 + END_OF_BLOCK
}

/// Decode the AC coefficients that an inverse transform of `SIDE` points needs. Says
/// which zigzag index comes next; past the last if the block has ended.
#[inline(always)]
fn coefficients<const SIDE: usize>(
    bits: &mut Bits,
    bytes: &Bytes,
    table: &Ac,
    current: &mut Current,
) -> u32 {
    let mut index = 1;
    // Ends of blocks and long runs of zeros come this way as well: they store a
    // zero where there is one, or in the slot that nobody reads.
    let mut put = |index: &mut u32, (advance, value): (u32, i32)| {
        *index += advance;
        let slot = current.slots[(*index - 1) as usize & 127];
        current.coefficients[usize::from(slot) & 127] = value as i16;
    };
    while index < needed(SIDE) {
        bits.refill(bytes);
        put(&mut index, symbol(bits, table));
        // At least 24 bits are left: enough for two more, if they are short.
        for _ in 0..2 {
            let entry = table.fused[bits.peek::<FUSED_BITS>()];
            if index >= needed(SIDE) || !entry.is_complete() {
                break;
            }
            bits.skip(entry.bits());
            put(&mut index, (entry.advance(), entry.value()));
        }
    }
    index
}

/// Pass over what is left of a block from a zigzag index on.
#[inline(always)]
fn skip(bits: &mut Bits, bytes: &Bytes, table: &Ac, from: u32) {
    let mut index = from;
    while index < 64 {
        bits.refill(bytes);
        index = pass::<LOOK_UPS>(bits, bytes, table, index);
    }
}

/// Pass over what some look-ups of lengths see of a block, for which there must be the
/// bits, and say which zigzag index comes next: past the last if the block has ended.
#[inline(always)]
fn pass<const TIMES: u32>(bits: &mut Bits, bytes: &Bytes, table: &Ac, from: u32) -> u32 {
    let mut index = from;
    for _ in 0..TIMES {
        let entry = table.skip[bits.peek::<SKIP_BITS>()];
        let next = index + entry.advance();
        if next >= 64 && !is_end(next) {
            bits.refill(bytes);
            return index + symbol(bits, table).0;
        }
        bits.skip(entry.bits());
        if next >= 64 {
            return next;
        }
        index = next;
    }
    index
}

/// Look-ups of lengths that a refill is enough for.
const LOOK_UPS: u32 = REFILLED / SKIP_BITS;

/// Decode the difference of a block's DC coefficient, and pass over the others.
#[inline(always)]
pub(super) fn mean(bits: &mut Bits, bytes: &Bytes, dc: &Dc, ac: &Ac, start: &Start) -> i32 {
    bits.refill(bytes);
    let beginning = start.entries[bits.peek::<START_BITS>()];
    let next = beginning.index();
    if next == INCOMPLETE {
        let difference = difference(bits, bytes, dc);
        skip(bits, bytes, ac, 1);
        return difference;
    }
    bits.skip(beginning.bits());
    if next < 64 {
        const LEFT: u32 = (REFILLED - START_BITS) / SKIP_BITS;
        let next = pass::<LEFT>(bits, bytes, ac, next);
        skip(bits, bytes, ac, next);
    }
    beginning.difference()
}
