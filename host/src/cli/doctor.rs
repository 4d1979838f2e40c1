//! `thimble doctor`: what a worker or a function needs is tried before it is needed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::brokers::Brokers;
use super::cloud::Cloud;
use super::place::{self, Buckets, QueuePlace, StorePlace, without_password};
use super::queues::WORK;
use super::setup;
use super::stores;
use super::voice::Voice;
use super::worker::{self, Worker};
use super::{Failure, Outcome, blobs, block_on, number, postgres};
use crate::batch::PermanentFailures;
use crate::config::Config;
use crate::contract::Budget;
use crate::doctor::{self, Account, Finding, Kind, Probe, QueueSettings, Verdict, WorkerSettings};
use crate::local::{Folder, nonce};
use crate::object::Location;
use crate::ports::ObjectStore;
use crate::service::Plan;
use crate::text::{plural, printable};

/// Timeout of the function that a stack deploys, in seconds.
const FUNCTION: u64 = 60;

/// Time to load an engine besides compiling it: it is fetched, and tries every preset.
const LOADING: Duration = Duration::from_secs(60);

/// Try what a worker needs, and say what is wrong and how to mend it.
///
/// Give it what the worker is given: the same options, variables and configuration file. It tries
/// credentials, region and clock, the queue with its visibility timeout, redrive policy and key,
/// streams of NATS with their limits and rights, tables of Postgres with theirs,
/// the notifications of the source buckets, the store with its conditional writes and checksums,
/// the engine with its keys, channel and presets, and the room on the disk. Each check has a time
/// of its own, and what cannot be tried is listed with its reason.
///
/// One object is written where the thumbnails go, under a name that begins with
/// `thimble-doctor-`, and removed again, and a stream of dead letters is offered an empty message
/// that it refuses; --no-write does without both. Nothing else is written, and no message is taken
/// or sent. It ends with 1 if anything is wrong, and with 0 if there are warnings only.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    worker: Worker,

    /// A bucket that images are written to, whose notifications are to reach the queue; may be
    /// given several times
    #[arg(
        long,
        value_name = "BUCKET",
        env = "SOURCE_BUCKET",
        value_delimiter = ','
    )]
    bucket: Vec<String>,

    /// The timeout of the function that works on the queue, in seconds; 0 if only a worker does
    #[arg(long, value_name = "SECONDS", default_value_t = FUNCTION,
          value_parser = number::within::<u64>(0..=900))]
    timeout: u64,

    /// Write nothing, not even the object that is removed again, and offer nothing
    #[arg(long)]
    no_write: bool,

    /// Lines of JSON, one for each check
    #[arg(long)]
    json: bool,
}

/// Parts of a cloud, made if a queue or a store is there.
struct Reach {
    account: Arc<dyn Account>,
    objects: Arc<dyn ObjectStore>,
}

