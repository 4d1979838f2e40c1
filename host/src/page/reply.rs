//! Answers of the page, each with the headers that keep it what it is.

use std::convert::Infallible;
use std::fmt::Display;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::body::{Body, Bytes, Frame, SizeHint};
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION,
    REFERRER_POLICY, RETRY_AFTER, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::markup::Markup;
use crate::http::Lasting;

/// All that a page of ours may load, run, and send to: what comes from here.
const POLICY: &str = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same of a picture, should one be opened by itself.
const POLICY_OF_PICTURES: &str = "default-src 'none'; sandbox; frame-ancestors 'none'";

/// An answer.
pub(super) type Reply = Response<Content>;

/// Content of an answer, with what has to be given back when it has been sent.
#[derive(Debug)]
pub(super) struct Content {
    parts: Parts,
    permit: Option<OwnedSemaphorePermit>,
}

#[derive(Debug)]
enum Parts {
    Whole(Option<Bytes>),
    Stream(mpsc::Receiver<Bytes>),
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = match &mut self.parts {
            Parts::Whole(bytes) => Poll::Ready(bytes.take()),
            Parts::Stream(parts) => parts.poll_recv(context),
        };
        next.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        // Content that says it has ended is dropped before its bytes are sent, and its permit
        // with it. Any other is asked once more, when few of them are left.
        self.permit.is_none() && matches!(self.parts, Parts::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.parts {
            Parts::Whole(bytes) => {
                SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64)
            }
            Parts::Stream(_) => SizeHint::default(),
        }
    }
}

fn reply(status: StatusCode, kind: &'static str, parts: Parts) -> Reply {
    let mut reply = Response::new(Content {
        parts,
        permit: None,
    });
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    for (name, value) in [
        (CONTENT_TYPE, kind),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    reply
}

/// A page.
pub(super) fn page(status: StatusCode, markup: Markup) -> Reply {
    let bytes = Bytes::from(markup.into_text());
    let kind = "text/html; charset=utf-8";
    reply(status, kind, Parts::Whole(Some(bytes)))
}

/// A line of text.
pub(super) fn text(status: StatusCode, words: impl Display) -> Reply {
    let bytes = Bytes::from(format!("{words}\n"));
    let kind = "text/plain; charset=utf-8";
    reply(status, kind, Parts::Whole(Some(bytes)))
}

/// A file that came with the program, under a name of its content.
pub(super) fn file(kind: &'static str, text: &'static str) -> Reply {
    let bytes = Bytes::from_static(text.as_bytes());
    let file = reply(StatusCode::OK, kind, Parts::Whole(Some(bytes)));
    with(file, CACHE_CONTROL, "max-age=86400, immutable")
}

/// A picture. `permit` is given back when it has been sent.
pub(super) fn picture(kind: &'static str, bytes: Bytes, permit: OwnedSemaphorePermit) -> Reply {
    let mut picture = reply(StatusCode::OK, kind, Parts::Whole(Some(bytes)));
    picture.body_mut().permit = Some(permit);
    let picture = with(picture, CONTENT_SECURITY_POLICY, POLICY_OF_PICTURES);
    with(picture, CACHE_CONTROL, "private, max-age=600")
}

/// Events that come by and by, for `time` at most.
pub(super) fn events(
    events: mpsc::Receiver<Bytes>,
    permit: OwnedSemaphorePermit,
    time: Duration,
) -> Reply {
    let mut stream = reply(StatusCode::OK, "text/event-stream", Parts::Stream(events));
    stream.body_mut().permit = Some(permit);
    stream.extensions_mut().insert(Lasting(time));
    stream
}

/// The way to another page.
pub(super) fn see_other(page: &'static str) -> Reply {
    with(text(StatusCode::SEE_OTHER, page), LOCATION, page)
}

/// The way to the first page, with a cookie that only this page gets; one that is over
/// without a session.
pub(super) fn entered(name: &str, session: Option<&str>, life: Duration) -> Reply {
    let (session, age) = session.map_or(("", 0), |session| (session, life.as_secs()));
    let cookie = format!("{name}={session}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}");
    let mut reply = see_other("/");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        reply.headers_mut().insert(SET_COOKIE, cookie);
    }
    reply
}

pub(super) fn only(methods: &'static str) -> Reply {
    let words = "the page does not answer this method";
    let refused = text(StatusCode::METHOD_NOT_ALLOWED, words);
    with(refused, ALLOW, methods)
}

pub(super) fn busy(words: &'static str) -> Reply {
    with(
        text(StatusCode::SERVICE_UNAVAILABLE, words),
        RETRY_AFTER,
        "5",
    )
}

fn with(mut reply: Reply, name: HeaderName, value: &'static str) -> Reply {
    let value = HeaderValue::from_static(value);
    reply.headers_mut().insert(name, value);
    reply
}
