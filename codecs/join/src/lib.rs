//! Two codecs made one: what `thimble engine compose` puts between an engine and its codecs
//! if there is more than one. A joint of joints holds any number.
//!
//! Formats of the second codec come after those of the first.

mod contract {
    wit_bindgen::generate!({
        world: "joint",
        path: "../../wit/codec",
        // One `Bytes` for both codecs and for the engine, so that none is made anew.
        merge_structurally_equal_types: true,
    });
}

use std::sync::OnceLock;

use contract::exports::thimble::codec::codec::{
    Bytes, Error, Format, Guest, Header, Limits, Picture, Wanted,
};
use contract::thimble::codec::{codec as first, next as second};

struct Joint;

#[cfg(target_family = "wasm")]
contract::export!(Joint with_types_in contract);

/// Formats of the first codec.
fn formats_of_first() -> u32 {
    static FORMATS: OnceLock<u32> = OnceLock::new();
    *FORMATS.get_or_init(|| first::describe().len() as u32)
}

impl Guest for Joint {
    fn describe() -> Vec<Format> {
        let mut formats = first::describe();
        formats.extend(second::describe());
        formats
    }

    fn recognize(head: Bytes) -> Option<u32> {
        first::recognize(&head).or_else(|| {
            let format = second::recognize(&head)?;
            format.checked_add(formats_of_first())
        })
    }

    fn read_header(format: u32, source: Bytes, limits: Limits) -> Result<Header, Error> {
        match format.checked_sub(formats_of_first()) {
            None => first::read_header(format, &source, limits),
            Some(format) => second::read_header(format, &source, limits),
        }
    }

    fn decode(
        format: u32,
        source: Bytes,
        wanted: Wanted,
        limits: Limits,
    ) -> Result<Picture, Error> {
        match format.checked_sub(formats_of_first()) {
            None => first::decode(format, &source, wanted, limits),
            Some(format) => second::decode(format, &source, wanted, limits),
        }
    }
}
