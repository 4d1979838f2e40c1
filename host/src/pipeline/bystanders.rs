//! Files that lie among sources and are none.

use std::fmt;

use async_trait::async_trait;

use super::{Pipeline, Task};
use crate::error::Error;
use crate::object::Location;
use crate::ports::{EngineFailure, StoreProblem};
use crate::report::{Outcome, Skipped};

/// Knowledge of files that an image has beside it, in a folder that is taken as it is.
#[async_trait]
pub trait Bystanders: fmt::Debug + Send + Sync {
    /// True if `source`, of which nothing can be made, is no image to begin with.
    async fn is_no_image(&self, source: &Location) -> bool;
}

impl Pipeline {
    /// True if it matters which version of a source it is that cannot be read.
    pub(super) fn looks_again(&self, task: &Task<'_>) -> bool {
        self.bystanders.is_some() || self.tells_rejections(task)
    }

    /// Result of the work on a source, which is left alone if it is no image.
    pub(super) async fn unless_bystander(
        &self,
        task: &Task<'_>,
        worked: Result<Option<Outcome>, Error>,
    ) -> Result<Option<Outcome>, Error> {
        match (&worked, &self.bystanders) {
            (Err(error), Some(known))
                if is_unread(error) && known.is_no_image(task.location).await =>
            {
                Ok(Some(Outcome::skipped(Skipped::NotAnImage)))
            }
            _ => worked,
        }
    }
}

/// True for a source that nothing was made of, whatever its content.
fn is_unread(error: &Error) -> bool {
    match error {
        Error::Engine(error) => matches!(error.failure, EngineFailure::UnsupportedFormat(_)),
        Error::Store(error) => matches!(error.problem, StoreProblem::TooLarge { .. }),
        _ => false,
    }
}
