//! Reading a source image into memory, when there is room for it.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use super::room::Reserved;
use super::{Pipeline, ROUNDS};
use crate::error::Error;
use crate::event::ObjectEvent;
use crate::object::{ETag, Location};
use crate::ports::{GetOptions, Made, Request, StoreProblem};

/// A source image in memory, and the room it takes.
pub(super) struct Source {
    pub(super) etag: ETag,
    pub(super) body: Bytes,
    pub(super) took: Duration,
    room: Reserved,
}

impl Pipeline {
    /// The source that is there now; `None` if there is none.
    pub(super) async fn fetch(&self, event: &ObjectEvent) -> Result<Option<Source>, Error> {
        let begun = Instant::now();
        let location = &event.location;
        let mut size = match event.size {
            Some(size) => size,
            None => match self.size(location).await? {
                Some(size) => size,
                None => return Ok(None),
            },
        };
        for _ in 0..ROUNDS {
            let limit = size.min(self.settings.max_source);
            let room = self.room.reserve(limit).await;
            let options = GetOptions {
                max_bytes: Some(limit),
                if_none_match: None,
            };
            match self.store.get(location, &options).await {
                Ok(object) => {
                    let (etag, body, took) = (object.info.etag, object.body, begun.elapsed());
                    return Ok(Some(Source {
                        etag,
                        body,
                        took,
                        room,
                    }));
                }
                Err(error) => match error.problem {
                    StoreProblem::NotFound => return Ok(None),
                    // It has grown since the event: ask for more room, after
                    // giving back what there is, so that nobody waits for us.
                    StoreProblem::TooLarge { size: grown, .. }
                        if grown > limit && grown <= self.settings.max_source =>
                    {
                        size = grown;
                    }
                    _ => return Err(error.into()),
                },
            }
        }
        Err(Error::KeepsChanging { rounds: ROUNDS })
    }

    async fn size(&self, location: &Location) -> Result<Option<u64>, Error> {
        match self.store.head(location).await {
            Ok(info) => Ok(Some(info.size)),
            Err(error) if error.problem == StoreProblem::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Every thumbnail of `source`, whose memory is given back afterwards.
    pub(super) async fn generate(
        &self,
        location: &Location,
        source: Source,
        deadline: Option<Instant>,
    ) -> Result<Made, Error> {
        let Source { body, room, .. } = source;
        let _turn = self.engines.acquire().await;
        let request = Request {
            source: body,
            specs: self.specs.clone(),
            limits: self.settings.limits,
            deadline,
            key: location.key.clone(),
        };
        let made = self.engine.generate(request).await;
        drop(room);
        Ok(made?)
    }
}
