//! The sources that a rule takes.

use super::media_type;
use crate::object::Location;

/// The most pairs of names that a comparison of two rules looks at.
const MOST: usize = 10_000;

/// A choice of sources by their names. Each list that is not empty is a condition, and one
/// of its entries has to hold; all conditions have to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// Names of buckets.
    pub buckets: Vec<String>,
    /// Beginnings of keys.
    pub prefixes: Vec<String>,
    /// Endings of keys, in any case.
    pub suffixes: Vec<String>,
    /// Formats, by the usual endings of keys.
    pub media_types: Vec<String>,
}

/// One way to meet all conditions of a rule.
#[derive(Clone, Debug)]
pub(crate) struct Way<'a> {
    bucket: Option<&'a str>,
    prefix: &'a str,
    suffix: Option<String>,
    extension: Option<&'static str>,
}

impl Sources {
    /// True if the source at `location` is one of them.
    pub fn takes(&self, location: &Location) -> bool {
        let Location { bucket, key } = location;
        let lower = key.to_lowercase();
        let begins = |prefix: &String| key.starts_with(prefix.as_str());
        let ends = |suffix: &String| lower.ends_with(&suffix.to_lowercase());
        (self.buckets.is_empty() || self.buckets.contains(bucket))
            && (self.prefixes.is_empty() || self.prefixes.iter().any(begins))
            && (self.suffixes.is_empty() || self.suffixes.iter().any(ends))
            && (self.media_types.is_empty() || self.has_type(&lower))
    }

    fn has_type(&self, lower: &str) -> bool {
        let own = self.media_types.iter();
        own.flat_map(|name| media_type::extensions(name))
            .any(|extension| ends_in(lower, extension))
    }

    /// Every way to meet the conditions; `None` if they are too many to look at.
    pub(crate) fn ways(&self) -> Option<Vec<Way<'_>>> {
        let types = self.media_types.iter();
        let extensions: Vec<&'static str> = types
            .flat_map(|name| media_type::extensions(name).iter().copied())
            .collect();
        let counts = [
            self.buckets.len(),
            self.prefixes.len(),
            self.suffixes.len(),
            extensions.len(),
        ];
        let all: usize = counts.iter().map(|count| (*count).max(1)).product();
        if all > MOST {
            return None;
        }
        let buckets = optional(self.buckets.iter().map(String::as_str));
        let prefixes = optional(self.prefixes.iter().map(String::as_str));
        let suffixes = optional(self.suffixes.iter().map(|suffix| suffix.to_lowercase()));
        let extensions = optional(extensions.into_iter());
        let mut ways = Vec::with_capacity(all);
        for bucket in &buckets {
            for prefix in &prefixes {
                for suffix in &suffixes {
                    for extension in &extensions {
                        ways.push(Way {
                            bucket: *bucket,
                            prefix: prefix.unwrap_or_default(),
                            suffix: suffix.clone(),
                            extension: *extension,
                        });
                    }
                }
            }
        }
        Some(ways)
    }

    /// True if it takes every source that can be met in this way.
    pub(crate) fn covers(&self, way: &Way<'_>) -> bool {
        let is_in = |known: &String| way.bucket == Some(known.as_str());
        let begins = |prefix: &String| way.prefix.starts_with(prefix.as_str());
        let by_suffix = |ending: &str| {
            let of_suffix = way.suffix.as_deref().is_some_and(|it| it.ends_with(ending));
            let of_type = way
                .extension
                .is_some_and(|it| it.ends_with(ending) || ending == format!(".{it}"));
            of_suffix || of_type
        };
        let suffixes = || self.suffixes.iter().any(|it| by_suffix(&it.to_lowercase()));
        let types = || {
            let extensions = self.media_types.iter();
            extensions
                .flat_map(|name| media_type::extensions(name))
                .any(|extension| by_suffix(&format!(".{extension}")))
        };
        (self.buckets.is_empty() || self.buckets.iter().any(is_in))
            && (self.prefixes.is_empty() || self.prefixes.iter().any(begins))
            && (self.suffixes.is_empty() || suffixes())
            && (self.media_types.is_empty() || types())
    }
}

