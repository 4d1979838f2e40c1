//! Jobs of S3 Batch Operations: objects that exist already, handed to the function
//! a few at a time.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Failure;
use crate::error::Disposition;
use crate::event;
use crate::letter;
use crate::ports::Message;
use crate::report::MessageReport;
use crate::text::plural;

/// Part of a job for one invocation, in either version of the schema.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Job {
    invocation_schema_version: String,
    invocation_id: String,
    pub(super) tasks: Vec<Task>,
}

/// Task for one object.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Task {
    task_id: String,
    /// The key as a notification of S3 would write it.
    s3_key: String,
    /// The bucket, from version 2.0 on.
    s3_bucket: Option<String>,
    /// The bucket, in version 1.0.
    s3_bucket_arn: Option<String>,
}

/// Answer to a part of a job.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    invocation_schema_version: String,
    treat_missing_keys_as: &'static str,
    invocation_id: String,
    results: Vec<TaskResult>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TaskResult {
    task_id: String,
    result_code: &'static str,
    result_string: String,
}

impl Job {
    pub(super) fn of(event: Value) -> Result<Self, Failure> {
        let job = Self::deserialize(event).map_err(|error| {
            Failure::InvalidEvent(format!(
                "the tasks of S3 Batch Operations cannot be read: {error}"
            ))
        })?;
        match job.invocation_schema_version.as_str() {
            "1.0" | "2.0" => Ok(job),
            version => Err(Failure::InvalidEvent(format!(
                "versions 1.0 and 2.0 of S3 Batch Operations are understood, not: {version}"
            ))),
        }
    }

    /// A message for each task.
    pub(super) fn messages(&self) -> Vec<Message> {
        self.tasks.iter().map(Task::message).collect()
    }

    /// The answer, with one result for each task: `reports` are in their order.
    pub(super) fn answer(self, reports: &[MessageReport]) -> Answer {
        let results = self.tasks.into_iter().zip(reports).map(|(task, report)| {
            let (result_code, result_string) = result(report);
            TaskResult {
                task_id: task.task_id,
                result_code,
                result_string,
            }
        });
        Answer {
            results: results.collect(),
            // A task that is left out by mistake is done again.
            treat_missing_keys_as: "TemporaryFailure",
            invocation_schema_version: self.invocation_schema_version,
            invocation_id: self.invocation_id,
        }
    }
}

impl Task {
    /// Notification that the object was written, as S3 would send it. A task that
    /// makes no sense becomes a body that is refused, and so disturbs no other.
    fn message(&self) -> Message {
        let of_arn = |arn: &String| arn.rsplit(':').next().map(str::to_owned);
        let bucket = self
            .s3_bucket
            .clone()
            .or_else(|| self.s3_bucket_arn.as_ref().and_then(of_arn));
        let body = bucket.map_or_else(String::new, |bucket| {
            event::notification_as_spelled(&bucket, &self.s3_key)
        });
        Message::direct(&self.task_id, body)
    }
}

/// Result code of a task, and the reason for people.
fn result(report: &MessageReport) -> (&'static str, String) {
    let code = match report.disposition {
        Disposition::Done | Disposition::Skip => "Succeeded",
        Disposition::Retry => "TemporaryFailure",
        Disposition::Reject => "PermanentFailure",
    };
    if let Some(error) = report.worst() {
        return (code, letter::reason(error));
    }
    let outcomes = report
        .objects
        .iter()
        .filter_map(|object| object.result.as_ref().ok());
    let words = outcomes.map(|outcome| match outcome.skipped {
        Some(skipped) => format!("skipped: {}", skipped.as_str()),
        None => plural(outcome.written.len() as u64, "thumbnail"),
    });
    (code, words.collect::<Vec<_>>().join(", "))
}
