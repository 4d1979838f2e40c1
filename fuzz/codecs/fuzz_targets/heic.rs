//! Photos of phones, through their codec.
#![no_main]

use codecs_fuzz::words;
use heic_codec::{Bytes, Guest, Heic, Limits, Model, Wanted};
use libfuzzer_sys::fuzz_target;

const LIMITS: Limits = Limits {
    max_pixels: 1 << 18,
    max_side: 4096,
    max_profile: 1 << 16,
};

fn bytes(source: &[u8]) -> Bytes {
    let (length, words) = words(source);
    Bytes { length, words }
}

fuzz_target!(|source: &[u8]| {
    let Ok(header) = Heic::read_header(0, bytes(source), LIMITS) else {
        return;
    };
    for side in [16, u32::MAX] {
        let wanted = Wanted {
            width: side,
            height: side,
        };
        let Ok(picture) = Heic::decode(0, bytes(source), wanted, LIMITS) else {
            continue;
        };
        let columns = header.width.div_ceil(picture.columns_averaged);
        let rows = header.height.div_ceil(picture.rows_averaged);
        let channels = match picture.model {
            Model::Rgba => 4,
            _ => 3,
        };
        assert_eq!(picture.planes[0].length, columns * rows * channels);
    }
});
