//! The power is cut: what was brought to the disk is there, and anything may have become
//! of the rest. No name that was not brought there has to be, and no content.
//!
//! A disk is made anew from the [record](journal) of a run up to a random moment. Of the
//! names that a folder got after it was last brought to the disk a random part is there,
//! the first ones; of a content a random part, from its beginning. A name that moved from
//! one folder to another may be in both of them, or in none.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::{Path, PathBuf};

use testkit::Numbers;
use tokio::sync::watch;

use super::*;
use crate::batch::{Batch, DeadLetterPolicy};
use crate::event::Change as Event;
use crate::local::journal::{Change, Journal};
use crate::pipeline::Pipeline;
use crate::testing::StampEngine;
use crate::worker::{Options, Wish, Worker};

/// Moments at which the power is cut, in each run.
const CUTS: usize = 40;

const SOURCES: usize = 40;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    Folder,
    File(usize),
}

/// Changes of the names in one folder that happen together or not at all.
type Edit = Vec<(PathBuf, Option<Entry>)>;

#[derive(Clone, Debug, Default)]
struct Names {
    there: BTreeMap<PathBuf, Entry>,
    /// Not on the disk yet, with the numbers of the changes.
    pending: VecDeque<(usize, Edit)>,
}

/// A disk that keeps what was brought to it.
#[derive(Clone, Debug, Default)]
struct Disk {
    folders: BTreeMap<PathBuf, Names>,
    contents: Vec<(usize, Vec<u8>, bool)>,
    numbers: HashMap<u64, usize>,
    /// The names as running programs see them.
    seen: BTreeMap<PathBuf, Entry>,
}

impl Names {
    fn reach(&mut self, before: usize) {
        while let Some((at, edit)) = self.pending.pop_front() {
            if at >= before {
                return self.pending.push_front((at, edit));
            }
            for (path, entry) in edit {
                match entry {
                    Some(entry) => self.there.insert(path, entry),
                    None => self.there.remove(&path),
                };
            }
        }
    }
}

impl Disk {
    /// All of `root` as it is, on the disk.
    fn of(root: &Path) -> Self {
        let (mut disk, mut folders) = (Self::default(), vec![root.to_owned()]);
        while let Some(folder) = folders.pop() {
            let mut names = Names::default();
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let entry = if path.is_dir() {
                    folders.push(path.clone());
                    Entry::Folder
                } else {
                    disk.contents.push((0, fs::read(&path).unwrap(), true));
                    Entry::File(disk.contents.len() - 1)
                };
                names.there.insert(path.clone(), entry);
                disk.seen.insert(path, entry);
            }
            disk.folders.insert(folder, names);
        }
        disk
    }

    fn edit(&mut self, at: usize, edit: Edit) {
        let mut of_folders: BTreeMap<PathBuf, Edit> = BTreeMap::new();
        for (path, entry) in edit {
            match entry {
                Some(entry) => self.seen.insert(path.clone(), entry),
                None => self.seen.remove(&path),
            };
            let folder = path.parent().unwrap().to_owned();
            of_folders.entry(folder).or_default().push((path, entry));
        }
        for (folder, edit) in of_folders {
            let names = self.folders.entry(folder).or_default();
            names.pending.push_back((at, edit));
        }
    }

    fn take(&mut self, at: usize, change: &Change) {
        match change.clone() {
            Change::Written {
                path,
                number,
                bytes,
            } => {
                self.contents.push((at, bytes, false));
                let file = self.contents.len() - 1;
                self.numbers.insert(number, file);
                self.edit(at, vec![(path, Some(Entry::File(file)))]);
            }
            Change::Renamed { from, to } => {
                let entry = self.seen[&from];
                self.edit(at, vec![(from, None), (to, Some(entry))]);
            }
            Change::Removed(path) => self.edit(at, vec![(path, None)]),
            Change::Made(path) if self.seen.contains_key(&path) => {}
            Change::Made(path) => self.edit(at, vec![(path, Some(Entry::Folder))]),
            Change::ReachedContent { number, before } => {
                if let Some(file) = self.numbers.get(&number) {
                    let (at, _, whole) = &mut self.contents[*file];
                    *whole |= *at < before;
                }
            }
            Change::ReachedNames { folder, before } => {
                self.folders.entry(folder).or_default().reach(before);
            }
            Change::ReachedAll { before } => {
                self.folders.values_mut().for_each(|one| one.reach(before));
                let contents = self.contents.iter_mut();
                contents.for_each(|(at, _, whole)| *whole |= *at < before);
            }
            Change::Told(_) => {}
        }
    }

    /// Make what is left of `root` in `target`.
    fn cut(mut self, root: &Path, target: &Path, numbers: &mut Numbers) {
        for names in self.folders.values_mut() {
            let kept = numbers.below(names.pending.len() + 1);
            let end = names.pending.get(kept).map_or(usize::MAX, |(at, _)| *at);
            names.reach(end);
        }
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            let at = target.join(folder.strip_prefix(root).unwrap());
            fs::create_dir_all(&at).unwrap();
            let names = self.folders.remove(&folder).unwrap_or_default();
            for (path, entry) in names.there {
                match entry {
                    Entry::Folder => folders.push(path),
                    Entry::File(file) => {
                        let (_, bytes, whole) = &self.contents[file];
                        let kept = match whole {
                            true => bytes.len(),
                            false => numbers.below(bytes.len() + 1),
                        };
                        fs::write(at.join(path.file_name().unwrap()), &bytes[..kept]).unwrap();
                    }
                }
            }
        }
    }
}

