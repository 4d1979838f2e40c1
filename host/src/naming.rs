//! Names of thumbnails.
//!
//! A template makes a key from the key of the source, the name of the preset
//! and the format. The default takes the whole source key for a folder, so that
//! `a/cat.jpg`, `a/cat.png` and `b/cat.jpg` never meet. A template under which
//! two sources could meet is refused.
//!
//! ```
//! use thimble::naming::Naming;
//!
//! let naming = Naming::default();
//! assert_eq!(naming.key("a/cat.jpg", "small", "image/webp"), "a/cat.jpg/small.webp");
//! assert_eq!(naming.source("a/cat.jpg/small.webp"), Some(("a/cat.jpg", "small")));
//! ```

use std::fmt;
use std::str::FromStr;

/// The default template.
pub const TEMPLATE: &str = "{key}/{preset}.{ext}";

/// A template for the keys of thumbnails.
///
/// It is a line of fixed text, one of key and preset, fixed text, the other of
/// them, fixed text, and the extension; in that order, so that the parts can be
/// told from each other again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    before: String,
    between: String,
    after: String,
    key_first: bool,
    extension: bool,
}

/// Mistake in a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NamingError {
    /// It lacks the key or the preset, or has one of them twice.
    #[error("it needs {{key}} and {{preset}}, each once")]
    Variables,
    /// It has a variable that there is none of.
    #[error("it knows {{key}}, {{preset}} and {{ext}} and no other variable")]
    UnknownVariable,
    /// Key and preset touch, or are divided by what a preset's name may hold.
    #[error("it needs a slash between {{key}} and {{preset}}, or two sources could meet")]
    Separator,
    /// The extension is not where it can be told from the rest.
    #[error("it needs {{ext}} at its end, behind a dot, or not at all")]
    Extension,
    /// No store takes such a key.
    #[error("it cannot begin with a slash, and no part of a path can be empty, . or ..")]
    Path,
}

impl Naming {
    /// The key of the thumbnail of `source` for `preset` in a format.
    pub fn key(&self, source: &str, preset: &str, media_type: &str) -> String {
        let mut key = self.stem(source, preset);
        if self.extension {
            key.push_str(&extension(media_type));
        }
        key
    }

    /// The keys that the thumbnail called `key` would have in one of these formats instead:
    /// none if keys do not tell formats apart.
    #[cfg(feature = "cli")]
    pub(crate) fn other_formats<'a>(
        &self,
        key: &'a str,
        media_types: &'a [String],
    ) -> impl Iterator<Item = String> + use<'a> {
        let parts = self.extension.then(|| key.rsplit_once('.')).flatten();
        parts.into_iter().flat_map(|(stem, own)| {
            let extensions = media_types.iter().map(|media_type| extension(media_type));
            let others = extensions.filter(move |extension| extension != own);
            others.map(move |extension| format!("{stem}.{extension}"))
        })
    }

    /// Common beginning of the keys of the thumbnails of `source` for `preset`:
    /// all but the extension.
    pub fn stem(&self, source: &str, preset: &str) -> String {
        let Self {
            before,
            between,
            after,
            ..
        } = self;
        let (first, second) = if self.key_first {
            (source, preset)
        } else {
            (preset, source)
        };
        format!("{before}{first}{between}{second}{after}")
    }

    /// Common beginning of the keys of all thumbnails of `source`, for whichever
    /// preset; `None` if those begin with the name of the preset.
    pub fn stem_of_all(&self, source: &str) -> Option<String> {
        let Self {
            before, between, ..
        } = self;
        self.key_first.then(|| format!("{before}{source}{between}"))
    }

    /// The source and the preset of which `thumbnail` is the thumbnail, if it
    /// could be one at all.
    pub fn source<'a>(&self, thumbnail: &'a str) -> Option<(&'a str, &'a str)> {
        let mut rest = thumbnail.strip_prefix(&self.before)?;
        if self.extension {
            let dot = rest.rfind('.')?;
            rest = rest.get(..=dot)?;
        }
        rest = rest.strip_suffix(&self.after)?;
        if self.key_first {
            rest.rsplit_once(&self.between)
        } else {
            rest.split_once(&self.between)
                .map(|(preset, source)| (source, preset))
        }
    }

    /// True if a thumbnail may be called something with `ending`, whatever its format. The
    /// name of a preset holds no dot.
    pub(crate) fn may_end_in(&self, ending: &str) -> bool {
        !self.extension && (!self.key_first || self.after.ends_with(ending))
    }

    /// True if the name of the preset is found at the same place of a key.
    pub(crate) fn ends_like(&self, other: &Self) -> bool {
        let shape = |naming: &Self| {
            let Self {
                between,
                after,
                key_first,
                extension,
                ..
            } = naming;
            (between.clone(), after.clone(), *key_first, *extension)
        };
        self.key_first && shape(self) == shape(other)
    }

    /// The ending of keys whose format is not known yet.
    pub(crate) fn ending(&self) -> &'static str {
        if self.extension { "{ext}" } else { "" }
    }

    /// Common beginning of the keys of the thumbnails of all sources whose keys begin with
    /// `source`.
    pub(crate) fn lead(&self, source: &str) -> String {
        let first = if self.key_first { source } else { "" };
        format!("{}{first}", self.before)
    }

    /// Common beginning of the keys of all thumbnails; empty if they begin with
    /// the key of the source or the name of the preset.
    pub fn prefix(&self) -> &str {
        &self.before
    }
}

