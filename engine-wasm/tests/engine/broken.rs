//! AVIF and JPEG XL that is larger than allowed, or cut off.

use testkit::{avif, jxl};
use thimble_engine::contract::{Error, Limits};

use crate::support::generate;

#[test]
fn the_limits_are_checked_by_the_header() {
    let limits = Limits::default();
    let max_pixels = 1000;
    are_over(
        &Limits {
            max_pixels,
            ..limits
        },
        &avif::FILES,
    );
    let max_side = 7;
    are_over(&Limits { max_side, ..limits }, &jxl::FILES);
}

#[test]
fn a_file_that_is_cut_off_shows_what_there_is_or_is_malformed() {
    answer_when_cut_off(&jxl::FILES, (12, 171), |error| {
        matches!(error, Error::MalformedSource(_))
    });
    answer_when_cut_off(&avif::FILES, (40, 61), |error| {
        matches!(
            error,
            Error::MalformedSource(_) | Error::UnsupportedFormat(_)
        )
    });
}

/// Checks that each file is refused by limits.
fn are_over(limits: &Limits, files: &[(&str, &[u8])]) {
    for (name, source) in files {
        let refused = generate(source, limits);
        assert!(
            matches!(refused, Err(Error::LimitExceeded(_))),
            "{name}: {refused:?}"
        );
    }
}

/// Checks that files cut off from so many bytes on, at every so many, are shown or refused for
/// one of the reasons that are right.
fn answer_when_cut_off(
    files: &[(&str, &[u8])],
    (least, step): (usize, usize),
    is_right: fn(&Error) -> bool,
) {
    for (name, source) in files {
        for length in (least..source.len()).step_by(step) {
            if let Err(error) = generate(&source[..length], &Limits::default()) {
                assert!(is_right(&error), "{name}, {length} bytes: {error:?}");
            }
        }
    }
}
