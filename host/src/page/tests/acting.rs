//! Acts that take a token: looking at a page that is not open, and sending letters back.

use super::*;
use crate::memory::MemoryStore;
use crate::object::ETag;
use crate::ports::{Depth, ReceiveOptions};

const HERE: &str = "http://localhost";

async fn cookie(site: &Site, token: &str) -> String {
    let answer = site
        .post("/enter", HERE, "", &format!("token={token}"))
        .await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let lower = answer.to_lowercase();
    assert!(
        lower.contains("httponly; samesite=strict; max-age=43200\r\n"),
        "{answer}"
    );
    let cookie = answer
        .lines()
        .find(|line| line.to_lowercase().starts_with("set-cookie"));
    let cookie = cookie.unwrap().split_once(": ").unwrap().1;
    format!("Cookie: {}\r\n", cookie.split(';').next().unwrap())
}

#[tokio::test]
async fn a_page_that_is_not_open_is_shown_to_those_who_know_the_token() {
    let site = Site::new(Access::with_token("open sesame", false)).await;
    site.image("secret.png", "png").await;
    for path in ["/", "/letters", "/events", "/picture/0/1/0", "/source/0/1"] {
        let answer = site.get(path).await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{path}: {answer}");
        assert!(!answer.contains("secret"), "{path}");
    }
    let wrong = site.post("/enter", HERE, "", "token=open+sesam").await;
    assert!(wrong.starts_with("HTTP/1.1 401") && wrong.contains("This is not the token"));
    assert!(!wrong.to_lowercase().contains("set-cookie"));
    for form in ["", "token=", "token", "tok%zz=1", "other=open+sesame"] {
        let answer = site.post("/enter", HERE, "", form).await;
        assert!(answer.starts_with("HTTP/1.1 401"), "{form}: {answer}");
    }
    let cookie = cookie(&site, "open+sesame").await;
    assert!(!cookie.contains("sesame"));
    assert!(site.get_with("/", &cookie).await.contains("secret.png"));
    let bearer = "Authorization: Bearer open sesame\r\n";
    assert!(site.get_with("/", bearer).await.contains("secret.png"));
    let left = site.post("/leave", HERE, &cookie, "").await;
    assert!(left.contains("Max-Age=0"), "{left}");
    let long = format!("token={}", "x".repeat(10_000));
    let answer = site.post("/enter", HERE, "", &long).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
        "{answer}"
    );
}

/// A site with two dead letters, and the header of a browser that showed its token.
async fn two_letters() -> (Site, String) {
    let site = Site::new(Access::with_token("sesame", true)).await;
    site.image("bad.png", "malformed").await;
    site.image("worse.png", "trap").await;
    let known = cookie(&site, "sesame").await;
    (site, known)
}

/// Press the button beside the first letter whose entry has these words.
async fn send_back(site: &Site, known: &str, words: &str) {
    let page = site.get_with("/letters", known).await;
    let mut letters = page.split("<li ");
    let letter = letters.find(|letter| letter.contains(words)).unwrap();
    let work = between(letter, "name=\"letter\" value=\"", "\"");
    let form = format!("letter={work}");
    let answer = site.post("/redrive", HERE, known, &form).await;
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
}

/// One key in two buckets, and one that was asked for twice.
#[tokio::test]
async fn a_letter_goes_back_and_no_other_of_its_key() {
    let mut world = World::new();
    world.store = Arc::new(MemoryStore::new([IMAGES, THUMBNAILS, "elsewhere"]));
    let queue = Arc::new(MemoryQueue::new("dead-letters"));
    let (shown, access) = (
        Letters::Queue(queue.clone()),
        Access::with_token("sesame", true),
    );
    let site = Site::with(access, queue, shown, world).await;
    let known = cookie(&site, "sesame").await;
    let of = |bucket: &str, etag: &str| {
        let location = Location::new(bucket, "same.png");
        let etag = ETag::new(etag);
        event::notification(Change::Written, &location, None, Some(&etag))
    };
    for bucket in [IMAGES, "elsewhere"] {
        let location = Location::new(bucket, "same.png");
        let bad = NewObject::new("malformed");
        site.world.store.put(&location, bad).await.unwrap();
        site.message(of(bucket, "1")).await;
    }
    site.message(of(IMAGES, "2")).await;
    assert_eq!(site.letters.depth().await.unwrap().total(), 3);
    send_back(&site, &known, "<h3>elsewhere/same.png</h3>").await;
    let page = site.until("/letters", &known, "is over: 1 sent back").await;
    assert!(!page.contains("<h3>elsewhere/same.png"), "{page}");
    assert_eq!(page.matches("<h3>images/same.png</h3>").count(), 2);
    send_back(&site, &known, "<h3>images/same.png</h3>").await;
    while site.letters.depth().await.unwrap().total() > 1 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    site.until("/letters", &known, "is over: 1 sent back").await;
    let sent = site.work.receive(&all()).await.unwrap();
    let bodies: Vec<&str> = sent.iter().map(|message| message.body.as_str()).collect();
    assert!(
        bodies.contains(&of("elsewhere", "1").as_str()),
        "{bodies:?}"
    );
    assert!(
        bodies.contains(&of(IMAGES, "2").as_str()),
        "the newest first"
    );
    for odd in ["", "1", "x", &"0".repeat(63), &"ä".repeat(64)] {
        let form = format!("letter={odd}");
        let answer = site.post("/redrive", HERE, &known, &form).await;
        assert!(answer.starts_with("HTTP/1.1 409"), "{odd}: {answer}");
    }
    let nobody = format!("letter={}", "0".repeat(64));
    site.post("/redrive", HERE, &known, &nobody).await;
    site.until("/letters", &known, "is over: 0 sent back, 0 failed, 1 left")
        .await;
}

