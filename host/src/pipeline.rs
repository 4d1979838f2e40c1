//! One object: get it, make its thumbnails, put them where they belong.
//!
//! Events come late, twice and out of order, and sources are replaced while
//! they are worked on. So an event is only the occasion to look: what is done
//! follows from the source that is there. When it is done the source is looked
//! at once more, and if it is another one by now the work is done again. Of all
//! that work on one key, the last to finish has seen the newest source.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::error::{Disposition, Error};
use crate::event::{Change, ObjectEvent, Reading};
use crate::metric::Metric;
use crate::object::{ETag, Location};
use crate::ports::{Engine, EngineIdentity, News, ObjectStore, StoreProblem};
use crate::recipe::{InForce, Recipe, Recipes};
use crate::report::{Outcome, Skipped, Stages};
use crate::results::Results;
use crate::text::printable;

mod bystanders;
mod manifests;
mod memory_budget;
mod settings;
mod source;
mod thumbnails;

pub use bystanders::{Bystanders, Unread};
pub use memory_budget::MemoryBudget;
pub use settings::{Filter, Settings};
use source::{Source, Version};

/// Number of times that the work is done in a row because the source changed,
/// before the message goes back to the queue: it is written faster than it can be
/// read.
pub const ROUNDS: u32 = 4;

/// Makes the thumbnails of objects.
#[derive(Debug)]
pub struct Pipeline {
    store: Arc<dyn ObjectStore>,
    engine: Arc<dyn Engine>,
    settings: Settings,
    recipes: InForce,
    news: Option<Arc<dyn News>>,
    memory: MemoryBudget,
    engines: Semaphore,
    results: Option<Arc<dyn Results>>,
    bystanders: Option<Arc<dyn Bystanders>>,
    /// True if thumbnails are as good by one engine as by another.
    takes_any_engine: bool,
}

impl Pipeline {
    /// A pipeline between `store` and `engine`.
    pub fn new(store: Arc<dyn ObjectStore>, engine: Arc<dyn Engine>, settings: Settings) -> Self {
        Self {
            recipes: settings.recipes.clone().into(),
            news: None,
            memory: MemoryBudget::new(settings.memory, settings.in_memory),
            engines: Semaphore::new(settings.engines.max(1)),
            store,
            engine,
            settings,
            results: None,
            bystanders: None,
            takes_any_engine: false,
        }
    }

    /// The same, which tells the end of each source to `results`.
    #[must_use]
    pub fn telling(mut self, results: Option<Arc<dyn Results>>) -> Self {
        self.results = results;
        self
    }

    /// The same, which leaves alone what is no image as far as `bystanders` know.
    #[must_use]
    pub fn passing_over(mut self, bystanders: Option<Arc<dyn Bystanders>>) -> Self {
        self.bystanders = bystanders;
        self
    }

    /// The same, by the recipes that are in force there.
    #[must_use]
    pub fn by(mut self, recipes: InForce) -> Self {
        self.recipes = recipes;
        self
    }

    /// The same, to which thumbnails are up to date whichever engine made them, as long as
    /// they were made by the recipe that holds now.
    #[must_use]
    pub fn taking_any_engine(mut self) -> Self {
        self.takes_any_engine = true;
        self
    }

    /// The same, which looks for `news` of its recipes before the work on a source.
    #[must_use]
    pub fn hearing(mut self, news: Option<Arc<dyn News>>) -> Self {
        self.news = news;
        self
    }

    /// Counts of its news since this was last asked for.
    pub fn counts(&self) -> Vec<(Metric, u64)> {
        let news = self.news.as_ref();
        news.map_or(Vec::new(), |news| news.counts())
    }

    /// Settings of this pipeline.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The recipes in force, after a look for news of them if the last is old.
    pub async fn recipes(&self) -> Arc<Recipes> {
        if let Some(news) = &self.news {
            news.refresh().await;
        }
        self.recipes.now()
    }

    /// Do for one object what its event asks for. Where the key of the event is
    /// that of no object, it may be one that its sender did not encode.
    ///
    /// # Errors
    /// With what kept it from being done; [`Error::verdict`] says whether
    /// trying again can help.
    pub async fn process(
        &self,
        event: &ObjectEvent,
        deadline: Option<Instant>,
    ) -> Result<Outcome, Error> {
        // The same for all that is done for this event, whatever is put in force meanwhile.
        let recipes = self.recipes().await;
        let outcome = self.work(&recipes, event, deadline).await?;
        match (&event.reading, outcome.skipped) {
            (Reading::Verbatim(text), Some(Skipped::Gone | Skipped::Excluded)) => {
                let other = event.called(text);
                let found = self.work(&recipes, &other, deadline).await?;
                Ok(match found.skipped {
                    Some(Skipped::Gone | Skipped::Excluded | Skipped::OwnOutput) => outcome,
                    _ => found.with_warning(format!(
                        "the event does not encode its key, which was taken as it stands: {}",
                        printable(text)
                    )),
                })
            }
            (Reading::Undecodable(why), Some(Skipped::Gone)) => Err(Error::UnknownEvent(format!(
                "the key of a record holds {why}, and no object has it for a name as it stands"
            ))),
            _ => Ok(outcome),
        }
    }

