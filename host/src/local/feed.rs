//! From files that change to messages that say so.
//!
//! A watcher tells which files were touched, a scan finds what it missed. Both
//! end in messages of the shape that S3 sends, so that a folder and a bucket are
//! worked on by the same code.
//!
//! A file that is still being written is waited for, until it has been left
//! alone for a moment. Should its writer pause for longer than that, the
//! pipeline sees later that the file changed, and the watcher tells of it again.

use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::folder::Folder;
use super::layout::{IMAGES, Layout};
use super::passed_over::PassedOver;
use super::stamp::Stamp;
use super::touched::{SETTLED, Times, Touched};
use super::walk::{LeftAlone, Rules, Step, Tally, Walk, is_empty};
use crate::error::Error;
use crate::event::{self, Change};
use crate::letter;
use crate::object::{ETag, Location};
use crate::pipeline::Pipeline;
use crate::ports::{Outgoing, Queue};
use crate::recipe::Recipes;
use crate::text::{plural, printable};

/// Longest wait for a file to settle, so that a program that writes one for ever
/// does not keep us waiting.
const PATIENCE: Duration = Duration::from_secs(30);

/// Messages that are sent at one time.
const BATCH: usize = 200;

/// Files that are looked at between two questions whether to go on.
const PAGE: usize = 1_000;

/// Most files and folders that could not be looked at that a scan names.
const NAMED: usize = 100;

/// Most names of thumbnails that no preset in use would make.
const NAMES: usize = 8;

/// Result of a look at the whole folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Files that are sources.
    pub images: u64,
    /// Those whose thumbnails are not up to date.
    pub to_do: u64,
    /// Sources that are gone and have thumbnails still.
    pub gone: u64,
    /// Thumbnails that no preset in use would make. They are counted by the first look, and
    /// when the recipes are others; `None` in all other looks.
    pub outdated: Option<Outdated>,
    /// Files and folders that are no sources by their kind or name.
    pub left_alone: Tally,
    /// Files and folders that could not be looked at: their names and the reasons.
    pub unread: Vec<(String, String)>,
    /// Number of the others, which have no place in that list.
    pub unnamed: u64,
    /// True if it was given up before its end.
    pub cut_short: bool,
}

/// Thumbnails of sources that are there, which no preset in use would make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outdated {
    /// Number of them.
    pub count: u64,
    /// Names of their files, behind those of their sources, each once and not too many.
    pub names: BTreeSet<String>,
}

/// Sends messages about files.
#[derive(Clone, Debug)]
pub struct Feed {
    pub(super) folder: Folder,
    rules: Rules,
    pub(super) pipeline: Arc<Pipeline>,
    queue: Arc<dyn Queue>,
    passed_over: Option<Arc<PassedOver>>,
    pub(super) touched: Arc<Touched>,
    /// The recipes by which outdated thumbnails were counted last.
    counted: Arc<Mutex<Option<Arc<Recipes>>>>,
}

impl Feed {
    /// Tells `queue` of files in `folder` that `pipeline` has not seen and `rules` do
    /// not leave alone.
    pub fn new(
        folder: Folder,
        rules: Rules,
        pipeline: Arc<Pipeline>,
        queue: Arc<dyn Queue>,
    ) -> Self {
        Self {
            folder,
            rules,
            pipeline,
            queue,
            passed_over: None,
            touched: Arc::default(),
            counted: Arc::default(),
        }
    }

    /// The same, which tells of no file that was `passed_over` as it is.
    #[must_use]
    pub fn but_not(self, passed_over: Arc<PassedOver>) -> Self {
        Self {
            passed_over: Some(passed_over),
            ..self
        }
    }

    /// Places of the sources and the thumbnails.
    pub fn layout(&self) -> &Layout {
        self.folder.layout()
    }

    /// Look at the whole folder, and send a message about every source whose
    /// thumbnails are not up to date. Ends early when `goes_on` says no.
    ///
    /// # Errors
    /// If the queue cannot be written.
    pub async fn scan(&self, goes_on: &(dyn Fn() -> bool + Sync)) -> Result<Scan, Error> {
        let mut scan = Scan::default();
        self.scan_images(&mut scan, goes_on).await?;
        let recipes = self.pipeline.recipes().await;
        let counted = |known: &Arc<Recipes>| Arc::ptr_eq(known, &recipes);
        if !self.counted().as_ref().is_some_and(counted) {
            scan.outdated = Some(Outdated::default());
        }
        self.scan_thumbnails("", &mut scan, goes_on).await?;
        if !scan.cut_short {
            *self.counted() = Some(recipes);
        }
        Ok(scan)
    }

