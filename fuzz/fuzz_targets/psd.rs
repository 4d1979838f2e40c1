//! Sources of one format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thimble_engine::format::Format;

fuzz_target!(|source: &[u8]| thimble_fuzz::one_format(Format::PSD, source));
