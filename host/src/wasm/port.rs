//! The engine as the use cases know it: behind its port.
//!
//! A call of an engine blocks its thread, so each runs on one of tokio's threads
//! for blocking work. Giving up on the answer does not stop the engine; its own
//! deadline does.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;

use super::engine::SandboxedEngine;
use crate::ports::{Engine, EngineError, EngineFailure, EngineIdentity, Made, Request};

#[async_trait]
impl Engine for SandboxedEngine {
    fn identity(&self, _key: &str) -> Arc<EngineIdentity> {
        Arc::clone(self.identity())
    }

    async fn generate(&self, request: Request) -> Result<Made, EngineError> {
        let engine = self.clone();
        let work = move || {
            let deadline = request.deadline.map(Instant::from);
            engine.generate_blocking(&request.source, &request.specs, &request.limits, deadline)
        };
        let answer = tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| EngineFailure::Unavailable(error.to_string()))
            .and_then(|answer| answer.map_err(EngineFailure::from));
        let engine = Arc::clone(self.identity());
        match answer {
            Ok(output) => Ok(Made { output, engine }),
            Err(failure) => Err(EngineError::new(failure, Some(engine))),
        }
    }
}
