//! The files of a bucket, in the order of their keys.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::{Buckets, Failure};
use crate::object::Location;
use crate::ports::{Listed, Page, StoreProblem};

/// Objects in a page: as many as with S3.
const PAGE: usize = 1_000;

/// A name in a folder. The name of a folder ends with a slash, because that is
/// how it stands in keys: `a.b` comes before `a/b`.
struct Name {
    text: String,
    metadata: fs::Metadata,
}

/// State of a listing.
struct Listing<'a> {
    buckets: &'a Buckets,
    prefix: &'a str,
    after: &'a str,
    page: Page,
}

/// A page of the keys in a bucket that begin with the key of `at`, behind
/// `after`.
pub(super) fn list(buckets: &Buckets, at: &Location, after: Option<&str>) -> Result<Page, Failure> {
    let bucket = buckets.find(&at.bucket)?;
    let mut listing = Listing {
        buckets,
        prefix: &at.key,
        after: after.unwrap_or_default(),
        page: Page::default(),
    };
    // All that is listed is in the folder that the prefix names.
    let start = at
        .key
        .rfind('/')
        .map_or("", |slash| at.key.get(..=slash).unwrap_or_default());
    let mut folder = bucket;
    for name in start.split('/').filter(|name| !name.is_empty()) {
        if matches!(name, "." | "..") {
            return Ok(listing.page);
        }
        folder.push(name);
        if buckets.is_reserved(&folder) {
            return Ok(listing.page);
        }
        match fs::symlink_metadata(&folder) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Ok(listing.page),
            Err(error) if is_gone(&error) => return Ok(listing.page),
            Err(error) => return Err(error.into()),
        }
    }
    listing.folder(&folder, start)?;
    Ok(listing.page)
}

impl Listing<'_> {
    /// Add what is in `folder`, whose keys begin with `key`.
    fn folder(&mut self, folder: &Path, key: &str) -> Result<(), Failure> {
        for Name { text, metadata } in names(folder)? {
            let key = format!("{key}{text}");
            let is_folder = text.ends_with('/');
            // A folder can hold keys behind `after` if it comes behind it, or if
            // `after` is in it.
            let behind = *key > *self.after || is_folder && self.after.starts_with(&key);
            let within = key.starts_with(self.prefix) || self.prefix.starts_with(&key);
            if !behind || !within {
                continue;
            }
            if self.page.more {
                return Ok(());
            }
            if is_folder {
                let within = folder.join(text.trim_end_matches('/'));
                if !self.buckets.is_reserved(&within) {
                    self.folder(&within, &key)?;
                }
            } else if key.starts_with(self.prefix) {
                self.add(key, &metadata);
            }
        }
        Ok(())
    }

    fn add(&mut self, key: String, metadata: &fs::Metadata) {
        if self.page.objects.len() == PAGE {
            self.page.more = true;
            return;
        }
        let modified = metadata.modified().ok();
        self.page.objects.push(Listed {
            key,
            size: metadata.len(),
            modified,
        });
    }
}

/// The files and folders in `folder`, in order. Links, and names that are no
/// text, are no objects.
fn names(folder: &Path) -> Result<Vec<Name>, Failure> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if is_gone(&error) => return Ok(Vec::new()),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            return Err(StoreProblem::FileDenied.into());
        }
        Err(error) => return Err(error.into()),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else {
            tracing::warn!(file = ?entry.path(), "a file is left out because its name is no text");
            continue;
        };
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            // It was removed meanwhile.
            Err(error) if is_gone(&error) => continue,
            Err(error) => return Err(error.into()),
        };
        if metadata.is_dir() {
            names.push(Name {
                text: format!("{name}/"),
                metadata,
            });
        } else if metadata.is_file() {
            names.push(Name {
                text: name,
                metadata,
            });
        }
    }
    names.sort_unstable_by(|one, other| one.text.cmp(&other.text));
    Ok(names)
}

fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
