//! Overhead of the host around an image: parsing an event, reading, checking and
//! writing, over a store in memory.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use bytes::Bytes;
use serde_json::json;
use thimble::batch::{Batch, PermanentFailures};
use thimble::contract::{Budget, Limits};
use thimble::memory::MemoryStore;
use thimble::object::Location;
use thimble::pipeline::{Filter, Pipeline, Settings};
use thimble::ports::{Attributes, Message, NewObject, ObjectStore as _, Receipt};
use thimble::preset::Preset;
use thimble::recipe::{Recipe, Recipes};
use thimble::wasm::{Artifact, Runtime, SandboxedEngine};

use crate::protocol::processor_time;
use crate::times::median;

/// Turns of the engine alone, and of the pipeline.
const TURNS: usize = 101;

const IMAGES: &str = "images";
const THUMBNAILS: &str = "thumbnails";
const KEY: &str = "photo.jpg";

/// Prints the median milliseconds of processor time that one image takes, in the
/// engine and in the whole pipeline, as one JSON object.
///
/// # Errors
///
/// If the engine cannot be loaded, or makes no thumbnails of the image.
pub(crate) fn report(engine: &Path, image: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(measure(engine, image))
}

async fn measure(engine: &Path, image: &Path) -> Result<()> {
    let artifact = Artifact::read(engine)?;
    let engine = Arc::new(SandboxedEngine::load(
        &Runtime::new()?,
        &artifact,
        Budget::default(),
    )?);
    let source = Bytes::from(std::fs::read(image)?);
    let settings = settings();
    let specs = settings.recipes.default.specs();
    let limits = settings.limits;
    let store = Arc::new(MemoryStore::new([IMAGES, THUMBNAILS]));
    let at = Location::new(IMAGES, KEY);
    store.put(&at, NewObject::new(source.clone())).await?;
    let pipeline = Arc::new(Pipeline::new(store, engine.clone(), settings));
    let batch = Batch::new(pipeline, PermanentFailures::Retry, 1);
    let message = message(source.len());

    let (mut alone, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let before = processor_time();
        engine.generate_blocking(&source, &specs, &limits, None)?;
        let between = processor_time();
        let report = batch.one(&message, None).await;
        let after = processor_time();
        anyhow::ensure!(report.may_leave(), "the pipeline made no thumbnails");
        alone.push(between.saturating_sub(before));
        whole.push(after.saturating_sub(between));
    }
    let (alone, whole) = (median(alone), median(whole));
    println!(
        "{}",
        json!({
            "the engine": alone,
            "the whole pipeline": whole,
            "what the host adds": whole - alone,
        })
    );
    Ok(())
}

fn settings() -> Settings {
    Settings {
        recipes: Recipes {
            rules: Vec::new(),
            default: Recipe {
                bucket: THUMBNAILS.to_owned(),
                ..Recipe::of(Preset::defaults().into())
            },
        },
        limits: Limits::default(),
        max_source: 128 << 20,
        sources: Filter::default(),
        skip_existing: false,
        propagate_deletes: false,
        memory: 256 << 20,
        in_memory: usize::MAX,
        engines: 1,
    }
}

fn message(size: usize) -> Message {
    let body = json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": "2026-01-01T00:00:00.000Z",
        "eventName": "ObjectCreated:Put",
        "s3": { "bucket": { "name": IMAGES }, "object": { "key": KEY, "size": size } },
    }]});
    Message {
        id: "1".to_owned(),
        receipt: Receipt("1".to_owned()),
        body: body.to_string(),
        attributes: Attributes::new(),
        receive_count: 1,
        sent: None,
    }
}
