//! `thimble health`, and whatever may answer it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use crate::desk::text;
use crate::tool::run;

/// Somebody who gives one answer, and goes.
fn answering(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 1_024];
        let _ = stream.read(&mut asked);
        let _ = stream.write_all(answer);
    });
    address
}

#[test]
fn only_an_answer_of_200_is_a_worker_that_works() {
    let answers: [(&[u8], i32, &str); 6] = [
        (b"HTTP/1.1 200 OK\r\n\r\nworks", 0, "works"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0, "200 OK"),
        (
            b"HTTP/1.1 503 Service Unavailable\r\n\r\nit stops",
            1,
            "it stops",
        ),
        (b"HTTP/1.1 404 Not Found\r\n\r\n", 1, "404"),
        (b"200 200 200", 1, "200"),
        (b"", 1, ""),
    ];
    for (answer, code, words) in answers {
        let output = run(&["health", &answering(answer).to_string()]);
        assert_eq!(output.status.code(), Some(code), "{answer:?}");
        assert!(text(&output.stdout).contains(words), "{answer:?}");
    }
}

#[test]
fn nobody_and_somebody_who_is_silent_are_no_worker() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = closed.local_addr().unwrap().to_string();
    drop(closed);
    let output = run(&["health", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("nobody answers"));

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let output = run(&["health", &address, "--timeout", "1"]);
    assert_eq!(output.status.code(), Some(1));
}