    /// Do for the object at the location of `event` what that asks for.
    async fn work(
        &self,
        recipes: &Recipes,
        event: &ObjectEvent,
        deadline: Option<Instant>,
    ) -> Result<Outcome, Error> {
        let task = match self.task(recipes, event) {
            Ok(task) => task,
            Err(why) => return Ok(Outcome::skipped(why)),
        };
        let mut too_large = None;
        for round in 1..=ROUNDS {
            if let Some(outcome) = self.nothing_to_do(&task, event).await? {
                return Ok(outcome);
            }
            let (source, ()) = tokio::join!(self.fetch(&task, event), self.engine.refresh());
            let (etag, worked) = match source {
                Ok(Some(source)) => {
                    let etag = source.etag.clone();
                    (Some(etag), self.make(&task, event, source, deadline).await)
                }
                Ok(None) => (None, self.clear(&task).await.map(Some)),
                // It cannot be read: what is said of it, is said of the one that is there.
                Err(error) if is_rejected(&error) && self.tells_rejections(&task) => {
                    (self.current(&event.location).await?, Err(error))
                }
                Err(error) => {
                    let worked = self.unless_bystander(&task, Err(error)).await;
                    return worked.map(Option::unwrap_or_default);
                }
            };
            let worked = self.unless_bystander(&task, worked).await;
            if let Err(error) = &worked {
                if !is_rejected(error) {
                    return worked.map(Option::unwrap_or_default);
                }
                if let Some(etag) = &etag {
                    self.write_rejection(&task, etag, error).await?;
                }
            }
            if matches!(worked, Ok(None)) || self.current(&event.location).await? != etag {
                too_large = worked.err().filter(Unread::is_size);
                continue;
            }
            return worked.map(|outcome| Outcome {
                rounds: round,
                ..outcome.unwrap_or_default()
            });
        }
        // One that is still being written is not smaller when it is whole.
        Err(too_large.unwrap_or(Error::KeepsChanging { rounds: ROUNDS }))
    }

    /// True if the source at `location` has all thumbnails that it should have, of its
    /// present version, made by the engine that would make them now.
    ///
    /// # Errors
    /// If the store does not say.
    pub async fn is_up_to_date(&self, location: &Location) -> Result<bool, Error> {
        let recipes = self.recipes.now();
        let Some(recipe) = recipes.of(location) else {
            return Ok(true);
        };
        let task = Task { location, recipe };
        if !self.has_thumbnails(&task).await? {
            return Ok(false);
        }
        match self.current(location).await? {
            Some(etag) => self.up_to_date(&task, &etag).await,
            None => Ok(false),
        }
    }

    /// True if the source at `location` is gone, and nothing that was made of it is left.
    ///
    /// # Errors
    /// If the store does not say.
    pub async fn is_cleared(&self, location: &Location) -> Result<bool, Error> {
        if self.current(location).await?.is_some() {
            return Ok(false);
        }
        let recipes = self.recipes.now();
        let Some(recipe) = recipes.of(location) else {
            return Ok(true);
        };
        self.has_nothing(&Task { location, recipe }).await
    }

    /// True if nothing is there that was made of the source.
    async fn has_nothing(&self, task: &Task<'_>) -> Result<bool, Error> {
        let has_manifest = self.has_manifest(task).await?.unwrap_or(false);
        Ok(!has_manifest && self.others(task, &[]).await?.is_empty())
    }

    /// The engine that works on the source called `key` now.
    pub fn engine(&self, key: &str) -> Arc<EngineIdentity> {
        self.engine.identity(key)
    }

    /// The task that `event` is, or the reason to leave its object alone without a look at
    /// it.
    fn task<'a>(&self, recipes: &'a Recipes, event: &'a ObjectEvent) -> Result<Task<'a>, Skipped> {
        let location = &event.location;
        let recipe = self.settings.recipe(recipes, location)?;
        if event.change == Change::Removed && !self.settings.propagate_deletes {
            return Err(Skipped::Removal);
        }
        Ok(Task { location, recipe })
    }

