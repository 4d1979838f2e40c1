//! Access to the page: who may look, who may act, and from where.
//!
//! Three things keep other pages of the same browser out. A request must name this
//! host by an address, as `localhost` or by a name that was given, because a name of
//! somebody else's may be made to lead here. What acts must come from this page, by its
//! `Origin`. And pages of other sites send no cookie; those of other ports of this host do.

use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::header::{AUTHORIZATION, COOKIE, HOST, HeaderMap, ORIGIN};
use hyper::http::uri::Authority;

use crate::http::Secret;
use crate::trust::Digest;

/// The cookie of whoever has shown the token.
pub(super) const SESSION: &str = "thimble-page";

/// Life of that cookie: about a day at work.
pub(super) const LIFE: Duration = Duration::from_secs(12 * 60 * 60);

/// Access to the page.
#[derive(Clone, Debug)]
pub struct Access {
    token: Option<Arc<RwLock<Token>>>,
    is_open: bool,
    names: Vec<String>,
    /// The time.
    now: fn() -> SystemTime,
}

#[derive(Clone, Debug)]
struct Token {
    secret: Secret,
    /// The key that cookies are made with, and that none of them tells.
    key: Digest,
}

/// Worth of a cookie of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Worth {
    Good,
    /// It was good once.
    Over,
    Nothing,
}

impl Token {
    fn new(word: &str) -> Self {
        Self {
            secret: Secret::new(word),
            key: Digest::of(format!("status page of thimble\n{word}").as_bytes()),
        }
    }

    /// The cookie that stands for the token until `end`, in seconds since 1970.
    fn session(&self, end: u64) -> String {
        let proof = Digest::of(format!("{end}\n{}", self.key).as_bytes());
        format!("{end}-{proof}")
    }

    fn worth(&self, session: &str, now: u64) -> Worth {
        let end = session
            .split_once('-')
            .and_then(|(end, _)| end.parse().ok());
        // Digests are compared, so the time that it takes tells nothing of a proof.
        match end {
            Some(end) if Secret::new(&self.session(end)).is(session) => match now < end {
                true => Worth::Good,
                false => Worth::Over,
            },
            _ => Worth::Nothing,
        }
    }
}

impl Access {
    /// Everybody who reaches it may look, and nobody may act.
    pub fn open() -> Self {
        Self {
            token: None,
            is_open: true,
            names: Vec::new(),
            now: SystemTime::now,
        }
    }

    /// The same, where those who know the word `token` may act, and only they may look
    /// unless it `is_open`.
    pub fn with_token(token: &str, is_open: bool) -> Self {
        Self {
            token: Some(Arc::new(RwLock::new(Token::new(token)))),
            is_open,
            ..Self::open()
        }
    }

    /// Let another word be the token from now on, which ends every session of the one before.
    pub(super) fn renew(&self, word: &str) {
        if let Some(token) = &self.token {
            *token.write().unwrap_or_else(PoisonError::into_inner) = Token::new(word);
        }
    }

