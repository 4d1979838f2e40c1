//! A worker that makes thumbnails with Thimble and says what they cost.
//!
//! ```text
//! bench-worker component ENGINE.wasm      the engine in its sandbox, as the host runs it
//! bench-worker native                     the same engine as native code
//! bench-worker host ENGINE.wasm           what the host's own steps cost, as JSON
//! bench-worker headers ENGINE.wasm IMAGE... the instructions of a header, as JSON
//! bench-worker pipeline ENGINE.wasm IMAGE what the host adds to an image, as JSON
//! bench-worker swap ENGINE.wasm           what following a channel of engines costs, as JSON
//! ```
//!
//! The first two speak the protocol of `peers/worker.mjs`: one JSON request a line in, one
//! answer a line out.

use anyhow::{Result, bail};

mod component;
mod native;
mod overhead;
mod pipeline;
mod protocol;
mod swap;
mod times;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["component", engine] => {
            let mut worker = component::Component::load(engine.as_ref())?;
            protocol::serve("thimble", |source, request| {
                worker.thumbnails(source, request)
            })
        }
        ["host", engine] => overhead::report(engine.as_ref()),
        ["headers", engine, images @ ..] => overhead::headers(engine.as_ref(), images),
        ["pipeline", engine, image] => pipeline::report(engine.as_ref(), image.as_ref()),
        ["swap", engine] => swap::report(engine.as_ref()),
        ["native"] => protocol::serve("thimble-native", native::thumbnails),
        _ => bail!(
            "usage: bench-worker component ENGINE.wasm | native | host ENGINE.wasm | \
             headers ENGINE.wasm IMAGE... | pipeline ENGINE.wasm IMAGE | swap ENGINE.wasm"
        ),
    }
}
