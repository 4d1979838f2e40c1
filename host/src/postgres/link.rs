//! The one connection of a queue, made again when it is broken.

use std::fmt;
use std::future::poll_fn;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_postgres::config::SslMode;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::address::Address;
use super::problem;
use super::statements;
use crate::ports::{QueueError, QueueProblem};
use crate::text::printable;
use crate::tls::Trouble;

/// Time for a connection to come about.
const CONNECT: Duration = Duration::from_secs(5);

/// Time for an answer: a little more than the server gives itself.
const ANSWER: Duration = Duration::from_secs(25);

/// Silence of a connection after which its other end is asked whether it is there.
const SILENCE: Duration = Duration::from_secs(30);

/// The connection of a queue.
#[derive(Debug)]
pub(super) struct Link {
    config: Config,
    state: Mutex<State>,
}

/// The connection that is there, and the last attempt that made none.
#[derive(Debug, Default)]
struct State {
    live: Option<Arc<Live>>,
    failure: Option<(Instant, QueueError)>,
}

/// A connection that was sound when it was last used.
#[derive(Debug)]
struct Live {
    client: Client,
    word: watch::Receiver<()>,
    task: JoinHandle<()>,
}

/// Word of new messages.
pub(super) struct Word(watch::Receiver<()>);

impl Word {
    /// Wait for word, or for the end of the connection.
    pub(super) async fn come(&mut self) {
        let _ = self.0.changed().await;
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Link {
    pub(super) fn new(address: &Address) -> Self {
        let mut config = address.config.clone();
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_application_name().is_none() {
            config.application_name("thimble");
        }
        config.keepalives_idle(SILENCE).tcp_user_timeout(SILENCE);
        Self {
            config,
            state: Mutex::default(),
        }
    }

    /// Make the table if there is none.
    pub(super) async fn prepare(&self, address: &Address) -> Result<(), QueueError> {
        match self.check(address).await {
            Err(error) if error.problem == QueueProblem::Missing => {
                self.migrate(address).await?;
                self.check(address).await
            }
            checked => checked,
        }
    }

    /// Fails if there is no table, or none that keeps its messages and can be read.
    pub(super) async fn check(&self, address: &Address) -> Result<(), QueueError> {
        let rows = self.query(address, statements::VERSION, &[]).await?;
        let found: Option<(i32, bool)> = rows.first().map(|row| (row.get(0), row.get(1)));
        let unusable = |what| Err(QueueError::new(QueueProblem::Unusable(what), address));
        match found {
            Some((statements::FORMAT, true)) => Ok(()),
            Some((statements::FORMAT, false)) => unusable(
                "its table is emptied by a crash of the server; change that with `ALTER TABLE \
                 thimble_queue SET LOGGED`"
                    .to_owned(),
            ),
            Some((version, _)) => unusable(format!(
                "another version of thimble made its table ({version}, and this one reads {}); run \
                 that one, or name another schema in the address",
                statements::FORMAT
            )),
            None => unusable(
                "its table has no version; restore thimble_queue_format, or name another schema in \
                 the address"
                    .to_owned(),
            ),
        }
    }

    async fn migrate(&self, address: &Address) -> Result<(), QueueError> {
        let live = self.live(address).await?;
        let made = timeout(ANSWER, live.client.batch_execute(statements::MIGRATION));
        match made.await {
            Ok(made) => made.map_err(|error| problem::of(&error, address)),
            Err(_) => Err(self.silent(&live, address).await),
        }
    }

    /// The rows that a statement returns.
    pub(super) async fn query(
        &self,
        address: &Address,
        statement: &str,
        values: &[(&(dyn ToSql + Sync), Type)],
    ) -> Result<Vec<Row>, QueueError> {
        let live = self.live(address).await?;
        match timeout(ANSWER, live.client.query_typed(statement, values)).await {
            Ok(rows) => rows.map_err(|error| problem::of(&error, address)),
            Err(_) => Err(self.silent(&live, address).await),
        }
    }

    /// Word of messages that come from now on.
    pub(super) async fn word(&self, address: &Address) -> Result<Word, QueueError> {
        let mut word = self.live(address).await?.word.clone();
        word.mark_unchanged();
        Ok(Word(word))
    }

    /// Give up a connection that does not answer.
    async fn silent(&self, silent: &Arc<Live>, address: &Address) -> QueueError {
        let mut state = self.state.lock().await;
        let known = state.live.as_ref();
        if known.is_some_and(|live| Arc::ptr_eq(live, silent)) {
            state.live = None;
        }
        QueueError::new(QueueProblem::Timeout, address)
    }

    async fn live(&self, address: &Address) -> Result<Arc<Live>, QueueError> {
        let asked = Instant::now();
        let mut state = self.state.lock().await;
        let known = state.live.as_ref();
        if let Some(sound) = known.filter(|live| !live.client.is_closed()) {
            return Ok(sound.clone());
        }
        // One attempt is that of all who waited for it, or the last would wait for each.
        if let Some((_, error)) = state.failure.as_ref().filter(|(ended, _)| *ended > asked) {
            return Err(error.clone());
        }
        let made = match timeout(ANSWER, self.connect(address)).await {
            Ok(made) => made,
            Err(_) => Err(QueueError::new(QueueProblem::Timeout, address)),
        };
        match made {
            Ok(made) => {
                state.failure = None;
                Ok(state.live.insert(Arc::new(made)).clone())
            }
            Err(error) => {
                state.failure = Some((Instant::now(), error.clone()));
                Err(error)
            }
        }
    }

    async fn connect(&self, address: &Address) -> Result<Live, QueueError> {
        let failed = |error| problem::of(&error, address);
        let tls = connector(self.config.get_ssl_mode(), address.authorities.as_deref());
        let tls =
            tls.map_err(|why| QueueError::new(problem::of_tls(Trouble::Unloaded(why)), address))?;
        let (client, (word, task)) = match tls {
            Some(tls) => {
                let (client, connection) = self.config.connect(tls).await.map_err(failed)?;
                (client, listen(connection, &address.queue))
            }
            None => {
                let (client, connection) = self.config.connect(NoTls).await.map_err(failed)?;
                (client, listen(connection, &address.queue))
            }
        };
        let live = Live { client, word, task };
        live.client
            .batch_execute(statements::BEGIN)
            .await
            .map_err(failed)?;
        Ok(live)
    }
}

/// Work of a connection: requests and answers, and word of messages in `queue`.
fn listen<S, T>(
    mut connection: Connection<S, T>,
    queue: &str,
) -> (watch::Receiver<()>, JoinHandle<()>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (tell, word) = watch::channel(());
    let queue = queue.to_owned();
    let task = tokio::spawn(async move {
        // An error ends every request on its way, which tells it.
        while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(word) = message
                && word.payload() == queue
            {
                tell.send_replace(());
            }
        }
    });
    (word, task)
}

/// TLS with the certificates of `authorities`, or with those that this machine trusts, if it is
/// to be spoken.
fn connector(
    mode: SslMode,
    authorities: Option<&Path>,
) -> Result<Option<MakeRustlsConnect>, String> {
    if mode == SslMode::Disable {
        return Ok(None);
    }
    crate::tls::choose_provider();
    if let Some(file) = authorities {
        return trusting(file).map(Some);
    }
    match MakeRustlsConnect::with_native_certs() {
        Ok((connector, _)) => Ok(Some(connector)),
        Err(_) if mode == SslMode::Prefer => Ok(None),
        Err(_) => Err("this machine trusts no certificates".to_owned()),
    }
}

/// TLS with the authorities in `file` and no others.
fn trusting(file: &Path) -> Result<MakeRustlsConnect, String> {
    let unusable = |why: &dyn fmt::Display| {
        let file = printable(file.display());
        format!("the file in sslrootcert= has no certificates: {file}: {why}")
    };
    let mut roots = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(file).map_err(|error| unusable(&error))?;
    for certificate in certificates {
        let certificate = certificate.map_err(|error| unusable(&error))?;
        roots.add(certificate).map_err(|error| unusable(&error))?;
    }
    if roots.is_empty() {
        return Err(unusable(&"it is empty"));
    }
    let config = ClientConfig::builder().with_root_certificates(roots);
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}
