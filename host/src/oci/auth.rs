//! Challenges of a registry, and the address that gives a token for one.

use reqwest::Url;

use super::error::RegistryError;
use crate::engines::is_loopback;

/// The way in which a registry wants to be authorized.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// By name and password with each request.
    Basic,
    /// By a token that another address gives.
    Bearer {
        /// Its address.
        realm: String,
        /// The service that the token is for, in its words.
        service: Option<String>,
    },
}

/// The challenge of a header `WWW-Authenticate`, if it is one that is understood.
pub(super) fn challenge(header: &str) -> Option<Challenge> {
    let (scheme, rest) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let parameters = parameters(rest);
    let of = |name: &str| {
        let found = parameters.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone())
    };
    Some(Challenge::Bearer {
        realm: of("realm")?,
        service: of("service"),
    })
}

/// Parameters of a challenge: `name="value"`, divided by commas that are in no quotes.
fn parameters(text: &str) -> Vec<(String, String)> {
    let mut parts = Vec::new();
    let (mut part, mut quoted) = (String::new(), false);
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => parts.push(std::mem::take(&mut part)),
            _ => part.push(character),
        }
    }
    parts.push(part);
    let pair = |part: String| {
        let (name, value) = part.split_once('=')?;
        Some((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
    };
    parts.into_iter().filter_map(pair).collect()
}

/// The address to ask for a token at, and whether credentials for `registry` may go there.
///
/// Credentials go to the registry itself, and to a machine of the domain that it is in: the
/// registry names this address, and may be anybody's.
pub(super) fn token_address(
    realm: &str,
    service: Option<&str>,
    scope: &str,
    registry: &Url,
) -> Result<(Url, bool), RegistryError> {
    let malformed = |what: &str| RegistryError::Malformed(what.to_owned());
    let mut url: Url = realm
        .parse()
        .map_err(|_| malformed("the realm of its challenge is no address"))?;
    if !is_allowed(&url, registry) {
        return Err(malformed("the realm of its challenge is not https"));
    }
    let mut query = url.query_pairs_mut();
    if let Some(service) = service {
        query.append_pair("service", service);
    }
    query.append_pair("scope", scope);
    drop(query);
    let trusted = is_of_same_house(&url, registry);
    Ok((url, trusted))
}

/// True if a request may go to `url` on behalf of `registry`: by TLS, or where the registry
/// itself is asked without.
pub(super) fn is_allowed(url: &Url, registry: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => {
            let on_this_machine = |url: &Url| url.host_str().is_some_and(is_loopback);
            is_same_origin(url, registry) || (on_this_machine(url) && on_this_machine(registry))
        }
        _ => false,
    }
}

/// True if both addresses are of one server.
pub(super) fn is_same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host_str() == other.host_str()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// True if `url` is of the registry, or of a machine in its domain.
fn is_of_same_house(url: &Url, registry: &Url) -> bool {
    if is_same_origin(url, registry) {
        return true;
    }
    let (Some(host), Some(own)) = (url.domain(), registry.domain()) else {
        return false;
    };
    let domain = own.split_once('.').map(|(_, domain)| domain);
    let domain = domain.filter(|domain| domain.contains('.'));
    url.scheme() == "https"
        && (host == own
            || domain.is_some_and(|domain| {
                host == domain
                    || host
                        .strip_suffix(domain)
                        .is_some_and(|rest| rest.ends_with('.'))
            }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_understood_in_whatever_dress() {
        let bearer = |realm: &str, service: Option<&str>| {
            Some(Challenge::Bearer {
                realm: realm.to_owned(),
                service: service.map(str::to_owned),
            })
        };
        for (header, expected) in [
            ("Basic realm=\"registry\"", Some(Challenge::Basic)),
            ("basic", Some(Challenge::Basic)),
            (
                "Bearer realm=\"https://auth.example/token\",service=\"registry, inc\",scope=\"repository:a:pull,push\"",
                bearer("https://auth.example/token", Some("registry, inc")),
            ),
            (
                "bearer Realm=https://a.example/t",
                bearer("https://a.example/t", None),
            ),
            ("Bearer service=\"x\"", None),
            ("Negotiate", None),
            ("", None),
        ] {
            assert_eq!(challenge(header), expected, "{header}");
        }
    }

    #[test]
    fn credentials_go_to_the_house_of_their_registry_and_to_nobody_else() {
        for (registry, realm, expected) in [
            ("https://ghcr.io", "https://ghcr.io/token", Some(true)),
            (
                "https://registry-1.docker.io",
                "https://auth.docker.io/token",
                Some(true),
            ),
            (
                "https://registry.gitlab.com",
                "https://gitlab.com/jwt/auth",
                Some(true),
            ),
            ("https://ghcr.io", "https://evil.io/token", Some(false)),
            (
                "https://registry.example.com",
                "https://evilexample.com/token",
                Some(false),
            ),
            (
                "https://registry.example.com",
                "http://registry.example.com/token",
                None,
            ),
            (
                "http://127.0.0.1:5000",
                "http://127.0.0.1:5001/token",
                Some(false),
            ),
            (
                "http://127.0.0.1:5000",
                "http://127.0.0.1:5000/token",
                Some(true),
            ),
            ("https://ghcr.io", "http://127.0.0.1/token", None),
            ("https://ghcr.io", "file:///etc/passwd", None),
            ("https://ghcr.io", "no address", None),
        ] {
            let address =
                token_address(realm, None, "repository:a:pull", &registry.parse().unwrap());
            let trusted = address.ok().map(|(_, trusted)| trusted);
            assert_eq!(trusted, expected, "{registry} {realm}");
        }
    }
}
