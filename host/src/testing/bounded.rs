//! A queue that bounds its messages.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::ports::{
    Attributes, Depth, Message, Outgoing, Queue, QueueError, QueueProblem, Receipt, ReceiveOptions,
};

/// A queue that takes messages of so many bytes, attributes included, and refuses longer ones.
pub(crate) struct BoundedQueue {
    queue: Arc<dyn Queue>,
    most: usize,
}

impl BoundedQueue {
    pub(crate) fn new(queue: Arc<dyn Queue>, most: usize) -> Self {
        Self { queue, most }
    }
}

crate::text::shown_by!(BoundedQueue, queue, ..);

#[async_trait]
impl Queue for BoundedQueue {
    async fn send(&self, messages: Vec<Outgoing>) -> Vec<Result<String, QueueError>> {
        let mut results = Vec::new();
        for message in messages {
            results.push(if length(&message.body, &message.attributes) > self.most {
                let why = "it is too long".to_owned();
                Err(QueueError::new(QueueProblem::InvalidMessage(why), self))
            } else {
                self.queue.send(vec![message]).await.remove(0)
            });
        }
        results
    }

    async fn receive(&self, options: &ReceiveOptions) -> Result<Vec<Message>, QueueError> {
        self.queue.receive(options).await
    }

    async fn delete(&self, receipts: &[Receipt]) -> Vec<Result<(), QueueError>> {
        self.queue.delete(receipts).await
    }

    async fn set_visibility(&self, receipt: &Receipt, timeout: Duration) -> Result<(), QueueError> {
        self.queue.set_visibility(receipt, timeout).await
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        self.queue.depth().await
    }
}

/// Bytes that count toward the bound.
pub(crate) fn length(body: &str, attributes: &Attributes) -> usize {
    let attributes = attributes.iter();
    let attributes: usize = attributes
        .map(|(name, value)| name.len() + value.len())
        .sum();
    body.len() + attributes
}
