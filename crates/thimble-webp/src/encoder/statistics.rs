//! Counts of decisions, and the probabilities that follow from them (RFC 6386,
//! section 13.4).

use super::entropy::bits;
use crate::probabilities::{DEFAULT_TOKENS, TOKEN_UPDATES, TokenProbabilities};

/// Number of decisions that have a probability of their own.
const COUNT: usize = 4 * 8 * 3 * 11;

/// The first of the eleven decisions of a kind of block, band and context.
#[inline(always)]
pub(super) fn index(kind: usize, band: usize, context: usize) -> usize {
    ((kind * 8 + band) * 3 + context) * 11
}

/// Counts of each decision: false and true.
#[derive(Debug)]
pub(super) struct Statistics(Box<[[u32; 2]; COUNT]>);

impl Default for Statistics {
    fn default() -> Self {
        Statistics(Box::new([[0; 2]; COUNT]))
    }
}

impl Statistics {
    #[inline(always)]
    pub(super) fn count(&mut self, index: usize, decision: bool) {
        self.0[index][usize::from(decision)] += 1;
    }

    /// The probabilities that make the counted decisions shortest, those that
    /// differ from the usual ones being paid for.
    pub(super) fn probabilities(&self) -> Box<TokenProbabilities> {
        let mut probabilities = Box::new(DEFAULT_TOKENS);
        let updates = flat(&TOKEN_UPDATES).iter();
        for ((usual, counts), &update) in flat_mut(&mut probabilities)
            .iter_mut()
            .zip(self.0.iter())
            .zip(updates)
        {
            let fitting = share(*counts);
            let kept = cost(*counts, *usual) + u64::from(bits(false, update));
            let changed = cost(*counts, fitting) + u64::from(bits(true, update)) + 8 * 256;
            if changed < kept {
                *usual = fitting;
            }
        }
        probabilities
    }
}

/// Chance of a decision to be false, in 256ths.
pub(super) fn share([no, yes]: [u32; 2]) -> u8 {
    let all = u64::from(no) + u64::from(yes);
    let yes = (u64::from(yes) * 255).checked_div(all).unwrap_or(0);
    (255 - yes).max(1) as u8
}

fn cost([no, yes]: [u32; 2], probability: u8) -> u64 {
    u64::from(no) * u64::from(bits(false, probability))
        + u64::from(yes) * u64::from(bits(true, probability))
}

/// Probabilities in the order of [`index`].
pub(super) fn flat(probabilities: &TokenProbabilities) -> &[u8] {
    probabilities.as_flattened().as_flattened().as_flattened()
}

fn flat_mut(probabilities: &mut TokenProbabilities) -> &mut [u8] {
    probabilities
        .as_flattened_mut()
        .as_flattened_mut()
        .as_flattened_mut()
}
