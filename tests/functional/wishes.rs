//! Wishes of people who run such systems, one test each: a stack with two source buckets, rules
//! of `thimble.toml` beside this file, and a consumer of its results.

use std::env;
use std::process::Command;

use aws_sdk_s3::types::ServerSideEncryption;
use thimble::manifest::{Manifest, State};

use crate::photos::sample;
use crate::stack::{Stack, bare, stack, variable, wait};

/// Buckets that only the configuration file names.
struct Others {
    uploads: String,
    previews: String,
}

impl Others {
    /// Without `THIMBLE_UPLOADS` the stack has no rules, and a line says so.
    fn find() -> Option<Self> {
        let Ok(uploads) = env::var("THIMBLE_UPLOADS") else {
            println!("skipped: THIMBLE_UPLOADS names no bucket that the stack has rules for");
            return None;
        };
        let previews = variable("THIMBLE_PREVIEWS");
        Some(Self { uploads, previews })
    }
}

/// The stack, and the buckets of its rules; without them the test is over.
macro_rules! wish {
    ($test:literal) => {{
        let stack = stack!($test);
        match Others::find() {
            Some(others) => (stack, others),
            None => return,
        }
    }};
}

/// The one result of a source, which has just been put.
async fn told(stack: &Stack, key: &str) -> Manifest {
    let mut told = stack.until_results(&[key]).await;
    told.remove(key).unwrap()
}

/// A source in the folder with a rule of its own, and its result.
async fn told_of_avatar(stack: &Stack) -> (String, Manifest) {
    let key = format!("avatars/{}", stack.key("ann.png"));
    stack.put(&key, &sample("logo.png")).await;
    let told = told(stack, &key).await;
    (key, told)
}

/// Word that all thumbnails are there, with their places and with what the
/// source is.
#[tokio::test]
async fn whoever_waits_is_told_where_the_thumbnails_are_and_of_what() {
    let (stack, _) = wish!("told");
    let (key, photo) = (stack.key("logo.png"), sample("logo.png"));
    stack.put(&key, &photo).await;
    let told = told(&stack, &key).await;
    let head = stack.s3.head_object().bucket(&stack.sources).key(&key);
    let etag = head.send().await.unwrap().e_tag.unwrap();
    assert_eq!(
        (told.state, told.source.etag.as_str()),
        (State::Done, bare(&etag))
    );
    assert_eq!(told.source.bytes, Some(photo.len() as u64));
    let image = told.source.image.as_ref().unwrap();
    assert_eq!((image.media_type.as_str(), image.frames), ("image/png", 1));
    assert_eq!(told.thumbnails.len(), 3);
    for thumbnail in &told.thumbnails {
        assert_eq!(thumbnail.bucket, stack.thumbnails);
        let (object, body) = stack.thumbnail(&thumbnail.key).await;
        assert_eq!(
            object.content_type.as_deref(),
            Some(thumbnail.media_type.as_str())
        );
        assert_eq!(body.len() as u64, thumbnail.bytes);
    }
}

/// Other sizes for other paths.
#[tokio::test]
async fn sources_of_another_folder_get_other_thumbnails_under_other_names() {
    let (stack, others) = wish!("paths");
    let (key, told) = told_of_avatar(&stack).await;
    let keys: Vec<&str> = told
        .thumbnails
        .iter()
        .map(|made| made.key.as_str())
        .collect();
    let face = format!("faces/{key}/face.webp");
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert_eq!(keys[0], face);
    let face = &told.thumbnails[0];
    assert_eq!(
        (&face.bucket, face.width, face.height),
        (&others.previews, 96, 96)
    );
    assert!(
        stack.thumbnails_of(&key).await.is_empty(),
        "none of the others"
    );
}

/// Another bucket of sources and another of thumbnails, in which these keep
/// what the source carried and have a key of KMS.
#[tokio::test]
async fn one_stack_serves_another_bucket_and_keeps_what_its_sources_carry() {
    let (stack, others) = wish!("buckets");
    let key = stack.key("beach.png");
    let put = stack.s3.put_object().bucket(&others.uploads).key(&key);
    let put = put.body(sample("logo.png").into());
    let put = put
        .content_disposition("attachment")
        .metadata("author", "ann");
    let put = put
        .metadata("camera", "secret")
        .tagging("project=seaside&private=yes");
    put.send().await.unwrap();
    let told = told(&stack, &key).await;
    assert_eq!(told.source.bucket, others.uploads);
    let [wide] = told.thumbnails.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!((&wide.bucket, wide.width), (&others.previews, 320));
    let get = || {
        stack
            .s3
            .head_object()
            .bucket(&others.previews)
            .key(&wide.key)
    };
    let found = get().send().await.unwrap();
    let metadata = found.metadata.unwrap();
    assert_eq!(metadata.get("author").map(String::as_str), Some("ann"));
    assert!(!metadata.contains_key("camera"), "it is not named");
    assert_eq!(found.content_disposition.as_deref(), Some("attachment"));
    assert_eq!(
        found.server_side_encryption,
        Some(ServerSideEncryption::AwsKms)
    );
    let kms_key = found.ssekms_key_id.unwrap();
    assert!(kms_key.ends_with("key/of-previews"), "{kms_key}");
    let tags = stack.s3.get_object_tagging().bucket(&others.previews);
    let tags = tags.key(&wide.key).send().await.unwrap().tag_set;
    let tags: Vec<_> = tags.iter().map(|tag| (tag.key(), tag.value())).collect();
    assert_eq!(tags, [("project", "seaside")], "the other is not named");
}

