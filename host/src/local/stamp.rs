//! Stamps of files, which tell one version of a file from another.

use std::fs::Metadata;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::object::ETag;

/// Time for which a file must have been left alone before its times are trusted
/// to tell its bytes: clocks of file systems tick in steps, and a file written
/// twice within a step does not show it.
const SETTLED: Duration = Duration::from_millis(100);

/// The same on file systems whose clock ticks every other second, as that of many
/// memory cards does.
const SETTLED_COARSE: Duration = Duration::from_millis(2_100);

/// A step of the clock of most file systems: a time that they tell is that much older at
/// most than the moment.
const STEP: Duration = Duration::from_millis(10);

const SECOND: u64 = 1_000_000_000;

/// Stamp of a file: tells it from a later one of the same name without reading
/// it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    size: u64,
    /// Nanoseconds of the clock of the file system.
    modified: u64,
    /// The same for the last change of anything about the file, which no program
    /// sets back: some write in place and restore the time. `None` if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changed: Option<u64>,
    /// The number of the file, where files have one.
    number: u64,
}

impl Stamp {
    /// The stamp of a file; `None` where its times are not known.
    pub(super) fn of(metadata: &Metadata) -> Option<Self> {
        let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        let (number, changed) = inode(metadata);
        Some(Self {
            size: metadata.len(),
            modified: u64::try_from(modified.as_nanos()).ok()?,
            changed,
            number,
        })
    }

    /// The size of the file in bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// An ETag for a file whose bytes are too many to be read.
    pub(super) fn etag(&self) -> ETag {
        ETag::of(format!("{self:?}").as_bytes())
    }

    /// The stamp that a file keeps when it is renamed, which counts as a change of
    /// it.
    pub(super) fn before_rename(self) -> Self {
        Self {
            changed: None,
            ..self
        }
    }

    /// True if a file with the stamp `now` is the one that had this stamp.
    pub(super) fn is_still(&self, now: &Self) -> bool {
        let known = Self {
            changed: self.changed.or(now.changed),
            ..self.clone()
        };
        known == *now
    }

    /// True if the file was as it is `at` that time already; false if its times leave that
    /// open.
    pub(super) fn was_there(&self, at: SystemTime) -> bool {
        self.was_there_before(at, SystemTime::now())
    }

    fn was_there_before(&self, at: SystemTime, now: SystemTime) -> bool {
        let is_before = |time: u64| {
            let is_coarse = time.is_multiple_of(SECOND);
            let step = if is_coarse { SETTLED_COARSE } else { STEP };
            (UNIX_EPOCH + Duration::from_nanos(time)).checked_add(step) <= Some(at)
        };
        // A time to come says nothing, where there is another.
        let is_wrong = UNIX_EPOCH + Duration::from_nanos(self.modified) > now;
        let counts = !is_wrong || self.changed.is_none();
        (!counts || is_before(self.modified)) && self.changed.is_none_or(is_before)
    }

    /// True if the file was left alone long enough for its times to be trusted.
    pub(super) fn is_settled(&self) -> bool {
        self.is_settled_at(SystemTime::now())
    }

    fn is_settled_at(&self, now: SystemTime) -> bool {
        let latest = self
            .changed
            .map_or(self.modified, |at| at.max(self.modified));
        let is_coarse = self.modified.is_multiple_of(SECOND);
        let pause = if is_coarse { SETTLED_COARSE } else { SETTLED };
        now.duration_since(UNIX_EPOCH + Duration::from_nanos(latest))
            .is_ok_and(|age| age > pause)
    }
}

/// Number of a file, and the time of its last change.
#[cfg(unix)]
fn inode(metadata: &Metadata) -> (u64, Option<u64>) {
    use std::os::unix::fs::MetadataExt;
    let seconds = u64::try_from(metadata.ctime()).ok();
    let nanoseconds = u64::try_from(metadata.ctime_nsec()).ok();
    let changed = seconds
        .zip(nanoseconds)
        .and_then(|(seconds, nanoseconds)| seconds.checked_mul(SECOND)?.checked_add(nanoseconds));
    (metadata.ino(), changed)
}

#[cfg(not(unix))]
fn inode(_metadata: &Metadata) -> (u64, Option<u64>) {
    (0, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_ticks_every_other_second_is_trusted_later() {
        let stamp = |modified, changed| Stamp {
            size: 1,
            modified,
            changed,
            number: 1,
        };
        let after = |stamp: &Stamp, milliseconds| {
            let written = Duration::from_nanos(stamp.modified);
            stamp.is_settled_at(UNIX_EPOCH + written + Duration::from_millis(milliseconds))
        };
        let fine = stamp(7 * SECOND + 1, None);
        assert!(after(&fine, 150) && !after(&fine, 50));
        let coarse = stamp(8 * SECOND, None);
        assert!(after(&coarse, 2_200) && !after(&coarse, 1_900));
        // A time that was set back counts for nothing, and neither does one to come.
        let set_back = stamp(7 * SECOND + 1, Some(9 * SECOND));
        assert!(after(&set_back, 2_200) && !after(&set_back, 2_050));
        assert!(!fine.is_settled_at(UNIX_EPOCH));
    }

    #[test]
    fn a_file_was_there_before_a_moment_only_if_all_its_times_are_older() {
        let stamp = |modified, changed| Stamp {
            size: 1,
            modified,
            changed,
            number: 1,
        };
        let at = |milliseconds| UNIX_EPOCH + Duration::from_millis(milliseconds);
        let was_there = |stamp: &Stamp| stamp.was_there_before(at(10_000), at(20_000));
        let milliseconds = |count: u64| count * 1_000_000 + 1;
        let (before, after) = (milliseconds(9_900), milliseconds(10_001));
        assert!(was_there(&stamp(before, None)) && was_there(&stamp(before, Some(before))));
        assert!(!was_there(&stamp(after, None)) && !was_there(&stamp(after, Some(before))));
        assert!(!was_there(&stamp(before, Some(after))));
        // Clocks tick in steps.
        assert!(!was_there(&stamp(milliseconds(9_995), None)));
        assert!(!was_there(&stamp(9 * SECOND, None)) && was_there(&stamp(7 * SECOND, None)));
        let to_come = milliseconds(30_000);
        assert!(was_there(&stamp(to_come, Some(before))));
        assert!(!was_there(&stamp(to_come, None)));
    }
}
