//! Queues of the places that commands name.
//!
//! | place | to put events into | to work on | its dead letters |
//! |---|---|---|---|
//! | SQS | it has to be there | as it is | those that are configured, or its own policy |
//! | a folder | made | for one process | beside it, and nowhere else |
//! | Postgres | made | made, with a policy | a queue beside it, unless another is named |
//! | NATS | made | made, with its consumer | a stream beside it, unless another is named |

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::Failure;
use super::brokers::Brokers;
use super::cloud::Cloud;
use super::place::{self, NatsPlace, PlaceError, QueuePlace};
use super::postgres;
use super::setup::usage;
use crate::batch::{DeadLetterPolicy, PermanentFailures};
use crate::config::Config;
use crate::local::{DirectoryQueue, Folder, MAX_RECEIVE_COUNT, dead_letters_within, work_within};
use crate::page::Letters;
use crate::ports::Queue;
use crate::results::{QueuedResults, Results, Target};

/// Names of the queues in a folder.
pub(super) const WORK: &str = "queue";
pub(super) const DEAD_LETTERS: &str = "dead-letters";
const RESULTS: &str = "results";

/// Visibility timeout of messages whose receiver sets none.
const VISIBILITY: Duration = Duration::from_secs(120);

/// Connections of a command, each made once it is needed.
#[derive(Default)]
pub(super) struct Links {
    pub(super) cloud: Cloud,
    brokers: Brokers,
}

/// A queue to work on, and the fate of what fails for good.
pub(super) struct Work {
    pub(super) queue: Arc<dyn Queue>,
    pub(super) permanent: PermanentFailures,
    /// Dead letters, to look at, if there is a queue for them.
    pub(super) letters: Option<Letters>,
}

/// Use of a queue that is there.
#[derive(Clone, Copy)]
enum Purpose {
    /// Messages are sent to it.
    Sending,
    /// They are received from it, and no redrive policy of ours takes them away.
    Receiving,
}

/// A queue that is there, to send to: `name` if `place` is a folder with several.
pub(super) async fn sender(
    place: &QueuePlace,
    name: &str,
    links: &mut Links,
) -> Result<Arc<dyn Queue>, Failure> {
    open(place, name, Purpose::Sending, links).await
}

/// A queue that is there, to receive from: `name` if `place` is a folder with several.
pub(super) async fn receiver(
    place: &QueuePlace,
    name: &str,
    links: &mut Links,
) -> Result<Arc<dyn Queue>, Failure> {
    open(place, name, Purpose::Receiving, links).await
}

async fn open(
    place: &QueuePlace,
    name: &str,
    purpose: Purpose,
    links: &mut Links,
) -> Result<Arc<dyn Queue>, Failure> {
    match (place, purpose) {
        (QueuePlace::Sqs(url), _) => links.cloud.sqs(url).await,
        (QueuePlace::SqsNamed(name), _) => links.cloud.sqs_named(name).await,
        (QueuePlace::Folder(path), purpose) => in_folder(path, name, purpose),
        (QueuePlace::Nats(place), Purpose::Sending) => links.brokers.sender(place).await,
        (QueuePlace::Nats(place), Purpose::Receiving) => {
            links.brokers.receiver(place, VISIBILITY, None).await
        }
        (QueuePlace::Postgres(url), Purpose::Sending) => postgres::queue(url, name).await,
        (QueuePlace::Postgres(url), Purpose::Receiving) => postgres::letters(url, name).await,
    }
}

/// The queue that events are put into, made if it is one that can be made.
pub(super) async fn intake(
    place: &QueuePlace,
    links: &mut Links,
) -> Result<Arc<dyn Queue>, Failure> {
    match place {
        QueuePlace::Folder(path) => Ok(Arc::new(DirectoryQueue::share(&intake_folder(path)?)?)),
        QueuePlace::Nats(name) => {
            links.brokers.make(name).await?;
            sender(place, WORK, links).await
        }
        QueuePlace::Sqs(_) | QueuePlace::SqsNamed(_) | QueuePlace::Postgres(_) => {
            sender(place, WORK, links).await
        }
    }
}