impl<'a> Way<'a> {
    /// No condition at all.
    pub(crate) const ANY: Way<'static> = Way {
        bucket: None,
        prefix: "",
        suffix: None,
        extension: None,
    };

    /// The same, for sources of `bucket`; `None` if it takes none of those.
    pub(crate) fn of(&self, bucket: &'a str) -> Option<Self> {
        let takes = self.bucket.is_none_or(|own| own == bucket);
        takes.then(|| Self {
            bucket: Some(bucket),
            ..self.clone()
        })
    }

    /// The bucket, if it is a condition.
    pub(crate) fn bucket(&self) -> Option<&'a str> {
        self.bucket
    }

    /// The common beginning of the keys.
    pub(crate) fn prefix(&self) -> &'a str {
        self.prefix
    }

    /// False if no key can end like both.
    pub(crate) fn can_end_like(&self, other: &Self) -> bool {
        let fit = |one: &str, other: &str| one.ends_with(other) || other.ends_with(one);
        let (ours, theirs) = (self.endings(), other.endings());
        ours.iter()
            .all(|one| theirs.iter().all(|other| fit(one, other)))
    }

    fn endings(&self) -> Vec<String> {
        let extension = self.extension.map(|extension| format!(".{extension}"));
        self.suffix.clone().into_iter().chain(extension).collect()
    }

    /// True if no key can meet it: its ending is that of two formats.
    pub(crate) fn is_impossible(&self) -> bool {
        let (Some(suffix), Some(extension)) = (&self.suffix, self.extension) else {
            return false;
        };
        let ending = format!(".{extension}");
        !suffix.ends_with(&ending) && !ending.ends_with(suffix.as_str())
    }
}

/// True if the key `lower`, in small letters, has this extension.
fn ends_in(lower: &str, extension: &str) -> bool {
    lower
        .strip_suffix(extension)
        .is_some_and(|rest| rest.ends_with('.'))
}

/// The entries of a list; one that is none where it is no condition.
fn optional<T>(entries: impl Iterator<Item = T>) -> Vec<Option<T>> {
    let entries: Vec<_> = entries.map(Some).collect();
    if entries.is_empty() {
        vec![None]
    } else {
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(lists: [&[&str]; 4]) -> Sources {
        let [buckets, prefixes, suffixes, media_types] =
            lists.map(|list| list.iter().map(|entry| (*entry).to_owned()).collect());
        Sources {
            buckets,
            prefixes,
            suffixes,
            media_types,
        }
    }

    #[test]
    fn all_conditions_have_to_hold_and_of_each_one_entry() {
        let all = sources([
            &["one", "two"],
            &["a/", "b/"],
            &["-big.PNG", "-big.jpeg"],
            &["image/png", "image/jpeg"],
        ]);
        for (bucket, key, takes) in [
            ("one", "a/cat-big.png", true),
            ("two", "b/CAT-BIG.JPEG", true),
            ("three", "a/cat-big.png", false),
            ("one", "c/cat-big.png", false),
            ("one", "a/cat.png", false),
        ] {
            let location = Location::new(bucket, key);
            assert_eq!(all.takes(&location), takes, "{location}");
        }
        let png = sources([&[], &[], &[], &["image/png"]]);
        assert!(png.takes(&Location::new("any", "a.PNG")));
        assert!(!png.takes(&Location::new("any", "png")), "no extension");
        assert!(Sources::default().takes(&Location::new("any", "")));
    }

    #[test]
    fn a_rule_that_covers_all_ways_of_another_takes_all_that_it_would() {
        for (earlier, later, covered) in [
            (
                sources([&[], &["a/"], &[], &[]]),
                sources([&[], &["a/b/"], &[], &[]]),
                true,
            ),
            (
                sources([&[], &["a/b/"], &[], &[]]),
                sources([&[], &["a/"], &[], &[]]),
                false,
            ),
            (
                sources([&["x"], &[], &[], &[]]),
                sources([&[], &["a/"], &[], &[]]),
                false,
            ),
            (
                sources([&["x"], &[], &[], &[]]),
                sources([&["x"], &["a/"], &[], &[]]),
                true,
            ),
            (
                sources([&[], &[], &[".jpg"], &[]]),
                sources([&[], &[], &["-x.JPG"], &[]]),
                true,
            ),
            (
                sources([&[], &[], &[], &["image/jpeg"]]),
                sources([&[], &[], &[".jpg"], &[]]),
                true,
            ),
            (
                sources([&[], &[], &[".jpg", ".jpeg", ".jpe", ".jfif"], &[]]),
                sources([&[], &[], &[], &["image/jpeg"]]),
                true,
            ),
            (
                sources([&[], &[], &[".jpg"], &[]]),
                sources([&[], &[], &[], &["image/jpeg"]]),
                false,
            ),
            (
                Sources::default(),
                sources([&["x"], &["a/"], &[".png"], &[]]),
                true,
            ),
        ] {
            let ways = later.ways().unwrap();
            let told = ways.iter().all(|way| earlier.covers(way));
            assert_eq!(told, covered, "{earlier:?} before {later:?}");
        }
    }
}
