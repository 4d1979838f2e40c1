//! A component of a stranger, before a compiler sees it: an answer to any bytes,
//! and nothing over the limits passes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thimble::wasm::{Artifact, Measure};

fuzz_target!(|component: &[u8]| {
    if let Ok(extent) = Artifact::new(component).extent() {
        for measure in Measure::ALL {
            assert!(extent.of(measure) <= measure.limit());
        }
    }
});
