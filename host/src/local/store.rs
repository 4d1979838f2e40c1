//! Objects that are files.
//!
//! A bucket is a folder and a key is a path in it. The ETag is the digest of
//! the bytes. Content type and metadata are kept beside the buckets, so that
//! these hold nothing but pictures.
//!
//! Links are not followed, because they lead out of the bucket. A file that
//! another program writes in place can be read while half of it is there: such a
//! read has an ETag of its own, and the next look shows that it changed.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::disk::Disk;
use super::files::{self, HalfWritten, Written};
use crate::object::{ETag, Location};
use crate::ports::{
    Attributes, Condition, GetOptions, Listing, NewObject, Object, ObjectInfo, ObjectStore, Page,
    PutOptions, StoreError, StoreProblem,
};
use crate::text::with_causes;

mod buckets;
mod key;
mod listing;
mod path;
mod sidecar;

use super::stamp::Stamp;
pub use buckets::Buckets;
use sidecar::Sidecar;

/// An object store in a folder.
#[derive(Debug, Clone)]
pub struct DirectoryStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    buckets: Buckets,
    /// The folder of the metadata.
    sidecars: PathBuf,
    /// The folder in which files are written before they have a name.
    new: PathBuf,
    /// Held, here and as a lock of the file, while names change: a body and
    /// what is remembered of it change together, and conditions hold.
    naming: Mutex<File>,
    disk: Disk,
}

impl DirectoryStore {
    /// The store whose buckets are the folders in `root`, and which remembers
    /// what it has to in `state`.
    ///
    /// # Errors
    /// If the folders cannot be made, read or written.
    pub fn open(root: &Path, state: &Path) -> io::Result<Self> {
        Self::over(Buckets::within(root), state)
    }

    /// The store of `buckets`, which remembers what it has to in `state`.
    ///
    /// # Errors
    /// If the folders cannot be made, read or written.
    pub fn over(buckets: Buckets, state: &Path) -> io::Result<Self> {
        let (sidecars, new) = (state.join("objects"), state.join("new"));
        files::make_folders(&sidecars)?;
        files::make_folders(&new)?;
        files::sweep(&new, std::time::Duration::from_secs(3_600))?;
        let lock = state.join("objects.lock");
        files::check_kind(&lock)?;
        let mut options = File::options();
        let lock = options
            .create(true)
            .truncate(false)
            .write(true)
            .open(lock)?;
        let inner = Inner {
            buckets: buckets.resolved()?,
            disk: Disk::of(&new),
            sidecars,
            new,
            naming: Mutex::new(lock),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Metadata that were noted of an object when it was written, without a look at the object.
    pub(super) fn metadata(&self, location: &Location) -> Option<Attributes> {
        let sidecar = Sidecar::read(&self.inner.sidecars, location)?;
        Some(sidecar.metadata)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        location: &Location,
        work: impl FnOnce(&Inner, &Location) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (inner, at) = (self.inner.clone(), location.clone());
        let done = files::blocking(move || Ok(work(&inner, &at))).await;
        match done {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(Failure::Problem(problem))) => Err(StoreError::new(problem, location)),
            Ok(Err(Failure::Io(error))) | Err(error) => Err(failed(error, location)),
        }
    }

    async fn reach_disk(
        &self,
        location: &Location,
        written: Vec<Written>,
    ) -> Result<(), StoreError> {
        let reached = self.inner.disk.reached_by(written).await;
        reached.map_err(|error| failed(error, location))
    }
}

/// An object that has its bytes and has yet to get its name.
struct Begun {
    path: PathBuf,
    file: HalfWritten,
    etag: ETag,
    sidecar: Sidecar,
    condition: Option<Condition>,
}

impl fmt::Display for DirectoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.inner.buckets)
    }
}

type Failure = files::Failure<StoreProblem>;

impl From<StoreProblem> for Failure {
    fn from(problem: StoreProblem) -> Self {
        Self::Problem(problem)
    }
}

fn failed(error: io::Error, location: &Location) -> StoreError {
    StoreError::new(problem_of(&error), location).because(error)
}

/// Problem of a store for an error of the file system.
fn problem_of(error: &io::Error) -> StoreProblem {
    match error.kind() {
        ErrorKind::NotFound => StoreProblem::NotFound,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreProblem::FileDenied,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreProblem::Full,
        // A folder has the name of the file, or a file that of a folder.
        ErrorKind::NotADirectory
        | ErrorKind::IsADirectory
        | ErrorKind::DirectoryNotEmpty
        | ErrorKind::InvalidFilename => StoreProblem::InvalidKey,
        _ => StoreProblem::Unavailable,
    }
}

