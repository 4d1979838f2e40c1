//! Cost of following a channel of engines, and duration of a swap.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use serde_json::json;
use thimble::contract::{Budget, INTERFACE, Limits};
use thimble::engines::{
    Author, Channel, ChannelName, Draft, EngineStore, Options, Reference, Registry, WithoutKey,
};
use thimble::memory::MemoryStore;
use thimble::ports::Engine as _;
use thimble::preset::Preset;
use thimble::recipe::Recipes;
use thimble::trust::{SecretKey, Target};
use thimble::wasm::{Artifact, CompileLimits, Compiled, Runtime, SandboxedEngine};

use crate::times::{median, milliseconds};

/// Number of swaps.
const SWAPS: usize = 20;

/// Number of looks at the channel.
const LOOKS: u32 = 1_000;

/// Number of looks that are spared, because the last one was a moment ago.
const PASSES: u32 = 1_000_000;

/// Prints the median milliseconds of each step, as one JSON object. The store is
/// in memory, so what a network would add is not in the figures.
///
/// # Errors
///
/// If the engine cannot be loaded.
pub(crate) fn report(path: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(measure(path))
}

async fn measure(path: &Path) -> Result<()> {
    let stand = Stand::new(path).await?;
    let eager = stand.registry(Duration::ZERO).await?;
    let (mut swaps, mut returns) = (Vec::new(), Vec::new());
    for _ in 0..SWAPS {
        // A process that has not seen the engine before has to load it.
        stand
            .change(|channel| channel.promote(stand.two.clone(), 0))
            .await?;
        swaps.push(time(eager.check()).await);
        stand.change(|channel| channel.roll_back(0)).await?;
        returns.push(time(eager.check()).await);
        stand
            .change(|channel| channel.promote(stand.three.clone(), 0))
            .await?;
        swaps.push(time(eager.check()).await);
        stand
            .change(|channel| channel.promote(stand.one.clone(), 0))
            .await?;
        swaps.push(time(eager.check()).await);
    }
    let begun = Instant::now();
    for _ in 0..LOOKS {
        eager.refresh().await;
    }
    let look = begun.elapsed() / LOOKS;
    let patient = stand.registry(Duration::from_secs(3_600)).await?;
    let begun = Instant::now();
    for _ in 0..PASSES {
        patient.refresh().await;
    }
    let pass = begun.elapsed() / PASSES;
    println!(
        "{}",
        json!({
            "swap to an engine that has to be loaded": median(swaps),
            "roll back to the engine before": median(returns),
            "look at a channel that is as it was": milliseconds(look),
            "pass by a channel that was just looked at": milliseconds(pass),
        })
    );
    Ok(())
}

/// A store with one engine, published three times.
struct Stand {
    store: EngineStore,
    author: Author,
    runtime: Runtime,
    one: Reference,
    two: Reference,
    three: Reference,
}

impl Stand {
    async fn new(path: &Path) -> Result<Self> {
        let objects = Arc::new(MemoryStore::new(["engines"]));
        let store = EngineStore::new(objects, "engines", "");
        let author = Author::new(Some(SecretKey::generate()), Vec::new());
        let artifact = Artifact::read(path)?;
        let runtime = Runtime::new()?;
        let engine = SandboxedEngine::load(&runtime, &artifact, Budget::default())?;
        let target = Target::native().context("engines are compiled for Linux only")?;
        let code = Compiled::compile_for(target, &artifact)?;
        let publish = async |version: &str| {
            let draft = Draft {
                name: engine.info().name.clone(),
                version: version.to_owned(),
                contract: INTERFACE.to_owned(),
                wasm: Bytes::copy_from_slice(artifact.bytes()),
                compiled: vec![(target, Bytes::copy_from_slice(code.code()))],
            };
            store.publish(&draft, &author, 0).await
        };
        let (one, two, three) = (
            publish("1").await?,
            publish("2").await?,
            publish("3").await?,
        );
        let begin =
            |_: Option<&Channel>| Ok(Channel::begin(ChannelName::default(), one.clone(), 0));
        let change = store.plan(&ChannelName::default(), &author, begin).await?;
        store.commit(&change, &author).await?;
        Ok(Self {
            store,
            author,
            runtime,
            one,
            two,
            three,
        })
    }

    async fn registry(&self, check_every: Duration) -> Result<Registry> {
        let options = Options {
            channel: ChannelName::default(),
            trust: self.author.trust().clone(),
            check_every,
            compile: CompileLimits::default(),
            without_key: WithoutKey::Refuse,
            recipes: Recipes::from(Vec::from(Preset::defaults())).into(),
            limits: Limits::default(),
            budget: Budget::default(),
        };
        let (store, runtime) = (self.store.clone(), self.runtime.clone());
        Ok(Registry::start(store, runtime, options, None).await?)
    }

    async fn change(
        &self,
        change: impl FnOnce(&Channel) -> Result<Channel, thimble::engines::NoChange>,
    ) -> Result<()> {
        let name = ChannelName::default();
        let change = |channel: Option<&Channel>| {
            change(channel.ok_or(thimble::engines::NoChange::NoChannel)?)
        };
        let change = self.store.plan(&name, &self.author, change).await?;
        Ok(self.store.commit(&change, &self.author).await?)
    }
}

async fn time(work: impl Future<Output = ()>) -> Duration {
    let begun = Instant::now();
    work.await;
    begun.elapsed()
}
