//! The document that describes an engine: an answer to any bytes, and no belief
//! in what no trusted key signed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thimble::trust::{Digest, Trust};
use thimble_fuzz::documents::{engines_with, somebody, wait};

fuzz_target!(|document: &[u8]| {
    let digest = Digest::of(document);
    let store = engines_with(&format!("releases/{digest}.json"), document);
    if let Ok(opened) = wait(store.release_called(digest, &Trust::default())) {
        assert!(opened.signed().is_none());
        let _ = opened.get().form_for_this_host();
    }
    assert!(wait(store.release_called(digest, &somebody())).is_err());
});
