//! Engines that come and go, good ones and bad ones, in a store that may fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;

use super::store::{channel_key, code_key, release_key, wasm_key};
use super::*;
use crate::contract::{Budget, Limits, Spec};
use crate::memory::MemoryStore;
use crate::object::Location;
use crate::ports::{Engine as _, EngineError, GetOptions, Made, NewObject, ObjectStore, Request};
use crate::preset::Preset;
use crate::recipe::Recipes;
use crate::trust::{Digest, SecretKey, Target};
use crate::wasm::{Artifact, CompileLimits, Compiled, Runtime};

mod channels;
mod compiled;
mod configuration;
mod following;
mod load;
mod maintenance;
mod port;
mod publishing;
mod trials;

use testkit::component::{BAD_SOURCE, Component, GOOD_SOURCE};

const BUCKET: &str = "store";
const PREFIX: &str = "thimble";

/// Small enough for an engine that hangs, and enough for a good one on a machine
/// that has much else to do.
const BUDGET: Budget = Budget {
    memory: 8 << 20,
    time: Duration::from_secs(3),
};

/// A store in memory, and somebody who publishes.
pub(super) struct World {
    objects: Arc<MemoryStore>,
    store: EngineStore,
    author: Author,
    runtime: Runtime,
    clock: AtomicU64,
}

impl World {
    /// With a key.
    fn new() -> Self {
        Self::of(Author::new(Some(SecretKey::generate()), Vec::new()))
    }

    /// With an engine that the channel leads to.
    async fn serving(engine: &Component) -> (Self, Reference) {
        let world = Self::new();
        let engine = world.publish(engine).await;
        world.promote(&engine).await;
        (world, engine)
    }

    fn of(author: Author) -> Self {
        let objects = Arc::new(MemoryStore::new([BUCKET]));
        Self {
            store: EngineStore::new(objects.clone(), BUCKET, PREFIX),
            objects,
            author,
            runtime: Runtime::new().unwrap(),
            clock: AtomicU64::new(1_700_000_000),
        }
    }

    fn now(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed)
    }

    async fn publish(&self, engine: &Component) -> Reference {
        self.publish_with(engine, Vec::new()).await
    }

    async fn publish_with(&self, engine: &Component, compiled: Vec<(Target, Bytes)>) -> Reference {
        let draft = draft(engine, compiled);
        self.store
            .publish(&draft, &self.author, self.now())
            .await
            .unwrap()
    }

    /// With machine code for this machine.
    async fn publish_compiled(&self, engine: &Component) -> Reference {
        let artifact = Artifact::new(engine.build());
        let target = Target::native().unwrap();
        let compiled = Compiled::compile_for(target, &artifact).unwrap();
        let code = Bytes::copy_from_slice(compiled.code());
        self.publish_with(engine, vec![(target, code)]).await
    }

    /// An engine that was not written by hand, with machine code.
    async fn publish_built(&self, artifact: &Artifact) -> Reference {
        let target = Target::native().unwrap();
        let compiled = Compiled::compile_for(target, artifact).unwrap();
        let code = Bytes::copy_from_slice(compiled.code());
        let draft = Draft {
            wasm: Bytes::copy_from_slice(artifact.bytes()),
            ..draft(&good(0), vec![(target, code)])
        };
        let published = self.store.publish(&draft, &self.author, self.now()).await;
        published.unwrap()
    }

    async fn promote(&self, engine: &Reference) {
        self.change(|channel| match channel {
            Some(channel) => channel.promote(engine.clone(), self.now()),
            None => Ok(Channel::begin(
                ChannelName::default(),
                engine.clone(),
                self.now(),
            )),
        })
        .await
        .unwrap();
    }

    async fn roll_back(&self) {
        let back = |channel: Option<&Channel>| channel.unwrap().roll_back(self.now());
        self.change(back).await.unwrap();
    }

    async fn try_out(&self, engine: &Reference, weight: u16) {
        let trial = |channel: Option<&Channel>| {
            channel.unwrap().try_out(engine.clone(), weight, self.now())
        };
        self.change(trial).await.unwrap();
    }

    async fn change(
        &self,
        change: impl FnOnce(Option<&Channel>) -> Result<Channel, NoChange>,
    ) -> Result<(), EngineStoreError> {
        let name = ChannelName::default();
        let change = self.store.plan(&name, &self.author, change).await?;
        self.store.commit(&change, &self.author).await
    }

    fn options(&self) -> Options {
        Options {
            channel: ChannelName::default(),
            trust: self.author.trust().clone(),
            check_every: Duration::ZERO,
            compile: CompileLimits::default(),
            without_key: WithoutKey::Compile,
            recipes: Recipes::from(presets()).into(),
            limits: Limits::default(),
            budget: BUDGET,
        }
    }

    /// A host that follows the channel.
    /// A host that has all that the channel names.
    async fn registry(&self) -> Registry {
        let registry = self.registry_over(self.store.clone()).await;
        registry.check().await;
        registry
    }

    async fn registry_over(&self, store: EngineStore) -> Registry {
        Registry::start(store, self.runtime.clone(), self.options(), None)
            .await
            .unwrap()
    }

    async fn registry_with(&self, options: Options) -> Registry {
        Registry::start(self.store.clone(), self.runtime.clone(), options, None)
            .await
            .unwrap()
    }

    fn at(&self, key: &str) -> Location {
        Location::new(BUCKET, format!("{PREFIX}/{key}"))
    }

    async fn read(&self, key: &str) -> Bytes {
        let object = self
            .objects
            .get(&self.at(key), &GetOptions::default())
            .await;
        object.unwrap().body
    }

    async fn write(&self, key: &str, body: impl Into<Bytes>) {
        self.objects
            .put(&self.at(key), NewObject::new(body))
            .await
            .unwrap();
    }

    async fn remove(&self, key: &str) {
        self.objects.delete(&self.at(key)).await.unwrap();
    }
}

