//! Recipes: the thumbnails of a source, by rules about its name.
//!
//! [`Recipes`] answers one question, and nothing else does: which thumbnails does this
//! source get, under which names, and where? Making them, skipping those that are there,
//! removing them and asking for them afterwards all go by the same answer.
//!
//! The first rule that takes a source decides, and the default where none does. Rules
//! look at names only, because some who ask have nothing else: the source of a removal
//! is gone.
//!
//! ```
//! use thimble::object::Location;
//! use thimble::recipe::{Recipe, Recipes, Rule, Sources};
//!
//! let avatars = Recipe::of(vec!["face=96x96,cover".parse()?]);
//! let others = Recipe::of(vec!["wide=1280x".parse()?]);
//! let sources = Sources { prefixes: vec!["avatars/".into()], ..Sources::default() };
//! let recipes = Recipes {
//!     rules: vec![Rule { name: None, sources, recipe: avatars.clone() }],
//!     default: others.clone(),
//! };
//! assert_eq!(recipes.of(&Location::new("uploads", "avatars/ann.jpg")), Some(&avatars));
//! assert_eq!(recipes.of(&Location::new("uploads", "beach.jpg")), Some(&others));
//! # Ok::<(), thimble::preset::PresetError>(())
//! ```

use std::sync::{Arc, PoisonError, RwLock};

use crate::contract::Spec;
use crate::manifest::Manifests;
use crate::naming::Naming;
use crate::object::Location;
use crate::ports::{Attributes, Storage};
use crate::preset::Preset;

pub mod copies;
pub mod media_type;
mod meeting;
mod needs;
mod sources;

use copies::Copies;
pub use meeting::{Meeting, OwnSources};
pub use needs::Needs;
pub use sources::Sources;

/// The thumbnails of a source, and their place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recipe {
    /// The thumbnails; without one a source is left alone.
    pub presets: Vec<Preset>,
    /// The bucket that they are written to.
    pub bucket: String,
    /// Their names there.
    pub naming: Naming,
    /// Manifests of the sources, if they are to have any.
    pub manifests: Option<Manifests>,
    /// The `Cache-Control` they are written with.
    pub cache_control: Option<String>,
    /// Metadata of each, besides that which says of what and by whom it was made.
    pub metadata: Attributes,
    /// Parts of the source that each has as well.
    pub copies: Copies,
    /// Settings of their storage.
    pub storage: Storage,
}

impl Recipe {
    /// A recipe of these presets, and nothing special.
    pub fn of(presets: Vec<Preset>) -> Self {
        Self {
            presets,
            ..Self::default()
        }
    }

    /// The specs of the presets, for the engine.
    pub fn specs(&self) -> Arc<[Spec]> {
        let specs = self.presets.iter().map(|preset| preset.spec().clone());
        specs.collect()
    }

    /// Location of the thumbnail or the manifest called `key`.
    pub fn at(&self, key: impl Into<String>) -> Location {
        Location::new(&self.bucket, key)
    }

    /// Location of the manifest of the source called `key`, if it is to have one.
    pub fn manifest(&self, key: &str) -> Option<Location> {
        let manifests = self.manifests.as_ref()?;
        Some(self.at(manifests.name.key(key)))
    }

    /// The source that the thumbnail or the manifest called `key` is of, and the preset
    /// of a thumbnail, as far as its name tells.
    pub fn source<'a>(&self, key: &'a str) -> Option<(&'a str, Option<&'a str>)> {
        let manifests = self.manifests.as_ref();
        if let Some(source) = manifests.and_then(|manifests| manifests.name.source(key)) {
            return Some((source, None));
        }
        let (source, preset) = self.naming.source(key)?;
        Some((source, Some(preset)))
    }

    /// True if `location` lies where its thumbnails do.
    fn is_output(&self, location: &Location) -> bool {
        self.bucket == location.bucket && location.key.starts_with(self.naming.prefix())
    }
}

/// A recipe for some sources.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    /// Its name, for people.
    pub name: Option<String>,
    /// The sources that it takes, unless an earlier rule does.
    pub sources: Sources,
    /// Their thumbnails.
    pub recipe: Recipe,
}

