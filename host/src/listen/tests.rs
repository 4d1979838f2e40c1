use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::{BOUNDS, Intake, LONGEST};
use crate::http::{Secret, Server};
use crate::local::DirectoryQueue;
use crate::ports::{Queue, ReceiveOptions};
use crate::testing::bounded::BoundedQueue;
use crate::testing::garbage::{REFUSED, SMUGGLED, ambiguous, answers, nonsense};
use crate::testing::queue::all;
use crate::testing::{Fault, MeddledQueue, deciding};

/// A door with a queue behind it, for as long as it lives.
struct Door {
    address: SocketAddr,
    queue: Arc<dyn Queue>,
    _stop: oneshot::Sender<()>,
    _folder: tempfile::TempDir,
}

impl Door {
    async fn new(secret: Option<&str>) -> Self {
        Self::before(secret, |queue| queue).await
    }

    async fn before(
        secret: Option<&str>,
        meddle: impl FnOnce(Arc<dyn Queue>) -> Arc<dyn Queue>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let queue: Arc<dyn Queue> = Arc::new(DirectoryQueue::own(folder.path(), None).unwrap());
        let server = Server::bind(([127, 0, 0, 1], 0).into(), BOUNDS)
            .await
            .unwrap();
        let address = server.address().unwrap();
        let intake = Intake::new(meddle(queue.clone()), secret.map(Secret::new));
        let (stop, stopped) = oneshot::channel();
        let respond = move |request| intake.clone().respond(request);
        tokio::spawn(server.run(respond, stopped));
        Self {
            address,
            queue,
            _stop: stop,
            _folder: folder,
        }
    }

    async fn ask(&self, request: &str) -> String {
        String::from_utf8(self.raw(request.as_bytes()).await).unwrap()
    }

