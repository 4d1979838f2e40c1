//! A repository as a store of objects, as far as an engine store needs one.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::client::{Client, named};
use super::credentials::{self, Credentials};
use super::error::RegistryError;
use super::layout::{self, Place};
use super::manifest::{Descriptor, EMPTY, Manifest, WASM, WASM_CONFIG, configuration};
use crate::engines::{Pointer, Repository};
use crate::object::{ETag, Location};
use crate::ports::{
    Attributes, Condition, GetOptions, Listed, Listing, NewObject, Object, ObjectInfo, ObjectStore,
    Page, StoreError, StoreProblem,
};

/// The most that a component may have: several times the largest that we know.
const LARGEST: u64 = 512 << 20;

/// Configuration that says nothing.
const NOTHING: Bytes = Bytes::from_static(b"{}");

/// An engine store in an OCI registry.
#[derive(Clone, Debug)]
pub struct Registry {
    client: Arc<Client>,
    repository: Repository,
}

impl Registry {
    /// The repository, with the credentials of this user if there are any.
    ///
    /// # Errors
    /// If no requests can be made, or the credentials cannot be read.
    pub fn open(repository: &Repository) -> Result<Self, RegistryError> {
        Self::with(repository, credentials::of_this_user(&repository.host)?)
    }

    pub(super) fn with(
        repository: &Repository,
        credentials: Option<Credentials>,
    ) -> Result<Self, RegistryError> {
        Ok(Self {
            client: Arc::new(Client::new(repository, credentials)?),
            repository: repository.clone(),
        })
    }

    /// The component that `pointer` names, in the layout of components.
    ///
    /// # Errors
    /// If it is not there, not in that layout, or not the bytes of its digest.
    pub async fn component(pointer: &Pointer) -> Result<Bytes, RegistryError> {
        let client = Self::open(&pointer.repository)?.client;
        let manifest = client.manifest(&pointer.reference).await?;
        let layer = Manifest::layer(&manifest.body, WASM)?;
        client.blob(&layer.digest, layer.size.min(LARGEST)).await
    }

    /// The object of a tag, whose manifest may change.
    async fn tagged(
        &self,
        place: &Place,
        location: &Location,
        options: &GetOptions,
    ) -> Result<Object, StoreError> {
        let at = |error: RegistryError| error.at(location);
        let manifest = self.client.manifest(&place.tag).await.map_err(at)?;
        let etag = ETag::new(&manifest.digest);
        if options.if_none_match.as_ref() == Some(&etag) {
            return Err(StoreError::new(StoreProblem::NotModified, location));
        }
        let layer = Manifest::layer(&manifest.body, place.kind.media_type).map_err(at)?;
        let limit = options.max_bytes.unwrap_or(LARGEST);
        if layer.size > limit {
            let problem = StoreProblem::TooLarge {
                size: layer.size,
                limit,
            };
            return Err(StoreError::new(problem, location));
        }
        let body = self.client.blob(&layer.digest, layer.size).await;
        let body = body.map_err(at)?;
        Ok(object(place, etag, body))
    }

    /// Check that what is there is as the write expects it.
    async fn check(
        &self,
        place: &Place,
        condition: Option<&Condition>,
        location: &Location,
    ) -> Result<(), StoreError> {
        let Some(condition) = condition else {
            return Ok(());
        };
        let there = self.client.digest_of(&place.tag).await;
        let there = there.map_err(|error| error.at(location))?;
        let holds = match condition {
            Condition::IfAbsent => there.is_none(),
            Condition::IfMatch(etag) => there.as_deref() == Some(etag.as_str()),
        };
        if holds {
            return Ok(());
        }
        Err(StoreError::new(StoreProblem::ConditionFailed, location))
    }

