use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use tokio::net::TcpStream;
use tokio::time::timeout;

use super::*;
use crate::http::LONGEST_HEAD;

const CLIENTS: usize = BOUNDS.clients;

/// A server whose subject is well as long as the flag is set.
async fn server() -> (SocketAddr, Arc<AtomicBool>) {
    let server = Server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = server.address().unwrap();
    let well = Arc::new(AtomicBool::new(true));
    let flag = well.clone();
    let check = move || {
        if flag.load(Ordering::Relaxed) {
            Ok(())
        } else {
            Err("the queue sleeps")
        }
    };
    tokio::spawn(server.run(check));
    (address, well)
}

async fn ask(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that has seen enough may close before all is written.
    let _ = stream.write_all(request).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_probe_learns_whether_it_is_well() {
    let (address, well) = server().await;
    let probe = b"GET /healthz HTTP/1.1\r\nHost: worker\r\n\r\n";
    for (is_well, status, words) in [
        (true, "200 OK", "well"),
        (false, "503 Service Unavailable", "the queue sleeps"),
    ] {
        well.store(is_well, Ordering::Relaxed);
        let answer = ask(address, probe).await;
        let begins = answer.starts_with(&format!("HTTP/1.1 {status}\r\n"));
        let ends = answer.ends_with(&format!("\r\n\r\n{words}\n"));
        assert!(begins && ends, "{answer}");
    }
}

#[tokio::test]
async fn whatever_else_is_asked_is_refused_and_it_goes_on() {
    let (address, _) = server().await;
    let long = format!(
        "GET /healthz HTTP/1.1\r\nX: {}\r\n\r\n",
        "x".repeat(LONGEST_HEAD)
    );
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n", "404 Not Found"),
        (
            "POST /healthz HTTP/1.1\r\nContent-Length: 1\r\n\r\nx",
            "405 Method Not Allowed",
        ),
        // No body is waited for, however long it claims to be.
        (
            "POST /healthz HTTP/1.1\r\nContent-Length: 1000000\r\n\r\nx",
            "405 Method Not Allowed",
        ),
        ("GET /healthz HTTP/2\r\n\r\n", "400 Bad Request"),
        ("hello\r\n\r\n", "400 Bad Request"),
        ("GET /healthz?x=1 HTTP/1.0\r\n\r\n", "200 OK"),
        (long.as_str(), "431 Request Header Fields Too Large"),
    ] {
        let answer = ask(address, request.as_bytes()).await;
        // What was not read when the connection closed may cost the client the answer.
        let lost = status.starts_with("431") && answer.is_empty();
        assert!(lost || answer.contains(status), "{request}: {answer}");
    }
    let answer = ask(address, b"GET /healthz HTTP/1.1\r\n\r\n").await;
    assert!(answer.contains("200 OK"));
}

#[tokio::test]
async fn metrics_are_shown_if_there_are_any() {
    let (address, _) = server().await;
    let probe = b"GET /metrics HTTP/1.1\r\n\r\n";
    let answer = ask(address, probe).await;
    assert!(answer.contains("404 Not Found"), "{answer}");
    assert!(answer.contains("feature `monitors`"), "{answer}");
    let server = Server::bind(([127, 0, 0, 1], 0).into()).await.unwrap();
    let address = server.address().unwrap();
    let page: Page = Arc::new(|form| Box::pin(async move { format!("{form:?}\n") }));
    tokio::spawn(server.showing(Some(page)).run(|| Ok::<(), &str>(())));
    let answer = ask(address, probe).await;
    assert!(answer.contains("200 OK"), "{answer}");
    let kind = "content-type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n";
    assert!(answer.to_lowercase().contains(kind), "{answer}");
    assert!(answer.ends_with("\r\n\r\nOpenMetrics\n"), "{answer}");
    let answer = ask(
        address,
        b"GET /metrics HTTP/1.1\r\nAccept: text/plain\r\n\r\n",
    )
    .await;
    assert!(answer.contains("text/plain; version=0.0.4"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nText\n"), "{answer}");
    let answer = ask(address, b"POST /metrics HTTP/1.1\r\n\r\n").await;
    assert!(answer.contains("405 Method Not Allowed"), "{answer}");
}

#[tokio::test]
async fn an_answer_says_what_it_is_and_that_it_is_the_last() {
    let (address, _) = server().await;
    let mut client = TcpStream::connect(address).await.unwrap();
    client
        .write_all(b"GET /healthz HTTP/1.1\r\n\r\n")
        .await
        .unwrap();
    // A probe such as netcat says at once that it has no more to ask.
    client.shutdown().await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    for header in [
        "Content-Type: text/plain; charset=utf-8",
        "Content-Length: 5",
        "Cache-Control: no-store",
        "Connection: close",
    ] {
        let found = answer.lines().any(|line| line.eq_ignore_ascii_case(header));
        assert!(found, "{header}: {answer}");
    }
}

#[tokio::test]
async fn clients_that_say_nothing_keep_nobody_from_asking_for_long() {
    let (address, _) = server().await;
    let mut idle = Vec::new();
    for _ in 0..4 * CLIENTS {
        idle.push(TcpStream::connect(address).await.unwrap());
    }
    // Those over the limit are turned away at once.
    let mut byte = [0];
    let last = idle.last_mut().unwrap();
    assert_eq!(last.read(&mut byte).await.unwrap_or(0), 0);
    drop(idle);
    let probe = b"GET /healthz HTTP/1.1\r\n\r\n";
    while !ask(address, probe).await.contains("200 OK") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A client that sends one byte a second, and so would never have asked whole.
/// Returns the number of bytes that it could send.
async fn drip(address: SocketAddr, bytes: impl Iterator<Item = u8>) -> usize {
    let mut client = TcpStream::connect(address).await.unwrap();
    let mut sent = 0;
    for byte in bytes {
        let closed = async {
            client
                .read(&mut [0; 64])
                .await
                .is_ok_and(|count| count == 0)
        };
        if timeout(Duration::from_secs(1), closed).await.is_ok() {
            break;
        }
        if client.write_all(&[byte]).await.is_err() {
            break;
        }
        sent += 1;
    }
    sent
}

#[tokio::test(start_paused = true)]
async fn clients_that_ask_a_byte_at_a_time_are_cut_off() {
    let (address, _) = server().await;
    let endless = || {
        b"GET /healthz HTTP/1.1\r\nX: "
            .iter()
            .copied()
            .chain([b'x'; 600])
    };
    let all = endless().count();
    let slow = (0..CLIENTS).map(|_| drip(address, endless()));
    let sent = futures_util::future::join_all(slow).await;
    assert!(sent.iter().all(|sent| *sent < all), "{sent:?}");
    let probe = b"GET /healthz HTTP/1.1\r\n\r\n";
    assert!(ask(address, probe).await.contains("200 OK"));
}
