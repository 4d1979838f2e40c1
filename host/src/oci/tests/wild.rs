//! Registries that want to be authorized, and such as lie.

use super::fake::{Asks, Fake, Fault, PASSWORD, USER, header};
use super::*;
use crate::error::with_causes;

fn ann() -> Option<Credentials> {
    Some(Credentials::Basic {
        user: USER.to_owned(),
        password: PASSWORD.to_owned(),
    })
}

#[tokio::test]
async fn an_engine_store_lives_in_a_registry_however_that_is_authorized() {
    for (asks, credentials) in [
        (Asks::Nothing, None),
        (Asks::Basic, ann()),
        (Asks::Bearer, ann()),
        (
            Asks::Bearer,
            Some(Credentials::Token("token-of-ann".to_owned())),
        ),
    ] {
        let (_, repository) = Fake::start(asks, Fault::None);
        lives(Registry::with(&repository, credentials).unwrap()).await;
        let (_, repository) = Fake::start(Asks::Nothing, Fault::None);
        is_in_the_layout(&repository).await;
    }
}

#[tokio::test]
async fn a_registry_that_denies_says_so_and_is_asked_no_more() {
    let wrong = Some(Credentials::Basic {
        user: USER.to_owned(),
        password: "wrong".to_owned(),
    });
    for (asks, credentials, most) in [
        (Asks::Basic, None, 1),
        (Asks::Basic, wrong.clone(), 2),
        (Asks::Bearer, None, 2),
        (Asks::Bearer, wrong, 2),
    ] {
        let (fake, repository) = Fake::start(asks, Fault::None);
        let registry = Registry::with(&repository, credentials).unwrap();
        let at = Location::new("registry", "channels/stable.json");
        let error = registry.get(&at, &GetOptions::default()).await.unwrap_err();
        assert_eq!(error.problem, StoreProblem::Denied, "{asks:?}");
        let text = with_causes(&error);
        assert!(
            text.contains("docker login") && !text.contains(PASSWORD),
            "{text}"
        );
        assert!(fake.seen().len() <= most, "{asks:?}: {:?}", fake.seen());
    }
}

/// The answer to a request for an engine that is there.
async fn read(fault: Fault) -> (Result<Bytes, StoreError>, Fake) {
    let (fake, repository) = Fake::start(Asks::Bearer, fault);
    let digest = fake.has(b"an engine");
    let key = format!("engines/{}.wasm", digest.trim_start_matches("sha256:"));
    let registry = Registry::with(&repository, ann()).unwrap();
    let options = GetOptions {
        max_bytes: Some(9),
        if_none_match: None,
    };
    let read = registry
        .get(&Location::new("registry", key), &options)
        .await;
    (read.map(|object| object.body), fake)
}

#[tokio::test]
async fn bytes_that_are_wrong_too_many_or_nowhere_are_told() {
    for (fault, words) in [
        (Fault::OtherBytes, "other bytes than those of the digest"),
        (Fault::Oversized, "at most 9 are read"),
        (Fault::Loop, "more than 3 of them"),
        (Fault::Insecure, "leads away from TLS"),
    ] {
        let (read, fake) = read(fault).await;
        let text = with_causes(&read.unwrap_err());
        assert!(text.contains(words), "{fault:?}: {text}");
        assert!(fake.seen().len() < 10, "{fault:?}");
    }
}

#[tokio::test]
async fn blobs_may_lie_elsewhere_and_nobody_there_is_told_a_secret() {
    let (read, fake) = read(Fault::Elsewhere).await;
    assert_eq!(read.unwrap(), &b"an engine"[..]);
    let seen = fake.seen();
    let elsewhere = seen.last().unwrap();
    assert!(elsewhere.target.starts_with("/sha256:"), "{elsewhere:?}");
    assert_eq!(header(elsewhere, "authorization"), "");
    let authorized = seen
        .iter()
        .filter(|it| !header(it, "authorization").is_empty());
    assert!(authorized.count() >= 2, "{seen:?}");
}

#[tokio::test]
async fn what_is_no_artifact_of_ours_is_refused_by_its_layout() {
    let (fake, repository) = Fake::start(Asks::Nothing, Fault::None);
    let client = client::Client::new(&repository, None).unwrap();
    let layer = |media_type: &str| Descriptor {
        media_type: media_type.to_owned(),
        digest: fake.has(b"wasm"),
        size: 4,
    };
    let image = "application/vnd.oci.image.config.v1+json";
    for (config, media_type, words) in [
        (image, WASM, "layout of WebAssembly components"),
        (
            WASM_CONFIG,
            "application/vnd.oci.image.layer.v1.tar+gzip",
            "one layer of application/wasm",
        ),
    ] {
        let manifest = Manifest::new(layer(config), layer(media_type))
            .bytes()
            .unwrap();
        client.put_manifest("v1", manifest).await.unwrap();
        let pointer = format!("oci://{repository}:v1").parse().unwrap();
        let error = Registry::component(&pointer).await.unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let text = Bytes::from_static(b"no manifest");
    client.put_manifest("v1", text).await.unwrap();
    let pointer = format!("oci://{repository}:v1").parse().unwrap();
    let error = Registry::component(&pointer).await.unwrap_err();
    assert!(matches!(error, RegistryError::Layout(_)), "{error}");
    let channel = Location::new("registry", "other/key");
    let error = registry_error(&repository, &channel).await;
    assert_eq!(error.problem, StoreProblem::InvalidKey);
}

async fn registry_error(repository: &Repository, at: &Location) -> StoreError {
    let registry = Registry::with(repository, None).unwrap();
    registry.put(at, NewObject::new("")).await.unwrap_err()
}

#[tokio::test]
async fn a_write_whose_condition_does_not_hold_is_refused() {
    let (_, repository) = Fake::start(Asks::Nothing, Fault::None);
    let registry = Registry::with(&repository, None).unwrap();
    let at = Location::new("registry", "channels/stable.json");
    let write = async |body: &'static str, condition| {
        let options = PutOptions {
            condition: Some(condition),
            ..PutOptions::default()
        };
        registry.put(&at, NewObject::new(body).with(options)).await
    };
    let first = write("1", Condition::IfAbsent).await.unwrap().unwrap();
    for condition in [
        Condition::IfAbsent,
        Condition::IfMatch(crate::object::ETag::new("other")),
    ] {
        let error = write("2", condition).await.unwrap_err();
        assert_eq!(error.problem, StoreProblem::ConditionFailed);
    }
    write("3", Condition::IfMatch(first)).await.unwrap();
    let read = registry.get(&at, &GetOptions::default()).await.unwrap();
    assert_eq!(read.body, "3");
    let error = registry.delete(&at).await.unwrap_err();
    assert!(matches!(error.problem, StoreProblem::Unsupported(_)));
}