/// The recipes of a host.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recipes {
    /// Rules, of which the first that takes a source decides.
    pub rules: Vec<Rule>,
    /// The recipe of sources that no rule takes.
    pub default: Recipe,
}

impl Recipes {
    /// The recipe of the source at `location`; `None` if it is left alone.
    pub fn of(&self, location: &Location) -> Option<&Recipe> {
        let rule = self.rule(location);
        let recipe = rule.map_or(&self.default, |(_, rule)| &rule.recipe);
        (!recipe.presets.is_empty()).then_some(recipe)
    }

    /// The rule that takes the source at `location`, and its index.
    pub fn rule(&self, location: &Location) -> Option<(usize, &Rule)> {
        let mut rules = self.rules.iter().enumerate();
        rules.find(|(_, rule)| rule.sources.takes(location))
    }

    /// Every recipe: those of the rules in their order, and the default.
    pub fn all(&self) -> impl Iterator<Item = &Recipe> {
        let rules = self.rules.iter().map(|rule| &rule.recipe);
        rules.chain([&self.default])
    }

    /// Every recipe, to be changed.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Recipe> {
        let rules = self.rules.iter_mut().map(|rule| &mut rule.recipe);
        rules.chain([&mut self.default])
    }

    /// True if `location` lies where thumbnails do: then it is no source.
    pub fn is_output(&self, location: &Location) -> bool {
        self.all()
            .filter(|recipe| !recipe.presets.is_empty())
            .any(|recipe| recipe.is_output(location))
    }

    /// The buckets that thumbnails are written to, each once.
    pub fn buckets(&self) -> Vec<&str> {
        let mut buckets: Vec<&str> = Vec::new();
        for recipe in self.all().filter(|recipe| !recipe.presets.is_empty()) {
            if !buckets.contains(&recipe.bucket.as_str()) {
                buckets.push(&recipe.bucket);
            }
        }
        buckets
    }

    /// The sets of presets that an engine has to make, each once.
    pub fn sets(&self) -> Vec<Vec<Preset>> {
        let mut sets: Vec<Vec<Preset>> = Vec::new();
        for Recipe { presets, .. } in self.all() {
            if !presets.is_empty() && !sets.contains(presets) {
                sets.push(presets.clone());
            }
        }
        sets
    }

    /// The number of thumbnails of a source that has most of them.
    pub fn most(&self) -> usize {
        let counts = self.all().map(|recipe| recipe.presets.len());
        counts.max().unwrap_or_default()
    }

    /// True if sources have manifests.
    pub fn have_manifests(&self) -> bool {
        self.all().any(|recipe| recipe.manifests.is_some())
    }

    /// The source in `bucket` of which the object called `key`, where thumbnails are
    /// written, is a thumbnail or the manifest, as far as its name tells.
    pub fn source_of<'a>(&self, bucket: &str, key: &'a str) -> Option<&'a str> {
        let sources = || {
            let all = self.all().filter(|recipe| !recipe.presets.is_empty());
            all.filter_map(|recipe| Some((recipe, recipe.source(key)?.0)))
        };
        let is_its_own = |(recipe, source): &(&Recipe, &str)| {
            let own = self.of(&Location::new(bucket, *source));
            own.is_some_and(|own| std::ptr::eq(own, *recipe))
        };
        // Other rules made it once.
        let found = sources().find(is_its_own).or_else(|| sources().next());
        found.map(|(_, source)| source)
    }
}

impl From<Vec<Preset>> for Recipes {
    fn from(presets: Vec<Preset>) -> Self {
        Self {
            rules: Vec::new(),
            default: Recipe::of(presets),
        }
    }
}

/// The recipes in force: all who hold one see the same, and each image keeps those that
/// were in force when it was begun. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct InForce(Arc<RwLock<Arc<Recipes>>>);

impl InForce {
    /// The recipes at this moment.
    pub fn now(&self) -> Arc<Recipes> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.clone()
    }

    /// Put others in force, all at once.
    pub fn put(&self, recipes: Recipes) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::new(recipes);
    }
}

impl From<Recipes> for InForce {
    fn from(recipes: Recipes) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(recipes))))
    }
}
