//! A registry in memory, with authorization and with faults on order.

use testkit::http::{Answer, Request, serve};

use super::*;

/// The way in which it wants to be authorized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    Nothing,
    Basic,
    /// By a token, which its own address gives to whoever has the password.
    Bearer,
}

/// Fault of blobs that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// Other bytes.
    OtherBytes,
    /// More bytes than there are.
    Oversized,
    /// A redirect to itself, for ever.
    Loop,
    /// A redirect to another server, which is told.
    Elsewhere,
    /// A redirect away from this machine without TLS.
    Insecure,
}

pub(super) const USER: &str = "ann";
pub(super) const PASSWORD: &str = "secret";
const TOKEN: &str = "token-of-ann";

#[derive(Default)]
struct Contents {
    blobs: BTreeMap<String, Bytes>,
    manifests: BTreeMap<String, Bytes>,
    /// Requests as they came.
    seen: Vec<Request>,
}

/// A registry on a port of this machine.
#[derive(Clone)]
pub(super) struct Fake {
    contents: Arc<Mutex<Contents>>,
    asks: Asks,
    fault: Fault,
    /// The server that blobs are at, if they are elsewhere.
    elsewhere: Option<String>,
}

impl Fake {
    /// A registry that begins empty, and its repository.
    pub(super) fn start(asks: Asks, fault: Fault) -> (Self, Repository) {
        let mut fake = Self {
            contents: Arc::default(),
            asks,
            fault,
            elsewhere: None,
        };
        if fault == Fault::Elsewhere {
            let blobs = fake.clone();
            let address = serve(move |request| {
                blobs.note(request);
                let digest = request.target.rsplit('/').next().unwrap().to_owned();
                match blobs.contents.lock().unwrap().blobs.get(&digest) {
                    Some(body) => answer(200, &[], body.clone()),
                    None => answer(404, &[], Bytes::new()),
                }
            });
            fake.elsewhere = Some(format!("http://{address}"));
        }
        let serving = fake.clone();
        let address = serve(move |request| serving.answer(request));
        let repository = format!("oci://{address}/team/engines").parse().unwrap();
        (fake, repository)
    }

    /// Requests so far.
    pub(super) fn seen(&self) -> Vec<Request> {
        self.contents.lock().unwrap().seen.clone()
    }

    /// Bytes that lie there already.
    pub(super) fn has(&self, body: &[u8]) -> String {
        let digest = named(body);
        let mut contents = self.contents.lock().unwrap();
        contents
            .blobs
            .insert(digest.clone(), Bytes::copy_from_slice(body));
        digest
    }

    fn note(&self, request: &Request) {
        self.contents.lock().unwrap().seen.push(request.clone());
    }

    fn answer(&self, request: &Request) -> Answer {
        self.note(request);
        let host = header(request, "host").to_owned();
        if request.target.starts_with("/token") {
            return token(request);
        }
        if let Some(challenge) = self.challenge(request, &host) {
            return answer(401, &[("WWW-Authenticate", challenge)], Bytes::new());
        }
        let (path, query) = request
            .target
            .split_once('?')
            .unwrap_or((&request.target, ""));
        let Some(path) = path.strip_prefix("/v2/team/engines/") else {
            return answer(404, &[], Bytes::new());
        };
        let (kind, name) = path.split_once('/').unwrap();
        match (request.method.as_str(), kind) {
            ("GET", "tags") => self.tags(),
            ("GET" | "HEAD", "manifests") => self.manifest(name),
            ("PUT", "manifests") => {
                let body = Bytes::copy_from_slice(&request.body);
                let mut contents = self.contents.lock().unwrap();
                contents.manifests.insert(name.to_owned(), body);
                answer(201, &[], Bytes::new())
            }
            ("POST", "blobs") => {
                let location = "/v2/team/engines/blobs/uploads/1?state=a".to_owned();
                answer(202, &[("Location", location)], Bytes::new())
            }
            ("PUT", "blobs") => {
                let digest = query.rsplit_once("digest=").unwrap().1.replace("%3A", ":");
                assert_eq!(digest, self.has(&request.body));
                answer(201, &[], Bytes::new())
            }
            (method, "blobs") => self.blob(method, name),
            _ => answer(405, &[], Bytes::new()),
        }
    }

    /// The challenge that a request without authorization meets.
    fn challenge(&self, request: &Request, host: &str) -> Option<String> {
        let given = header(request, "authorization");
        match self.asks {
            Asks::Nothing => None,
            Asks::Basic => (given != basic()).then(|| "Basic realm=\"fake\"".to_owned()),
            Asks::Bearer => (given != format!("Bearer {TOKEN}")).then(|| {
                format!("Bearer realm=\"http://{host}/token\",service=\"fake, inc\",scope=\"x\"")
            }),
        }
    }

    fn tags(&self) -> Answer {
        let contents = self.contents.lock().unwrap();
        let tags: Vec<&String> = contents.manifests.keys().collect();
        let body = serde_json::json!({ "name": "team/engines", "tags": tags }).to_string();
        answer(200, &[], body.into())
    }

    fn manifest(&self, name: &str) -> Answer {
        let contents = self.contents.lock().unwrap();
        let by_digest = contents.manifests.values().find(|body| named(body) == name);
        match contents.manifests.get(name).or(by_digest) {
            Some(body) => {
                let digest = ("Docker-Content-Digest", named(body));
                answer(200, &[digest], body.clone())
            }
            None => answer(404, &[], Bytes::new()),
        }
    }

    fn blob(&self, method: &str, digest: &str) -> Answer {
        let redirect = |location: String| answer(307, &[("Location", location)], Bytes::new());
        let there = self.contents.lock().unwrap().blobs.get(digest).cloned();
        let Some(body) = there else {
            return answer(404, &[], Bytes::new());
        };
        match self.fault {
            _ if method == "HEAD" => answer(200, &[], body),
            Fault::None => answer(200, &[], body),
            Fault::OtherBytes => answer(200, &[], Bytes::from(vec![b'?'; body.len()])),
            Fault::Oversized => answer(200, &[], Bytes::from(vec![0; 1 << 20])),
            Fault::Loop => redirect(format!("/v2/team/engines/blobs/{digest}")),
            Fault::Insecure => redirect(format!("http://192.0.2.1/{digest}")),
            Fault::Elsewhere => {
                redirect(format!("{}/{digest}", self.elsewhere.as_deref().unwrap()))
            }
        }
    }
}

fn answer(status: u16, headers: &[(&'static str, String)], body: Bytes) -> Answer {
    Answer {
        status,
        ..Answer::with(headers.to_vec(), body)
    }
}

/// The header of this name, or nothing.
pub(super) fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers.get(name).map_or("", String::as_str)
}

fn basic() -> &'static str {
    // ann:secret
    "Basic YW5uOnNlY3JldA=="
}

fn token(request: &Request) -> Answer {
    assert!(
        request.target.contains("service=fake%2C+inc"),
        "{}",
        request.target
    );
    assert!(
        request
            .target
            .contains("repository%3Ateam%2Fengines%3Apull")
    );
    if header(request, "authorization") != basic() {
        return answer(401, &[], Bytes::new());
    }
    let body = format!("{{\"access_token\": \"{TOKEN}\"}}");
    answer(200, &[], body.into())
}
