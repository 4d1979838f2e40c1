//! Rules that get in each other's way: one that meets nothing, names that meet, and
//! thumbnails that would become sources.

use super::sources::Way;
use super::{Recipe, Recipes, Rule};
use crate::manifest::ManifestNameError;
use crate::preset::Preset;

/// The most ways to meet rules that are compared with each other.
const MOST: usize = 5_000;

/// Something that is wrong with a rule, or with the default, because of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// The index of the rule; `None` for the default.
    pub rule: Option<usize>,
    /// The setting that is at fault.
    pub setting: &'static str,
    /// The problem, and its remedy.
    pub problem: String,
}

/// Bucket of the sources of which no rule says in which they are, if that is known.
pub type OwnSources<'a> = Option<&'a str>;

/// A recipe that makes thumbnails, and the ways in which sources come to it.
struct Part<'a> {
    index: Option<usize>,
    recipe: &'a Recipe,
    ways: Vec<Way<'a>>,
}

impl Recipes {
    /// Everything about these recipes that cannot be meant. `own` is the bucket of the
    /// sources of which no rule says in which they are, if that is known. Rules with an
    /// index in `unsound` are passed over.
    pub fn meetings(&self, own: OwnSources<'_>, unsound: &[usize]) -> Vec<Meeting> {
        let mut told = Vec::new();
        let Some(parts) = self.parts(unsound) else {
            told.push(Meeting {
                rule: None,
                setting: "rule",
                problem: format!(
                    "the rules name more than {MOST} buckets, prefixes and endings together, \
                     which are too many to compare; write fewer"
                ),
            });
            return told;
        };
        self.idle(&parts, unsound, &mut told);
        let writers: Vec<&Part<'_>> = parts
            .iter()
            .filter(|part| !part.recipe.presets.is_empty())
            .filter(|part| {
                told.iter()
                    .all(|it| it.rule != part.index || it.rule.is_none())
            })
            .collect();
        loops(&writers, own, &mut told);
        let buckets = self.buckets_of_sources(own);
        self.mixed(&writers, &buckets, &mut told);
        names(&writers, &buckets, &mut told);
        told
    }

