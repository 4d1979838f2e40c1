//! From bytes to literals and matches.

use thimble_simd::{equal_u8, load_u8};

use crate::Effort;
use crate::block::{Block, STRIDE};
use crate::chains::{AHEAD, Chains, LONGEST, Match};
use crate::split::{Observer, SHORTEST};

/// Most bytes and matches of a block.
const MOST_BYTES: usize = 300_000;
const MOST_MATCHES: usize = 50_000;

/// Places at both ends of a match that are remembered. Those between are found by what was
/// matched, as long as that is within reach; all of them would be a third of the work.
const ENDS: usize = 8;

/// Bytes of a block of literals and runs.
const RUNS_BYTES: usize = 1 << 15;

/// Finds the symbols of a block that begins at `start`, and tells its end.
#[inline(never)]
pub(super) fn matches<const LAZY: bool>(
    chains: &mut Chains,
    block: &mut Block,
    data: &[u8],
    start: usize,
    effort: Effort,
) -> usize {
    let mut observer = Observer::default();
    let lazy_depth = (effort.depth / 2).max(1);
    let limit = data.len().min(start + MOST_BYTES);
    let mut at = start;
    while at < limit {
        if data.len() - at <= AHEAD {
            for literal in &data[at..] {
                block.literal(*literal);
            }
            return data.len();
        }
        let mut found = chains.search(data, at, effort.shortest - 1, effort.depth);
        if found.distance == 0 {
            block.literal(data[at]);
            observer.literal(data[at]);
            at += 1;
        } else {
            // Behind the last place that was searched.
            let mut known = at + 1;
            while LAZY && found.length < LONGEST && data.len() - known > AHEAD {
                let next = chains.search(data, known, found.length - 1, lazy_depth);
                known += 1;
                if next.distance == 0 || !is_better(next, found) {
                    break;
                }
                block.literal(data[at]);
                observer.literal(data[at]);
                at += 1;
                found = next;
            }
            block.matched(found);
            observer.matched(found.length);
            at += found.length;
            if at - known <= 2 * ENDS {
                chains.skip(data, known, at - known);
            } else {
                chains.skip(data, known, ENDS);
                chains.skip(data, at - ENDS, ENDS);
            }
        }
        let may_end = observer.ends_block(at - start) && data.len() - at >= SHORTEST;
        if may_end || block.matches() >= MOST_MATCHES {
            break;
        }
    }
    at
}

/// One match is so much better that a literal before it pays.
#[inline(always)]
fn is_better(next: Match, now: Match) -> bool {
    let bits = |found: Match| found.distance.ilog2() as i32;
    let longer = next.length as i32 - now.length as i32;
    longer >= 0 && 4 * longer + bits(now) - bits(next) > 2
}

/// Finds the literals and runs of a block that begins at `start`, and tells its end.
#[inline(never)]
pub(super) fn runs(block: &mut Block, data: &[u8], start: usize) -> usize {
    let end = data.len().min(start + RUNS_BYTES);
    let mut at = start;
    if let (0, Some(first)) = (at, data.first()) {
        block.literal(*first);
        at = 1;
    }
    while at < end {
        let Some((before, stride)) = strides(&data[..end], at) else {
            block.literal(data[at]);
            at += 1;
            continue;
        };
        let same = equal_u8(load_u8(before), load_u8(stride));
        let four_alike = same & same >> 1 & same >> 2 & same >> 3;
        if four_alike == 0 {
            block.stride(stride);
            at += STRIDE;
            continue;
        }
        let first = four_alike.trailing_zeros() as usize;
        for literal in &stride[..first] {
            block.literal(*literal);
        }
        at += first;
        let byte = data[at];
        let rest = data[at..end].iter().take(LONGEST);
        let length = rest.take_while(|other| **other == byte).count();
        block.matched(Match {
            length,
            distance: 1,
        });
        at += length;
    }
    end
}

/// The bytes at a place, and those that begin one before.
#[inline(always)]
fn strides(data: &[u8], at: usize) -> Option<(&[u8; STRIDE], &[u8; STRIDE])> {
    let before = data.get(at - 1..)?;
    Some((before.first_chunk()?, before.get(1..)?.first_chunk()?))
}
