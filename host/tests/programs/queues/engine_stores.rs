//! Engines in a container of Azure, which a worker on a folder follows.

use serde_json::Value;
use testkit::component::{Component, real_source};

use crate::desk::{Desk, text};
use crate::process::finish;
use crate::tool::{assert_fails, said, tested_over, thimble};

/// A store in the container that the emulator has for engines, and a key.
struct Workshop {
    desk: Desk,
    store: String,
    public: String,
}

impl Workshop {
    /// `None` says that there is no emulator.
    fn new() -> Option<Self> {
        tested_over("Azure", "THIMBLE_TEST_AZURE")?;
        let desk = Desk::kept();
        let key = desk.root.join("key");
        let words = ["engine", "keygen", key.to_str().unwrap()];
        let public = said(&finish(thimble(&words).spawn().unwrap()));
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Some(Self {
            store: format!("az://engines/{}", now.unwrap().as_nanos()),
            public: public.trim().to_owned(),
            desk,
        })
    }

    fn engine(&self, words: &[&str]) -> Value {
        let mut command = thimble(&[&["engine"], words, &["--json"]].concat());
        command.env("THIMBLE_ENGINE_STORE", &self.store);
        command.env("THIMBLE_ENGINE_KEYS", &self.public);
        command.env("THIMBLE_ENGINE_KEY", self.desk.root.join("key"));
        serde_json::from_str(&said(&finish(command.spawn().unwrap()))).unwrap()
    }

    /// Publishes an engine and makes it the live one. Returns its digest.
    fn promote(&self, version: &str) -> String {
        let path = self.desk.root.join("engine.wasm");
        let engine = Component::called("by-hand", version);
        std::fs::write(&path, engine.build()).unwrap();
        let published = self.engine(&["publish", path.to_str().unwrap()]);
        let digest = published["engine"].as_str().unwrap().to_owned();
        self.engine(&["promote", &digest]);
        digest
    }

    /// Makes the thumbnails of an image. Returns the engine that made them.
    fn work(&self, name: &str) -> String {
        self.desk.image(name, &real_source());
        let root = self.desk.root.to_str().unwrap();
        said(&finish(
            thimble(&["backfill", root, "--queue", root])
                .spawn()
                .unwrap(),
        ));
        let mut command = thimble(&["worker", "--queue", root, "--once"]);
        command
            .env("PRESETS", "small=8x8 tiny=5x5,cover")
            .env("ENGINE_STORE", &self.store)
            .env("ENGINE_KEYS", &self.public);
        let output = finish(command.spawn().unwrap());
        let log = text(&output.stderr);
        assert!(output.status.success(), "{log}");
        let line = log.lines().find(|line| line.contains("object worked on"));
        let line: Value = serde_json::from_str(line.unwrap()).unwrap();
        line["engine.digest"].as_str().unwrap().to_owned()
    }
}

#[test]
fn engines_in_a_container_of_azure_are_followed() {
    let Some(workshop) = Workshop::new() else {
        return;
    };
    for (version, image) in [("1.0.1", "a.png"), ("1.0.2", "b.png")] {
        let digest = workshop.promote(version);
        let made_by = workshop.work(image);
        assert_eq!(digest.trim_start_matches("sha256:"), made_by);
    }
    let listed = workshop.engine(&["list"]);
    assert_eq!(listed["channels"][0]["serial"], 2, "{listed}");
}

#[test]
fn a_place_that_cannot_have_engines_is_told_what_can() {
    let list = |store: &str, set: &[(&str, &str)]| {
        let mut command = thimble(&["engine", "list", "--store", store]);
        for name in [
            "AZURE_STORAGE_ACCOUNT_NAME",
            "GOOGLE_APPLICATION_CREDENTIALS",
        ] {
            command.env_remove(name);
        }
        command.envs(set.iter().copied());
        finish(command.spawn().unwrap())
    };
    for (store, code, words) in [
        ("ftp://host/engines", 2, "gs://BUCKET/PREFIX"),
        ("az://", 2, "write az://BUCKET"),
        ("az://engines", 2, "AZURE_STORAGE_ACCOUNT_NAME"),
        ("file:nowhere", 2, "there is no engine store"),
    ] {
        assert_fails(&list(store, &[]), code, words);
    }
}