fn key(number: usize) -> String {
    format!("{}/{}/{number}.img", number % 2, number % 3)
}

fn pipeline(folder: &Folder) -> Arc<Pipeline> {
    let store = Arc::new(folder.store.clone());
    let settings = crate::pipeline::Settings {
        skip_existing: true,
        ..testing::world::settings()
    };
    Arc::new(Pipeline::new(
        store,
        Arc::new(StampEngine::default()),
        settings,
    ))
}

/// Every source of which a message waits in `queue`.
async fn waiting(queue: &DirectoryQueue) -> BTreeSet<String> {
    let messages = queue.peek(1_000).await.unwrap();
    let bodies = messages.into_iter().map(|message| message.body);
    let events = bodies.flat_map(|body| crate::event::parse(&body).unwrap());
    events.map(|event| event.unwrap().location.key).collect()
}

fn thumbnails(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    let root = folder.layout().thumbnails();
    let files = Walk::new(root, Rules::none()).map(|step| match step {
        Step::File { key, path } => (key, fs::read(path).unwrap()),
        other => panic!("{other:?}"),
    });
    files.collect()
}

/// A folder in memory, where there is one: what is made there is looked at once.
fn place() -> TempDir {
    let memory = tempfile::tempdir_in("/dev/shm");
    memory.or_else(|_| tempfile::tempdir()).unwrap()
}

/// Sends a message about each of `keys`, and works off all that waits.
async fn work(folder: &Folder, keys: Vec<String>, journal: &Arc<Journal>) {
    let letters = Arc::new(folder.dead_letters().unwrap());
    let queue = Arc::new(folder.work(letters.clone()).unwrap());
    let policy = DeadLetterPolicy {
        at_once: true,
        max_receive_count: None,
    };
    let batch = Batch::new(pipeline(folder), policy.with_queue(letters), 8);
    let options = Options {
        concurrency: 8,
        visibility: Duration::from_secs(60),
        wait: Duration::from_millis(10),
        budget: Duration::from_secs(60),
        backoff: Duration::ZERO,
        patience: Duration::ZERO,
    };
    let done = journal.clone();
    let observer = move |report: &crate::report::MessageReport| {
        assert!(report.may_leave(), "{report:?}");
        for object in &report.objects {
            done.tell(format!("done {}", object.location.as_ref().unwrap().key));
        }
    };
    let worker = Worker::new(queue.clone(), Arc::new(batch), options, Arc::new(observer));
    let (wishes, wish) = watch::channel(Wish::GoOn);
    let sending = async {
        for keys in keys.chunks(5) {
            let message = |key: &String| {
                let location = Location::new(IMAGES, key);
                Outgoing::new(crate::event::notification(
                    Event::Written,
                    &location,
                    None,
                    None,
                ))
            };
            let sent = queue.send(keys.iter().map(message).collect()).await;
            assert!(sent.iter().all(Result::is_ok), "{sent:?}");
            keys.iter()
                .for_each(|key| journal.tell(format!("sent {key}")));
        }
        wishes.send_replace(Wish::Finish);
    };
    let (worked, ()) = tokio::join!(worker.run(wish), sending);
    worked.unwrap();
}

