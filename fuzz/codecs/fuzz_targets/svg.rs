//! Drawings, through their codec.
#![no_main]

use codecs_fuzz::words;
use libfuzzer_sys::fuzz_target;
use svg_codec::{Bytes, Guest, Limits, Svg, Wanted};

/// Small ones: what is drawn is drawn as often as the bounds allow.
const LIMITS: Limits = Limits {
    max_pixels: 1 << 12,
    max_side: 64,
    max_profile: 0,
};

const WANTED: Wanted = Wanted {
    width: 64,
    height: 64,
};

fn bytes(source: &[u8]) -> Bytes {
    let (length, words) = words(source);
    Bytes { length, words }
}

fuzz_target!(|source: &[u8]| {
    let head = &source[..source.len().min(4096)];
    if Svg::recognize(bytes(head)).is_none() {
        return;
    }
    let Ok(header) = Svg::read_header(0, bytes(source), LIMITS) else {
        return;
    };
    assert!(header.width.max(header.height) <= LIMITS.max_side);
    if let Ok(picture) = Svg::decode(0, bytes(source), WANTED, LIMITS) {
        let columns = header.width.div_ceil(picture.columns_averaged);
        let rows = header.height.div_ceil(picture.rows_averaged);
        assert_eq!(picture.planes[0].length, columns * rows * 4);
    }
});
