//! Single requests to stores that differ from AWS's own.

use super::cloud::{Cloud, Fault, Order};
use super::*;
use crate::object::Location;
use crate::pipeline::Pipeline;
use crate::ports::{
    Condition, GetOptions, Listing, NewObject, ObjectStore, PutOptions, Storage, StoreProblem,
};
use crate::recipe::copies::Copies;
use crate::testing::world::{IMAGES, THUMBNAILS, World};
use crate::trust::Trust;

/// A store with one object, in which every request goes wrong in one way.
async fn store(fault: Fault) -> (S3, Connection, Location) {
    let world = World::new();
    world.write("cat.png", "png cat").await;
    let (cloud, connection) = Cloud::start(world.store.clone(), &[]).await;
    cloud.order(Order {
        operation: "GetObject HeadObject PutObject DeleteObject ListObjectsV2",
        after: 0,
        count: u64::MAX,
        fault,
    });
    let store = S3::new(&connection);
    (store, connection, Location::new(IMAGES, "cat.png"))
}

#[tokio::test]
async fn a_body_of_unknown_length_is_read_within_the_limit_and_no_further() {
    let (store, _, cat) = store(Fault::Unannounced).await;
    assert_eq!(store.head(&cat).await.unwrap().size, None);
    for (max_bytes, expected) in [
        (None, Ok(7)),
        (Some(7), Ok(7)),
        (Some(6), Err(6)),
        (Some(0), Err(0)),
    ] {
        let options = GetOptions {
            max_bytes,
            if_none_match: None,
        };
        match (store.get(&cat, &options).await, expected) {
            (Ok(object), Ok(size)) => {
                assert_eq!(object.body, "png cat");
                assert_eq!(object.info.size, Some(size));
            }
            (Err(error), Err(expected)) => {
                let StoreProblem::TooLarge { size, limit } = error.problem else {
                    panic!("{error:?}");
                };
                assert_eq!(limit, expected);
                assert!(size > limit, "{size}");
            }
            other => panic!("{max_bytes:?}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_store_without_conditional_writes_is_told_as_one_by_the_header() {
    for (condition, header) in [
        (Condition::IfAbsent, "if-none-match"),
        (Condition::IfMatch(World::etag("png cat")), "if-match"),
    ] {
        let (store, _, cat) = store(Fault::RefusedWith(header, 501, "NotImplemented")).await;
        let options = PutOptions {
            condition: Some(condition),
            ..PutOptions::default()
        };
        let error = store
            .put(&cat, NewObject::new("").with(options))
            .await
            .unwrap_err();
        let StoreProblem::Unsupported(what) = &error.problem else {
            panic!("{error:?}");
        };
        assert!(what.to_lowercase().contains(header), "{what}");
        store.put(&cat, NewObject::new("")).await.unwrap();
    }
}

/// Publish an engine, and begin a channel with it.
async fn publish_and_promote(store: &EngineStore) -> Result<(), EngineStoreError> {
    let author = Author::new(Some(SecretKey::generate()), Vec::new());
    let draft = Draft {
        name: "engine".to_owned(),
        version: "1".to_owned(),
        contract: "contract".to_owned(),
        wasm: "engine".into(),
        compiled: Vec::new(),
    };
    let engine = store.publish(&draft, &author, 9).await?;
    let name = ChannelName::default();
    let begin = |_: Option<&Channel>| Ok(Channel::begin(name.clone(), engine.clone(), 9));
    let change = store.plan(&name, &author, begin).await?;
    store.commit(&change, &author).await
}

/// The store of these tests ignores conditions without a word.
#[tokio::test]
async fn no_channel_is_written_where_conditions_are_ignored_or_refused() {
    let ignored = Fault::RefusedWith("no such header", 500, "");
    let refused = Fault::RefusedWith("if-none-match", 501, "NotImplemented");
    for fault in [ignored, refused] {
        let (objects, _, _) = store(fault).await;
        let store = EngineStore::new(Arc::new(objects), IMAGES, "engines");
        let error = publish_and_promote(&store).await.unwrap_err();
        let EngineStoreError::Store(error) = error else {
            panic!("{error:?}");
        };
        assert!(error.to_string().contains("If-None-Match"), "{error}");
        let (name, trust) = (ChannelName::default(), Trust::new(vec![]));
        let channel = store.fetch_channel(&name, &trust, None).await;
        assert!(matches!(channel, Ok(ChannelFetch::NotFound)));
    }
}

#[tokio::test]
async fn requests_are_paid_for_only_by_those_who_say_so() {
    let (store, connection, cat) = store(Fault::DeniedWithout("x-amz-request-payer")).await;
    let error = store.head(&cat).await.unwrap_err();
    assert_eq!(error.problem, StoreProblem::Denied);
    let pays = Connection {
        pays: true,
        ..connection
    };
    let store = S3::new(&pays);
    store.head(&cat).await.unwrap();
    store.get(&cat, &GetOptions::default()).await.unwrap();
    store.list(&Listing::new(IMAGES, "")).await.unwrap();
    store.put(&cat, NewObject::new("")).await.unwrap();
    store.delete(&cat).await.unwrap();
}

#[tokio::test]
async fn a_source_in_a_coding_is_told_by_its_name_unless_it_is_an_image_as_it_stands() {
    for (coding, body, expected) in [
        // Many uploaders write what the body was in before it was sent.
        ("base64", "png cat", Ok("png cat/small.png")),
        ("gzip", "png cat", Ok("png cat/small.png")),
        ("gzip", "bytes of gzip", Err("content-encoding")),
        (
            "aws-chunked, br",
            "bytes of brotli",
            Err("content-encoding"),
        ),
        ("aws-chunked", "bytes of nothing", Err("unsupported-format")),
        ("identity", "bytes of nothing", Err("unsupported-format")),
        ("gzip", "malformed", Err("malformed-source")),
    ] {
        let world = World::new();
        let event = world.write("png cat", body).await;
        let (cloud, connection) = Cloud::start(world.store.clone(), &[]).await;
        cloud.order(Order {
            operation: "GetObject",
            after: 0,
            count: u64::MAX,
            fault: Fault::Coded(coding),
        });
        let store = Arc::new(S3::new(&connection));
        let pipeline = Pipeline::new(store, world.engine.clone(), world.settings.clone());
        let processed = pipeline.process(&event, None).await;
        let seen = match &processed {
            Ok(outcome) => Ok(outcome.written[0].as_str()),
            Err(error) => Err(error.verdict().kind),
        };
        assert_eq!(seen, expected, "{coding} {body}: {processed:?}");
    }
}

#[tokio::test]
async fn checksums_are_left_out_only_where_the_endpoint_is_foreign() {
    let foreign = "http://127.0.0.1:9";
    let own = "https://s3.eu-central-1.amazonaws.com";
    let (_, connection, _) = store(Fault::Silence).await;
    for (endpoint, left_out) in [(Some(foreign), true), (Some(own), false), (None, false)] {
        let decided = endpoint::checksums(&connection.config, endpoint);
        assert_eq!(decided.is_some(), left_out, "{endpoint:?}");
    }
}

#[tokio::test]
async fn what_a_source_carried_and_the_settings_of_storage_travel_in_the_words_of_s3() {
    let mut world = World::new();
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let recipe = &mut world.settings.recipes.default;
    recipe.copies = Copies {
        headers: texts(&["content-disposition", "content-language"]),
        metadata: texts(&["author"]),
        tags: texts(&["project"]),
    };
    recipe.storage = Storage {
        acl: Some("public-read".to_owned()),
        class: Some("STANDARD_IA".to_owned()),
        kms_key: Some("arn:aws:kms:eu-west-1:000000000000:key/a".to_owned()),
    };
    let event = world.write("cat", "png cat").await;
    let options = PutOptions {
        content_disposition: Some("attachment; filename=a.png".to_owned()),
        content_language: Some("de".to_owned()),
        metadata: [("author".to_owned(), "Ann".to_owned())].into(),
        tags: [("project".to_owned(), "a b/c&d=e+f".to_owned())].into(),
        ..PutOptions::default()
    };
    let source = NewObject::new("png cat").with(options.clone());
    world.store.put(&event.location, source).await.unwrap();
    let (_cloud, connection) = Cloud::start(world.store.clone(), &[]).await;
    let store = Arc::new(S3::new(&connection));
    let pipeline = Pipeline::new(store, world.engine.clone(), world.settings.clone());
    pipeline.process(&event, None).await.unwrap();
    let thumbnail = Location::new(THUMBNAILS, "cat/small.png");
    let found = world.store.options(&thumbnail).unwrap();
    assert_eq!(found.content_disposition, options.content_disposition);
    assert_eq!(found.content_language, options.content_language);
    assert_eq!(found.metadata["author"], "Ann");
    assert_eq!(found.tags, options.tags);
    assert_eq!(found.storage, world.settings.recipes.default.storage);
}
