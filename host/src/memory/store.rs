//! Objects in a map.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;

use crate::object::{ETag, Location};
use crate::ports::{
    Attributes, Condition, GetOptions, Listed, Listing, NewObject, Object, ObjectInfo, ObjectStore,
    Page, PutOptions, StoreError, StoreProblem,
};

/// Objects in a page of a listing: as many as with S3.
const PAGE: usize = 1_000;

/// The longest key, in bytes: as with S3.
const LONGEST_KEY: usize = 1_024;

type Bucket = BTreeMap<String, (Object, PutOptions)>;

/// An object store in memory.
#[derive(Debug)]
pub struct MemoryStore {
    buckets: Mutex<BTreeMap<String, Bucket>>,
}

impl MemoryStore {
    /// An empty store with these buckets.
    pub fn new<'a>(buckets: impl IntoIterator<Item = &'a str>) -> Self {
        let buckets = buckets
            .into_iter()
            .map(|name| (name.to_owned(), Bucket::new()))
            .collect();
        Self {
            buckets: Mutex::new(buckets),
        }
    }

    /// Options that the object at `location` was written with.
    pub fn options(&self, location: &Location) -> Option<PutOptions> {
        let buckets = self.lock();
        let (_, options) = buckets.get(&location.bucket)?.get(&location.key)?;
        Some(options.clone())
    }

    /// Every method leaves the map whole, so a panic elsewhere spoils nothing.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Bucket>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, location: &Location) -> Result<Object, StoreError> {
        let buckets = self.lock();
        let bucket = buckets
            .get(&location.bucket)
            .ok_or_else(|| StoreError::new(StoreProblem::MissingBucket, location))?;
        let object = bucket.get(&location.key);
        object
            .map(|(object, _)| object.clone())
            .ok_or_else(|| StoreError::new(StoreProblem::NotFound, location))
    }
}

impl fmt::Display for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory")
    }
}

#[async_trait]
impl ObjectStore for MemoryStore {
    async fn get(&self, location: &Location, options: &GetOptions) -> Result<Object, StoreError> {
        let object = self.find(location)?;
        if options.if_none_match.as_ref() == Some(&object.info.etag) {
            return Err(StoreError::new(StoreProblem::NotModified, location));
        }
        let size = object.body.len() as u64;
        match options.max_bytes {
            Some(limit) if size > limit => Err(StoreError::new(
                StoreProblem::TooLarge { size, limit },
                location,
            )),
            _ => Ok(object),
        }
    }

    async fn head(&self, location: &Location) -> Result<ObjectInfo, StoreError> {
        self.find(location).map(|object| object.info)
    }

    async fn put(&self, location: &Location, new: NewObject) -> Result<Option<ETag>, StoreError> {
        let NewObject { body, options } = new;
        if location.key.is_empty() || location.key.len() > LONGEST_KEY {
            return Err(StoreError::new(StoreProblem::InvalidKey, location));
        }
        let mut buckets = self.lock();
        let bucket = buckets
            .get_mut(&location.bucket)
            .ok_or_else(|| StoreError::new(StoreProblem::MissingBucket, location))?;
        let there = bucket.get(&location.key);
        let there = there.map(|(object, _)| &object.info.etag);
        let holds = match &options.condition {
            None => true,
            Some(Condition::IfAbsent) => there.is_none(),
            Some(Condition::IfMatch(etag)) => there == Some(etag),
        };
        if !holds {
            return Err(StoreError::new(StoreProblem::ConditionFailed, location));
        }
        let etag = ETag::of(&body);
        let info = ObjectInfo {
            etag: etag.clone(),
            size: Some(body.len() as u64),
            version: None,
            modified: Some(SystemTime::now()),
            content_type: options.content_type.clone(),
            content_encoding: None,
            cache_control: options.cache_control.clone(),
            content_disposition: options.content_disposition.clone(),
            content_language: options.content_language.clone(),
            metadata: options.metadata.clone(),
        };
        let object = Object { info, body };
        bucket.insert(location.key.clone(), (object, options));
        Ok(Some(etag))
    }

    async fn delete(&self, location: &Location) -> Result<(), StoreError> {
        let mut buckets = self.lock();
        let bucket = buckets
            .get_mut(&location.bucket)
            .ok_or_else(|| StoreError::new(StoreProblem::MissingBucket, location))?;
        bucket.remove(&location.key);
        Ok(())
    }

    async fn tags(&self, location: &Location) -> Result<Attributes, StoreError> {
        self.find(location)?;
        Ok(self.options(location).unwrap_or_default().tags)
    }

    async fn list(&self, listing: &Listing<'_>) -> Result<Page, StoreError> {
        let Listing {
            bucket,
            prefix,
            after,
        } = *listing;
        let buckets = self.lock();
        let objects = buckets
            .get(bucket)
            .ok_or_else(|| StoreError::new(StoreProblem::MissingBucket, &listing.location()))?;
        let start = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let mut found = objects
            .range::<str, _>((start, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .map(|(key, (object, _))| Listed {
                key: key.clone(),
                size: object.body.len() as u64,
                modified: object.info.modified,
            });
        let objects = found.by_ref().take(PAGE).collect();
        Ok(Page {
            objects,
            more: found.next().is_some(),
        })
    }
}
