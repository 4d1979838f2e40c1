//! Numbers and times in words.

use std::time::{Duration, SystemTime};

use crate::manifest;

pub(super) use crate::text::grouped as number;

/// A number of things.
pub(super) fn counted(count: u64, noun: &str) -> String {
    format!("{} {}", number(count), things(count, noun))
}

/// The noun for a number of things that stands elsewhere.
pub(super) fn things(count: u64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{noun}{ending}")
}

/// A size in its largest unit.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    for (unit, name) in UNITS {
        if bytes >= unit {
            let tenths = bytes / (unit / 10);
            return if tenths < 100 {
                format!("{}.{} {name}", tenths / 10, tenths % 10)
            } else {
                format!("{} {name}", number(tenths / 10))
            };
        }
    }
    format!("{bytes} bytes")
}

/// A time span in seconds or milliseconds.
pub(super) fn span(time: Duration) -> String {
    if time >= Duration::from_secs(1) {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} ms", time.as_millis())
    }
}

/// The day and the time of day.
pub(super) fn moment(at: SystemTime) -> String {
    manifest::time(at).replace('T', " ").replace('Z', "")
}

/// The time of day.
pub(super) fn clock(at: SystemTime) -> String {
    let moment = moment(at);
    moment.split(' ').nth(1).unwrap_or(&moment).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_short() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(number(count), text);
        }
        for (bytes, text) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (9_990, "9.9 kB"),
            (34_567, "34 kB"),
            (1_200_000, "1.2 MB"),
            (5_000_000_000_000, "5,000 GB"),
        ] {
            assert_eq!(size(bytes), text);
        }
        assert_eq!(span(Duration::from_micros(14_900)), "14 ms");
        assert_eq!(span(Duration::from_millis(1_250)), "1.2 s");
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(951_782_399);
        assert_eq!(moment(at), "2000-02-28 23:59:59");
        assert_eq!(clock(at), "23:59:59");
    }
}
