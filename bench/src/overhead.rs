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

/// Prints the instructions of WebAssembly in which the engine reads the header of each image,
/// and those of one thumbnail within 256 x 256, as one JSON object. A header takes less time
/// than a clock can tell from an instance and a copy of the source.
///
/// # Errors
///
/// If the engine cannot be loaded, or refuses an image.
pub(crate) fn headers(path: &Path, images: &[&str]) -> Result<()> {
    let component = Component::counting(path)?;
    let mut counts = serde_json::Map::new();
    for image in images {
        let source = std::fs::read(image)?;
        let header = component.instructions(&source, &[])?;
        let thumbnail = component.instructions(&source, &[(256, 256)])?;
        let count = json!({ "header": header, "thumbnail": thumbnail });
        counts.insert((*image).to_owned(), count);
    }
    println!("{}", serde_json::Value::Object(counts));
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
