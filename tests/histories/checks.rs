//! Promises that hold in the end.

use std::collections::{BTreeMap, BTreeSet};

use thimble::event;
use thimble::letter;
use thimble::manifest::{Manifest, State};
use thimble::object::Location;
use thimble::results::ID;
use thimble::testing::queue::all;
use thimble::testing::world::{IMAGES, World};

use crate::configured;
use crate::place::{Place, Setting};

impl Place {
    /// Checks that all that can be made was made, of the newest source and nothing
    /// else.
    pub(crate) async fn check_thumbnails(&mut self) {
        let mut made = self.world.thumbnails().await;
        let manifests = self.world.all_manifests().await;
        made.retain(|key, _| !manifests.contains_key(key));
        let specs = self.specs();
        let sources = self.world.sources().await;
        for (key, expected) in self.world.expected().await {
            if made.remove(&key).as_ref() != Some(&expected) {
                self.broken
                    .push(format!("{key} is not of the newest source"));
            }
        }
        // A source that cannot be made into thumbnails keeps those of an older
        // one: its dead letter says why.
        for (key, bytes) in made {
            let source = configured::source_of(&key);
            // Other rules gave it other names, and know nothing of these.
            let exists = sources.contains_key(source) || self.setting == Setting::Rules;
            let of_older = self.versions.get(source).is_some_and(|versions| {
                let stamps = |body: &String| {
                    let stamp = |spec| self.world.engine.stamp(spec, body.as_bytes());
                    specs.iter().any(|spec| stamp(spec) == bytes)
                };
                versions.iter().any(stamps)
            });
            if !exists || !of_older {
                self.broken.push(format!("{key} should not be there"));
            }
        }
    }

    /// Checks that each source has one manifest, of its newest version, that says how it
    /// ended, and that no manifest lies.
    pub(crate) async fn check_manifests(&mut self) {
        if self.setting == Setting::Bare {
            return;
        }
        if self.setting == Setting::Manifests {
            let lies = self.world.lies().await;
            self.broken.extend(lies);
        }
        let mut manifests = self.world.manifests().await;
        for (key, body) in self.world.sources().await {
            if self.is_left_alone(&key) {
                continue;
            }
            let found = manifests.remove(&key);
            self.tally.count("manifests", found.is_some().into());
            let state = match kinds(&body) {
                [] => State::Done,
                // Trying again may help: nothing is said of this version yet.
                kinds if kinds.contains(&"out-of-time") => continue,
                _ => State::Rejected,
            };
            let Some(manifest) = found else {
                self.broken.push(format!("{key} ({body}) has no manifest"));
                continue;
            };
            let kind = manifest.reason.map(|reason| reason.kind);
            let is_right = manifest.state == state
                && manifest.source.etag == World::etag(&body).as_str()
                && kind
                    .as_deref()
                    .is_none_or(|kind| kinds(&body).contains(&kind))
                && kind.is_some() == (state == State::Rejected);
            if !is_right {
                self.broken.push(format!(
                    "the manifest of {key} ({body}) says {:?}, {kind:?}",
                    manifest.state
                ));
            }
        }
        if self.setting == Setting::Rules {
            return;
        }
        for key in manifests.into_keys() {
            self.broken
                .push(format!("{key} is gone, and has a manifest"));
        }
    }

    /// Checks that the last result of each source is about its newest version, and says
    /// how that ended. Of `all_of_them`, or of those that no rules leave alone.
    pub(crate) async fn check_results(&mut self, all_of_them: bool) {
        if self.setting == Setting::Bare {
            return;
        }
        let mut last = BTreeMap::new();
        for told in all(&*self.results).await {
            let result = Manifest::read(told.body.as_bytes());
            let Some(result) = result.filter(|_| told.attributes.contains_key(ID)) else {
                self.broken.push(format!("no result: {}", told.body));
                continue;
            };
            self.tally.count("results", 1);
            last.insert(result.source.key, (result.state, result.source.etag));
        }
        for (key, body) in self.world.sources().await {
            let state = match kinds(&body) {
                [] => State::Done,
                kinds if kinds.contains(&"out-of-time") => continue,
                _ => State::Rejected,
            };
            // Whoever had its news last may have had rules that leave it alone.
            let is_exempt = !all_of_them && configured::may_be_left_alone(&key);
            if is_exempt || self.is_left_alone(&key) {
                continue;
            }
            let expected = (state, World::etag(&body).to_string());
            let found = last.remove(&key);
            if found.as_ref() != Some(&expected) {
                self.broken
                    .push(format!("the last result of {key} ({body}) is {found:?}"));
            }
        }
    }

    /// Checks that all that cannot be made is a dead letter with its reason, and
    /// nothing else is.
    pub(crate) async fn check_letters(&mut self) {
        let mut origins = BTreeSet::new();
        let mut explained = BTreeSet::new();
        let sources = self.world.sources().await;
        for letter in all(&*self.dead).await {
            self.tally.count("letters", 1);
            if !origins.insert(letter::origin(&letter).to_owned()) {
                let origin = letter::origin(&letter);
                self.broken.push(format!("{origin} is there twice"));
            }
            let said = |name: &str| letter.attributes.get(name).cloned().unwrap_or_default();
            if said(letter::REASON).is_empty() {
                self.broken.push(format!("{} gives no reason", letter.id));
            }
            for event in event::parse(&letter.body).into_iter().flatten().flatten() {
                let key = event.location.key;
                let kind = said(letter::KIND);
                let body = sources.get(&key).map_or("", String::as_str);
                if !kinds(body).contains(&kind.as_str()) {
                    let broken = format!("the letter of {key} ({body}) says {kind}");
                    self.broken.push(broken);
                }
                explained.insert(key);
            }
        }
        for (key, body) in sources {
            if self.is_left_alone(&key) {
                continue;
            }
            if !kinds(&body).is_empty() && !explained.contains(&key) {
                self.broken.push(format!("{key} ({body}) has no letter"));
            }
        }
    }

    /// Checks what holds while rules change: no manifest names a thumbnail that is not there
    /// or is of another version, whatever rules made it; and the last result of each source is
    /// of its newest version.
    pub(crate) async fn check_rules(&mut self) {
        for manifest in self.world.all_manifests().await.into_values() {
            let lies = self.world.lies_of(&manifest, false).await;
            self.broken.extend(lies);
        }
        self.check_results(false).await;
    }

    /// True if the rules in force leave a source alone.
    fn is_left_alone(&self, key: &str) -> bool {
        let location = Location::new(IMAGES, key);
        self.world.settings.recipes.of(&location).is_none()
    }

    /// Every spec that thumbnails were made by.
    fn specs(&self) -> Vec<thimble::contract::Spec> {
        let sets: Vec<_> = match self.setting {
            Setting::Rules => (0..configured::SETS).map(configured::recipes).collect(),
            Setting::Bare | Setting::Manifests => vec![self.world.settings.recipes.clone()],
        };
        let presets = sets.iter().flat_map(|recipes| recipes.all());
        let presets = presets.flat_map(|recipe| &recipe.presets);
        presets.map(|preset| preset.spec().clone()).collect()
    }
}

/// The kinds of failure that a source of this body may end with.
fn kinds(body: &str) -> &'static [&'static str] {
    match body.split(' ').next().unwrap_or_default() {
        "malformed" => &["malformed-source"],
        "huge" => &["limit-exceeded"],
        "trap" => &["engine-trap"],
        // Several of them in one batch wait for each other until its time is up.
        "slow" => &["engine-time", "out-of-time"],
        "nonsense" => &["unsupported-format"],
        _ => &[],
    }
}
