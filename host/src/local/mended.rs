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
use crate::error::Blame;
use crate::event;
use crate::letter;
use crate::object::Location;
use crate::ports::{Message, QueueError};
use crate::report::MessageReport;

/// The kind of a failure to tell a result: the thumbnails are there.
const UNTOLD: &str = "result-untold";

/// Those who are to blame for failures that say nothing about an image: they may come
/// between its thumbnails and its result.
const BETWEEN: [Blame; 2] = [Blame::Platform, Blame::Configuration];

/// Images that are remembered at most; with more all letters are looked at instead.
const MOST: usize = 10_000;

/// The letters of a folder, and what became of its images since they were last looked at.
#[derive(Debug)]
pub struct Mended {
    feed: Feed,
    letters: Arc<DirectoryQueue>,
    /// Somebody waits for the results of images.
    tells_results: bool,
    heard: Mutex<Heard>,
    /// Letters that were read, by their ids: what a letter says never changes.
    known: tokio::sync::Mutex<HashMap<String, Letter>>,
}

/// Letters that were taken away.
#[derive(Debug, Default)]
pub struct Cleared {
    /// The names of the images that letters went of.
    pub images: BTreeSet<String>,
    /// The number of these letters.
    pub letters: u64,
    /// Reason why others could not be looked at or taken away, if there was one.
    pub trouble: Option<QueueError>,
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
    /// It may be about a result that nobody was told, and not about thumbnails.
    untold: bool,
}

impl Mended {
    /// Takes away `letters` about images of the folder of `feed`, whose results somebody
    /// waits for if it `tells_results`.
    pub fn new(feed: Feed, letters: Arc<DirectoryQueue>, tells_results: bool) -> Self {
        Self {
            feed,
            letters,
            tells_results,
            heard: Mutex::default(),
            known: tokio::sync::Mutex::default(),
        }
    }

    /// Something became of images: look at their letters next time.
    pub fn note(&self, report: &MessageReport) {
        let locations = report.objects.iter().filter_map(|of| of.location.as_ref());
        let keys = locations.map(|of| of.key.clone());
        self.lock().note_keys(keys);
    }

    /// Look at all letters next time.
    pub fn note_all(&self) {
        self.lock().note_all();
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Take away the letters that have nothing to tell any more. Those that could not be
    /// looked at, or `goes_on` left no time for, are looked at next time.
    pub async fn clear(&self, goes_on: &(dyn Fn() -> bool + Sync)) -> Cleared {
        let heard = std::mem::take(&mut *self.lock());
        if heard.is_nothing() {
            return Cleared::default();
        }
        let mut cleared = Cleared::default();
        let left = self.clear_those(heard, goes_on, &mut cleared).await;
        self.lock().put_back(left);
        cleared
    }

    /// Take away the letters of what was `heard`. Returns what is to be looked at again.
    async fn clear_those(
        &self,
        heard: Heard,
        goes_on: &(dyn Fn() -> bool + Sync),
        cleared: &mut Cleared,
    ) -> Heard {
        let mut known = self.known.lock().await;
        let ids: HashSet<String> = known.keys().cloned().collect();
        let listed = match self.letters.unknown(ids).await {
            Ok(listed) => listed,
            Err(error) => {
                cleared.trouble = Some(error);
                return heard;
            }
        };
        known.retain(|id, _| listed.ids.contains(id));
        let read = |of: &Message| (of.id.clone(), Letter::of(of, self.tells_results));
        known.extend(listed.unknown.iter().map(read));

        let (mut answered, mut left, mut is_whole) =
            (HashSet::new(), Heard::default(), listed.are_all_read);
        for (id, letter) in &*known {
            let concerns = |image: &Location| heard.concerns(&image.key);
            if !letter.images.iter().any(concerns) {
                continue;
            }
            if !goes_on() {
                is_whole = false;
                break;
            }
            match self.answer(letter).await {
                Some(true) => {
                    answered.insert(id.clone());
                }
                Some(false) => {}
                None => left.note(letter),
            }
        }
        self.withdraw(answered, &known, cleared, &mut left).await;
        if !is_whole {
            left.put_back(heard);
        }
        left
    }

    /// Take away the letters called `ids`, and note those that may be `left`.
    async fn withdraw(
        &self,
        ids: HashSet<String>,
        known: &HashMap<String, Letter>,
        cleared: &mut Cleared,
        left: &mut Heard,
    ) {
        if ids.is_empty() {
            return;
        }
        let (removed, are_gone) = self.letters.withdraw(ids.clone()).await;
        for id in &ids {
            let Some(letter) = known.get(id) else {
                continue;
            };
            if removed.contains(id) {
                cleared.letters += 1;
                cleared.images.extend(letter.keys());
            } else if !matches!(are_gone, Ok(true)) {
                left.note(letter);
            }
        }
        cleared.trouble = are_gone.err();
        self.look_again(&cleared.images).await;
    }

    /// True if to try again what `letter` asks for would find nothing to do; `None` if that
    /// cannot be known now.
    async fn answer(&self, letter: &Letter) -> Option<bool> {
        for image in &letter.images {
            if !self.has_nothing_to_do(image, letter.untold).await? {
                return Some(false);
            }
        }
        Some(!letter.images.is_empty())
    }

    /// True if the image is gone with its thumbnails, or has them and is not `untold`, or is
    /// none; `None` if that cannot be known now.
    async fn has_nothing_to_do(&self, image: &Location, untold: bool) -> Option<bool> {
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
        known.ok()
    }

    /// An image that was replaced while its letter went may have failed in the very same
    /// way, and the letter may have stood for that failure as well. Then it is tried again.
    async fn look_again(&self, images: &BTreeSet<String>) {
        for key in images {
            let image = Location::new(IMAGES, key);
            if self.has_nothing_to_do(&image, false).await != Some(true) {
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

    fn note_keys(&mut self, keys: impl Iterator<Item = String>) {
        if self.all {
            return;
        }
        self.keys.extend(keys);
        if self.keys.len() > MOST {
            self.note_all();
        }
    }

    fn note(&mut self, letter: &Letter) {
        self.note_keys(letter.keys());
    }

    fn put_back(&mut self, earlier: Self) {
        if earlier.all {
            self.note_all();
        }
        self.note_keys(earlier.keys.into_iter());
    }

    /// True for an image that something became of, or of a folder around it.
    fn concerns(&self, key: &str) -> bool {
        let mut folders = key.match_indices('/').filter_map(|(end, _)| key.get(..end));
        self.all || self.keys.contains(key) || folders.any(|of| self.keys.contains(of))
    }
}

impl Letter {
    fn of(message: &Message, tells_results: bool) -> Self {
        let events = event::parse(&message.body).unwrap_or_default();
        let images: Option<Vec<Location>> = events
            .into_iter()
            .map(|event| event.ok().map(|event| event.location))
            .map(|location| location.filter(|location| location.bucket == IMAGES))
            .collect();
        Self {
            images: images.unwrap_or_default(),
            untold: is_untold(message, tells_results),
        }
    }

    fn keys(&self) -> impl Iterator<Item = String> {
        self.images.iter().map(|image| image.key.clone())
    }
}

/// True if the failure that `letter` tells of may have kept a result from being told.
fn is_untold(letter: &Message, tells_results: bool) -> bool {
    let said = |name: &str| letter.attributes.get(name).map(String::as_str);
    // Of a letter without a blame nobody knows how far the work had come.
    let is_between = |blame: &str| BETWEEN.iter().any(|of| of.as_str() == blame);
    said(letter::KIND) == Some(UNTOLD)
        || (tells_results && said(letter::BLAME).is_none_or(is_between))
}
