//! Ports that go in circles: they show what they have shown before, for ever.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::object::{ETag, Location};
use crate::ports::{
    Depth, GetOptions, Listing, Message, NewObject, Object, ObjectInfo, ObjectStore, Outgoing,
    Page, Queue, QueueError, Receipt, ReceiveOptions, StoreError,
};

/// A store that begins each listing anew, and says that there is more.
#[derive(Debug)]
pub(crate) struct CirclingStore(pub(crate) Arc<dyn ObjectStore>);

#[async_trait]
impl ObjectStore for CirclingStore {
    async fn get(&self, location: &Location, options: &GetOptions) -> Result<Object, StoreError> {
        self.0.get(location, options).await
    }

    async fn head(&self, location: &Location) -> Result<ObjectInfo, StoreError> {
        self.0.head(location).await
    }

    async fn put(&self, location: &Location, new: NewObject) -> Result<Option<ETag>, StoreError> {
        self.0.put(location, new).await
    }

    async fn delete(&self, location: &Location) -> Result<(), StoreError> {
        self.0.delete(location).await
    }

    async fn list(&self, listing: &Listing<'_>) -> Result<Page, StoreError> {
        let first = Listing::new(listing.bucket, listing.prefix);
        let page = self.0.list(&first).await?;
        Ok(Page { more: true, ..page })
    }
}

/// A queue that hides nothing, deletes nothing, and says that there is no end.
#[derive(Debug)]
pub(crate) struct CirclingQueue(pub(crate) Vec<Message>);

#[async_trait]
impl Queue for CirclingQueue {
    async fn send(&self, messages: Vec<Outgoing>) -> Vec<Result<String, QueueError>> {
        messages.iter().map(|_| Ok(String::new())).collect()
    }

    async fn receive(&self, options: &ReceiveOptions) -> Result<Vec<Message>, QueueError> {
        Ok(self.0.iter().take(options.max).cloned().collect())
    }

    async fn delete(&self, receipts: &[Receipt]) -> Vec<Result<(), QueueError>> {
        receipts.iter().map(|_| Ok(())).collect()
    }

    async fn set_visibility(&self, _: &Receipt, _: Duration) -> Result<(), QueueError> {
        Ok(())
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        Ok(Depth {
            visible: u64::MAX,
            in_flight: 0,
        })
    }
}

impl std::fmt::Display for CirclingStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a store that goes in circles")
    }
}

impl std::fmt::Display for CirclingQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a queue that goes in circles")
    }
}
