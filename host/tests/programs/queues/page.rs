//! The status page of a worker, whose letters lie in a stream of NATS or in Postgres.

use std::fs;
use std::io::Read;

use serde_json::Value;

use crate::desk::{Desk, picture};
use crate::nats::Nats;
use crate::process::{Running, eventually};
use crate::tool::{ask, lines, run, said, tested_over, thimble};

const TOKEN: &str = "a word that nobody guesses";

/// A worker that shows a page.
struct Shown {
    program: Running,
    address: String,
}

impl Shown {
    /// Options besides those of a worker on `queue`, and variables.
    fn start(queue: &str, desk: &Desk, more: &[&str], variables: &[(&str, &str)]) -> Self {
        let root = desk.root.to_str().unwrap();
        let words = ["worker", "--queue", queue, "--store", root];
        let page = ["--page", "127.0.0.1:0"];
        let mut command = thimble(&[&words[..], &page, more].concat());
        let mut program = Running::start(command.envs(variables.iter().copied()));
        let address = program.logged("page.address");
        let address = address.strip_prefix("http://").unwrap();
        let address = address.trim_end_matches('/').to_owned();
        // Nobody reads its metrics, but a full pipe would stop it.
        let mut metrics = program.0.stdout.take().unwrap();
        std::thread::spawn(move || metrics.read_to_end(&mut Vec::new()));
        Self { program, address }
    }

    fn ask(&self, method: &str, path: &str, headers: &str, form: &str) -> String {
        ask(&self.address, &format!("{method} {path}"), headers, form)
    }

    fn get(&self, path: &str, headers: &str) -> String {
        self.ask("GET", path, headers, "")
    }

    /// Waits until a redrive has ended as `told`, by the page of a browser with this header.
    fn redriven(&self, known: &str, told: &str) {
        let told = format!("is over: {told}");
        eventually(&told, || self.get("/letters", known).contains(&told));
    }

    /// The header of a browser that has shown this token, if it is the right one.
    fn enter(&self, token: &str) -> Option<String> {
        let origin = format!("Origin: http://{}\r\n", self.address);
        let form = format!("token={}", token.replace(' ', "+"));
        let answer = self.ask("POST", "/enter", &origin, &form);
        let cookie = answer
            .lines()
            .find_map(|line| line.strip_prefix("Set-Cookie: "))?;
        let cookie = cookie.split(';').next().unwrap();
        Some(format!("{origin}Cookie: {cookie}\r\n"))
    }
}

fn letters(queue: &str) -> Vec<String> {
    let listed = lines(&run(&["dlq", "list", "--queue", queue, "--json"]));
    let key = |letter: &Value| letter["key"].as_str().unwrap().to_owned();
    listed.iter().map(key).collect()
}

/// Letters go back from the page of a worker when its token is shown, and only then.
fn redrive(queue: &str, dead: &str) {
    let desk = Desk::kept();
    let root = desk.root.to_str().unwrap();
    for name in ["one.bmp", "two.bmp", "three.bmp"] {
        desk.image(name, b"BM, broken");
    }
    let variables = [("THIMBLE_PAGE_TOKEN", TOKEN)];
    let mut worker = Shown::start(queue, &desk, &[], &variables);
    said(&run(&["backfill", root, "--queue", queue]));
    eventually("three letters are shown", || {
        worker
            .get("/letters", "")
            .matches("<li id=\"letter-")
            .count()
            == 3
    });
    let known = worker.enter(TOKEN).unwrap();
    assert_eq!(worker.enter("another word"), None);
    for name in ["one.bmp", "two.bmp", "three.bmp"] {
        desk.image(name, &picture(1));
    }

    let origin = format!("Origin: http://{}\r\n", worker.address);
    let cookie = known.strip_prefix(&origin).unwrap();
    let bearer = |word: &str| format!("Authorization: Bearer {word}\r\n");
    for (headers, status) in [
        // A program without the token, and with a wrong one.
        (String::new(), "403"),
        (bearer("another word"), "403"),
        // A browser without, and with a wrong cookie.
        (origin.clone(), "401"),
        (format!("{origin}Cookie: thimble-page=1-2\r\n"), "401"),
        (format!("{origin}{}", bearer("another word")), "401"),
        // The right cookie, sent by a page of somebody else, or by none.
        (format!("Origin: http://evil.example\r\n{cookie}"), "403"),
        (format!("Origin: http://127.0.0.1:1\r\n{cookie}"), "403"),
        (format!("Origin: null\r\n{cookie}"), "403"),
        (cookie.to_owned(), "403"),
    ] {
        let answer = worker.ask("POST", "/redrive", &headers, "kind=");
        let expected = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expected), "{headers}: {answer}");
    }
    assert!(desk.thumbnails().is_empty(), "nothing went back");

    // One of them by its button, and no other.
    let page = worker.get("/letters", &known);
    let letter = page.split("<li id=").find(|part| part.contains("two.bmp"));
    let (_, work) = letter
        .unwrap()
        .split_once("name=\"letter\" value=\"")
        .unwrap();
    let form = format!("letter={}", work.split('"').next().unwrap());
    let answer = worker.ask("POST", "/redrive", &known, &form);
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    eventually("it is made", || desk.thumbnails().len() == 3);
    worker.redriven(&known, "1 sent back, 0 failed, 2 left");
    assert!(desk.thumbnails().keys().all(|key| key.contains("two.bmp")));

    // The others by a program that shows the token.
    let answer = worker.ask("POST", "/redrive", &bearer(TOKEN), "kind=");
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    eventually("they are made", || desk.thumbnails().len() == 9);
    worker.redriven(&known, "2 sent back, 0 failed, 0 left");
    assert!(worker.program.stop().success());
    assert_eq!(letters(dead), [""; 0]);
}

#[test]
fn letters_in_a_stream_of_nats_go_back_from_the_page() {
    if let Some(nats) = Nats::new("page") {
        redrive(&nats.queue, &nats.letters);
    }
}

#[test]
fn letters_in_postgres_go_back_from_the_page() {
    let Some(url) = tested_over("Postgres", "THIMBLE_TEST_POSTGRES") else {
        return;
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let queue = format!("{url}&queue=page-{}", now.unwrap().as_nanos());
    redrive(&queue, &format!("{queue}-dead-letters"));
}

#[test]
fn another_token_in_the_file_ends_the_sessions_of_the_one_before() {
    let desk = Desk::kept();
    let file = desk.root.join("token");
    fs::write(&file, TOKEN).unwrap();
    let root = desk.root.to_str().unwrap();
    let more = ["--page-token-file", file.to_str().unwrap()];
    let worker = Shown::start(root, &desk, &more, &[]);
    let known = worker.enter(TOKEN).unwrap();
    assert!(worker.get("/", &known).contains("Forget the token"));
    // A file that is replaced is empty for a moment.
    fs::write(&file, "").unwrap();
    fs::write(&file, "open sesame").unwrap();
    eventually("the session is over", || {
        !worker.get("/", &known).contains("Forget the token")
    });
    assert_eq!(worker.enter(TOKEN), None);
    let known = worker.enter("open sesame").unwrap();
    assert!(worker.get("/", &known).contains("Forget the token"));
}
