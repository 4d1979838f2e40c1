//! A deployed stack, reached as its users reach it: objects go into one bucket,
//! thumbnails come out of another.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use aws_config::BehaviorVersion;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_sqs::types::{Message, QueueAttributeName};
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use thimble::manifest::Manifest;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::sleep;

/// The presets of a stack that nobody configured.
pub(crate) const PRESETS: [(&str, u32, u32); 3] = [
    ("75x75", 75, 75),
    ("125x125", 125, 125),
    ("1280x720", 1280, 720),
];

/// Time after which something counts as not happening.
const PATIENCE: Duration = Duration::from_secs(240);

/// Queues and permissions belong to all tests: one at a time.
static TURN: Mutex<()> = Mutex::const_new(());

/// The key of the manifest of a source.
fn manifest_of(key: &str) -> String {
    format!("{key}/manifest.json")
}

pub(crate) struct Stack {
    pub(crate) s3: aws_sdk_s3::Client,
    sqs: aws_sdk_sqs::Client,
    pub(crate) sources: String,
    pub(crate) thumbnails: String,
    pub(crate) source_queue: String,
    dead_letter_queue: String,
    /// Prefix of the keys of this test.
    folder: String,
    _turn: MutexGuard<'static, ()>,
}

/// The stack that is tested; without one the test is over.
macro_rules! stack {
    ($test:literal) => {
        match crate::stack::Stack::find($test).await {
            Some(stack) => stack,
            None => return,
        }
    };
}
pub(crate) use stack;

