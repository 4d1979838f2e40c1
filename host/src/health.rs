//! A page that says whether a worker is well, for those who restart it when it
//! is not: `GET /healthz` answers 200 or 503.
//!
//! It speaks as little of HTTP/1.1 as is needed, and nothing that a client does
//! costs more than a few KB or a few seconds: a request has a line and headers of
//! bounded length, no body is read, and every connection is closed after one answer.

use std::fmt::Display;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{self, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// The longest request that is read, in bytes: probes send a tenth of it.
const LONGEST: usize = 4_096;

/// How long a client may take to ask, and how long to take the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many clients are answered at one time; more are turned away.
const CLIENTS: usize = 16;

/// How long to wait when no connection can be accepted, for lack of descriptors
/// mostly.
const PAUSE: Duration = Duration::from_millis(200);

/// The path that is answered.
const PATH: &str = "/healthz";

/// Answers whether somebody is well.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
}

/// What a client is told.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: &'static str,
    text: String,
}

impl Server {
    /// Listen at `address`.
    ///
    /// # Errors
    /// If the address is taken, or not of this machine.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { listener })
    }

    /// Where it listens: the port is chosen by the system if 0 was asked for.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answer with what `check` finds, for ever.
    pub async fn run<E: Display>(self, check: impl Fn() -> Result<(), E> + Send + Sync + 'static) {
        let check = Arc::new(check);
        let places = Arc::new(Semaphore::new(CLIENTS));
        loop {
            let Ok((client, _)) = self.listener.accept().await else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let Ok(place) = places.clone().try_acquire_owned() else {
                continue;
            };
            let check = check.clone();
            tokio::spawn(async move {
                // A client that goes away or dawdles has itself to blame.
                let _ = timeout(2 * PATIENCE, serve(client, &*check)).await;
                drop(place);
            });
        }
    }
}

async fn serve<E: Display>(
    mut client: TcpStream,
    check: &(impl Fn() -> Result<(), E> + Send + Sync),
) -> io::Result<()> {
    let answer = match timeout(PATIENCE, read_head(&mut client)).await {
        Ok(head) => answer(&head?, check),
        Err(_) => Answer::new("408 Request Timeout", "no request came in time"),
    };
    timeout(PATIENCE, async {
        client.write_all(answer.to_string().as_bytes()).await?;
        client.shutdown().await
    })
    .await?
}

/// The bytes of a request up to its empty line, or as many as are read at most.
async fn read_head(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut part = [0; 512];
    loop {
        let count = client.read(&mut part).await?;
        head.extend_from_slice(part.get(..count).unwrap_or_default());
        let is_whole = head.windows(4).any(|bytes| bytes == b"\r\n\r\n");
        if count == 0 || is_whole || head.len() >= LONGEST {
            return Ok(head);
        }
    }
}

fn answer<E: Display>(head: &[u8], check: impl Fn() -> Result<(), E>) -> Answer {
    if head.len() >= LONGEST {
        return Answer::new(
            "431 Request Header Fields Too Large",
            "the request is too long",
        );
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let words: Vec<&str> = std::str::from_utf8(line)
        .unwrap_or_default()
        .split(' ')
        .collect();
    let [method, target, version] = words.as_slice() else {
        return Answer::new("400 Bad Request", "this is no request");
    };
    if !version.starts_with("HTTP/1.") {
        return Answer::new("505 HTTP Version Not Supported", "HTTP/1.1 is spoken here");
    }
    if target.split('?').next() != Some(PATH) {
        return Answer::new("404 Not Found", "look at /healthz");
    }
    if *method != "GET" {
        return Answer::new("405 Method Not Allowed", "GET is answered");
    }
    match check() {
        Ok(()) => Answer::new("200 OK", "well"),
        Err(ailment) => Answer::new("503 Service Unavailable", &ailment.to_string()),
    }
}

impl Answer {
    fn new(status: &'static str, text: &str) -> Self {
        Self {
            status,
            text: text.to_owned(),
        }
    }
}

impl Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { status, text } = self;
        // The text ends with a line feed, which the length counts.
        let length = text.len() + 1;
        write!(
            f,
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Length: {length}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n{text}\n"
        )
    }
}

#[cfg(test)]
mod tests;