    /// Push what a manifest names, and then the manifest.
    async fn write(&self, place: &Place, body: Bytes) -> Result<String, RegistryError> {
        let size = body.len() as u64;
        let digest = self.client.push(body.clone()).await?;
        let (config, media_type) = if place.kind.media_type == WASM {
            (configuration(&body, &digest)?, WASM_CONFIG)
        } else {
            (NOTHING, EMPTY)
        };
        let layer = Descriptor {
            media_type: place.kind.media_type.to_owned(),
            digest,
            size,
        };
        let config = Descriptor {
            media_type: media_type.to_owned(),
            size: config.len() as u64,
            digest: self.client.push(config).await?,
        };
        let manifest = Manifest::new(config, layer).bytes()?;
        let digest = named(&manifest);
        self.client.put_manifest(&place.tag, manifest).await?;
        Ok(digest)
    }
}

/// The place of an object, in a repository that has only those of an engine store.
fn place(location: &Location) -> Result<Place, StoreError> {
    layout::place(&location.key).ok_or_else(|| StoreError::new(StoreProblem::InvalidKey, location))
}

fn object(place: &Place, etag: ETag, body: Bytes) -> Object {
    let size = Some(body.len() as u64);
    Object {
        info: info(place, etag, size),
        body,
    }
}

fn info(place: &Place, etag: ETag, size: Option<u64>) -> ObjectInfo {
    ObjectInfo {
        etag,
        size,
        version: None,
        modified: None,
        content_type: Some(place.kind.media_type.to_owned()),
        content_encoding: None,
        cache_control: None,
        content_disposition: None,
        content_language: None,
        metadata: Attributes::new(),
    }
}

#[async_trait]
impl ObjectStore for Registry {
    async fn get(&self, location: &Location, options: &GetOptions) -> Result<Object, StoreError> {
        let place = place(location)?;
        let Some(digest) = &place.digest else {
            return self.tagged(&place, location, options).await;
        };
        let limit = options.max_bytes.unwrap_or(LARGEST);
        let body = self.client.blob(digest, limit).await;
        let body = body.map_err(|error| error.at(location))?;
        Ok(object(&place, ETag::new(digest), body))
    }

    async fn head(&self, location: &Location) -> Result<ObjectInfo, StoreError> {
        let place = place(location)?;
        let at = |error: RegistryError| error.at(location);
        if let Some(digest) = &place.digest {
            let size = self.client.size_of(digest).await.map_err(at)?;
            return Ok(info(&place, ETag::new(digest), size));
        }
        let digest = self.client.digest_of(&place.tag).await.map_err(at)?;
        let digest = digest.ok_or_else(|| StoreError::new(StoreProblem::NotFound, location))?;
        Ok(info(&place, ETag::new(&digest), None))
    }

    async fn put(&self, location: &Location, new: NewObject) -> Result<Option<ETag>, StoreError> {
        let place = place(location)?;
        let at = |error: RegistryError| error.at(location);
        let NewObject { body, options } = new;
        let condition = options.condition.as_ref();
        self.check(&place, condition, location).await?;
        let digest = self.write(&place, body).await.map_err(at)?;
        // Somebody may have written between the look and the write.
        if condition.is_some() && !place.kind.is_digest {
            let there = self.client.digest_of(&place.tag).await.map_err(at)?;
            if there.as_ref() != Some(&digest) {
                return Err(StoreError::new(StoreProblem::ConditionFailed, location));
            }
        }
        Ok(Some(ETag::new(&digest)))
    }

    async fn delete(&self, location: &Location) -> Result<(), StoreError> {
        let what = "removals: what nobody needs is for the garbage collection of the registry";
        Err(StoreError::new(
            StoreProblem::Unsupported(what.to_owned()),
            location,
        ))
    }

    async fn list(&self, listing: &Listing<'_>) -> Result<Page, StoreError> {
        let tags = self.client.tags().await;
        let tags = tags.map_err(|error| error.at(&listing.location()))?;
        let mut keys: Vec<String> = tags.iter().filter_map(|tag| layout::key(tag)).collect();
        keys.retain(|key| {
            key.starts_with(listing.prefix)
                && listing.after.is_none_or(|after| key.as_str() > after)
        });
        keys.sort_unstable();
        // Sizes and times would take a request for each.
        let objects = keys.into_iter().map(|key| Listed {
            key,
            size: 0,
            modified: None,
        });
        Ok(Page {
            objects: objects.collect(),
            more: false,
        })
    }
}

impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "oci://{}", self.repository)
    }
}
