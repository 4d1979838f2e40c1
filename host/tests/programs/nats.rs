//! Streams of the server that `THIMBLE_TEST_NATS` names.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use crate::tool::tested_over;

/// Two streams that no other run has: one for work, and the one for its dead letters.
pub(crate) struct Nats {
    pub(crate) queue: String,
    pub(crate) letters: String,
}

impl Nats {
    /// `None` says that there is no server.
    pub(crate) fn new(name: &str) -> Option<Self> {
        let server = tested_over("NATS", "THIMBLE_TEST_NATS")?;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        let queue = format!("{server}/thimble-{name}-{}", now.unwrap().as_nanos());
        let letters = format!("{queue}-dead-letters");
        Some(Self { queue, letters })
    }

    /// Put `body` into the stream for work, as a program does that knows nothing of this one.
    pub(crate) fn publish(&self, body: &[u8]) {
        let (server, subject) = self.queue.rsplit_once('/').unwrap();
        let mut client = TcpStream::connect(server.strip_prefix("nats://").unwrap()).unwrap();
        let head = format!("CONNECT {{}}\r\nPUB {subject} {}\r\n", body.len());
        for part in [head.as_bytes(), body, b"\r\nPING\r\n"] {
            client.write_all(part).unwrap();
        }
        let mut answer = BufReader::new(client);
        let mut line = String::new();
        while line != "PONG\r\n" {
            line.clear();
            assert_ne!(answer.read_line(&mut line).unwrap(), 0);
        }
    }
}