    fn token(&self) -> Option<Token> {
        let token = self.token.as_ref()?;
        Some(token.read().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Seconds since 1970.
    fn seconds(&self) -> u64 {
        let since = (self.now)().duration_since(UNIX_EPOCH);
        since.unwrap_or_default().as_secs()
    }

    /// The same, where the host may be called by these names too.
    #[must_use]
    pub fn called(self, names: Vec<String>) -> Self {
        Self { names, ..self }
    }

    /// True if a token is asked for before anything is done.
    pub(super) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// The cookie for whoever knows the token, if `word` is it.
    pub(super) fn session(&self, word: &str) -> Option<String> {
        let token = self.token()?;
        let end = self.seconds() + LIFE.as_secs();
        token.secret.is(word).then(|| token.session(end))
    }

    pub(super) fn may_look(&self, headers: &HeaderMap) -> bool {
        self.is_open || self.may_act(headers)
    }

    /// True for whoever knows the token.
    pub(super) fn may_act(&self, headers: &HeaderMap) -> bool {
        let Some(token) = self.token() else {
            return false;
        };
        let by_header = token.secret.is_in(headers).unwrap_or_default();
        let now = self.seconds();
        by_header || cookies(headers).any(|session| token.worth(session, now) == Worth::Good)
    }

    /// A name of the tokens and the cookies of ours that a request shows, if it shows any where
    /// there is a token.
    pub(super) fn shown(&self, headers: &HeaderMap) -> Option<Digest> {
        self.token.as_ref()?;
        let tokens = headers.get_all(AUTHORIZATION).into_iter();
        let tokens = tokens.map(|token| String::from_utf8_lossy(token.as_bytes()).into_owned());
        let cookies = cookies(headers).map(str::to_owned);
        let shown: Vec<String> = tokens.chain(cookies).collect();
        (!shown.is_empty()).then(|| Digest::of(shown.join("\n").as_bytes()))
    }

    /// True for whoever shows a token or a cookie of ours, and none that is right or was.
    pub(super) fn is_guess(&self, headers: &HeaderMap) -> bool {
        let Some(token) = self.token() else {
            return false;
        };
        let now = self.seconds();
        let mut cookies = cookies(headers).map(|session| token.worth(session, now));
        match token.secret.is_in(headers) {
            Some(is_right) => !is_right && !cookies.any(|worth| worth == Worth::Good),
            None => {
                let worths: Vec<Worth> = cookies.collect();
                !worths.is_empty() && worths.iter().all(|worth| *worth == Worth::Nothing)
            }
        }
    }

    /// True if a request calls this host by a name that leads nowhere else.
    pub(super) fn is_called(&self, headers: &HeaderMap) -> bool {
        let Some(authority) = host(headers) else {
            return false;
        };
        let name = authority.host();
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        bare.parse::<IpAddr>().is_ok()
            || name.eq_ignore_ascii_case("localhost")
            || self
                .names
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name))
    }

    /// True if a request that asks to act comes from this page, or from no page: a
    /// browser says where it comes from, and a program shows the token itself.
    pub(super) fn is_from_here(&self, headers: &HeaderMap) -> bool {
        let mut origins = headers.get_all(ORIGIN).into_iter();
        let (origin, none) = (origins.next(), origins.next().is_none());
        let Some(origin) = origin else {
            let token = self.token();
            return token.is_some_and(|token| token.secret.is_in(headers) == Some(true));
        };
        let origin = origin.to_str().unwrap_or_default();
        let origin = origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"));
        let host = host(headers);
        none && origin.is_some()
            && origin.and_then(|origin| origin.parse::<Authority>().ok()) == host
    }
}

/// The one host that a request names.
fn host(headers: &HeaderMap) -> Option<Authority> {
    let mut hosts = headers.get_all(HOST).into_iter();
    let (host, none) = (hosts.next()?, hosts.next().is_none());
    let authority: Authority = host.to_str().ok()?.parse().ok()?;
    (none && !authority.as_str().contains('@')).then_some(authority)
}

