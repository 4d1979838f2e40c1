//! Bodies of messages: an answer to any text.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &str| {
    let _ = thimble::event::parse(body);
});
