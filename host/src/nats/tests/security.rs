//! Certificates and credentials, at servers that ask for them.

use std::fs;
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nkeys::KeyPair;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::testing::environment::variables;

/// Time in which a server begins.
const BEGINNING: Duration = Duration::from_secs(20);

/// A server with a configuration of its own.
struct Server {
    process: Child,
    folder: TempDir,
    port: u16,
}

impl Server {
    /// `None` says that there is no program for it.
    fn start(configuration: &str) -> Option<Self> {
        let program = tested_over("NATS", "THIMBLE_TEST_NATS_SERVER")?;
        let folder = tempfile::tempdir().unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let store = folder.path().join("store");
        let path = folder.path().join("configuration");
        let own = format!("listen: '127.0.0.1:{port}'\njetstream {{store_dir: {store:?}}}\n");
        fs::write(&path, own + configuration).unwrap();
        let mut command = Command::new(program);
        command.arg("--config").arg(&path);
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let process = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let server = Self {
            process,
            folder,
            port,
        };
        server.wait();
        Some(server)
    }

    fn wait(&self) {
        let begun = std::time::Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap();
            assert!(begun.elapsed() < BEGINNING, "{log}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A file with `text`, for a variable.
    fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Connect as `host` with these variables, and make a stream.
    async fn open(&self, tls: bool, host: &str, set: &[(&str, &str)]) -> Result<(), QueueProblem> {
        let servers = Servers {
            addresses: vec![format!("{host}:{}", self.port)],
            tls,
        };
        let access = Access::read(variables(set)).unwrap();
        let connection = Connection::open(&servers, &access).await;
        let connection = connection.map_err(|error| error.problem)?;
        let made = NatsQueue::make(&connection, &unique("secure")).await;
        made.map_err(|error| error.problem)
    }

    /// The same, as it mostly is.
    async fn of(&self, set: &[(&str, &str)]) -> Result<(), QueueProblem> {
        self.open(false, "127.0.0.1", set).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Files of certificates; see `scripts/servers/certificates.sh`.
struct Certificates(PathBuf);

impl Certificates {
    fn new() -> Option<Self> {
        let folder = tested_over("NATS", "THIMBLE_TEST_NATS_CERTIFICATES")?;
        Some(Self(folder.into()))
    }

    /// The same, and a server with TLS and `more` in its configuration.
    fn with_server(more: &str) -> Option<(Self, Server)> {
        let certificates = Self::new()?;
        let server = Server::start(&certificates.configuration(more))?;
        Some((certificates, server))
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// The configuration of a server with TLS, and `more` of it.
    fn configuration(&self, more: &str) -> String {
        let [server, key, ca] = ["server.pem", "server.key", "ca.pem"].map(|name| self.path(name));
        format!("tls {{cert_file: '{server}', key_file: '{key}', ca_file: '{ca}', {more}}}\n")
    }
}

fn assert_unusable(opened: Result<(), QueueProblem>, words: &[&str]) {
    let problem = opened.unwrap_err();
    assert!(matches!(problem, QueueProblem::Unusable(_)), "{problem:?}");
    assert_says(&problem, words);
}

fn assert_no_tls(opened: Result<(), QueueProblem>, words: &[&str]) {
    let problem = opened.unwrap_err();
    assert!(matches!(problem, QueueProblem::Tls { .. }), "{problem:?}");
    assert_says(&problem, words);
}

fn assert_says(problem: &QueueProblem, words: &[&str]) {
    let said = problem.to_string();
    assert!(words.iter().all(|word| said.contains(word)), "{said}");
}

#[tokio::test]
async fn a_server_is_believed_by_its_certificate_and_by_nothing_less() {
    let Some((certificates, server)) = Certificates::with_server("") else {
        return;
    };
    let [ca, other] = ["ca.pem", "other.pem"].map(|name| certificates.path(name));
    // A server may insist on TLS as well.
    for tls in [true, false] {
        let opened = server.open(tls, "127.0.0.1", &[("NATS_CA", &ca)]).await;
        assert_eq!(opened, Ok(()), "tls: {tls}");
    }
    for (host, set, words) in [
        (
            "127.0.0.1",
            &[("NATS_CA", other.as_str())][..],
            ["not trusted", "NATS_CA"],
        ),
        ("127.0.0.1", &[], ["not trusted", "NATS_CA"]),
        (
            "localhost",
            &[("NATS_CA", &ca)],
            ["another name", "name the server"],
        ),
        (
            "127.0.0.1",
            &[("NATS_CA", "nowhere")],
            ["cannot be loaded", "NATS_CA"],
        ),
    ] {
        assert_no_tls(server.open(true, host, set).await, &words);
    }
    let plain = Server::start("").unwrap();
    let opened = plain.open(true, "127.0.0.1", &[("NATS_CA", &ca)]).await;
    assert_no_tls(opened, &["speaks no TLS", "nats://"]);
}

#[tokio::test]
async fn a_certificate_is_shown_to_a_server_that_asks_for_one() {
    let Some((certificates, server)) = Certificates::with_server("verify: true") else {
        return;
    };
    let [ca, client, key] =
        ["ca.pem", "client.pem", "client.key"].map(|name| certificates.path(name));
    let authority = ("NATS_CA", ca.as_str());
    let shown = [authority, ("NATS_CERT", &client), ("NATS_KEY", &key)];
    assert_eq!(server.open(true, "127.0.0.1", &shown).await, Ok(()));
    let opened = server.open(true, "127.0.0.1", &[authority]).await;
    assert_no_tls(opened, &["asks for a certificate", "NATS_CERT"]);
}

#[tokio::test]
async fn a_user_comes_in_by_a_password_and_by_no_other() {
    let Some(server) = Server::start("authorization {user: me, password: sesame}") else {
        return;
    };
    let user = ("NATS_USER", "me");
    assert_eq!(
        server.of(&[user, ("NATS_PASSWORD", "sesame")]).await,
        Ok(())
    );
    for set in [
        &[user, ("NATS_PASSWORD", "other")][..],
        &[("NATS_TOKEN", "sesame")],
        &[],
    ] {
        assert_eq!(server.of(set).await, Err(QueueProblem::Denied), "{set:?}");
    }
}

#[tokio::test]
async fn a_token_is_enough_where_it_is_asked_for() {
    let Some(server) = Server::start("authorization {token: sesame}") else {
        return;
    };
    assert_eq!(server.of(&[("NATS_TOKEN", "sesame")]).await, Ok(()));
    let opened = server.of(&[("NATS_TOKEN", "other")]).await;
    assert_eq!(opened, Err(QueueProblem::Denied));
}

#[tokio::test]
async fn a_key_stands_for_a_user() {
    let user = KeyPair::new_user();
    let known = format!("authorization {{users: [{{nkey: {}}}]}}", user.public_key());
    let Some(server) = Server::start(&known) else {
        return;
    };
    let seed = server.file("seed", &(user.seed().unwrap() + "\n"));
    assert_eq!(server.of(&[("NATS_NKEY", &seed)]).await, Ok(()));
    let other = server.file("other", &KeyPair::new_user().seed().unwrap());
    let opened = server.of(&[("NATS_NKEY", &other)]).await;
    assert_eq!(opened, Err(QueueProblem::Denied));
    let garbage = server.file("garbage", "no seed");
    assert_unusable(server.of(&[("NATS_NKEY", &garbage)]).await, &["NATS_NKEY"]);
    let nowhere = server.of(&[("NATS_NKEY", "nowhere")]).await;
    assert_unusable(nowhere, &["NATS_NKEY", "nowhere"]);
}

/// Something that `issuer` says of `subject`.
fn claim(issuer: &KeyPair, subject: &KeyPair, nats: Value) -> String {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(json!({"typ": "JWT", "alg": "ed25519-nkey"}));
    let body = part(json!({
        "jti": "id", "iat": 1, "name": "test",
        "iss": issuer.public_key(), "sub": subject.public_key(), "nats": nats,
    }));
    let claim = format!("{head}.{body}");
    let signature = issuer.sign(claim.as_bytes()).unwrap();
    format!("{claim}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn account(operator: &KeyPair, account: &KeyPair) -> String {
    let limits = json!({
        "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true,
        "conn": -1, "leaf": -1, "mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1,
    });
    let nats = json!({"type": "account", "version": 2, "limits": limits});
    claim(operator, account, nats)
}

/// A file of credentials for `user`, as `nsc` writes it.
fn credentials(user: &KeyPair, issuer: &KeyPair) -> String {
    let nats = json!({"type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1});
    format!(
        "-----BEGIN NATS USER JWT-----\n{}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
        claim(issuer, user, nats),
        user.seed().unwrap()
    )
}

#[tokio::test]
async fn a_file_of_credentials_is_that_of_a_user_of_an_account() {
    let (operator, ours) = (KeyPair::new_operator(), KeyPair::new_account());
    let system = KeyPair::new_account();
    let known = format!(
        "operator: {}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload {{\n{}: {}\n{}: {}\n}}\n",
        claim(
            &operator,
            &operator,
            json!({"type": "operator", "version": 2})
        ),
        system.public_key(),
        ours.public_key(),
        account(&operator, &ours),
        system.public_key(),
        claim(&operator, &system, json!({"type": "account", "version": 2})),
    );
    let Some(server) = Server::start(&known) else {
        return;
    };
    let good = server.file("good", &credentials(&KeyPair::new_user(), &ours));
    assert_eq!(server.of(&[("NATS_CREDS", &good)]).await, Ok(()));
    let stranger = credentials(&KeyPair::new_user(), &KeyPair::new_account());
    let stranger = server.file("stranger", &stranger);
    let opened = server.of(&[("NATS_CREDS", &stranger)]).await;
    assert_eq!(opened, Err(QueueProblem::Denied));
    let garbage = server.file("garbage", "no credentials");
    assert_unusable(
        server.of(&[("NATS_CREDS", &garbage)]).await,
        &["NATS_CREDS"],
    );
}