impl Inner {
    fn get(&self, location: &Location, options: &GetOptions) -> Result<Object, Failure> {
        let path = path::to_read(&self.buckets, location)?;
        let mut file = File::open(&path)?;
        let metadata = file.metadata()?;
        let too_large = |size, limit| StoreProblem::TooLarge { size, limit };
        let limit = options.max_bytes.unwrap_or(u64::MAX);
        if metadata.len() > limit {
            return Err(too_large(metadata.len(), limit).into());
        }
        let capacity = usize::try_from(metadata.len()).unwrap_or(0);
        let mut body = Vec::with_capacity(capacity);
        // It may have grown since.
        file.by_ref()
            .take(limit.saturating_add(1))
            .read_to_end(&mut body)?;
        if body.len() as u64 > limit {
            return Err(too_large(file.metadata()?.len(), limit).into());
        }
        let etag = ETag::of(&body);
        let sidecar = self.remember(location, &path, &etag, unchanged(&file, &metadata)?);
        if options.if_none_match.as_ref() == Some(&etag) {
            return Err(StoreProblem::NotModified.into());
        }
        let info = info(etag, body.len() as u64, &metadata, sidecar);
        Ok(Object {
            info,
            body: body.into(),
        })
    }

    /// Facts about an object, by whose stamp it is told from its other versions if it has
    /// more than `most` bytes.
    fn head(&self, location: &Location, most: u64) -> Result<ObjectInfo, Failure> {
        let path = path::to_read(&self.buckets, location)?;
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) => {
                if error.kind() == ErrorKind::NotFound {
                    Sidecar::remove(&self.sidecars, location);
                }
                return Err(error.into());
            }
        };
        let now = Stamp::of(&metadata);
        if let Some(sidecar) = Sidecar::read(&self.sidecars, location)
            && let (Some(known), Some(now)) = (&sidecar.stamp, &now)
            && known.is_still(now)
        {
            let etag = ETag::new(&sidecar.etag);
            return Ok(info(etag, metadata.len(), &metadata, Some(sidecar)));
        }
        if let Some(now) = now.filter(|_| metadata.len() > most) {
            return Ok(info(now.etag(), metadata.len(), &metadata, None));
        }
        // Only the bytes can tell, of which there may be more than there is memory.
        let mut file = File::open(&path)?;
        let metadata = file.metadata()?;
        let (etag, size) = ETag::of_all(file.by_ref().take(metadata.len()))?;
        let sidecar = self.remember(location, &path, &etag, unchanged(&file, &metadata)?);
        Ok(info(etag, size, &metadata, sidecar))
    }

    /// Metadata of the object, if it is that of these bytes. Notes as well that a
    /// file of this stamp has them, so that they need not be read to learn the
    /// ETag.
    fn remember(
        &self,
        location: &Location,
        path: &Path,
        etag: &ETag,
        stamp: Option<Stamp>,
    ) -> Option<Sidecar> {
        // Whoever changes names right now knows better.
        let names = self.naming.try_lock();
        let known = Sidecar::read(&self.sidecars, location);
        let known = known.filter(|sidecar| sidecar.etag == etag.as_str());
        let (Ok(_names), Some(stamp)) = (names, stamp.filter(Stamp::is_settled)) else {
            return known;
        };
        let noted = known
            .as_ref()
            .is_some_and(|sidecar| sidecar.stamp.as_ref() == Some(&stamp));
        let there = fs::metadata(path)
            .ok()
            .and_then(|metadata| Stamp::of(&metadata));
        if noted || there.as_ref() != Some(&stamp) {
            return known;
        }
        let fresh = || Sidecar::new(location, etag, &PutOptions::default());
        let sidecar = Sidecar {
            stamp: Some(stamp),
            ..known.unwrap_or_else(fresh)
        };
        // Not to know it is slower next time, and nothing worse.
        if let Err(error) = sidecar.write(&self.sidecars, &self.new, location) {
            tracing::debug!(
                error.message = with_causes(&error),
                "an ETag could not be noted"
            );
        }
        Some(sidecar)
    }

    /// Write the bytes of an object out of sight.
    fn begin(&self, location: &Location, new: NewObject) -> Result<Begun, Failure> {
        let NewObject { body, options } = new;
        let path = path::to_write(&self.buckets, location)?;
        let etag = ETag::of(&body);
        let file = HalfWritten::write(&self.new, &body)?;
        let mut sidecar = Sidecar::new(location, &etag, &options);
        let stamp = Stamp::of(&file.metadata()?);
        sidecar.stamp = stamp.map(Stamp::before_rename);
        Ok(Begun {
            path,
            file,
            etag,
            sidecar,
            condition: options.condition,
        })
    }

    /// Give an object its name. Returns the folders that may have other names in them now.
    fn name(&self, location: &Location, begun: Begun) -> Result<Vec<Written>, Failure> {
        let bucket = self.buckets.find(&location.bucket)?;
        let folder = begun.path.parent().ok_or(StoreProblem::InvalidKey)?;
        let _names = self.names()?;
        self.check(location, begun.condition.as_ref())?;
        files::make_folders(folder)?;
        // If the process ends in between, what is known is of other bytes
        // than those in place, and counts for nothing.
        begun.sidecar.write(&self.sidecars, &self.new, location)?;
        begun.file.rename(&begun.path)?;
        // Others may have made some of the folders a moment ago.
        let folders = folder.ancestors();
        let folders = folders.take_while(|folder| folder.starts_with(&bucket));
        Ok(folders
            .map(|folder| Written::Names(folder.to_owned()))
            .collect())
    }

    fn check(&self, location: &Location, condition: Option<&Condition>) -> Result<(), Failure> {
        let Some(condition) = condition else {
            return Ok(());
        };
        let there = match self.head(location, u64::MAX) {
            Ok(info) => Some(info.etag),
            Err(Failure::Problem(StoreProblem::NotFound)) => None,
            Err(Failure::Io(error)) if error.kind() == ErrorKind::NotFound => None,
            Err(other) => return Err(other),
        };
        let holds = match condition {
            Condition::IfAbsent => there.is_none(),
            Condition::IfMatch(etag) => there.as_ref() == Some(etag),
        };
        if holds {
            Ok(())
        } else {
            Err(StoreProblem::ConditionFailed.into())
        }
    }

    fn delete(&self, location: &Location) -> Result<(), Failure> {
        let path = match path::to_read(&self.buckets, location) {
            Ok(path) => path,
            Err(StoreProblem::NotFound) => return Ok(()),
            Err(problem) => return Err(problem.into()),
        };
        let _names = self.names()?;
        match files::remove(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        Sidecar::remove(&self.sidecars, location);
        // Folders that hold nothing are no objects. The first that holds
        // something cannot be removed, and neither can those around it.
        let bucket = self.buckets.find(&location.bucket)?;
        for folder in path
            .ancestors()
            .skip(1)
            .take_while(|folder| *folder != bucket)
        {
            if files::remove_folder(folder).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// The right to change names, among all users of this folder.
    fn names(&self) -> io::Result<Names<'_>> {
        let file = self.naming.lock().unwrap_or_else(PoisonError::into_inner);
        file.lock()?;
        Ok(Names { file })
    }
}

/// The right to change names, until dropped.
struct Names<'a> {
    file: std::sync::MutexGuard<'a, File>,
}

