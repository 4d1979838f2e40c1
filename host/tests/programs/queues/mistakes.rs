//! Mistakes in using a command: an answer with what to do, before anything is done.

use crate::desk::text;
use crate::tool::{assert_fails, run, thimble};

const URL: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/images";

#[test]
fn every_mistake_says_what_to_do_next() {
    let cases: &[(&[&str], &str)] = &[
        (&["worker"], "--queue <QUEUE>"),
        (
            &["worker", "--queue", "q", "--concurrency", "x"],
            "not a whole number from 1 to 1024",
        ),
        (
            &["local", "images", "--poll", "0"],
            "not a whole number from 1 to 86400",
        ),
        (&["worker", "--queue", URL], "THUMBNAILS_BUCKET: set it"),
        (
            &[
                "worker",
                "--queue",
                URL,
                "--thumbnails",
                "t",
                "--preset",
                "x",
            ],
            "--preset",
        ),
        (
            &[
                "worker",
                "--queue",
                URL,
                "--thumbnails",
                "t",
                "--concurrency",
                "0",
            ],
            "not a whole number from 1 to 1024",
        ),
        (
            &["worker", "--queue", URL, "--thumbnails", "t"],
            "set AWS_REGION, such as AWS_REGION=eu-west-1",
        ),
        (&["worker", "--queue", URL, "--health", "here"], "--health"),
        (
            &["backfill", "s3://", "--queue", URL],
            "the bucket is missing",
        ),
        (
            &["backfill", "s3://b a d", "--queue", URL],
            "not the name of a bucket",
        ),
        (
            &["backfill", "https://images", "--queue", URL],
            "sources are named as s3://BUCKET/PREFIX",
        ),
        (
            &["backfill", "arn:aws:s3:::images/a", "--queue", URL],
            "use s3://images/a",
        ),
        (
            &["backfill", "no/such/folder", "--queue", URL],
            "not a `thimble local` folder",
        ),
        (&["backfill", "s3://images"], "--queue <QUEUE>"),
        (
            &["backfill", "s3://images", "--queue", URL],
            "THUMBNAILS_BUCKET: set it",
        ),
        (
            &[
                "backfill",
                "s3://images",
                "--queue",
                URL,
                "--thumbnails",
                "images",
            ],
            "a template that begins with a folder",
        ),
        (
            &["backfill", "s3://images", "--queue", URL, "--rate", "0"],
            "greater than 0",
        ),
        (&["redrive", "--from", URL], "--to <QUEUE>"),
        (
            &["redrive", "--from", "nowhere", "--to", URL],
            "there is no such folder",
        ),
        (
            &["dlq", "list"],
            "say --queue URL, or set DEAD_LETTER_QUEUE_URL",
        ),
        (
            &["dlq", "list", "--queue", "/"],
            "not a folder with a queue",
        ),
        (&["dlq"], "Usage"),
        (
            &["engine", "verify", "--store", "no/such/folder"],
            "`thimble engine publish` makes one",
        ),
        (
            &["engine", "list", "--store", "s3://"],
            "the bucket is missing",
        ),
    ];
    for (words, expected) in cases {
        assert_fails(&run(words), 2, expected);
    }
}

#[test]
fn a_place_that_is_no_queue_is_told_with_the_form_of_one() {
    for (place, expected) in [
        ("https://nowhere", "a URL of a queue looks like"),
        ("arn:aws:sqs:eu-west-1:123456789012:images", URL),
        ("kafka://host/topic", "a queue is https://"),
        (
            "nats://host:4222",
            "a stream is named as nats://HOST:PORT/STREAM",
        ),
        (
            "nats://me:sesame@host/IMAGES",
            "set NATS_CREDS, or NATS_USER and NATS_PASSWORD",
        ),
        ("file://host/work", "a folder is named as file:DIR"),
        ("sqs:no such name", "a queue of SQS is named as sqs:NAME"),
        ("no/such/folder", "there is no such folder"),
        ("/", "create one with `thimble local DIR`"),
    ] {
        assert_fails(&run(&["worker", "--queue", place]), 2, expected);
    }
}

#[test]
fn a_queue_of_another_region_is_noticed_before_it_is_asked() {
    for words in [
        &["redrive", "--from", URL, "--to", &format!("{URL}-2")][..],
        &["dlq", "list", "--queue", URL],
        &["worker", "--queue", URL, "--thumbnails", "t"],
        &[
            "backfill",
            "s3://images",
            "--queue",
            URL,
            "--thumbnails",
            "t",
        ],
    ] {
        let output = thimble(words)
            .env("AWS_REGION", "us-east-1")
            .output()
            .unwrap();
        assert_fails(
            &output,
            2,
            "the queue is in eu-west-1, but the region is us-east-1",
        );
    }
}

#[test]
fn one_queue_is_not_its_own_dead_letter_queue() {
    let output = thimble(&["redrive", "--from", URL, "--to", URL])
        .env("AWS_REGION", "eu-west-1")
        .output()
        .unwrap();
    assert_fails(&output, 2, "the same queue");
}

#[test]
fn a_password_in_a_url_that_is_refused_is_not_shown() {
    let output = run(&["worker", "--queue", "nats://me:sesame@host/IMAGES"]);
    let said = text(&output.stderr);
    assert!(said.contains("nats://me@host/IMAGES"), "{said}");
    assert!(!said.contains("sesame"), "{said}");
}

#[test]
fn every_command_explains_itself() {
    for words in [
        &["worker"][..],
        &["backfill"],
        &["redrive"],
        &["dlq"],
        &["dlq", "list"],
        &["dlq", "show"],
        &["dlq", "purge"],
    ] {
        let help = run(&[words, &["--help"]].concat());
        let said = text(&help.stdout);
        assert!(
            help.status.success() && said.contains("Usage: thimble"),
            "{said}"
        );
    }
    let help = text(&run(&["worker", "--help"]).stdout);
    assert!(
        help.contains("SOURCE_MEMORY_BYTES") && help.contains("SIGTERM"),
        "{help}"
    );
}

#[test]
fn a_kind_of_failure_that_is_none_is_told_with_the_one_that_was_meant() {
    let desk = crate::desk::Desk::kept();
    let root = desk.root.to_str().unwrap();
    let meant = "did you mean `malformed-source`?";
    for words in [
        &["dlq", "purge", "--queue", root, "--yes"][..],
        &["dlq", "list", "--queue", root],
        &["redrive", "--from", root, "--to", root],
        &["local", root, "redrive"],
    ] {
        let words = [words, &["--error-kind", "malformed-sauce"]].concat();
        assert_fails(&run(&words), 2, meant);
    }
}
