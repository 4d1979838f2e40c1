//! Settings of a pipeline.

use crate::contract::Limits;
use crate::object::Location;
use crate::recipe::{Recipe, Recipes};
use crate::report::Skipped;

/// Settings of a pipeline.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The thumbnails of each source, and their place.
    pub recipes: Recipes,
    /// Limits of one source.
    pub limits: Limits,
    /// The largest source that is read, in bytes.
    pub max_source: u64,
    /// Choice of the keys that are sources.
    pub sources: Filter,
    /// Leave a source alone whose thumbnails are there already, made of these
    /// bytes for these presets by this engine.
    pub skip_existing: bool,
    /// Remove thumbnails whose source is gone, or has become one of another
    /// format.
    pub propagate_deletes: bool,
    /// The bytes of source images that may be in memory at one time.
    pub memory: u64,
    /// Source images that may be in memory at one time.
    pub in_memory: usize,
    /// Engines that may work at one time.
    pub engines: usize,
}

impl Settings {
    /// Reason why an object is no source, as far as its name tells: it is a
    /// thumbnail, or the configuration leaves it out.
    pub fn is_no_source(&self, location: &Location) -> Option<Skipped> {
        self.recipe(&self.recipes, location).err()
    }

    /// The one of `recipes` for the source at `location`, or the reason why it is none.
    pub(super) fn recipe<'a>(
        &self,
        recipes: &'a Recipes,
        location: &Location,
    ) -> Result<&'a Recipe, Skipped> {
        let key = &location.key;
        if recipes.is_output(location) {
            Err(Skipped::OwnOutput)
        } else if !self.sources.takes(key) || key.ends_with('/') {
            Err(Skipped::Excluded)
        } else {
            recipes.of(location).ok_or(Skipped::Excluded)
        }
    }
}

/// Choice of the keys that are sources: an empty filter takes every key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only keys that begin with one of these, if there are any.
    pub prefixes: Vec<String>,
    /// Only keys that end with one of these, in any case, if there are any.
    pub suffixes: Vec<String>,
    /// No keys that begin with one of these.
    pub excluded: Vec<String>,
}

impl Filter {
    /// True if `key` is a source.
    pub fn takes(&self, key: &str) -> bool {
        let lower = key.to_lowercase();
        let begins = |prefix: &String| key.starts_with(prefix.as_str());
        let ends = |suffix: &String| lower.ends_with(&suffix.to_lowercase());
        (self.prefixes.is_empty() || self.prefixes.iter().any(begins))
            && (self.suffixes.is_empty() || self.suffixes.iter().any(ends))
            && !self.excluded.iter().any(begins)
    }
}
