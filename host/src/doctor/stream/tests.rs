//! Mistakes that are planted at the server which `THIMBLE_TEST_NATS` names, each alone, and found;
//! without it these tests say so and pass.

use async_nats::jetstream::consumer::pull;
use async_nats::jetstream::context::Context;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use async_nats::{ConnectOptions, jetstream};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::doctor::planted::{assert_each_is_named, assert_named, assert_well};
use crate::testing::environment::{tested_over, variables};
use crate::tls::Trouble;

mod mistakes;

/// A consumer that a server makes.
#[derive(Clone)]
enum Consumer {
    /// As a worker makes it.
    Pull(Box<pull::Config>),
    /// One that pushes.
    Push,
    Missing,
}

/// A deployment as it should be, for a mistake to be planted in.
struct Patient {
    address: String,
    /// The stream of the work; none is made without.
    work: Option<Config>,
    letters: Option<Config>,
    consumer: Consumer,
    /// Messages of the work, each of so many bytes.
    messages: usize,
    bytes: usize,
    seal: bool,
    subject: Option<&'static str>,
    letters_are_work: bool,
    /// The user that makes the streams, and the one who looks, with their password.
    maker: Option<&'static str>,
    user: Option<&'static str>,
    password: &'static str,
    /// Words in which the server describes itself, and others in their place.
    instead: Option<(&'static str, &'static str)>,
    settings: WorkerSettings,
}

fn stream(name: &str) -> Config {
    Config {
        name: name.to_owned(),
        subjects: vec![name.to_owned()],
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        ..Config::default()
    }
}

impl Patient {
    /// `None` says that there is no server.
    fn well() -> Option<Self> {
        let url = tested_over("NATS", "THIMBLE_TEST_NATS")?;
        let name = format!("thimble-doctor-{:016x}", fastrand::u64(..));
        Some(Self {
            address: url.trim_start_matches("nats://").to_owned(),
            work: Some(stream(&name)),
            letters: Some(stream(&format!("{name}-letters"))),
            consumer: Consumer::Pull(Box::new(pull::Config {
                durable_name: Some("thimble".to_owned()),
                ack_wait: Duration::from_secs(120),
                max_deliver: -1,
                max_ack_pending: -1,
                ..pull::Config::default()
            })),
            messages: 1,
            bytes: 10,
            seal: false,
            subject: None,
            letters_are_work: false,
            maker: None,
            user: None,
            password: "thimble",
            instead: None,
            settings: WorkerSettings {
                image: Duration::from_secs(120),
                ack_wait: Duration::from_secs(120),
                concurrency: 4,
                sends: true,
            },
        })
    }

    fn work(&mut self) -> &mut Config {
        self.work.as_mut().unwrap()
    }

    fn letters(&mut self) -> &mut Config {
        self.letters.as_mut().unwrap()
    }

    fn consumer(&mut self) -> &mut pull::Config {
        match &mut self.consumer {
            Consumer::Pull(config) => config,
            Consumer::Push | Consumer::Missing => panic!("no such consumer"),
        }
    }

    async fn examine(self) -> Vec<Finding> {
        let context = self.context().await;
        let name = |config: &Option<Config>, other: &str| {
            let name = config.as_ref().map(|config| config.name.clone());
            name.unwrap_or_else(|| format!("thimble-doctor-{other}-{:016x}", fastrand::u64(..)))
        };
        let work = StreamName {
            stream: name(&self.work, "work"),
            subject: self.subject.map(str::to_owned),
        };
        let letters = StreamName {
            stream: name(&self.letters, "letters"),
            subject: None,
        };
        let letters = if self.letters_are_work {
            work.clone()
        } else {
            letters
        };
        self.plant(&context).await;
        let before = count(&context, &work).await;
        let access = Access::read(|name| match (name, self.user) {
            ("NATS_USER", Some(user)) => Some(user.to_owned()),
            ("NATS_PASSWORD", Some(_)) => Some(self.password.to_owned()),
            _ => variables(&[])(name),
        });
        let address = match self.instead {
            Some(instead) => retold(self.address.clone(), instead).await,
            None => self.address.clone(),
        };
        let servers = Servers {
            addresses: vec![address],
            tls: false,
        };
        let asked = Streams {
            servers: &servers,
            work: &work,
            letters: Some(&letters),
        };
        let findings = streams(&access.unwrap(), asked, &self.settings).await;
        assert_eq!(
            count(&context, &work).await,
            before,
            "nothing was taken or sent"
        );
        for name in [&work.stream, &letters.stream] {
            let _ = context.delete_stream(name).await;
        }
        findings
    }

    /// A connection of somebody who may do all.
    async fn context(&self) -> Context {
        let user = self.maker.unwrap_or("thimble").to_owned();
        let options = ConnectOptions::new().user_and_password(user, "thimble".to_owned());
        let server = std::env::var("THIMBLE_TEST_NATS").unwrap();
        jetstream::new(options.connect(server).await.unwrap())
    }

