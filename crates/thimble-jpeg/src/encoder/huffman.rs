//! Huffman tables for encoding: those that fit the symbols best (ITU-T T.81,
//! K.2), or the usual ones.

use super::symbols::{CLASSES, Class};
use crate::standard;

/// A table as it is transmitted: how many codes there are of each length, and
/// their symbols in the order of the codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) counts: [u8; 16],
    pub(super) symbols: Vec<u8>,
}

/// For each symbol of each class, its code in the high 24 bits and the length of
/// that in the low 8.
pub(super) type Codes = [u32; CLASSES];

/// The longest code that may be used.
const LONGEST: usize = 16;

impl Table {
    fn new(counts: &[u8; 16], symbols: &[u8]) -> Self {
        Table {
            counts: *counts,
            symbols: symbols.to_vec(),
        }
    }

    /// The table of T.81, annex K.3, for a class.
    pub(super) fn usual(class: Class) -> Self {
        match class.selector() {
            0x00 => Table::new(&standard::DC_LUMA_COUNTS, &standard::DC_VALUES),
            0x01 => Table::new(&standard::DC_CHROMA_COUNTS, &standard::DC_VALUES),
            0x10 => Table::new(&standard::AC_LUMA_COUNTS, &standard::AC_LUMA_VALUES),
            _ => Table::new(&standard::AC_CHROMA_COUNTS, &standard::AC_CHROMA_VALUES),
        }
    }

    /// The table with the shortest total of codes for symbols that are used so
    /// often. No code is all ones, and none longer than 16 bits.
    pub(super) fn optimal(uses: &[u32]) -> Self {
        let used = (0..=255_u8).zip(uses).filter(|(_, uses)| **uses > 0);
        let mut symbols = used
            .map(|(symbol, uses)| (*uses, symbol))
            .collect::<Vec<_>>();
        // The most used first: they get the shortest codes.
        symbols.sort_by_key(|(uses, symbol)| (core::cmp::Reverse(*uses), *symbol));
        // One more, used least of all, takes the code of all ones.
        let mut uses = symbols
            .iter()
            .map(|(uses, _)| u64::from(*uses))
            .collect::<Vec<_>>();
        uses.push(0);
        let mut counts = limited(code_lengths(&uses));
        if let Some(last) = counts.iter_mut().rfind(|count| **count > 0) {
            *last -= 1;
        }
        Table {
            counts,
            symbols: symbols.into_iter().map(|(_, symbol)| symbol).collect(),
        }
    }

    /// Write the codes of the symbols (T.81, C.2) to a class's part of a table.
    pub(super) fn assign(&self, codes: &mut [u32]) {
        let mut code = 0;
        let mut symbols = self.symbols.iter();
        for (length, count) in (1..).zip(self.counts) {
            for symbol in symbols.by_ref().take(count.into()) {
                codes[usize::from(*symbol)] = code << 8 | length;
                code += 1;
            }
            code <<= 1;
        }
    }
}

/// Number of codes of each length in a Huffman code for symbols that are used so
/// often, the most used first (Huffman, "A method for the construction of
/// minimum-redundancy codes", 1952; with two queues, as in van Leeuwen, "On the
/// construction of Huffman trees", 1976).
fn code_lengths(uses: &[u64]) -> [u32; 257] {
    // Leaves from the least used on, then the nodes made of them: each list is in
    // the order of its weights, so that the lightest two are at their heads.
    let mut weights = uses.iter().rev().copied().collect::<Vec<_>>();
    let leaves = weights.len();
    let mut parents = vec![0; leaves];
    let (mut leaf, mut node) = (0, leaves);
    for made in leaves..2 * leaves - 1 {
        let mut weight = 0;
        for _ in 0..2 {
            let take_leaf = leaf < leaves && (node >= made || weights[leaf] <= weights[node]);
            let lightest = if take_leaf { &mut leaf } else { &mut node };
            weight += weights[*lightest];
            parents[*lightest] = made;
            *lightest += 1;
        }
        weights.push(weight);
        parents.push(0);
    }
    let mut depths = vec![0_usize; parents.len()];
    let mut counts = [0; 257];
    for index in (0..parents.len().saturating_sub(1)).rev() {
        depths[index] = depths[parents[index]] + 1;
        if index < leaves {
            counts[depths[index]] += 1;
        }
    }
    counts
}

/// Shorten what is too long, by the procedure of T.81, figure K.3.
fn limited(lengths: [u32; 257]) -> [u8; 16] {
    let mut lengths = lengths;
    for length in (LONGEST + 1..lengths.len()).rev() {
        while lengths[length] > 0 {
            let shorter = (1..length - 1).rev().find(|shorter| lengths[*shorter] > 0);
            let Some(shorter) = shorter else { break };
            lengths[length] -= 2;
            lengths[length - 1] += 1;
            lengths[shorter + 1] += 2;
            lengths[shorter] -= 1;
        }
    }
    core::array::from_fn(|k| lengths[k + 1] as u8)
}
