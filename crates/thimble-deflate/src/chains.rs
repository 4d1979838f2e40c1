//! The search for what was there before.
//!
//! Places with the same four bytes are a chain, the latest first, and of those with the same three
//! bytes the latest is known.

use thimble_simd::{equal_u8, load_u8};

/// A match is nearer than this: a new place takes the slot of the one so far away.
const REACH: usize = 1 << 15;

/// Longest match, RFC 1951, section 3.2.5.
pub(super) const LONGEST: usize = 258;

/// Bits of a hash of four bytes, or of three. With fewer for three, files are larger by a
/// hundredth for each.
const BITS: u32 = 15;

/// Bytes that have to be there for a search.
pub(super) const AHEAD: usize = 8;

/// Places at which bytes were seen.
///
/// A place is the number of bytes before it, counted on from stream to stream: so all places of
/// the stream before are too far away, and no table has to be cleared.
pub(super) struct Chains {
    /// The latest place with the same hash of three bytes.
    threes: Box<[u32; 1 << BITS]>,
    /// The latest place with the same hash of four bytes.
    heads: Box<[u32; 1 << BITS]>,
    /// From each place to the one before with the same hash of four bytes.
    links: Box<[u32; REACH]>,
    /// The first place of the stream.
    base: u32,
}

/// Bytes that were there before.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Match {
    pub(super) length: usize,
    pub(super) distance: usize,
}

impl Default for Chains {
    fn default() -> Self {
        Self {
            threes: zeros(),
            heads: zeros(),
            links: zeros(),
            base: REACH as u32,
        }
    }
}

impl Chains {
    /// Goes on to another stream, behind one of `length` bytes.
    pub(super) fn restart(&mut self, length: usize) {
        let next = (self.base as usize)
            .saturating_add(length)
            .saturating_add(REACH);
        match u32::try_from(next) {
            Ok(next) if next < 1 << 31 => self.base = next,
            _ => *self = Self::default(),
        }
    }

    /// Remembers the places from `at` on, `count` of them.
    #[inline(always)]
    pub(super) fn skip(&mut self, data: &[u8], at: usize, count: usize) {
        let mut place = self.base + at as u32;
        let mut at = at;
        let end = at + count;
        while at + 4 <= end {
            let Some(bytes) = data.get(at..).and_then(|rest| rest.first_chunk()) else {
                return;
            };
            let eight = u64::from_le_bytes(*bytes);
            self.insert(eight as u32, place);
            self.insert((eight >> 8) as u32, place + 1);
            self.insert((eight >> 16) as u32, place + 2);
            self.insert((eight >> 24) as u32, place + 3);
            place += 4;
            at += 4;
        }
        let Some(bytes) = data.get(at..).and_then(|rest| rest.first_chunk()) else {
            return;
        };
        let eight = u64::from_le_bytes(*bytes);
        if at < end {
            self.insert(eight as u32, place);
            if at + 1 < end {
                self.insert((eight >> 8) as u32, place + 1);
                if at + 2 < end {
                    self.insert((eight >> 16) as u32, place + 2);
                }
            }
        }
    }

    /// Remembers a place with these four bytes. Gives the latest ones with the same three, and the
    /// same four.
    #[inline(always)]
    fn insert(&mut self, four: u32, place: u32) -> (u32, u32) {
        let three = &mut self.threes[hash(four << 8, BITS)];
        let head = &mut self.heads[hash(four, BITS)];
        let found = (*three, *head);
        (*three, *head) = (place, place);
        self.links[place as usize % REACH] = found.1;
        found
    }

    /// Remembers the place `at`, [`AHEAD`] bytes or more before the end, and looks for the longest
    /// match there: one that is longer than `than`, at the `depth` latest places.
    #[inline(always)]
    pub(super) fn search(&mut self, data: &[u8], at: usize, than: usize, depth: u32) -> Match {
        let mut best = Match {
            length: than,
            distance: 0,
        };
        let place = self.base + at as u32;
        let Some(four) = four(data, at) else {
            return best;
        };
        let (three, mut next) = self.insert(four, place);
        let oldest = place - REACH as u32;
        let most = LONGEST.min(data.len() - at);
        if best.length < 3 && three > oldest {
            let from = (three - self.base) as usize;
            if self::four(data, from).is_some_and(|other| (other ^ four) << 8 == 0) {
                best = Match {
                    length: 3,
                    distance: at - from,
                };
            }
        }
        if best.length >= most {
            return best;
        }
        let mut depth = depth;
        if best.length < 4 {
            // Any four bytes are better.
            loop {
                if next <= oldest {
                    return best;
                }
                let from = (next - self.base) as usize;
                if self::four(data, from) == Some(four) {
                    best = Match {
                        length: extend(data, from, at, most),
                        distance: at - from,
                    };
                    if best.length >= most {
                        return best;
                    }
                    next = self.links[next as usize % REACH];
                    break;
                }
                depth -= 1;
                if depth == 0 {
                    return best;
                }
                next = self.links[next as usize % REACH];
            }
        }
        let mut ending = self::four(data, at + best.length - 3).unwrap_or(four);
        while next > oldest && depth > 0 {
            let from = (next - self.base) as usize;
            if self::four(data, from + best.length - 3) == Some(ending)
                && self::four(data, from) == Some(four)
            {
                let length = extend(data, from, at, most);
                if length > best.length {
                    best = Match {
                        length,
                        distance: at - from,
                    };
                    if length >= most {
                        break;
                    }
                    ending = self::four(data, at + length - 3).unwrap_or(four);
                }
            }
            depth -= 1;
            next = self.links[next as usize % REACH];
        }
        best
    }
}

/// The length that is the same from both places on, four at least, `most` at most.
#[inline(always)]
fn extend(data: &[u8], from: usize, at: usize, most: usize) -> usize {
    let (one, other) = (&data[from..from + most], &data[at..at + most]);
    let mut length = 4;
    while let (Some(a), Some(b)) = (
        one.get(length..).and_then(|rest| rest.first_chunk()),
        other.get(length..).and_then(|rest| rest.first_chunk()),
    ) {
        let same = equal_u8(load_u8(a), load_u8(b));
        if same != 0xffff {
            return length + (!same).trailing_zeros() as usize;
        }
        length += 16;
    }
    while length < most && one[length] == other[length] {
        length += 1;
    }
    length
}

#[inline(always)]
fn four(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

#[inline(always)]
fn hash(bytes: u32, bits: u32) -> usize {
    (bytes.wrapping_mul(0x9e37_79b1) >> (32 - bits)) as usize
}

fn zeros<const N: usize>() -> Box<[u32; N]> {
    let zeros: Box<[u32]> = vec![0; N].into();
    zeros.try_into().unwrap_or_else(|_| Box::new([0; N]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_anew_before_they_run_out() {
        let mut chains = Chains::default();
        for length in [1 << 30, 1 << 30, usize::MAX] {
            chains.restart(length);
            assert!(chains.base < 1 << 31, "behind {length} bytes");
        }
    }
}
