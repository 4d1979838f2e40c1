//! Files that lie among sources and are none.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Pipeline, Task};
use crate::error::{Error, with_causes};
use crate::object::Location;
use crate::ports::{EngineFailure, EngineIdentity, StoreProblem};
use crate::report::{Outcome, Skipped};

/// Knowledge of files that an image has beside it, in a folder that is taken as it is.
#[async_trait]
pub trait Bystanders: fmt::Debug + Send + Sync {
    /// True if `source`, of which nothing can be made because it is `unread`, is no image to
    /// begin with.
    async fn is_no_image(&self, source: &Location, unread: Unread) -> bool;
}

/// Reason why nothing was made of a source, whatever its content.
#[derive(Clone, Debug)]
pub enum Unread {
    /// It is larger than what is read, by its number of bytes.
    TooLarge(u64),
    /// This engine does not know its format.
    UnknownFormat(Option<Arc<EngineIdentity>>),
}

impl Pipeline {
    /// Result of the work on a source, which is left alone if it is no image.
    pub(super) async fn unless_bystander(
        &self,
        task: &Task<'_>,
        worked: Result<Option<Outcome>, Error>,
    ) -> Result<Option<Outcome>, Error> {
        let Err(error) = worked else { return worked };
        match self.is_bystander(task, &error).await? {
            true => Ok(Some(Outcome {
                reason: Some(with_causes(&error)),
                ..Outcome::skipped(Skipped::NotAnImage)
            })),
            false => Err(error),
        }
    }

    /// True for no image, unless somebody waits to hear of each source, or would take what
    /// was made of an earlier version for thumbnails of this one.
    async fn is_bystander(&self, task: &Task<'_>, error: &Error) -> Result<bool, Error> {
        let (Some(known), Some(unread)) = (&self.bystanders, Unread::of(error)) else {
            return Ok(false);
        };
        if self.tells_rejections(task) || !self.has_nothing(task).await? {
            return Ok(false);
        }
        Ok(known.is_no_image(task.location, unread).await)
    }
}

impl Unread {
    /// True for the failure of a source that is larger than what is read.
    pub(super) fn is_size(error: &Error) -> bool {
        matches!(Self::of(error), Some(Self::TooLarge(_)))
    }

    fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Engine(error) => match error.failure {
                EngineFailure::UnsupportedFormat(_) => {
                    Some(Self::UnknownFormat(error.engine.clone()))
                }
                _ => None,
            },
            Error::Store(error) => match error.problem {
                StoreProblem::TooLarge { size, .. } => Some(Self::TooLarge(size)),
                _ => None,
            },
            _ => None,
        }
    }
}
