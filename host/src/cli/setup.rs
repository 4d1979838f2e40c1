//! Ports of the places that a command names, and the configuration that its options
//! and the environment make.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Failure;
use super::blobs;
use super::cloud::Cloud;
use super::place::{self, Buckets, PlaceError, QueuePlace, SourcePlace};
use super::postgres;
use super::voice::Voice;
use super::waiting::until_ready;
use crate::batch::{DeadLetterPolicy, PermanentFailures};
use crate::config::file::Place;
use crate::config::{Config, VARIABLES};
use crate::engines::Refusal;
use crate::error::{KINDS, with_causes};
use crate::local::{DirectoryQueue, Folder, MAX_RECEIVE_COUNT, THUMBNAILS};
use crate::ports::{ObjectStore, Queue, QueueError};
use crate::results::{QueuedResults, Results, Target};
use crate::service::{Plan, Service, StartError};
use crate::text::nearest;

/// Names of the queues in a `thimble local` folder.
pub(super) const WORK: &str = "queue";
pub(super) const DEAD_LETTERS: &str = "dead-letters";
const RESULTS: &str = "results";

/// Failure for a mistake in the name of a place.
pub(super) fn usage(error: PlaceError) -> Failure {
    Failure::Usage(error.to_string())
}

/// A queue to send to: `name` if `place` is a folder with several.
pub(super) async fn queue(
    place: &QueuePlace,
    name: &str,
    cloud: &mut Cloud,
) -> Result<Arc<dyn Queue>, Failure> {
    open(place, name, cloud, DirectoryQueue::share).await
}

/// A queue to receive from, without a redrive policy if it is a folder.
pub(super) async fn own_queue(
    place: &QueuePlace,
    name: &str,
    cloud: &mut Cloud,
) -> Result<Arc<dyn Queue>, Failure> {
    if let QueuePlace::Postgres(url) = place {
        return postgres::letters(url, name).await;
    }
    open(place, name, cloud, |folder| {
        DirectoryQueue::own(folder, None)
    })
    .await
}

/// A queue, opened by `of_folder` if it is a folder.
async fn open(
    place: &QueuePlace,
    name: &str,
    cloud: &mut Cloud,
    of_folder: impl FnOnce(&Path) -> Result<DirectoryQueue, QueueError>,
) -> Result<Arc<dyn Queue>, Failure> {
    match place {
        QueuePlace::Url(url) => cloud.sqs(url).await,
        QueuePlace::Postgres(url) => postgres::queue(url, name).await,
        QueuePlace::Folder(path) => {
            let folder = place::queue_folder(path, name).map_err(usage)?;
            Ok(Arc::new(of_folder(&folder)?))
        }
    }
}

/// The receiver of results that `target` names.
pub(super) async fn results(
    target: &Target,
    cloud: &mut Cloud,
) -> Result<Arc<dyn Results>, Failure> {
    Ok(match target {
        Target::Queue(text) => {
            let place = text.parse().map_err(usage)?;
            Arc::new(QueuedResults::new(queue(&place, RESULTS, cloud).await?))
        }
        Target::Topic(arn) => cloud.topic(arn).await?,
        Target::Webhook { url, secret } => cloud.webhook(url, secret)?,
    })
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

/// Queues of a `thimble local` folder, for the one process that works on them.
pub(super) struct FolderQueues {
    pub(super) work: Arc<DirectoryQueue>,
    pub(super) dead_letters: Arc<DirectoryQueue>,
}

impl FolderQueues {
    pub(super) fn of(folder: &Folder) -> Result<Self, Failure> {
        let dead_letters = Arc::new(folder.dead_letters()?);
        let work = Arc::new(folder.work(dead_letters.clone())?);
        Ok(Self { work, dead_letters })
    }

    /// Dead letters at once, in the folder itself.
    pub(super) fn permanent(&self) -> PermanentFailures {
        let policy = DeadLetterPolicy {
            at_once: true,
            max_receive_count: Some(MAX_RECEIVE_COUNT),
        };
        policy.with_queue(self.dead_letters.clone())
    }
}

/// Start a host, or say how to mend what keeps it from starting.
pub(super) async fn start(plan: Plan, voice: &Voice) -> Result<Service, Failure> {
    let started = until_ready(voice, "loading the engine", Service::start(plan));
    started.await.map_err(refused)
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
        let objects = match Config::place(lookup) {
            Some(Place::Object(_) | Place::Channel(_)) => Some(Cloud::default().s3().await?),
            _ => None,
        };
        let config = Config::load(lookup, objects.as_ref()).await;
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
