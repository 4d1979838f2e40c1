//! Names of manifests.

use std::fmt;
use std::str::FromStr;

use crate::naming::{Naming, extension};
use crate::preset::Preset;

/// The variable of the template.
const KEY: &str = "{key}";

/// The ending of every manifest, by which a store tells it from thumbnails.
const ENDING: &str = ".json";

/// A template for the keys of manifests: fixed text around the key of the source.
///
/// ```
/// use thimble::manifest::ManifestName;
///
/// let name: ManifestName = "{key}/manifest.json".parse()?;
/// assert_eq!(name.key("a/cat.jpg"), "a/cat.jpg/manifest.json");
/// assert_eq!(name.source("a/cat.jpg/manifest.json"), Some("a/cat.jpg"));
/// # Ok::<(), thimble::manifest::ManifestNameError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestName {
    before: String,
    after: String,
}

/// Mistake in a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestNameError {
    /// It lacks the key, or has another variable.
    #[error("it needs {{key}}, once, and no other variable")]
    Variables,
    /// It cannot be told from a thumbnail.
    #[error("it needs .json at its end")]
    Ending,
    /// No store takes such a key.
    #[error("it cannot begin with a slash, and no part of a path can be empty, . or ..")]
    Path,
    /// It leads out of the folder of the thumbnails, perhaps to the sources.
    #[error(
        "it needs to begin like the names of thumbnails, with {0}, or a manifest could become a source"
    )]
    Outside(String),
    /// A thumbnail could have its name.
    #[error(
        "thumbnails are called {0}, which may end in .json as well; give them an extension, .{{ext}}"
    )]
    Meets(String),
    /// A thumbnail could have its name, because of its format.
    #[error("the preset {0} writes files that end in .json as well; give it another format")]
    Preset(String),
}

impl ManifestName {
    /// The key of the manifest of `source`.
    pub fn key(&self, source: &str) -> String {
        format!("{}{source}{}", self.before, self.after)
    }

    /// The source of which `manifest` is the manifest, if it could be one at all.
    pub fn source<'a>(&self, manifest: &'a str) -> Option<&'a str> {
        let rest = manifest.strip_prefix(&self.before)?;
        rest.strip_suffix(&self.after)
    }

    /// True if each manifest that could have the other name could have this one.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        other.before.starts_with(&self.before) && other.after.ends_with(&self.after)
    }

    /// Common beginning of the keys of the manifests of all sources whose keys begin with
    /// `source`.
    pub(crate) fn lead(&self, source: &str) -> String {
        format!("{}{source}", self.before)
    }

    /// The name beside thumbnails of this naming that nobody chose.
    pub fn beside(naming: &Naming) -> Self {
        Self {
            before: naming.prefix().to_owned(),
            after: "/manifest.json".to_owned(),
        }
    }

    /// Refuse a name that a thumbnail could have as well, or that leads away from them.
    ///
    /// # Errors
    /// With what is in the way.
    pub fn check(&self, naming: &Naming, presets: &[Preset]) -> Result<(), ManifestNameError> {
        if !self.before.starts_with(naming.prefix()) {
            return Err(ManifestNameError::Outside(naming.prefix().to_owned()));
        }
        if naming.may_end_in(ENDING) {
            return Err(ManifestNameError::Meets(naming.to_string()));
        }
        let is_json = |preset: &&Preset| {
            let media_type = preset.spec().encoding.media_type.as_deref();
            media_type.is_some_and(|media_type| extension(media_type) == "json")
        };
        match presets.iter().find(is_json) {
            Some(preset) => Err(ManifestNameError::Preset(preset.to_string())),
            None => Ok(()),
        }
    }
}

impl FromStr for ManifestName {
    type Err = ManifestNameError;

    fn from_str(template: &str) -> Result<Self, ManifestNameError> {
        let (before, after) = template
            .split_once(KEY)
            .ok_or(ManifestNameError::Variables)?;
        if [before, after].iter().any(|text| text.contains(['{', '}'])) {
            return Err(ManifestNameError::Variables);
        }
        if !after.ends_with(ENDING) {
            return Err(ManifestNameError::Ending);
        }
        let is_no_name = |part: &str| matches!(part, "" | "." | "..");
        if template.split('/').any(is_no_name) {
            return Err(ManifestNameError::Path);
        }
        Ok(Self {
            before: before.to_owned(),
            after: after.to_owned(),
        })
    }
}

impl fmt::Display for ManifestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key(KEY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_written_as_it_was_read() {
        for template in ["{key}/manifest.json", "m/{key}.json", "a/b-{key}/x.json"] {
            let name = template.parse::<ManifestName>();
            assert_eq!(name.map(|name| name.to_string()).as_deref(), Ok(template));
        }
    }

    #[test]
    fn a_template_that_is_no_name_is_refused() {
        use ManifestNameError::*;
        for (template, error) in [
            ("manifest.json", Variables),
            ("{key}/{key}.json", Variables),
            ("{key}/{preset}.json", Variables),
            ("{key}/manifest", Ending),
            ("{key}.json/x", Ending),
            ("/{key}/manifest.json", Path),
            ("{key}/../manifest.json", Path),
            ("{key}//manifest.json", Path),
        ] {
            assert_eq!(template.parse::<ManifestName>(), Err(error), "{template}");
        }
    }

    #[test]
    fn a_name_that_meets_a_thumbnail_or_leads_away_from_them_is_refused() {
        let small = "small=9x9";
        for (name, naming, preset, is_good) in [
            ("{key}/manifest.json", "{key}/{preset}.{ext}", small, true),
            ("{key}.json", "{key}/{preset}.{ext}", small, true),
            (
                "t/{key}/manifest.json",
                "t/{preset}/{key}.{ext}",
                small,
                true,
            ),
            ("{key}/manifest.json", "{key}/{preset}", small, true),
            (
                "{key}/manifest.json",
                "t/{key}/{preset}.{ext}",
                small,
                false,
            ),
            (
                "tt/{key}/manifest.json",
                "t/{key}/{preset}.{ext}",
                small,
                false,
            ),
            ("{key}/manifest.json", "{preset}/{key}", small, false),
            ("{key}/manifest.json", "{key}/{preset}.json", small, false),
            (
                "{key}/manifest.json",
                "{key}/{preset}.{ext}",
                "manifest=9x9,image/json",
                false,
            ),
            (
                "{key}/manifest.json",
                "{key}/{preset}.{ext}",
                "manifest=9x9,png",
                true,
            ),
        ] {
            let naming: Naming = naming.parse().unwrap();
            let presets = [preset.parse().unwrap()];
            let name: ManifestName = name.parse().unwrap();
            let told = name.check(&naming, &presets);
            assert_eq!(told.is_ok(), is_good, "{name} beside {naming}: {told:?}");
        }
        let naming: Naming = "t/{preset}/{key}.{ext}".parse().unwrap();
        let own = ManifestName::beside(&naming);
        assert_eq!(own.to_string(), "t/{key}/manifest.json");
        assert_eq!(own.check(&naming, &[]), Ok(()));
    }
}
