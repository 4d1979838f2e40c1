//! Entropy decoding of one block of a sequential scan (ITU-T T.81, F.2.2).

use super::bits::Bits;
use super::huffman::{Ac, Dc, Entry, FUSED_BITS, SKIP_BITS, SKIP_END, sequential_symbol};
use super::scale::needed;
use super::window::Bytes;

/// A block's coefficients in the order of its inverse transform, with room for
/// those that it doesn't need.
pub(super) type Coefficients = [i16; 128];

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

/// Decode the AC coefficients that an inverse transform of `SIDE` points needs
/// and pass over the others. Says whether any of those needed isn't zero.
#[inline(always)]
pub(super) fn coefficients<const SIDE: usize>(
    bits: &mut Bits,
    bytes: &Bytes,
    table: &Ac,
    slots: &[u8; 128],
    block: &mut Coefficients,
) -> bool {
    let mut index = 1;
    let mut any = 0;
    while index < needed(SIDE) {
        bits.refill(bytes);
        let (advance, value) = symbol(bits, table);
        // Ends of blocks and long runs of zeros come this way as well: they
        // store a zero where there is one, or in the slot that nobody reads.
        index += advance;
        any |= value;
        let slot = slots[(index - 1) as usize & 127];
        block[usize::from(slot) & 127] = value as i16;
    }
    if SIDE < 8 {
        skip(bits, bytes, table, index);
    }
    any != 0
}

/// Pass over what is left of a block from a zigzag index on.
#[inline(always)]
fn skip(bits: &mut Bits, bytes: &Bytes, table: &Ac, from: u32) {
    let mut index = from;
    while index < 64 {
        bits.refill(bytes);
        let entry = table.skip[bits.peek::<SKIP_BITS>()];
        let next = index + entry.advance();
        if next <= 64 {
            bits.skip(entry.bits());
            index = next;
        } else if (SKIP_END..SKIP_END + 64).contains(&next) {
            bits.skip(entry.bits());
            return;
        } else {
            index += symbol(bits, table).0;
        }
    }
}
