//! Composition of a host, common to the function, the worker and the folder.
//!
//! ```text
//! engine of the store, or at hand --+
//! objects, settings ----------------+--> pipeline --+
//! dead-letter policy -------------------------------+--> batch
//! ```
//!
//! A host that cannot make one of its presets does not start: better told now than
//! by a queue of dead letters.

use std::sync::Arc;

use crate::batch::{Batch, PermanentFailures};
use crate::config::{Config, Followed};
use crate::contract::Limits;
use crate::engines::{self, EngineStore, Refusal, Registry, admit};
use crate::metric::Metric;
use crate::pipeline::{Bystanders, Pipeline, Settings};
use crate::ports::{Engine, News, ObjectStore};
use crate::preset::Preset;
use crate::reload::Reload;
use crate::results::Results;
use crate::telemetry::Spans;
use crate::wasm::{Compiler, LoadError, Runtime, RuntimeError, SandboxedEngine};

/// Loads the engine that came with the program, or was named to it.
pub type AtHand = Box<dyn FnOnce(&Runtime, &Compiler) -> Result<SandboxedEngine, LoadError> + Send>;

/// Parts of a host, before any of them works.
pub struct Plan {
    /// Sources and thumbnails.
    pub objects: Arc<dyn ObjectStore>,
    /// The store of engines to follow, if one is configured.
    pub engines: Option<EngineStore>,
    /// The engine to work with otherwise, and to begin with if the store has none.
    pub at_hand: Option<AtHand>,
    /// Manner in which the store is followed, and demands on every engine.
    pub follow: engines::Options,
    /// Thumbnails to make of a source.
    pub settings: Settings,
    /// The configuration file that says so, if it is followed.
    pub file: Option<Followed>,
    /// Knowledge of what lies beside the sources and is no image, if that is left alone.
    pub bystanders: Option<Arc<dyn Bystanders>>,
    /// Fate of a message that trying again cannot help.
    pub permanent: PermanentFailures,
    /// Maker of spans, if there are traces.
    pub spans: Option<Arc<dyn Spans>>,
    /// Receiver of results, if anybody waits for them.
    pub results: Option<Arc<dyn Results>>,
    /// Most objects that are worked on at one time.
    pub concurrency: usize,
}

impl Plan {
    /// The host that `config` describes, over `objects`; whoever opens the engine store that
    /// it names puts it into the plan.
    pub fn configured(
        config: Config,
        objects: Arc<dyn ObjectStore>,
        at_hand: Option<AtHand>,
        permanent: PermanentFailures,
    ) -> Self {
        Self {
            engines: None,
            at_hand,
            follow: config.follow(),
            concurrency: config.concurrency,
            settings: config.settings,
            file: config.file,
            results: None,
            bystanders: None,
            spans: None,
            permanent,
            objects,
        }
    }
}

/// A host that is ready to work.
#[derive(Debug)]
pub struct Service {
    /// The engine, which may follow a channel.
    pub engine: Arc<dyn Engine>,
    /// One object at a time.
    pub pipeline: Arc<Pipeline>,
    /// Messages, with dead letters as configured.
    pub batch: Arc<Batch>,
    /// Maker of spans, if there are traces.
    pub spans: Option<Arc<dyn Spans>>,
    concurrency: usize,
}

/// Reason that a host does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The sandbox does not work on this machine.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The engine at hand is of no use.
    #[error(transparent)]
    Engine(#[from] Refusal),
    /// Neither the store nor the program has an engine that is.
    #[error(transparent)]
    Store(#[from] engines::StartError),
    /// There is no engine at all.
    #[error("there is no engine; name one, or configure a store of engines")]
    NoEngine,
}

impl Service {
    /// Start the host that `plan` describes.
    ///
    /// # Errors
    /// If there is no engine, or none that can make every preset.
    pub async fn start(plan: Plan) -> Result<Self, StartError> {
        let runtime = Runtime::new()?;
        let compiler = Compiler::new(plan.follow.compile);
        let recipes = plan.follow.recipes.clone();
        let engines = plan.engines.clone();
        let engine: Arc<dyn Engine> = match (plan.engines, plan.at_hand) {
            (Some(store), at_hand) => {
                let beside = runtime.clone();
                let package = at_hand
                    .map(|load| -> engines::Package { Box::new(move || load(&beside, &compiler)) });
                Arc::new(Registry::start(store, runtime, plan.follow, package).await?)
            }
            (None, Some(load)) => {
                let limits = plan.follow.limits;
                Arc::new(at_hand(runtime, compiler, load, recipes.now().sets(), limits).await?)
            }
            (None, None) => return Err(StartError::NoEngine),
        };
        let limits = plan.settings.limits;
        let follow = |file| -> Arc<dyn News> {
            let (objects, engine) = (plan.objects.clone(), engine.clone());
            let recipes = recipes.clone();
            Arc::new(Reload::new(file, objects, engines, engine, recipes, limits))
        };
        let news = plan.file.map(follow);
        let pipeline = Pipeline::new(plan.objects, engine.clone(), plan.settings);
        let pipeline = pipeline.by(recipes).hearing(news).telling(plan.results);
        let pipeline = pipeline.passing_over(plan.bystanders);
        let service = Self::of(
            pipeline,
            engine,
            plan.permanent,
            plan.concurrency,
            plan.spans,
        );
        Ok(service)
    }

    /// The host of a pipeline whose engine is known to be good.
    pub fn of(
        pipeline: Pipeline,
        engine: Arc<dyn Engine>,
        permanent: PermanentFailures,
        concurrency: usize,
        spans: Option<Arc<dyn Spans>>,
    ) -> Self {
        let pipeline = Arc::new(pipeline);
        let batch = Batch::new(pipeline.clone(), permanent, concurrency);
        Self {
            batch: Arc::new(batch.traced(spans.clone())),
            engine,
            pipeline,
            spans,
            concurrency,
        }
    }

    /// Counts of the engine and of the configuration since this was last asked for.
    pub fn counts(&self) -> Vec<(Metric, u64)> {
        let counts = self.engine.counts().into_iter();
        counts.chain(self.pipeline.counts()).collect()
    }

    /// Another batch, for work that reports its failures itself and so has no
    /// dead letters.
    pub fn batch_without_dead_letters(&self) -> Batch {
        let retry = PermanentFailures::Retry;
        Batch::new(self.pipeline.clone(), retry, self.concurrency).traced(self.spans.clone())
    }
}

/// Load an engine that follows no channel, and see whether it can make each set of
/// `presets`.
///
/// # Errors
/// If it is no good engine, or cannot make one of them.
pub async fn at_hand(
    runtime: Runtime,
    compiler: Compiler,
    load: AtHand,
    presets: Vec<Vec<Preset>>,
    limits: Limits,
) -> Result<SandboxedEngine, Refusal> {
    admit(move || Ok(load(&runtime, &compiler)?), presets, limits).await
}
