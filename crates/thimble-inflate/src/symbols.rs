//! Literals and matches, RFC 1951, section 3.2.3.

use super::bits::{Pieces, State};
use super::codes::{self, Codes, DISTANCE, LITERALS};
use super::copy::{STRIDE, repeat};
use super::{Damage, PIECE, REACH};

/// Room behind the bytes that are filled: a match is never cut in two, and its last stride may
/// be longer than it is.
pub(super) const SLACK: usize = 512 + STRIDE;

/// The part of the window in which symbols are read: of a size that the compiler
/// knows, which spares the loop most questions for bounds.
pub(super) type View = [u8; REACH + PIECE + SLACK];

const LIMIT: usize = REACH + PIECE;

/// Reason for a pause in reading symbols.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    OfBlock,
    OfView,
}

/// A symbol, or two.
enum Symbol {
    Literals { bytes: [u8; 2], count: usize },
    Match { length: usize, distance: usize },
    End,
}

/// A reader of symbols.
#[derive(Debug)]
pub(super) struct Symbols<'w, 'a> {
    pub(super) view: &'w mut View,
    /// The end of what is filled.
    pub(super) at: usize,
    pub(super) state: State<'a>,
    pub(super) codes: &'w Codes,
}

/// Writes the literals of an entry, and goes behind it.
#[inline(always)]
fn put(entry: u32, view: &mut View, at: &mut usize, state: &mut State<'_>) {
    view[*at..][..2].copy_from_slice(&codes::literals(entry));
    *at += codes::count(entry);
    codes::consume(entry, state);
}

impl<'a> Symbols<'_, 'a> {
    /// Reads to the end of the block, or until the view is full.
    pub(super) fn read(&mut self, pieces: &mut Pieces<'a>) -> Result<End, Damage> {
        while self.at < LIMIT {
            if self.state.is_rich()
                && let Some(end) = self.read_many()?
            {
                return Ok(end);
            }
            // One at a time, over the end of a piece and to the end of the data.
            match self.read_one(pieces)? {
                Symbol::Literals { bytes, count } => {
                    self.view[self.at..][..2].copy_from_slice(&bytes);
                    self.at += count;
                }
                Symbol::Match { length, distance } => {
                    if distance > self.at {
                        return Err(Damage::Distance);
                    }
                    repeat(self.view, self.at, distance, length);
                    self.at += length;
                }
                Symbol::End => return Ok(End::OfBlock),
            }
        }
        Ok(End::OfView)
    }

    fn read_one(&mut self, pieces: &mut Pieces<'a>) -> Result<Symbol, Damage> {
        let Codes {
            literals,
            distances,
            ..
        } = self.codes;
        let mut state = self.state;
        let consume = |entry: u32, state: &mut State<'a>| {
            if codes::consumed(entry) > state.count {
                return Err(Damage::Truncated);
            }
            codes::consume(entry, state);
            Ok(())
        };
        state.refill_from(pieces);
        let entry = LITERALS.look_up(literals, state.buffer);
        let entry = LITERALS.follow(literals, entry, state.buffer);
        let bits = state.buffer;
        consume(entry, &mut state)?;
        let symbol = if codes::is_literal(entry) {
            let (bytes, count) = (codes::literals(entry), codes::count(entry));
            Symbol::Literals { bytes, count }
        } else if codes::is_end(entry) {
            Symbol::End
        } else if codes::is_rare(entry) {
            return Err(Damage::Code);
        } else {
            let length = codes::value(entry) + codes::extra(entry, bits);
            state.refill_from(pieces);
            let entry = DISTANCE.look_up(distances, state.buffer);
            let entry = DISTANCE.follow(distances, entry, state.buffer);
            if codes::is_rare(entry) {
                return Err(Damage::Code);
            }
            let distance = codes::value(entry) + codes::extra(entry, state.buffer);
            consume(entry, &mut state)?;
            Symbol::Match { length, distance }
        };
        self.state = state;
        Ok(symbol)
    }

    /// Reads as long as there are data for all that an iteration may need. Calls
    /// nothing, so that all that it works with is in registers.
    fn read_many(&mut self) -> Result<Option<End>, Damage> {
        let Codes {
            literals,
            distances,
            ..
        } = self.codes;
        let view = &mut *self.view;
        let (mut at, mut state) = (self.at, self.state);
        let end = loop {
            if at >= LIMIT {
                break Ok(Some(End::OfView));
            }
            if !state.is_rich() {
                break Ok(None);
            }
            state.refill();
            let mut entry = LITERALS.look_up(literals, state.buffer);
            if codes::is_literal(entry) {
                put(entry, view, &mut at, &mut state);
                entry = LITERALS.look_up(literals, state.buffer);
                if codes::is_literal(entry) {
                    put(entry, view, &mut at, &mut state);
                    entry = LITERALS.look_up(literals, state.buffer);
                }
            }
            if codes::is_literal(entry) {
                put(entry, view, &mut at, &mut state);
                // Five times the bits of a first index are no more than a refill gives.
                entry = LITERALS.look_up(literals, state.buffer);
                if codes::is_literal(entry) {
                    put(entry, view, &mut at, &mut state);
                    entry = LITERALS.look_up(literals, state.buffer);
                    if codes::is_literal(entry) {
                        put(entry, view, &mut at, &mut state);
                    }
                }
                continue;
            }
            if codes::is_rare(entry) {
                entry = LITERALS.follow(literals, entry, state.buffer);
                if codes::is_literal(entry) {
                    put(entry, view, &mut at, &mut state);
                    continue;
                }
                if codes::is_rare(entry) {
                    codes::consume(entry, &mut state);
                    break if codes::is_end(entry) {
                        Ok(Some(End::OfBlock))
                    } else {
                        Err(Damage::Code)
                    };
                }
            }
            let length = codes::value(entry) + codes::extra(entry, state.buffer);
            codes::consume(entry, &mut state);
            state.refill();
            let mut entry = DISTANCE.look_up(distances, state.buffer);
            if codes::is_rare(entry) {
                entry = DISTANCE.follow(distances, entry, state.buffer);
                if codes::is_rare(entry) {
                    break Err(Damage::Code);
                }
            }
            let distance = codes::value(entry) + codes::extra(entry, state.buffer);
            codes::consume(entry, &mut state);
            if distance > at {
                break Err(Damage::Distance);
            }
            repeat(view, at, distance, length);
            at += length;
        };
        (self.at, self.state) = (at, state);
        end
    }
}
