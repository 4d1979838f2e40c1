//! Looking at a channel, and deciding what to make of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::canary::{Strikes, Trial};
use super::tally::Tally;
use super::{Live, Options, lock};
use crate::engines::{Channel, EngineStore, EngineStoreError, Look, Reference};
use crate::error::with_causes;
use crate::object::ETag;
use crate::trust::Digest;
use crate::wasm::{Runtime, SandboxedEngine};

/// How long the channel may take to answer. Work goes on meanwhile, except at
/// the start.
const PATIENCE: Duration = Duration::from_secs(5);

/// The longest pause before an engine that could not be had is asked for again.
const LONGEST_PAUSE: Duration = Duration::from_secs(900);

/// Follows a channel. It remembers what it saw, so that nothing is done twice.
pub(super) struct Follower {
    pub(super) store: EngineStore,
    pub(super) runtime: Runtime,
    pub(super) options: Options,
    tally: Arc<Tally>,
    problem: Arc<Mutex<Option<String>>>,
    /// The newest document that was believed.
    seen: Option<Channel>,
    /// The version of the object it was read from.
    etag: Option<ETag>,
    /// What was made live last.
    live: Option<Channel>,
    /// Engines that the channel names, by release.
    loaded: HashMap<Digest, SandboxedEngine>,
    /// Releases that were refused.
    refused: HashMap<Digest, Refused>,
    /// How canaries did.
    strikes: HashMap<Digest, Arc<Strikes>>,
}

/// A release that was refused, and when it is tried again, if ever.
struct Refused {
    reason: String,
    times: u32,
    again: Option<Instant>,
}

/// Why what a channel says is not done.
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
        tally: Arc<Tally>,
        problem: Arc<Mutex<Option<String>>>,
    ) -> Self {
        Self {
            store,
            runtime,
            options,
            tally,
            problem,
            seen: None,
            etag: None,
            live: None,
            loaded: HashMap::new(),
            refused: HashMap::new(),
            strikes: HashMap::new(),
        }
    }

    /// Look at the channel. Returns what has become live, if anything has.
    pub(super) async fn check(&mut self) -> Option<Live> {
        self.tally.checks.add();
        if let Err(problem) = self.look().await {
            self.note(Some(problem));
            return None;
        }
        let Some(wanted) = self.seen.clone() else {
            self.note(None);
            return None;
        };
        if self.live.as_ref() == Some(&wanted) {
            self.note(None);
            return None;
        }
        match self.follow(&wanted).await {
            Ok(live) => live,
            Err(problem) => {
                self.note(Some(problem));
                None
            }
        }
    }

    /// Learn what the channel says now.
    async fn look(&mut self) -> Result<(), Problem> {
        let Options { channel, trust, .. } = &self.options;
        let look = self.store.look(channel, trust, self.etag.as_ref());
        let read = match timeout(PATIENCE, look)
            .await
            .map_err(|_| Problem::Silent)??
        {
            Look::Same => return Ok(()),
            Look::None if self.seen.is_none() => return Ok(()),
            Look::None => return Err(Problem::Gone),
            Look::Read(read) => read,
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
    async fn follow(&mut self, wanted: &Channel) -> Result<Option<Live>, Problem> {
        let current = self.obtain(&wanted.current).await?;
        let mut problem = None;
        let mut trial = None;
        if let Some(canary) = &wanted.canary {
            match self.obtain(&canary.engine).await {
                Ok(engine) => {
                    let strikes = self
                        .strikes
                        .entry(canary.engine.release)
                        .or_default()
                        .clone();
                    trial = Some(Trial {
                        engine,
                        canary: canary.clone(),
                        strikes,
                    });
                }
                Err(refused) => problem = Some(refused),
            }
        }
        let is_done = problem.is_none();
        self.note(problem);
        let named: Vec<Digest> = wanted.references().map(|named| named.release).collect();
        self.loaded.retain(|release, _| named.contains(release));
        self.strikes.retain(|release, _| named.contains(release));
        // Without its canary a channel is followed as far as it can be, once.
        let partly = Channel {
            canary: None,
            ..wanted.clone()
        };
        let reached = if is_done { wanted.clone() } else { partly };
        if self.live.as_ref() == Some(&reached) {
            return Ok(None);
        }
        self.live = Some(reached);
        Ok(Some(Live {
            serial: wanted.serial,
            current,
            trial,
        }))
    }

    /// The engine of a release: the one that is loaded already, or a new one,
    /// unless it was refused a short while ago or for good.
    async fn obtain(&mut self, reference: &Reference) -> Result<SandboxedEngine, Problem> {
        let refused = |reason: &str| Problem::Refused {
            engine: reference.to_string(),
            reason: reason.to_owned(),
        };
        if let Some(engine) = self.loaded.get(&reference.release) {
            return Ok(engine.clone());
        }
        let before = self.refused.get(&reference.release);
        if let Some(before) = before
            && before.again.is_none_or(|again| Instant::now() < again)
        {
            return Err(refused(&before.reason));
        }
        let times = before.map_or(0, |before| before.times);
        match self.load(reference).await {
            Ok(engine) => {
                self.refused.remove(&reference.release);
                self.loaded.insert(reference.release, engine.clone());
                Ok(engine)
            }
            Err(refusal) => {
                self.tally.refusals.add();
                let pause = self.options.check_every.saturating_mul(1 << times.min(16));
                let reason = with_causes(&refusal);
                let problem = refused(&reason);
                let again = Instant::now() + pause.min(LONGEST_PAUSE);
                let note = Refused {
                    reason,
                    times: times + 1,
                    again: (!refusal.is_permanent()).then_some(again),
                };
                self.refused.insert(reference.release, note);
                Err(problem)
            }
        }
    }

    /// Say what is wrong, once, and when it is over.
    fn note(&self, problem: Option<Problem>) {
        if problem.is_some() {
            self.tally.problems.add();
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
