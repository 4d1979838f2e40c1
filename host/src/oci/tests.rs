//! Engine stores in a registry: one that `THIMBLE_TEST_REGISTRY` names (without it those tests
//! say so and pass), and a small one that answers whatever a test wants.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;

use super::client::named;
use super::credentials::Credentials;
use super::manifest::{Descriptor, Manifest, WASM, WASM_CONFIG};
use super::*;
use crate::engines::{
    Author, Channel, ChannelFetch, ChannelName, Draft, EngineStore, EngineStoreError, Reference,
    Repository, Retention,
};
use crate::object::Location;
use crate::ports::{
    Condition, GetOptions, NewObject, ObjectStore, PutOptions, StoreError, StoreProblem,
};
use crate::testing::environment::tested_over;
use crate::trust::{Digest, SecretKey, Target};

mod fake;
mod wild;

/// A repository that no other test has, in the registry to test against.
fn repository(name: &str) -> Option<Repository> {
    let host = tested_over("a registry", "THIMBLE_TEST_REGISTRY")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let text = format!("oci+http://{host}/thimble/{name}-{}", now.as_nanos());
    Some(text.parse().unwrap())
}

fn store(registry: &Registry) -> EngineStore {
    EngineStore::new(Arc::new(registry.clone()), "registry", "")
}

fn draft(version: &str) -> Draft {
    Draft {
        name: "engine".to_owned(),
        version: version.to_owned(),
        contract: "contract".to_owned(),
        wasm: format!("engine {version}").into(),
        compiled: vec![(Target::X86_64, format!("code {version}").into())],
    }
}

fn begin_or_promote(channel: Option<&Channel>, engine: &Reference) -> Channel {
    match channel {
        Some(channel) => channel.promote(engine.clone(), 9).unwrap(),
        None => Channel::begin(ChannelName::default(), engine.clone(), 9),
    }
}

async fn promote(store: &EngineStore, author: &Author, engine: &Reference) {
    let name = ChannelName::default();
    let change = |channel: Option<&Channel>| Ok(begin_or_promote(channel, engine));
    let change = store.plan(&name, author, change).await.unwrap();
    store.commit(&change, author).await.unwrap();
}

/// The life of two engines: published, promoted, read, changed by two at once, and checked.
async fn lives(registry: Registry) {
    let (store, name) = (store(&registry), ChannelName::default());
    let author = Author::new(Some(SecretKey::generate()), Vec::new());
    let look = async |known| {
        let looked = store.fetch_channel(&name, author.trust(), known).await;
        looked.unwrap()
    };
    assert!(matches!(look(None).await, ChannelFetch::NotFound));
    let mut engines = Vec::new();
    for version in ["1", "2", "3"] {
        let published = store.publish(&draft(version), &author, 9).await.unwrap();
        let again = store.publish(&draft(version), &author, 10).await.unwrap();
        assert_eq!(
            again, published,
            "publishing the same again changes nothing"
        );
        engines.push(published);
    }
    promote(&store, &author, &engines[0]).await;
    let ChannelFetch::Read(read) = look(None).await else {
        panic!("the channel was promoted");
    };
    assert_eq!(read.channel.current, engines[0]);
    assert!(matches!(
        look(Some(&read.etag)).await,
        ChannelFetch::NotModified
    ));
    let release = store.release(&engines[0], author.trust()).await.unwrap();
    let wasm = store.wasm(&release.get().wasm).await.unwrap();
    let code = store.code(&release.get().compiled[0].code).await.unwrap();
    assert_eq!((&*wasm, &*code), (&b"engine 1"[..], &b"code 1"[..]));

    let plan = async |engine: &Reference| {
        let change = |channel: Option<&Channel>| Ok(begin_or_promote(channel, engine));
        store.plan(&name, &author, change).await.unwrap()
    };
    let (first, second) = (plan(&engines[1]).await, plan(&engines[2]).await);
    store.commit(&first, &author).await.unwrap();
    let error = store.commit(&second, &author).await.unwrap_err();
    assert!(matches!(error, EngineStoreError::Changed(_)), "{error:?}");

    assert_eq!(store.channels().await.unwrap(), std::slice::from_ref(&name));
    assert_eq!(store.releases(author.trust()).await.unwrap().len(), 3);
    let findings = store.check(author.trust()).await.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    let all = Retention {
        releases: 0,
        age: std::time::Duration::ZERO,
    };
    let garbage = store.garbage(all, SystemTime::now()).await.unwrap();
    assert_eq!(garbage, [], "what is garbage is the registry's to say");
}

#[tokio::test]
async fn an_engine_store_lives_in_a_registry() {
    if let Some(repository) = repository("store") {
        lives(Registry::with(&repository, None).unwrap()).await;
    }
}

#[tokio::test]
async fn an_engine_is_pushed_in_the_layout_of_components_and_one_that_lies_there_is_taken() {
    let Some(repository) = repository("layout") else {
        return;
    };
    is_in_the_layout(&repository).await;
}

/// Pushed as others do, published, and read as others do.
async fn is_in_the_layout(repository: &Repository) {
    let registry = Registry::with(repository, None).unwrap();
    let client = client::Client::new(repository, None).unwrap();
    let wasm = testkit::component::Component::good().build();
    // As `wkg oci push` does.
    let digest = client.push(wasm.clone().into()).await.unwrap();
    let config = Bytes::from_static(b"{\"architecture\":\"wasm\",\"os\":\"wasip2\"}");
    let config = Descriptor {
        media_type: WASM_CONFIG.to_owned(),
        size: config.len() as u64,
        digest: client.push(config).await.unwrap(),
    };
    let layer = Descriptor {
        media_type: WASM.to_owned(),
        digest: digest.clone(),
        size: wasm.len() as u64,
    };
    let manifest = Manifest::new(config, layer).bytes().unwrap();
    client.put_manifest("v1", manifest.clone()).await.unwrap();
    for reference in ["v1".to_owned(), named(&manifest)] {
        let pointer = crate::engines::Pointer {
            repository: repository.clone(),
            reference,
        };
        assert_eq!(Registry::component(&pointer).await.unwrap(), wasm);
    }
    // By its digest, whoever pushed it.
    let sha256 = Digest::of(&wasm);
    let at = Location::new("registry", format!("engines/{sha256}.wasm"));
    let object = registry.get(&at, &GetOptions::default()).await.unwrap();
    assert_eq!(object.body, wasm);
    let author = Author::default();
    let ours = Draft {
        wasm: wasm.clone().into(),
        ..draft("1")
    };
    store(&registry).publish(&ours, &author, 9).await.unwrap();
    let read = client.manifest(&format!("engine-{sha256}")).await.unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&read.body).unwrap();
    assert_eq!(manifest["config"]["mediaType"], WASM_CONFIG);
    assert_eq!(manifest["layers"][0]["mediaType"], WASM);
    assert_eq!(manifest["layers"][0]["digest"], digest);
    let config = manifest["config"]["digest"].as_str().unwrap();
    let config = client.blob(config, 10_000).await.unwrap();
    let config: serde_json::Value = serde_json::from_slice(&config).unwrap();
    assert_eq!(config["layerDigests"][0], digest);
    assert_eq!(config["os"], "wasip2");
    let exports = config["component"]["exports"].to_string();
    assert!(exports.contains("thimble:engine/thumbnailer"), "{exports}");
}
