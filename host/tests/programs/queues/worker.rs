//! A worker that goes on until it is told to stop, and a folder that is watched as well.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use crate::desk::{Desk, picture};
use crate::process::{Running, eventually};
use crate::tool::{run, said, thimble};

/// A worker, and the address at which it says how it is.
struct Healthy {
    program: Running,
    health: String,
}

impl Healthy {
    fn start(desk: &Desk) -> Self {
        let root = desk.root.to_str().unwrap();
        let words = ["worker", "--queue", root, "--health", "127.0.0.1:0"];
        let mut program = Running::start(&mut thimble(&words));
        let health = program.logged("health.address");
        Self { program, health }
    }

    /// The program that watches `desk`, with the same pages.
    fn watching(desk: &Desk) -> Self {
        let mut child = desk.command(&["--health", "127.0.0.1:0"]).spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let health = loop {
            let mut line = String::new();
            assert_ne!(said.read_line(&mut line).unwrap(), 0, "it ended");
            let address = line.trim_end().strip_prefix("health: http://");
            if let Some(address) = address.and_then(|line| line.strip_suffix("/healthz")) {
                break address.to_owned();
            }
        };
        std::thread::spawn(move || said.read_to_end(&mut Vec::new()));
        let program = Running(child);
        Self { program, health }
    }

    fn health(&self) -> String {
        self.get("/healthz")
    }

    fn get(&self, path: &str) -> String {
        let mut answer = String::new();
        let Ok(mut stream) = TcpStream::connect(&self.health) else {
            return answer;
        };
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.read_to_string(&mut answer);
        answer
    }
}

fn three_and_one_that_is_broken(desk: &Desk) {
    for number in 1..=3 {
        desk.image(&format!("{number}.bmp"), &picture(number));
    }
    desk.image("broken.bmp", b"BM, broken");
}

#[test]
fn it_works_on_what_comes_says_that_it_is_well_and_stops_when_told_to() {
    let desk = Desk::kept();
    assert_eq!(desk.status(), [0, 0, 0]);
    let mut worker = Healthy::start(&desk);
    eventually("it is well", || worker.health().contains("200 OK"));
    desk.image("cat.bmp", &picture(1));
    let root = desk.root.to_str().unwrap();
    said(&run(&["backfill", root, "--queue", root]));
    eventually("thumbnails are made", || desk.thumbnails().len() == 3);
    eventually("the message is gone", || desk.status() == [0, 0, 0]);
    assert_eq!(worker.program.stop().code(), Some(0));
    assert_eq!(worker.health(), "");
}

#[test]
fn its_metrics_tell_of_each_image_and_of_its_queues() {
    let desk = Desk::kept();
    three_and_one_that_is_broken(&desk);
    assert_eq!(desk.status(), [0, 0, 0]);
    let worker = Healthy::start(&desk);
    let first = worker.get("/metrics");
    assert!(
        first.contains("\nthimble_images_total{outcome=\"done\"} 0\n"),
        "{first}"
    );
    let root = desk.root.to_str().unwrap();
    said(&run(&["backfill", root, "--queue", root]));
    let mut page = String::new();
    eventually("all is told", || {
        page = worker.get("/metrics");
        let outcomes = ["done\"} 3", "rejected\"} 1"];
        outcomes
            .iter()
            .all(|end| page.contains(&format!("thimble_images_total{{outcome=\"{end}\n")))
    });
    for line in [
        "thimble_images_total{outcome=\"done\"} 3",
        "thimble_images_total{outcome=\"rejected\"} 1",
        "thimble_failures_total{kind=\"unsupported-format\",blame=\"source\"} 1",
        "thimble_thumbnails_total 9",
        "thimble_dead_letters_total 1",
        "thimble_stage_seconds_count{stage=\"engine\"} 3",
        "thimble_healthy 1",
    ] {
        assert!(page.contains(&format!("\n{line}\n")), "{line}: {page}");
    }
    for name in [
        "thimble_engine_info{version=",
        "thimble_queue_messages{queue=\"work\",",
    ] {
        assert!(page.contains(&format!("\n{name}")), "{name}: {page}");
    }
    let memory = page
        .lines()
        .find_map(|line| line.strip_prefix("process_resident_memory_bytes "));
    let memory: u64 = memory.unwrap().parse().unwrap();
    assert_eq!(memory > 1 << 20, cfg!(target_os = "linux"), "{memory}");
}

#[test]
fn a_port_that_is_taken_is_told() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let desk = Desk::kept();
    assert_eq!(desk.status(), [0, 0, 0]);
    let root = desk.root.to_str().unwrap();
    let output = run(&["worker", "--queue", root, "--health", &address]);
    crate::tool::assert_fails(&output, 2, "--health cannot listen at");
}

/// Names and types of all metrics on a page.
fn types(page: &str) -> Vec<&str> {
    let lines = page.lines();
    lines.filter(|line| line.starts_with("# TYPE ")).collect()
}

#[test]
fn a_folder_that_is_watched_has_the_metrics_of_a_worker() {
    let desk = Desk::new();
    three_and_one_that_is_broken(&desk);
    let mut folder = Healthy::watching(&desk);
    eventually("it is well", || folder.health().contains("200 OK"));
    let mut page = String::new();
    let lines = [
        "thimble_images_total{outcome=\"done\"} 3",
        "thimble_images_total{outcome=\"rejected\"} 1",
        "thimble_dead_letters_total 1",
        "thimble_queue_messages{queue=\"dead-letters\",state=\"visible\"}",
        "thimble_healthy 1",
    ];
    eventually("all is told", || {
        page = folder.get("/metrics");
        lines.iter().all(|line| page.contains(&format!("\n{line}")))
    });
    let worker = Healthy::start(&Desk::kept()).get("/metrics");
    let own = types(&page);
    assert!(types(&worker).iter().all(|of| own.contains(of)), "{own:?}");
    assert_eq!(folder.program.stop().code(), Some(0));
}
