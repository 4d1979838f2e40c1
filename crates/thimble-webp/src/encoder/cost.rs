//! The cost of coefficients, in 256ths of a bit.

use super::entropy::bits;
use super::tokens::{Chance, end_of, large};
use crate::probabilities::TokenProbabilities;
use crate::tables::{BANDS, ZIGZAG};
use crate::transform::Block;

/// The largest magnitude whose cost is looked up; larger ones cost about as much.
const LARGEST: usize = 67;

/// The costs of the coefficients of a kind of block, by position and context.
type Costs = [[Position; 3]; 17];

#[derive(Clone, Copy, Debug)]
struct Position {
    /// Cost of beginning here and not ending at once, as far as it is not part of the
    /// levels.
    begin: u16,
    /// Cost of ending here.
    end: u16,
    /// By magnitude: with the decision not to end, unless a zero came before.
    levels: [u16; LARGEST + 1],
}

/// Costs of coefficients with certain probabilities.
#[derive(Debug)]
pub(super) struct LevelCosts(Box<[Costs; 4]>);

impl LevelCosts {
    pub(super) fn new(probabilities: &TokenProbabilities) -> Self {
        let empty = Position {
            begin: 0,
            end: 0,
            levels: [0; LARGEST + 1],
        };
        let mut costs = Box::new([[[empty; 3]; 17]; 4]);
        for (costs, probabilities) in costs.iter_mut().zip(probabilities) {
            for (costs, &band) in costs.iter_mut().take(16).zip(&BANDS) {
                for (context, costs) in costs.iter_mut().enumerate() {
                    *costs = position(&probabilities[band], context);
                }
            }
        }
        LevelCosts(costs)
    }

    /// Cost of a block of levels from position `first` on.
    #[inline(always)]
    pub(super) fn of(&self, (kind, first): (usize, usize), context: usize, levels: &Block) -> u32 {
        let costs = &self.0[kind];
        let end = end_of(levels);
        let mut position = &costs[first][context];
        if end <= first {
            return position.end.into();
        }
        let mut cost = u32::from(position.begin);
        for at in first..end {
            let magnitude = usize::from(levels[ZIGZAG[at]].unsigned_abs());
            cost += u32::from(position.levels[magnitude.min(LARGEST)]);
            position = &costs[at + 1][magnitude.min(2)];
        }
        cost + u32::from(position.end)
    }
}

fn position(probabilities: &[[u8; 11]; 3], context: usize) -> Position {
    let chances = &probabilities[context];
    // After a zero, which is context 0, the format does not ask for an end, but
    // at the first position of a block it does.
    let no_end = bits(true, chances[0]);
    let (begin, goes_on) = if context > 0 {
        (0, no_end)
    } else {
        (no_end, 0)
    };
    let mut levels = [0; LARGEST + 1];
    for (magnitude, cost) in levels.iter_mut().enumerate() {
        let mut sum = goes_on + bits(magnitude > 0, chances[1]);
        if magnitude > 0 {
            sum += bits(magnitude > 1, chances[2]) + 256;
        }
        if magnitude > 1 {
            large(magnitude, |chance, decision| {
                sum += match chance {
                    Chance::Adaptive(offset) => bits(decision, chances[offset]),
                    Chance::Fixed(probability) => bits(decision, probability),
                };
            });
        }
        *cost = sum as u16;
    }
    Position {
        begin: begin as u16,
        end: bits(false, chances[0]) as u16,
        levels,
    }
}
