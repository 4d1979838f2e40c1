//! The grammar of presets: an answer to any text, and an error that points at a
//! place within it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thimble::preset::Preset;

fuzz_target!(|text: &str| {
    match text.parse::<Preset>() {
        Ok(preset) => assert!(!preset.name().is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
