//! S3, SQS and SNS as far as the adapters ask for them, over HTTP and over what lies
//! in memory, with faults on order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use super::super::Connection;
use crate::memory::{MemoryQueue, MemoryStore};
use crate::ports::StoreProblem;

mod http;
mod s3;
mod sqs;

use http::{Answer, Request};

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

impl Fault {
    /// Status and code, if the request is refused.
    fn refusal(self, request: &Request) -> Option<(u16, &'static str)> {
        match self {
            Self::Refused(status, code) => Some((status, code)),
            Self::RefusedWith(header, status, code) => {
                request.has(header).then_some((status, code))
            }
            Self::DeniedWithout(header) => (!request.has(header)).then_some((403, "AccessDenied")),
            _ => None,
        }
    }

    fn is_of_the_body(self) -> bool {
        matches!(
            self,
            Self::CutBody | Self::ShortBody | Self::SlowBody | Self::StalledBody
        )
    }
}

/// Choice of the requests that go wrong, and the way: of those for `operation` (or several, between
/// blanks), `count` after the first `after`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    /// As AWS calls it, such as `GetObject`.
    pub operation: &'static str,
    pub after: u64,
    pub count: u64,
    pub fault: Fault,
}

/// An answer that a test has ready.
#[derive(Clone, Debug)]
pub(super) enum Told {
    /// This body.
    Body(String),
    /// This status and code.
    Refused(u16, &'static str),
}

/// All requests that there will be.
pub(super) const EVERY: u64 = 1_000;

/// The time that adapters wait for an answer here: longer than for messages.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// A cloud that listens on a port of this machine.
pub(super) struct Cloud {
    pub store: Arc<MemoryStore>,
    queues: BTreeMap<String, Arc<MemoryQueue>>,
    /// Messages of topics, each as the fields of a form.
    published: Mutex<Vec<BTreeMap<String, String>>>,
    order: Mutex<Option<Order>>,
    asked: AtomicU64,
    /// Answers by operation and the name of what it is about, between a blank.
    told: Mutex<BTreeMap<String, Told>>,
    /// The time of every answer, if they tell one.
    date: Mutex<Option<String>>,
    /// Conditions of writes and checksums are heeded.
    heeds: AtomicBool,
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
            published: Mutex::default(),
            order: Mutex::default(),
            asked: AtomicU64::new(0),
            told: Mutex::default(),
            date: Mutex::default(),
            heeds: AtomicBool::new(false),
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

    /// From now on these are the answers to requests for an operation and a subject.
    pub(super) fn tell(&self, told: BTreeMap<String, Told>) {
        *self.told.lock().unwrap() = told;
    }

    /// From now on answers tell this time.
    pub(super) fn date(&self, date: String) {
        *self.date.lock().unwrap() = Some(date);
    }

    /// From now on conditions and checksums are heeded.
    pub(super) fn heed(&self) {
        self.heeds.store(true, Ordering::Relaxed);
    }

    /// From now on nothing goes wrong.
    pub(super) fn mend(&self) {
        *self.order.lock().unwrap() = None;
    }

    /// The number of requests for the operation that was ordered to fail.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Messages that were published so far.
    pub(super) fn published(&self) -> Vec<BTreeMap<String, String>> {
        self.published.lock().unwrap().clone()
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
            Some(Fault::Silence) => std::future::pending().await,
            Some(Fault::Reset) => return,
            _ => {}
        }
        let mut answer = match fault.and_then(|fault| fault.refusal(&request)) {
            Some((status, code)) => request.refusal(status, code),
            None => self.answer(&request, &operation).await,
        };
        match fault {
            Some(Fault::AnswerLost) => return,
            Some(Fault::Unannounced) => return answer.write_in_chunks(&mut client, &request).await,
            Some(fault) if fault.is_of_the_body() => {
                return answer.write_badly(&mut client, fault).await;
            }
            Some(Fault::Coded(coding)) => {
                let header = ("Content-Encoding".to_owned(), coding.to_owned());
                answer.headers.push(header);
            }
            Some(Fault::NoETag) => answer.headers.retain(|(name, _)| name != "ETag"),
            _ => {}
        }
        let date = self.date.lock().unwrap().clone();
        answer
            .headers
            .extend(date.map(|date| ("Date".to_owned(), date)));
        answer.write(&mut client, &request).await;
    }

    async fn answer(&self, request: &Request, operation: &str) -> Answer {
        let about = format!("{operation} {}", request.subject());
        match self.told.lock().unwrap().get(&about) {
            Some(Told::Refused(status, code)) => return request.refusal(*status, code),
            Some(Told::Body(body)) => return request.told(body),
            None => {}
        }
        match request.headers.get("x-amz-target") {
            Some(_) => {
                let asked: Value = serde_json::from_slice(&request.body).unwrap();
                let url = asked["QueueUrl"].as_str().unwrap();
                let queue = &self.queues[url.rsplit('/').next().unwrap()];
                Answer::json(&sqs::answer(queue, operation, &asked).await)
            }
            None if request.is_form() => {
                self.published.lock().unwrap().push(request.form());
                Answer::published()
            }
            None => s3::answer(&self.store, request, self.heeds.load(Ordering::Relaxed))
                .await
                .unwrap_or_else(|error| match error.problem {
                    StoreProblem::NotFound => request.refusal(404, "NoSuchKey"),
                    StoreProblem::ConditionFailed => request.refusal(412, "PreconditionFailed"),
                    StoreProblem::InvalidKey => request.refusal(400, "BadDigest"),
                    _ => request.refusal(500, "InternalError"),
                }),
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
