//! Requests to a registry: authorized, bounded, and redirected only where blobs are.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LINK, LOCATION,
    WWW_AUTHENTICATE,
};
use reqwest::redirect::Policy;
use reqwest::{Method, Response, StatusCode, Url};
use serde::Deserialize;

use super::auth::{self, Challenge};
use super::credentials::Credentials;
use super::error::RegistryError;
use super::manifest::MANIFEST;
use crate::engines::Repository;
use crate::text::excerpt;
use crate::trust::Digest;

/// Time for a connection to come about.
const CONNECT: Duration = Duration::from_secs(3);

/// Time in which some of an answer has to come.
const READ: Duration = Duration::from_secs(20);

/// Time of a request in all: a compiled engine of 100 MB at 500 kB/s.
const WHOLE: Duration = Duration::from_secs(200);

/// Redirects of one request: to a store of blobs, and within it.
const HOPS: usize = 3;

/// The most that is read of a manifest, a list of tags or a token.
pub(super) const SMALL: u64 = 1 << 20;

/// The most that is read of an error.
const WORDS: u64 = 4 << 10;

/// The machine that answers for Docker's own registry.
const DOCKER: (&str, &str) = ("docker.io", "registry-1.docker.io");

/// The header with the digest of what an answer has.
const CONTENT_DIGEST: &str = "docker-content-digest";

/// Rights that a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rights {
    Pull,
    Push,
}

/// A request that can be sent again.
#[derive(Clone, Debug)]
struct Ask {
    method: Method,
    url: Url,
    accept: Option<&'static str>,
    content_type: Option<&'static str>,
    body: Bytes,
    rights: Rights,
    follow: bool,
}

impl Ask {
    fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            accept: None,
            content_type: None,
            body: Bytes::new(),
            rights: Rights::Pull,
            follow: false,
        }
    }
}

/// A manifest, and the digest of its bytes.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    pub(super) body: Bytes,
    pub(super) digest: String,
}

/// A repository as it is reached.
#[derive(Debug)]
pub(super) struct Client {
    http: reqwest::Client,
    origin: Url,
    name: String,
    credentials: Option<Credentials>,
    /// The header that the last request was authorized with.
    authorization: Mutex<Option<HeaderValue>>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

#[derive(Deserialize)]
struct Tags {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

impl Client {
    pub(super) fn new(
        repository: &Repository,
        credentials: Option<Credentials>,
    ) -> Result<Self, RegistryError> {
        crate::tls::choose_provider();
        let unmade = |error: &dyn std::fmt::Display| RegistryError::Client(error.to_string());
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(READ)
            .timeout(WHOLE);
        if repository.is_loopback() {
            builder = builder.no_proxy();
        }
        let scheme = if repository.plain { "http" } else { "https" };
        let host = match repository.host.as_str() {
            host if host == DOCKER.0 => DOCKER.1,
            host => host,
        };
        let origin = format!("{scheme}://{host}/");
        Ok(Self {
            http: builder.build().map_err(|error| unmade(&error))?,
            origin: origin.parse().map_err(|error| unmade(&error))?,
            name: repository.name.clone(),
            credentials,
            authorization: Mutex::default(),
        })
    }

    /// The manifest of a tag or a digest.
    pub(super) async fn manifest(&self, reference: &str) -> Result<Fetched, RegistryError> {
        let ask = Ask {
            accept: Some(MANIFEST),
            ..Ask::new(Method::GET, self.url(&format!("manifests/{reference}"))?)
        };
        let answer = expected(self.send(ask).await?, &[StatusCode::OK]).await?;
        let body = read(answer, SMALL).await?;
        let digest = named(&body);
        if reference.contains(':') && reference != digest {
            return Err(RegistryError::Digest(reference.to_owned()));
        }
        Ok(Fetched { body, digest })
    }

