//! Arithmetic of samples and of planes.

use thimble_picture::{Plane, Row, narrow};

#[test]
fn sixteen_bits_are_rounded_to_the_nearest_of_eight() {
    for sample in 0..=u16::MAX {
        let nearest = (f64::from(sample) / 257.0).round();
        assert_eq!(f64::from(narrow(sample)), nearest, "{sample}");
    }
}

#[test]
fn a_plane_needs_its_extent_rounded_up_and_no_more_than_it_stores() {
    for (stored, extent, covered) in [
        ((8, 8), (5.0, 3.0), (5, 3)),
        ((8, 8), (2.5, 1.5), (3, 2)),
        ((3, 2), (2.5, 1.5), (3, 2)),
        ((2, 1), (2.5, 1.5), (2, 1)),
    ] {
        let plane = Plane {
            channels: 1,
            width: stored.0,
            height: stored.1,
            extent,
            samples: vec![0; stored.0 * stored.1],
        };
        assert_eq!(plane.covered(), covered, "{extent:?} of {stored:?}");
    }
}

#[test]
fn a_row_without_samples_is_missing_and_one_with_gaps_is_not() {
    let none: Row<'_, u8> = Row {
        samples: &[],
        gaps: &[],
    };
    let some = Row {
        samples: &[1, 2, 3],
        gaps: &[0..1, 2..3],
    };
    assert!(none.is_missing() && !some.is_missing());
}
