//! The walk over a scan's MCUs, from restart marker to restart marker (ITU-T
//! T.81, F.2.1.3 and E.2.4). What an MCU is made of is the scan's business.

use super::bits::{Bits, Bytes};
use super::error::Warning;
use super::window::{Restart, Window};

/// The place of an MCU in a scan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mcu {
    pub(super) column: usize,
    pub(super) row: usize,
}

/// A scan's MCUs and where their data comes from.
pub(super) struct Walk<'w, 'a> {
    pub(super) window: &'w mut Window<'a>,
    pub(super) columns: usize,
    pub(super) rows: usize,
    /// MCUs between restart markers; 0 without them.
    pub(super) interval: usize,
    pub(super) warnings: &'w mut Vec<Warning>,
}

impl<'w, 'a> Walk<'w, 'a> {
    /// A walk over a grid of columns and rows.
    pub(super) fn new(
        window: &'w mut Window<'a>,
        (columns, rows): (usize, usize),
        interval: usize,
        warnings: &'w mut Vec<Warning>,
    ) -> Self {
        Self {
            window,
            columns,
            rows,
            interval,
            warnings,
        }
    }

    /// Visit every MCU for which there is data. `restart` resets what must not
    /// carry over from one interval to the next.
    #[inline(always)]
    pub(super) fn run<S: ?Sized>(
        self,
        state: &mut S,
        restart: impl Fn(&mut S),
        mcu: impl Fn(&mut S, Bits, &Bytes, Mcu) -> Bits,
    ) {
        let total = self.columns * self.rows;
        let interval = if self.interval == 0 {
            total
        } else {
            self.interval
        };
        let mut found = Restart::Found;
        for (number, first) in (0..total).step_by(interval).enumerate() {
            if number > 0 {
                found = self
                    .window
                    .next_interval((number as u8).wrapping_sub(1) & 7);
            }
            match found {
                Restart::Found => {}
                Restart::Resynchronised => warn(self.warnings, Warning::LostRestart),
                Restart::Missing => {
                    warn(self.warnings, Warning::MissingData);
                    continue;
                }
                Restart::Ended => return warn(self.warnings, Warning::MissingData),
            }
            restart(state);
            let mcus = first..total.min(first + interval);
            let whole = visit(self.window, mcus, self.columns, |bits, bytes, at| {
                mcu(state, bits, bytes, at)
            });
            if !whole {
                warn(self.warnings, Warning::MissingData);
            }
        }
    }
}

/// Visit the MCUs of an interval. False when the data ends too early.
#[inline(always)]
fn visit(
    window: &mut Window<'_>,
    mcus: core::ops::Range<usize>,
    columns: usize,
    mut mcu: impl FnMut(Bits, &Bytes, Mcu) -> Bits,
) -> bool {
    let mut bits = Bits::default();
    let mut at = Mcu {
        column: mcus.start % columns,
        row: mcus.start / columns,
    };
    for _ in mcus {
        if bits.position >= window.ready() {
            let intact;
            (bits, intact) = window.advance(bits);
            if !intact {
                return false;
            }
        }
        bits = mcu(bits, &window.bytes, at);
        at.column += 1;
        if at.column == columns {
            at = Mcu {
                column: 0,
                row: at.row + 1,
            };
        }
    }
    window.holds(bits)
}

/// Note a warning, once.
pub(super) fn warn(warnings: &mut Vec<Warning>, warning: Warning) {
    if !warnings.contains(&warning) {
        warnings.push(warning);
    }
}