impl Drop for Names<'_> {
    fn drop(&mut self) {
        // Closing the file gives the lock back as well, when the process ends.
        let _ = self.file.unlock();
    }
}

/// The stamp of a file that was read and had this `metadata` before, if it is the same now.
fn unchanged(file: &File, metadata: &fs::Metadata) -> io::Result<Option<Stamp>> {
    let before = Stamp::of(metadata);
    let unchanged = before == Stamp::of(&file.metadata()?);
    Ok(before.filter(|_| unchanged))
}

fn info(etag: ETag, size: u64, metadata: &fs::Metadata, sidecar: Option<Sidecar>) -> ObjectInfo {
    let sidecar = sidecar.unwrap_or_default();
    ObjectInfo {
        etag,
        size: Some(size),
        version: None,
        modified: metadata.modified().ok(),
        content_type: sidecar.content_type,
        content_encoding: None,
        cache_control: sidecar.cache_control,
        content_disposition: sidecar.content_disposition,
        content_language: sidecar.content_language,
        metadata: sidecar.metadata,
    }
}

#[async_trait]
impl ObjectStore for DirectoryStore {
    async fn get(&self, location: &Location, options: &GetOptions) -> Result<Object, StoreError> {
        // Files have longer paths than objects have keys.
        let (bytes, limit) = (location.key.len(), key::LONGEST_KEY);
        if bytes > limit {
            let problem = StoreProblem::LongKey { bytes, limit };
            return Err(StoreError::new(problem, location));
        }
        let options = options.clone();
        self.blocking(location, move |inner, at| inner.get(at, &options))
            .await
    }

    async fn head(&self, location: &Location) -> Result<ObjectInfo, StoreError> {
        self.head_within(location, u64::MAX).await
    }

    async fn head_within(&self, location: &Location, most: u64) -> Result<ObjectInfo, StoreError> {
        self.blocking(location, move |inner, at| inner.head(at, most))
            .await
    }

    async fn put(&self, location: &Location, new: NewObject) -> Result<Option<ETag>, StoreError> {
        let begin = move |inner: &Inner, at: &Location| inner.begin(at, new);
        let mut begun = self.blocking(location, begin).await?;
        let etag = begun.etag.clone();
        let content = begun.file.content().into_iter().collect();
        self.reach_disk(location, content).await?;
        let name = move |inner: &Inner, at: &Location| inner.name(at, begun);
        let names = self.blocking(location, name).await?;
        self.reach_disk(location, names).await?;
        Ok(Some(etag))
    }

    async fn delete(&self, location: &Location) -> Result<(), StoreError> {
        self.blocking(location, |inner, at| inner.delete(at)).await
    }

    async fn list(&self, listing: &Listing<'_>) -> Result<Page, StoreError> {
        let after = listing.after.map(str::to_owned);
        let location = listing.location();
        let list =
            move |inner: &Inner, at: &Location| listing::list(&inner.buckets, at, after.as_deref());
        self.blocking(&location, list).await
    }
}
