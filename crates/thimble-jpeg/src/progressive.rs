//! Progressive scans (ITU-T T.81, annex G).
//!
//! The bits that tell which coefficients are known not to be zero make refinement
//! quick: which coefficients have a correction bit, and how many zeros a run passes
//! over, are questions for a few instructions on the whole block.

use super::bits::{Bits, Bytes};
use super::block;
use super::channel::Channel;
use super::coefficients::Store;
use super::huffman::{Dc, Progressive};
use super::scale::needed;
use super::scan::Scan;
use super::walk::{Mcu, Walk};

/// A component's part in a scan of DC coefficients.
pub(super) struct DcPart<'a> {
    channel: &'a mut Channel,
    table: Dc,
    /// Blocks of this component in an MCU of this scan, across and down.
    blocks: (usize, usize),
    /// The DC coefficient of the block before.
    predictor: i32,
}

/// Decode a scan of DC coefficients (T.81, G.1.2.1).
pub(super) fn dc(parts: &mut [DcPart<'_>], scan: &Scan, walk: Walk<'_, '_>) {
    let low = scan.low;
    if scan.refines {
        return walk.run(
            parts,
            |_| {},
            |parts, bits, bytes, at| dc_refine(parts, bits, bytes, at, low),
        );
    }
    let restart = |parts: &mut [DcPart<'_>]| parts.iter_mut().for_each(|part| part.predictor = 0);
    walk.run(parts, restart, |parts, bits, bytes, at| {
        dc_first(parts, bits, bytes, at, low)
    });
}

#[inline(always)]
fn dc_first(parts: &mut [DcPart<'_>], bits: Bits, bytes: &Bytes, at: Mcu, low: u32) -> Bits {
    let mut bits = bits;
    for part in parts {
        for index in part.indices(at) {
            let difference = block::difference(&mut bits, bytes, &part.table);
            part.predictor = part.predictor.wrapping_add(difference);
            let value = (part.predictor << low) as i16;
            part.set(index, |_| value);
        }
    }
    bits
}

#[inline(always)]
fn dc_refine(parts: &mut [DcPart<'_>], bits: Bits, bytes: &Bytes, at: Mcu, low: u32) -> Bits {
    let mut bits = bits;
    // An MCU has no more blocks than a refill has bits.
    bits.refill(bytes);
    for part in parts {
        for index in part.indices(at) {
            let bit = (bits.take(1) << low) as i16;
            part.set(index, |value| value | bit);
        }
    }
    bits
}

impl<'a> DcPart<'a> {
    pub(super) fn new(channel: &'a mut Channel, table: Dc, scan: &Scan) -> Self {
        let blocks = scan.blocks(&channel.component);
        DcPart {
            channel,
            table,
            blocks,
            predictor: 0,
        }
    }

    /// The indices of this component's blocks of an MCU.
    fn indices(&self, at: Mcu) -> impl Iterator<Item = usize> + use<> {
        let ((across, down), columns) = (self.blocks, self.channel.blocks.stored_width);
        let first = at.row * down * columns + at.column * across;
        (0..down).flat_map(move |row| (0..across).map(move |column| first + row * columns + column))
    }

    fn set(&mut self, index: usize, change: impl Fn(i16) -> i16) {
        if let Some(store) = &mut self.channel.store {
            let dc = &mut store.coefficients[index * store.kept];
            *dc = change(*dc);
        }
    }
}

/// A scan of a band of one component's AC coefficients.
pub(super) struct AcPart<'a> {
    store: &'a mut Store,
    slots: &'a [u8; 128],
    /// The bits of the zigzag indices that are kept, and of those between.
    kept: u64,
    /// Blocks in a row of the store.
    columns: usize,
    table: Progressive,
    /// The first and the last zigzag index of the band.
    first: u32,
    last: u32,
    /// The lowest bit that the scan brings.
    low: u32,
    /// Number of blocks from here on with nothing new in this band.
    ended: u32,
}

/// Decode a scan of AC coefficients.
pub(super) fn ac(channel: &mut Channel, table: Progressive, scan: &Scan, walk: Walk<'_, '_>) {
    let Some(store) = &mut channel.store else {
        return;
    };
    let &Scan {
        first, last, low, ..
    } = scan;
    let (slots, columns) = (&channel.slots, channel.blocks.stored_width);
    let mut part = AcPart {
        store,
        slots,
        kept: u64::MAX >> (64 - needed(channel.side)),
        columns,
        table,
        first,
        last,
        low,
        ended: 0,
    };
    let restart = |part: &mut AcPart<'_>| part.ended = 0;
    if scan.refines {
        walk.run(&mut part, restart, |part, bits, bytes, at| {
            part.refine_block(bits, bytes, at)
        });
    } else {
        walk.run(&mut part, restart, |part, bits, bytes, at| {
            part.first_block(bits, bytes, at)
        });
    }
}

impl AcPart<'_> {
    /// Decode a block of the first scan of a band (T.81, G.1.2.2).
    #[inline(never)]
    fn first_block(&mut self, bits: Bits, bytes: &Bytes, at: Mcu) -> Bits {
        if self.ended > 0 {
            self.ended -= 1;
            return bits;
        }
        let mut bits = bits;
        let number = at.row * self.columns + at.column;
        let kept = self.store.kept;
        let block = &mut self.store.coefficients[number * kept..][..kept];
        let mut significant = self.store.significant[number];
        let mut index = self.first;
        while index <= self.last {
            bits.refill(bytes);
            let symbol = self.table.symbol(&mut bits);
            if symbol.category == 0 && symbol.run < 15 {
                self.ended = symbol.ended(&mut bits) - 1;
                break;
            }
            index += symbol.run;
            if symbol.category != 0 && index < 64 {
                let value = bits.take_signed(symbol.category) << self.low;
                significant |= 1 << index;
                if let Some(place) = block.get_mut(usize::from(self.slots[index as usize])) {
                    *place = value as i16;
                }
            }
            index += 1;
        }
        self.store.significant[number] = significant;
        bits
    }
}

impl AcPart<'_> {
    /// Decode a block of a scan that refines a band by a bit (T.81, G.1.2.3).
    #[inline(never)]
    fn refine_block(&mut self, bits: Bits, bytes: &Bytes, at: Mcu) -> Bits {
        let mut bits = bits;
        let number = at.row * self.columns + at.column;
        let kept = self.store.kept;
        let block = &mut self.store.coefficients[number * kept..][..kept];
        let mut known = Known {
            significant: self.store.significant[number],
            block,
            slots: self.slots,
            kept: self.kept,
        };
        let mut band = band(self.first, self.last);
        while self.ended == 0 && band != 0 {
            bits.refill(bytes);
            let symbol = self.table.symbol(&mut bits);
            if symbol.category == 0 && symbol.run < 15 {
                self.ended = symbol.ended(&mut bits);
                break;
            }
            let negative = symbol.category != 0 && bits.take(1) == 0;
            let place = nth_bit(!known.significant & band, symbol.run);
            let passed = band & (place.wrapping_sub(1) | if place == 0 { u64::MAX } else { 0 });
            bits = known.correct(bits, bytes, passed, self.low);
            if symbol.category != 0 {
                known.reveal(place, if negative { -1 } else { 1 } << self.low);
            }
            band &= !(passed | place);
        }
        if self.ended > 0 {
            bits = known.correct(bits, bytes, band, self.low);
            self.ended -= 1;
        }
        self.store.significant[number] = known.significant;
        bits
    }
}

/// The bits from one index to another, both included.
fn band(first: u32, last: u32) -> u64 {
    (u64::MAX << first) & (u64::MAX >> (63 - last))
}

/// The lowest set bit after passing over `passed` others; nothing if there is
/// none.
#[inline(always)]
fn nth_bit(bits: u64, passed: u32) -> u64 {
    // Nearly always nothing lies between: then it is a matter of distance.
    let first = bits & bits.wrapping_neg();
    let gapless = bits & !bits.wrapping_add(first);
    let sought = first.unbounded_shl(passed);
    if gapless & sought != 0 {
        return sought;
    }
    let left = (0..passed).fold(bits, |bits, _| bits & bits.wrapping_sub(1));
    left & left.wrapping_neg()
}

/// A block that is being refined, as far as it is known.
struct Known<'a> {
    significant: u64,
    block: &'a mut [i16],
    slots: &'a [u8; 128],
    kept: u64,
}

