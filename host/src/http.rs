//! Small servers of HTTP that no client can keep busy: for the health of a worker,
//! for events, and for the status page.
//!
//! hyper speaks HTTP; its bounds are set here. The head of a request has a bounded
//! length, a body is read within a limit or not at all, every connection ends after
//! one answer, and none is held for longer than a few seconds, or than its answer
//! [lasts](Lasting).

use std::convert::Infallible;
use std::fmt::Display;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Body, Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep_until};

mod secret;

pub use secret::Secret;

/// Longest head of a request, in bytes.
pub const LONGEST_HEAD: usize = 8_192;

/// Read buffer of a connection, in bytes: the least that hyper takes.
const BUFFER: usize = 8_192;

/// Pause after a connection could not be accepted, mostly for lack of file
/// descriptors.
const PAUSE: Duration = Duration::from_millis(200);

/// An answer, which is short and in memory.
pub type Answer = Response<Full<Bytes>>;

/// Time that an answer may take to be given, as an extension of one that is a stream:
/// in the place of [`Bounds::patience`].
#[derive(Clone, Copy, Debug)]
pub struct Lasting(pub Duration);

/// Bounds of a server.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Connections that are served at one time; more are turned away.
    pub clients: usize,
    /// Time that a client has to ask, and again to be answered.
    pub patience: Duration,
}

/// A body that was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is longer than the limit.
    #[error("the body has more than {0} bytes")]
    TooLong(usize),
    /// It ended early, or is no HTTP.
    #[error("the body ends before it should")]
    Broken,
}

/// A server, bound to its address.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    bounds: Bounds,
}

impl Server {
    /// Listen at `address`.
    ///
    /// # Errors
    /// If the address is taken, or not of this machine.
    pub async fn bind(address: SocketAddr, bounds: Bounds) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { listener, bounds })
    }

    /// Address of the server: the system chooses the port if 0 was asked for.
    ///
    /// # Errors
    /// If the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answer by `service` until `stop` is ready, and then those who have asked.
    pub async fn run<S, F, B>(self, service: S, stop: impl Future)
    where
        S: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<B>> + Send + 'static,
        B: Body<Data = Bytes, Error = Infallible> + Send + 'static,
    {
        let Bounds { clients, patience } = self.bounds;
        let permits = Arc::new(Semaphore::new(clients));
        let accept = async {
            loop {
                let Ok((client, _)) = self.listener.accept().await else {
                    tokio::time::sleep(PAUSE).await;
                    continue;
                };
                let Ok(permit) = permits.clone().try_acquire_owned() else {
                    continue;
                };
                let service = service.clone();
                tokio::spawn(async move {
                    serve(client, patience, service).await;
                    drop(permit);
                });
            }
        };
        tokio::select! {
            () = accept => {}
            _ = stop => {}
        }
        let all = u32::try_from(clients).unwrap_or(u32::MAX);
        // Each of them has an end.
        let _ = permits.acquire_many(all).await;
    }
}

async fn serve<S, F, B>(client: TcpStream, patience: Duration, service: S)
where
    S: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<B>>,
    B: Body<Data = Bytes, Error = Infallible> + 'static,
{
    let (until, end) = watch::channel(Instant::now() + 2 * patience);
    let service = service_fn(|request| {
        let (answer, until) = (service(request), &until);
        async move {
            let answer = answer.await;
            if let Some(Lasting(time)) = answer.extensions().get() {
                until.send_replace(Instant::now() + *time);
            }
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_header_size(LONGEST_HEAD)
        .max_buf_size(BUFFER)
        .keep_alive(false)
        // Some probes close their side as soon as they have asked.
        .half_close(true)
        .title_case_headers(true)
        .auto_date_header(false)
        .serve_connection(TokioIo::new(client), service);
    tokio::select! {
        // A client that goes away or dawdles has itself to blame.
        _ = connection => {}
        () = passed(end) => {}
    }
}

/// Wait for a moment that may be put off meanwhile.
async fn passed(mut end: watch::Receiver<Instant>) {
    loop {
        let now = *end.borrow_and_update();
        tokio::select! {
            () = sleep_until(now) => return,
            Ok(()) = end.changed() => {}
        }
    }
}

/// The body of a request, of `limit` bytes at most.
///
/// # Errors
/// If it is longer, or does not end as it should.
pub async fn body(request: Request<Incoming>, limit: usize) -> Result<Bytes, BodyError> {
    let body = Limited::new(request.into_body(), limit).collect().await;
    body.map(|body| body.to_bytes()).map_err(|error| {
        if error.is::<http_body_util::LengthLimitError>() {
            BodyError::TooLong(limit)
        } else {
            BodyError::Broken
        }
    })
}

/// One line of text, which no cache may keep.
pub fn answer(status: StatusCode, text: impl Display) -> Answer {
    let mut answer = Response::new(Full::from(format!("{text}\n")));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(CONTENT_TYPE, plain);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