    fn counted(&self) -> MutexGuard<'_, Option<Arc<Recipes>>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn scan_images(
        &self,
        scan: &mut Scan,
        goes_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), Error> {
        let passed_over = self.passed_over.as_ref();
        passed_over.inspect(|files| files.begin());
        let mut walk = self.folder.walk_images(&self.rules);
        while let Some((rest, steps)) = page(walk, scan, goes_on).await {
            walk = rest;
            let mut to_do = Vec::new();
            for (key, path) in scan.files(steps) {
                if is_empty(&path) {
                    scan.left_alone.add_empty(&key);
                    continue;
                }
                if self.is_given_up(&key, &path) {
                    scan.left_alone.add(LeftAlone::Purged);
                    continue;
                }
                if self.is_passed_over(&key) {
                    continue;
                }
                scan.images += 1;
                let location = Location::new(IMAGES, &key);
                // Whatever keeps this from being known is found again by who
                // works on it, and told with its reason.
                if !self
                    .pipeline
                    .is_up_to_date(&location)
                    .await
                    .unwrap_or(false)
                {
                    scan.to_do += 1;
                    to_do.push((key, Times::now()));
                }
            }
            self.tell(to_do).await?;
        }
        passed_over
            .filter(|_| !scan.cut_short)
            .inspect(|files| files.end());
        Ok(())
    }

    /// True for a file that is no image, as was found when it was last worked on.
    pub(super) fn is_passed_over(&self, key: &str) -> bool {
        let engine = || self.pipeline.engine(key);
        let passed_over = self.passed_over.as_ref();
        passed_over.is_some_and(|files| files.holds(key, engine))
    }

    /// Have the files that were passed over worked on again: what judged them is another
    /// one now.
    pub fn doubt_passed_over(&self) {
        let files = self.passed_over.iter().flat_map(|files| files.doubt());
        files.for_each(|key| self.touched.note(key));
    }

    /// Thumbnails in the folder `below` whose source is gone, and those that are outdated, if
    /// they are counted.
    async fn scan_thumbnails(
        &self,
        below: &str,
        scan: &mut Scan,
        goes_on: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), Error> {
        let mut walk = self.folder.walk_thumbnails(below);
        // A link among thumbnails is nobody's image.
        let mut seen = Scan::default();
        let mut last = String::new();
        while let Some((rest, steps)) = page(walk, scan, goes_on).await {
            walk = rest;
            let mut gone = Vec::new();
            for (thumbnail, _) in seen.files(steps) {
                let Some(key) = self.pipeline.source_of(IMAGES, &thumbnail) else {
                    continue;
                };
                if key == last {
                    continue;
                }
                if !self.is_gone(key) {
                    if let Some(outdated) = &mut scan.outdated {
                        outdated.add(self, key, &thumbnail);
                    }
                    continue;
                }
                if self.pipeline.is_ours(&thumbnail).await.unwrap_or(false) {
                    gone.push(message(Change::Removed, key, None));
                    key.clone_into(&mut last);
                }
            }
            scan.gone += gone.len() as u64;
            self.send(gone).await?;
        }
        scan.unread.append(&mut seen.unread);
        scan.unnamed += seen.unnamed;
        Ok(())
    }

    /// True if there is no file called `key`, or something else in its place. A
    /// folder that cannot be read may still hold it.
    pub(super) fn is_gone(&self, key: &str) -> bool {
        let mut path = self.folder.layout().images().to_owned();
        for name in key.split('/') {
            path.push(name);
            match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_symlink() => return true,
                Ok(_) => {}
                Err(error) => {
                    return matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory);
                }
            }
        }
        !path.is_file()
    }

    fn is_given_up(&self, key: &str, path: &Path) -> bool {
        let forgotten = self.folder.forgotten();
        let now = || Stamp::of(&fs::symlink_metadata(path).ok()?);
        forgotten.knows(key) && forgotten.holds(key, now().as_ref())
    }

    /// Send what has been touched and left alone since. Returns the look at the whole
    /// folder that was due, if one was.
    ///
    /// # Errors
    /// If the queue cannot be written. What was touched is found again by the next
    /// scan.
    pub async fn step(&self, goes_on: &(dyn Fn() -> bool + Sync)) -> Result<Option<Scan>, Error> {
        let mut looked = None;
        if self.touched.take_rescan() {
            let scan = self.scan(goes_on).await;
            looked = Some(scan.inspect_err(|_| self.touched.note_all())?);
        }
        let settled = self.touched.take_settled();
        let keys: Vec<String> = settled.iter().map(|(key, _)| key.clone()).collect();
        let told = match self.tell(settled).await {
            Ok(()) => self.tell_below(&keys).await,
            failed => failed,
        };
        told.inspect_err(|_| self.touched.note_all())?;
        Ok(looked)
    }

    /// True if nothing that was touched is left to tell of.
    pub fn is_idle(&self) -> bool {
        self.touched.is_empty()
    }

    /// Have the next step look at the whole folder.
    pub fn scan_again(&self) {
        self.touched.note_all();
    }

    /// Send messages about keys as far as they are settled, and wait for the
    /// others.
    async fn tell(&self, keys: Vec<(String, Times)>) -> Result<(), Error> {
        let mut messages = Vec::new();
        for (key, times) in keys {
            let path = self.folder.layout().images().join(&key);
            let found = fs::symlink_metadata(&path);
            let is_folder = found.as_ref().is_ok_and(fs::Metadata::is_dir);
            if !self.rules.take(&key, is_folder) || self.folder.is_reserved(&path) {
                continue;
            }
            match found {
                Ok(_) if is_folder => self.note_folder(&key).await,
                Ok(metadata) if metadata.is_file() => {
                    if is_being_written(&metadata) && times.first.elapsed() < PATIENCE {
                        self.touched.put_back(key, times);
                    } else if !self.is_given_up(&key, &path) {
                        messages.push(message(Change::Written, &key, Some(metadata.len())));
                    }
                }
                // Links and devices are no images, whatever was there before.
                _ => messages.push(message(Change::Removed, &key, None)),
            }
        }
        self.send(messages).await
    }

    /// Send messages about sources whose thumbnails lie below keys that were touched, and
    /// that are gone: of a folder there may be a file or a link now, and of a file a folder.
    async fn tell_below(&self, keys: &[String]) -> Result<(), Error> {
        let layout = self.folder.layout();
        for key in keys {
            let is_ours = self.folder.is_reserved(&layout.images().join(key));
            if !is_ours && layout.thumbnails().join(key).is_dir() {
                let mut scan = Scan::default();
                self.scan_thumbnails(key, &mut scan, &|| true).await?;
            }
        }
        Ok(())
    }

    /// A folder appeared, and what is in it with it.
    async fn note_folder(&self, key: &str) {
        let images = self.folder.layout().images();
        let mut walk =
            Walk::below(images, key, self.rules.clone()).but_not(self.folder.layout().reserved());
        let mut scan = Scan::default();
        while let Some((rest, steps)) = page(walk, &mut scan, &|| true).await {
            walk = rest;
            scan.files(steps)
                .into_iter()
                .for_each(|(key, _)| self.touched.note(key));
        }
    }

    async fn send(&self, messages: Vec<Outgoing>) -> Result<(), Error> {
        let mut messages = messages.into_iter();
        loop {
            let batch: Vec<Outgoing> = messages.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(());
            }
            for sent in self.queue.send(batch).await {
                sent?;
            }
        }
    }
}

