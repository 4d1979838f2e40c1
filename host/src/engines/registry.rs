//! The engine of a host that follows a channel.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};

use super::channel::ChannelName;
use super::store::EngineStore;
use crate::contract::{Budget, Limits, Spec};
use crate::error::with_causes;
use crate::metric::Metric;
use crate::ports::{Engine, EngineError, EngineIdentity, Made, Request};
use crate::preset::Preset;
use crate::recipe::InForce;
use crate::trust::Trust;
use crate::wasm::{CompileLimits, LoadError, Runtime, SandboxedEngine};

mod canary;
mod follower;
mod loading;
mod loads;
mod refusal;
mod tally;

use canary::Trial;
use follower::Follower;
pub(crate) use loading::admit;
#[cfg(feature = "cli")]
pub(crate) use loading::try_presets;
use loads::{Arrival, Loads, Standing};
pub use refusal::Refusal;
use tally::Tally;

/// Time that a host waits for the engine of the channel before it begins with the
/// one that came with the program: several times what ours takes to be compiled.
const PATIENCE_AT_START: Duration = Duration::from_secs(15);

/// Time that a source waits for a new engine.
const MOMENT: Duration = Duration::from_secs(1);

/// Options for following a channel.
#[derive(Clone, Debug)]
pub struct Options {
    /// The channel.
    pub channel: ChannelName,
    /// Keys that are believed.
    pub trust: Trust,
    /// Age at which the document of the channel is fetched anew.
    pub check_every: Duration,
    /// Fate of an engine that no key vouches for.
    pub without_key: WithoutKey,
    /// The recipes whose presets an engine has to be able to make.
    pub recipes: InForce,
    /// Limits of a source.
    pub limits: Limits,
    /// Resources that an engine may spend on a source.
    pub budget: Budget,
    /// Limits of compiling one.
    pub compile: CompileLimits,
}

/// Conduct of a host that has no key to believe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WithoutKey {
    /// It takes the portable engine and compiles it: a writer of the store can
    /// choose the engine, but never runs code outside the sandbox.
    #[default]
    Compile,
    /// It takes nothing from the store.
    Refuse,
}

/// Loads the engine that came with the program.
pub type Package = Box<dyn FnOnce() -> Result<SandboxedEngine, LoadError> + Send>;

/// Follows a channel, and is the engine that is live. Cheap to clone.
#[derive(Clone)]
pub struct Registry {
    inner: Arc<Inner>,
}

struct Inner {
    live: RwLock<Arc<Live>>,
    due: Mutex<Instant>,
    check_every: Duration,
    /// Held by whoever checks the channel.
    checking: Arc<tokio::sync::Mutex<()>>,
    follower: tokio::sync::Mutex<Follower>,
    standing: watch::Receiver<Standing>,
    problem: Arc<Mutex<Option<String>>>,
    tally: Arc<Tally>,
}

/// The engines that serve at one moment. A call keeps the moment it began in.
pub(super) struct Live {
    serial: u64,
    current: SandboxedEngine,
    trial: Option<Trial>,
}

/// There is no engine to begin with.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no engine to begin with; publish and promote one, or give one with the program: {channel}; {package}"
)]
pub struct StartError {
    /// The problem with the engine of the channel.
    pub channel: String,
    /// The problem with the engine that came with the program.
    pub package: String,
}

/// The live engines, and the problem that stands in the way of newer ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The serial of the channel; 0 for the engine that came with the program.
    pub serial: u64,
    /// The engine that is live.
    pub current: Arc<EngineIdentity>,
    /// The one that is tried, unless it failed too often.
    pub canary: Option<Arc<EngineIdentity>>,
    /// Reason why the document of the channel is not followed.
    pub problem: Option<String>,
}

