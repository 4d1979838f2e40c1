//! A server that answers as the XML API of Google Cloud Storage is documented to.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};

use super::super::{Blobs, Service};
use crate::event::key::decode;
use crate::http::{Answer, Bounds, Server, body};
use crate::object::ETag;

/// Names of months in the times of HTTP.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Headers that are kept with an object.
const KEPT: [&str; 4] = [
    "content-type",
    "cache-control",
    "content-disposition",
    "content-language",
];

#[derive(Clone)]
struct Kept {
    body: Bytes,
    headers: HeaderMap,
    generation: usize,
}

/// Faults of a server.
#[derive(Clone, Default)]
pub(super) struct Faults {
    /// Seconds that its clock is ahead.
    pub(super) ahead: i64,
    /// Requests of this method are refused, those for listings apart.
    pub(super) refused: Option<(Method, u16, &'static str)>,
    /// Conditions of writes are not heeded.
    pub(super) is_heedless: bool,
    /// Listings are refused.
    pub(super) unlisted: bool,
}

struct State {
    faults: Mutex<Faults>,
    /// Objects by bucket and key.
    objects: Mutex<BTreeMap<(String, String), Kept>>,
    page: usize,
    requests: AtomicUsize,
    /// The one answer to everything, if there is one.
    answer: Option<(u16, String)>,
}

/// The server, with one bucket: `images`.
pub(super) struct Google {
    address: SocketAddr,
    state: Arc<State>,
}

impl Google {
    /// A server whose listings have pages of that many objects.
    pub(super) async fn start(page: usize) -> Self {
        Self::serve(page, None).await
    }

    /// A server that gives one answer to everything.
    pub(super) async fn answering(status: u16, body: String) -> Self {
        Self::serve(1, Some((status, body))).await
    }

    async fn serve(page: usize, answer: Option<(u16, String)>) -> Self {
        let bounds = Bounds {
            clients: 64,
            patience: Duration::from_secs(10),
        };
        let server = Server::bind(([127, 0, 0, 1], 0).into(), bounds)
            .await
            .unwrap();
        let state = Arc::new(State {
            faults: Mutex::default(),
            objects: Mutex::default(),
            page,
            requests: AtomicUsize::new(0),
            answer,
        });
        let address = server.address().unwrap();
        let answering = state.clone();
        let respond = move |request| answering.clone().respond(request);
        tokio::spawn(server.run(respond, std::future::pending::<()>()));
        Self { address, state }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn store(&self) -> Blobs {
        let host = [("STORAGE_EMULATOR_HOST", self.address.to_string())];
        Blobs::new(Service::Google, host.into_iter().collect()).unwrap()
    }

    /// Have these faults from now on.
    pub(super) fn fail(&self, faults: Faults) {
        *self.state.faults.lock().unwrap() = faults;
    }

    /// True if this object is kept.
    pub(super) fn has(&self, bucket: &str, key: &str) -> bool {
        let place = (bucket.to_owned(), key.to_owned());
        self.state.objects.lock().unwrap().contains_key(&place)
    }

    pub(super) fn requests(&self) -> usize {
        self.state.requests.load(Ordering::Relaxed)
    }

    /// Keep an object, whatever it is called.
    pub(super) fn keep(&self, bucket: &str, key: &str) {
        let kept = Kept {
            body: Bytes::from_static(b"cat"),
            headers: HeaderMap::new(),
            generation: 1,
        };
        let place = (bucket.to_owned(), key.to_owned());
        self.state.objects.lock().unwrap().insert(place, kept);
    }
}

impl State {
    async fn respond(self: Arc<Self>, request: Request<Incoming>) -> Answer {
        let number = self.requests.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some((status, text)) = &self.answer {
            return answer(*status, text.clone());
        }
        let path = request.uri().path().trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let place = (decode(bucket).unwrap(), decode(key).unwrap());
        if place.0 != "images" {
            return refusal(404, "NoSuchBucket");
        }
        let (method, headers) = (request.method().clone(), request.headers().clone());
        let faults = self.faults.lock().unwrap().clone();
        match &faults.refused {
            Some((refused, status, code)) if *refused == method && !place.1.is_empty() => {
                return refusal(*status, code);
            }
            _ if faults.unlisted && place.1.is_empty() => return refusal(403, "AccessDenied"),
            _ => {}
        }
        match method {
            Method::PUT => {
                let body = body(request, 1 << 20).await.unwrap();
                self.put(place, &headers, body, number)
            }
            Method::DELETE => match self.objects.lock().unwrap().remove(&place) {
                Some(_) => answer(204, ""),
                None => refusal(404, "NoSuchKey"),
            },
            _ if place.1.is_empty() => self.list(request.uri().query().unwrap_or_default()),
            _ => self.get(&place, &headers),
        }
    }

