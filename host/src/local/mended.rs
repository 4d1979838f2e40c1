//! Dead letters that have nothing to tell any more: their images were mended or removed.
//!
//! A letter says of an image that it has no thumbnails. Whether that still holds is seen
//! from the image, and not from the order in which messages came: as long as the version
//! that is there has no thumbnails, its letter stays, whichever version had some.
//!
//! Letters are looked at when something became of their images, all of them after a look
//! at the whole folder. Nothing depends on it: should the process end before, the next
//! one looks again.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::feed::Feed;
use super::layout::IMAGES;
use super::queue::DirectoryQueue;
use super::walk::is_empty;
use crate::event;
use crate::letter;
use crate::object::Location;
use crate::ports::{Message, QueueError};
use crate::report::MessageReport;

/// The kind of a failure to tell a result: the thumbnails are there.
const UNTOLD: &str = "result-untold";

/// Images that are remembered at most; with more all letters are looked at instead.
const MOST: usize = 10_000;

/// The letters of a folder, and what became of its images since they were last looked at.
#[derive(Debug)]
pub struct Mended {
    feed: Feed,
    letters: Arc<DirectoryQueue>,
    heard: Mutex<Heard>,
    /// Letters that were read, by their ids: what a letter says never changes.
    known: tokio::sync::Mutex<HashMap<String, Letter>>,
}

/// Images that something became of.
#[derive(Debug, Default)]
struct Heard {
    all: bool,
    keys: BTreeSet<String>,
}

#[derive(Debug)]
struct Letter {
    /// The images that it is about; none if it is about anything else.
    images: Vec<Location>,
    /// It is about a result that nobody could be told, and not about thumbnails.
    untold: bool,
}

impl Mended {
    /// Takes away `letters` about images of the folder of `feed`.
    pub fn new(feed: Feed, letters: Arc<DirectoryQueue>) -> Self {
        Self {
            feed,
            letters,
            heard: Mutex::default(),
            known: tokio::sync::Mutex::default(),
        }
    }

    /// Something became of images: look at their letters next time.
    pub fn note(&self, report: &MessageReport) {
        let locations = report.objects.iter().filter_map(|of| of.location.as_ref());
        let mut heard = self.lock();
        if heard.all {
            return;
        }
        heard.keys.extend(locations.map(|of| of.key.clone()));
        if heard.keys.len() > MOST {
            heard.note_all();
        }
    }

    /// Look at all letters next time.
    pub fn note_all(&self) {
        self.lock().note_all();
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Take away the letters that have nothing to tell any more. Returns the names of
    /// their images.
    ///
    /// # Errors
    /// If the letters cannot be read or removed. Those of the same images are looked at
    /// next time.
    pub async fn clear(&self) -> Result<BTreeSet<String>, QueueError> {
        let heard = std::mem::take(&mut *self.lock());
        if heard.is_nothing() {
            return Ok(BTreeSet::new());
        }
        let cleared = self.clear_those(&heard).await;
        if !matches!(cleared, Ok(Some(_))) {
            self.lock().put_back(heard);
        }
        Ok(cleared?.unwrap_or_default())
    }

    /// The names of the images whose letters went; `None` if some of these letters are
    /// there still.
    async fn clear_those(&self, heard: &Heard) -> Result<Option<BTreeSet<String>>, QueueError> {
        let mut known = self.known.lock().await;
        let ids: HashSet<String> = known.keys().cloned().collect();
        let (there, unknown) = self.letters.unknown(ids).await?;
        known.retain(|id, _| there.contains(id));
        known.extend(unknown.iter().map(|of| (of.id.clone(), Letter::of(of))));

        let (mut gone, mut images) = (HashSet::new(), BTreeSet::new());
        for (id, letter) in &*known {
            let concerns = |image: &Location| heard.concerns(&image.key);
            if letter.images.iter().any(concerns) && self.is_answered(letter).await {
                gone.insert(id.clone());
                images.extend(letter.images.iter().map(|image| image.key.clone()));
            }
        }
        if gone.is_empty() {
            return Ok(Some(images));
        }
        let are_gone = self.letters.withdraw(gone).await?;
        self.look_again(&images).await;
        Ok(are_gone.then_some(images))
    }

    /// True if to try again what `letter` asks for would find nothing to do.
    async fn is_answered(&self, letter: &Letter) -> bool {
        for image in &letter.images {
            if !self.has_nothing_to_do(image, letter.untold).await {
                return false;
            }
        }
        !letter.images.is_empty()
    }

    /// True if the image is gone with its thumbnails, or has them and is not `untold`, or is
    /// none.
    /// Whatever keeps that from being known, a letter may tell.
    async fn has_nothing_to_do(&self, image: &Location, untold: bool) -> bool {
        let pipeline = &self.feed.pipeline;
        let known = if self.feed.is_gone(&image.key) {
            pipeline.is_cleared(image).await
        } else if is_empty(&self.feed.layout().images().join(&image.key)) {
            Ok(true)
        } else if untold {
            Ok(false)
        } else if self.feed.is_passed_over(&image.key) {
            Ok(true)
        } else {
            pipeline.is_up_to_date(image).await
        };
        known.unwrap_or(false)
    }

    /// An image that was replaced while its letter went may have failed in the very same
    /// way, and the letter may have stood for that failure as well. Then it is tried again.
    async fn look_again(&self, images: &BTreeSet<String>) {
        for key in images {
            let image = Location::new(IMAGES, key);
            if !self.has_nothing_to_do(&image, false).await {
                self.feed.touched.note(key.clone());
            }
        }
    }
}

impl Heard {
    fn note_all(&mut self) {
        self.all = true;
        self.keys.clear();
    }

    fn is_nothing(&self) -> bool {
        !self.all && self.keys.is_empty()
    }

    fn put_back(&mut self, mut earlier: Self) {
        self.all |= earlier.all;
        self.keys.append(&mut earlier.keys);
    }

    /// True for an image that something became of, or of a folder around it.
    fn concerns(&self, key: &str) -> bool {
        let mut folders = key.match_indices('/').filter_map(|(end, _)| key.get(..end));
        self.all || self.keys.contains(key) || folders.any(|of| self.keys.contains(of))
    }
}

impl Letter {
    fn of(message: &Message) -> Self {
        let events = event::parse(&message.body).unwrap_or_default();
        let images: Option<Vec<Location>> = events
            .into_iter()
            .map(|event| event.ok().map(|event| event.location))
            .map(|location| location.filter(|location| location.bucket == IMAGES))
            .collect();
        Self {
            images: images.unwrap_or_default(),
            untold: message.attributes.get(letter::KIND).map(String::as_str) == Some(UNTOLD),
        }
    }
}
