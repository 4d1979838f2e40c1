//! A program without brokers.

use std::sync::Arc;
use std::time::Duration;

use super::super::Failure;
use super::super::place::NatsPlace;
use crate::doctor::{Finding, WorkerSettings};
use crate::ports::Queue;

/// No connection.
#[derive(Default)]
pub(in crate::cli) struct Brokers(());

impl Brokers {
    pub(in crate::cli) async fn make(&mut self, _place: &NatsPlace) -> Result<(), Failure> {
        Err(absent())
    }

    pub(in crate::cli) async fn check(&mut self, _place: &NatsPlace) -> Result<(), Failure> {
        Err(absent())
    }

    pub(in crate::cli) async fn sender(
        &mut self,
        _place: &NatsPlace,
    ) -> Result<Arc<dyn Queue>, Failure> {
        Err(absent())
    }

    pub(in crate::cli) async fn receiver(
        &mut self,
        _place: &NatsPlace,
        _visibility: Duration,
        _redrive: Option<(u32, Arc<dyn Queue>)>,
    ) -> Result<Arc<dyn Queue>, Failure> {
        Err(absent())
    }

    pub(in crate::cli) async fn examine(
        _place: &NatsPlace,
        _letters: Option<&NatsPlace>,
        _settings: &WorkerSettings,
    ) -> Vec<Finding> {
        vec![Finding::told("queue", &absent().to_string(), "")]
    }
}

fn absent() -> Failure {
    Failure::Usage(
        "this program was built without NATS; build it with `make build`, or name a folder or a \
         queue of SQS"
            .to_owned(),
    )
}
