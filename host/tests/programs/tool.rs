//! The program, without what the environment of the tests would tell it, and its servers.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::desk::{engine, text};
use crate::process::{CACHE, finish};

/// Variables that would change what the program does.
const VARIABLES: [&str; 26] = [
    "SOURCE_QUEUE_URL",
    "DEAD_LETTER_QUEUE_URL",
    "THUMBNAILS_BUCKET",
    "SOURCE_BUCKET",
    "PRESETS",
    "THIMBLE_CONFIG",
    "PERMANENT_FAILURES",
    "LOG_LEVEL",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_SQS",
    "AWS_ENDPOINT_URL_S3",
    "MAX_RECEIVE_COUNT",
    "NATS_CREDS",
    "NATS_NKEY",
    "NATS_USER",
    "NATS_PASSWORD",
    "NATS_TOKEN",
    "NATS_CA",
    "NATS_CERT",
    "NATS_KEY",
];

/// The command line `thimble` and more, in an environment that says nothing.
pub(crate) fn thimble(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_thimble"));
    command
        .args(arguments)
        .env("THIMBLE_ENGINE", engine())
        .env("THIMBLE_CACHE", CACHE);
    for variable in VARIABLES {
        command.env_remove(variable);
    }
    command
        // No machine of AWS is asked for credentials, no file of the user read.
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub(crate) fn run(arguments: &[&str]) -> Output {
    finish(thimble(arguments).spawn().unwrap())
}

/// The whole answer of the server at `address` to a request, such as `GET /`, with these headers
/// and this body.
pub(crate) fn ask(address: &str, request: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    let mut server = TcpStream::connect(address).unwrap();
    let request = format!(
        "{request} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    );
    server.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    server.read_to_string(&mut answer).unwrap();
    answer
}

/// The value of a variable that names something to test with; `None`, and a word about that, if
/// it is not set.
pub(crate) fn tested_over(what: &str, variable: &str) -> Option<String> {
    let value = std::env::var(variable).ok();
    if value.is_none() {
        eprintln!("not tested over {what}: {variable} is not set");
    }
    value
}

/// Output of a command that succeeded.
#[track_caller]
pub(crate) fn said(output: &Output) -> String {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    out
}

/// The lines of JSON that a command wrote.
#[track_caller]
pub(crate) fn lines(output: &Output) -> Vec<Value> {
    said(output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[track_caller]
pub(crate) fn assert_fails(output: &Output, code: i32, expected: &str) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(
        said.contains(expected),
        "`{said}` does not say `{expected}`"
    );
    assert!(!said.contains("panicked"), "{said}");
}
