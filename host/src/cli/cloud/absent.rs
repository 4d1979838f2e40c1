//! A program without S3, SQS, SNS and the HTTP client of the SDK.

use std::sync::Arc;

use super::super::Failure;
use crate::doctor::Account;
use crate::ports::{ObjectStore, Queue};
use crate::results::{Results, Secret, TopicArn, WebhookUrl};

/// No connection.
#[derive(Default)]
pub(in crate::cli) struct Cloud(());

impl Cloud {
    pub(in crate::cli) async fn sqs(&mut self, _url: &str) -> Result<Arc<dyn Queue>, Failure> {
        Err(absent())
    }

    pub(in crate::cli) async fn sqs_named(
        &mut self,
        _name: &str,
    ) -> Result<Arc<dyn Queue>, Failure> {
        Err(absent())
    }

    pub(in crate::cli) async fn s3(&mut self) -> Result<Arc<dyn ObjectStore>, Failure> {
        Err(absent())
    }

    pub(in crate::cli) async fn bucket(&mut self) -> Result<Arc<dyn ObjectStore>, Failure> {
        Err(absent())
    }

    pub(in crate::cli) async fn account(&mut self) -> Result<Arc<dyn Account>, Failure> {
        Err(absent())
    }

    pub(in crate::cli) async fn topic(
        &mut self,
        _arn: &TopicArn,
    ) -> Result<Arc<dyn Results>, Failure> {
        Err(absent())
    }

    pub(in crate::cli) fn webhook(
        &self,
        _url: &WebhookUrl,
        _secret: &Secret,
    ) -> Result<Arc<dyn Results>, Failure> {
        Err(absent())
    }
}

fn absent() -> Failure {
    Failure::Usage(
        "this program was built without S3, SQS, SNS and webhooks; build it with `make build`, or name a folder"
            .to_owned(),
    )
}
