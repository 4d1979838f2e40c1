//! Buckets: the folders that they are.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use super::key::is_possible;
use crate::local::layout::{ENGINES, IMAGES, Layout, THUMBNAILS};
use crate::ports::StoreProblem;

/// Folders of a store.
#[derive(Clone, Debug)]
pub struct Buckets {
    /// The folder whose own folders are buckets, if one has them.
    root: Option<PathBuf>,
    /// Buckets that lie elsewhere.
    named: BTreeMap<&'static str, PathBuf>,
    /// Folders that belong to no bucket, although they lie in one.
    reserved: Vec<PathBuf>,
}

impl Buckets {
    /// Every folder in `root` is a bucket.
    pub(super) fn within(root: &Path) -> Self {
        Self {
            root: Some(root.to_owned()),
            named: BTreeMap::new(),
            reserved: Vec::new(),
        }
    }

    /// The buckets of `layout`.
    pub(in crate::local) fn of(layout: &Layout) -> Self {
        let Layout {
            root,
            images,
            thumbnails,
            engines,
            apart,
            ..
        } = layout;
        if !apart {
            return Self::within(root);
        }
        let named = [
            (IMAGES, images),
            (THUMBNAILS, thumbnails),
            (ENGINES, engines),
        ];
        Self {
            root: None,
            named: named.map(|(name, path)| (name, path.clone())).into(),
            reserved: layout.reserved(),
        }
    }

    /// The same without links on the way to the folders, which are the user's own.
    pub(super) fn resolved(self) -> io::Result<Self> {
        let real = |path: PathBuf| match path.canonicalize() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path),
            real => real,
        };
        let root = self.root.map(|root| root.canonicalize()).transpose()?;
        let named = self.named.into_iter();
        let named: io::Result<_> = named.map(|(name, path)| Ok((name, real(path)?))).collect();
        let reserved: io::Result<_> = self.reserved.into_iter().map(real).collect();
        Ok(Self {
            root,
            named: named?,
            reserved: reserved?,
        })
    }

    /// The folder of a bucket.
    pub(super) fn find(&self, name: &str) -> Result<PathBuf, StoreProblem> {
        let plain = !name.starts_with('.') && is_possible(name) && !name.contains('/');
        let path = match (self.named.get(name), &self.root) {
            (Some(path), _) => path.clone(),
            (None, Some(root)) if plain => root.join(name),
            _ => return Err(StoreProblem::MissingBucket),
        };
        if path.is_dir() {
            Ok(path)
        } else {
            Err(StoreProblem::MissingBucket)
        }
    }

    /// True for a folder that belongs to no bucket.
    pub(super) fn is_reserved(&self, path: &Path) -> bool {
        self.reserved.iter().any(|reserved| reserved == path)
    }
}

impl fmt::Display for Buckets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.root, self.named.get(IMAGES)) {
            (Some(folder), _) | (None, Some(folder)) => write!(f, "{}", folder.display()),
            (None, None) => f.write_str("no folder"),
        }
    }
}