fn all() -> ReceiveOptions {
    ReceiveOptions {
        max: 10,
        visibility: None,
        wait: Duration::ZERO,
    }
}

#[tokio::test]
async fn another_token_ends_what_the_one_before_began() {
    let site = Site::new(Access::with_token("sesame", false)).await;
    let known = cookie(&site, "sesame").await;
    assert!(site.get_with("/", &known).await.starts_with("HTTP/1.1 200"));
    site.page.renew("open sesame");
    assert!(site.get_with("/", &known).await.starts_with("HTTP/1.1 401"));
    let answer = site.post("/redrive", HERE, &known, "kind=").await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    let known = cookie(&site, "open+sesame").await;
    assert!(site.get_with("/", &known).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn letters_go_back_when_the_token_is_shown_and_only_then() {
    let (site, known) = two_letters().await;
    let refused = [
        (HERE, "", "401"),
        (HERE, "Cookie: thimble-page=wrong\r\n", "401"),
        ("http://evil.example", known.as_str(), "403"),
        ("null", known.as_str(), "403"),
        ("http://localhost:1", known.as_str(), "403"),
    ];
    for (origin, headers, status) in refused {
        let answer = site.post("/redrive", origin, headers, "kind=").await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{origin}: {answer}"
        );
    }
    assert_eq!(site.letters.depth().await.unwrap().total(), 2);
    assert!(
        !site.get("/letters").await.contains("<form"),
        "no button without a token"
    );

    // One of them, by the button beside it.
    send_back(&site, &known, "images/bad.png").await;
    let page = site.until("/letters", &known, "is over: 1 sent back").await;
    assert!(!page.contains("<h3>images/bad.png</h3>"), "{page}");
    assert!(page.contains("<h3>images/worse.png</h3>"), "{page}");
    assert_eq!(site.work.depth().await.unwrap().total(), 1);

    // The others, by a program.
    let program = "POST /redrive HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sesame\r\nContent-Length: 0\r\n\r\n";
    assert!(site.ask(program).await.starts_with("HTTP/1.1 303"));
    site.until("/letters", &known, "There are no dead letters")
        .await;
    let depth = Depth {
        visible: 2,
        in_flight: 0,
    };
    assert_eq!(site.work.depth().await.unwrap(), depth);
}

#[tokio::test]
async fn only_letters_of_one_kind_go_back_if_that_is_asked_for() {
    let (site, known) = two_letters().await;
    site.post("/redrive", HERE, &known, "kind=engine-trap")
        .await;
    let page = site.until("/letters", &known, "is over: 1 sent back").await;
    assert!(page.contains("images/bad.png") && !page.contains("<h3>images/worse.png"));
}

#[tokio::test]
async fn a_page_without_a_token_is_read_only() {
    let site = Site::new(Access::open()).await;
    site.image("bad.png", "malformed").await;
    for path in ["/redrive", "/enter", "/leave"] {
        let bearer = "Authorization: Bearer \r\n";
        let answer = site.post(path, HERE, bearer, "token=").await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{path}: {answer}");
    }
    assert_eq!(site.letters.depth().await.unwrap().visible, 1);
}

/// Letters of a folder go to one redrive at a time, and a worker is in nobody's way.
#[tokio::test]
async fn the_letters_of_a_folder_go_back_while_its_worker_runs() {
    let directory = tempfile::tempdir().unwrap();
    let folder = Folder::open(directory.path()).unwrap();
    let queue = Arc::new(folder.dead_letters().unwrap());
    let location = Location::new(IMAGES, "cat.png");
    let letter = event::notification(Change::Written, &location, None, None);
    queue.send(vec![Outgoing::new(letter)]).await;
    let shown = Letters::Folder {
        state: folder.layout().state().to_owned(),
        queue: queue.clone(),
    };
    let unused = Arc::new(MemoryQueue::new("unused"));
    let access = Access::with_token("sesame", true);
    let site = Site::with(access, unused, shown, World::new()).await;
    let known = cookie(&site, "sesame").await;

    // Somebody else has them in hand.
    let other = folder.own_dead_letters().unwrap();
    site.post("/redrive", HERE, &known, "kind=").await;
    site.until("/letters", &known, " failed: ").await;
    drop(other);
    site.post("/redrive", HERE, &known, "kind=").await;
    site.until("/letters", &known, "is over: 1 sent back").await;
    assert_eq!(queue.depth().await.unwrap().total(), 0);
    assert_eq!(site.work.depth().await.unwrap().visible, 1);
}
