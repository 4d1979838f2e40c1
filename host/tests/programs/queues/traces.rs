//! Traces of a worker and of a folder, as a collector receives them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::listen::Door;
use crate::desk::{Desk, picture, text};
use crate::process::finish;
use crate::tool::{assert_fails, thimble};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SENDER: &str = "00f067aa0ba902b7";

/// A collector, and the bodies that it was sent.
struct Collector {
    address: String,
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Collector {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let bodies = Arc::<Mutex<Vec<Vec<u8>>>>::default();
        let kept = bodies.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                kept.lock().unwrap().push(take(client));
            }
        });
        Self { address, bodies }
    }

    /// True if these bytes were sent.
    fn has(&self, bytes: &[u8]) -> bool {
        let bodies = self.bodies.lock().unwrap();
        let mut windows = bodies.iter().flat_map(|body| body.windows(bytes.len()));
        windows.any(|window| window == bytes)
    }
}

/// Body of a request, which is answered.
fn take(client: TcpStream) -> Vec<u8> {
    let mut reader = BufReader::new(client);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    reader.get_mut().write_all(answer).unwrap();
    body
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = (0..hex.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

/// A desk with an event that a sender has put into a trace, and its folder.
fn desk() -> (Desk, String) {
    let desk = Desk::new();
    desk.image("cat.bmp", &picture(1));
    let root = desk.root.to_str().unwrap().to_owned();
    let door = Door::new(&root, None);
    let context = format!("traceparent: 00-{TRACE}-{SENDER}-01\r\n");
    assert_eq!(door.tell("images", "cat.bmp", &context), "200");
    (desk, root)
}

#[test]
fn an_image_is_seen_in_the_trace_of_its_sender_and_the_log_has_the_ids() {
    let (_desk, root) = desk();
    let collector = Collector::start();
    let mut worker = thimble(&["worker", "--queue", &root, "--once"]);
    worker.env("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.address);
    let output = finish(worker.spawn().unwrap());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let log = text(&output.stderr);
    let line = log.lines().find(|line| line.contains("object worked on"));
    let line: Value = serde_json::from_str(line.unwrap()).unwrap();
    assert_eq!(line["trace.id"], TRACE, "{line}");
    assert_eq!(line["span"]["trace.id"], TRACE, "{line}");
    let span = line["span.id"].as_str().unwrap();
    assert_ne!(span, SENDER);
    for part in [bytes(TRACE), bytes(SENDER), bytes(span)] {
        assert!(collector.has(&part), "{part:?}");
    }
    for name in ["fetch", "engine", "store", "cat.bmp"] {
        assert!(collector.has(name.as_bytes()), "{name}");
    }
}

#[test]
fn a_worker_whose_collector_is_down_works_and_says_so_once() {
    let (desk, root) = desk();
    let mut worker = thimble(&["worker", "--queue", &root, "--once"]);
    worker.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
    let output = finish(worker.spawn().unwrap());
    let log = text(&output.stderr);
    assert!(output.status.success(), "{log}");
    assert_eq!(desk.thumbnails().len(), 3);
    assert_eq!(log.matches("traces could not be sent").count(), 1, "{log}");
    let mut worker = thimble(&["worker", "--queue", &root, "--once"]);
    worker.env("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
    worker.env("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc");
    let output = finish(worker.spawn().unwrap());
    assert_fails(&output, 2, "change OTEL_EXPORTER_OTLP_PROTOCOL: grpc");
}

#[test]
fn a_folder_has_a_trace_for_each_image_and_works_without_its_collector() {
    let desk = Desk::new();
    desk.image("cat.bmp", &picture(1));
    let once = |address: &str| {
        let mut local = desk.command(&["--once"]);
        local.env("OTEL_EXPORTER_OTLP_ENDPOINT", address);
        finish(local.spawn().unwrap())
    };
    let collector = Collector::start();
    let output = once(&collector.address);
    assert!(output.status.success(), "{}", text(&output.stderr));
    for name in ["image", "fetch", "engine", "store", "cat.bmp"] {
        assert!(collector.has(name.as_bytes()), "{name}");
    }
    desk.image("dog.bmp", &picture(2));
    let output = once("http://127.0.0.1:9");
    let told = text(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert_eq!(desk.thumbnails().len(), 6);
    assert_eq!(
        told.matches("traces could not be sent").count(),
        1,
        "{told}"
    );
}
