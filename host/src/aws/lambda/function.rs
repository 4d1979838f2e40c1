//! Lambda's loop around a function.

use std::future::Future;
use std::time::SystemTime;

use lambda_runtime::{Diagnostic, LambdaEvent, Runtime, service_fn};
use serde_json::Value;
use tracing::Instrument;

use super::{Context, Failure, left};

/// Answer invocations with `function` until the process is ended.
///
/// # Errors
/// If Lambda cannot be talked to.
pub async fn serve<F, Answer>(function: F) -> Result<(), lambda_runtime::Error>
where
    F: Fn(Value, Context) -> Answer,
    Answer: Future<Output = Result<Value, Failure>>,
{
    let answer = |event: LambdaEvent<Value>| {
        let (payload, context) = event.into_parts();
        let context = Context {
            left: left(context.deadline, SystemTime::now()),
            request: context.request_id,
            trace: context.xray_trace_id.filter(|trace| !trace.is_empty()),
        };
        let span = tracing::info_span!(
            "invocation",
            request.id = context.request,
            trace.id = context.trace,
        );
        let answer = function(payload, context).instrument(span);
        async move { answer.await.map_err(Diagnostic::from) }
    };
    Runtime::new(service_fn(answer)).run().await
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        let kind = match failure {
            Failure::InvalidEvent(_) => "InvalidEvent",
            Failure::WorkNotDone(_) => "WorkNotDone",
            Failure::InvalidConfiguration(_) => "InvalidConfiguration",
        };
        Self {
            error_type: kind.to_owned(),
            error_message: failure.to_string(),
        }
    }
}
