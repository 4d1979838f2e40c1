//! S3 and SQS as far as the adapters ask for them, over HTTP and over what lies
//! in memory, with faults on order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::super::Connection;
use crate::event::key;
use crate::memory::{MemoryQueue, MemoryStore};
use crate::object::Location;
use crate::ports::{
    GetOptions, Message, ObjectInfo, ObjectStore, Outgoing, PutOptions, Queue, Receipt,
    ReceiveOptions, StoreError, StoreProblem,
};

/// A fault of a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// It is refused with this status and code, and nothing is done.
    Refused(u16, &'static str),
    /// Nobody ever answers, and nothing is done.
    Silence,
    /// The connection is closed without an answer, and nothing is done.
    Reset,
    /// The answer is lost, and the work is done.
    AnswerLost,
    /// The connection is closed in the middle of the body of the answer.
    CutBody,
    /// A body that is shorter than its length says, and an orderly end.
    ShortBody,
    /// A body that comes a byte at a time.
    SlowBody,
    /// A body that stands still in its middle.
    StalledBody,
    /// A body in chunks, whose length nobody announces.
    Unannounced,
    /// An answer without an ETag.
    NoETag,
    /// An answer that says that its body is in this coding.
    Coded(&'static str),
    /// It is refused with this status and code if it has a header whose name
    /// holds this, and otherwise all is well.
    RefusedWith(&'static str, u16, &'static str),
    /// It is denied unless it has this header.
    DeniedWithout(&'static str),
}

/// Which requests go wrong, and how: of those for `operation` (or several, between
/// blanks), `count` after the first `after`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    /// As AWS calls it, such as `GetObject`.
    pub operation: &'static str,
    pub after: u64,
    pub count: u64,
    pub fault: Fault,
}

/// The time that adapters wait for an answer here: longer than for messages.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// A cloud that listens on a port of this machine.
pub(super) struct Cloud {
    pub store: Arc<MemoryStore>,
    queues: BTreeMap<String, Arc<MemoryQueue>>,
    order: Mutex<Option<Order>>,
    asked: AtomicU64,
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
    body: Bytes,
}

#[derive(Default)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    /// The length that is told, if it is not that of the body: there is none
    /// behind the answer to a HEAD.
    length: Option<u64>,
    body: Bytes,
}

