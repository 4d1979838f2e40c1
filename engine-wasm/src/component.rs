//! The component: exports the contract, and the command line.

use crate::contract::{EngineInfo, Error, Guest, Limits, Output, Spec, bindings};

struct Engine;

impl Guest for Engine {
    fn describe() -> EngineInfo {
        crate::describe()
    }

    fn generate(source: Vec<u8>, specs: Vec<Spec>, limits: Limits) -> Result<Output, Error> {
        crate::generate(&source, &specs, &limits)
    }
}

bindings::export!(Engine with_types_in bindings);

mod cli {
    use super::Engine;

    impl wasip2::exports::cli::run::Guest for Engine {
        fn run() -> Result<(), ()> {
            crate::command::wasi::run()
        }
    }

    wasip2::cli::command::export!(Engine);
}
