//! Frames out of the bytes of AV1 that lie in AVIF files: sides, planes, limits, damage.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use thimble_av1::{Error, Frame, Wanted, decode};

/// The bytes of AV1 in a file that holds one picture, and nothing behind it.
fn stream(file: &[u8]) -> &[u8] {
    let at = file.windows(4).position(|bytes| bytes == b"mdat").unwrap();
    &file[at + 4..]
}

/// A picture of 96 by 64 pixels: its bytes, depth and planes, and the directions in which its
/// color differences are halved.
type Encoded = (&'static [u8], u32, usize, (bool, bool));

fn pictures() -> [Encoded; 4] {
    [
        (
            stream(include_bytes!("../../../testkit/avif/400-10.avif")),
            10,
            1,
            (false, false),
        ),
        (
            stream(include_bytes!("../../../testkit/avif/420-8.avif")),
            8,
            3,
            (true, true),
        ),
        (
            stream(include_bytes!("../../../testkit/avif/422-12.avif")),
            12,
            3,
            (true, false),
        ),
        (
            stream(include_bytes!("../../../testkit/avif/444-8.avif")),
            8,
            3,
            (false, false),
        ),
    ]
}

fn wanted(most_pixels: u32) -> Wanted {
    Wanted {
        most_pixels,
        ..Wanted::default()
    }
}

fn rows(frame: &Frame) -> Vec<Vec<u16>> {
    let row = |y| {
        let mut samples = vec![0; 96];
        frame.row(0, y, &mut samples);
        samples
    };
    (0..64).map(row).collect()
}

#[test]
fn a_frame_is_of_the_sides_the_depth_and_the_planes_that_it_was_encoded_with() {
    for (bytes, depth, planes, halved) in pictures() {
        let frame = decode(bytes, &wanted(96 * 64)).unwrap();
        assert_eq!(frame.sides(), (96, 64));
        let found = (frame.depth(), frame.planes(), frame.halved());
        assert_eq!(found, (depth, planes, halved));
        // The picture grows brighter downward, as green does.
        let rows = rows(&frame);
        assert!(rows[0][48] < rows[32][48] && rows[32][48] < rows[63][48]);
        assert!(rows.concat().iter().all(|sample| *sample < 1 << depth));
    }
}

#[test]
fn a_row_below_the_last_is_the_last_and_a_plane_too_many_is_left_alone() {
    let (bytes, ..) = pictures()[0];
    let frame = decode(bytes, &wanted(96 * 64)).unwrap();
    let mut below = vec![0; 96];
    frame.row(0, 1 << 40, &mut below);
    assert_eq!(below, rows(&frame)[63]);
    let mut samples = vec![7; 96];
    frame.row(1, 0, &mut samples);
    frame.row(9, 0, &mut samples);
    assert_eq!(samples, [7; 96]);
}

#[test]
fn a_frame_over_the_limit_is_refused() {
    for (bytes, ..) in pictures() {
        assert_eq!(decode(bytes, &wanted(96 * 64 - 1)).err(), Some(Error));
    }
}

#[test]
fn damage_is_an_error_or_a_frame_and_never_a_panic() {
    let (whole, ..) = pictures()[1];
    for length in 0..whole.len() {
        if let Ok(frame) = decode(&whole[..length], &wanted(96 * 64)) {
            assert_eq!(frame.sides(), (96, 64), "{length} bytes");
        }
    }
    assert_eq!(decode(&[], &wanted(1)).err(), Some(Error));
    assert_eq!(decode(b"no picture", &wanted(1)).err(), Some(Error));
}
