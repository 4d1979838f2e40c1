//! What AWS refuses is told with what to do next. A server that gives one answer,
//! whatever is asked, stands for AWS.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::desk::finish;
use crate::tool::{assert_fails, thimble};

/// Answers every request with `status` and `body`, and says where.
fn server(status: &'static str, kind: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            std::thread::spawn(move || answer(client, status, kind, body));
        }
    });
    format!("http://{address}")
}

fn answer(mut client: TcpStream, status: &str, kind: &str, body: &str) {
    let mut request = Vec::new();
    let mut part = [0; 4_096];
    while let Ok(count) = client.read(&mut part) {
        request.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, sent)) = text.split_once("\r\n\r\n") else {
            if count == 0 {
                return;
            }
            continue;
        };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.parse::<usize>().unwrap())
        });
        if count == 0 || sent.len() >= length.unwrap_or(0) {
            break;
        }
    }
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    let _ = client.write_all(format!("{head}{body}").as_bytes());
}

/// What becomes of `words` at a server that answers so; URL in them is a queue there.
#[track_caller]
fn refused(words: &[&str], endpoint: &str, expected: &str) {
    let url = format!("{endpoint}/123456789012/images");
    let words: Vec<&str> = words
        .iter()
        .map(|word| if *word == "URL" { url.as_str() } else { word })
        .collect();
    let child = thimble(&words)
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_ENDPOINT_URL", endpoint)
        .spawn()
        .unwrap();
    assert_fails(&finish(child), 1, expected);
}

const JSON: &str = "application/x-amz-json-1.0";
const WORKER: [&str; 5] = ["worker", "--queue", "URL", "--thumbnails", "t"];
const LIST: [&str; 4] = ["dlq", "list", "--queue", "URL"];

#[test]
fn a_queue_that_is_not_there() {
    let endpoint = server(
        "400 Bad Request",
        JSON,
        r#"{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "none"}"#,
    );
    for words in [&LIST[..], &WORKER] {
        refused(
            words,
            &endpoint,
            "there is no such queue; check its name and region",
        );
    }
}

#[test]
fn a_queue_that_may_not_be_used() {
    let endpoint = server(
        "403 Forbidden",
        JSON,
        r#"{"__type": "com.amazonaws.sqs#AccessDenied", "message": "no"}"#,
    );
    for words in [&LIST[..], &WORKER] {
        refused(
            words,
            &endpoint,
            "access denied; allow this host to use the queue",
        );
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
            "404 Not Found",
            "<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>",
            "there is no such bucket; check its name and region: images/",
        ),
        (
            "301 Moved",
            "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>",
            "check its name and region",
        ),
        (
            "403 Forbidden",
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
fn no_credentials() {
    for (words, expected) in [
        (&LIST[..], "no credentials are found"),
        (&WORKER, "no credentials are found"),
    ] {
        let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/images";
        let words: Vec<&str> = words
            .iter()
            .map(|word| if *word == "URL" { url } else { word })
            .collect();
        let child = thimble(&words)
            .env("AWS_REGION", "eu-west-1")
            .spawn()
            .unwrap();
        assert_fails(&finish(child), 1, expected);
    }
}
