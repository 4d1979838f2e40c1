//! Reading a source image into memory, within the memory budget.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::memory_budget::Reservation;
use super::{Pipeline, ROUNDS, Task};
use crate::error::Error;
use crate::event::ObjectEvent;
use crate::object::{ETag, Location};
use crate::ports::{
    Attributes, EngineFailure, GetOptions, Made, ObjectInfo, Request, StoreProblem,
};
use crate::recipe::copies::Carried;
use crate::text::printable;

/// Facts about a version of a source that only its reader knows.
#[derive(Clone)]
pub(super) struct Version {
    pub(super) etag: ETag,
    pub(super) id: Option<String>,
    pub(super) bytes: u64,
    /// Parts of it that its thumbnails have as well.
    pub(super) carried: Carried,
}

/// A source image in memory, and its part of the memory budget.
pub(super) struct Source {
    pub(super) etag: ETag,
    /// The version, in stores that keep several.
    id: Option<String>,
    pub(super) body: Bytes,
    /// The `Content-Encoding` it is stored with, if that changes its bytes.
    coding: Option<String>,
    pub(super) took: Duration,
    carried: Carried,
    memory: Reservation,
}

impl Source {
    /// Its version, for the manifest.
    pub(super) fn version(&self) -> Version {
        Version {
            etag: self.etag.clone(),
            id: self.id.clone(),
            bytes: self.body.len() as u64,
            carried: self.carried.clone(),
        }
    }
}

impl Pipeline {
    /// The source that is there now; `None` if there is none.
    pub(super) async fn fetch(
        &self,
        task: &Task<'_>,
        event: &ObjectEvent,
    ) -> Result<Option<Source>, Error> {
        let begun = Instant::now();
        let (location, most) = (&event.location, self.settings.max_source);
        let mut size = match event.size {
            Some(size) => size,
            None => match self.size(location).await? {
                Some(size) => size,
                None => return Ok(None),
            },
        };
        for round in 1..=ROUNDS {
            let limit = size.min(most);
            let memory = self.memory.reserve(limit).await;
            let options = GetOptions {
                max_bytes: Some(limit),
                if_none_match: None,
            };
            match self.store.get(location, &options).await {
                Ok(object) => {
                    let carried = self.carried(task, &object.info).await?;
                    return Ok(Some(Source {
                        carried,
                        etag: object.info.etag,
                        id: object.info.version,
                        coding: object.info.content_encoding.and_then(coding),
                        body: object.body,
                        took: begun.elapsed(),
                        memory,
                    }));
                }
                Err(error) => match error.problem {
                    StoreProblem::NotFound => return Ok(None),
                    // It has grown since the event: reserve more memory, after
                    // giving back what there is, so that no one waits for us.
                    // Twice means that the store does not know how large it is.
                    StoreProblem::TooLarge { size: grown, .. }
                        if grown > limit && grown <= most =>
                    {
                        size = if round == 1 { grown } else { most };
                    }
                    _ => return Err(error.into()),
                },
            }
        }
        Err(Error::KeepsChanging { rounds: ROUNDS })
    }

    /// Parts of the source with these facts that its thumbnails have as well.
    async fn carried(&self, task: &Task<'_>, info: &ObjectInfo) -> Result<Carried, Error> {
        let copies = &task.recipe.copies;
        let tags = match copies.want_tags() {
            true => self.store.tags(task.location).await,
            false => Ok(Attributes::new()),
        };
        match tags {
            Ok(tags) => Ok(copies.of(info, tags)),
            // It has gone since it was read, which is found out at the end.
            Err(error) if error.problem == StoreProblem::NotFound => {
                Ok(copies.of(info, Attributes::new()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The size of the source that is there now, or the largest there may be if
    /// the store does not say; `None` if there is no source.
    async fn size(&self, location: &Location) -> Result<Option<u64>, Error> {
        let most = self.settings.max_source;
        match self.store.head_within(location, most).await {
            Ok(info) => Ok(Some(info.size.unwrap_or(most))),
            Err(error) if error.problem == StoreProblem::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Every thumbnail of `source`, whose memory is given back afterwards.
    pub(super) async fn generate(
        &self,
        task: &Task<'_>,
        source: Source,
        deadline: Option<Instant>,
    ) -> Result<Made, Error> {
        let Source {
            body,
            memory,
            coding,
            ..
        } = source;
        let _turn = self.engines.acquire().await;
        let request = Request {
            source: body,
            specs: task.recipe.specs(),
            limits: self.settings.limits,
            deadline,
            key: task.location.key.clone(),
            placeholder: task.recipe.manifests.is_some(),
        };
        let made = self.engine.generate(request).await;
        drop(memory);
        match (made, coding) {
            (Err(error), Some(coding))
                if matches!(error.failure, EngineFailure::UnsupportedFormat(_)) =>
            {
                Err(Error::Encoded { coding })
            }
            (made, _) => Ok(made?),
        }
    }
}

/// The coding that a `Content-Encoding` names, in one line. `aws-chunked` is a
/// way to send an upload, which some stores keep by mistake; it and `identity`
/// leave the bytes as they are.
fn coding(header: String) -> Option<String> {
    let plain = |part: &str| {
        part.is_empty()
            || part.eq_ignore_ascii_case("identity")
            || part.eq_ignore_ascii_case("aws-chunked")
    };
    let parts = header.split(',').map(str::trim);
    let changing: Vec<&str> = parts.filter(|part| !plain(part)).collect();
    (!changing.is_empty()).then(|| printable(changing.join(", ")))
}
