//! Requests and answers on a connection, sound ones and broken ones.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Fault;
use crate::ports::ObjectInfo;

pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Bytes,
}

#[derive(Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    /// The length that is told, if it is not that of the body: there is none
    /// behind the answer to a HEAD.
    pub(super) length: Option<u64>,
    pub(super) body: Bytes,
}

impl Request {
    /// The next request; `None` if the client has none.
    pub(super) async fn read(client: &mut TcpStream) -> Option<Self> {
        let mut bytes = vec![];
        let end = loop {
            if client.read_buf(&mut bytes).await.ok()? == 0 {
                return None;
            }
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let mut words = lines.next().unwrap().split(' ');
        let (method, target) = (words.next().unwrap(), words.next().unwrap());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers: BTreeMap<String, String> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length = headers.get("content-length");
        let length: usize = length.map_or(0, |length| length.parse().unwrap());
        let mut body = bytes[end + 4..].to_vec();
        while body.len() < length {
            if client.read_buf(&mut body).await.ok()? == 0 {
                return None;
            }
        }
        Some(Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: body.into(),
        })
    }

    pub(super) fn has(&self, header: &str) -> bool {
        self.headers.keys().any(|name| name.contains(header))
    }

    pub(super) fn operation(&self) -> String {
        match self.headers.get("x-amz-target") {
            Some(target) => target.rsplit('.').next().unwrap().to_owned(),
            None if self.is_form() => self.form()["Action"].clone(),
            None => match self.method.as_str() {
                "GET" if self.query.contains("list-type=2") => "ListObjectsV2",
                "GET" if self.query.contains("tagging") => "GetObjectTagging",
                "GET" if self.query.contains("notification") => "GetBucketNotification",
                "GET" if self.query.contains("encryption") => "GetBucketEncryption",
                "GET" => "GetObject",
                "HEAD" if !self.path[1..].trim_end_matches('/').contains('/') => "HeadBucket",
                "HEAD" => "HeadObject",
                "PUT" => "PutObject",
                _ => "DeleteObject",
            }
            .to_owned(),
        }
    }

    /// The name of the queue or of the bucket that it is about.
    pub(super) fn subject(&self) -> String {
        let name = if self.headers.contains_key("x-amz-target") {
            let asked: Value = serde_json::from_slice(&self.body).unwrap_or_default();
            let named = asked["QueueUrl"].as_str().or(asked["QueueName"].as_str());
            let named = named.unwrap_or_default();
            named.rsplit('/').next().map(str::to_owned)
        } else {
            self.path[1..].split('/').next().map(str::to_owned)
        };
        name.unwrap_or_default()
    }

    /// An answer with this body, JSON or XML.
    pub(super) fn told(&self, body: &str) -> Answer {
        if self.headers.contains_key("x-amz-target") {
            return Answer::json(&serde_json::from_str(body).unwrap());
        }
        let region = ("x-amz-bucket-region".to_owned(), body.to_owned());
        let is_region = self.method == "HEAD";
        Answer {
            status: 200,
            headers: is_region.then_some(region).into_iter().collect(),
            body: if is_region {
                String::new()
            } else {
                body.to_owned()
            }
            .into(),
            ..Answer::default()
        }
    }

    /// True if it is in the protocol that SNS speaks.
    pub(super) fn is_form(&self) -> bool {
        let kind = self.headers.get("content-type");
        kind.is_some_and(|kind| kind.contains("x-www-form-urlencoded"))
    }

    /// The fields of its form.
    pub(super) fn form(&self) -> BTreeMap<String, String> {
        let body = String::from_utf8_lossy(&self.body);
        let fields = body.split('&').filter_map(|field| field.split_once('='));
        fields
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect()
    }