    async fn plant(&self, context: &Context) {
        for config in self.work.iter().chain(&self.letters) {
            context.create_stream(config.clone()).await.unwrap();
        }
        let Some(config) = &self.work else {
            return;
        };
        let made = context.get_stream(&config.name).await.unwrap();
        let push = jetstream::consumer::push::Config {
            durable_name: Some("thimble".to_owned()),
            deliver_subject: format!("{}-elsewhere", config.name),
            ..Default::default()
        };
        match &self.consumer {
            Consumer::Pull(config) => drop(made.create_consumer(*config.clone()).await.unwrap()),
            Consumer::Push => drop(made.create_consumer(push).await.unwrap()),
            Consumer::Missing => {}
        }
        for _ in 0..self.messages {
            let sent = context.publish(config.subjects[0].clone(), vec![b'x'; self.bytes].into());
            let _ = sent.await.unwrap().await;
        }
        if self.seal {
            let sealed = Config {
                sealed: true,
                deny_delete: true,
                deny_purge: true,
                ..config.clone()
            };
            context.update_stream(&sealed).await.unwrap();
        }
    }
}

/// Messages of a stream, and consumers, if it is there.
async fn count(context: &Context, name: &StreamName) -> Option<(u64, usize)> {
    let mut stream = context.get_stream(&name.stream).await.ok()?;
    let state = &stream.info().await.unwrap().state;
    Some((state.messages, state.consumer_count))
}

/// The address of somebody who tells what the server tells, with other words in one place.
async fn retold(server: String, (words, others): (&'static str, &'static str)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = BufReader::new(TcpStream::connect(&server).await.unwrap());
            tokio::spawn(async move {
                let mut told = String::new();
                server.read_line(&mut told).await.unwrap();
                assert!(told.contains(words), "{told}");
                let told = told.replacen(words, others, 1);
                client.write_all(told.as_bytes()).await.unwrap();
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    address.to_string()
}

#[tokio::test]
async fn streams_as_they_should_be_have_nothing_wrong() {
    let Some(patient) = Patient::well() else {
        return;
    };
    let checks = [
        "server",
        "credentials",
        "max-payload",
        "queue",
        "consumer",
        "visibility",
        "rights",
        "dead-letters",
    ];
    assert_well(&patient.examine().await, &checks);
}

#[test]
fn a_certificate_that_is_not_believed_is_no_matter_of_credentials() {
    let no_tls = |trouble| QueueProblem::Tls {
        trouble,
        mend: "a way to mend it",
    };
    let seed = "the key in NATS_CREDS or NATS_NKEY has no TLS certificate; a way to mend it";
    for (check, what, problem) in [
        (
            "tls",
            "not trusted here (UnknownIssuer)",
            no_tls(Trouble::Untrusted("UnknownIssuer".to_owned())),
        ),
        (
            "tls",
            "nowhere.pem",
            no_tls(Trouble::Unloaded("nowhere.pem".to_owned())),
        ),
        (
            "credentials",
            "has no TLS certificate",
            QueueProblem::Unusable(seed.to_owned()),
        ),
    ] {
        let found = unconnected(&QueueError::new(problem, "tls://nats:4222"));
        assert_named(&[found], check, what, "a way to mend it");
    }
}

#[tokio::test]
async fn streams_that_are_made_at_the_first_start_are_not_made_before() {
    let Some(mut patient) = Patient::well() else {
        return;
    };
    patient.work = None;
    patient.letters = None;
    assert_well(&patient.examine().await, &[]);
    let mut patient = Patient::well().unwrap();
    patient.consumer = Consumer::Missing;
    let findings = patient.examine().await;
    assert!(!findings.iter().any(Finding::is_wrong), "{findings:#?}");
}

#[tokio::test]
async fn an_ack_wait_below_the_rule_for_functions_is_noted() {
    for (seconds, expected) in [(119, "wrong"), (120, "note"), (719, "note"), (720, "ok")] {
        let Some(mut patient) = Patient::well() else {
            return;
        };
        patient.consumer().ack_wait = Duration::from_secs(seconds);
        let findings = patient.examine().await;
        let found = findings.iter().find(|found| found.check == "visibility");
        let found = serde_json::to_value(found.unwrap()).unwrap();
        assert_eq!(found["result"], expected, "{found}");
    }
}

#[tokio::test]
async fn of_a_stream_that_can_be_no_queue_nothing_else_is_asked() {
    type Plant = fn(&mut Patient);
    let plants: [Plant; 3] = [
        |it| it.work().storage = StorageType::Memory,
        |it| it.subject = Some("elsewhere"),
        |it| it.seal = true,
    ];
    for plant in plants {
        let Some(mut patient) = Patient::well() else {
            return;
        };
        plant(&mut patient);
        let findings = patient.examine().await;
        let checks: Vec<_> = findings.iter().map(|found| found.check).collect();
        let expected = [
            "server",
            "credentials",
            "max-payload",
            "queue",
            "dead-letters",
            "rights",
        ];
        assert_eq!(checks, expected, "{findings:#?}");
    }
}

#[tokio::test]
async fn every_mistake_of_streams_is_named_with_a_way_to_mend_it() {
    assert_each_is_named(&mistakes::ROWS, Patient::well, Patient::examine).await;
}
