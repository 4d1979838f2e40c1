//! Health endpoint of a worker, for the supervisor that restarts it: `GET /healthz`
//! answers 200 or 503.
//!
//! hyper speaks HTTP; its bounds are set here. No client costs more than a few KB,
//! or holds its connection for more than a few seconds: the head of a request has
//! a bounded length, no body is read, and every connection ends after one answer.

use std::convert::Infallible;
use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Longest head of a request, in bytes: probes send a tenth of it.
const LONGEST: usize = 4_096;

/// Read buffer of a connection, in bytes: the least that hyper takes.
const BUFFER: usize = 8_192;

/// Time that a client has to ask, and again to take the answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connections that are served at one time; more are turned away.
const CLIENTS: usize = 16;

/// Pause after a connection could not be accepted, mostly for lack of file
/// descriptors.
const PAUSE: Duration = Duration::from_millis(200);

/// The one path that there is.
const PATH: &str = "/healthz";

/// Health server, bound to its address.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
}

impl Server {
    /// Listen at `address`.
    ///
    /// # Errors
    /// If the address is taken, or not of this machine.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { listener })
    }

    /// Address of the server: the system chooses the port if 0 was asked for.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answer with the result of `check`, for ever.
    pub async fn run<E: Display>(self, check: impl Fn() -> Result<(), E> + Send + Sync + 'static) {
        let check = Arc::new(check);
        let permits = Arc::new(Semaphore::new(CLIENTS));
        loop {
            let Ok((client, _)) = self.listener.accept().await else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let Ok(permit) = permits.clone().try_acquire_owned() else {
                continue;
            };
            let check = check.clone();
            tokio::spawn(async move {
                // A client that goes away or dawdles has itself to blame.
                let _ = timeout(2 * PATIENCE, serve(client, &*check)).await;
                drop(permit);
            });
        }
    }
}

async fn serve<E: Display>(
    client: TcpStream,
    check: &(impl Fn() -> Result<(), E> + Send + Sync),
) -> hyper::Result<()> {
    let service = service_fn(|request| {
        let response = answer(&request, check);
        async { Ok::<_, Infallible>(response) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_header_size(LONGEST)
        .max_buf_size(BUFFER)
        .keep_alive(false)
        // Some probes close their side as soon as they have asked.
        .half_close(true)
        .title_case_headers(true)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(client), service)
        .await
}

/// Answer to a request, of which only the head is looked at.
fn answer<Body, E: Display>(
    request: &Request<Body>,
    check: impl Fn() -> Result<(), E>,
) -> Response<Full<Bytes>> {
    if request.uri().path() != PATH {
        return response(StatusCode::NOT_FOUND, "look at /healthz");
    }
    if request.method() != Method::GET {
        return response(StatusCode::METHOD_NOT_ALLOWED, "GET is answered");
    }
    match check() {
        Ok(()) => response(StatusCode::OK, "well"),
        Err(ailment) => response(StatusCode::SERVICE_UNAVAILABLE, ailment),
    }
}

/// One line of text, which no cache may keep.
fn response(status: StatusCode, text: impl Display) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(format!("{text}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(CONTENT_TYPE, plain);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests;
