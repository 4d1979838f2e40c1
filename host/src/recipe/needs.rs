//! Permissions that recipes need.

use super::{Recipe, Recipes};
use crate::manifest::ManifestName;

/// Everything that a host has to be allowed for its recipes, besides reading sources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Buckets that thumbnails are written to.
    buckets: Vec<String>,
    /// Manifests, each with its bucket: they are removed before thumbnails change.
    manifests: Vec<(String, ManifestName)>,
    /// Keys of KMS that are used by name.
    keys: Vec<String>,
    /// Tags are read and written.
    tags: bool,
    /// Access control lists are written.
    lists: bool,
}

impl Recipes {
    /// The permissions that they need.
    pub fn needs(&self) -> Needs {
        let mut needs = Needs::default();
        for recipe in self.all().filter(|recipe| !recipe.presets.is_empty()) {
            let Recipe {
                bucket,
                manifests,
                copies,
                storage,
                ..
            } = recipe;
            needs.buckets.push(bucket.clone());
            let manifests = manifests.iter().map(|it| (bucket.clone(), it.name.clone()));
            needs.manifests.extend(manifests);
            needs.keys.extend(storage.kms_key.clone());
            needs.tags |= copies.want_tags();
            needs.lists |= storage.acl.is_some();
        }
        needs
    }
}

impl Needs {
    /// Something that `others` need and these do not, in words.
    pub fn lack(&self, others: &Self) -> Option<String> {
        let is_new = |bucket: &&String| !self.buckets.contains(bucket);
        if let Some(bucket) = others.buckets.iter().find(is_new) {
            return Some(format!("thumbnails in the bucket {bucket}"));
        }
        let is_new = |(bucket, name): &&(String, ManifestName)| {
            let covers = |(known, by): &(String, ManifestName)| known == bucket && by.covers(name);
            !self.manifests.iter().any(covers)
        };
        if let Some((bucket, name)) = others.manifests.iter().find(is_new) {
            return Some(format!("manifests called {name} in the bucket {bucket}"));
        }
        if let Some(key) = others.keys.iter().find(|key| !self.keys.contains(key)) {
            return Some(format!("the key {key}"));
        }
        match () {
            () if others.tags && !self.tags => Some("tags of sources".to_owned()),
            () if others.lists && !self.lists => Some("access control lists".to_owned()),
            () => None,
        }
    }
}
