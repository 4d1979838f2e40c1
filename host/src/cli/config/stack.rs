//! Needs of a stack for a configuration file.

use serde::Serialize;

use super::UNKNOWN;
use crate::config::file::{File, Given};
use crate::recipe::Recipes;

/// Buckets and names that permissions and events are about.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stack<'a> {
    /// Other buckets that rules take sources of.
    source_buckets: Vec<&'a str>,
    /// Buckets that thumbnails are written to, besides that of the stack.
    thumbnails_buckets: Vec<&'a str>,
    /// True if tags of sources are read and written to thumbnails.
    tags: bool,
    /// True if thumbnails have access control lists.
    acl: bool,
    /// Keys that thumbnails are encrypted with.
    kms_keys: Vec<&'a str>,
    /// Manifests, which are removed before thumbnails change.
    manifests: Vec<Names<'a>>,
}

/// The names of manifests in a bucket.
#[derive(PartialEq, Serialize)]
struct Names<'a> {
    /// The bucket; none for that of the stack.
    bucket: Option<&'a str>,
    name: String,
}

impl<'a> Stack<'a> {
    /// The needs of a file and its recipes, beside the bucket of sources that a stack has
    /// anyway.
    pub(super) fn of(file: &'a File, recipes: &'a Recipes, own: Option<&str>) -> Self {
        let mut manifests: Vec<Names<'a>> = Vec::new();
        for recipe in recipes.all() {
            let Some(found) = &recipe.manifests else {
                continue;
            };
            let names = Names {
                bucket: Some(recipe.bucket.as_str()).filter(|bucket| *bucket != UNKNOWN),
                name: found.name.to_string(),
            };
            if !manifests.contains(&names) {
                manifests.push(names);
            }
        }
        let mut thumbnails_buckets = recipes.buckets();
        thumbnails_buckets.retain(|bucket| *bucket != UNKNOWN);
        let making = || recipes.all().filter(|recipe| !recipe.presets.is_empty());
        let keys = making().filter_map(|recipe| recipe.storage.kms_key.as_deref());
        let mut kms_keys: Vec<&str> = keys.collect();
        kms_keys.sort_unstable();
        kms_keys.dedup();
        let mut source_buckets = file.source_buckets();
        source_buckets.retain(|bucket| own != Some(*bucket));
        Self {
            tags: making().any(|recipe| recipe.copies.want_tags()),
            acl: making().any(|recipe| recipe.storage.acl.is_some()),
            kms_keys,
            source_buckets,
            thumbnails_buckets,
            manifests,
        }
    }
}

/// The same as `given`, as the function of a stack has it. The name of the bucket of its
/// sources may end in what is known only later, behind `${`.
pub(super) fn as_in_a_stack(file: &File, given: Given) -> Given {
    let own = given.own.map(|own| {
        let named = own.split_once("${").and_then(|(start, _)| {
            let mut named = file.source_buckets().into_iter();
            named.find(|bucket| bucket.starts_with(start))
        });
        named.map_or(own.clone(), str::to_owned)
    });
    Given {
        bucket: Some(UNKNOWN.to_owned()),
        manifests: Some(true),
        own,
        ..given
    }
}