impl Stack {
    /// The stack that `THIMBLE_STACK` names; without it there is nothing to
    /// test, and a line says so.
    pub(crate) async fn find(test: &str) -> Option<Self> {
        if env::var_os("THIMBLE_STACK").is_none() {
            println!("skipped: THIMBLE_STACK names no deployed stack; run `make functional`");
            return None;
        }
        let turn = TURN.lock().await;
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .build_https();
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http)
            .load()
            .await;
        let path_style = config.endpoint_url().is_some();
        let s3 = aws_sdk_s3::config::Builder::from(&config)
            .force_path_style(path_style)
            .build();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let stack = Self {
            s3: aws_sdk_s3::Client::from_conf(s3),
            sqs: aws_sdk_sqs::Client::new(&config),
            sources: variable("THIMBLE_SOURCE_BUCKET_NAME"),
            thumbnails: variable("THIMBLE_THUMBNAILS_BUCKET_NAME"),
            source_queue: variable("THIMBLE_SOURCE_QUEUE_URL"),
            dead_letter_queue: variable("THIMBLE_DEAD_LETTER_QUEUE_URL"),
            folder: format!("{test}-{}", now.as_millis()),
            _turn: turn,
        };
        stack.forget_letters().await;
        Some(stack)
    }

    /// Removes the letters of earlier tests: a queue shows ten at a time.
    async fn forget_letters(&self) {
        let queue = &self.dead_letter_queue;
        loop {
            let receive = self.sqs.receive_message().queue_url(queue);
            let received = receive.max_number_of_messages(10).send().await.unwrap();
            let letters = received.messages.unwrap_or_default();
            if letters.is_empty() {
                return;
            }
            for letter in letters {
                let delete = self.sqs.delete_message().queue_url(queue);
                let delete = delete.receipt_handle(letter.receipt_handle.unwrap());
                delete.send().await.unwrap();
            }
        }
    }

    /// A key that no other test has.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }

    pub(crate) async fn put(&self, key: &str, data: &[u8]) {
        let put = self.s3.put_object().bucket(&self.sources).key(key);
        put.body(data.to_vec().into()).send().await.unwrap();
    }

    pub(crate) async fn send(&self, body: &str) {
        let send = self.sqs.send_message().queue_url(&self.source_queue);
        send.message_body(body).send().await.unwrap();
    }

    /// The keys of the thumbnails of the source under `key`.
    pub(crate) async fn thumbnails_of(&self, key: &str) -> BTreeSet<String> {
        let list = self.s3.list_objects_v2().bucket(&self.thumbnails);
        let mut pages = list.prefix(format!("{key}/")).into_paginator().send();
        let mut keys = BTreeSet::new();
        while let Some(page) = pages.next().await {
            let contents = page.unwrap().contents.unwrap_or_default();
            keys.extend(contents.into_iter().filter_map(|object| object.key));
        }
        keys.retain(|key| !key.ends_with("/manifest.json"));
        keys
    }

    /// Waits until the source under `key` has a manifest of what lies there now.
    pub(crate) async fn until_told(&self, key: &str) -> Manifest {
        let head = self.s3.head_object().bucket(&self.sources).key(key);
        let etag = head.send().await.unwrap().e_tag.unwrap();
        wait(&format!("the manifest of {key}"), async || {
            let get = self.s3.get_object().bucket(&self.thumbnails);
            let found = get.key(manifest_of(key)).send().await.ok()?;
            let body = found.body.collect().await.ok()?.to_vec();
            let manifest = Manifest::read(&body).unwrap();
            (manifest.source.etag == bare(&etag)).then_some(manifest)
        })
        .await
    }

    /// A thumbnail with its headers, and its bytes.
    pub(crate) async fn thumbnail(&self, key: &str) -> (GetObjectOutput, Vec<u8>) {
        let get = self.s3.get_object().bucket(&self.thumbnails).key(key);
        let mut object = get.send().await.unwrap();
        let body = std::mem::take(&mut object.body).collect().await.unwrap();
        (object, body.to_vec())
    }

    /// Waits until every preset has a thumbnail of what lies under `key` now.
    pub(crate) async fn until_made(&self, key: &str) -> BTreeMap<String, String> {
        let head = self.s3.head_object().bucket(&self.sources).key(key);
        let etag = head.send().await.unwrap().e_tag.unwrap();
        let what = format!("thumbnails of {key}");
        wait(&what, async || {
            let mut made = BTreeMap::new();
            for thumbnail in self.thumbnails_of(key).await {
                let head = self.s3.head_object().bucket(&self.thumbnails);
                let metadata = head.key(&thumbnail).send().await.ok()?.metadata?;
                if bare(metadata.get("source-etag")?) == bare(&etag) {
                    let file = thumbnail.rsplit('/').next()?;
                    let preset = file.split('.').next()?;
                    made.insert(preset.to_owned(), thumbnail);
                }
            }
            (made.len() == PRESETS.len()).then_some(made)
        })
        .await
    }

    /// Waits until the source queue is empty, also of what is being worked on.
    pub(crate) async fn until_empty(&self) {
        wait("an empty source queue", async || {
            (self.count(&self.source_queue).await == 0).then_some(())
        })
        .await;
    }

    /// Waits until the sources under `keys` have results, and takes these and all others
    /// out of their queue. Of several results of a source it is the last.
    pub(crate) async fn until_results(&self, keys: &[&str]) -> BTreeMap<String, Manifest> {
        let queue = variable("THIMBLE_RESULTS_QUEUE_URL");
        let mut told = BTreeMap::new();
        wait("results", async || {
            let receive = self.sqs.receive_message().queue_url(&queue);
            let received = receive.max_number_of_messages(10).send().await.unwrap();
            for message in received.messages.unwrap_or_default() {
                let result = Manifest::read(message.body.unwrap().as_bytes()).unwrap();
                told.insert(result.source.key.clone(), result);
                let delete = self.sqs.delete_message().queue_url(&queue);
                let delete = delete.receipt_handle(message.receipt_handle.unwrap());
                delete.send().await.unwrap();
            }
            keys.iter()
                .all(|key| told.contains_key(*key))
                .then(|| told.clone())
        })
        .await
    }

    /// Waits for the dead letter that speaks of the source under `key`.
    pub(crate) async fn until_letter(&self, key: &str) -> Message {
        wait(&format!("a dead letter of {key}"), async || {
            self.letter(key).await
        })
        .await
    }

    /// The dead letter that speaks of the source under `key`, if there is one.
    pub(crate) async fn letter(&self, key: &str) -> Option<Message> {
        let receive = self
            .sqs
            .receive_message()
            .queue_url(&self.dead_letter_queue);
        let receive = receive.max_number_of_messages(10).visibility_timeout(0);
        let received = receive
            .message_attribute_names("All")
            .message_system_attribute_names("All".into())
            .send()
            .await
            .unwrap();
        let mut letters = received.messages.unwrap_or_default().into_iter();
        letters.find(|letter| {
            letter
                .body
                .as_deref()
                .is_some_and(|body| body.contains(key))
        })
    }

    /// Number of dead letters.
    pub(crate) async fn letters(&self) -> u32 {
        self.count(&self.dead_letter_queue).await
    }

    async fn count(&self, queue: &str) -> u32 {
        let get = self.sqs.get_queue_attributes().queue_url(queue);
        let all = get.attribute_names(QueueAttributeName::All);
        let attributes = all.send().await.unwrap().attributes.unwrap();
        let kinds = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let counts = kinds.map(|kind| attributes[&kind].parse::<u32>().unwrap());
        counts.into_iter().sum()
    }

    /// Answer of the redrive function.
    pub(crate) fn redrive(&self, payload: &str) -> serde_json::Value {
        let answer = ask(&["invoke", &variable("THIMBLE_REDRIVE_FUNCTION"), payload]);
        serde_json::from_str(&answer).unwrap()
    }

    /// Number of lines about a source in the log of the function that makes
    /// thumbnails.
    pub(crate) fn log_lines(&self, key: &str) -> usize {
        let function = variable("THIMBLE_GENERATE_THUMBNAILS_FUNCTION");
        ask(&["log", &function, key]).lines().count()
    }

    /// Takes the statement `sid` from the policy of `role`, and prints how the
    /// policy was.
    pub(crate) fn forbid(&self, role: &str, sid: &str) -> String {
        ask(&["forbid", &variable("THIMBLE_STACK"), role, sid])
    }

    /// Writes the policy of `role` as it was.
    pub(crate) fn permit(&self, role: &str, policy: &str) {
        ask(&["permit", &variable("THIMBLE_STACK"), role, policy.trim()]);
    }
}

/// Asks again until there is an answer.
pub(crate) async fn wait<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let since = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(since.elapsed() < PATIENCE, "waited in vain for {what}");
        sleep(Duration::from_millis(200)).await;
    }
}

/// The value of a variable that `make functional` sets.
pub(crate) fn variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set; run `make functional`"))
}

/// `scripts/stack.sh ask`, which is what `make dead-letters` and its kin are.
pub(crate) fn asking(arguments: &[&str]) -> Command {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/stack.sh");
    let mut command = Command::new(script);
    command.arg("ask").args(arguments);
    command
}

fn ask(arguments: &[&str]) -> String {
    let output = asking(arguments).output().unwrap();
    let [answer, said] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{arguments:?}: {answer}{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// An ETag without its quotes.
pub(crate) fn bare(etag: &str) -> &str {
    etag.trim_matches('"')
}
