//! Ports of the places that a command names, and the configuration that its options
//! and the environment make.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Failure;
use super::blobs;
use super::cloud::Cloud;
use super::place::{Buckets, PlaceError, SourcePlace};
use super::stores;
use super::voice::Voice;
use super::waiting::until_ready;
use crate::config::{Config, VARIABLES};
use crate::engines::Refusal;
use crate::error::{KINDS, with_causes};
use crate::local::{Folder, THUMBNAILS};
use crate::ports::ObjectStore;
use crate::service::{Plan, Service, StartError};
use crate::telemetry::{self, Spans};
use crate::text::nearest;

/// Failure for a mistake in the name of a place.
pub(super) fn usage(error: PlaceError) -> Failure {
    Failure::Usage(error.to_string())
}

/// The store that holds `place`.
pub(super) async fn store(
    place: &SourcePlace,
    cloud: &mut Cloud,
) -> Result<Arc<dyn ObjectStore>, Failure> {
    match place {
        SourcePlace::Cloud { of, .. } => buckets(*of, cloud).await,
        SourcePlace::Folder { root, .. } => Ok(Arc::new(Folder::open(root)?.store)),
    }
}

/// The store of all buckets of a cloud.
pub(super) async fn buckets(
    of: Buckets,
    cloud: &mut Cloud,
) -> Result<Arc<dyn ObjectStore>, Failure> {
    match of {
        Buckets::S3 => cloud.s3().await,
        Buckets::Google => blobs::google(),
        Buckets::Azure => blobs::azure(),
    }
}

/// Start a host, or say how to mend what keeps it from starting.
pub(super) async fn start(plan: Plan, voice: &Voice) -> Result<Service, Failure> {
    let started = until_ready(voice, "loading the engine", Service::start(plan));
    started.await.map_err(refused)
}

/// The maker of spans, if the environment names a collector of traces.
pub(super) fn spans() -> Result<Option<Arc<dyn Spans>>, Failure> {
    let spans = telemetry::traces(|name: &str| std::env::var(name).ok());
    spans.map_err(|error| Failure::Usage(with_causes(&error)))
}

/// A preset that the engine cannot make is asked for wrongly.
pub(super) fn refused(error: impl Into<StartError>) -> Failure {
    match error.into() {
        error @ StartError::Engine(Refusal::Preset { .. }) => Failure::Usage(with_causes(&error)),
        error => error.into(),
    }
}

/// Options of the command line in the place of variables.
#[derive(Debug, Default)]
pub(super) struct Overrides(BTreeMap<&'static str, String>);

impl Overrides {
    /// Sets a variable by an option, if that was given.
    pub(super) fn set(&mut self, variable: &'static str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.0.insert(variable, value.to_string());
        }
    }

    /// A `thimble local` folder has its own place for thumbnails.
    pub(super) fn of_folder(&mut self, folder: Option<&Path>) {
        if folder.is_some() {
            self.set("THUMBNAILS_BUCKET", Some(THUMBNAILS));
        }
    }

    /// The configuration: options first, then the environment.
    pub(super) async fn config(&self) -> Result<Config, Failure> {
        let lookup = |name: &str| {
            self.0
                .get(name)
                .cloned()
                .or_else(|| std::env::var(name).ok())
        };
        let place = Config::place(lookup);
        let (objects, engines) = stores::of_file(place.as_ref(), lookup).await?;
        let config = Config::load(lookup, objects.as_ref(), engines.as_ref()).await;
        config.map_err(|mistakes| Failure::Usage(mistakes.to_string()))
    }
}

/// Every variable of the configuration, for the end of a long help.
pub(super) fn variables() -> String {
    let mut text = "Variables of the environment, the same as those of the function:\n".to_owned();
    for variable in VARIABLES {
        text.push_str(&format!(
            "  {} [{}]\n      {}\n",
            variable.name, variable.default, variable.reason
        ));
    }
    text
}

/// Parser for a rate: a number a second, greater than 0.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate.is_finite() && rate > 0.0 => Ok(rate),
        _ => Err("a number greater than 0 is expected".to_owned()),
    }
}

/// Parser for a kind of failure.
pub(super) fn kind(text: &str) -> Result<String, String> {
    if KINDS.contains(&text) {
        return Ok(text.to_owned());
    }
    let meant = nearest(text, KINDS);
    Err(match meant {
        Some(kind) => format!("no failure is of that kind; did you mean `{kind}`?"),
        None => format!("no failure is of that kind; there are {}", KINDS.join(", ")),
    })
}
