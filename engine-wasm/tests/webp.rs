//! Lossy WebP through the public surface of its codec.

use thimble_engine::webp::{self, Damage, Detail};

/// A key frame of 16x16 pixels whose partitions are missing.
const EMPTY_FRAME: [u8; 10] = [0x10, 0, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0];

fn full() -> Detail {
    Detail::for_size((16, 16), (16, 16))
}

#[test]
fn a_frame_that_ends_early_is_truncated() {
    for length in 0..EMPTY_FRAME.len() {
        let damage = webp::decode(&EMPTY_FRAME[..length], full()).err();
        assert_eq!(damage, Some(Damage::Truncated), "{length} bytes");
    }
    let announced = [0x30, 1, 0, 0x9d, 0x01, 0x2a, 16, 0, 16, 0];
    assert_eq!(
        webp::decode(&announced, full()).err(),
        Some(Damage::Truncated)
    );
}

#[test]
fn what_does_not_begin_with_a_key_frame_is_refused() {
    let mut interframe = EMPTY_FRAME;
    interframe[0] |= 1;
    assert_eq!(
        webp::decode(&interframe, full()).err(),
        Some(Damage::NoKeyFrame)
    );
    let mut other = EMPTY_FRAME;
    other[3] = 0;
    assert_eq!(webp::decode(&other, full()).err(), Some(Damage::NoKeyFrame));
}

#[test]
fn a_frame_without_pixels_is_refused() {
    let mut flat = EMPTY_FRAME;
    flat[8] = 0;
    assert_eq!(webp::decode(&flat, full()).err(), Some(Damage::Empty));
}
