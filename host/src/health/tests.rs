use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

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
    let answer = ask(address, probe).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nwell\n"), "{answer}");
    well.store(false, Ordering::Relaxed);
    let answer = ask(address, probe).await;
    assert!(
        answer.starts_with("HTTP/1.1 503 Service Unavailable\r\n"),
        "{answer}"
    );
    assert!(answer.ends_with("the queue sleeps\n"), "{answer}");
}

#[tokio::test]
async fn whatever_else_is_asked_is_refused_and_it_goes_on() {
    let (address, _) = server().await;
    let long = format!(
        "GET /healthz HTTP/1.1\r\nX: {}\r\n\r\n",
        "x".repeat(LONGEST)
    );
    for (request, status) in [
        ("GET / HTTP/1.1\r\n\r\n", "404"),
        (
            "POST /healthz HTTP/1.1\r\nContent-Length: 1\r\n\r\nx",
            "405",
        ),
        ("GET /healthz HTTP/2\r\n\r\n", "505"),
        ("hello\r\n\r\n", "400"),
        ("\r\n\r\n", "400"),
        ("GET /healthz?x=1 HTTP/1.0\r\n\r\n", "200"),
        (long.as_str(), "431"),
    ] {
        let answer = ask(address, request.as_bytes()).await;
        // What was not read when the connection closed may cost the client the answer.
        let lost = status == "431" && answer.is_empty();
        assert!(lost || answer.contains(status), "{request}: {answer}");
    }
    let answer = ask(address, b"GET /healthz HTTP/1.1\r\n\r\n").await;
    assert!(answer.contains("200 OK"));
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
