use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;
use crate::batch::{Batch, DeadLetterPolicy};
use crate::event::{self, Change};
use crate::letter;
use crate::local::Folder;
use crate::memory::MemoryQueue;
use crate::object::Location;
use crate::ports::{Message, NewObject, Outgoing};
use crate::testing::StampEngine;
use crate::testing::world::{IMAGES, THUMBNAILS, World};

mod acting;
mod garbage;
mod pictures;
mod strangers;
mod streams;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

/// A page of a host in memory, for as long as it lives.
struct Site {
    address: SocketAddr,
    page: Page,
    world: World,
    work: Arc<MemoryQueue>,
    letters: Arc<MemoryQueue>,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Site {
    async fn new(access: Access) -> Self {
        let letters = Arc::new(MemoryQueue::new("dead-letters"));
        Self::with(
            access,
            letters.clone(),
            Letters::Queue(letters),
            World::new(),
        )
        .await
    }

    async fn with(access: Access, letters: Arc<MemoryQueue>, shown: Letters, world: World) -> Self {
        let work = Arc::new(MemoryQueue::new("work"));
        let parts = Parts {
            place: "a place".to_owned(),
            work: work.clone(),
            letters: Some(shown),
            objects: world.store.clone(),
            pipeline: Arc::new(world.pipeline()),
            engine: world.engine.clone(),
            freshness: Duration::from_millis(20),
        };
        let page = Page::new(parts, access);
        let server = Server::bind(([127, 0, 0, 1], 0).into(), BOUNDS)
            .await
            .unwrap();
        let address = server.address().unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(page.clone().serve(server, stopped));
        Self {
            address,
            page,
            world,
            work,
            letters,
            stop,
            served,
        }
    }

    /// Work on an image of this name and content.
    async fn image(&self, key: &str, body: &str) {
        let location = Location::new(IMAGES, key);
        let written = NewObject::new(Bytes::from(body.to_owned()));
        self.world.store.put(&location, written).await.unwrap();
        self.message(event::notification(Change::Written, &location, None, None))
            .await;
    }

    async fn message(&self, body: String) {
        let policy = DeadLetterPolicy {
            at_once: true,
            max_receive_count: None,
        };
        let permanent = policy.with_queue(self.letters.clone());
        let batch = Batch::new(Arc::new(self.world.pipeline()), permanent, 4);
        let message = Message::direct(body.as_str(), body.as_str());
        self.page.hear(&batch.one(&message, None).await);
    }

    async fn ask(&self, request: &str) -> String {
        String::from_utf8_lossy(&self.ask_for_bytes(request).await).into_owned()
    }

    async fn ask_for_bytes(&self, request: &str) -> Vec<u8> {
        self.raw(request.as_bytes()).await
    }

    /// Say no more than `bytes`, and hear all that comes of it.
    async fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let Ok(mut stream) = TcpStream::connect(self.address).await else {
            return Vec::new();
        };
        // A server that has seen enough may close before all is written.
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        answer
    }

    async fn get(&self, path: &str) -> String {
        self.get_with(path, "").await
    }

    async fn get_with(&self, path: &str, headers: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n");
        self.ask(&request).await
    }

