//! Failures: tried again, set aside, and brought back, without holding anything up.

use crate::photos::{expect, sample};
use crate::stack::{Stack, stack, variable};

const CORRUPT: &[u8] = b"\x89PNG\r\n\x1a\nand then something else entirely";

/// The key of a source that is a dead letter.
async fn broken(stack: &Stack) -> String {
    let key = stack.key("broken.png");
    stack.put(&key, CORRUPT).await;
    stack.until_letter(&key).await;
    key
}

/// Replaces a source by a sound one, and waits for its thumbnails.
async fn mend(stack: &Stack, key: &str) {
    let photo = sample("logo.png");
    stack.put(key, &photo).await;
    expect(stack, key, &photo).await;
}

#[tokio::test]
async fn a_corrupt_image_becomes_a_dead_letter_and_its_repair_brings_it_back() {
    let stack = stack!("corrupt");
    let key = stack.key("broken.png");
    stack.put(&key, CORRUPT).await;

    // Received as often as configured, and not once more or less.
    let letter = stack.until_letter(&key).await;
    let attempts = variable("THIMBLE_MAX_RECEIVE_COUNT");
    let reason = letter.message_attributes.unwrap_or_default();
    assert!(reason.contains_key("thimble-reason"), "{reason:?}");
    assert_eq!(stack.log_lines(&key), attempts.parse::<usize>().unwrap());
    stack.until_empty().await;

    // Sent back unmended, it comes back.
    let report = stack.redrive("{}");
    assert!(report["moved"].as_u64().unwrap() >= 1, "{report}");
    stack.until_empty().await;
    stack.until_letter(&key).await;
    assert!(stack.thumbnails_of(&key).await.is_empty());

    // Mended, its thumbnails appear; sent back once more, nothing is left.
    mend(&stack, &key).await;
    let report = stack.redrive(&format!(r#"{{"keyPrefix":"{key}"}}"#));
    assert_eq!(report["moved"], 1, "{report}");
    stack.until_empty().await;
    assert!(stack.letter(&key).await.is_none());
    expect(&stack, &key, &sample("logo.png")).await;
}

#[tokio::test]
async fn a_redrive_asked_for_the_call_of_aws_does_without_where_there_is_none() {
    let stack = stack!("native");
    let key = broken(&stack).await;
    mend(&stack, &key).await;
    let report = stack.redrive(r#"{"native":true}"#);
    assert!(report.get("errorMessage").is_none(), "{report}");
    stack.until_empty().await;
    assert!(stack.letter(&key).await.is_none());
}

#[tokio::test]
async fn a_dry_redrive_moves_nothing() {
    let stack = stack!("dry");
    let _key = broken(&stack).await;
    let before = stack.letters().await;
    stack.redrive(r#"{"dryRun":true}"#);
    assert_eq!(stack.letters().await, before);
}

#[tokio::test]
async fn a_bad_message_holds_up_no_good_one() {
    let stack = stack!("mixed");
    let photo = sample("logo.png");
    let keys: Vec<_> = (0..10).map(|n| stack.key(&format!("{n}.png"))).collect();
    for (n, key) in keys.iter().enumerate() {
        let is_bad = n % 3 == 0;
        stack.put(key, if is_bad { CORRUPT } else { &photo }).await;
    }
    for (n, key) in keys.iter().enumerate() {
        if n % 3 == 0 {
            stack.until_letter(key).await;
            assert!(stack.thumbnails_of(key).await.is_empty());
        } else {
            expect(&stack, key, &photo).await;
            assert!(stack.letter(key).await.is_none());
        }
    }
    stack.until_empty().await;
}

#[tokio::test]
async fn a_test_event_is_no_work_and_no_failure() {
    let stack = stack!("test-event");
    let before = stack.letters().await;
    let event = include_str!("../events/s3-test-event.json");
    stack.send(event).await;
    stack.until_empty().await;
    assert_eq!(stack.letters().await, before);
}

#[tokio::test]
async fn a_source_that_is_gone_is_no_failure() {
    let stack = stack!("gone");
    let before = stack.letters().await;
    let key = stack.key("gone.png");
    stack.put(&key, &sample("logo.png")).await;
    let delete = stack.s3.delete_object().bucket(&stack.sources).key(&key);
    delete.send().await.unwrap();
    stack.until_empty().await;
    assert_eq!(stack.letters().await, before);
}

/// Statements of the policy of the function that makes thumbnails. Without one
/// of them a source has none; with it again, it has.
#[tokio::test]
async fn every_permission_is_needed() {
    let stack = stack!("permissions");
    let photo = sample("logo.png");
    for sid in ["ReadSources", "WriteThumbnails"] {
        let key = stack.key(&format!("{sid}.png"));
        let policy = stack.forbid("GenerateThumbnailsRole", sid);
        stack.put(&key, &photo).await;
        let letter = stack.until_letter(&key).await;
        stack.permit("GenerateThumbnailsRole", &policy);
        assert!(stack.thumbnails_of(&key).await.is_empty(), "{sid}");
        let kinds = letter.message_attributes.unwrap_or_default();
        assert!(kinds.contains_key("thimble-reason"), "{sid}: {kinds:?}");
        stack.redrive(&format!(r#"{{"keyPrefix":"{key}"}}"#));
        expect(&stack, &key, &photo).await;
    }
}