async fn nothing_is_lost(whole: bool, numbers: &mut Numbers) {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    let sources: Vec<String> = (0..SOURCES).map(key).collect();
    for (number, key) in sources.iter().enumerate() {
        let path = root.join(IMAGES).join(key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let format = if number % 7 == 6 { "none" } else { "png" };
        fs::write(path, format!("{format} {number}")).unwrap();
    }
    let journal = Journal::of(&root, whole);
    let folder = Folder::open(&root).unwrap();
    drop((folder.queue().unwrap(), folder.dead_letters().unwrap()));
    let mut disk = Disk::of(&root);
    let begun = journal.length();
    work(&folder, sources.clone(), &journal).await;
    let changes = journal.end();
    let expected = thumbnails(&folder);
    let letters = waiting(&folder.dead_letters().unwrap()).await;
    assert_eq!(letters.len(), SOURCES / 7);
    assert_eq!(expected.len(), 2 * (SOURCES - SOURCES / 7));

    let mut moments: Vec<usize> = (0..CUTS)
        .map(|_| begun + numbers.below(changes.len() - begun + 1))
        .collect();
    moments.sort_unstable();
    let (mut told, mut next) = (BTreeSet::new(), begun);
    for moment in moments {
        while next < moment {
            disk.take(next, &changes[next]);
            if let Change::Told(what) = &changes[next] {
                told.insert(what.clone());
            }
            next += 1;
        }
        let place = place();
        disk.clone().cut(&root, place.path(), numbers);
        let left = Folder::open(place.path()).unwrap();
        let thumbnails = thumbnails(&left);
        for (key, bytes) in &thumbnails {
            assert_eq!(
                Some(bytes),
                expected.get(key),
                "{key} is half written at {moment}"
            );
        }
        let queued = waiting(&left.queue().unwrap()).await;
        let rejected = waiting(&left.dead_letters().unwrap()).await;
        for key in &sources {
            let has_thumbnails = ["small.png", "web.webp"]
                .iter()
                .all(|name| thumbnails.contains_key(&format!("{key}/{name}")));
            let is_done = has_thumbnails || rejected.contains(key);
            let is_told = |what: &str| told.contains(&format!("{what} {key}"));
            assert!(
                is_done || !is_told("done"),
                "{key} was done and is lost at {moment}"
            );
            let is_known = is_done || queued.contains(key);
            assert!(
                is_known || !is_told("sent"),
                "{key} was sent and is lost at {moment}"
            );
        }
    }
    assert!(told.len() > SOURCES, "nothing was told before the last cut");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_acknowledged_is_lost_when_the_power_is_cut() {
    let mut numbers = Numbers::default();
    for whole in [true, false] {
        for _ in 0..runs() {
            nothing_is_lost(whole, &mut numbers).await;
        }
    }
}

/// Runs of each kind; `THIMBLE_KILLS=100` is the long form.
fn runs() -> usize {
    let kills = std::env::var("THIMBLE_KILLS").ok();
    kills.and_then(|kills| kills.parse().ok()).unwrap_or(1)
}
