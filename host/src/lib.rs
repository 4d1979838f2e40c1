//! The native shell around a sandboxed thumbnail engine.
