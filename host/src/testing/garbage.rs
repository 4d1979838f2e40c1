//! Requests that two readers of HTTP may understand in two ways, and bytes that are none: for
//! each server of ours.

/// A request inside of another one's body, which must not be answered.
pub(crate) const SMUGGLED: &str = "smuggled";

/// Requests to post `body` to `path`, whose content may be read in more than one way; behind each
/// lies `inner`, a whole request.
pub(crate) fn ambiguous(path: &str, body: &str, inner: &str) -> Vec<Vec<u8>> {
    let length = body.len();
    let chunked = format!("{length:x}\r\n{body}\r\n0\r\n\r\n");
    let heads = [
        format!("Content-Length: {length}\r\nContent-Length: {}\r\n", length + inner.len()),
        format!("Content-Length: {length}, {}\r\n", length + inner.len()),
        format!("Content-Length: +{length}\r\n"),
        format!("Content-Length: {length} 0\r\n"),
        format!("Content-Length: -{length}\r\n"),
        format!("Content-Length : {length}\r\n"),
        format!("Content-Length:\r\n {length}\r\n"),
        "Content-Length: 18446744073709551617\r\n".to_owned(),
        "Transfer-Encoding: chunked, identity\r\n".to_owned(),
        "Transfer-Encoding: xchunked\r\n".to_owned(),
        "Transfer-Encoding:\x0bchunked\r\n".to_owned(),
        "Transfer-Encoding : chunked\r\n".to_owned(),
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {length}\r\n"),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow\r\n".to_owned(),
        "X: a\nTransfer-Encoding: chunked\r\n".to_owned(),
        "X: a\r\n\tTransfer-Encoding: chunked\r\n".to_owned(),
        "X\0: a\r\n".to_owned(),
        "X: a\0b\r\n".to_owned(),
        ": a\r\n".to_owned(),
        "a\r\n".to_owned(),
        "Host: localhost\r\n".to_owned(),
        "Connection: keep-alive\r\n".to_owned(),
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
            .to_owned(),
    ];
    let mut requests = Vec::new();
    for head in &heads {
        for content in [body, &chunked] {
            requests.push(
                format!("POST {path} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n{content}{inner}")
                    .into_bytes(),
            );
        }
    }
    for chunks in [
        "FFFFFFFFFFFFFFFF\r\n",
        "10000000000000000\r\n",
        "-1\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5;\nhello\r\n0\r\n\r\n",
        "5\nhello\n0\n\n",
        "5\r\nhellohello\r\n0\r\n\r\n",
        "zz\r\n",
        "\r\n",
    ] {
        requests.push(
            format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}{inner}"
            )
            .into_bytes(),
        );
    }
    let extension = format!("5;{}\r\nhello\r\n0\r\n\r\n", "x".repeat(1 << 16));
    let trailers = format!("5\r\nhello\r\n0\r\nX: {}\r\n\r\n", "x".repeat(1 << 16));
    for long in [extension, trailers] {
        requests.push(
            format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{long}{inner}"
            )
            .into_bytes(),
        );
    }
    requests
}

/// Bytes that are no request to be answered well.
pub(crate) fn nonsense() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/0.9\r\n\r\n",
        "GET / HTTP/3.0\r\nHost: localhost\r\n\r\n",
        "GET  / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: localhost\r\n\r\n",
        "G\0T / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /\0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost, evil.example\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}",
        "SSH-2.0-OpenSSH_9.9\r\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into();
    let many: String = (0..2_000)
        .map(|number| format!("X{number}: y\r\n"))
        .collect();
    all.push(format!("GET / HTTP/1.1\r\nHost: localhost\r\n{many}\r\n").into_bytes());
    all.push(
        format!(
            "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
            "x".repeat(1 << 16)
        )
        .into_bytes(),
    );
    all.push(vec![0; 1 << 16]);
    all.push((0..=255).cycle().take(1 << 14).collect());
    all
}

/// Beginnings of answers that refuse: by us, or by the reader of HTTP.
pub(crate) const REFUSED: [&[u8]; 3] = [b"HTTP/1.1 4", b"HTTP/1.0 4", b"HTTP/1.1 505"];

/// Number of answers in `bytes`.
pub(crate) fn answers(bytes: &[u8]) -> usize {
    let head = b"HTTP/1.1 ";
    bytes
        .windows(head.len())
        .filter(|part| part == head)
        .count()
}
