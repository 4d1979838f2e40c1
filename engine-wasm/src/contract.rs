//! The vocabulary of engine and host, generated from `wit/`.
//!
//! The types are plain Rust: they build, and are tested, natively. Only
//! `component.rs`, which is compiled for WebAssembly alone, exports them.

#[expect(missing_docs, reason = "generated; the documentation is in wit/")]
pub(crate) mod bindings {
    wit_bindgen::generate!({
        world: "engine",
        path: "../wit",
        additional_derives: [PartialEq],
    });
}

pub use bindings::exports::thimble::engine::thumbnailer::*;
