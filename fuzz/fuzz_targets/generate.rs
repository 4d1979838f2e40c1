//! Any bytes, any spec.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let Some((choices, source)) = input.split_first_chunk() {
        let _ = thimble_fuzz::check(source, &thimble_fuzz::spec(choices));
    }
});
