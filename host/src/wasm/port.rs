//! The engine as the use cases know it: behind its port.
//!
//! A call of an engine blocks its thread, so each runs on one of tokio's threads
//! for blocking work. Giving up on the answer does not stop the engine; its own
//! deadline does.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;

use super::engine::SandboxedEngine;
use crate::contract::{Limits, Spec};
use crate::ports::{
    Engine, EngineError, EngineFailure, EngineIdentity, Made, Placeholder, Request,
};

#[async_trait]
impl Engine for SandboxedEngine {
    fn identity(&self, _key: &str) -> Arc<EngineIdentity> {
        Arc::clone(self.identity())
    }

    async fn try_specs(&self, specs: Arc<[Spec]>, limits: Limits) -> Result<(), EngineError> {
        let engine = self.clone();
        let work = move || Self::try_specs(&engine, &specs, &limits);
        let answer = tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| EngineFailure::Unavailable(error.to_string()))
            .and_then(|answer| answer.map_err(EngineFailure::from));
        answer.map_err(|failure| EngineError::new(failure, Some(Arc::clone(self.identity()))))
    }

    async fn generate(&self, request: Request) -> Result<Made, EngineError> {
        let engine = self.clone();
        let work = move || {
            let deadline = request.deadline.map(Instant::from);
            let Request {
                source,
                specs,
                limits,
                ..
            } = &request;
            if request.placeholder {
                engine.generate_with_placeholder(source, specs, limits, deadline)
            } else {
                let made = engine.generate_blocking(source, specs, limits, deadline);
                made.map(|output| (output, Placeholder::default()))
            }
        };
        let answer = tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| EngineFailure::Unavailable(error.to_string()))
            .and_then(|answer| answer.map_err(EngineFailure::from));
        let engine = Arc::clone(self.identity());
        match answer {
            Ok((output, placeholder)) => Ok(Made {
                output,
                placeholder,
                engine,
            }),
            Err(failure) => Err(EngineError::new(failure, Some(engine))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use testkit::component::{BAD_SOURCE, Component, GOOD_SOURCE, PRESETS};

    use super::SandboxedEngine;
    use crate::contract::{Budget, Spec};
    use crate::preset::Preset;
    use crate::testing::engine::{Subject, suite};
    use crate::wasm::{Artifact, Runtime};

    /// Memory that a test can use up, and time that no sound call does.
    const BUDGET: Budget = Budget {
        memory: 8 << 20,
        time: Duration::from_secs(10),
    };

    /// Runs the suite for a component that fails with the bad source in a way, or,
    /// if there is none, takes for ever.
    async fn passes(component: Component, kind: Option<&'static str>) {
        let artifact = Artifact::new(component.build());
        let engine = SandboxedEngine::load(&Runtime::new().unwrap(), &artifact, BUDGET).unwrap();
        let specs: [Spec; 2] = PRESETS.map(|preset| {
            let preset: Preset = preset.parse().unwrap();
            preset.spec().clone()
        });
        let bad = Bytes::from_static(BAD_SOURCE);
        let moment = Duration::from_secs(2);
        suite(&Subject {
            engine: &engine,
            good: Bytes::from_static(GOOD_SOURCE),
            specs: specs.into(),
            bad: kind.map(|kind| (bad.clone(), kind)).into_iter().collect(),
            endless: kind.is_none().then_some((bad, moment)),
        })
        .await;
    }

    #[tokio::test]
    async fn a_sandboxed_engine_keeps_its_contract_however_it_fails() {
        for (instructions, kind) in [
            ("(loop $l (br $l)) (unreachable)", None),
            ("(unreachable)", Some("engine-trap")),
            ("(call $recurse (i32.const 0))", Some("engine-stack")),
            (
                "(drop (memory.grow (i32.const 1000))) (i32.const 0x8000)",
                Some("engine-memory"),
            ),
        ] {
            passes(Component::that_runs(instructions), kind).await;
        }
    }

    #[tokio::test]
    async fn a_sandboxed_engine_keeps_its_contract_whatever_it_answers() {
        for (case, kind) in [
            "unsupported-format",
            "malformed-source",
            "limit-exceeded",
            "invalid-spec",
            "engine-other",
        ]
        .into_iter()
        .enumerate()
        {
            let case = u32::try_from(case).unwrap();
            let refusing = Component::that_claims(|claim| claim.error = Some((case, "no")));
            passes(refusing, Some(kind)).await;
        }
        let lying = Component::that_claims(|claim| claim.thumbnails.truncate(1));
        passes(lying, Some("engine-output")).await;
    }
}
