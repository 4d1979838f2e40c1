//! Overhead of the host around an engine: loading, an instance for each image, copies.

use std::path::Path;

use anyhow::Result;
use serde_json::json;

use crate::component::Component;
use crate::protocol::processor_time;
use crate::times;

/// Measurements of a step.
const TIMES: usize = 21;

/// Pairs of measurements of a header.
const ROUNDS: usize = 41;

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

/// Prints the median milliseconds that the engine needs to read the header of each
/// image, as one JSON object: those of a call without specs, less those of a call with
/// as many bytes that are no image.
///
/// # Errors
///
/// If the engine cannot be loaded, or refuses an image.
pub(crate) fn headers(path: &Path, images: &[&str]) -> Result<()> {
    let component = Component::load(path)?;
    let mut times = serde_json::Map::new();
    for image in images {
        let source = std::fs::read(image)?;
        let mut noise = source.clone();
        noise.iter_mut().take(64).for_each(|byte| *byte = 0);
        component.header(&source)?;
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let header = median(|| component.header(&source))?;
            rounds.push(header - median(|| component.refusal(&noise))?);
        }
        rounds.sort_by(f64::total_cmp);
        times.insert((*image).to_owned(), json!(rounds[rounds.len() / 2]));
    }
    println!("{}", serde_json::Value::Object(times));
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