impl Cloud {
    /// A cloud over what is in memory, and how it is reached: with the pauses
    /// between attempts that tests can wait for.
    pub(super) async fn start(
        store: Arc<MemoryStore>,
        queues: &[Arc<MemoryQueue>],
    ) -> (Arc<Self>, Connection) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let cloud = Arc::new(Self {
            store,
            queues: queues
                .iter()
                .map(|queue| (queue.to_string(), queue.clone()))
                .collect(),
            order: Mutex::default(),
            asked: AtomicU64::new(0),
        });
        let serving = cloud.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move { serving.serve(client).await });
            }
        });
        (cloud, connection(&endpoint).await)
    }

    /// From now on this goes wrong.
    pub(super) fn order(&self, order: Order) {
        self.asked.store(0, Ordering::Relaxed);
        *self.order.lock().unwrap() = Some(order);
    }

    /// From now on nothing goes wrong.
    pub(super) fn mend(&self) {
        *self.order.lock().unwrap() = None;
    }

    /// The number of requests for the operation that was ordered to fail.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    fn fault(&self, operation: &str) -> Option<Fault> {
        let order = (*self.order.lock().unwrap())?;
        if !order.operation.split(' ').any(|name| name == operation) {
            return None;
        }
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        (order.after..order.after + order.count)
            .contains(&number)
            .then_some(order.fault)
    }

    /// One request for each connection.
    async fn serve(&self, mut client: TcpStream) {
        let Some(request) = Request::read(&mut client).await else {
            return;
        };
        let operation = request.operation();
        let fault = self.fault(&operation);
        match fault {
            Some(Fault::Refused(status, code)) => {
                let answer = request.refusal(status, code);
                answer.write(&mut client, &request).await;
            }
            Some(Fault::Silence) => std::future::pending().await,
            Some(Fault::Reset) => {}
            Some(Fault::AnswerLost) => drop(self.answer(&request, &operation).await),
            Some(Fault::RefusedWith(header, status, code)) if request.has(header) => {
                let answer = request.refusal(status, code);
                answer.write(&mut client, &request).await;
            }
            Some(Fault::DeniedWithout(header)) if !request.has(header) => {
                let answer = request.refusal(403, "AccessDenied");
                answer.write(&mut client, &request).await;
            }
            Some(Fault::RefusedWith(..) | Fault::DeniedWithout(_)) => {
                let answer = self.answer(&request, &operation).await;
                answer.write(&mut client, &request).await;
            }
            Some(Fault::Coded(coding)) => {
                let mut answer = self.answer(&request, &operation).await;
                let header = ("Content-Encoding".to_owned(), coding.to_owned());
                answer.headers.push(header);
                answer.write(&mut client, &request).await;
            }
            Some(Fault::NoETag) => {
                let mut answer = self.answer(&request, &operation).await;
                answer.headers.retain(|(name, _)| name != "ETag");
                answer.write(&mut client, &request).await;
            }
            Some(Fault::Unannounced) => {
                let answer = self.answer(&request, &operation).await;
                answer.write_in_chunks(&mut client, &request).await;
            }
            Some(fault) => {
                let answer = self.answer(&request, &operation).await;
                answer.write_badly(&mut client, fault).await;
            }
            None => {
                let answer = self.answer(&request, &operation).await;
                answer.write(&mut client, &request).await;
            }
        }
    }

    async fn answer(&self, request: &Request, operation: &str) -> Answer {
        match request.headers.get("x-amz-target") {
            Some(_) => {
                let asked = serde_json::from_slice(&request.body).unwrap();
                Answer::json(&self.queue(operation, &asked).await)
            }
            None => self
                .object(request)
                .await
                .unwrap_or_else(|error| match error.problem {
                    StoreProblem::NotFound => request.refusal(404, "NoSuchKey"),
                    _ => request.refusal(500, "InternalError"),
                }),
        }
    }

    async fn object(&self, request: &Request) -> Result<Answer, StoreError> {
        let (bucket, key) = request.path[1..].split_once('/').unwrap();
        let location = Location::new(bucket, key::decode(key).unwrap());
        match request.method.as_str() {
            "GET" if key.is_empty() => self.list(bucket, &request.query).await,
            "GET" => {
                let object = self.store.get(&location, &GetOptions::default()).await?;
                Ok(Answer {
                    body: object.body,
                    ..Answer::about(&object.info)
                })
            }
            "HEAD" => Ok(Answer::about(&self.store.head(&location).await?)),
            "PUT" => {
                let metadata = request.headers.iter().filter_map(|(name, value)| {
                    let name = name.strip_prefix("x-amz-meta-")?;
                    Some((name.to_owned(), value.clone()))
                });
                let options = PutOptions {
                    content_type: request.headers.get("content-type").cloned(),
                    metadata: metadata.collect(),
                    ..PutOptions::default()
                };
                let body = request.body.clone();
                let etag = self.store.put(&location, body, &options).await?;
                let etag = ("ETag".to_owned(), format!("\"{}\"", etag.unwrap().as_str()));
                Ok(Answer {
                    status: 200,
                    headers: vec![etag],
                    ..Answer::default()
                })
            }
            "DELETE" => {
                self.store.delete(&location).await?;
                Ok(Answer {
                    status: 204,
                    ..Answer::default()
                })
            }
            method => panic!("no test asks for {method}"),
        }
    }

    async fn list(&self, bucket: &str, query: &str) -> Result<Answer, StoreError> {
        let prefix = query
            .split('&')
            .find_map(|part| part.strip_prefix("prefix="));
        let prefix = key::decode(prefix.unwrap_or_default()).unwrap();
        let page = self.store.list(bucket, &prefix, None).await?;
        let contents: String = page
            .objects
            .iter()
            .map(|listed| {
                let key = key::encode(&listed.key);
                format!(
                    "<Contents><Key>{key}</Key><Size>{}</Size></Contents>",
                    listed.size
                )
            })
            .collect();
        let body = format!(
            "<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>{}</IsTruncated>{contents}\
             </ListBucketResult>",
            page.more
        );
        Ok(Answer {
            status: 200,
            body: body.into(),
            ..Answer::default()
        })
    }

    async fn queue(&self, operation: &str, asked: &Value) -> Value {
        let url = asked["QueueUrl"].as_str().unwrap();
        let queue = &self.queues[url.rsplit('/').next().unwrap()];
        let seconds = |name: &str| asked[name].as_u64().map(Duration::from_secs);
        let entries = asked["Entries"].as_array();
        match operation {
            "ReceiveMessage" => {
                let options = ReceiveOptions {
                    max: 10,
                    visibility: seconds("VisibilityTimeout"),
                    wait: seconds("WaitTimeSeconds").unwrap_or_default(),
                };
                let messages = queue.receive(&options).await.unwrap();
                json!({ "Messages": messages.iter().map(received).collect::<Vec<_>>() })
            }
            "SendMessageBatch" => {
                let sent = entries.unwrap().iter().map(outgoing).collect();
                let ids = queue.send(sent).await;
                let told = entries.unwrap().iter().zip(ids).map(|(entry, id)| {
                    json!({ "Id": entry["Id"], "MessageId": id.unwrap(), "MD5OfMessageBody": "" })
                });
                json!({ "Successful": told.collect::<Vec<_>>(), "Failed": [] })
            }
            "DeleteMessageBatch" => {
                let receipts: Vec<Receipt> = entries.unwrap().iter().map(receipt).collect();
                // One that is gone already is as good as deleted.
                queue.delete(&receipts).await;
                let gone = entries.unwrap().iter();
                let gone = gone.map(|entry| json!({ "Id": entry["Id"] }));
                json!({ "Successful": gone.collect::<Vec<_>>(), "Failed": [] })
            }
            "ChangeMessageVisibility" => {
                let timeout = seconds("VisibilityTimeout").unwrap();
                // A message that is gone needs to be hidden from nobody.
                let _ = queue.set_visibility(&receipt(asked), timeout).await;
                json!({})
            }
            "GetQueueAttributes" => {
                let depth = queue.depth().await.unwrap();
                json!({ "Attributes": {
                    "ApproximateNumberOfMessages": depth.visible.to_string(),
                    "ApproximateNumberOfMessagesNotVisible": depth.in_flight.to_string(),
                } })
            }
            operation => panic!("no test asks for {operation}"),
        }
    }
}

