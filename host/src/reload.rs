//! The configuration file, followed while a host runs.
//!
//! It is looked at before the work on a source, when the last look is old. What it says now
//! is checked as at the start, and put in force all at once: an image that has begun ends
//! with the recipes that it began with. A file that is not right changes nothing, and the
//! log says so once.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, timeout};

use crate::config::Followed;
use crate::config::file::{File, Version};
use crate::contract::Limits;
use crate::engines::EngineStore;
use crate::error::with_causes;
use crate::metric::Metric;
use crate::ports::{Engine, News, ObjectStore};
use crate::recipe::{InForce, Needs, Recipes};

/// Time that a source waits for a look at the file.
const MOMENT: Duration = Duration::from_secs(2);

/// Metrics that are counted here.
const COUNTED: [Metric; 3] = [
    Metric::ConfigChecks,
    Metric::ConfigProblems,
    Metric::ConfigSwaps,
];

/// Follows a configuration file. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reload(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: Followed,
    limits: Limits,
    objects: Arc<dyn ObjectStore>,
    engines: Option<EngineStore>,
    engine: Arc<dyn Engine>,
    recipes: InForce,
    /// Permissions that were needed at the start.
    needs: Needs,
    due: Mutex<Instant>,
    /// Held by whoever checks it, with the version that was seen last.
    checking: Arc<tokio::sync::Mutex<Version>>,
    problem: Mutex<Option<String>>,
    counts: [AtomicU64; COUNTED.len()],
}

impl Reload {
    /// Follow `file`, which is in `objects` or in `engines`, and put what it says in force in
    /// `recipes`, if `engine` can make it of sources within `limits`.
    pub fn new(
        file: Followed,
        objects: Arc<dyn ObjectStore>,
        engines: Option<EngineStore>,
        engine: Arc<dyn Engine>,
        recipes: InForce,
        limits: Limits,
    ) -> Self {
        Self(Arc::new(Inner {
            due: Mutex::new(Instant::now() + file.check_every),
            checking: Arc::new(tokio::sync::Mutex::new(file.version.clone())),
            needs: recipes.now().needs(),
            problem: Mutex::new(None),
            counts: Default::default(),
            file,
            limits,
            objects,
            engines,
            engine,
            recipes,
        }))
    }

    /// Look at the file now.
    pub async fn check(&self) {
        let mut seen = self.0.checking.lock().await;
        self.0.check_file(&mut seen).await;
    }

    /// The reason why the file is not in force as it is.
    pub fn problem(&self) -> Option<String> {
        lock(&self.0.problem).clone()
    }
}

#[async_trait]
impl News for Reload {
    async fn refresh(&self) {
        let Self(inner) = self;
        if Instant::now() < *lock(&inner.due) {
            return;
        }
        // Somebody else checks it.
        let Ok(mut seen) = inner.checking.clone().try_lock_owned() else {
            return;
        };
        *lock(&inner.due) = Instant::now() + inner.file.check_every;
        let inner = inner.clone();
        // Once begun it is brought to an end, even if the source does not wait for that.
        let check = tokio::spawn(async move { inner.check_file(&mut seen).await });
        let _ = timeout(MOMENT, check).await;
    }

    fn counts(&self) -> Vec<(Metric, u64)> {
        let counts = COUNTED.into_iter().zip(&self.0.counts);
        counts
            .map(|(metric, count)| (metric, count.swap(0, Ordering::Relaxed)))
            .filter(|(_, count)| *count > 0)
            .collect()
    }
}

impl Inner {
    async fn check_file(&self, seen: &mut Version) {
        self.count(Metric::ConfigChecks);
        let (place, engines) = (&self.file.place, self.engines.as_ref());
        let found = place.read(Some(&self.objects), engines, Some(seen)).await;
        match found {
            // It is what was seen last, be that good or bad.
            Ok(None) => {}
            Err(problem) => self.note(Some(problem)),
            Ok(Some((file, version))) => {
                *seen = version;
                match self.admit(&file).await {
                    Ok(recipes) => {
                        if *self.recipes.now() != recipes {
                            self.recipes.put(recipes);
                            self.count(Metric::ConfigSwaps);
                            tracing::info!(
                                config.file = file.name(),
                                "the configuration file is in force"
                            );
                        }
                        self.note(None);
                    }
                    Err(problem) => self.note(Some(problem)),
                }
            }
        }
    }

    /// The recipes of a file, if they can be put in force.
    async fn admit(&self, file: &File) -> Result<Recipes, String> {
        let (recipes, mistakes) = file.recipes(&self.file.given);
        if !mistakes.is_empty() {
            let mut text = String::new();
            for mistake in mistakes {
                let gap = if text.is_empty() { "" } else { "; " };
                // A string takes everything.
                let _ = write!(text, "{gap}{mistake}");
            }
            return Err(text);
        }
        if let Some(lack) = self.needs.lack(&recipes.needs()) {
            return Err(format!(
                "{}: it asks for {lack}, which this host had no need of when it started, and may \
                 not be allowed; deploy with the file, or start the host anew",
                file.name()
            ));
        }
        for set in recipes.sets() {
            let specs = set.iter().map(|preset| preset.spec().clone()).collect();
            if let Err(error) = self.engine.try_specs(specs, self.limits).await {
                let set: Vec<String> = set.iter().map(ToString::to_string).collect();
                let reason = with_causes(&error);
                return Err(format!(
                    "{}: the engine cannot make {}: {reason}",
                    file.name(),
                    set.join(" ")
                ));
            }
        }
        Ok(recipes)
    }

    /// Say what is wrong, once, and when it is over.
    fn note(&self, problem: Option<String>) {
        if problem.is_some() {
            self.count(Metric::ConfigProblems);
        }
        let mut known = lock(&self.problem);
        if *known == problem {
            return;
        }
        match &problem {
            Some(text) => tracing::error!(
                error.message = text,
                "the configuration file is not followed and the last good one holds on"
            ),
            None => tracing::info!("the configuration file is followed again"),
        }
        *known = problem;
    }

    fn count(&self, metric: Metric) {
        let counts = COUNTED.into_iter().zip(&self.counts);
        for (_, count) in counts.filter(|(counted, _)| *counted == metric) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