impl Registry {
    /// Begin with the engine that the channel names or, when that cannot be
    /// had, with the one that came with the program.
    ///
    /// # Errors
    /// If there is neither.
    pub async fn start(
        store: EngineStore,
        runtime: Runtime,
        options: Options,
        package: Option<Package>,
    ) -> Result<Self, StartError> {
        let (tally, problem) = (Arc::new(Tally::default()), Arc::new(Mutex::new(None)));
        let (loads, mut arriving) = Loads::new();
        let standing = loads.standing();
        let check_every = options.check_every;
        let (presets, limits) = (options.recipes.now().sets(), options.limits);
        let mut follower = Follower::new(
            store,
            runtime,
            options,
            loads,
            tally.clone(),
            problem.clone(),
        );
        let patience = package.is_some().then_some(PATIENCE_AT_START);
        let live = match first(&mut follower, &mut arriving, standing.clone(), patience).await {
            Some(live) => live,
            None => packaged(package, presets, limits, &problem).await?,
        };
        tracing::info!(engine.digest = %live.current.digest(), engine.name = live.current.info().name,
            engine.version = live.current.info().version, channel.serial = live.serial,
            "engine ready");
        let inner = Arc::new(Inner {
            live: RwLock::new(Arc::new(live)),
            due: Mutex::new(Instant::now() + jittered(check_every)),
            check_every,
            checking: Arc::default(),
            follower: tokio::sync::Mutex::new(follower),
            standing,
            problem,
            tally,
        });
        tokio::spawn(take_in(Arc::downgrade(&inner), arriving));
        Ok(Self { inner })
    }

    /// Look at the channel now, unless somebody is doing so, and wait until what
    /// it names is here or is refused.
    pub async fn check(&self) {
        self.check_channel().await;
        self.until(Standing::is_settled).await;
    }

    /// Once begun a check is brought to an end, even if nobody waits for that any
    /// more.
    async fn check_channel(&self) {
        let Ok(checking) = self.inner.checking.clone().try_lock_owned() else {
            return;
        };
        *lock(&self.inner.due) = Instant::now() + jittered(self.inner.check_every);
        let inner = self.inner.clone();
        let check = tokio::spawn(async move {
            let mut follower = inner.follower.lock().await;
            if let Some(live) = follower.check().await {
                inner.swap(live);
            }
            follower.tell();
            drop(checking);
        });
        if let Err(error) = check.await {
            tracing::error!(error.message = %error, "the check of the engine channel failed");
        }
    }

    async fn until(&self, enough: impl Fn(&Standing) -> bool) {
        // It fails when the registry is gone, and then nobody waits.
        let _ = self.inner.standing.clone().wait_for(enough).await;
    }

    /// Identity of the live engine and of one on trial, and the channel's last problem.
    pub fn status(&self) -> Status {
        let live = self.inner.live();
        let trial = live.trial.as_ref().filter(|trial| trial.is_on());
        Status {
            serial: live.serial,
            current: live.current.identity().clone(),
            canary: trial.map(|trial| trial.engine.identity().clone()),
            problem: lock(&self.inner.problem).clone(),
        }
    }
}

/// The engine that the channel has to begin with. One that has to be compiled is
/// waited for with patience, and one that is only tried is not.
async fn first(
    follower: &mut Follower,
    arriving: &mut mpsc::UnboundedReceiver<Arrival>,
    mut standing: watch::Receiver<Standing>,
    patience: Option<Duration>,
) -> Option<Live> {
    let mut live = follower.check().await;
    follower.tell();
    let out_of_patience = async {
        match patience {
            Some(patience) => tokio::time::sleep(patience).await,
            None => std::future::pending().await,
        }
    };
    let mut out_of_patience = std::pin::pin!(out_of_patience);
    loop {
        let now = *standing.borrow_and_update();
        if now.is_settled() || (live.is_some() && now.is_slow()) {
            return live;
        }
        tokio::select! {
            Some(arrival) = arriving.recv() => {
                live = follower.arrived(arrival).or(live);
                follower.tell();
            }
            _ = standing.changed() => {}
            () = &mut out_of_patience => return live,
        }
    }
}

