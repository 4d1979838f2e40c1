//! A program with S3 and SQS.

use std::sync::Arc;

use super::super::Failure;
use super::region::{self, RegionError};
use crate::aws::{Asking, Connection, S3, Sqs, Topic, Webhook};
use crate::doctor::Account;
use crate::ports::{ObjectStore, Queue};
use crate::results::{Results, Secret, TopicArn, WebhookUrl};

/// The connection to AWS, made once it is needed.
#[derive(Default)]
pub(in crate::cli) struct Cloud(Option<Connection>);

impl Cloud {
    async fn connection(&mut self) -> &Connection {
        let known = match self.0.take() {
            Some(connection) => connection,
            None => Connection::from_environment().await,
        };
        self.0.insert(known)
    }

    /// The queue at `url`, if it is in the region that requests go to.
    pub(in crate::cli) async fn sqs(&mut self, url: &str) -> Result<Arc<dyn Queue>, Failure> {
        let connection = self.connection().await;
        region::check(url, connection.region()).map_err(usage)?;
        Ok(Arc::new(Sqs::new(connection, url)))
    }

    /// The queue called `name` in the account and the region that requests go to.
    pub(in crate::cli) async fn sqs_named(
        &mut self,
        name: &str,
    ) -> Result<Arc<dyn Queue>, Failure> {
        let connection = self.connection().await;
        if connection.region().is_none() {
            return Err(usage(RegionError::None("eu-west-1".to_owned())));
        }
        Ok(Arc::new(Sqs::named(connection, name).await?))
    }

    /// Every bucket, if a region is set.
    pub(in crate::cli) async fn s3(&mut self) -> Result<Arc<dyn ObjectStore>, Failure> {
        let connection = self.connection().await;
        if connection.region().is_none() {
            return Err(usage(RegionError::None("eu-west-1".to_owned())));
        }
        self.bucket().await
    }

    /// Every bucket, wherever requests go.
    pub(in crate::cli) async fn bucket(&mut self) -> Result<Arc<dyn ObjectStore>, Failure> {
        Ok(Arc::new(S3::new(self.connection().await)))
    }

    /// Answers about queues and buckets, whether or not a region is set.
    pub(in crate::cli) async fn account(&mut self) -> Result<Arc<dyn Account>, Failure> {
        Ok(Arc::new(Asking::new(self.connection().await)))
    }

    /// The topic that gets results, in whatever region it is.
    pub(in crate::cli) async fn topic(
        &mut self,
        arn: &TopicArn,
    ) -> Result<Arc<dyn Results>, Failure> {
        Ok(Arc::new(Topic::new(self.connection().await, arn.clone())))
    }

    /// The receiver of results at `url`, by the HTTP client of the SDK.
    pub(in crate::cli) fn webhook(
        &self,
        url: &WebhookUrl,
        secret: &Secret,
    ) -> Result<Arc<dyn Results>, Failure> {
        Ok(Arc::new(Webhook::new(url.clone(), secret)))
    }
}

fn usage(error: RegionError) -> Failure {
    Failure::Usage(error.to_string())
}
