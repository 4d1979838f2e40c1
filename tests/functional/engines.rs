//! A function without a compiler follows a channel of engines, with the least
//! permission to do so.

use std::sync::Arc;
use std::{env, fs};

use thimble::aws::{Connection, S3};
use thimble::contract::INTERFACE;
use thimble::engines::{Author, Channel, ChannelName, Draft, EngineStore, NoChange, Reference};
use thimble::trust::{SecretKey, Target};
use thimble::wasm::{Artifact, Compiled};

use crate::photos::sample;
use crate::stack::{Stack, stack, wait};

/// The store of engines that the stack was told to follow.
struct Store {
    store: EngineStore,
    author: Author,
}

impl Store {
    /// Without `THIMBLE_ENGINE_STORE` the stack follows nothing, and a line says
    /// so.
    async fn find(stack: &Stack) -> Option<Self> {
        let Ok(place) = env::var("THIMBLE_ENGINE_STORE") else {
            println!("skipped: THIMBLE_ENGINE_STORE names no store that the stack follows");
            return None;
        };
        let (bucket, prefix) = place.strip_prefix("s3://")?.split_once('/')?;
        // It may be there already.
        let _ = stack.s3.create_bucket().bucket(bucket).send().await;
        let objects = S3::new(&Connection::from_environment().await);
        let key = fs::read_to_string(env::var("THIMBLE_ENGINE_KEY").unwrap()).unwrap();
        Some(Self {
            store: EngineStore::new(Arc::new(objects), bucket, prefix),
            author: Author::new(Some(key.parse::<SecretKey>().unwrap()), Vec::new()),
        })
    }

    /// Publishes the engine under a name of its own: it has another digest and
    /// makes the same thumbnails, so no other test notices.
    async fn publish(&self, label: &str) -> Reference {
        let mut wasm = fs::read(testkit::built::engine()).unwrap();
        wasm.extend(section(label));
        let artifact = Artifact::new(wasm);
        let target = Target::native().unwrap();
        let compiled = Compiled::compile_for(target, &artifact).unwrap();
        let draft = Draft {
            name: "thimble-engine".to_owned(),
            version: label.to_owned(),
            contract: INTERFACE.to_owned(),
            wasm: artifact.bytes().to_vec().into(),
            compiled: vec![(target, compiled.code().to_vec().into())],
        };
        let published = self.store.publish(&draft, &self.author, 9).await;
        published.unwrap()
    }

    async fn change(&self, change: impl FnOnce(Option<&Channel>) -> Result<Channel, NoChange>) {
        let name = ChannelName::default();
        let planned = self.store.plan(&name, &self.author, change).await.unwrap();
        self.store.commit(&planned, &self.author).await.unwrap();
    }

    async fn promote(&self, engine: &Reference) {
        self.change(|channel| match channel {
            Some(channel) => channel.promote(engine.clone(), 9),
            None => Ok(Channel::begin(ChannelName::default(), engine.clone(), 9)),
        })
        .await;
    }
}

/// A section of a component that says nothing to anybody.
fn section(label: &str) -> Vec<u8> {
    let length = u8::try_from(label.len()).unwrap();
    let mut section = vec![0, length + 1, length];
    section.extend(label.as_bytes());
    section
}

/// Waits until a photo is made by `engine`.
async fn until_made_by(stack: &Stack, engine: &Reference) {
    let photo = sample("logo.png");
    let mut number = 0;
    wait(&format!("a thumbnail by {engine}"), async || {
        number += 1;
        let key = stack.key(&format!("{}-{number}.png", engine.version));
        stack.put(&key, &photo).await;
        let made = stack.until_made(&key).await;
        let (object, _) = stack.thumbnail(&made["75x75"]).await;
        let metadata = object.metadata.unwrap();
        (metadata["engine"] == engine.engine.to_string()).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_engine_is_promoted_and_rolled_back_and_the_function_follows() {
    let stack = stack!("engines");
    let Some(store) = Store::find(&stack).await else {
        return;
    };
    let (one, two) = (store.publish("one").await, store.publish("two").await);
    store.promote(&one).await;
    until_made_by(&stack, &one).await;
    store.promote(&two).await;
    until_made_by(&stack, &two).await;
    store.change(|channel| channel.unwrap().roll_back(9)).await;
    until_made_by(&stack, &one).await;
}
