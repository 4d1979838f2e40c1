//! The redrive of SQS itself: it moves all messages of a dead-letter queue.

use aws_sdk_sqs::types::QueueAttributeName;

use super::problem::{self, Asked};
use super::{Said, Sqs};
use crate::aws::answer::Refusal;
use crate::ports::{QueueError, QueueProblem};

/// The most messages a second that can be asked for.
const FASTEST: f64 = 500.0;

/// The state of a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::aws) struct Moving {
    /// `RUNNING`, `COMPLETED`, `FAILED`, `CANCELLED` or `CANCELLING`.
    pub(in crate::aws) status: String,
    /// The approximate number of messages that were moved.
    pub(in crate::aws) moved: u64,
    /// The reason of a failure.
    pub(in crate::aws) failure: Option<String>,
}

impl Moving {
    /// The check for a move that goes on.
    pub(in crate::aws) fn is_running(&self) -> bool {
        matches!(self.status.as_str(), "RUNNING" | "CANCELLING")
    }
}

impl Sqs {
    /// Begin to move all messages to the queue `to`. False if the service does not
    /// know the operation or does not allow it: there is another way, which needs
    /// other permissions.
    ///
    /// # Errors
    /// If it knows and allows the operation, and still refuses.
    pub(in crate::aws) async fn move_all(
        &self,
        to: &Self,
        rate: Option<f64>,
    ) -> Result<bool, QueueError> {
        let (source, destination) = (self.arn().await?, to.arn().await?);
        let rate = rate.map(|rate| rate.clamp(1.0, FASTEST) as i32);
        let started = self
            .client
            .start_message_move_task()
            .source_arn(source)
            .destination_arn(destination)
            .set_max_number_of_messages_per_second(rate)
            .send()
            .await;
        match started {
            Ok(_) => Ok(true),
            Err(error) if leaves_another_way(&Refusal::of(&error)) => Ok(false),
            Err(error) => Err(problem::of(&error, &self.url, Asked::Queue)),
        }
    }

    /// The state of the youngest move out of this queue.
    ///
    /// # Errors
    /// If the queue knows of none.
    pub(in crate::aws) async fn moving(&self) -> Result<Moving, QueueError> {
        let answer = self
            .client
            .list_message_move_tasks()
            .source_arn(self.arn().await?)
            .max_results(1)
            .send()
            .await
            .map_err(|error| problem::of(&error, &self.url, Asked::Queue))?;
        let task = answer.results().first().ok_or_else(|| {
            let said = Said::new("no move of messages is known");
            self.error(QueueProblem::Unknown).because(said)
        })?;
        Ok(Moving {
            status: task.status().unwrap_or_default().to_owned(),
            moved: u64::try_from(task.approximate_number_of_messages_moved()).unwrap_or_default(),
            failure: task.failure_reason().map(str::to_owned),
        })
    }

    async fn arn(&self) -> Result<String, QueueError> {
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(&self.url)
            .attribute_names(QueueAttributeName::QueueArn)
            .send()
            .await
            .map_err(|error| problem::of(&error, &self.url, Asked::Queue))?;
        let arn = answer
            .attributes()
            .and_then(|attributes| attributes.get(&QueueAttributeName::QueueArn));
        arn.cloned().ok_or_else(|| {
            let said = Said::new("the queue does not say its ARN");
            self.error(QueueProblem::Unknown).because(said)
        })
    }
}

fn leaves_another_way(refusal: &Refusal) -> bool {
    let Refusal::Answered { code, status, .. } = refusal else {
        return false;
    };
    let by_name = code.as_deref().is_some_and(|code| {
        let code = code.rsplit('.').next().unwrap_or(code);
        matches!(
            code,
            "InvalidAction"
                | "UnsupportedOperation"
                | "UnknownOperationException"
                | "UnknownOperation"
                | "NotImplemented"
                | "AccessDenied"
                | "AccessDeniedException"
        )
    });
    by_name || matches!(status, 403 | 501)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_that_does_not_move_messages_is_told_from_one_that_fails() {
        let of = |code: &str, status| {
            leaves_another_way(&Refusal::Answered {
                code: Some(code.to_owned()),
                status,
                message: None,
            })
        };
        assert!(of("InvalidAction", 400));
        assert!(of("AWS.SimpleQueueService.UnsupportedOperation", 400));
        assert!(of("NobodyKnowsThis", 501));
        assert!(of("AccessDenied", 403));
        assert!(!of("ResourceNotFoundException", 400));
        assert!(!of("InternalFailure", 500));
        assert!(!leaves_another_way(&Refusal::Timeout));
    }
}