    /// Errors of SQS are JSON, those of S3 and SNS are XML.
    pub(super) fn refusal(&self, status: u16, code: &str) -> Answer {
        let answer = if self.headers.contains_key("x-amz-target") {
            let kind = format!("com.amazonaws.sqs#{code}");
            Answer::json(&json!({ "__type": kind, "message": "as the test wants it" }))
        } else {
            let mut body = format!(
                "<Error><Code>{code}</Code><Message>as the test wants it</Message></Error>"
            );
            if self.is_form() {
                body = format!("<ErrorResponse>{body}</ErrorResponse>");
            }
            Answer {
                body: body.into(),
                ..Answer::default()
            }
        };
        Answer { status, ..answer }
    }
}

/// The text that a field of a form is.
fn decoded(field: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = field.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let digits: String = rest.by_ref().take(2).map(char::from).collect();
            u8::from_str_radix(&digits, 16).unwrap()
        } else {
            byte
        });
    }
    String::from_utf8(bytes).unwrap()
}

impl Answer {
    pub(super) fn published() -> Self {
        let body = "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult>\
                    </PublishResponse>";
        Self {
            status: 200,
            body: body.into(),
            ..Self::default()
        }
    }

    pub(super) fn json(body: &Value) -> Self {
        let kind = "application/x-amz-json-1.0".to_owned();
        Self {
            status: 200,
            headers: vec![("Content-Type".to_owned(), kind)],
            body: body.to_string().into(),
            ..Self::default()
        }
    }

    pub(super) fn about(info: &ObjectInfo) -> Self {
        let mut headers = vec![("ETag".to_owned(), format!("\"{}\"", info.etag.as_str()))];
        let metadata = info.metadata.iter();
        headers.extend(metadata.map(|(name, value)| (format!("x-amz-meta-{name}"), value.clone())));
        for (name, value) in [
            ("Cache-Control", &info.cache_control),
            ("Content-Disposition", &info.content_disposition),
            ("Content-Language", &info.content_language),
        ] {
            let header = value.iter().map(|value| (name.to_owned(), value.clone()));
            headers.extend(header);
        }
        Self {
            status: 200,
            headers,
            length: info.size,
            ..Self::default()
        }
    }

    fn head(&self) -> String {
        let length = self.length.unwrap_or(self.body.len() as u64);
        self.head_with(&if self.status == 204 {
            String::new()
        } else {
            format!("Content-Length: {length}\r\n")
        })
    }

    fn head_with(&self, framing: &str) -> String {
        let mut head = format!(
            "HTTP/1.1 {} Answer\r\nConnection: close\r\n{framing}",
            self.status
        );
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        head + "\r\n"
    }

    pub(super) async fn write(&self, client: &mut TcpStream, request: &Request) {
        let _ = client.write_all(self.head().as_bytes()).await;
        if request.method != "HEAD" {
            let _ = client.write_all(&self.body).await;
        }
        let _ = client.shutdown().await;
    }

    pub(super) async fn write_in_chunks(&self, client: &mut TcpStream, request: &Request) {
        let mut bytes = self
            .head_with("Transfer-Encoding: chunked\r\n")
            .into_bytes();
        if request.method != "HEAD" {
            for chunk in self.body.chunks(5) {
                bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
                bytes.extend(chunk);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
        }
        let _ = client.write_all(&bytes).await;
        let _ = client.shutdown().await;
    }

    pub(super) async fn write_badly(&self, client: &mut TcpStream, fault: Fault) {
        let (half, rest) = self.body.split_at(self.body.len() / 2);
        let _ = client.write_all(self.head().as_bytes()).await;
        if matches!(fault, Fault::SlowBody) {
            for byte in self.body.chunks(1) {
                let _ = client.write_all(byte).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            return;
        }
        let _ = client.write_all(half).await;
        match fault {
            Fault::StalledBody => {
                std::future::pending::<()>().await;
                let _ = client.write_all(rest).await;
            }
            Fault::ShortBody => drop(client.shutdown().await),
            // What was asked is left unread, so that the end is a reset.
            _ => {
                let _ = client.set_zero_linger();
            }
        }
    }
}
