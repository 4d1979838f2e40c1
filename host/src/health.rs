//! Health endpoint of a worker, for the supervisor that restarts it: `GET /healthz`
//! answers 200 or 503.

use std::fmt::Display;
use std::future::{pending, ready};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::{Method, Request, StatusCode};

use crate::http::{self, Answer, Bounds, answer};

/// A probe asks every few seconds, and waits for the answer.
const BOUNDS: Bounds = Bounds {
    clients: 16,
    patience: Duration::from_secs(5),
};

/// The one path that there is.
pub const PATH: &str = "/healthz";

/// Health server, bound to its address.
#[derive(Debug)]
pub struct Server(http::Server);

impl Server {
    /// Listen at `address`.
    ///
    /// # Errors
    /// If the address is taken, or not of this machine.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        Ok(Self(http::Server::bind(address, BOUNDS).await?))
    }

    /// Address of the server: the system chooses the port if 0 was asked for.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.0.address()
    }

    /// Answer with the result of `check`, for ever.
    pub async fn run<E: Display>(self, check: impl Fn() -> Result<(), E> + Send + Sync + 'static) {
        let check = Arc::new(check);
        let service = move |request: Request<_>| ready(respond(&request, &*check));
        self.0.run(service, pending::<()>()).await;
    }
}

/// Answer to a request, of which only the head is looked at.
fn respond<Body, E: Display>(request: &Request<Body>, check: impl Fn() -> Result<(), E>) -> Answer {
    if request.uri().path() != PATH {
        return answer(StatusCode::NOT_FOUND, "look at /healthz");
    }
    if request.method() != Method::GET {
        return answer(StatusCode::METHOD_NOT_ALLOWED, "GET is answered");
    }
    match check() {
        Ok(()) => answer(StatusCode::OK, "well"),
        Err(ailment) => answer(StatusCode::SERVICE_UNAVAILABLE, ailment),
    }
}

#[cfg(test)]
mod tests;
