//! Objects in Google Cloud Storage and in Azure Blob Storage.
//!
//! The crate `object_store` speaks to both. What the port asks for and the crate cannot do is
//! refused by its name, and never done in another way:
//!
//! | asked for | Google | Azure |
//! |---|---|---|
//! | a write if an ETag is there | the generation that has it, asked for first | yes |
//! | a write if nothing is there | yes | yes |
//! | names of metadata with `-` | yes | kept as `_`, because a name is an identifier there |
//! | tags | none are kept | written, and not read |
//! | a class of storage | yes | the access tier |
//! | an access control list, a key of KMS for each object | no | no |
//!
//! A container is what S3 calls a bucket. Credentials come from the environment, as other tools
//! read it: `GOOGLE_APPLICATION_CREDENTIALS`, or `AZURE_STORAGE_ACCOUNT_NAME` and its relatives.
//! Without any the identity of the machine is used. No type of the crate leaves this folder.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use object_store::list::PaginatedListOptions;
use object_store::{ObjectStoreExt as _, PutMode, UpdateVersion};

use crate::object::{ETag, Location};
use crate::ports::{
    Attributes, Condition, GetOptions, Listed, Listing, NewObject, Object, ObjectInfo, ObjectStore,
    Page, StoreError, StoreProblem,
};

mod body;
mod facts;
mod problem;
mod service;

pub use service::{Service, Unconfigured, Variables};

use problem::unsupported;
use service::Bucket;

/// The most buckets whose clients are kept: events name them, and strangers may write events.
const KEPT: usize = 64;

/// An object store over one of the two clouds.
pub struct Blobs {
    service: Service,
    variables: Variables,
    buckets: Mutex<HashMap<String, Arc<dyn Bucket>>>,
}

impl Blobs {
    /// The cloud as the environment describes it. Nothing is asked of it yet.
    ///
    /// # Errors
    /// If the environment describes no account, or wrongly.
    pub fn from_environment(service: Service) -> Result<Self, Unconfigured> {
        Self::new(service, Variables::of_environment())
    }

    /// The cloud as `variables` describe it.
    ///
    /// # Errors
    /// If they describe no account, or wrongly.
    pub fn new(service: Service, variables: Variables) -> Result<Self, Unconfigured> {
        crate::tls::choose_provider();
        // What is wrong with any bucket is wrong with this one.
        service.bucket(&variables, "thimble")?;
        Ok(Self {
            service,
            variables,
            buckets: Mutex::default(),
        })
    }

    /// The client of the bucket of `location`.
    fn bucket(&self, location: &Location) -> Result<Arc<dyn Bucket>, StoreError> {
        let name = &location.bucket;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = buckets.get(name) {
            return Ok(known.clone());
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._$".contains(&byte);
        if name.is_empty() || !name.bytes().all(allowed) {
            return Err(StoreError::new(StoreProblem::MissingBucket, location));
        }
        let made = self.service.bucket(&self.variables, name);
        let made =
            made.map_err(|error| StoreError::new(StoreProblem::Unknown, location).because(error))?;
        if buckets.len() >= KEPT {
            buckets.clear();
        }
        buckets.insert(name.clone(), made.clone());
        Ok(made)
    }

    /// The way to write under `condition`. Google counts generations, and compares no ETags.
    async fn mode(
        &self,
        location: &Location,
        condition: Option<&Condition>,
    ) -> Result<PutMode, StoreError> {
        let etag = match condition {
            None => return Ok(PutMode::Overwrite),
            Some(Condition::IfAbsent) => return Ok(PutMode::Create),
            Some(Condition::IfMatch(etag)) => etag,
        };
        let version = match self.service {
            Service::Azure => None,
            Service::Google => Some(self.generation(location, etag).await?),
        };
        Ok(PutMode::Update(UpdateVersion {
            e_tag: Some(quoted(etag)),
            version,
        }))
    }

    /// The generation of the object that has this ETag.
    async fn generation(&self, location: &Location, etag: &ETag) -> Result<String, StoreError> {
        let there = self.head(location).await.map_err(|error| {
            let problem = problem::under(&Condition::IfMatch(etag.clone()), error.problem.clone());
            StoreError { problem, ..error }
        })?;
        if there.etag != *etag {
            return Err(StoreError::new(StoreProblem::ConditionFailed, location));
        }
        there
            .version
            .ok_or_else(|| unsupported("a generation of each object", location))
    }
}

#[async_trait]
impl ObjectStore for Blobs {
    async fn get(&self, location: &Location, options: &GetOptions) -> Result<Object, StoreError> {
        let path = facts::path(location)?;
        let asked = object_store::GetOptions {
            if_none_match: options.if_none_match.as_ref().map(quoted),
            ..object_store::GetOptions::default()
        };
        let bucket = self.bucket(location)?;
        let answer = bucket.get_opts(&path, asked).await;
        let answer = answer.map_err(|error| problem::of_read(&error, location))?;
        let (size, limit) = (answer.meta.size, options.max_bytes.unwrap_or(u64::MAX));
        if size > limit {
            let problem = StoreProblem::TooLarge { size, limit };
            return Err(StoreError::new(problem, location));
        }
        let info = facts::info(self.service, &answer.meta, &answer.attributes, location)?;
        let body = body::read(answer.into_stream(), size, location).await?;
        Ok(Object { info, body })
    }