/// The presets whose thumbnails a hand-written engine always makes.
fn presets() -> Vec<Preset> {
    vec![
        "small=8x8".parse().unwrap(),
        "tiny=5x5,cover".parse().unwrap(),
    ]
}

fn draft(engine: &Component, compiled: Vec<(Target, Bytes)>) -> Draft {
    Draft {
        name: "by-hand".to_owned(),
        version: "1.0.0".to_owned(),
        contract: crate::contract::INTERFACE.to_owned(),
        wasm: engine.build().into(),
        compiled,
    }
}

/// A good engine, different from those of other numbers.
/// The key of the channel that is followed.
fn stable() -> String {
    channel_key(&ChannelName::default())
}

fn good(number: u32) -> Component {
    Component::called("by-hand", &format!("1.0.{number}"))
}

fn request(key: &str, source: &'static [u8]) -> Request {
    let specs: Vec<Spec> = presets()
        .iter()
        .map(|preset| preset.spec().clone())
        .collect();
    Request {
        source: Bytes::from_static(source),
        specs: specs.into(),
        limits: Limits::default(),
        deadline: None,
        key: key.to_owned(),
        placeholder: false,
    }
}

/// Look at the channel as a host does, and make thumbnails.
async fn serve(registry: &Registry, key: &str, source: &'static [u8]) -> Result<Made, EngineError> {
    registry.check().await;
    registry.generate(request(key, source)).await
}

/// The host serves, with this engine.
async fn is_served_by(registry: &Registry, engine: &Reference) {
    let made = serve(registry, "cat.png", GOOD_SOURCE).await.unwrap();
    assert_eq!(made.output.thumbnails.len(), 2);
    assert_eq!(made.engine.digest, engine.engine.to_string());
    assert_eq!(registry.identity("cat.png"), made.engine);
}

/// The host serves with the engine it had, and says why it has no other.
async fn clings_to(registry: &Registry, engine: &Reference, because: &str) {
    is_served_by(registry, engine).await;
    let problem = registry.status().problem.unwrap_or_default();
    assert!(
        problem.contains(because),
        "{because:?} is not why: {problem:?}"
    );
}
