//! Looking at a channel, and deciding what to make of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::canary::{Strikes, Trial};
use super::loading::Loader;
use super::loads::{Arrival, Loads};
use super::refusal::Refusal;
use super::tally::Tally;
use super::{Live, Options, lock};
use crate::engines::{Canary, Channel, ChannelFetch, EngineStore, EngineStoreError, Reference};
use crate::error::with_causes;
use crate::metric::Metric;
use crate::object::ETag;
use crate::trust::Digest;
use crate::wasm::{Runtime, SandboxedEngine};

/// Longest wait for the document of the channel. Work goes on meanwhile, except
/// at the start.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest pause before an engine that could not be had is asked for again.
const LONGEST_PAUSE: Duration = Duration::from_secs(900);

/// Number of refused releases that are remembered.
const MOST_REFUSED: usize = 1_000;

/// Follows a channel. It remembers what it saw, so that nothing is done twice.
pub(super) struct Follower {
    store: EngineStore,
    options: Arc<Options>,
    loader: Arc<Loader>,
    /// Engines on their way.
    loads: Loads,
    tally: Arc<Tally>,
    problem: Arc<Mutex<Option<String>>>,
    /// The newest document that was believed.
    seen: Option<Channel>,
    /// The version of the object it was read from.
    etag: Option<ETag>,
    /// The document that was made live last.
    live: Option<Channel>,
    /// Engines that the channel names, by release.
    loaded: HashMap<Digest, SandboxedEngine>,
    /// Releases that were refused.
    refused: HashMap<Digest, Refused>,
    /// Releases whose loading has begun since the last look.
    begun: Vec<Digest>,
    /// Failures of canaries.
    strikes: HashMap<Digest, Arc<Strikes>>,
}

/// Progress in following a channel, and the engine that became live by it.
enum Step {
    Done(Option<Live>),
    Under(Option<Live>),
}

/// A release that was refused, and when it is tried again, if ever.
struct Refused {
    reason: String,
    times: u32,
    /// Those of them that the engine may be to blame for.
    tries: u32,
    again: Option<Instant>,
}

/// Reason why the document of a channel is not followed.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error(transparent)]
    Store(#[from] EngineStoreError),
    #[error("the channel did not answer in time")]
    Silent,
    #[error("the channel is gone; it was there before")]
    Gone,
    #[error("the channel has serial {found}, and {seen} was seen before: it is an old one")]
    Old { found: u64, seen: u64 },
    #[error("the channel says something else under the same serial {0}")]
    Forked(u64),
    #[error("{engine} is not used: {reason}")]
    Refused { engine: String, reason: String },
}

impl Follower {
    pub(super) fn new(
        store: EngineStore,
        runtime: Runtime,
        options: Options,
        loads: Loads,
        tally: Arc<Tally>,
        problem: Arc<Mutex<Option<String>>>,
    ) -> Self {
        let options = Arc::new(options);
        Self {
            loader: Arc::new(Loader::new(store.clone(), runtime, options.clone())),
            store,
            options,
            loads,
            tally,
            problem,
            seen: None,
            etag: None,
            live: None,
            loaded: HashMap::new(),
            refused: HashMap::new(),
            begun: Vec::new(),
            strikes: HashMap::new(),
        }
    }

    /// Look at the channel, and begin to load what it names. Returns what has
    /// become live, if anything has.
    pub(super) async fn check(&mut self) -> Option<Live> {
        self.tally.add(Metric::EngineChecks);
        self.begun.clear();
        if let Err(problem) = self.fetch().await {
            self.note(Some(problem));
            return None;
        }
        self.advance()
    }

    /// Take in what was loaded. Returns what has become live, if anything has.
    pub(super) fn arrived(&mut self, Arrival { release, loaded }: Arrival) -> Option<Live> {
        self.loads.remove(&release);
        match loaded {
            Ok(engine) => {
                self.refused.remove(&release);
                self.loaded.insert(release, engine);
            }
            Err(refusal) => self.refuse(release, &refusal),
        }
        self.advance()
    }

    fn refuse(&mut self, release: Digest, refusal: &Refusal) {
        self.tally.add(Metric::EngineRefusals);
        if refusal.is_of_the_compiler() {
            self.tally.add(Metric::EngineCompilesGivenUp);
        }
        if self.refused.len() >= MOST_REFUSED {
            self.refused.clear();
        }
        let before = self.refused.get(&release);
        let (times, tries) = before.map_or((0, 0), |before| (before.times, before.tries));
        // What may pass by itself says nothing of the engine.
        let tries = tries + u32::from(refusal.tries() < u32::MAX);
        let pause = self.options.check_every.saturating_mul(1 << times.min(16));
        let again = Instant::now() + pause.min(LONGEST_PAUSE);
        let note = Refused {
            reason: with_causes(refusal),
            times: times + 1,
            tries,
            again: (tries < refusal.tries()).then_some(again),
        };
        self.refused.insert(release, note);
    }

    /// Tells those who wait what is still on its way: after what is here was made
    /// live, because they look for it then.
    pub(super) fn tell(&self) {
        self.loads.tell();
    }