    /// The digest of the manifest of a tag; `None` if there is no such tag.
    pub(super) async fn digest_of(&self, tag: &str) -> Result<Option<String>, RegistryError> {
        let ask = Ask {
            accept: Some(MANIFEST),
            ..Ask::new(Method::HEAD, self.url(&format!("manifests/{tag}"))?)
        };
        let answer = match expected(self.send(ask).await?, &[StatusCode::OK]).await {
            Ok(answer) => answer,
            Err(RegistryError::NotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        match answer
            .headers()
            .get(CONTENT_DIGEST)
            .map(HeaderValue::to_str)
        {
            Some(Ok(digest)) => Ok(Some(digest.to_owned())),
            // The specification leaves the header to the registry.
            _ => Ok(Some(self.manifest(tag).await?.digest)),
        }
    }

    pub(super) async fn put_manifest(&self, tag: &str, body: Bytes) -> Result<(), RegistryError> {
        let ask = Ask {
            content_type: Some(MANIFEST),
            body,
            rights: Rights::Push,
            ..Ask::new(Method::PUT, self.url(&format!("manifests/{tag}"))?)
        };
        expected(self.send(ask).await?, &[StatusCode::CREATED]).await?;
        Ok(())
    }

    /// Size of a blob that is there, if the registry tells it.
    pub(super) async fn size_of(&self, digest: &str) -> Result<Option<u64>, RegistryError> {
        let ask = Ask {
            follow: true,
            ..Ask::new(Method::HEAD, self.url(&format!("blobs/{digest}"))?)
        };
        let answer = expected(self.send(ask).await?, &[StatusCode::OK]).await?;
        let length = answer.headers().get(CONTENT_LENGTH);
        Ok(length.and_then(|length| length.to_str().ok()?.parse().ok()))
    }

    /// The bytes of a digest, of which there are at most `limit`.
    pub(super) async fn blob(&self, digest: &str, limit: u64) -> Result<Bytes, RegistryError> {
        let ask = Ask {
            follow: true,
            ..Ask::new(Method::GET, self.url(&format!("blobs/{digest}"))?)
        };
        let answer = expected(self.send(ask).await?, &[StatusCode::OK]).await?;
        let body = read(answer, limit).await?;
        if named(&body) != digest {
            return Err(RegistryError::Digest(digest.to_owned()));
        }
        Ok(body)
    }

    /// Push bytes, unless they are there, and return their digest.
    pub(super) async fn push(&self, body: Bytes) -> Result<String, RegistryError> {
        let digest = named(&body);
        match self.size_of(&digest).await {
            Ok(_) => return Ok(digest),
            Err(RegistryError::NotFound) => {}
            Err(error) => return Err(error),
        }
        let begin = Ask {
            rights: Rights::Push,
            ..Ask::new(Method::POST, self.url("blobs/uploads/")?)
        };
        let begun = self.send(begin).await?;
        let begun = expected(begun, &[StatusCode::ACCEPTED]).await?;
        let mut url = self.next(&begun, &self.origin)?;
        url.query_pairs_mut().append_pair("digest", &digest);
        let ask = Ask {
            content_type: Some("application/octet-stream"),
            body,
            rights: Rights::Push,
            ..Ask::new(Method::PUT, url)
        };
        expected(self.send(ask).await?, &[StatusCode::CREATED]).await?;
        Ok(digest)
    }

    /// Every tag; none if the repository is not there yet.
    pub(super) async fn tags(&self) -> Result<Vec<String>, RegistryError> {
        /// Tags of a request, and requests: more engines than anybody keeps.
        const PAGE: usize = 1_000;
        const PAGES: usize = 100;
        let mut tags: Vec<String> = Vec::new();
        for _ in 0..PAGES {
            let mut url = self.url("tags/list")?;
            url.query_pairs_mut().append_pair("n", &PAGE.to_string());
            if let Some(last) = tags.last() {
                url.query_pairs_mut().append_pair("last", last);
            }
            let answer = self.send(Ask::new(Method::GET, url)).await?;
            let answer = match expected(answer, &[StatusCode::OK]).await {
                Err(RegistryError::NotFound) if tags.is_empty() => break,
                answer => answer?,
            };
            let more = answer.headers().contains_key(LINK);
            let body = read(answer, SMALL).await?;
            let page: Tags = understood(&body)?;
            let page = page.tags.unwrap_or_default();
            let is_last = !more || page.is_empty();
            tags.extend(page);
            if is_last {
                break;
            }
        }
        Ok(tags)
    }

    fn url(&self, path: &str) -> Result<Url, RegistryError> {
        let path = format!("v2/{}/{path}", self.name);
        self.origin
            .join(&path)
            .map_err(|error| RegistryError::Client(error.to_string()))
    }

    /// The address that an answer sends us on to, if one may be sent there.
    fn next(&self, answer: &Response, from: &Url) -> Result<Url, RegistryError> {
        let location = answer.headers().get(LOCATION);
        let location = location.and_then(|location| location.to_str().ok());
        let url = location.and_then(|location| from.join(location).ok());
        let refused = |what: &str| RegistryError::Redirect(what.to_owned());
        let url = url.ok_or_else(|| refused("it names no address"))?;
        if !auth::is_allowed(&url, &self.origin) {
            return Err(refused("it leads away from TLS"));
        }
        Ok(url)
    }

    /// The answer to a request, after the challenge and the redirects that it may meet.
    async fn send(&self, mut ask: Ask) -> Result<Response, RegistryError> {
        let mut challenged = false;
        let mut hops = 0;
        loop {
            let is_own = auth::is_same_origin(&ask.url, &self.origin);
            let answer = self.send_once(&ask, is_own).await?;
            let status = answer.status();
            if status == StatusCode::UNAUTHORIZED && is_own && !challenged {
                challenged = true;
                self.authorize(&answer, ask.rights).await?;
            } else if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
                if !ask.follow {
                    let what = "only blobs may lie elsewhere".to_owned();
                    return Err(RegistryError::Redirect(what));
                }
                hops += 1;
                if hops > HOPS {
                    let what = format!("there are more than {HOPS} of them");
                    return Err(RegistryError::Redirect(what));
                }
                ask.url = self.next(&answer, &ask.url)?;
            } else {
                return Ok(answer);
            }
        }
    }

    /// One request; only the registry itself gets our authorization.
    async fn send_once(&self, ask: &Ask, is_own: bool) -> Result<Response, RegistryError> {
        let mut headers = HeaderMap::new();
        if is_own && let Some(value) = self.authorization() {
            headers.insert(AUTHORIZATION, value);
        }
        for (name, value) in [(ACCEPT, ask.accept), (CONTENT_TYPE, ask.content_type)] {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
        let mut request = self
            .http
            .request(ask.method.clone(), ask.url.clone())
            .headers(headers);
        if matches!(ask.method, Method::PUT | Method::POST) {
            request = request
                .header(CONTENT_LENGTH, ask.body.len())
                .body(ask.body.clone());
        }
        request.send().await.map_err(unreached)
    }

    fn authorization(&self) -> Option<HeaderValue> {
        let known = self.authorization.lock();
        known.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Do what a challenge asks for, for the requests to come.
    async fn authorize(&self, answer: &Response, rights: Rights) -> Result<(), RegistryError> {
        let denied = |what: &str| RegistryError::Denied(what.to_owned());
        let challenges = answer.headers().get_all(WWW_AUTHENTICATE).iter();
        let challenge = challenges
            .filter_map(|header| auth::challenge(header.to_str().ok()?))
            .next_back()
            .ok_or_else(|| denied("it does not say how to be authorized"))?;
        let value = match (challenge, &self.credentials) {
            (_, Some(Credentials::Token(token))) => format!("Bearer {token}"),
            (Challenge::Basic, Some(Credentials::Basic { user, password })) => {
                basic(user, password)
            }
            (Challenge::Basic, None) => return Err(denied("it asks for a name and a password")),
            (Challenge::Bearer { realm, service }, _) => {
                let token = self.token(&realm, service.as_deref(), rights).await?;
                format!("Bearer {token}")
            }
        };
        let mut value = HeaderValue::try_from(value)
            .map_err(|_| RegistryError::Malformed("a token that is no header".to_owned()))?;
        value.set_sensitive(true);
        *self
            .authorization
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(value);
        Ok(())
    }

    /// A token of the address that the registry names.
    async fn token(
        &self,
        realm: &str,
        service: Option<&str>,
        rights: Rights,
    ) -> Result<String, RegistryError> {
        let rights = match rights {
            Rights::Pull => "pull",
            Rights::Push => "pull,push",
        };
        let scope = format!("repository:{}:{rights}", self.name);
        let (url, trusted) = auth::token_address(realm, service, &scope, &self.origin)?;
        let mut request = self.http.get(url);
        if let (true, Some(Credentials::Basic { user, password })) = (trusted, &self.credentials) {
            request = request.header(AUTHORIZATION, basic(user, password));
        }
        let answer = request.send().await.map_err(unreached)?;
        let answer = expected(answer, &[StatusCode::OK]).await?;
        let token: Token = understood(&read(answer, SMALL).await?)?;
        let none = || RegistryError::Malformed("no token is in the answer".to_owned());
        token.token.or(token.access_token).ok_or_else(none)
    }
}

/// The header of a name and a password.
fn basic(user: &str, password: &str) -> String {
    use base64::Engine as _;
    let pair = format!("{user}:{password}");
    let pair = base64::engine::general_purpose::STANDARD.encode(pair);
    format!("Basic {pair}")
}

/// The digest of bytes, as registries write it.
pub(super) fn named(body: &[u8]) -> String {
    format!("sha256:{}", Digest::of(body))
}

fn understood<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, RegistryError> {
    serde_json::from_slice(body).map_err(|error| RegistryError::Malformed(error.to_string()))
}

fn unreached(error: reqwest::Error) -> RegistryError {
    if error.is_timeout() {
        return RegistryError::Timeout;
    }
    // The address may hold a signature of whoever keeps the blobs.
    let error = error.without_url();
    RegistryError::Unreachable(crate::text::with_causes(&error))
}

/// The answer, if its status is one of those.
async fn expected(answer: Response, expected: &[StatusCode]) -> Result<Response, RegistryError> {
    let status = answer.status();
    if expected.contains(&status) {
        return Ok(answer);
    }
    let said = match read(answer, WORDS).await {
        Ok(body) => excerpt(&String::from_utf8_lossy(&body)),
        Err(_) => String::new(),
    };
    Err(match status {
        StatusCode::NOT_FOUND => RegistryError::NotFound,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            RegistryError::Denied(format!("status {}", status.as_u16()))
        }
        _ => RegistryError::Status {
            status: status.as_u16(),
            said,
        },
    })
}

/// The body of an answer, of which no more is read than `limit` and what came with its last
/// bytes.
async fn read(mut answer: Response, limit: u64) -> Result<Bytes, RegistryError> {
    if let Some(size) = answer.content_length().filter(|size| *size > limit) {
        return Err(RegistryError::TooLarge { size, limit });
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(unreached)? {
        body.extend_from_slice(&chunk);
        let size = body.len() as u64;
        if size > limit {
            return Err(RegistryError::TooLarge { size, limit });
        }
    }
    Ok(body.into())
}