/// After a size has changed only that is made, without a deployment.
#[tokio::test]
async fn another_size_is_followed_and_a_backfill_makes_only_that() {
    let (stack, others) = wish!("changed");
    let folder = stack.key("");
    let (upload, own) = (stack.key("a.png"), stack.key("b.png"));
    let put = stack.s3.put_object().bucket(&others.uploads).key(&upload);
    put.body(sample("logo.png").into()).send().await.unwrap();
    stack.put(&own, &sample("logo.png")).await;
    let before = stack.until_results(&[&upload, &own]).await;
    assert_eq!(before[&upload].thumbnails[0].width, 320);
    let rules = include_str!("thimble.toml");
    let other = rules.replace("\"320x\"", "\"200x\"");
    configure(&stack, &other).await;
    let sent = |bucket: &str| backfill(&stack, &format!("s3://{bucket}/{folder}"));
    assert_eq!((sent(&others.uploads), sent(&stack.sources)), (1, 0));
    let told = stack.until_results(&[&upload]).await;
    assert_eq!(told[&upload].thumbnails[0].width, 200);
    assert_eq!((sent(&others.uploads), sent(&stack.sources)), (0, 0));
    stack.until_empty().await;
    // As it is for the other tests.
    configure(&stack, rules).await;
    let again = stack.key("again.png");
    let mut number = 0;
    wait("the first size again", async || {
        number += 1;
        let key = format!("{again}-{number}.png");
        let put = stack.s3.put_object().bucket(&others.uploads).key(&key);
        put.body(sample("logo.png").into()).send().await.unwrap();
        let told = stack.until_results(&[&key]).await;
        (told[&key].thumbnails[0].width == 320).then_some(())
    })
    .await;
}

/// Puts another configuration file in the place of the one that the stack follows.
async fn configure(stack: &Stack, text: &str) {
    let place = variable("THIMBLE_SETTINGS");
    let (bucket, key) = place
        .strip_prefix("s3://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let put = stack.s3.put_object().bucket(bucket).key(key);
    put.body(text.as_bytes().to_vec().into())
        .send()
        .await
        .unwrap();
}

/// The number of messages that a backfill of what has changed sends.
fn backfill(stack: &Stack, place: &str) -> u64 {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/debug/thimble");
    let output = Command::new(program)
        .args([
            "backfill",
            place,
            "--changed",
            "--json",
            "--queue",
            &stack.source_queue,
        ])
        .env("THIMBLE_CONFIG", variable("THIMBLE_SETTINGS"))
        .env("THUMBNAILS_BUCKET", &stack.thumbnails)
        .env("MANIFESTS", "yes")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let summary = said
        .lines()
        .rfind(|line| line.contains("\"sent\""))
        .unwrap();
    let summary: serde_json::Value = serde_json::from_str(summary).unwrap();
    summary["summary"]["sent"].as_u64().unwrap()
}

/// Failures told to somebody who can act.
#[tokio::test]
async fn a_source_that_cannot_be_made_is_told_with_its_reason_and_with_who_must_act() {
    let (stack, _) = wish!("rejected");
    let key = stack.key("broken.png");
    stack
        .put(&key, b"\x89PNG\r\n\x1a\nand then something else")
        .await;
    let told = told(&stack, &key).await;
    assert_eq!(told.state, State::Rejected);
    assert!(told.thumbnails.is_empty());
    let reason = told.reason.unwrap();
    assert_eq!(
        (reason.kind.as_str(), reason.blame.as_str()),
        ("malformed-source", "source")
    );
    assert!(!reason.message.is_empty());
    stack.until_letter(&key).await;
}

/// Names that caches have to forget when a source is replaced.
#[tokio::test]
async fn a_source_that_is_replaced_is_told_with_the_names_of_what_has_changed() {
    let (stack, _) = wish!("replaced");
    let key = stack.key("image.png");
    stack.put(&key, &sample("logo.png")).await;
    let first = told(&stack, &key).await;
    stack.put(&key, &sample("screenshot.png")).await;
    let second = told(&stack, &key).await;
    assert_ne!(first.source.etag, second.source.etag);
    for (old, new) in first.thumbnails.iter().zip(&second.thumbnails) {
        assert_eq!(old.key, new.key, "the same name");
        assert_ne!(old.sha256, new.sha256);
        let (object, _) = stack.thumbnail(&new.key).await;
        assert_eq!(object.e_tag.as_deref().map(bare), new.etag.as_deref());
    }
}

/// A placeholder and the dominant color, before any thumbnail has arrived.
#[tokio::test]
async fn a_placeholder_comes_with_the_result_and_as_a_thumbnail_of_its_own() {
    let (stack, _) = wish!("placeholders");
    let (_, told) = told_of_avatar(&stack).await;
    let placeholder = told.placeholder.unwrap();
    let color = placeholder.color.unwrap();
    assert!(color.starts_with('#') && color.len() == 7, "{color}");
    assert!((8..=40).contains(&placeholder.thumbhash.unwrap().len()));
    let tiny = told
        .thumbnails
        .iter()
        .find(|made| made.preset == "tiny")
        .unwrap();
    assert!(tiny.bytes <= 25, "{tiny:?}");
    let get = stack.s3.head_object().bucket(&tiny.bucket).key(&tiny.key);
    let length = get.send().await.unwrap().content_length;
    assert_eq!(length, Some(tiny.bytes as i64));
}
