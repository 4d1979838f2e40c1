//! Requests that nobody means well by: with two meanings, of guesses, and very many of them.

use super::*;
use crate::error::Error;
use crate::report::ObjectReport;
use crate::testing::garbage::{REFUSED, SMUGGLED, ambiguous, answers, nonsense};

/// One connection has one answer, whatever lies behind its request.
#[tokio::test]
async fn a_request_inside_of_another_is_never_answered() {
    let site = Site::new(Access::with_token("sesame", true)).await;
    site.image("bad.png", "malformed").await;
    let inner = "POST /redrive HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sesame\r\n\
                 Content-Length: 0\r\n\r\n";
    let of_enter = ambiguous("/enter", "token=x", inner);
    let of_page = ambiguous("/", SMUGGLED, inner);
    for request in of_enter.into_iter().chain(of_page) {
        let answer = site.raw(&request).await;
        let shown = String::from_utf8_lossy(&request[..request.len().min(300)]).into_owned();
        assert!(answers(&answer) <= 1, "{shown}");
        let is_well = answer.is_empty()
            || answer.starts_with(b"HTTP/1.1 4")
            || answer.starts_with(b"HTTP/1.1 503");
        assert!(is_well, "{shown}: {}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(
        site.letters.depth().await.unwrap().total(),
        1,
        "nothing went back"
    );
    assert!(site.get("/").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn nonsense_is_refused_and_the_page_goes_on() {
    let site = Site::new(Access::open()).await;
    for request in nonsense() {
        let answer = site.raw(&request).await;
        let shown = String::from_utf8_lossy(&request[..request.len().min(100)]).into_owned();
        let is_refused = answer.is_empty() || REFUSED.iter().any(|start| answer.starts_with(start));
        assert!(is_refused, "{shown}: {}", String::from_utf8_lossy(&answer));
        assert!(answers(&answer) <= 1, "{shown}");
    }
    assert!(site.get("/").await.starts_with("HTTP/1.1 200"));
}

/// Whoever guesses waits, keeps nobody waiting whom the page knows, and learns nothing faster.
#[tokio::test]
async fn while_many_guess_only_what_was_right_before_is_looked_at() {
    let site = Site::new(Access::with_token("sesame", false)).await;
    let bearer = "Authorization: Bearer sesame\r\n";
    let basic = "Authorization: Basic eDpzZXNhbWU=\r\n";
    let wrong = "Authorization: Bearer sesam\r\n";
    assert!(site.get_with("/", bearer).await.starts_with("HTTP/1.1 200"));
    let many = u32::try_from(guesses::AT_ONE_TIME).unwrap();
    let guesses = &site.page.inner.guesses;
    let places = guesses.places.acquire_many(many).await.unwrap();
    for (headers, status) in [(bearer, "200"), (basic, "503"), (wrong, "503"), ("", "401")] {
        let answer = site.get_with("/", headers).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{headers}: {answer}"
        );
    }
    for token in ["sesame", "sesam"] {
        let answer = site
            .post("/enter", "http://localhost", "", &format!("token={token}"))
            .await;
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        let headers = format!("Authorization: Bearer  {token}\r\n");
        let answer = site
            .post("/redrive", "http://localhost", &headers, "")
            .await;
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    }
    drop(places);
    assert!(site.get_with("/", basic).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_flood_of_wrong_tokens_ends() {
    let site = Arc::new(Site::new(Access::with_token("sesame", false)).await);
    let guess = |number: usize| {
        let site = site.clone();
        tokio::spawn(async move {
            let wrong = format!("Authorization: Bearer {number}\r\n");
            site.get_with("/", &wrong).await
        })
    };
    let guesses: Vec<_> = (0..200).map(guess).collect();
    for guess in guesses {
        let answer = guess.await.unwrap();
        let is_bad = ["HTTP/1.1 401", "HTTP/1.1 503"]
            .iter()
            .any(|start| answer.starts_with(start));
        assert!(is_bad || answer.is_empty(), "{answer}");
    }
    let bearer = "Authorization: Bearer sesame\r\n";
    site.until("/", bearer, "No image was worked on").await;
}

#[tokio::test]
async fn a_thousand_streams_are_a_few_and_the_page_goes_on() {
    let site = Site::new(Access::open()).await;
    let mut clients = Vec::new();
    for _ in 0..1_000 {
        // Somebody who is turned away at the door may see it as an error.
        let Ok(mut client) = TcpStream::connect(site.address).await else {
            continue;
        };
        let asked = client.write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let _ = asked.await;
        let mut status = [0; 12];
        if client.read_exact(&mut status).await.is_ok() && status.ends_with(b"200") {
            clients.push(client);
        }
    }
    assert_eq!(clients.len(), stream::STREAMS);
    site.until("/", "", "No image was worked on").await;
    site.image("cat.png", "png").await;
    site.until("/", "", "images/cat.png").await;
    let free = site.page.inner.streams.available_permits();
    assert_eq!(free, 0, "all that there may be are watched");
    drop(clients);
}

/// A name of four thousand bytes, and one that no store can have.
#[tokio::test]
async fn the_longest_names_make_no_page_long() {
    let site = Site::new(Access::open()).await;
    for length in [4_000, 100_000] {
        let key = format!("{}<x-evil>\u{202e}.png", "\u{1b}".repeat(length));
        let location = Location::new(IMAGES, &key);
        let failed = ObjectReport::failed(Some(location), Error::UnknownEvent(key.clone()));
        let mut report = MessageReport::new(&Message::direct(key.as_str(), ""), vec![failed]);
        report.dead_lettered = true;
        site.page.hear(&report);
    }
    for path in ["/", "/letters"] {
        let page = site.get(path).await;
        assert!(
            page.starts_with("HTTP/1.1 200") && page.ends_with("</html>\n"),
            "{path}"
        );
        assert!(page.len() < 400_000, "{path}: {}", page.len());
        assert!(page.contains("\\u{1b}"), "{path}: the names are there");
        assert!(
            !page.contains('\u{1b}') && !page.contains("<x-evil"),
            "{path}"
        );
    }
}
