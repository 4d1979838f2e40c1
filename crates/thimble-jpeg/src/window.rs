//! A window on entropy-coded data, without its byte stuffing.
//!
//! Where the code contains a byte `FF`, a `00` is stuffed in after it so that it
//! can't be taken for a marker (ITU-T T.81, F.1.2.3). Taking these out a window
//! at a time, sixteen bytes in a step, leaves the bit reader nothing to look out
//! for, and the window stays in the fastest cache.
//!
//! A window is never left half-way through an MCU: as long as [`Window::ready`]
//! says so, there are [`MARGIN`] bytes to read, more than any MCU can use. Past
//! the end of the data these are zeros, as libjpeg pads them.

use super::bits::{Bits, Bytes, SIZE};
use super::marker;
use thimble_simd as simd;

/// More bytes than an MCU can use: 10 blocks of 64 symbols, each of up to 17
/// bits of code and 15 of magnitude, and the 8 bytes that the reader looks ahead.
const MARGIN: usize = 3072;

/// Bytes that a window is filled with, give or take 16: behind the last data there
/// is room for a margin of zeros.
const FILLED: usize = SIZE - MARGIN;

/// Entropy-coded data between two markers, as far as it is in view.
#[derive(Debug)]
pub(super) struct Window<'a> {
    /// The bytes that the bit reader reads.
    pub(super) bytes: Box<Bytes>,
    source: &'a [u8],
    /// Position in the source of the data not yet in view.
    next: usize,
    /// Number of bytes in view; those behind are zeros.
    end: usize,
    /// True if the data in view reaches up to a marker or the source's end.
    complete: bool,
}

impl<'a> Window<'a> {
    /// A window on the data that begins at a position of the source.
    pub(super) fn new(source: &'a [u8], position: usize) -> Self {
        let bytes = Box::new([0; SIZE + 16]);
        let mut window = Window {
            bytes,
            source,
            next: position,
            end: 0,
            complete: false,
        };
        window.fill();
        window
    }

    /// Position in the source of the data not yet seen: that of the marker once the
    /// data is used up.
    pub(super) fn position(&self) -> usize {
        self.next
    }

    /// Last position at which the bit reader may begin another MCU without asking
    /// [`Window::advance`].
    #[inline(always)]
    pub(super) fn ready(&self) -> u32 {
        let bound = if self.complete {
            self.end
        } else {
            self.end.saturating_sub(MARGIN)
        };
        bound as u32
    }

    /// Bring more data into view, by dropping what has been read. Says whether
    /// what has been read was data, and not yet the zeros behind it.
    #[cold]
    #[inline(never)]
    pub(super) fn advance(&mut self, bits: Bits) -> (Bits, bool) {
        let mut bits = bits;
        if !self.complete {
            let read = (bits.position as usize).min(self.end);
            self.bytes.copy_within(read..self.end, 0);
            self.end -= read;
            bits.position -= read as u32;
            self.fill();
        }
        (bits, self.holds(bits))
    }

    /// True if no more bits have been used than there were.
    pub(super) fn holds(&self, bits: Bits) -> bool {
        !self.complete || bits.consumed() <= self.end as u64 * 8
    }

    /// Begin with the data at another position of the source.
    pub(super) fn restart(&mut self, position: usize) {
        self.next = position;
        self.end = 0;
        self.complete = false;
        self.fill();
    }

    /// Copy as much data as fits, without its stuffing.
    fn fill(&mut self) {
        let ff = simd::splat_u8(0xFF);
        while self.end < FILLED {
            let Some(room) = self.bytes[self.end..].first_chunk_mut() else {
                return;
            };
            let Some(chunk) = self.source[self.next..].first_chunk() else {
                return self.fill_tail();
            };
            let data = simd::load_u8(chunk);
            simd::store_u8(data, room);
            let stuffed = simd::equal_u8(data, ff);
            let plain = if stuffed == 0 {
                16
            } else {
                stuffed.trailing_zeros() as usize
            };
            self.end += plain;
            self.next += plain;
            if stuffed != 0 && !self.take_ff() {
                return self.finish();
            }
        }
    }

    /// Copy the source's last bytes one by one.
    fn fill_tail(&mut self) {
        while self.end < FILLED {
            match self.source.get(self.next) {
                None => return self.finish(),
                Some(0xFF) => {
                    if !self.take_ff() {
                        return self.finish();
                    }
                }
                Some(&byte) => {
                    self.bytes[self.end] = byte;
                    self.end += 1;
                    self.next += 1;
                }
            }
        }
    }

    /// Take the `FF` that comes next, unless it begins a marker.
    fn take_ff(&mut self) -> bool {
        match self.source.get(self.next + 1) {
            Some(0x00) => {
                self.bytes[self.end] = 0xFF;
                self.end += 1;
                self.next += 2;
                true
            }
            Some(0xFF) => {
                self.next += 1;
                true
            }
            Some(_) => false,
            None => {
                self.next += 1;
                false
            }
        }
    }

    /// The data ends here: nothing but zeros may follow it.
    fn finish(&mut self) {
        self.bytes[self.end..].fill(0);
        self.complete = true;
    }
}

/// Finding at the place of a restart marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Restart {
    /// The marker that was expected.
    Found,
    /// Another place to go on from.
    Resynchronised,
    /// The marker after it, or the one after that: this interval has no data.
    Missing,
    /// No further data in this scan.
    Ended,
}

impl Window<'_> {
    /// Go on behind the restart marker with the expected number, or where the
    /// damage suggests: a marker that should come later leaves the interval
    /// empty, one that should have come before is passed over. The rules are
    /// those that libjpeg made common practice; T.81 (F.2.2.4, E.2.4) leaves them
    /// open.
    pub(super) fn next_interval(&mut self, expected: u8) -> Restart {
        let mut position = self.next;
        loop {
            let Some((marker, at)) = marker::find(self.source, position) else {
                self.next = self.source.len();
                return Restart::Ended;
            };
            let ahead = marker.wrapping_sub(marker::RST0).wrapping_sub(expected) & 7;
            match (marker, ahead) {
                (marker::RST0..=marker::RST7, 0) => {
                    self.restart(at + 2);
                    let clean = position == at;
                    return if clean {
                        Restart::Found
                    } else {
                        Restart::Resynchronised
                    };
                }
                (marker::RST0..=marker::RST7, 1 | 2) => {
                    self.next = at;
                    return Restart::Missing;
                }
                (marker::RST0..=marker::RST7, 3..=5) => {
                    self.restart(at + 2);
                    return Restart::Resynchronised;
                }
                (marker::RST0..=marker::RST7, _) | (0..marker::SOF0, _) => position = at + 2,
                _ => {
                    self.next = at;
                    return Restart::Ended;
                }
            }
        }
    }
}