/// Take in engines as they arrive, for as long as there is a registry.
async fn take_in(inner: Weak<Inner>, mut arriving: mpsc::UnboundedReceiver<Arrival>) {
    while let Some(arrival) = arriving.recv().await {
        let Some(inner) = inner.upgrade() else {
            return;
        };
        let mut follower = inner.follower.lock().await;
        if let Some(live) = follower.arrived(arrival) {
            inner.swap(live);
        }
        follower.tell();
    }
}

async fn packaged(
    package: Option<Package>,
    presets: Vec<Vec<Preset>>,
    limits: Limits,
    problem: &Mutex<Option<String>>,
) -> Result<Live, StartError> {
    let channel = || {
        let nothing = || "nothing is published on the channel".to_owned();
        lock(problem).clone().unwrap_or_else(nothing)
    };
    let Some(package) = package else {
        let package = "no engine came with the program".to_owned();
        let channel = channel();
        return Err(StartError { channel, package });
    };
    match admit(move || Ok(package()?), presets, limits).await {
        Ok(current) => Ok(Live {
            serial: 0,
            current,
            trial: None,
        }),
        Err(refusal) => Err(StartError {
            channel: channel(),
            package: with_causes(&refusal),
        }),
    }
}

impl Inner {
    fn live(&self) -> Arc<Live> {
        self.live
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn swap(&self, live: Live) {
        let mut place = self.live.write().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *place, Arc::new(live));
        let now = place.clone();
        drop(place);
        if before.current.digest() != now.current.digest() {
            self.tally.add(Metric::EngineSwaps);
        }
        tracing::info!(engine.digest = %now.current.digest(), engine.name = now.current.info().name,
            engine.version = now.current.info().version, engine.before = %before.current.digest(),
            canary.digest = now.trial.as_ref().map(|trial| trial.engine.digest().to_string()),
            channel.serial = now.serial, "engine swapped");
    }
}

impl Live {
    /// The trial that a source of this key takes part in.
    fn trial_for(&self, key: &str) -> Option<&Trial> {
        let trial = self.trial.as_ref()?;
        (trial.is_on() && trial.canary.serves(key)).then_some(trial)
    }
}

#[async_trait]
impl Engine for Registry {
    fn identity(&self, key: &str) -> Arc<EngineIdentity> {
        let live = self.inner.live();
        let trial = live.trial_for(key).map(|trial| &trial.engine);
        trial.unwrap_or(&live.current).identity().clone()
    }

    fn counts(&self) -> Vec<(Metric, u64)> {
        self.inner.tally.take()
    }

    async fn refresh(&self) {
        if Instant::now() >= *lock(&self.inner.due) {
            self.check_channel().await;
            // What is compiled already is here in a moment, and worth it. A compiler
            // is waited for by nobody.
            let _ = timeout(MOMENT, self.until(Standing::is_slow)).await;
        }
    }

    async fn try_specs(&self, specs: Arc<[Spec]>, limits: Limits) -> Result<(), EngineError> {
        let live = self.inner.live();
        if let Some(trial) = live.trial.as_ref().filter(|trial| trial.is_on()) {
            Engine::try_specs(&trial.engine, specs.clone(), limits).await?;
        }
        Engine::try_specs(&live.current, specs, limits).await
    }

    async fn generate(&self, request: Request) -> Result<Made, EngineError> {
        let live = self.inner.live();
        match live.trial_for(&request.key) {
            Some(trial) => {
                trial
                    .generate(&live.current, request, &self.inner.tally)
                    .await
            }
            None => live.current.generate(request).await,
        }
    }
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.live().current.fmt(f)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A tenth more or less, so that hosts that began together do not ask together.
fn jittered(time: Duration) -> Duration {
    time.mul_f64(0.9 + 0.2 * fastrand::f64())
}
