//! A server of HTTP that tests answer requests with.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// Method, in upper case.
    pub method: String,
    /// Path and query, as they are sent.
    pub target: String,
    /// Headers by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Body.
    pub body: Vec<u8>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers besides those of connection and length.
    pub headers: Vec<(&'static str, String)>,
    /// Body, which is left away where a HEAD asks for it.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer with a body of a media type.
    #[must_use]
    pub fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type", media_type.to_owned())];
        Self {
            status,
            ..Self::with(headers, body)
        }
    }

    /// An answer that all is well, with headers and a body.
    #[must_use]
    pub fn with(headers: Vec<(&'static str, String)>, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            headers,
            body: body.into(),
        }
    }

    /// The answer that there is nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            status: 404,
            ..Self::with(Vec::new(), "")
        }
    }
}

/// Answers requests, one for each connection and each in a thread of its own, at
/// a port of this machine until the process ends.
pub fn serve(answer: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> SocketAddr {
    serve_at(0, answer)
}

/// The same at `port`, or at a free one if that is 0.
pub fn serve_at(
    port: u16,
    answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || exchange(client, &*answer));
        }
    });
    address
}

fn exchange(mut client: TcpStream, answer: &dyn Fn(&Request) -> Answer) {
    let Some(request) = read(&client) else { return };
    let Answer {
        status,
        headers,
        body,
    } = answer(&request);
    let length = body.len();
    let mut head =
        format!("HTTP/1.1 {status} Answer\r\nConnection: close\r\nContent-Length: {length}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let shown: &[u8] = if request.method == "HEAD" { &[] } else { &body };
    // A client that has gone has no use for an answer.
    let _ = client.write_all(&[head.as_bytes(), b"\r\n", shown].concat());
}

/// The request of a client; `None` if it has none.
fn read(client: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(client);
    let mut lines = reader.by_ref().lines().map_while(Result::ok);
    let first = lines.next()?;
    let (method, rest) = first.split_once(' ')?;
    let (target, _) = rest.split_once(' ')?;
    let headers: BTreeMap<String, String> = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            Some((name.to_lowercase(), value.to_owned()))
        })
        .collect();
    let length = headers.get("content-length");
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
        body,
    })
}