impl Doctor {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let findings = block_on(async { Ok(self.examine().await) })?;
        let wrong = findings.iter().filter(|found| found.is_wrong()).count();
        for found in &findings {
            if self.json {
                voice.say_json(found)?;
            } else {
                voice.say(line(found))?;
            }
        }
        if wrong == 0 {
            return Ok(Outcome::Done);
        }
        if !self.json {
            let wrong = plural(wrong as u64, "thing");
            voice.note(format_args!("{wrong} to mend"))?;
        }
        Ok(Outcome::Incomplete)
    }

    async fn examine(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let (store, buckets) = self.store();
        let config = self.config(store.as_deref(), &mut findings).await;
        let is_s3 = buckets == Some(Buckets::S3);
        let reach = self.reach(is_s3, &mut findings).await;
        let url = self.queue(config.as_ref(), &mut findings).await;
        if let Some(Reach { account, objects }) = &reach {
            let settings = self.queue_settings(config.as_ref());
            let url = url.as_deref();
            findings.extend(doctor::of_cloud(&**account, &**objects, url, &settings).await);
        }
        let (objects, kind) = match (&store, buckets) {
            (Some(root), _) => (self.of_folder(root, &mut findings), Kind::Folder),
            (None, Some(Buckets::Google)) => {
                let made = blobs::google();
                let objects = self.of_blobs(made, Kind::Google, &mut findings).await;
                (objects, Kind::Google)
            }
            (None, Some(Buckets::Azure)) => {
                let made = blobs::azure();
                let objects = self.of_blobs(made, Kind::Azure, &mut findings).await;
                (objects, Kind::Azure)
            }
            (None, _) => {
                let reached = reach.as_ref().filter(|_| is_s3);
                (reached.map(|reach| reach.objects.clone()), Kind::S3)
            }
        };
        let account = reach.filter(|_| is_s3).map(|reach| reach.account);
        match (config, objects) {
            (Some(config), Some(objects)) => {
                let account = account.as_deref();
                let probes = self.probes(&config, &*objects, kind, account).await;
                findings.extend(probes);
                findings.extend(self.engines(config, objects).await);
            }
            _ => {
                let what = "the configuration and the store are needed for it; a folder is not opened \
                            with --no-write, because that makes a file in it";
                for check in ["write", "presets"] {
                    findings.push(Finding::not_tried(check, what));
                }
            }
        }
        findings.extend(
            self.disks(store.as_deref())
                .iter()
                .map(|path| doctor::disk(path)),
        );
        findings
    }

    /// The folder of the store, or the cloud that it is in.
    fn store(&self) -> (Option<PathBuf>, Option<Buckets>) {
        match &self.worker.store {
            Some(StorePlace::Folder(path)) => (Some(path.clone()), None),
            Some(StorePlace::Cloud(buckets)) => (None, Some(*buckets)),
            None => match self.worker.queue.folder() {
                Some(path) => (place::local_root(path).ok(), None),
                None => (None, Some(Buckets::S3)),
            },
        }
    }

    /// The URL of the queue if it is one of SQS, whose account tells of it. Any other is
    /// looked at here.
    async fn queue(&self, config: Option<&Config>, findings: &mut Vec<Finding>) -> Option<String> {
        let letters = config.and_then(|config| config.dead_letter.queue.as_deref());
        let letters = letters.and_then(|text| text.parse::<QueuePlace>().ok());
        match &self.worker.queue {
            QueuePlace::Sqs(url) => return Some(url.clone()),
            QueuePlace::SqsNamed(name) => return url_of(name, findings).await,
            QueuePlace::Folder(path) => findings.push(of_queue_folder(path)),
            QueuePlace::Nats(place) => {
                let (letters, others) = match letters {
                    None => (Some(place.dead_letters()), None),
                    Some(QueuePlace::Nats(letters)) if letters.is_beside(place) => {
                        (Some(letters), None)
                    }
                    Some(others) => (None, Some(others)),
                };
                let settings = self.worker_settings(config);
                findings.extend(Brokers::examine(place, letters.as_ref(), &settings).await);
                findings.extend(others.as_ref().map(elsewhere));
            }
            QueuePlace::Postgres(url) => {
                findings.extend(postgres::examine(url, WORK).await);
                findings.extend(letters.as_ref().map(elsewhere));
            }
        }
        None
    }

    fn worker_settings(&self, config: Option<&Config>) -> WorkerSettings {
        let time = config.map_or(Budget::TIME, |config| config.engine_time);
        WorkerSettings {
            image: worker::budget(time),
            ack_wait: self.worker.visibility(),
            concurrency: config.map_or(1, |config| config.concurrency),
            sends: !self.no_write,
        }
    }

    /// The store in a cloud that no account is asked about, with its sources.
    async fn of_blobs(
        &self,
        made: Result<Arc<dyn ObjectStore>, Failure>,
        kind: Kind,
        findings: &mut Vec<Finding>,
    ) -> Option<Arc<dyn ObjectStore>> {
        match made {
            Ok(objects) => {
                findings.push(Finding::ok("credentials", "they are found"));
                let buckets = self.buckets();
                findings.extend(doctor::sources(&*objects, kind, &buckets).await);
                Some(objects)
            }
            Err(failure) => {
                findings.push(Finding::told("credentials", &failure.to_string(), ""));
                None
            }
        }
    }

    /// Source buckets.
    fn buckets(&self) -> Vec<String> {
        let named = self.bucket.iter().filter(|bucket| !bucket.is_empty());
        named.cloned().collect()
    }

    /// The configuration, if it has no mistake.
    async fn config(&self, store: Option<&Path>, findings: &mut Vec<Finding>) -> Option<Config> {
        let mut overrides = self.worker.overrides();
        overrides.of_folder(store);
        let check = "configuration";
        match overrides.config().await {
            Ok(config) => {
                findings.push(Finding::ok(check, "it has no mistake"));
                Some(config)
            }
            Err(failure) => {
                let mend = "change the variable, the option or the file as it says; `thimble help \
                            config` explains each";
                let told = failure.to_string();
                let lines = told.lines();
                findings.extend(lines.map(|line| Finding::wrong(check, line, mend)));
                None
            }
        }
    }

    /// The cloud, if the queue or the store is in one.
    async fn reach(&self, has_store: bool, findings: &mut Vec<Finding>) -> Option<Reach> {
        let is_sqs = matches!(
            self.worker.queue,
            QueuePlace::Sqs(_) | QueuePlace::SqsNamed(_)
        );
        if !has_store && !is_sqs {
            return None;
        }
        let mut cloud = Cloud::default();
        match (cloud.account().await, cloud.bucket().await) {
            (Ok(account), Ok(objects)) => Some(Reach { account, objects }),
            (Err(failure), _) | (_, Err(failure)) => {
                findings.push(Finding::not_tried("cloud", failure.to_string()));
                None
            }
        }
    }

    fn queue_settings(&self, config: Option<&Config>) -> QueueSettings {
        QueueSettings {
            timeout: (self.timeout > 0).then_some(self.timeout),
            max_receive_count: config
                .and_then(|config| config.dead_letter.policy.max_receive_count),
            dead_letters: config
                .and_then(|config| config.dead_letter.queue.as_deref())
                .map(without_password),
            buckets: self.buckets(),
        }
    }

    /// The store in a folder, if it can be opened as it is.
    fn of_folder(&self, root: &Path, findings: &mut Vec<Finding>) -> Option<Arc<dyn ObjectStore>> {
        let rights = doctor::rights(root);
        let is_sound = !rights.iter().any(Finding::is_wrong);
        findings.extend(rights);
        if !is_sound || self.no_write {
            return None;
        }
        match Folder::open(root) {
            Ok(folder) => Some(Arc::new(folder.store)),
            Err(error) => {
                let mend = "let the user of this host read and write the folder";
                findings.push(Finding::wrong(
                    "rights",
                    Failure::from(error).to_string(),
                    mend,
                ));
                None
            }
        }
    }

    /// The findings about every bucket that thumbnails go to.
    async fn probes(
        &self,
        config: &Config,
        objects: &dyn ObjectStore,
        kind: Kind,
        account: Option<&dyn Account>,
    ) -> Vec<Finding> {
        if self.no_write {
            let what = "nothing is written (--no-write)";
            return ["write", "checksums", "conditional-writes"]
                .map(|check| Finding::not_tried(check, what))
                .into();
        }
        let mut findings = Vec::new();
        let mut seen = Vec::new();
        for recipe in config.settings.recipes.all() {
            let Some(preset) = recipe.presets.first() else {
                continue;
            };
            if seen.contains(&&recipe.bucket) {
                continue;
            }
            seen.push(&recipe.bucket);
            let source = format!("thimble-doctor-{:016x}", nonce());
            let key = recipe.naming.key(&source, preset.name(), "image/png");
            let probe = Probe {
                kind,
                at: Location::new(&recipe.bucket, key),
                storage: recipe.storage.clone(),
                needs_conditions: config.engines.store.is_some(),
            };
            findings.extend(doctor::probe(objects, account, &probe).await);
        }
        findings
    }

    /// The findings about the engine.
    async fn engines(&self, config: Config, objects: Arc<dyn ObjectStore>) -> Vec<Finding> {
        let (follow, time) = (config.follow(), config.engines.compile.time + LOADING);
        let store = match &config.engines.store {
            Some(place) => match stores::open(place, &mut Cloud::default()).await {
                Ok(store) => Some(store),
                Err(failure) => {
                    let mend = "name another store in ENGINE_STORE, or mend what this one needs";
                    return vec![Finding::wrong("channel", failure.to_string(), mend)];
                }
            },
            None => None,
        };
        let mut findings = Vec::new();
        let mut follows = false;
        if let Some(store) = &store {
            findings.push(doctor::keys(&follow.trust, follow.without_key));
            let look = async { vec![doctor::channel(store, &follow.channel, &follow.trust).await] };
            let found = doctor::bounded("channel", doctor::PATIENCE, look).await;
            follows = !found.iter().any(Finding::is_wrong);
            findings.extend(found);
        }
        let at_hand = if follows {
            None
        } else {
            self.worker.engine.at_hand(follow.budget).ok()
        };
        let mut plan = Plan::configured(config, objects, at_hand, PermanentFailures::Retry);
        plan.engines = store.filter(|_| follows);
        let tried = async { vec![doctor::presets(plan).await] };
        findings.extend(doctor::bounded("presets", time, tried).await);
        findings
    }

    /// Folders that this host writes to.
    fn disks(&self, store: Option<&Path>) -> Vec<PathBuf> {
        let queue = self.worker.queue.folder().map(Path::to_owned);
        let cache = self.worker.engine.cache_folder();
        let mut disks: Vec<PathBuf> = [store.map(Path::to_owned), queue, cache]
            .into_iter()
            .flatten()
            .collect();
        disks.dedup();
        disks
    }
}

