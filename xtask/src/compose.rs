//! A middleware and an engine, made one component.

use anyhow::{Context, Result};
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, PackageId, plug};

/// Gives `middleware` what `engine` exports. What is left to import is what the
/// engine imports for its command line, and what is exported is the middleware's.
///
/// # Errors
///
/// If the middleware does not import what the engine exports.
pub(crate) fn compose(middleware: Vec<u8>, engine: Vec<u8>) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    let engine = register(&mut graph, "thimble:engine", engine)?;
    let middleware = register(&mut graph, "thimble:middleware", middleware)?;
    plug(&mut graph, vec![engine], middleware)
        .context("the middleware does not fit around the engine")?;
    let composed = graph.encode(EncodeOptions::default());
    composed.context("cannot make one component of middleware and engine")
}

fn register(graph: &mut CompositionGraph, name: &str, component: Vec<u8>) -> Result<PackageId> {
    let package = Package::from_bytes(name, None, component, graph.types_mut());
    let package = package.with_context(|| format!("cannot read the component {name}"))?;
    Ok(graph.register_package(package)?)
}
