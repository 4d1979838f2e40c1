//! From the one engine to the other and back, through a store.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use image::ImageFormat;
use tests::spec;
use thimble::contract::{Budget, INTERFACE, Limits};
use thimble::engines::{
    Author, Channel, ChannelName, Draft, EngineStore, NoChange, Options, Reference, Registry,
    WithoutKey,
};
use thimble::memory::MemoryStore;
use thimble::ports::{Engine as _, Made, Request};
use thimble::recipe::Recipes;
use thimble::trust::{SecretKey, Target};
use thimble::wasm::CompileLimits;

use crate::built::{Built, file, marked, picture, plain, runtime};

/// A store with both engines, and a host that follows its channel.
struct Stand {
    store: EngineStore,
    author: Author,
    plain: Reference,
    marked: Reference,
}

impl Stand {
    async fn new() -> Self {
        let objects = Arc::new(MemoryStore::new(["engines"]));
        let store = EngineStore::new(objects, "engines", "");
        let author = Author::new(Some(SecretKey::generate()), Vec::new());
        let publish = async |built: &Built| {
            let draft = Draft {
                name: built.engine.info().name.clone(),
                version: built.engine.info().version.clone(),
                contract: INTERFACE.to_owned(),
                wasm: Bytes::copy_from_slice(built.artifact.bytes()),
                compiled: vec![(
                    Target::native().unwrap(),
                    Bytes::copy_from_slice(built.compiled.code()),
                )],
            };
            store.publish(&draft, &author, 9).await.unwrap()
        };
        let (plain, marked) = (publish(plain()).await, publish(marked()).await);
        Self {
            store,
            author,
            plain,
            marked,
        }
    }

    async fn change(&self, change: impl FnOnce(Option<&Channel>) -> Result<Channel, NoChange>) {
        let name = ChannelName::default();
        let planned = self.store.plan(&name, &self.author, change).await.unwrap();
        self.store.commit(&planned, &self.author).await.unwrap();
    }

    async fn host(&self) -> Registry {
        let options = Options {
            channel: ChannelName::default(),
            trust: self.author.trust().clone(),
            check_every: Duration::ZERO,
            compile: CompileLimits::default(),
            without_key: WithoutKey::Refuse,
            recipes: Recipes::from(vec!["thumbnail=75x75".parse().unwrap()]).into(),
            limits: Limits::default(),
            budget: Budget::default(),
        };
        let (store, runtime) = (self.store.clone(), runtime().clone());
        Registry::start(store, runtime, options, None)
            .await
            .unwrap()
    }
}

async fn serve(host: &Registry, key: &str) -> Made {
    host.check().await;
    let source = file(&picture(100, 100), ImageFormat::Png);
    let request = Request {
        source: source.into(),
        specs: vec![spec("75x75")].into(),
        limits: Limits::default(),
        deadline: None,
        key: key.to_owned(),
        placeholder: false,
    };
    host.generate(request).await.unwrap()
}

/// True if the thumbnail shows the mark: its corner is black then.
fn is_marked(made: &Made) -> bool {
    let thumbnail = image::load_from_memory(&made.output.thumbnails[0].data).unwrap();
    let thumbnail = thumbnail.to_rgb8();
    let (width, height) = thumbnail.dimensions();
    thumbnail.get_pixel(width - 1, height - 1).0 == [0; 3]
}

/// The host makes thumbnails with `engine`, and they look like it.
async fn is_served_by(host: &Registry, engine: &Reference, marked: bool) {
    let made = serve(host, "cat.png").await;
    assert_eq!(made.engine.digest, engine.engine.to_string());
    assert_eq!(is_marked(&made), marked);
    assert_eq!(host.status().problem, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn thumbnails_show_which_engine_is_promoted_rolled_back_and_tried() {
    let stand = Stand::new().await;
    let (plain, marked) = (&stand.plain, &stand.marked);
    stand
        .change(|_| Ok(Channel::begin(ChannelName::default(), plain.clone(), 9)))
        .await;
    let host = stand.host().await;
    is_served_by(&host, plain, false).await;
    stand
        .change(|channel| channel.unwrap().promote(marked.clone(), 9))
        .await;
    is_served_by(&host, marked, true).await;
    stand.change(|channel| channel.unwrap().roll_back(9)).await;
    is_served_by(&host, plain, false).await;

    stand
        .change(|channel| channel.unwrap().try_out(marked.clone(), 500, 9))
        .await;
    let mut tried = 0;
    for number in 0..24 {
        let key = format!("photo-{number}.png");
        let made = serve(&host, &key).await;
        let is_canary = made.engine.digest == marked.engine.to_string();
        assert_eq!(is_marked(&made), is_canary);
        assert_eq!(serve(&host, &key).await.engine, made.engine, "a retry");
        tried += u32::from(is_canary);
    }
    assert!((4..=20).contains(&tried), "{tried}");
    stand.change(|channel| channel.unwrap().end_trial(9)).await;
    is_served_by(&host, plain, false).await;
}