/// Values of our cookie: there may be some of other paths and ports.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(COOKIE).into_iter();
    let pairs = lines.flat_map(|line| line.to_str().unwrap_or_default().split(';'));
    pairs.filter_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == SESSION).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_name_of_somebody_else_leads_nowhere() {
        let access = Access::open().called(vec!["thumbs.example".to_owned()]);
        for host in [
            "127.0.0.1:8090",
            "127.0.0.1",
            "[::1]:8090",
            "192.168.1.5:80",
            "localhost:8090",
            "LOCALHOST",
            "Thumbs.example:443",
        ] {
            assert!(access.is_called(&headers(&[("host", host)])), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:8090",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "localhost@evil.example",
            "evil@localhost",
            "",
            "a b",
        ] {
            assert!(!access.is_called(&headers(&[("host", host)])), "{host}");
        }
        let twice = headers(&[("host", "localhost"), ("host", "localhost")]);
        assert!(!access.is_called(&twice));
        assert!(!access.is_called(&HeaderMap::new()));
    }

    #[test]
    fn only_this_page_asks_to_act_in_a_browser() {
        let access = Access::with_token("sesame", false);
        let from = |origin| headers(&[("host", "localhost:8090"), ("origin", origin)]);
        for origin in ["http://localhost:8090", "https://localhost:8090"] {
            assert!(access.is_from_here(&from(origin)), "{origin}");
        }
        for origin in [
            "null",
            "",
            "http://localhost:8091",
            "http://localhost",
            "http://evil.example",
            "ftp://localhost:8090",
            "localhost:8090",
        ] {
            assert!(!access.is_from_here(&from(origin)), "{origin}");
        }
        let nowhere = [("host", "localhost:8090")];
        assert!(!access.is_from_here(&headers(&nowhere)));
        let cookie = access.session("sesame").unwrap().to_owned();
        let cookie = format!("{SESSION}={cookie}");
        let by_cookie = headers(&[nowhere[0], ("cookie", &cookie)]);
        assert!(access.may_act(&by_cookie) && !access.is_from_here(&by_cookie));
        let program = headers(&[nowhere[0], ("authorization", "Bearer sesame")]);
        assert!(access.is_from_here(&program));
    }

    #[test]
    fn a_guess_is_a_token_that_is_wrong() {
        let access = Access::with_token("sesame", true);
        let cookie = format!("{SESSION}={}", access.session("sesame").unwrap());
        for (line, is_guess) in [
            (("authorization", "Bearer sesam"), true),
            (("authorization", "Bearer sesame"), false),
            (("cookie", "thimble-page=sesame"), true),
            (("cookie", cookie.as_str()), false),
            (("cookie", "other=sesam"), false),
        ] {
            assert_eq!(access.is_guess(&headers(&[line])), is_guess, "{line:?}");
        }
        assert!(!access.is_guess(&HeaderMap::new()));
        let both = headers(&[("authorization", "Bearer sesam"), ("cookie", &cookie)]);
        assert!(!access.is_guess(&both));
        let open = Access::open();
        assert!(!open.is_guess(&headers(&[("authorization", "Bearer sesam")])));
    }

    #[test]
    fn a_cookie_stands_for_the_token_and_does_not_tell_it() {
        let access = Access::with_token("sesame", false);
        assert_eq!(access.session("sesam"), None);
        let session = access.session("sesame").unwrap();
        assert!(!session.contains("sesame"));
        let (end, proof) = session.split_once('-').unwrap();
        let later = end.parse::<u64>().unwrap() + 1;
        for (line, known) in [
            (format!("{SESSION}={session}"), true),
            (format!("a=b; {SESSION}=wrong; {SESSION}={session}"), true),
            (format!("{SESSION}=sesame"), false),
            (format!("{SESSION}={later}-{proof}"), false),
            (format!("{SESSION}={end}-{end}"), false),
            (format!("{SESSION}={end}-"), false),
            (format!("{SESSION}=-{proof}"), false),
            (format!("{SESSION}=0{session}"), false),
            (format!("{SESSION}=+{session}"), false),
            (format!("{SESSION}="), false),
            (format!("x{SESSION}={session}"), false),
        ] {
            assert_eq!(
                access.may_look(&headers(&[("cookie", &line)])),
                known,
                "{line}"
            );
        }
        let nobody = Access::open();
        assert!(nobody.may_look(&HeaderMap::new()) && !nobody.may_act(&HeaderMap::new()));
    }

    #[test]
    fn a_cookie_has_an_end_and_no_guess_is_held_against_it() {
        let access = Access::with_token("sesame", false);
        let cookie = format!("{SESSION}={}", access.session("sesame").unwrap());
        let cookie = headers(&[("cookie", &cookie)]);
        let after = |life: fn() -> SystemTime| Access {
            now: life,
            ..access.clone()
        };
        let before = after(|| SystemTime::now() + LIFE - Duration::from_secs(60));
        assert!(before.may_act(&cookie) && !before.is_guess(&cookie));
        let over = after(|| SystemTime::now() + LIFE);
        assert!(!over.may_act(&cookie) && !over.may_look(&cookie));
        assert!(!over.is_guess(&cookie), "it was right once");
        let program = headers(&[("authorization", "Bearer sesame")]);
        assert!(over.may_act(&program));
    }

    #[test]
    fn another_token_ends_the_sessions_of_the_one_before() {
        let access = Access::with_token("sesame", false);
        let cookie = format!("{SESSION}={}", access.session("sesame").unwrap());
        let cookie = headers(&[("cookie", &cookie)]);
        // Another process with the same token, and the same one again.
        assert!(Access::with_token("sesame", false).may_act(&cookie));
        access.renew("sesame");
        assert!(access.may_act(&cookie));
        access.renew("open sesame");
        assert!(!access.may_act(&cookie) && access.is_guess(&cookie));
        assert_eq!(access.session("sesame"), None);
        let cookie = format!("{SESSION}={}", access.session("open sesame").unwrap());
        assert!(access.may_act(&headers(&[("cookie", &cookie)])));
        let open = Access::open();
        open.renew("sesame");
        assert_eq!(open.session("sesame"), None);
    }
}
