//! Dead letters that go while their images are worked on, and what is told of that.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::summary::Told;
use crate::error::{Error, with_causes};
use crate::local::Mended;

/// Least time between two looks at the letters: each lists all of them.
const PAUSE: Duration = Duration::from_secs(1);

/// Time for a last look by who was told to stop. What it leaves, the next start finds.
const GRACE: Duration = Duration::from_secs(1);

/// The letters of a run.
pub(super) struct Clearing {
    mended: Arc<Mended>,
    looked: Option<Instant>,
    /// Trouble of the last look.
    trouble: Option<String>,
}

impl Clearing {
    pub(super) fn of(mended: Arc<Mended>) -> Self {
        Self {
            mended,
            looked: None,
            trouble: None,
        }
    }

    /// Look at all letters next time.
    pub(super) fn note_all(&self) {
        self.mended.note_all();
    }

    /// Take away the letters of images that were mended or removed, unless that was done
    /// just now.
    pub(super) async fn step(&mut self, told: &Told, goes_on: &(dyn Fn() -> bool + Sync)) {
        if self.looked.is_none_or(|looked| looked.elapsed() >= PAUSE) {
            self.clear(told, goes_on).await;
            self.looked = Some(Instant::now());
        }
    }

    /// The same, as the last thing that is done.
    pub(super) async fn end(mut self, told: &Told, goes_on: &(dyn Fn() -> bool + Sync)) {
        let until = Instant::now() + GRACE;
        self.clear(told, &|| goes_on() || Instant::now() < until)
            .await;
    }

    async fn clear(&mut self, told: &Told, goes_on: &(dyn Fn() -> bool + Sync)) {
        let cleared = self.mended.clear(goes_on).await;
        told.cleared(&cleared);
        let error = cleared.trouble.map(Error::from);
        let trouble = error.as_ref().map(|error| with_causes(error));
        // It is tried again and again, and told once.
        if let Some(error) = &error
            && trouble != self.trouble
        {
            told.trouble(error);
        }
        self.trouble = trouble;
    }
}
