//! The function `generate-thumbnails` as Lambda runs it: a process that asks the
//! Runtime API for invocations and tells it what became of them. Servers in this
//! process stand for Lambda and for S3.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use testkit::component::{Component, GOOD_SOURCE, png};
use testkit::http::{Answer, Request, serve};

use crate::process::{PATIENCE, Running};

type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// Objects by bucket and key, behind the few requests that the function makes.
fn s3(objects: Objects) -> String {
    s3_seen_by(objects, |_| ())
}

/// The same store, where each request is seen by another before it is answered.
fn s3_seen_by(objects: Objects, see: impl Fn(&Request) + Send + Sync + 'static) -> String {
    let answer = move |request: &Request| {
        see(request);
        let path = request.target.split('?').next().unwrap().to_owned();
        if request.target.contains("list-type=2") {
            // Nothing is left over of an earlier time.
            return Some(Answer::with(Vec::new(), "<ListBucketResult/>"));
        }
        let etag = |body: &[u8]| vec![("ETag", format!("\"{:x}-{}\"", body.len(), body[0]))];
        if request.method == "PUT" {
            let etag = etag(&request.body);
            objects.lock().unwrap().insert(path, request.body.clone());
            return Some(Answer::with(etag, ""));
        }
        let body = objects.lock().unwrap().get(&path)?.clone();
        Some(Answer::with(etag(&body), body))
    };
    serve(move |request| answer(request).unwrap_or_else(Answer::nothing)).to_string()
}

/// Hands out `events` one after the other, and passes on what is told of each:
/// `response` or `error`, and with what.
fn lambda(events: Receiver<Value>, told: Sender<(String, Value)>) -> String {
    let (events, told) = (Mutex::new(events), Mutex::new(told));
    let answer = move |request: &Request| {
        if request.target.ends_with("/runtime/invocation/next") {
            // Lambda keeps a function waiting for as long as there is nothing to do.
            let event = events.lock().unwrap().recv().ok()?;
            return Some(invocation(&event));
        }
        let kind = request.target.rsplit('/').next().unwrap().to_owned();
        let body = serde_json::from_slice(&request.body).unwrap_or_default();
        told.lock().unwrap().send((kind, body)).unwrap();
        Some(Answer::with(Vec::new(), r#"{"status":"OK"}"#))
    };
    serve(move |request| answer(request).unwrap_or_else(Answer::nothing)).to_string()
}

/// An event, as the Runtime API hands it out.
fn invocation(event: &Value) -> Answer {
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + PATIENCE;
    let function = "arn:aws:lambda:eu-central-1:123456789012:function:generate-thumbnails";
    let trace = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700";
    let headers = [
        ("Content-Type", "application/json"),
        (
            "Lambda-Runtime-Aws-Request-Id",
            "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
        ),
        (
            "Lambda-Runtime-Deadline-Ms",
            &deadline.as_millis().to_string(),
        ),
        ("Lambda-Runtime-Invoked-Function-Arn", function),
        ("Lambda-Runtime-Trace-Id", trace),
    ]
    .map(|(name, value)| (name, value.to_owned()));
    Answer::with(headers.to_vec(), event.to_string())
}

/// The program in the environment that Lambda gives it.
fn function(lambda: &str, s3: &str, engine: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_generate-thumbnails"));
    command
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", lambda)
        .env("AWS_LAMBDA_FUNCTION_NAME", "generate-thumbnails")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env(
            "AWS_LAMBDA_LOG_GROUP_NAME",
            "/aws/lambda/generate-thumbnails",
        )
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "one")
        .env("AWS_ENDPOINT_URL", format!("http://{s3}"))
        .env("AWS_REGION", "eu-central-1")
        .env("AWS_ACCESS_KEY_ID", "id")
        .env("AWS_SECRET_ACCESS_KEY", "secret")
        .env("THUMBNAILS_BUCKET", "thumbnails")
        .env("PRESETS", "list=8x8 square=5x5,cover")
        .env("THIMBLE_ENGINE", engine);
    command
}

fn event(name: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/events");
    serde_json::from_slice(&std::fs::read(format!("{folder}/{name}.json")).unwrap()).unwrap()
}

#[test]
fn the_packaged_program_answers_invocations_through_the_runtime_api() {
    let folder = tempfile::tempdir().unwrap();
    let engine = folder.path().join("engine.wasm");
    std::fs::write(&engine, Component::good().build()).unwrap();
    let objects = Objects::default();
    let source = "/images/holiday%202026/caf%C3%A9%20%2B%20beach.jpg";
    objects
        .lock()
        .unwrap()
        .insert(source.to_owned(), GOOD_SOURCE.to_vec());
    let (invoke, events) = channel();
    let (told, answers) = channel();
    let _running = Running::start(&mut function(
        &lambda(events, told),
        &s3(objects.clone()),
        &engine,
    ));
    let ask = |event: Value| {
        invoke.send(event).unwrap();
        answers.recv_timeout(PATIENCE).unwrap()
    };

    let done = json!({ "batchItemFailures": [] });
    assert_eq!(ask(event("sqs-s3-put")), ("response".to_owned(), done));
    let made: BTreeMap<String, Vec<u8>> = objects.lock().unwrap().clone();
    let name = |preset: &str| {
        format!("/thumbnails/holiday%202026/caf%C3%A9%20%2B%20beach.jpg/{preset}.png")
    };
    assert_eq!(
        made.get(&name("list")),
        Some(&png(8, 4)),
        "{:?}",
        made.keys()
    );
    assert_eq!(made.get(&name("square")), Some(&png(5, 5)));

    // A message that makes no sense stays in its queue.
    let failed = json!({ "batchItemFailures": [{ "itemIdentifier": "059f36b4-87a3-44ab-83d2-661975830a7d" }] });
    assert_eq!(ask(event("sqs-nonsense")), ("response".to_owned(), failed));

    let (kind, answer) = ask(event("batch-operations-2"));
    assert_eq!(kind, "response");
    let codes: Vec<&Value> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| &result["resultCode"])
        .collect();
    assert_eq!(codes, ["Succeeded", "Succeeded", "Succeeded"], "{answer}");

    let (kind, answer) = ask(event("sns-records"));
    assert_eq!(
        (kind.as_str(), &answer["objects"][0]["disposition"]),
        ("response", &json!("done"))
    );

    // An asynchronous invocation that is not understood is an error, so that Lambda invokes the function again.
    let (kind, answer) = ask(json!({ "hello": "world" }));
    assert_eq!(
        (kind.as_str(), &answer["errorType"]),
        ("error", &json!("WorkNotDone"))
    );
}

