//! Clocks, by what answers tell of them.

use super::{Account, Finding};

/// Difference of clocks, in seconds, at which requests are about to be refused. AWS takes
/// five minutes in some services and fifteen in others.
const SKEW: u64 = 240;

/// A finding about the clock of this machine, from what the answers before told.
pub fn clock(account: &dyn Account) -> Finding {
    match account.ahead() {
        None => Finding::not_tried("clock", "no answer told a time"),
        Some(ahead) => judged(
            ahead,
            "the service, which refuses requests from 5 to 15 minutes on",
        ),
    }
}

/// A finding about the clock of this machine, which another is `ahead` of by so many seconds;
/// `who` names that one, and what comes of a difference.
pub(super) fn judged(ahead: i64, who: &str) -> Finding {
    let check = "clock";
    let seconds = ahead.unsigned_abs();
    if seconds <= SKEW {
        return Finding::ok(check, format!("{seconds} s off"));
    }
    let direction = if ahead > 0 { "behind" } else { "ahead of" };
    Finding::wrong(
        check,
        format!("this machine is {seconds} s {direction} {who}"),
        "set the clock of this machine by NTP",
    )
}