/// Checks that the same queue is there or can be made, and leaves all as it is.
pub(super) async fn check_intake(place: &QueuePlace, links: &mut Links) -> Result<(), Failure> {
    match place {
        QueuePlace::Folder(path) => {
            DirectoryQueue::open_read_only(&intake_folder(path)?)?;
            Ok(())
        }
        QueuePlace::Nats(name) => links.brokers.check(name).await,
        QueuePlace::Postgres(url) => postgres::check(url, WORK).await,
        QueuePlace::Sqs(_) | QueuePlace::SqsNamed(_) => sender(place, WORK, links).await.map(drop),
    }
}

fn intake_folder(path: &Path) -> Result<PathBuf, Failure> {
    let folder = match place::queue_folder(path, WORK) {
        Err(PlaceError::NotAQueue(_)) => place::queues_folder(path).map(|state| state.join(WORK)),
        found => found,
    };
    folder.map_err(usage)
}

/// The queue that a worker works on. Letters are sent back from its status page, if that
/// `is_shown`.
pub(super) async fn work(
    place: &QueuePlace,
    config: &Config,
    visibility: Duration,
    is_shown: bool,
    links: &mut Links,
) -> Result<Work, Failure> {
    match place {
        QueuePlace::Folder(path) => {
            let state = place::queues_folder(path).map_err(usage)?;
            let queues = FolderQueues::within(&state)?;
            check_beside(config.dead_letter.queue.as_deref(), &state)?;
            Ok(Work {
                permanent: queues.permanent(),
                queue: queues.work,
                letters: Some(Letters::Folder {
                    queue: queues.dead_letters,
                    state,
                }),
            })
        }
        QueuePlace::Nats(place) => work_of_nats(place, config, visibility, is_shown, links).await,
        QueuePlace::Postgres(url) => work_of_postgres(url, config, is_shown, links).await,
        QueuePlace::Sqs(_) | QueuePlace::SqsNamed(_) => {
            let queue = sender(place, WORK, links).await?;
            work_as_configured(queue, config, is_shown, links).await
        }
    }
}

/// A queue with a redrive policy that this host does not know.
async fn work_as_configured(
    queue: Arc<dyn Queue>,
    config: &Config,
    is_shown: bool,
    links: &mut Links,
) -> Result<Work, Failure> {
    let permanent = match config.dead_letters() {
        Some((text, policy)) => {
            let place: QueuePlace = text.parse().map_err(usage)?;
            policy.with_queue(letters_of(&*queue, &place, is_shown, links).await?)
        }
        None => PermanentFailures::Retry,
    };
    Ok(Work {
        queue,
        letters: letters(&permanent),
        permanent,
    })
}

/// A stream gives no message up by itself, so there is always a queue for dead letters.
async fn work_of_nats(
    place: &NatsPlace,
    config: &Config,
    visibility: Duration,
    is_shown: bool,
    links: &mut Links,
) -> Result<Work, Failure> {
    let dead_letters: QueuePlace = match &config.dead_letter.queue {
        Some(text) => text.parse().map_err(usage)?,
        None => QueuePlace::Nats(place.dead_letters()),
    };
    let most = config
        .dead_letter
        .policy
        .max_receive_count
        .unwrap_or(MAX_RECEIVE_COUNT);
    links.brokers.make(place).await?;
    let queue = links.brokers.sender(place).await?;
    let letters = letters_of(&*queue, &dead_letters, is_shown, links).await?;
    let redrive = Some((most, letters.clone()));
    let permanent = at_once(most, letters);
    Ok(Work {
        queue: links.brokers.receiver(place, visibility, redrive).await?,
        letters: self::letters(&permanent),
        permanent,
    })
}

/// An address in Postgres says how often a message is handed out, and which queue has the
/// dead letters. The host sends them with their reasons before the queue would without.
async fn work_of_postgres(
    url: &str,
    config: &Config,
    is_shown: bool,
    links: &mut Links,
) -> Result<Work, Failure> {
    let (queue, redrive) = postgres::work(url, WORK).await?;
    let Some((receives, beside)) = redrive else {
        return work_as_configured(queue, config, is_shown, links).await;
    };
    let letters = match &config.dead_letter.queue {
        Some(text) => {
            let place: QueuePlace = text.parse().map_err(usage)?;
            letters_of(&*queue, &place, is_shown, links).await?
        }
        None => beside,
    };
    let most = config.dead_letter.policy.max_receive_count;
    let permanent = at_once(most.map_or(receives, |most| most.min(receives)), letters);
    Ok(Work {
        queue,
        letters: self::letters(&permanent),
        permanent,
    })
}