impl Default for Naming {
    fn default() -> Self {
        Self {
            before: String::new(),
            between: "/".to_owned(),
            after: ".".to_owned(),
            key_first: true,
            extension: true,
        }
    }
}

impl FromStr for Naming {
    type Err = NamingError;

    fn from_str(template: &str) -> Result<Self, NamingError> {
        let (rest, extension) = match template.strip_suffix("{ext}") {
            Some(rest) if rest.ends_with('.') => (rest, true),
            Some(_) => return Err(NamingError::Extension),
            None => (template, false),
        };
        if rest.contains("{ext}") {
            return Err(NamingError::Extension);
        }
        let (key, preset) = (rest.find("{key}"), rest.find("{preset}"));
        let (Some(key), Some(preset)) = (key, preset) else {
            return Err(NamingError::Variables);
        };
        let key_first = key < preset;
        let (first, second) = if key_first {
            ("{key}", "{preset}")
        } else {
            ("{preset}", "{key}")
        };
        let (before, rest) = rest.split_once(first).ok_or(NamingError::Variables)?;
        let (between, after) = rest.split_once(second).ok_or(NamingError::Variables)?;
        let naming = Self {
            before: before.to_owned(),
            between: between.to_owned(),
            after: after.to_owned(),
            key_first,
            extension,
        };
        naming.check(template)?;
        Ok(naming)
    }
}

impl Naming {
    fn check(&self, template: &str) -> Result<(), NamingError> {
        let fixed = [&self.before, &self.between, &self.after];
        if fixed
            .iter()
            .any(|text| text.contains("{key}") || text.contains("{preset}"))
        {
            return Err(NamingError::Variables);
        }
        if fixed.iter().any(|text| text.contains(['{', '}'])) {
            return Err(NamingError::UnknownVariable);
        }
        if !self.between.contains('/') {
            return Err(NamingError::Separator);
        }
        if template
            .split('/')
            .any(|part| matches!(part, "" | "." | ".."))
        {
            return Err(NamingError::Path);
        }
        Ok(())
    }
}

impl fmt::Display for Naming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stem("{key}", "{preset}"))?;
        f.write_str(self.ending())
    }
}

/// The usual extension of a format; that of a format without one is made from
/// the letters and digits of its name.
pub(crate) fn extension(media_type: &str) -> String {
    let subtype = media_type.rsplit('/').next().unwrap_or(media_type);
    match subtype {
        "jpeg" => "jpg".to_owned(),
        "svg+xml" => "svg".to_owned(),
        "x-icon" | "vnd.microsoft.icon" => "ico".to_owned(),
        "x-thumbhash" | "x-blurhash" | "x-color" => subtype.replace("x-", ""),
        other => other.chars().filter(char::is_ascii_alphanumeric).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_template_is_written_as_it_was_read() {
        for template in [
            TEMPLATE,
            "t/{preset}/{key}.{ext}",
            "{key}/x-{preset}",
            "{preset}/{key}",
        ] {
            assert_eq!(
                template
                    .parse::<Naming>()
                    .map(|naming| naming.to_string())
                    .as_deref(),
                Ok(template)
            );
        }
    }

    #[test]
    fn a_template_under_which_two_sources_could_meet_is_refused() {
        use NamingError::*;
        for (template, error) in [
            ("{key}.{ext}", Variables),
            ("{preset}/{ext}", Extension),
            ("{key}/{preset}/{key}", Variables),
            ("{key}-{preset}.{ext}", Separator),
            ("{preset}{key}.{ext}", Separator),
            ("{key}/{preset}{ext}", Extension),
            ("{ext}/{key}/{preset}", Extension),
            ("{stem}/{key}/{preset}.{ext}", UnknownVariable),
            ("/{key}/{preset}.{ext}", Path),
            ("{key}/../{preset}.{ext}", Path),
            ("", Variables),
        ] {
            assert_eq!(template.parse::<Naming>(), Err(error), "{template}");
        }
    }

    #[test]
    fn formats_have_the_extensions_that_people_expect() {
        for (media_type, expected) in [
            ("image/jpeg", "jpg"),
            ("image/webp", "webp"),
            ("image/x-icon", "ico"),
            ("image/x-thumbhash", "thumbhash"),
            ("image/x..odd/../y", "y"),
        ] {
            assert_eq!(extension(media_type), expected);
        }
    }

    proptest! {
        #[test]
        fn a_thumbnail_leads_back_to_its_source(
            key in "[a-z/. ]{1,12}",
            preset in "[a-z0-9][a-z0-9_-]{0,5}",
            template in prop::sample::select(vec![TEMPLATE, "t/{preset}/{key}.{ext}", "{key}/x-{preset}", "{preset}/{key}"]),
        ) {
            let naming: Naming = template.parse().expect("a template");
            let thumbnail = naming.key(&key, &preset, "image/jpeg");
            prop_assert_eq!(naming.source(&thumbnail), Some((key.as_str(), preset.as_str())));
        }
    }
}