    /// Do what the channel says, as far as what it names is here.
    fn advance(&mut self) -> Option<Live> {
        let live = match self.seen.clone() {
            Some(wanted) if self.live.as_ref() != Some(&wanted) => self.follow(&wanted),
            _ => {
                self.loads.retain(&[]);
                Ok(Step::Done(None))
            }
        };
        match live {
            Ok(Step::Done(live)) => {
                self.note(None);
                live
            }
            // Nothing is known yet that was not known before.
            Ok(Step::Under(live)) => live,
            Err(problem) => {
                self.note(Some(problem));
                None
            }
        }
    }

    /// Learn what the channel says now.
    async fn fetch(&mut self) -> Result<(), Problem> {
        let Options { channel, trust, .. } = &*self.options;
        let fetch = self.store.fetch_channel(channel, trust, self.etag.as_ref());
        let read = match timeout(PATIENCE, fetch)
            .await
            .map_err(|_| Problem::Silent)??
        {
            ChannelFetch::NotModified => return Ok(()),
            ChannelFetch::NotFound if self.seen.is_none() => return Ok(()),
            ChannelFetch::NotFound => return Err(Problem::Gone),
            ChannelFetch::Read(read) => read,
        };
        let found = read.channel.serial;
        match &self.seen {
            Some(seen) if found < seen.serial => {
                let seen = seen.serial;
                return Err(Problem::Old { found, seen });
            }
            Some(seen) if found == seen.serial && *seen != read.channel => {
                return Err(Problem::Forked(found));
            }
            _ => {}
        }
        self.seen = Some(read.channel);
        self.etag = Some(read.etag);
        Ok(())
    }

    /// Obtain what the channel names. An engine that is only tried is no reason
    /// to do without the one that is live.
    fn follow(&mut self, wanted: &Channel) -> Result<Step, Problem> {
        let named: Vec<Digest> = wanted.references().map(|named| named.release).collect();
        // The engine before is kept if it is here, and not waited for if it is not.
        let canary = wanted.canary.as_ref().map(|canary| canary.engine.release);
        let awaited: Vec<Digest> = canary.into_iter().chain([wanted.current.release]).collect();
        self.loads.retain(&awaited);
        let Some(current) = self.obtain(&wanted.current)? else {
            return Ok(Step::Under(None));
        };
        let (mut trial, mut problem, mut is_under_way) = (None, None, false);
        if let Some(canary) = &wanted.canary {
            match self.obtain(&canary.engine) {
                Ok(Some(engine)) => trial = Some(self.trial(engine, canary)),
                Ok(None) => is_under_way = true,
                Err(refused) => problem = Some(refused),
            }
        }
        self.loaded.retain(|release, _| named.contains(release));
        self.strikes.retain(|release, _| named.contains(release));
        // Without its canary a channel is followed as far as it can be, once.
        let partly = Channel {
            canary: None,
            ..wanted.clone()
        };
        let reached = if trial.is_some() || wanted.canary.is_none() {
            wanted.clone()
        } else {
            partly
        };
        let live = (self.live.as_ref() != Some(&reached)).then(|| Live {
            serial: wanted.serial,
            current,
            trial,
        });
        self.live = Some(reached);
        match problem {
            Some(problem) => {
                self.note(Some(problem));
                Ok(Step::Under(live))
            }
            None if is_under_way => Ok(Step::Under(live)),
            None => Ok(Step::Done(live)),
        }
    }

    fn trial(&mut self, engine: SandboxedEngine, canary: &Canary) -> Trial {
        let strikes = self.strikes.entry(canary.engine.release).or_default();
        Trial {
            engine,
            canary: canary.clone(),
            strikes: strikes.clone(),
        }
    }

    /// The engine of a release, if it is loaded already. Otherwise it is loaded
    /// from now on, unless it was refused a short while ago or for good.
    fn obtain(&mut self, reference: &Reference) -> Result<Option<SandboxedEngine>, Problem> {
        let release = reference.release;
        if let Some(engine) = self.loaded.get(&release) {
            return Ok(Some(engine.clone()));
        }
        if self.loads.has(&release) {
            return Ok(None);
        }
        if let Some(before) = self.refused.get(&release)
            && (self.begun.contains(&release)
                || before.again.is_none_or(|again| Instant::now() < again))
        {
            return Err(Problem::Refused {
                engine: reference.to_string(),
                reason: before.reason.clone(),
            });
        }
        let (loader, reference) = (self.loader.clone(), reference.clone());
        self.begun.push(release);
        self.loads.begin(release, |progress| async move {
            loader.load(&reference, &progress).await
        });
        Ok(None)
    }

    /// Say what is wrong, once, and when it is over.
    fn note(&self, problem: Option<Problem>) {
        if problem.is_some() {
            self.tally.add(Metric::EngineProblems);
        }
        let text = problem.as_ref().map(|problem| with_causes(problem));
        let mut known = lock(&self.problem);
        if *known == text {
            return;
        }
        match &text {
            Some(text) => {
                tracing::error!(channel.name = %self.options.channel, error.message = text,
                "the engine channel is not followed and the last good engine serves on")
            }
            None => tracing::info!(channel.name = %self.options.channel,
                "the engine channel is followed again"),
        }
        *known = text;
    }
}
