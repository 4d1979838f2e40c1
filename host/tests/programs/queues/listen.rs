//! `thimble listen`: events by HTTP, for a worker with a queue in a folder.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use super::cloud::Cloud;
use crate::desk::{Desk, picture, text};
use crate::process::{Running, eventually, finish, signal};
use crate::tool::{ask, assert_fails, run, said, thimble};

/// A door of its own process.
pub(super) struct Door {
    program: Running,
    address: String,
}

impl Door {
    pub(super) fn new(queue: &str, secret: Option<&str>) -> Self {
        let mut command = thimble(&["listen", "--queue", queue, "--address", "127.0.0.1:0"]);
        if let Some(secret) = secret {
            command.env("THIMBLE_LISTEN_SECRET", secret);
        }
        let mut program = Running::start(command.stdout(Stdio::null()));
        let address = program.logged("listen.address");
        Self { program, address }
    }

    /// Sends an event of an object as S3 would. Returns the status.
    pub(super) fn tell(&self, bucket: &str, key: &str, headers: &str) -> String {
        let record = format!(
            r#"{{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{{"bucket":{{"name":"{bucket}"}},"object":{{"key":"{key}"}}}}}}"#
        );
        let body = format!(r#"{{"Records":[{record}]}}"#);
        let answer = self.post("/events", headers, &body);
        answer.split(' ').nth(1).unwrap().to_owned()
    }

    /// Sends a body. Returns the whole answer.
    pub(super) fn post(&self, target: &str, headers: &str, body: &str) -> String {
        ask(&self.address, &format!("POST {target}"), headers, body)
    }
}

#[test]
fn an_event_by_http_becomes_thumbnails() {
    let desk = Desk::new();
    desk.image("cat.bmp", &picture(1));
    let root = desk.root.to_str().unwrap();
    let mut door = Door::new(root, Some("sesame"));
    let known = "Authorization: Bearer sesame\r\n";
    assert_eq!(door.tell("images", "cat.bmp", ""), "401");
    assert_eq!(desk.status(), [0, 0, 0]);
    assert_eq!(door.tell("images", "cat.bmp", known), "200");
    assert_eq!(door.tell("images", "gone.bmp", known), "200");
    assert_eq!(desk.status(), [2, 0, 0]);
    said(&run(&["worker", "--queue", root, "--once"]));
    assert_eq!(desk.thumbnails().len(), 3);
    // It goes on while a worker works, and ends well.
    assert_eq!(door.tell("images", "cat.bmp", known), "200");
    assert!(door.program.stop().success());
    assert_eq!(desk.status(), [1, 0, 0]);
}

#[test]
fn a_second_signal_ends_a_door_that_waits_for_a_slow_sender() {
    let desk = Desk::new();
    let mut door = Door::new(desk.root.to_str().unwrap(), None);
    let mut client = TcpStream::connect(&door.address).unwrap();
    let head =
        "POST /events HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n";
    client.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; 12];
    client.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100");
    // It waits for the rest of the request, until it is told again.
    let program = &mut door.program;
    eventually("it ends", || {
        let has_ended = program.has_ended();
        if !has_ended {
            signal("TERM", &program.0);
        }
        has_ended
    });
    assert_eq!(program.0.wait().unwrap().code(), Some(130));
}

#[test]
fn an_event_that_was_answered_survives_a_kill() {
    let desk = Desk::new();
    let root = desk.root.to_str().unwrap();
    let mut door = Door::new(root, None);
    for number in 0..20 {
        assert_eq!(door.tell("images", &format!("{number}.bmp"), ""), "200");
    }
    door.program.kill();
    assert_eq!(desk.status(), [20, 0, 0]);
}

#[test]
fn a_door_that_would_stand_open_by_mistake_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    let listen = |words: &[&str]| run(&[&["listen", "--queue", root], words].concat());
    let output = listen(&["--address", "0.0.0.0:0"]);
    assert_fails(
        &output,
        2,
        "set THIMBLE_LISTEN_SECRET or --secret-file, or say --open",
    );
    let secret = folder.path().join("secret");
    let secret = secret.to_str().unwrap();
    assert_fails(
        &listen(&["--secret-file", secret]),
        2,
        "cannot read the secret",
    );
    fs::write(secret, "\n").unwrap();
    assert_fails(
        &listen(&["--secret-file", secret]),
        2,
        "the secret is empty",
    );
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_fails(
        &listen(&["--address", &address]),
        2,
        "choose another --address",
    );
    let output = run(&["listen", "--queue", "nowhere"]);
    assert_fails(&output, 2, "there is no such folder");
}

#[tokio::test]
async fn a_queue_in_a_folder_serves_buckets_of_s3() {
    let Some(cloud) = Cloud::new().await else {
        return;
    };
    cloud.put("cat.bmp", picture(1)).await;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_str().unwrap();
    let door = Door::new(root, None);
    assert_eq!(door.tell(&cloud.images(), "cat.bmp", ""), "200");
    let words = ["worker", "--queue", root, "--store", "s3://", "--once"];
    let mut command = cloud.command(&words);
    // A folder keeps its dead letters beside its queue.
    let output = finish(command.env_remove("DEAD_LETTER_QUEUE_URL").spawn().unwrap());
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(cloud.count(&cloud.thumbnails()).await, 3);
    cloud.remove().await;
}

#[test]
fn a_store_has_a_name_that_is_understood() {
    let desk = Desk::kept();
    let root = desk.root.to_str().unwrap();
    let worker = |store| run(&["worker", "--queue", root, "--once", "--store", store]);
    assert_fails(
        &worker("s3://bucket"),
        2,
        "a store is s3://, gs://, az:// or",
    );
    assert_fails(&worker("nowhere"), 2, "no such folder");
    said(&worker(root));
}