#[test]
fn the_most_talkative_log_names_no_access_key() {
    let folder = tempfile::tempdir().unwrap();
    let engine = folder.path().join("engine.wasm");
    std::fs::write(&engine, Component::good().build()).unwrap();
    let log = folder.path().join("log");
    let (invoke, events) = channel();
    let (told, answers) = channel();
    let s3 = s3(Objects::default());
    let mut function = function(&lambda(events, told), &s3, &engine);
    function
        .env("LOG_LEVEL", "trace")
        .env("AWS_ACCESS_KEY_ID", "AKIDOFATEST")
        .env("AWS_SECRET_ACCESS_KEY", "secretofatest")
        .env("AWS_SESSION_TOKEN", "tokenofatest")
        .stderr(std::fs::File::create(&log).unwrap());
    let _running = Running::start(&mut function);
    invoke.send(event("sqs-s3-put")).unwrap();
    answers.recv_timeout(PATIENCE).unwrap();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("object worked on"), "{log}");
    for secret in ["AKIDOFATEST", "secretofatest", "tokenofatest"] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}

#[test]
fn a_function_whose_engine_cannot_make_a_preset_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let engine = folder.path().join("engine.wasm");
    std::fs::write(&engine, Component::good().build()).unwrap();
    let (_invoke, events) = channel();
    let (told, answers) = channel();
    let output = function(&lambda(events, told), &s3(Objects::default()), &engine)
        .env("PRESETS", "x=9x9,avif")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    for named in ["by-hand 1.2.3", "cannot make the preset x=9x9,avif"] {
        assert!(said.contains(named), "{said}");
    }
    assert!(answers.try_recv().is_err(), "no invocation is asked for");
}

#[test]
fn checksums_are_sent_to_a_foreign_store_only_by_those_who_ask_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let engine = folder.path().join("engine.wasm");
    std::fs::write(&engine, Component::good().build()).unwrap();
    for (asked, sent) in [
        ("", false),
        ("when_required", false),
        ("when_supported", true),
    ] {
        let objects = Objects::default();
        let source = "/images/holiday%202026/caf%C3%A9%20%2B%20beach.jpg";
        let mut all = objects.lock().unwrap();
        all.insert(source.to_owned(), GOOD_SOURCE.to_vec());
        drop(all);
        let (see, uploads) = channel();
        let see = Mutex::new(see);
        let s3 = s3_seen_by(objects, move |request| {
            if request.method == "PUT" {
                let mut names = request.headers.keys();
                let has = names.any(|name| name.contains("checksum"));
                see.lock().unwrap().send(has).unwrap();
            }
        });
        let (invoke, events) = channel();
        let (told, answers) = channel();
        let mut command = function(&lambda(events, told), &s3, &engine);
        if !asked.is_empty() {
            command.env("AWS_REQUEST_CHECKSUM_CALCULATION", asked);
        }
        let _running = Running::start(&mut command);
        invoke.send(event("sqs-s3-put")).unwrap();
        answers.recv_timeout(PATIENCE).unwrap();
        let uploads: Vec<bool> = uploads.try_iter().collect();
        assert_eq!(uploads, [sent, sent], "{asked}");
    }
}