/// Dead letters with their reasons: at once, or after `most` receptions.
fn at_once(most: u32, letters: Arc<dyn Queue>) -> PermanentFailures {
    let policy = DeadLetterPolicy {
        at_once: true,
        max_receive_count: Some(most),
    };
    policy.with_queue(letters)
}

/// The queue at `place` that a host sends the dead letters of `queue` to, made if it is a
/// stream, and takes them from again where its status page is shown. A folder has one receiver
/// at a time: there that is left to others.
async fn letters_of(
    queue: &dyn Queue,
    place: &QueuePlace,
    is_shown: bool,
    links: &mut Links,
) -> Result<Arc<dyn Queue>, Failure> {
    if let QueuePlace::Nats(stream) = place {
        links.brokers.make(stream).await?;
    }
    let letters = if is_shown && place.folder().is_none() {
        receiver(place, DEAD_LETTERS, links).await?
    } else {
        sender(place, DEAD_LETTERS, links).await?
    };
    if letters.to_string() == queue.to_string() {
        return Err(Failure::Usage(format!(
            "{place} cannot be its own dead-letter queue; name another queue"
        )));
    }
    Ok(letters)
}

/// Fails if dead letters of the queues in `state` are to go elsewhere: they lie beside them.
fn check_beside(named: Option<&str>, state: &Path) -> Result<(), Failure> {
    let Some(named) = named else {
        return Ok(());
    };
    let place: QueuePlace = named.parse().map_err(usage)?;
    let own = place
        .folder()
        .and_then(|path| place::queues_folder(path).ok());
    let is_own = own.is_some_and(|own| {
        let whole = (fs::canonicalize(own), fs::canonicalize(state));
        matches!(whole, (Ok(own), Ok(state)) if own == state)
    });
    if is_own {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "dead letters of a folder lie beside its queue, not in {place}; leave out --dead-letters and \
         DEAD_LETTER_QUEUE_URL"
    )))
}

/// The letters that a host sends to a queue itself, to look at.
fn letters(permanent: &PermanentFailures) -> Option<Letters> {
    match permanent {
        PermanentFailures::DeadLetter { queue, .. } => Some(Letters::Queue(queue.clone())),
        PermanentFailures::Retry => None,
    }
}

/// The queue `name` of the folder at `path`.
fn in_folder(path: &Path, name: &str, purpose: Purpose) -> Result<Arc<dyn Queue>, Failure> {
    let folder = place::queue_folder(path, name).map_err(usage)?;
    Ok(Arc::new(match purpose {
        Purpose::Sending => DirectoryQueue::share(&folder)?,
        Purpose::Receiving => DirectoryQueue::own(&folder, None)?,
    }))
}

/// The receiver of results that `target` names.
pub(super) async fn results(
    target: &Target,
    links: &mut Links,
) -> Result<Arc<dyn Results>, Failure> {
    Ok(match target {
        Target::Queue(text) => {
            let place = text.parse().map_err(usage)?;
            Arc::new(QueuedResults::new(sender(&place, RESULTS, links).await?))
        }
        Target::Topic(arn) => links.cloud.topic(arn).await?,
        Target::Webhook { url, secret } => links.cloud.webhook(url, secret)?,
    })
}

/// Queues of a folder, for the one process that works on them.
pub(super) struct FolderQueues {
    pub(super) work: Arc<DirectoryQueue>,
    pub(super) dead_letters: Arc<DirectoryQueue>,
}

impl FolderQueues {
    pub(super) fn of(folder: &Folder) -> Result<Self, Failure> {
        Self::within(folder.layout().state())
    }

    fn within(state: &Path) -> Result<Self, Failure> {
        let dead_letters = Arc::new(dead_letters_within(state)?);
        let work = Arc::new(work_within(state, dead_letters.clone())?);
        Ok(Self { work, dead_letters })
    }

    /// Dead letters at once, in the folder itself.
    pub(super) fn permanent(&self) -> PermanentFailures {
        at_once(MAX_RECEIVE_COUNT, self.dead_letters.clone())
    }
}
