//! Refusals of AWS, told with what to do next. A server with one answer for every
//! request stands for AWS.

use std::net::TcpListener;

use testkit::http::{Answer, serve};

use crate::process::finish;
use crate::tool::{assert_fails, thimble};

const JSON: &str = "application/x-amz-json-1.0";
const WORKER: [&str; 5] = ["worker", "--queue", "URL", "--thumbnails", "t"];
const LIST: [&str; 4] = ["dlq", "list", "--queue", "URL"];

/// Answers every request with a status and a body, and says where.
fn server(status: u16, media_type: &'static str, body: &'static str) -> String {
    let address = serve(move |_| Answer::new(status, media_type, body));
    format!("http://{address}")
}

/// Words of a command with the address of a queue in place of URL.
fn at<'a>(words: &[&'a str], url: &'a str) -> Vec<&'a str> {
    let named = |word: &&'a str| if *word == "URL" { url } else { *word };
    words.iter().map(named).collect()
}

/// Expects a command to fail at a server; URL in its words is a queue there.
#[track_caller]
fn refused(words: &[&str], endpoint: &str, expected: &str) {
    let url = format!("{endpoint}/123456789012/images");
    let child = thimble(&at(words, &url))
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_ENDPOINT_URL", endpoint)
        .spawn()
        .unwrap();
    assert_fails(&finish(child), 1, expected);
}

#[test]
fn a_queue_that_is_not_there_or_may_not_be_used() {
    for (status, body, expected) in [
        (
            400,
            r#"{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "none"}"#,
            "there is no such queue; check its name and region",
        ),
        (
            403,
            r#"{"__type": "com.amazonaws.sqs#AccessDenied", "message": "no"}"#,
            "access denied; allow this host to use the queue",
        ),
    ] {
        let endpoint = server(status, JSON, body);
        for words in [&LIST[..], &WORKER] {
            refused(words, &endpoint, expected);
        }
    }
}

#[test]
fn a_bucket_that_is_not_there_or_may_not_be_listed() {
    let words = [
        "backfill",
        "s3://images",
        "--queue",
        "URL",
        "--thumbnails",
        "t",
    ];
    for (status, body, expected) in [
        (
            404,
            "<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>",
            "there is no such bucket; check its name and region: images/",
        ),
        (
            301,
            "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>",
            "check its name and region",
        ),
        (
            403,
            "<Error><Code>AccessDenied</Code><Message>no</Message></Error>",
            "access denied; allow this host to use the bucket",
        ),
    ] {
        refused(&words, &server(status, "application/xml", body), expected);
    }
}

#[test]
fn nobody_who_answers() {
    // A port that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    refused(
        &LIST,
        &format!("http://{address}"),
        "the queue failed or could not be reached",
    );
}

#[test]
fn a_broker_that_is_not_there_and_half_of_its_credentials() {
    let stream = "nats://127.0.0.1:1/IMAGES";
    let output = finish(thimble(&at(&LIST, stream)).spawn().unwrap());
    assert_fails(&output, 1, "could not be reached: nats://127.0.0.1:1");
    let mut command = thimble(&at(&LIST, stream));
    let child = command.env("NATS_USER", "me").spawn().unwrap();
    assert_fails(
        &finish(child),
        2,
        "NATS_USER is set and NATS_PASSWORD is not",
    );
}

#[test]
fn no_credentials() {
    let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/images";
    for words in [&LIST[..], &WORKER] {
        let mut command = thimble(&at(words, url));
        let child = command.env("AWS_REGION", "eu-west-1").spawn().unwrap();
        assert_fails(&finish(child), 1, "no credentials are found");
    }
}