    /// Say no more than `bytes`, and hear all that comes of it.
    async fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        // A server that has seen enough may close before all is written.
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        answer
    }

    async fn post(&self, target: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        self.ask(&format!(
            "POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        ))
        .await
    }

    async fn bodies(&self) -> Vec<String> {
        let options = ReceiveOptions {
            max: 10,
            visibility: None,
            wait: Duration::ZERO,
        };
        let messages = self.queue.receive(&options).await.unwrap();
        messages.into_iter().map(|message| message.body).collect()
    }
}

fn event(key: &str) -> String {
    format!(
        r#"{{"Records":[{{"eventVersion":"2.1","eventSource":"aws:s3","eventName":"ObjectCreated:Put","s3":{{"bucket":{{"name":"images"}},"object":{{"key":"{key}"}}}}}}]}}"#
    )
}

#[tokio::test]
async fn an_event_is_in_the_queue_before_it_is_answered() {
    let door = Door::new(None).await;
    let body = event("cat.jpg");
    let answer = door.post("/", "", &body).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert_eq!(door.bodies().await, [body]);
    let answer = door
        .post("/any/path", "", r#"{"Event":"s3:TestEvent"}"#)
        .await;
    assert!(answer.ends_with("nothing to do\n"), "{answer}");
    assert_eq!(door.queue.depth().await.unwrap().total(), 1);
}

#[tokio::test]
async fn an_event_that_is_not_in_the_queue_is_asked_for_again() {
    let meddle = |queue| -> Arc<dyn Queue> {
        Arc::new(MeddledQueue::new(queue, deciding(|_| Fault::Refused)))
    };
    let door = Door::before(None, meddle).await;
    let answer = door.post("/", "", &event("cat.jpg")).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.to_lowercase().contains("retry-after: 5"), "{answer}");
}

#[tokio::test]
async fn an_event_that_the_queue_never_takes_is_refused_with_a_reason() {
    let meddle = |queue| -> Arc<dyn Queue> { Arc::new(BoundedQueue::new(queue, 1_000)) };
    let door = Door::before(None, meddle).await;
    let answer = door.post("/", "", &event(&"x".repeat(1_000))).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(
        !answer.to_lowercase().contains("retry-after") && answer.contains("it is too long"),
        "{answer}"
    );
    assert_eq!(door.queue.depth().await.unwrap().total(), 0);
    let answer = door.post("/", "", &event("cat.jpg")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn an_event_without_room_for_its_trace_is_taken_without_it() {
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let body = event("cat.jpg");
    // Its name counts as well.
    let whole = body.len() + "traceparent".len() + trace.len();
    for (most, traces, status) in [
        (whole, vec![trace], "200"),
        (whole - 1, vec![], "200"),
        (body.len(), vec![], "200"),
        (body.len() - 1, vec![], "413"),
    ] {
        let meddle = |queue| -> Arc<dyn Queue> { Arc::new(BoundedQueue::new(queue, most)) };
        let door = Door::before(None, meddle).await;
        let header = format!("traceparent: {trace}\r\n");
        let answer = door.post("/", &header, &body).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        let messages = all(&*door.queue).await;
        assert_eq!(messages.len(), usize::from(status == "200"), "{most}");
        let found: Vec<_> = messages
            .iter()
            .flat_map(|message| message.attributes.values())
            .collect();
        assert_eq!(found, traces, "{most}");
    }
}

#[tokio::test]
async fn whoever_does_not_know_the_secret_stays_outside() {
    let door = Door::new(Some("open sesame")).await;
    let known = [
        ("/", "Authorization: Bearer open sesame\r\n"),
        ("/", "authorization: bearer  open sesame\r\n"),
        // The word "thimble", a colon and the secret.
        ("/", "Authorization: Basic dGhpbWJsZTpvcGVuIHNlc2FtZQ==\r\n"),
    ];
    for (target, headers) in known {
        let answer = door.post(target, headers, &event("cat.jpg")).await;
        assert!(answer.contains("200 OK"), "{headers}: {answer}");
    }
    let strange = [
        ("/", ""),
        ("/", "Authorization: Bearer open sesam\r\n"),
        ("/", "Authorization: Bearer\r\n"),
        ("/", "Authorization: Basic b3BlbiBzZXNhbWU=\r\n"),
        ("/", "Authorization: Basic !\r\n"),
        ("/?token=open", ""),
        ("/?tokens=open sesame", ""),
    ];
    for (target, headers) in strange {
        let answer = door
            .post(&target.replace(' ', "%20"), headers, &event("dog.jpg"))
            .await;
        assert!(
            answer.contains("401 Unauthorized"),
            "{target} {headers}: {answer}"
        );
    }
    assert!(door.bodies().await.iter().all(|body| body.contains("cat")));
    let door = Door::new(Some("sesame")).await;
    let answer = door
        .post("/x?a=b&token=sesame", "", &event("cat.jpg"))
        .await;
    assert!(answer.contains("200 OK"), "{answer}");
}

#[cfg(feature = "monitors")]
#[tokio::test]
async fn metrics_are_for_those_who_know_the_secret() {
    let door = Door::new(Some("sesame")).await;
    let known = "Authorization: Bearer sesame\r\n";
    door.post("/", known, &event("cat.jpg")).await;
    door.post("/", "", &event("cat.jpg")).await;
    door.post("/", known, "no event").await;
    let metrics = |headers: &str| format!("GET /metrics HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
    let answer = door.ask(&metrics("")).await;
    assert!(answer.contains("401 Unauthorized"), "{answer}");
    let answer = door.ask(&metrics(known)).await;
    for status in [200, 400, 401] {
        let line = format!("thimble_events_total{{status=\"{status}\"}} 1\n");
        assert!(answer.contains(&line), "{line}: {answer}");
    }
    let waiting = "thimble_queue_messages{queue=\"work\",state=\"visible\"} 1\n";
    assert!(answer.contains(waiting), "{answer}");
}

#[tokio::test]
async fn whatever_else_comes_is_refused_and_the_door_stays_open() {
    let door = Door::new(None).await;
    let long = "x".repeat(LONGEST + 1);
    let answer = door.post("/", "", &long).await;
    // What was not read when the connection closed may cost the client the answer.
    assert!(answer.is_empty() || answer.contains("413"), "{answer}");
    let endless = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{long}\r\n0\r\n\r\n",
        long.len()
    );
    let answer = door.ask(&endless).await;
    assert!(answer.is_empty() || answer.contains("413"), "{answer}");
    for (request, status) in [
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "405"),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "200"),
        (
            "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
            "405",
        ),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
            "400",
        ),
        ("\0\u{1}\u{2}garbage\r\n\r\n", "400"),
    ] {
        let answer = door.ask(request).await;
        assert!(answer.contains(status), "{request}: {answer}");
    }
    // A body that ends early.
    let mut client = TcpStream::connect(door.address).await.unwrap();
    let early = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{}";
    client.write_all(early).await.unwrap();
    client.shutdown().await.unwrap();
    let mut answer = String::new();
    let _ = client.read_to_string(&mut answer).await;
    assert!(answer.is_empty() || answer.contains("400"), "{answer}");
    assert_eq!(door.queue.depth().await.unwrap().total(), 0);
}

/// One connection has one answer and at most one event, whatever lies behind its request.
#[tokio::test]
async fn an_event_inside_of_another_one_is_never_taken() {
    let door = Door::new(None).await;
    let inner = event(SMUGGLED);
    let inner = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{inner}",
        inner.len()
    );
    let mut taken = 0;
    for request in ambiguous("/", &event("outer"), &inner) {
        let answer = door.raw(&request).await;
        let shown = String::from_utf8_lossy(&request[..request.len().min(300)]).into_owned();
        assert!(answers(&answer) <= 1, "{shown}");
        let is_taken = answer.starts_with(b"HTTP/1.1 200");
        let is_refused = answer.is_empty() || answer.starts_with(b"HTTP/1.1 4");
        assert!(
            is_taken || is_refused,
            "{shown}: {}",
            String::from_utf8_lossy(&answer)
        );
        taken += usize::from(is_taken);
        let bodies = door.bodies().await;
        assert_eq!(bodies.len(), usize::from(is_taken), "{shown}");
        assert!(bodies.iter().all(|body| *body == event("outer")), "{shown}");
    }
    assert!(taken > 0, "some of them mean one thing to all readers");
}