impl Known<'_> {
    /// Read the correction bits of the significant coefficients among some.
    #[inline(always)]
    fn correct(&mut self, bits: Bits, bytes: &Bytes, among: u64, low: u32) -> Bits {
        const HALF: u64 = u32::MAX as u64;
        let mut bits = bits;
        let among = among & self.significant;
        if among == 0 {
            return bits;
        }
        for half in [among & HALF, among & !HALF] {
            if half != 0 {
                bits.refill(bytes);
                let count = half.count_ones();
                let corrections = bits.take(count) << (64 - count);
                self.apply(half, corrections, low);
            }
        }
        bits
    }

    /// Apply correction bits, given from the highest on, to those coefficients
    /// that are kept.
    #[inline(always)]
    fn apply(&mut self, corrected: u64, corrections: u64, low: u32) {
        let mut left = corrected;
        let mut corrections = corrections;
        while left & self.kept != 0 && corrections != 0 {
            let index = left.trailing_zeros() as usize;
            if let Some(place) = self.block.get_mut(usize::from(self.slots[index]))
                && corrections >> 63 == 1
                && *place & 1 << low == 0
            {
                *place = place.wrapping_add(place.signum() << low);
            }
            corrections <<= 1;
            left &= left - 1;
        }
    }

    /// Make a coefficient known that was zero so far.
    #[inline(always)]
    fn reveal(&mut self, place: u64, value: i16) {
        if place != 0 {
            self.significant |= place;
            let slot = self.slots[place.trailing_zeros() as usize];
            if let Some(place) = self.block.get_mut(usize::from(slot)) {
                *place = value;
            }
        }
    }
}