    /// Send a form as a browser does that shows a page of `origin`.
    async fn post(&self, path: &str, origin: &str, headers: &str, form: &str) -> String {
        let length = form.len();
        self.ask(&format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nOrigin: {origin}\r\nContent-Length: {length}\r\n{headers}\r\n{form}"
        ))
        .await
    }

    /// Wait until `path` shows `words`.
    async fn until(&self, path: &str, headers: &str, words: &str) -> String {
        loop {
            let answer = self.get_with(path, headers).await;
            if answer.contains(words) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// The part of `text` between two marks.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_default();
    rest.split_once(after).unwrap_or_default().0
}

#[tokio::test]
async fn the_page_shows_what_waits_what_was_done_and_what_failed() {
    let site = Site::new(Access::open()).await;
    let empty = site.get("/").await;
    assert!(empty.starts_with("HTTP/1.1 200 OK\r\n"), "{empty}");
    assert!(empty.contains("No image was worked on"), "{empty}");
    assert!(
        site.get("/letters")
            .await
            .contains("There are no dead letters")
    );

    site.image("holiday/cat.png", "png cat").await;
    site.image("bad.jpg", "malformed").await;
    site.image("later.jpg", "panic").await;
    site.work
        .send(vec![Outgoing::new("x"), Outgoing::new("y")])
        .await;
    let page = site.until("/", "", "<dt>Waiting</dt><dd><b>2</b>").await;
    for words in [
        "<h3>images/holiday/cat.png</h3>",
        "2 thumbnails in ",
        ", by stamp ",
        "<h3>images/bad.jpg</h3>",
        "<b>malformed-source</b>, dead letter",
        "<b>host-panic</b>, is tried again",
        "<dt>Dead letters</dt><dd><b>1</b>",
        "</span>1 image and ",
        "</span>1 dead letter in the last minute; 2 in the busiest one",
        "is live since",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let letters = site.get("/letters").await;
    assert!(letters.contains("<h3>images/bad.jpg</h3>"), "{letters}");
    assert!(
        letters.contains("the 1 that were sent from here"),
        "{letters}"
    );
    assert!(letters.contains("read only"), "{letters}");
}

#[tokio::test]
async fn another_engine_is_told_with_the_ones_before_it() {
    let site = Site::new(Access::open()).await;
    for number in 0..30 {
        let engine = StampEngine::new(&format!("7.{number}")).identity("");
        lock(&site.page.inner.recent).live(&engine);
    }
    let page = site.get("/").await;
    assert!(page.contains("Swaps: 19"), "{page}");
    // The page has looked for itself, and has found the one that is live.
    assert!(page.contains("<td>stamp 7.29</td>") && !page.contains("<td>stamp 7.5</td>"));
}

/// The letters of a folder are all there, page by page, and are only looked at.
#[tokio::test]
async fn the_letters_of_a_folder_are_listed_by_pages_and_not_touched() {
    let directory = tempfile::tempdir().unwrap();
    let folder = Folder::open(directory.path()).unwrap();
    let queue = Arc::new(folder.dead_letters().unwrap());
    let letters = (0..60).map(|number| {
        let location = Location::new(IMAGES, format!("{number:03}.jpg"));
        let mut letter = Outgoing::new(event::notification(Change::Written, &location, None, None));
        let reason = (letter::REASON.to_owned(), format!("reason {number}"));
        letter.attributes.extend([reason]);
        letter
    });
    for sent in queue.send(letters.collect()).await {
        sent.unwrap();
    }
    let shown = Letters::Folder {
        state: folder.layout().state().to_owned(),
        queue: queue.clone(),
    };
    let before = queue.peek(100).await.unwrap();
    let unused = Arc::new(MemoryQueue::new("unused"));
    let site = Site::with(Access::open(), unused, shown, World::new()).await;
    let first = site.get("/letters").await;
    assert!(first.contains("60 in the folder, the oldest first; page 1 of 3"));
    assert!(first.contains("<h3>images/000.jpg</h3>") && first.contains("reason 24"));
    assert!(!first.contains("reason 25") && first.contains("No picture: it is gone"));
    let last = site.get("/letters?page=3").await;
    assert!(last.contains("reason 50") && last.contains("reason 59"));
    assert_eq!(last.matches("<li id=\"letter-").count(), 10);
    for odd in [
        "0",
        "4",
        "-1",
        "x",
        "99999999999999999999",
        "18446744073709551615",
    ] {
        let page = site.get(&format!("/letters?page={odd}")).await;
        assert!(page.starts_with("HTTP/1.1 200"), "{odd}: {page}");
    }
    assert_eq!(queue.peek(100).await.unwrap(), before);
}
