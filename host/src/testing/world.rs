//! A world in memory: two buckets, an engine, and a pipeline between them.
#![expect(
    clippy::unwrap_used,
    reason = "a world that cannot be made is a broken test"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;

use super::{MeddledStore, Meddler, StampEngine};
use crate::contract::Limits;
use crate::event::ObjectEvent;
use crate::memory::MemoryStore;
use crate::object::{ETag, Location};
use crate::pipeline::{Filter, Pipeline, Settings};
use crate::ports::{GetOptions, Listing, NewObject, ObjectStore};

/// The bucket of the sources.
pub const IMAGES: &str = "images";
/// The bucket of the thumbnails.
pub const THUMBNAILS: &str = "thumbnails";

/// Settings of two presets, one in the format of the source and one fixed.
pub fn settings() -> Settings {
    Settings {
        presets: vec![
            "small=75x75".parse().unwrap(),
            "web=200x,webp".parse().unwrap(),
        ],
        limits: Limits::default(),
        max_source: 1 << 20,
        bucket: THUMBNAILS.to_owned(),
        naming: "{key}/{preset}.{ext}".parse().unwrap(),
        cache_control: Some("no-cache".to_owned()),
        sources: Filter::default(),
        skip_existing: false,
        propagate_deletes: true,
        memory: 4 << 20,
        engines: 2,
    }
}

/// Two buckets in memory, and an engine.
#[derive(Clone, Debug)]
pub struct World {
    /// The store of the buckets.
    pub store: Arc<MemoryStore>,
    /// The engine.
    pub engine: Arc<StampEngine>,
    /// Settings of the pipelines of this world.
    pub settings: Settings,
}

impl World {
    /// An empty world with [`settings`].
    pub fn new() -> Self {
        let store = Arc::new(MemoryStore::new([IMAGES, THUMBNAILS]));
        Self {
            store,
            engine: Arc::default(),
            settings: settings(),
        }
    }

    /// A pipeline of this world.
    pub fn pipeline(&self) -> Pipeline {
        Pipeline::new(
            self.store.clone(),
            self.engine.clone(),
            self.settings.clone(),
        )
    }

    /// A pipeline of this world, with `meddler` between it and the store.
    pub fn meddled(&self, meddler: Meddler) -> Pipeline {
        let store = MeddledStore::new(self.store.clone(), meddler);
        Pipeline::new(Arc::new(store), self.engine.clone(), self.settings.clone())
    }

    /// Write a source, and say so.
    pub async fn write(&self, key: &str, body: &str) -> ObjectEvent {
        let location = Location::new(IMAGES, key);
        let bytes = Bytes::from(body.to_owned());
        let etag = self
            .store
            .put(&location, NewObject::new(bytes))
            .await
            .unwrap();
        let size = Some(body.len() as u64);
        ObjectEvent {
            etag,
            size,
            ..ObjectEvent::written(location)
        }
    }

    /// Remove a source, and say so.
    pub async fn remove(&self, key: &str) -> ObjectEvent {
        let location = Location::new(IMAGES, key);
        self.store.delete(&location).await.unwrap();
        let change = crate::event::Change::Removed;
        ObjectEvent {
            change,
            ..ObjectEvent::written(location)
        }
    }

    /// Every thumbnail there is, by its key.
    pub async fn thumbnails(&self) -> BTreeMap<String, Vec<u8>> {
        self.bodies(THUMBNAILS).await
    }

    /// Every thumbnail that there should be, if each source that can have some
    /// has its own, and only those of the newest version.
    pub async fn expected(&self) -> BTreeMap<String, Vec<u8>> {
        let mut expected = BTreeMap::new();
        for (key, body) in self.bodies(IMAGES).await {
            let word = body.split(|byte| *byte == b' ').next().unwrap_or_default();
            let of_source = match word {
                b"png" => "image/png",
                b"jpeg" => "image/jpeg",
                _ => continue,
            };
            for preset in &self.settings.presets {
                let media_type = preset
                    .spec()
                    .encoding
                    .media_type
                    .as_deref()
                    .unwrap_or(of_source);
                let name = self.settings.naming.key(&key, preset.name(), media_type);
                expected.insert(name, self.engine.stamp(preset.spec(), &body));
            }
        }
        expected
    }

    /// Every source there is, by its key.
    pub async fn sources(&self) -> BTreeMap<String, String> {
        let text = |body: Vec<u8>| String::from_utf8_lossy(&body).into_owned();
        let bodies = self.bodies(IMAGES).await.into_iter();
        bodies.map(|(key, body)| (key, text(body))).collect()
    }

    async fn bodies(&self, bucket: &str) -> BTreeMap<String, Vec<u8>> {
        let mut bodies = BTreeMap::new();
        for listed in self
            .store
            .list(&Listing::new(bucket, ""))
            .await
            .unwrap()
            .objects
        {
            let location = Location::new(bucket, &listed.key);
            let object = self
                .store
                .get(&location, &GetOptions::default())
                .await
                .unwrap();
            bodies.insert(listed.key, object.body.to_vec());
        }
        bodies
    }

    /// The ETag of a source that reads `body`.
    pub fn etag(body: &str) -> ETag {
        ETag::of(body.as_bytes())
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