async fn connection(endpoint: &str) -> Connection {
    let credentials = aws_sdk_sqs::config::Credentials::new("id", "secret", None, None, "tests");
    let retries = RetryConfig::standard()
        .with_max_attempts(super::super::ATTEMPTS)
        .with_initial_backoff(Duration::from_millis(5));
    let stalled = StalledStreamProtectionConfig::enabled()
        .grace_period(Duration::from_millis(500))
        .build();
    // Told to the loader: of an endpoint that is told later, one of the
    // environment takes precedence.
    let config = super::super::loader()
        .endpoint_url(endpoint)
        .region(aws_config::Region::new("eu-central-1"))
        .credentials_provider(credentials)
        .retry_config(retries)
        .stalled_stream_protection(stalled)
        .load()
        .await;
    Connection {
        config,
        patience: PATIENCE,
        pays: false,
    }
}

fn received(message: &Message) -> Value {
    let sent = message.sent.unwrap().duration_since(UNIX_EPOCH).unwrap();
    let attributes = message.attributes.iter().map(|(name, value)| {
        let value = json!({ "StringValue": value, "DataType": "String" });
        (name.clone(), value)
    });
    json!({
        "MessageId": message.id,
        "ReceiptHandle": message.receipt.0,
        "Body": message.body,
        "MD5OfBody": "",
        "Attributes": {
            "ApproximateReceiveCount": message.receive_count.to_string(),
            "SentTimestamp": sent.as_millis().to_string(),
        },
        "MessageAttributes": attributes.collect::<serde_json::Map<_, _>>(),
    })
}

fn outgoing(entry: &Value) -> Outgoing {
    let attributes = entry["MessageAttributes"].as_object().into_iter().flatten();
    Outgoing {
        body: entry["MessageBody"].as_str().unwrap().to_owned(),
        attributes: attributes
            .map(|(name, value)| {
                let value = value["StringValue"].as_str().unwrap();
                (name.clone(), value.to_owned())
            })
            .collect(),
        token: None,
    }
}

fn receipt(entry: &Value) -> Receipt {
    Receipt(entry["ReceiptHandle"].as_str().unwrap().to_owned())
}

impl Request {
    /// `None` if nobody asks for anything.
    async fn read(client: &mut TcpStream) -> Option<Self> {
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

    fn has(&self, header: &str) -> bool {
        self.headers.keys().any(|name| name.contains(header))
    }

    fn operation(&self) -> String {
        match self.headers.get("x-amz-target") {
            Some(target) => target.rsplit('.').next().unwrap().to_owned(),
            None => match self.method.as_str() {
                "GET" if self.query.contains("list-type=2") => "ListObjectsV2",
                "GET" => "GetObject",
                "HEAD" => "HeadObject",
                "PUT" => "PutObject",
                _ => "DeleteObject",
            }
            .to_owned(),
        }
    }

    /// Errors of SQS are JSON, those of S3 are XML.
    fn refusal(&self, status: u16, code: &str) -> Answer {
        let answer = if self.headers.contains_key("x-amz-target") {
            let kind = format!("com.amazonaws.sqs#{code}");
            Answer::json(&json!({ "__type": kind, "message": "as the test wants it" }))
        } else {
            let body = format!(
                "<Error><Code>{code}</Code><Message>as the test wants it</Message></Error>"
            );
            Answer {
                body: body.into(),
                ..Answer::default()
            }
        };
        Answer { status, ..answer }
    }
}

impl Answer {
    fn json(body: &Value) -> Self {
        let kind = "application/x-amz-json-1.0".to_owned();
        Self {
            status: 200,
            headers: vec![("Content-Type".to_owned(), kind)],
            body: body.to_string().into(),
            ..Self::default()
        }
    }

    fn about(info: &ObjectInfo) -> Self {
        let mut headers = vec![("ETag".to_owned(), format!("\"{}\"", info.etag.as_str()))];
        let metadata = info.metadata.iter();
        headers.extend(metadata.map(|(name, value)| (format!("x-amz-meta-{name}"), value.clone())));
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

    async fn write(&self, client: &mut TcpStream, request: &Request) {
        let _ = client.write_all(self.head().as_bytes()).await;
        if request.method != "HEAD" {
            let _ = client.write_all(&self.body).await;
        }
        let _ = client.shutdown().await;
    }

    async fn write_in_chunks(&self, client: &mut TcpStream, request: &Request) {
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

    async fn write_badly(&self, client: &mut TcpStream, fault: Fault) {
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
