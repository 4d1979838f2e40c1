//! Overhead of the host around an engine: loading, an instance for each image, copies.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use crate::component::Component;
use crate::protocol::processor_time;
use crate::times;

/// Measurements of a step.
const TIMES: usize = 21;

/// About what a camera's photo weighs.
const SOURCE_BYTES: usize = 5 << 20;

/// Prints the median milliseconds of each step, as one JSON object.
///
/// # Errors
///
/// If the engine cannot be loaded.
pub(crate) fn report(path: &Path) -> Result<()> {
    let component = Component::load(path)?;
    let compiled = component.compiled()?;
    let source = vec![0; SOURCE_BYTES];
    let load = median(|| Component::from_compiled(&compiled).map(drop))?;
    let instance = median(|| component.describe())?;
    let refusal = median(|| component.refusal(&source))?;
    println!(
        "{}",
        json!({
            "load a compiled engine": load,
            "an instance and a call": instance,
            "an instance and 5 MB that are no image": refusal,
        })
    );
    Ok(())
}

fn median(mut step: impl FnMut() -> Result<()>) -> Result<f64> {
    let spent = (0..TIMES).map(|_| {
        let before = processor_time();
        step()?;
        Ok(processor_time().saturating_sub(before))
    });
    Ok(times::median(spent.collect::<Result<_>>()?))
}
