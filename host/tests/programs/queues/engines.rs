//! A store of engines in a bucket, and a worker that follows it.

use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;
use testkit::component::{Component, real_source};

use super::cloud::Cloud;
use crate::desk::text;
use crate::process::finish;
use crate::tool::{assert_fails, said, thimble};

/// Prefix of every key of the store.
const PREFIX: &str = "engines/of mine";

/// A store in a bucket that no other run has, and a key.
struct Workshop {
    cloud: Cloud,
    tools: TempDir,
    store: String,
    public: String,
}

impl Workshop {
    /// `None` says that there is no cloud.
    async fn new() -> Option<Self> {
        let cloud = Cloud::new().await?;
        let tools = tempfile::tempdir().unwrap();
        let key = tools.path().join("key");
        let words = ["engine", "keygen", key.to_str().unwrap()];
        let public = said(&finish(thimble(&words).spawn().unwrap()));
        Some(Self {
            store: format!("s3://{}/{PREFIX}", cloud.images()),
            public: public.trim().to_owned(),
            cloud,
            tools,
        })
    }

    /// `thimble engine WORDS`, as whoever has the key.
    fn engine(&self, words: &[&str]) -> Output {
        let mut command = self.cloud.command(&[&["engine"], words].concat());
        command.env("THIMBLE_ENGINE_STORE", &self.store);
        command.env("THIMBLE_ENGINE_KEYS", &self.public);
        if ["publish", "promote", "canary", "rollback"].contains(&words[0]) {
            command.env("THIMBLE_ENGINE_KEY", self.tools.path().join("key"));
        }
        finish(command.spawn().unwrap())
    }

    fn json(&self, words: &[&str]) -> Value {
        let said = said(&self.engine(&[words, &["--json"]].concat()));
        serde_json::from_str(&said).unwrap()
    }

    /// Publishes an engine. Returns its digest.
    fn publish(&self, engine: &Component) -> String {
        let path = self.tools.path().join("engine.wasm");
        std::fs::write(&path, engine.build()).unwrap();
        let published = self.json(&["publish", path.to_str().unwrap()]);
        published["engine"].as_str().unwrap().to_owned()
    }

    /// Makes thumbnails of what has not got any. Returns the log and the metrics.
    fn work(&self) -> [Vec<Value>; 2] {
        self.cloud.backfill(&["--missing-only"]);
        let letters = &self.cloud.dead_letters;
        let words = ["worker", "--once", "--dead-letters", letters];
        let mut command = self.cloud.command(&words);
        command
            .env("PRESETS", "small=8x8 tiny=5x5,cover")
            .env("EXCLUDED_PREFIXES", "engines/")
            .env("ENGINE_STORE", &self.store)
            .env("ENGINE_KEYS", &self.public);
        let output = finish(command.spawn().unwrap());
        assert!(output.status.success(), "{}", text(&output.stderr));
        [output.stderr, output.stdout].map(|bytes| {
            let lines = text(&bytes);
            let lines = lines.lines().map(serde_json::from_str);
            lines.collect::<Result<_, _>>().unwrap()
        })
    }
}

#[tokio::test]
async fn engines_live_in_a_bucket_as_they_do_in_a_folder() {
    let Some(workshop) = Workshop::new().await else {
        return;
    };
    let [one, two, _] = ["1.0.1", "1.0.2", "1.0.3"]
        .map(|version| workshop.publish(&Component::called("by-hand", version)));
    assert_fails(
        &workshop.engine(&["rollback"]),
        1,
        "promote an engine first",
    );
    assert_eq!(workshop.json(&["promote", &one])["serial"], 1);
    let promoted = workshop.json(&["promote", &two]);
    assert_eq!(promoted["previous"]["engine"], one.as_str());
    assert_fails(&workshop.engine(&["promote", &two]), 1, "is live already");
    let tried = workshop.json(&["canary", &one, "--percent", "10"]);
    assert_eq!(
        (&tried["canary"]["engine"], &tried["canary"]["weight"]),
        (&one.as_str().into(), &100.into())
    );
    let back = workshop.json(&["rollback"]);
    assert_eq!(back["current"]["engine"], one.as_str());
    assert_eq!(back["serial"], 4);
    assert_eq!(
        workshop.json(&["list"])["releases"]
            .as_array()
            .map(Vec::len),
        Some(3)
    );
    said(&workshop.engine(&["verify"]));

    // The third was published, and nothing names it.
    let keep_nothing = ["gc", "--keep", "0", "--days", "0"];
    let planned = workshop.json(&[&keep_nothing[..], &["--dry-run"]].concat());
    assert_eq!(planned["objects"], 3);
    assert_eq!(workshop.json(&keep_nothing), planned);
    assert_eq!(workshop.json(&keep_nothing)["objects"], 0);
    said(&workshop.engine(&["verify"]));

    let key = format!("{PREFIX}/engines/{two}.wasm");
    workshop.cloud.put(&key, b"something else".to_vec()).await;
    let verified = workshop.engine(&["verify"]);
    assert_eq!(verified.status.code(), Some(1));
    assert!(text(&verified.stdout).contains("was damaged or replaced"));
    assert_fails(&workshop.engine(&["promote", &two]), 1, "was damaged");
    workshop.cloud.remove().await;
}

#[tokio::test]
async fn thumbnails_log_and_metrics_of_a_worker_name_the_engine_of_the_store() {
    let Some(workshop) = Workshop::new().await else {
        return;
    };
    let cloud = &workshop.cloud;
    let engine = workshop.publish(&Component::that_runs("(unreachable)"));
    workshop.json(&["promote", &engine]);
    cloud.put("good.png", real_source()).await;
    cloud.put("deadly.jpg", b"a trap".to_vec()).await;
    let [log, metrics] = workshop.work();

    let about_objects: Vec<&Value> = log
        .iter()
        .filter(|line| line["object.key"].is_string() && line["disposition"] != "skip")
        .collect();
    assert_eq!(about_objects.len(), 2, "{log:?}");
    for line in about_objects {
        assert_eq!(line["engine.digest"], engine.as_str(), "{line}");
        assert_eq!(line["engine.version"], "1.2.3", "{line}");
    }
    let head = cloud.s3.head_object().bucket(cloud.thumbnails());
    let head = head.key("good.png/small.png").send().await.unwrap();
    let metadata = head.metadata().unwrap();
    assert_eq!(metadata["engine"], engine);
    assert!(
        metadata["engine-version"].ends_with(" 1.2.3"),
        "{metadata:?}"
    );
    assert_eq!(metrics[0]["EngineDigest"], engine.as_str());
    let failures = metrics
        .iter()
        .find(|line| line["ErrorKind"] == "engine-trap");
    assert_eq!(failures.unwrap()["Errors"], 1.0);
    workshop.cloud.remove().await;
}