#[tokio::test]
async fn nonsense_is_refused_and_the_door_stays_open() {
    let door = Door::new(None).await;
    for request in nonsense() {
        let answer = door.raw(&request).await;
        let shown = String::from_utf8_lossy(&request[..request.len().min(100)]).into_owned();
        let is_refused = answer.is_empty() || REFUSED.iter().any(|start| answer.starts_with(start));
        assert!(is_refused, "{shown}: {}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(door.queue.depth().await.unwrap().total(), 0);
    let answer = door.post("/", "", &event("cat.jpg")).await;
    assert!(answer.contains("200 OK"), "{answer}");
}

#[tokio::test]
async fn a_flood_of_silent_clients_keeps_nobody_out_for_long() {
    let door = Door::new(None).await;
    let mut idle = Vec::new();
    for _ in 0..3 * BOUNDS.clients {
        idle.push(TcpStream::connect(door.address).await.unwrap());
    }
    let mut byte = [0];
    let last = idle.last_mut().unwrap();
    assert_eq!(
        last.read(&mut byte).await.unwrap_or(0),
        0,
        "it is turned away"
    );
    drop(idle);
    while !door
        .post("/", "", &event("cat.jpg"))
        .await
        .contains("200 OK")
    {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// One byte a second, of a head or of a body that would take hours.
#[tokio::test(start_paused = true)]
async fn a_client_that_dribbles_is_cut_off() {
    let door = Door::new(None).await;
    let head = "POST / HTTP/1.1\r\nX: ";
    let body = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n";
    for beginning in [head, body] {
        let mut client = TcpStream::connect(door.address).await.unwrap();
        client.write_all(beginning.as_bytes()).await.unwrap();
        let (mut seconds, mut answer) = (0, [0; 64]);
        while client.write_all(b"x").await.is_ok() {
            let closed = tokio::time::timeout(Duration::from_secs(1), client.read(&mut answer));
            if closed.await.is_ok_and(|read| !matches!(read, Ok(1..))) {
                break;
            }
            seconds += 1;
            assert!(seconds < 60, "{beginning}");
        }
    }
}

#[tokio::test]
async fn event_grid_is_told_yes_if_it_knows_the_secret() {
    let door = Door::new(Some("word")).await;
    let asks = r#"[{"eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","data":{"validationCode":"512d38b6"}}]"#;
    let stranger = door.post("/", "", asks).await;
    assert!(stranger.starts_with("HTTP/1.1 401"), "{stranger}");
    let answer = door.post("/?token=word", "", asks).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(
        answer.contains("Content-Type: application/json\r\n"),
        "{answer}"
    );
    let body = answer.split("\r\n\r\n").nth(1).unwrap().trim();
    assert_eq!(body, r#"{"validationResponse":"512d38b6"}"#);
    assert_eq!(door.bodies().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_sender_of_cloud_events_is_told_yes_if_it_knows_the_secret() {
    let door = Door::new(Some("word")).await;
    let ask = async |target: &str| {
        let origin = "WebHook-Request-Origin: eventgrid.azure.net";
        let request = format!("OPTIONS {target} HTTP/1.1\r\nHost: x\r\n{origin}\r\n\r\n");
        door.ask(&request).await
    };
    let stranger = ask("/").await;
    assert!(stranger.starts_with("HTTP/1.1 401"), "{stranger}");
    let answer = ask("/?token=word").await.to_lowercase();
    assert!(answer.starts_with("http/1.1 200 ok\r\n"), "{answer}");
    let allowed = "webhook-allowed-origin: eventgrid.azure.net\r\n";
    assert!(answer.contains(allowed), "{answer}");
    let without = door.ask("OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(without.starts_with("HTTP/1.1 405"), "{without}");
}

/// Pub/Sub signs its requests with a token of its own, which is no secret of ours.
#[tokio::test]
async fn a_secret_in_the_address_counts_beside_a_token_in_a_header() {
    let door = Door::new(Some("word")).await;
    let token = "Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln\r\n";
    let stranger = door.post("/", token, &event("cat.jpg")).await;
    assert!(stranger.starts_with("HTTP/1.1 401"), "{stranger}");
    let known = door.post("/?token=word", token, &event("cat.jpg")).await;
    assert!(known.starts_with("HTTP/1.1 200"), "{known}");
}

#[tokio::test]
async fn a_cloud_event_may_have_its_type_in_a_header() {
    let door = Door::new(None).await;
    let headers = "ce-specversion: 1.0\r\nce-type: google.cloud.storage.object.v1.finalized\r\n";
    let body = r#"{"bucket":"images","name":"a b.jpg","size":"10"}"#;
    let answer = door.post("/", headers, body).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let bodies = door.bodies().await;
    assert!(bodies[0].contains("\"key\":\"a+b.jpg\""), "{bodies:?}");
}