impl fmt::Display for Outdated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = self.names.iter().map(printable).collect();
        write!(
            f,
            "{} among the thumbnails that no preset in use makes, left as found: {}; delete them once \
             nobody asks for them",
            plural(self.count, "file"),
            names.join(", ")
        )
    }
}

impl Outdated {
    /// One more, if the thumbnail called `thumbnail` of the source called `key` is one.
    fn add(&mut self, feed: &Feed, key: &str, thumbnail: &str) {
        let location = Location::new(IMAGES, key);
        let said = |of: &Location| feed.folder.store.metadata(of);
        if !feed.pipeline.is_outdated(&location, thumbnail, said) {
            return;
        }
        self.count += 1;
        let name = thumbnail.rsplit('/').next().unwrap_or(thumbnail);
        if self.names.len() < NAMES {
            self.names.insert(name.to_owned());
        }
    }
}

impl Scan {
    /// The files among `steps`; whatever else there is, is counted.
    fn files(&mut self, steps: Vec<Step>) -> Vec<(String, std::path::PathBuf)> {
        let mut files = Vec::new();
        for step in steps {
            match step {
                Step::File { key, path } => files.push((key, path)),
                Step::LeftAlone(reason) => self.left_alone.add(reason),
                Step::Unread { path, error } if self.unread.len() < NAMED => {
                    self.unread.push((path, error.to_string()));
                }
                Step::Unread { .. } => self.unnamed += 1,
            }
        }
        files
    }
}

/// The next files of a walk, unless it is at its end or is not to go on.
async fn page(
    walk: Walk,
    scan: &mut Scan,
    goes_on: &(dyn Fn() -> bool + Sync),
) -> Option<(Walk, Vec<Step>)> {
    if !goes_on() {
        scan.cut_short = true;
        return None;
    }
    // Only a walk that panics has no next steps: a defect, of which the log tells.
    let (walk, steps) = walk.steps(PAGE).await.ok()?;
    (!steps.is_empty()).then_some((walk, steps))
}

fn is_being_written(metadata: &fs::Metadata) -> bool {
    // A file from the future is not being written, its clock is wrong.
    let age = metadata
        .modified()
        .ok()
        .and_then(|modified| modified.elapsed().ok());
    age.is_some_and(|age| age < SETTLED)
}

/// A message about a file. All messages about one key are the same work, and so
/// are the dead letters that become of them.
fn message(change: Change, key: &str, size: Option<u64>) -> Outgoing {
    let location = Location::new(IMAGES, key);
    let token = ETag::of(key.as_bytes()).to_string();
    Outgoing {
        body: event::notification(change, &location, size, None),
        attributes: [(letter::ORIGIN.to_owned(), token.clone())].into(),
        token: Some(token),
        ..Outgoing::default()
    }
}