    fn parts(&self, unsound: &[usize]) -> Option<Vec<Part<'_>>> {
        let (mut parts, mut all) = (Vec::new(), 0);
        for (
            index,
            Rule {
                sources, recipe, ..
            },
        ) in self.rules.iter().enumerate()
        {
            if unsound.contains(&index) {
                continue;
            }
            let ways = sources.ways()?;
            all += ways.len();
            if all > MOST {
                return None;
            }
            parts.push(Part {
                index: Some(index),
                recipe,
                ways,
            });
        }
        parts.push(Part {
            index: None,
            recipe: &self.default,
            ways: vec![Way::ANY],
        });
        Some(parts)
    }

    /// Rules that can meet no source.
    fn idle(&self, parts: &[Part<'_>], unsound: &[usize], told: &mut Vec<Meeting>) {
        for part in parts {
            let Some(index) = part.index else {
                continue;
            };
            if part.ways.iter().all(Way::is_impossible) {
                told.push(Meeting {
                    rule: part.index,
                    setting: "media-type",
                    problem: "it can meet no source, because no key that ends in one of its \
                              suffixes is of one of its media types"
                        .to_owned(),
                });
                continue;
            }
            let takes = |way: &Way<'_>| {
                let mut earlier = self.rules.iter().enumerate().take(index);
                earlier.find(|(at, rule)| !unsound.contains(at) && rule.sources.covers(way))
            };
            let takers: Option<Vec<usize>> = part
                .ways
                .iter()
                .map(|way| takes(way).map(|(taker, _)| taker))
                .collect();
            let Some(mut takers) = takers else {
                continue;
            };
            takers.dedup();
            let takers: Vec<String> = takers.iter().map(|it| self.title(Some(*it))).collect();
            told.push(Meeting {
                rule: part.index,
                setting: "",
                problem: format!(
                    "it can meet no source, because {} takes all that it would; put it before, or \
                     remove it",
                    takers.join(" or ")
                ),
            });
        }
    }

    /// Every bucket that is known to have sources.
    fn buckets_of_sources<'a>(&'a self, own: OwnSources<'a>) -> Vec<&'a str> {
        let named = self.rules.iter().flat_map(|rule| &rule.sources.buckets);
        let mut buckets: Vec<&str> = named.map(String::as_str).chain(own).collect();
        buckets.sort_unstable();
        buckets.dedup();
        buckets
    }

    /// Recipes that take sources of several buckets and give them names of their keys alone.
    fn mixed(&self, writers: &[&Part<'_>], buckets: &[&str], told: &mut Vec<Meeting>) {
        for part in writers {
            let index = part.index.unwrap_or(self.rules.len());
            let earlier = self.rules.get(..index).unwrap_or_default();
            let comes = |bucket: &&str| {
                part.ways.iter().any(|way| {
                    let way = way.of(bucket);
                    way.as_ref()
                        .is_some_and(|way| !earlier.iter().any(|rule| rule.sources.covers(way)))
                })
            };
            let from: Vec<&str> = buckets.iter().copied().filter(comes).collect();
            if from.len() > 1 {
                told.push(Meeting {
                    rule: part.index,
                    setting: "bucket",
                    problem: format!(
                        "sources of the buckets {} could meet under one name; write a rule for \
                         each bucket, with a thumbnail-name that begins with a folder of its own, \
                         or with a thumbnails-bucket of its own",
                        from.join(", ")
                    ),
                });
            }
        }
    }

    /// Words for a rule or the default.
    pub fn title(&self, rule: Option<usize>) -> String {
        match rule {
            None => "the default".to_owned(),
            Some(index) => match self.rules.get(index).and_then(|rule| rule.name.as_ref()) {
                Some(name) => format!("rule {} ({name})", index + 1),
                None => format!("rule {}", index + 1),
            },
        }
    }
}

/// Thumbnails that lie among sources, and sources that lie among thumbnails.
fn loops(writers: &[&Part<'_>], own: OwnSources<'_>, told: &mut Vec<Meeting>) {
    for part in writers {
        let into = |way: &Way<'_>, writer: &Part<'_>| {
            let bucket = writer.recipe.bucket.as_str();
            way.bucket().or(own) == Some(bucket)
        };
        let is_among = |way: &Way<'_>| {
            let mut all = writers.iter();
            all.any(|it| into(way, it) && way.prefix().starts_with(it.recipe.naming.prefix()))
        };
        if part.ways.iter().all(is_among) {
            told.push(Meeting {
                rule: part.index,
                setting: if part.index.is_some() {
                    "prefix"
                } else {
                    "thumbnail-name"
                },
                problem:
                    "it can meet no source, because thumbnails are written where it looks for \
                          sources; give thumbnails a folder of their own, such as thumbnail-name = \
                          \"thumbnails/{key}/{preset}.{ext}\", or a bucket of their own"
                        .to_owned(),
            });
            continue;
        }
        for way in &part.ways {
            let inside = writers.iter().find(|it| {
                let place = it.recipe.naming.prefix();
                let is_folder = way.prefix().is_empty() && place.ends_with('/');
                into(way, it) && place.starts_with(way.prefix()) && !is_folder
            });
            if let Some(writer) = inside {
                told.push(Meeting {
                    rule: writer.index,
                    setting: "thumbnail-name",
                    problem: format!(
                        "thumbnails would be written among sources and become sources themselves: \
                         {} begins like the keys of sources in {}, with {:?}; give thumbnails a \
                         folder of their own",
                        writer.recipe.naming,
                        writer.recipe.bucket,
                        way.prefix()
                    ),
                });
                break;
            }
        }
    }
    told.dedup();
}