/// The URL of the queue of SQS called `name`, if it is there.
async fn url_of(name: &str, findings: &mut Vec<Finding>) -> Option<String> {
    let check = "queue";
    let mut cloud = Cloud::default();
    let mut url = None;
    let asked = async {
        match cloud.sqs_named(name).await {
            Ok(queue) => {
                url = Some(queue.to_string());
                Vec::new()
            }
            Err(failure) => {
                let mend = "check its name, its account and AWS_REGION, or name it by its URL";
                vec![Finding::wrong(check, failure.to_string(), mend)]
            }
        }
    };
    findings.extend(doctor::bounded(check, doctor::PATIENCE, asked).await);
    url
}

/// A finding about dead letters that go to a queue of another kind or at other servers.
fn elsewhere(letters: &QueuePlace) -> Finding {
    Finding::not_tried(
        "dead-letters",
        format!("they go to {letters}; a doctor with --queue {letters} looks at that"),
    )
}

/// A finding about the queue in the folder that `path` names.
fn of_queue_folder(path: &Path) -> Finding {
    match place::queue_folder(path, WORK) {
        Ok(folder) => doctor::queue_folder(&folder),
        Err(error) => Finding::wrong(
            "queue",
            setup::usage(error).to_string(),
            "name a `thimble local` folder, or make one with `thimble local DIR`",
        ),
    }
}

/// The line, or the two, for people.
fn line(found: &Finding) -> String {
    let check = found.check;
    match &found.verdict {
        Verdict::Ok { what } => format!("ok         {check}: {}", printable(what)),
        Verdict::Note { what } => format!("note       {check}: {}", printable(what)),
        Verdict::NotTried { what } => format!("not tried  {check}: {}", printable(what)),
        Verdict::Warning { what, mend } => format!(
            "warning    {check}: {}\n           mend it: {}",
            printable(what),
            printable(mend)
        ),
        Verdict::Wrong { what, mend } => format!(
            "wrong      {check}: {}\n           mend it: {}",
            printable(what),
            printable(mend)
        ),
    }
}
