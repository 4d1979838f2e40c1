//! From files that change to messages that say so.
//!
//! A watcher tells which files were touched, a scan finds what it missed. Both
//! end in messages of the shape that S3 sends, so that a folder and a bucket are
//! worked on by the same code.
//!
//! A file that is still being written is waited for, until it has been left
//! alone for a moment. Should its writer pause for longer than that, the
//! pipeline sees later that the file changed, and the watcher tells of it again.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use super::folder::{Folder, IMAGES, THUMBNAILS};
use super::touched::{SETTLED, Times, Touched};
use crate::error::Error;
use crate::event::{self, Change};
use crate::letter;
use crate::object::{ETag, Location};
use crate::pipeline::Pipeline;
use crate::ports::{Outgoing, Queue, pages};

/// Longest wait for a file to settle, so that a program that writes one for ever
/// does not keep us waiting.
const PATIENCE: Duration = Duration::from_secs(30);

/// Messages that are sent at one time.
const BATCH: usize = 200;

/// Result of a look at the whole folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Files that are sources.
    pub images: u64,
    /// Those whose thumbnails are not up to date.
    pub to_do: u64,
    /// Sources that are gone and have thumbnails still.
    pub gone: u64,
}

/// Sends messages about files.
#[derive(Clone, Debug)]
pub struct Feed {
    folder: Folder,
    pipeline: Arc<Pipeline>,
    queue: Arc<dyn Queue>,
    pub(super) touched: Arc<Touched>,
}

impl Feed {
    /// Tells `queue` of files in `folder` that `pipeline` has not seen.
    pub fn new(folder: Folder, pipeline: Arc<Pipeline>, queue: Arc<dyn Queue>) -> Self {
        Self {
            folder,
            pipeline,
            queue,
            touched: Arc::default(),
        }
    }

    /// Look at the whole folder, and send a message about every source whose
    /// thumbnails are not up to date.
    ///
    /// # Errors
    /// If the folder cannot be read or the queue not be written.
    pub async fn scan(&self) -> Result<Scan, Error> {
        let mut scan = Scan::default();
        self.scan_images(&mut scan).await?;
        self.scan_thumbnails("", &mut scan).await?;
        Ok(scan)
    }

    async fn scan_images(&self, scan: &mut Scan) -> Result<(), Error> {
        let mut pages = pages(&self.folder.store, IMAGES, "");
        while let Some(page) = pages.next().await? {
            let mut to_do = Vec::new();
            for listed in page {
                let location = Location::new(IMAGES, &listed.key);
                if !self.pipeline.settings().sources.takes(&listed.key) {
                    continue;
                }
                scan.images += 1;
                // Whatever keeps this from being known is found again by who
                // works on it, and told with its reason.
                if !self
                    .pipeline
                    .is_up_to_date(&location)
                    .await
                    .unwrap_or(false)
                {
                    scan.to_do += 1;
                    to_do.push((listed.key, Times::now()));
                }
            }
            self.tell(to_do).await?;
        }
        Ok(())
    }

    /// Thumbnails whose keys begin with `prefix` and whose source is gone.
    async fn scan_thumbnails(&self, prefix: &str, scan: &mut Scan) -> Result<(), Error> {
        let mut pages = pages(&self.folder.store, THUMBNAILS, prefix);
        let mut last = String::new();
        while let Some(page) = pages.next().await? {
            let mut gone = Vec::new();
            for listed in page {
                let naming = &self.pipeline.settings().naming;
                let Some((key, _)) = naming.source(&listed.key) else {
                    continue;
                };
                if key == last {
                    continue;
                }
                key.clone_into(&mut last);
                if fs::symlink_metadata(self.folder.images().join(key)).is_err() {
                    gone.push(message(Change::Removed, key, None));
                }
            }
            scan.gone += gone.len() as u64;
            self.send(gone).await?;
        }
        Ok(())
    }

    /// Send what has been touched and left alone since; whether nothing is left.
    ///
    /// # Errors
    /// If the folder cannot be read or the queue not be written. What was
    /// touched is found again by the next scan.
    pub async fn step(&self) -> Result<bool, Error> {
        if self.touched.take_rescan() {
            self.scan().await.inspect_err(|_| self.touched.note_all())?;
        }
        let settled = self.touched.take_settled();
        self.tell(settled)
            .await
            .inspect_err(|_| self.touched.note_all())?;
        Ok(self.touched.is_empty())
    }

    /// Send messages about keys as far as they are settled, and wait for the
    /// others.
    async fn tell(&self, keys: Vec<(String, Times)>) -> Result<(), Error> {
        let mut messages = Vec::new();
        for (key, times) in keys {
            match fs::symlink_metadata(self.folder.images().join(&key)) {
                Ok(metadata) if metadata.is_dir() => self.note_folder(&key).await?,
                Ok(metadata) if metadata.is_file() => {
                    if is_being_written(&metadata) && times.first.elapsed() < PATIENCE {
                        self.touched.put_back(key, times);
                    } else if self.pipeline.settings().sources.takes(&key) {
                        messages.push(message(Change::Written, &key, Some(metadata.len())));
                    }
                }
                // Links and devices are no images.
                Ok(_) => {}
                Err(_) => {
                    messages.push(message(Change::Removed, &key, None));
                    // It may have been a folder.
                    self.scan_thumbnails(&format!("{key}/"), &mut Scan::default())
                        .await?;
                }
            }
        }
        self.send(messages).await
    }

    /// A folder appeared, and what is in it with it.
    async fn note_folder(&self, key: &str) -> Result<(), Error> {
        let prefix = format!("{key}/");
        let mut pages = pages(&self.folder.store, IMAGES, &prefix);
        while let Some(page) = pages.next().await? {
            page.into_iter()
                .for_each(|listed| self.touched.note(listed.key));
        }
        Ok(())
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
    }
}