/// Recipes whose thumbnails could have one name.
fn names(writers: &[&Part<'_>], buckets: &[&str], told: &mut Vec<Meeting>) {
    for (index, later) in writers.iter().enumerate() {
        let mut earlier = writers.iter().take(index);
        let meets = earlier.find(|earlier| {
            earlier.recipe.bucket == later.recipe.bucket && may_meet(earlier, later, buckets)
        });
        if let Some(earlier) = meets {
            told.push(Meeting {
                rule: later.index.or(earlier.index),
                setting: "thumbnail-name",
                problem: format!(
                    "thumbnails of two sources could have one name, because {} and {} of another \
                     rule both begin with {:?} in {}; give each a folder of its own",
                    later.recipe.naming,
                    earlier.recipe.naming,
                    shorter(later.recipe.naming.prefix(), earlier.recipe.naming.prefix()),
                    later.recipe.bucket
                ),
            });
        }
    }
}

fn shorter<'a>(one: &'a str, other: &'a str) -> &'a str {
    if one.len() <= other.len() { one } else { other }
}

/// True if a name of one can be a name of the other, as far as the rules tell.
fn may_meet(one: &Part<'_>, other: &Part<'_>, buckets: &[&str]) -> bool {
    let same =
        one.recipe.naming == other.recipe.naming && one.recipe.manifests == other.recipe.manifests;
    let mut pairs = one
        .ways
        .iter()
        .flat_map(|way| other.ways.iter().map(move |with| (way, with)));
    if same {
        // The same key of the same bucket is taken by one of them alone.
        return pairs.any(|(way, with)| {
            let apart = match (way.bucket(), with.bucket()) {
                (Some(one), Some(other)) => one != other,
                (None, None) => false,
                (Some(one), None) | (None, Some(one)) => buckets.iter().any(|it| *it != one),
            };
            apart && overlap(way.prefix(), with.prefix()) && way.can_end_like(with)
        });
    }
    let (one, other) = (one.recipe, other.recipe);
    pairs.any(|(way, with)| {
        let thumbnails = [
            one.naming.lead(way.prefix()),
            other.naming.lead(with.prefix()),
        ];
        let lead = |recipe: &Recipe, prefix| {
            let manifests = recipe.manifests.as_ref();
            manifests.map(|manifests| manifests.name.lead(prefix))
        };
        let manifests = [lead(one, way.prefix()), lead(other, with.prefix())];
        let [of_one, of_other] = &thumbnails;
        let both = |lead: &Option<String>, thumbnails: &str| {
            lead.as_ref().is_some_and(|lead| overlap(lead, thumbnails))
        };
        let [manifest, with_manifest] = &manifests;
        (overlap(of_one, of_other) && one.can_share_a_preset(other))
            || with_manifest
                .as_ref()
                .is_some_and(|lead| both(manifest, lead))
            || (both(manifest, of_other) && one.manifest_can_be_of(other))
            || (both(with_manifest, of_one) && other.manifest_can_be_of(one))
    })
}

fn overlap(one: &str, other: &str) -> bool {
    one.starts_with(other) || other.starts_with(one)
}

impl Recipe {
    /// False if the name of a thumbnail tells which of the two made it.
    fn can_share_a_preset(&self, other: &Self) -> bool {
        let is_theirs = |preset: &Preset| other.presets.iter().any(|it| it.name() == preset.name());
        !self.naming.ends_like(&other.naming) || self.presets.iter().any(is_theirs)
    }

    /// True if a thumbnail of the other could be called like a manifest of this.
    fn manifest_can_be_of(&self, other: &Self) -> bool {
        let manifests = self.manifests.as_ref();
        let checked = manifests.map(|it| it.name.check(&other.naming, &other.presets));
        let meets = |error| !matches!(error, ManifestNameError::Outside(_));
        checked.is_some_and(|checked| checked.is_err_and(meets))
    }
}
