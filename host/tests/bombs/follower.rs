//! A host whose channel names an engine that takes the compiler for ever.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use testkit::component::{Component, GOOD_SOURCE};
use thimble::contract::INTERFACE;
use thimble::engines::{Author, Channel, ChannelName, Draft, EngineStore};
use thimble::local::DirectoryStore;

use crate::made;

/// The longest that anything here may take, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// Presets that an engine by hand can make.
const PRESETS: [&str; 4] = ["--preset", "small=8x8", "--preset", "tiny=5x5,cover"];

/// A folder of `thimble local` with a store of engines that nobody signs.
struct Desk {
    folder: tempfile::TempDir,
    root: PathBuf,
    engine: PathBuf,
}

/// The program; killed when dropped.
struct Host(Child);

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("desk");
        for part in ["images", "engines"] {
            fs::create_dir_all(root.join(part)).unwrap();
        }
        let engine = folder.path().join("engine.wasm");
        fs::write(&engine, Component::called("at-hand", "1").build()).unwrap();
        Self {
            folder,
            root,
            engine,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_thimble"));
        command.arg("local").arg(&self.root).args(PRESETS);
        command.arg("--engine").arg(&self.engine).args(arguments);
        command.stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    fn watch(&self) -> Host {
        let host = Host(self.command(&["--compile-timeout", "600"]).spawn().unwrap());
        self.make("first");
        host
    }

    /// Puts an image there, and waits for its thumbnails.
    fn make(&self, name: &str) {
        let beside = self.folder.path().join(name);
        fs::write(&beside, GOOD_SOURCE).unwrap();
        fs::rename(beside, self.root.join("images").join(name)).unwrap();
        eventually(name, || self.is_made(name));
    }

    /// Makes images, each with a name of its own, until `holds` does.
    fn until(&self, what: &str, name: &str, mut holds: impl FnMut() -> bool) {
        let mut number = 0;
        eventually(what, || {
            number += 1;
            self.make(&format!("{name}-{number}"));
            holds()
        });
    }

    fn is_made(&self, name: &str) -> bool {
        let made = fs::read_dir(self.root.join("thumbnails").join(name));
        made.map_or(0, Iterator::count) == 2
    }

    /// Makes an engine live whatever it is, as anybody can who may write here.
    async fn promote(&self, wasm: &[u8]) {
        let objects = DirectoryStore::open(&self.root, &self.root.join(".thimble")).unwrap();
        let store = EngineStore::new(Arc::new(objects), "engines", "");
        let author = Author::default();
        let draft = Draft {
            name: "stranger".to_owned(),
            version: "1".to_owned(),
            contract: INTERFACE.to_owned(),
            wasm: wasm.to_vec().into(),
            compiled: Vec::new(),
        };
        let engine = store.publish(&draft, &author, 1).await.unwrap();
        let name = ChannelName::default();
        let change = |channel: Option<&Channel>| match channel {
            Some(channel) => channel.promote(engine, 1),
            None => Ok(Channel::begin(ChannelName::default(), engine, 1)),
        };
        let change = store.plan(&name, &author, change).await.unwrap();
        store.commit(&change, &author).await.unwrap();
    }
}

impl Host {
    /// True while a child of it compiles.
    fn compiles(&self) -> bool {
        let parent = self.0.id().to_string();
        let is_child = |stat: &str| {
            let fields = stat.rsplit(')').next().unwrap_or_default();
            let mut fields = fields.split_whitespace();
            fields.next() != Some("Z") && fields.next() == Some(&parent)
        };
        let processes = fs::read_dir("/proc").unwrap().flatten();
        processes
            .filter_map(|process| fs::read_to_string(process.path().join("stat")).ok())
            .any(|stat| is_child(&stat))
    }

    /// Asks it to end, and waits until it has.
    fn stop(mut self) -> bool {
        let id = self.0.id().to_string();
        let told = Command::new("kill").args(["-INT", &id]).status().unwrap();
        assert!(told.success());
        eventually("the end of it", || self.0.try_wait().unwrap().is_some());
        self.0.wait().unwrap().success()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(30));
    }
}

#[tokio::test]
async fn images_are_made_while_a_stranger_keeps_the_compiler_busy() {
    let desk = Desk::new();
    let host = desk.watch();
    desk.promote(&made::endless()).await;
    desk.until("a compiler", "before", || host.compiles());
    desk.make("meanwhile");
    assert!(host.compiles(), "it was not compiled meanwhile");

    // What the channel says no more is compiled no more.
    desk.promote(&Component::called("newer", "1").build()).await;
    desk.until("the newer engine", "after", || !host.compiles());

    desk.promote(&made::endless()).await;
    desk.until("a compiler again", "again", || host.compiles());
    assert!(host.stop(), "it ends as if nothing were compiled");
}

#[tokio::test]
async fn a_host_that_meets_such_a_channel_begins_with_the_engine_it_came_with() {
    let desk = Desk::new();
    desk.promote(&made::endless()).await;
    fs::write(desk.root.join("images/one"), GOOD_SOURCE).unwrap();
    let ended = desk.command(&["--once", "--compile-timeout", "1"]).status();
    assert!(ended.unwrap().success());
    assert!(desk.is_made("one"));
}

/// A compiler does not outlive the one it works for, however that ends.
#[tokio::test]
async fn a_host_that_is_killed_leaves_no_compiler_behind() {
    let desk = Desk::new();
    let mut host = desk.watch();
    desk.promote(&made::endless()).await;
    desk.until("a compiler", "before", || host.compiles());
    let compilers = || {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let is_one = |path: &Path| {
            fs::read(path.join("cmdline")).is_ok_and(|line| line.starts_with(b"thimble-compiler"))
        };
        processes.filter(|process| is_one(&process.path())).count()
    };
    let before = compilers();
    host.0.kill().unwrap();
    eventually("one compiler less", || compilers() < before);
}
