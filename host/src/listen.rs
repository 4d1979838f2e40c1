//! The door for events: HTTP in, a queue behind it.
//!
//! A store that is not AWS's own sends its events by HTTP, as a rule. Each is read,
//! put into the queue, and only then answered with 200: a sender that gets no such
//! answer sends again, so nothing is lost in between. What an event says is believed
//! by nobody: it is an occasion for a worker to look.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{HeaderMap, Method, Request, StatusCode, Uri};
use serde_json::json;

use crate::error::with_causes;
use crate::health;
use crate::http::{Answer, BodyError, Bounds, Secret, answer, body};
use crate::ports::{Outgoing, Queue, QueueError};
use crate::telemetry::{Scrape, Sender, W3C};

pub mod dialect;

use dialect::{Meaning, Refusal};

/// Bounds of the door: a sender writes an event at once, and waits for a disk or for
/// SQS.
pub const BOUNDS: Bounds = Bounds {
    clients: 64,
    patience: Duration::from_secs(10),
};

/// Longest body, in bytes: the longest message of SQS for most of its life, and more
/// than a store puts into an event.
pub const LONGEST: usize = 256 << 10;

/// The header by which a sender of CloudEvents asks whether an address wants its events.
const ORIGIN: HeaderName = HeaderName::from_static("webhook-request-origin");

/// Takes events and puts them into a queue. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Intake {
    queue: Arc<dyn Queue>,
    secret: Option<Secret>,
    scrape: Option<Arc<Scrape>>,
}

/// True if a request knows the secret: by its header, or as `token` in its address, for
/// senders that can set no header.
fn is_known(secret: &Secret, headers: &HeaderMap, uri: &Uri) -> bool {
    // Pub/Sub may send a token of its own besides.
    secret.is_in(headers).unwrap_or(false) || {
        let mut pairs = uri.query().unwrap_or_default().split('&');
        pairs.any(|pair| {
            pair.strip_prefix("token=")
                .is_some_and(|word| secret.is(word))
        })
    }
}

impl Intake {
    /// Puts events into `queue`, from senders that know the secret if there is one.
    pub fn new(queue: Arc<dyn Queue>, secret: Option<Secret>) -> Self {
        let scrape = Scrape::of_door(queue.clone()).map(Arc::new);
        Self {
            queue,
            secret,
            scrape,
        }
    }

    /// Answers a request: 200 once its event is in the queue.
    pub async fn respond(self, request: Request<Incoming>) -> Answer {
        if request.method() == Method::GET && request.uri().path() == health::PATH {
            return answer(StatusCode::OK, "well");
        }
        let secret = self.secret.as_ref();
        let knows = secret.is_none_or(|secret| is_known(secret, request.headers(), request.uri()));
        if request.method() == Method::GET && request.uri().path() == health::METRICS {
            return if knows {
                self.show(request.headers()).await
            } else {
                unauthorized()
            };
        }
        let scrape = self.scrape.clone();
        let answer = self.answer(request, knows).await;
        if let Some(scrape) = scrape {
            scrape.event(answer.status().as_u16());
        }
        answer
    }

    /// The page of metrics, for those who know the secret.
    async fn show(&self, headers: &HeaderMap) -> Answer {
        let page = |scrape: Arc<Scrape>| -> health::Page {
            Arc::new(move |form| {
                let scrape = scrape.clone();
                Box::pin(async move { scrape.page(true, form).await })
            })
        };
        health::show(self.scrape.clone().map(page).as_ref(), headers).await
    }

    async fn answer(&self, request: Request<Incoming>, knows: bool) -> Answer {
        let origin = request.headers().get(&ORIGIN).cloned();
        let origin = origin.filter(|_| request.method() == Method::OPTIONS);
        if request.method() != Method::POST && origin.is_none() {
            let refused = answer(StatusCode::METHOD_NOT_ALLOWED, "events come by POST");
            return with(refused, ALLOW, "POST");
        }
        if !knows {
            tracing::warn!("a sender does not know the secret");
            return unauthorized();
        }
        if let Some(origin) = origin {
            return allowed(origin);
        }
        let context = trace(request.headers());
        let kind = request.headers().get("ce-type");
        let kind = kind.and_then(|kind| kind.to_str().ok()).map(str::to_owned);
        match body(request, LONGEST).await {
            Ok(body) => self.take(&body, kind.as_deref(), context).await,
            Err(error @ BodyError::TooLong(_)) => {
                tracing::warn!(error.message = %error, "an event is refused");
                answer(StatusCode::PAYLOAD_TOO_LARGE, error)
            }
            Err(error) => answer(StatusCode::BAD_REQUEST, error),
        }
    }

