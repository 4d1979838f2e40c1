//! Strangers: their names, their requests, and their patience.

use super::*;

/// Names, and what must not come out of them.
const NAMES: [(&str, &str); 9] = [
    ("<x-evil>.png", "<x-evil"),
    ("\"><x-evil a=\".png", "<x-evil"),
    ("'><x-evil a='.png", "<x-evil"),
    ("a\" onerror=\"evil().png", "\" onerror="),
    ("a' onerror='evil().png", "' onerror="),
    ("</h3></li></ol><x-evil>.png", "<x-evil"),
    ("&lt;x-evil&gt;.png", "&lt;x-evil"),
    ("{}{0}<x-evil>{{.png", "<x-evil"),
    ("\u{202e}gnp.<x-evil>\n\u{1b}[2J\0", "\u{202e}"),
];

#[tokio::test]
async fn text_of_strangers_never_becomes_markup() {
    let mut world = World::new();
    world.engine = Arc::new(StampEngine::new("<x-evil>\"><x-evil>"));
    let queue = Arc::new(MemoryQueue::new("dead-letters"));
    let shown = Letters::Queue(queue.clone());
    let site = Site::with(Access::open(), queue, shown, world).await;
    for (name, _) in NAMES {
        site.image(&format!("good/{name}"), "png").await;
        site.image(&format!("bad/{name}"), "malformed").await;
        site.image(&format!("odd/{name}"), name).await;
        site.message(name.to_owned()).await;
    }
    for path in [
        "/",
        "/letters",
        "/letters?page=2",
        "/letters?page=%3Cx-evil%3E",
    ] {
        let page = site.get(path).await;
        assert!(page.contains("x-evil"), "{path}: the names are there");
        for (name, evil) in NAMES {
            assert!(!page.contains(evil), "{path}, {name}: {page}");
        }
        // Each tag of the page is one of its own.
        for tag in page.split('<').skip(1) {
            let name: String = tag.chars().take_while(|c| !" >\n".contains(*c)).collect();
            let is_ours = name.trim_start_matches(['/', '!']);
            assert!(
                is_ours.chars().all(|c| c.is_ascii_alphanumeric()),
                "{path}: <{tag}"
            );
        }
    }
    // What is asked for is not repeated.
    let unknown = site.get("/%3Cx-evil%3E").await;
    assert!(!unknown.contains("x-evil"), "{unknown}");
}

/// Headers of every answer, against pages of others.
const HEADERS: [&str; 4] = [
    "content-security-policy: default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self';",
    "x-content-type-options: nosniff",
    "referrer-policy: same-origin",
    "cross-origin-resource-policy: same-origin",
];

#[tokio::test]
async fn every_answer_says_what_it_may_do() {
    let site = Site::new(Access::with_token("sesame", true)).await;
    site.image("cat.png", "png").await;
    let style = site.get("/").await;
    let style = between(&style, "rel=\"stylesheet\" href=\"", "\"").to_owned();
    assert!(style.starts_with("/page.css?"));
    let of_style = format!("GET {style} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let requests = [
        ("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "200 OK"),
        ("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n", "200 OK"),
        ("GET /letters HTTP/1.1\r\nHost: localhost\r\n\r\n", "200 OK"),
        ("GET /enter HTTP/1.1\r\nHost: localhost\r\n\r\n", "200 OK"),
        (of_style.as_str(), "200 OK"),
        ("GET /page.js HTTP/1.1\r\nHost: localhost\r\n\r\n", "200 OK"),
        (
            "GET /icon.svg HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "200 OK",
        ),
        (
            "GET /picture/00000000/1/0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "404 Not Found",
        ),
        (
            "GET /other HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "404 Not Found",
        ),
        (
            "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n",
            "421 Misdirected",
        ),
        ("GET / HTTP/1.1\r\n\r\n", "421 Misdirected"),
        (
            "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx",
            "405 Method Not Allowed",
        ),
        (
            "POST /letters HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
            "405 Method Not Allowed",
        ),
        (
            "GET /redrive HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "405 Method Not Allowed",
        ),
        (
            "DELETE /enter HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "405 Method Not Allowed",
        ),
        (
            "POST /redrive HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
            "403 Forbidden",
        ),
    ];
    for (request, status) in requests {
        let answer = site.ask(request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{request}: {answer}"
        );
        let head = answer
            .split("\r\n\r\n")
            .next()
            .unwrap_or_default()
            .to_lowercase();
        for header in HEADERS {
            assert!(head.contains(header), "{request}: {header}: {head}");
        }
        assert!(!answer.contains(" style=\"") && !answer.contains("<script>"));
    }
}

#[tokio::test]
async fn a_name_that_was_given_is_answered_and_no_other() {
    let access = Access::open().called(vec!["thumbs.example".to_owned()]);
    let site = Site::new(access).await;
    for (host, status) in [
        ("thumbs.example", "200"),
        ("127.0.0.1:8090", "200"),
        ("[::1]", "200"),
        ("evil.example", "421"),
        ("thumbs.example.evil.example", "421"),
    ] {
        for path in ["/", "/events?", "/page.css"] {
            let request = format!("HEAD {path} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            if path.starts_with("/events") && status == "200" {
                continue;
            }
            let answer = site.ask(&request).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status}")),
                "{host} {path}: {answer}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_dribbles_is_cut_off() {
    let site = Site::new(Access::open()).await;
    let mut client = TcpStream::connect(site.address).await.unwrap();
    let (mut seconds, mut answer) = (0, [0; 64]);
    let head = b"GET / HTTP/1.1\r\nHost: localhost\r\nX: ";
    client.write_all(head).await.unwrap();
    while client.write_all(b"x").await.is_ok() {
        let closed = tokio::time::timeout(Duration::from_secs(1), client.read(&mut answer));
        if closed.await.is_ok_and(|read| !matches!(read, Ok(1..))) {
            break;
        }
        seconds += 1;
        assert!(seconds < 60);
    }
    assert!(site.get("/").await.contains("200 OK"));
}