    /// The outcome without reading the source, if that is needless: thumbnails
    /// that are up to date, when configured, or when the source has come back
    /// since it was removed.
    async fn nothing_to_do(
        &self,
        task: &Task<'_>,
        event: &ObjectEvent,
    ) -> Result<Option<Outcome>, Error> {
        if !self.settings.skip_existing && event.change == Change::Written {
            return Ok(None);
        }
        // A folder reads a source that is new to learn its ETag. A manifest tells more in
        // one request than names do.
        let by_names = event.change == Change::Written && task.manifest().is_none();
        if by_names && !self.has_thumbnails(task).await? {
            return Ok(None);
        }
        let Some(etag) = self.current(&event.location).await? else {
            return Ok(None);
        };
        if !self.up_to_date(task, &etag).await? {
            return Ok(None);
        }
        self.left_alone(task, event, &etag).await.map(Some)
    }

    /// The outcome for a source whose thumbnails are there, of the version `etag`.
    async fn left_alone(
        &self,
        task: &Task<'_>,
        event: &ObjectEvent,
        etag: &ETag,
    ) -> Result<Outcome, Error> {
        if event.again {
            self.tell_again(task, etag).await?;
        }
        Ok(Outcome::skipped(Skipped::UpToDate))
    }

    /// Make and write every thumbnail of `source`, unless it has been replaced meanwhile.
    async fn make(
        &self,
        task: &Task<'_>,
        event: &ObjectEvent,
        source: Source,
        deadline: Option<Instant>,
    ) -> Result<Option<Outcome>, Error> {
        // Some programs write nothing first, and then the content.
        if source.body.is_empty() {
            return Ok(Some(Outcome::skipped(Skipped::Unfit)));
        }
        // The source is not the one that the event speaks of. Mostly the event
        // of the newer one has done the work; but who worked on this event may
        // have died after writing thumbnails of the older one. A host that
        // skips nothing may lack the permission to look at thumbnails.
        let replaced = event.etag.as_ref().is_some_and(|etag| *etag != source.etag);
        let may_skip = replaced && self.settings.skip_existing;
        if may_skip && self.up_to_date(task, &source.etag).await? {
            return self.left_alone(task, event, &source.etag).await.map(Some);
        }
        let (version, get) = (source.version(), source.took);
        let begun = Instant::now();
        let made = self.generate(task, source, deadline).await?;
        let generate = begun.elapsed();
        let begun = Instant::now();
        let bytes = version.bytes;
        let left_behind = version.carried.warning.clone();
        if !self.begin(task, &version.etag).await? {
            return Ok(None);
        }
        let written = self.write(task, &version, &made).await?;
        let removed = match self.settings.propagate_deletes {
            true => self.others(task, &written.keys).await?,
            false => Vec::new(),
        };
        self.delete(task, &removed).await?;
        let unnamed = self.write_manifest(task, version, &made, &written).await?;
        Ok(Some(Outcome {
            written: written.keys,
            bytes_written: written.bytes,
            removed,
            warnings: (made.output.warnings.into_iter())
                .chain(left_behind)
                .chain(unnamed)
                .collect(),
            engine: Some(made.engine),
            bytes,
            took: Stages {
                get,
                generate,
                put: begun.elapsed(),
                ended: Some(Instant::now()),
            },
            ..Outcome::default()
        }))
    }

    /// The source is gone: so are its thumbnails, if they are to follow it.
    async fn clear(&self, task: &Task<'_>) -> Result<Outcome, Error> {
        if !self.settings.propagate_deletes {
            return Ok(Outcome::skipped(Skipped::Gone));
        }
        self.remove_manifest(task).await?;
        let removed = self.others(task, &[]).await?;
        self.delete(task, &removed).await?;
        if removed.is_empty() {
            return Ok(Outcome::skipped(Skipped::Gone));
        }
        Ok(Outcome {
            removed,
            ..Outcome::default()
        })
    }

    /// The engine that has to have made thumbnails of the source called `key`, if that
    /// counts.
    fn maker(&self, key: &str) -> Option<Arc<EngineIdentity>> {
        (!self.takes_any_engine).then(|| self.engine.identity(key))
    }

    /// The ETag of the source that is there now; `None` if there is none.
    async fn current(&self, location: &Location) -> Result<Option<ETag>, Error> {
        let most = self.settings.max_source;
        match self.store.head_within(location, most).await {
            Ok(info) => Ok(Some(info.etag)),
            Err(error) if error.problem == StoreProblem::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// A source, and the recipe of its thumbnails.
struct Task<'a> {
    location: &'a Location,
    recipe: &'a Recipe,
}

/// True if trying again cannot help.
fn is_rejected(error: &Error) -> bool {
    error.verdict().disposition == Disposition::Reject
}

#[cfg(test)]
mod tests;