    fn put(
        &self,
        place: (String, String),
        headers: &HeaderMap,
        body: Bytes,
        number: usize,
    ) -> Answer {
        let mut objects = self.objects.lock().unwrap();
        let there = objects.get(&place).map_or(0, |kept| kept.generation);
        let wanted = headers.get("x-goog-if-generation-match");
        let wanted = wanted.map(|text| text.to_str().unwrap().parse::<usize>().unwrap());
        let is_heedless = self.faults.lock().unwrap().is_heedless;
        let wanted = wanted.filter(|_| !is_heedless);
        if wanted.is_some_and(|wanted| wanted != there) {
            return refusal(412, "PreconditionFailed");
        }
        let mut kept = HeaderMap::new();
        for (name, value) in headers {
            if KEPT.contains(&name.as_str()) || name.as_str().starts_with("x-goog-meta-") {
                kept.insert(name, value.clone());
            }
        }
        let kept = Kept {
            body,
            headers: kept,
            generation: number,
        };
        let mut done = answer(200, "");
        self.facts(&kept, done.headers_mut());
        objects.insert(place, kept);
        done
    }

    fn get(&self, place: &(String, String), headers: &HeaderMap) -> Answer {
        let objects = self.objects.lock().unwrap();
        let Some(kept) = objects.get(place) else {
            return refusal(404, "NoSuchKey");
        };
        let known = headers.get("if-none-match");
        if known.is_some_and(|known| known.to_str().unwrap() == etag(kept)) {
            return answer(304, "");
        }
        let mut found = answer(200, kept.body.clone());
        found.headers_mut().extend(kept.headers.clone());
        self.facts(kept, found.headers_mut());
        found
    }

    fn facts(&self, kept: &Kept, headers: &mut HeaderMap) {
        headers.insert("etag", etag(kept).parse().unwrap());
        let time = time(self.faults.lock().unwrap().ahead);
        headers.insert("last-modified", time.parse().unwrap());
        headers.insert("x-goog-generation", kept.generation.into());
    }

    fn list(&self, query: &str) -> Answer {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let asked: BTreeMap<&str, String> = pairs
            .map(|(name, value)| (name, decode(value).unwrap()))
            .collect();
        let text = |name| asked.get(name).cloned().unwrap_or_default();
        let after = text("start-after").max(text("continuation-token"));
        let objects = self.objects.lock().unwrap();
        let found = objects.iter().filter(|((_, key), _)| {
            key.starts_with(&text("prefix")) && (after.is_empty() || *key > after)
        });
        let found: Vec<_> = found.take(self.page + 1).collect();
        let page = &found[..found.len().min(self.page)];
        let mut xml = "<ListBucketResult>".to_owned();
        for ((_, key), kept) in page {
            let key = escaped(key);
            let size = kept.body.len();
            xml.push_str(&format!(
                "<Contents><Key>{key}</Key><Size>{size}</Size>\
                 <LastModified>2026-11-30T07:53:24.000Z</LastModified></Contents>"
            ));
        }
        if let (Some(((_, last), _)), true) = (page.last(), found.len() > self.page) {
            let last = escaped(last);
            xml.push_str(&format!(
                "<NextContinuationToken>{last}</NextContinuationToken>"
            ));
        }
        answer(200, xml + "</ListBucketResult>")
    }
}

fn escaped(key: &str) -> String {
    key.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn etag(kept: &Kept) -> String {
    format!("\"{}\"", ETag::of(&kept.body))
}

/// The time in so many seconds, as HTTP has it.
fn time(ahead: i64) -> String {
    let now = SystemTime::now();
    let offset = Duration::from_secs(ahead.unsigned_abs());
    let told = if ahead < 0 {
        now - offset
    } else {
        now + offset
    };
    let text = crate::manifest::time(told);
    let (date, time) = text.trim_end_matches('Z').split_once('T').unwrap();
    let date: Vec<&str> = date.split('-').collect();
    let month = MONTHS[date[1].parse::<usize>().unwrap() - 1];
    format!("{} {month} {} {time} GMT", date[2], date[0])
}

fn refusal(status: u16, code: &str) -> Answer {
    let text =
        format!("<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>");
    answer(status, text)
}

fn answer(status: u16, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    answer
}