    async fn head(&self, location: &Location) -> Result<ObjectInfo, StoreError> {
        let path = facts::path(location)?;
        let asked = object_store::GetOptions {
            head: true,
            ..object_store::GetOptions::default()
        };
        let answer = self.bucket(location)?.get_opts(&path, asked).await;
        let answer = answer.map_err(|error| problem::of_read(&error, location))?;
        facts::info(self.service, &answer.meta, &answer.attributes, location)
    }

    async fn put(&self, location: &Location, new: NewObject) -> Result<Option<ETag>, StoreError> {
        let path = facts::path_to_write(self.service, location)?;
        let NewObject { body, options } = new;
        let asked = object_store::PutOptions {
            attributes: facts::attributes(self.service, &options, location)?,
            tags: facts::tags(self.service, &options.tags),
            mode: self.mode(location, options.condition.as_ref()).await?,
            ..object_store::PutOptions::default()
        };
        let bucket = self.bucket(location)?;
        let answer = bucket.put_opts(&path, body.into(), asked).await;
        let answer = answer
            .map_err(|error| problem::of_write(&error, location, options.condition.as_ref()))?;
        Ok(answer.e_tag.as_deref().map(ETag::new))
    }

    async fn delete(&self, location: &Location) -> Result<(), StoreError> {
        let path = match facts::path(location) {
            Err(error) if error.problem == StoreProblem::NotFound => return Ok(()),
            path => path?,
        };
        let deleted = self.bucket(location)?.delete(&path).await;
        match deleted.map_err(|error| problem::of_read(&error, location)) {
            Err(error) if error.problem != StoreProblem::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    async fn tags(&self, location: &Location) -> Result<Attributes, StoreError> {
        match self.service {
            Service::Google => Ok(Attributes::new()),
            Service::Azure => Err(unsupported("tags of a blob that are read", location)),
        }
    }

    async fn list(&self, listing: &Listing<'_>) -> Result<Page, StoreError> {
        let asked = listing.location();
        let bucket = self.bucket(&asked)?;
        let prefix = Some(listing.prefix).filter(|prefix| !prefix.is_empty());
        let mut token = None;
        loop {
            let options = PaginatedListOptions {
                offset: listing.after.map(str::to_owned),
                page_token: token.clone(),
                ..PaginatedListOptions::default()
            };
            let answer = bucket.list_paginated(prefix, options).await;
            let answer = answer.map_err(|error| problem::of_listing(&error, &asked))?;
            let found = answer.result.objects.into_iter();
            let mut objects: Vec<Listed> = found.map(facts::listed).collect();
            objects.retain(|listed| {
                listing
                    .after
                    .is_none_or(|after| listed.key.as_str() > after)
            });
            let more = answer.page_token.is_some();
            // Azure may find nothing on its way and say that there is more.
            if objects.is_empty() && more && answer.page_token != token {
                token = answer.page_token;
                continue;
            }
            objects.sort_unstable_by(|one, other| one.key.cmp(&other.key));
            return Ok(Page { objects, more });
        }
    }
}

fn quoted(etag: &ETag) -> String {
    format!("\"{etag}\"")
}

crate::text::shown_by!(Blobs, service, ..);

#[cfg(test)]
mod tests;
