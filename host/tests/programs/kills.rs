//! Images for programs that are killed at work, and what becomes of them.

use crate::desk::{Desk, picture};

pub(crate) const IMAGES: u32 = 50;

/// Number of kills; `THIMBLE_KILLS=100` is the long form.
pub(crate) fn kills(few: u64) -> u64 {
    std::env::var("THIMBLE_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(few)
}

fn key(number: u32) -> String {
    format!("folder {}/{number}.bmp", number % 3)
}

/// Writes an image; one of ten is none.
pub(crate) fn write(desk: &Desk, number: u32) {
    match number % 10 {
        9 => desk.image(&key(number), b"this is no image"),
        _ => desk.image(&key(number), &picture(number)),
    }
}

/// The images that are none, and the kind of failure, in order.
pub(crate) fn rejected() -> Vec<(String, String)> {
    let bad = (0..IMAGES).filter(|number| number % 10 == 9);
    let mut rejected: Vec<_> = bad
        .map(|number| (key(number), "unsupported-format".to_owned()))
        .collect();
    rejected.sort();
    rejected
}

/// Fails if a thumbnail is not as it has to be: half written, say.
#[track_caller]
pub(crate) fn assert_whole(desk: &Desk, expected: &Desk, kill: u64) -> bool {
    let (seen, expected) = (desk.thumbnails(), expected.thumbnails());
    for (key, bytes) in &seen {
        let is_whole = expected.get(key) == Some(bytes);
        assert!(is_whole, "{key} is wrong after kill {kill}");
    }
    !seen.is_empty()
}