    async fn take(&self, body: &[u8], kind: Option<&str>, context: Option<String>) -> Answer {
        let mut messages = match dialect::meaning(body, kind) {
            Ok(Meaning::Messages(messages)) => messages,
            Ok(Meaning::Handshake { code }) => {
                tracing::info!("Event Grid has asked for this address, and is told yes");
                let yes = json!({ "validationResponse": code });
                return with(
                    answer(StatusCode::OK, yes),
                    CONTENT_TYPE,
                    "application/json",
                );
            }
            Err(refusal) => {
                tracing::warn!(error.message = %refusal, "an event is refused");
                let shown = match &refusal {
                    Refusal::Unknown(_) => refusal.to_string(),
                    Refusal::Subscription(_) => "the log says how to confirm it".to_owned(),
                };
                return answer(StatusCode::BAD_REQUEST, shown);
            }
        };
        if messages.is_empty() {
            return answer(StatusCode::OK, "nothing to do");
        }
        if let Some(context) = context {
            for message in &mut messages {
                let attributes = &mut message.attributes;
                attributes.insert(W3C.to_owned(), context.clone());
            }
        }
        self.enqueue(messages).await
    }

    async fn enqueue(&self, messages: Vec<Outgoing>) -> Answer {
        let count = messages.len();
        let mut refused = None;
        for sent in self.send(messages).await {
            match sent {
                Ok(_) => {}
                Err(error) if error.is_refusal() => refused = Some(error),
                Err(error) => {
                    let reason = with_causes(&error);
                    tracing::error!(error.message = reason, "an event is not in the queue");
                    return unavailable();
                }
            }
        }
        if let Some(error) = refused {
            // Whoever is asked for it again would send it for ever.
            let reason = with_causes(&error);
            tracing::error!(error.message = reason, "an event is refused by the queue");
            return answer(StatusCode::PAYLOAD_TOO_LARGE, error.problem);
        }
        tracing::debug!(messages = count, "an event is in the queue");
        answer(StatusCode::OK, "in the queue")
    }

    /// Send messages. One that is as long as the queue takes has no room for its trace, and goes
    /// without.
    async fn send(&self, messages: Vec<Outgoing>) -> Vec<Result<String, QueueError>> {
        let without: Vec<_> = messages.iter().map(without_trace).collect();
        let mut results = self.queue.send(messages).await;
        for (result, without) in results.iter_mut().zip(without) {
            let is_refused = matches!(result, Err(error) if error.is_refusal());
            let Some(message) = without.filter(|_| is_refused) else {
                continue;
            };
            let again = self.queue.send(vec![message]).await.pop();
            *result = again.unwrap_or_else(|| Err(QueueError::unanswered(&self.queue)));
            if result.is_ok() {
                tracing::info!(
                    queue.name = %self.queue,
                    "an event goes to the queue without its trace, for which that has no room"
                );
            }
        }
        results
    }
}

/// A copy of a message that has a trace, without it.
fn without_trace(message: &Outgoing) -> Option<Outgoing> {
    message.attributes.get(W3C)?;
    let mut copy = message.clone();
    copy.attributes.remove(W3C);
    Some(copy)
}

/// The trace that a request is a part of, if it says so rightly.
fn trace(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(W3C)?.to_str().ok()?;
    Sender::of_w3c(text).map(|_| text.trim().to_owned())
}

/// The answer to a sender of CloudEvents that asks whether its events are wanted.
fn allowed(origin: HeaderValue) -> Answer {
    let mut yes = answer(StatusCode::OK, "events are taken");
    let name = HeaderName::from_static("webhook-allowed-origin");
    yes.headers_mut().insert(name, origin);
    let name = HeaderName::from_static("webhook-allowed-rate");
    with(yes, name, "*")
}

fn unauthorized() -> Answer {
    let words = "send the secret as `Authorization: Bearer SECRET`";
    let answer = answer(StatusCode::UNAUTHORIZED, words);
    with(answer, WWW_AUTHENTICATE, "Bearer")
}

/// The sender keeps the event, and comes back with it.
fn unavailable() -> Answer {
    let words = "the event is not in the queue; send it again";
    let answer = answer(StatusCode::SERVICE_UNAVAILABLE, words);
    with(answer, RETRY_AFTER, "5")
}

fn with(mut answer: Answer, name: HeaderName, value: &'static str) -> Answer {
    let value = HeaderValue::from_static(value);
    answer.headers_mut().insert(name, value);
    answer
}

#[cfg(test)]
mod tests;
