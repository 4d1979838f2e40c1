//! A word that clients know.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

use crate::trust::Digest;

/// A word that clients know.
#[derive(Clone)]
pub struct Secret(Digest);

impl Secret {
    /// The secret `word`.
    pub fn new(word: &str) -> Self {
        Self(Digest::of(word.as_bytes()))
    }

    /// True for the secret itself. Digests are compared, so the time that it takes tells
    /// nothing of the word.
    pub fn is(&self, word: &str) -> bool {
        self.0 == Digest::of(word.as_bytes())
    }

    /// True if a request knows the secret by its header, as a bearer token or as a
    /// password; `None` if it has no such header.
    pub fn is_in(&self, headers: &HeaderMap) -> Option<bool> {
        let header = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())?;
        let (scheme, word) = header.trim().split_once(' ').unwrap_or_default();
        let word = word.trim();
        if scheme.eq_ignore_ascii_case("bearer") {
            return Some(self.is(word));
        }
        if scheme.eq_ignore_ascii_case("basic") {
            let pair = STANDARD.decode(word).ok();
            let pair = pair.and_then(|pair| String::from_utf8(pair).ok());
            let password = pair.as_deref().and_then(|pair| pair.split_once(':'));
            return Some(password.is_some_and(|(_, password)| self.is(password)));
        }
        None
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}
