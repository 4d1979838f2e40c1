//! Streams of news.

use super::*;

/// A client that follows the news.
struct Follower {
    stream: TcpStream,
    heard: String,
}

impl Follower {
    async fn new(site: &Site) -> Self {
        let mut stream = TcpStream::connect(site.address).await.unwrap();
        let request = b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";
        stream.write_all(request).await.unwrap();
        Self {
            stream,
            heard: String::new(),
        }
    }

    /// Reads until it has heard `words`; false if the stream ends before.
    async fn hears(&mut self, words: &str) -> bool {
        let mut bytes = [0; 1_024];
        while !self.heard.contains(words) {
            match self.stream.read(&mut bytes).await {
                Ok(count @ 1..) => self.heard += &String::from_utf8_lossy(&bytes[..count]),
                _ => return false,
            }
        }
        self.heard.clear();
        true
    }
}

#[tokio::test]
async fn who_follows_hears_of_news_and_of_the_end() {
    let site = Site::new(Access::open()).await;
    let mut follower = Follower::new(&site).await;
    assert!(follower.hears("Content-Type: text/event-stream\r\n").await);
    let mut follower = Follower::new(&site).await;
    assert!(follower.hears("retry: 2000\ndata: ").await);
    site.image("cat.png", "png").await;
    assert!(follower.hears("data: ").await);
    site.work.send(vec![Outgoing::new("x")]).await;
    assert!(follower.hears("data: ").await, "the depth is another one");
    drop(site.stop);
    assert!(!follower.hears("never").await);
    site.served.await.unwrap();
}

#[tokio::test]
async fn there_are_no_more_streams_than_a_few_and_the_page_goes_on() {
    let site = Site::new(Access::open()).await;
    let mut followers = Vec::new();
    for _ in 0..stream::STREAMS {
        let mut follower = Follower::new(&site).await;
        assert!(follower.hears("data: ").await);
        followers.push(follower);
    }
    let refused = site.get("/events").await;
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    assert!(site.get("/").await.starts_with("HTTP/1.1 200"));
    drop(followers.pop());
    // That it has gone is noticed when the next line is written.
    loop {
        site.image("cat.png", "png").await;
        let mut follower = Follower::new(&site).await;
        if follower.hears("retry: 2000").await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A stream says that it is there, and has an end even if nobody reads it.
#[tokio::test(start_paused = true)]
async fn a_stream_has_heartbeats_and_an_end() {
    let site = Site::new(Access::open()).await;
    let mut follower = Follower::new(&site).await;
    assert!(follower.hears("data: ").await);
    assert!(follower.hears("\r\n:\n\n").await);
    assert!(!follower.hears("never").await, "it has ended");
    assert!(site.get("/").await.starts_with("HTTP/1.1 200"));
}
