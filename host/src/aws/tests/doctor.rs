//! Mistakes that are planted in a cloud and found by its doctor, each with a way to mend it.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_smithy_types::date_time::{DateTime, Format};
use serde_json::json;
use testkit::component::Component;

use super::cloud::{Cloud, EVERY, Fault, Order, Told};
use super::*;
use crate::batch::PermanentFailures;
use crate::config::Config;
use crate::contract::{Budget, INTERFACE};
use crate::doctor::planted::{assert_each_is_named, assert_well};
use crate::doctor::{self, Finding, Probe, QueueSettings, Verdict};
use crate::memory::MemoryStore;
use crate::object::Location;
use crate::ports::{NewObject, ObjectStore as _, Storage};
use crate::service::Plan;
use crate::trust::Trust;
use crate::wasm::{Artifact, SandboxedEngine};

mod mistakes;

const REGION: &str = "eu-central-1";
const QUEUE: &str = "arn:aws:sqs:eu-central-1:123456789012:queue";
const DEAD: &str = "arn:aws:sqs:eu-central-1:123456789012:dead";

/// A deployment as it should be, for a mistake to be planted in.
struct Patient {
    queue: BTreeMap<&'static str, String>,
    dead: BTreeMap<&'static str, String>,
    /// Answers besides those about queues, or in their place.
    told: BTreeMap<String, Told>,
    settings: QueueSettings,
    fault: Option<(&'static str, Fault)>,
    heeds: bool,
    /// Seconds that the cloud's clock is ahead.
    ahead: i64,
    region: bool,
    credentials: bool,
    variables: BTreeMap<&'static str, &'static str>,
    /// The signer of the engine; without one there is none.
    signer: Option<Signer>,
}

#[derive(Clone, Copy)]
enum Signer {
    Trusted,
    Stranger,
}

fn attributes(list: &[(&'static str, &str)]) -> BTreeMap<&'static str, String> {
    let entries = list.iter();
    entries
        .map(|(name, value)| (*name, (*value).to_owned()))
        .collect()
}

fn notification(queue: &str, event: &str) -> String {
    format!(
        "<NotificationConfiguration><QueueConfiguration><Queue>{queue}</Queue>\
         <Event>{event}</Event></QueueConfiguration></NotificationConfiguration>"
    )
}

fn encryption(algorithm: &str, bucket_key: bool) -> String {
    format!(
        "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
         <SSEAlgorithm>{algorithm}</SSEAlgorithm></ApplyServerSideEncryptionByDefault>\
         <BucketKeyEnabled>{bucket_key}</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
    )
}

impl Patient {
    fn well() -> Self {
        let policy = json!({ "deadLetterTargetArn": DEAD, "maxReceiveCount": 5 }).to_string();
        let allowed = json!({ "Statement": [{
            "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" },
            "Action": "sqs:SendMessage", "Resource": QUEUE,
        }] });
        let mut well = Self {
            queue: attributes(&[
                ("QueueArn", QUEUE),
                ("VisibilityTimeout", "360"),
                ("MessageRetentionPeriod", "345600"),
                ("RedrivePolicy", &policy),
                ("Policy", &allowed.to_string()),
                ("SqsManagedSseEnabled", "true"),
            ]),
            dead: attributes(&[("QueueArn", DEAD), ("MessageRetentionPeriod", "1209600")]),
            told: BTreeMap::new(),
            settings: QueueSettings {
                timeout: Some(60),
                max_receive_count: Some(5),
                dead_letters: Some("http://127.0.0.1/123456789012/dead".to_owned()),
                buckets: vec!["images".to_owned()],
            },
            fault: None,
            heeds: true,
            ahead: 0,
            region: true,
            credentials: true,
            variables: [
                ("THUMBNAILS_BUCKET", "thumbnails"),
                ("PRESETS", "small=8x8 tiny=5x5,cover"),
            ]
            .into(),
            signer: Some(Signer::Trusted),
        };
        for (about, body) in [
            ("HeadBucket images", REGION.to_owned()),
            (
                "GetBucketNotification images",
                notification(QUEUE, "s3:ObjectCreated:*"),
            ),
            ("GetBucketEncryption images", encryption("AES256", false)),
        ] {
            well.tell(about, body);
        }
        well
    }

    fn tell(&mut self, about: &str, body: String) {
        self.told.insert(about.to_owned(), Told::Body(body));
    }

    fn refuse(&mut self, about: &str, status: u16, code: &'static str) {
        self.told
            .insert(about.to_owned(), Told::Refused(status, code));
    }

    /// The answers of a cloud about the patient.
    fn answers(&self) -> BTreeMap<String, Told> {
        let all = |attributes: &BTreeMap<_, _>| json!({ "Attributes": attributes }).to_string();
        let url = json!({ "QueueUrl": "http://127.0.0.1/123456789012/dead" }).to_string();
        let mut told: BTreeMap<String, Told> = [
            ("GetQueueAttributes queue", all(&self.queue)),
            ("GetQueueAttributes dead", all(&self.dead)),
            ("GetQueueUrl dead", url),
        ]
        .into_iter()
        .map(|(about, body)| (about.to_owned(), Told::Body(body)))
        .collect();
        told.extend(self.told.clone());
        told
    }

    async fn examine(self) -> Vec<Finding> {
        let store = Arc::new(MemoryStore::new(["images", "thumbnails", "engines"]));
        let cat = Location::new("images", "cat.png");
        store.put(&cat, NewObject::new("png cat")).await.unwrap();
        let (cloud, mut connection) = Cloud::start(store.clone(), &[]).await;
        cloud.tell(self.answers());
        cloud.date(date(self.ahead));
        if self.heeds {
            cloud.heed();
        }
        if let Some((operation, fault)) = self.fault {
            cloud.order(Order {
                operation,
                after: 0,
                count: EVERY,
                fault,
            });
        }
        if !self.region || !self.credentials {
            let mut config = connection.config.into_builder();
            if !self.region {
                config.set_region(None);
            }
            if !self.credentials {
                config.set_credentials_provider(None);
            }
            connection.config = config.build();
        }
        let account = Asking::new(&connection);
        let objects = Arc::new(S3::new(&connection));
        let url = "http://127.0.0.1/123456789012/queue";
        let mut findings = doctor::of_cloud(&account, &*objects, Some(url), &self.settings).await;
        let probe = Probe {
            kind: doctor::Kind::S3,
            at: Location::new("thumbnails", "thimble-doctor-1/small.png"),
            storage: Storage::default(),
            needs_conditions: true,
        };
        findings.extend(doctor::probe(&*objects, Some(&account), &probe).await);
        let left = store.head(&probe.at).await;
        let is_told = findings.iter().any(|found| found.check == "remove");
        assert_eq!(left.is_ok(), is_told, "{findings:?}");
        findings.extend(self.engine(store).await);
        findings
    }

    /// The findings about the engine, in a store in memory.
    async fn engine(&self, store: Arc<MemoryStore>) -> Vec<Finding> {
        let key = SecretKey::generate();
        let trusted = key.public().to_string();
        let engines = EngineStore::new(store.clone(), "engines", "");
        if let Some(signer) = self.signer {
            let key = match signer {
                Signer::Trusted => key,
                Signer::Stranger => SecretKey::generate(),
            };
            publish(&engines, Author::new(Some(key), Vec::new())).await;
        }
        let lookup = |name: &str| match self.variables.get(name) {
            Some(value) => Some((*value).to_owned()),
            None if name == "ENGINE_KEYS" => Some(trusted.clone()),
            None => None,
        };
        let config = Config::read(lookup).unwrap();
        let follow = config.follow();
        let mut findings = vec![
            doctor::keys(&follow.trust, follow.without_key),
            doctor::channel(&engines, &follow.channel, &follow.trust).await,
        ];
        let at_hand = Box::new(|runtime: &_, compiler: &_| {
            let artifact = Artifact::new(Component::good().build());
            SandboxedEngine::load_by(compiler, runtime, &artifact, Budget::default())
        });
        let plan = Plan::configured(config, store, Some(at_hand), PermanentFailures::Retry);
        findings.push(doctor::presets(plan).await);
        findings
    }
}

async fn publish(engines: &EngineStore, author: Author) {
    let draft = Draft {
        name: "by-hand".to_owned(),
        version: "1".to_owned(),
        contract: INTERFACE.to_owned(),
        wasm: Component::good().build().into(),
        compiled: Vec::new(),
    };
    let engine = engines.publish(&draft, &author, 9).await.unwrap();
    let name = ChannelName::default();
    let begin = |_: Option<&Channel>| Ok(Channel::begin(name.clone(), engine.clone(), 9));
    let change = engines.plan(&name, &author, begin).await.unwrap();
    engines.commit(&change, &author).await.unwrap();
}

fn date(ahead: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let told = DateTime::from_secs(now.as_secs() as i64 + ahead);
    told.fmt(Format::HttpDate).unwrap()
}

#[tokio::test]
async fn a_deployment_as_it_should_be_has_nothing_wrong() {
    let checks = [
        "credentials",
        "region",
        "queue",
        "visibility",
        "redrive-policy",
        "kms",
        "bucket",
        "read",
        "notification",
        "queue-policy",
        "clock",
        "write",
        "checksums",
        "conditional-writes",
        "keys",
        "channel",
        "presets",
    ];
    assert_well(&Patient::well().examine().await, &checks);
}

#[tokio::test]
async fn every_planted_mistake_is_named_with_a_way_to_mend_it() {
    let well = || Some(Patient::well());
    assert_each_is_named(&mistakes::ROWS, well, Patient::examine).await;
}

#[tokio::test]
async fn a_doctor_who_may_not_ask_says_so_and_calls_nothing_wrong() {
    let mut patient = Patient::well();
    for about in ["GetBucketNotification images", "GetBucketEncryption images"] {
        patient.refuse(about, 403, "AccessDenied");
    }
    let findings = patient.examine().await;
    assert!(!findings.iter().any(Finding::is_wrong), "{findings:#?}");
    for check in ["kms", "notification"] {
        let is_told = |found: &&Finding| found.check == check;
        let last = findings.iter().rfind(is_told).unwrap();
        assert!(matches!(last.verdict, Verdict::NotTried { .. }), "{last:?}");
    }
}

#[tokio::test]
async fn trust_without_keys_is_told_but_not_wrong() {
    let found = doctor::keys(&Trust::default(), crate::engines::WithoutKey::Compile);
    assert!(!found.is_wrong());
}
