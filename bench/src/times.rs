//! Times as figures.

use std::time::Duration;

/// The middle one in milliseconds; 0 if there is none.
pub(crate) fn median(mut spent: Vec<Duration>) -> f64 {
    spent.sort();
    spent
        .get(spent.len() / 2)
        .map_or(0.0, |middle| milliseconds(*middle))
}

/// `time` in milliseconds.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
