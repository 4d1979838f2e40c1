//! Ports with a meddler: each call can be overtaken, refused, or lose its answer.

use std::fmt;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;

use crate::object::{ETag, Location};
use crate::ports::{
    Attributes, Depth, GetOptions, Listing, Message, NewObject, Object, ObjectInfo, ObjectStore,
    Outgoing, Page, Queue, QueueError, QueueProblem, Receipt, ReceiveOptions, StoreError,
    StoreProblem,
};

/// The method that is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// [`ObjectStore::get`].
    Get,
    /// [`ObjectStore::head`].
    Head,
    /// [`ObjectStore::put`].
    Put,
    /// [`ObjectStore::delete`] or [`Queue::delete`].
    Delete,
    /// [`ObjectStore::tags`].
    Tags,
    /// [`ObjectStore::list`].
    List,
    /// [`Queue::send`].
    Send,
    /// [`Queue::receive`].
    Receive,
    /// [`Queue::set_visibility`].
    SetVisibility,
    /// [`Queue::depth`].
    Depth,
}

/// A call that is about to be made.
#[derive(Clone, Debug)]
pub struct Call {
    /// Number of calls before it, over the life of the port.
    pub number: u64,
    /// The method that is called.
    pub verb: Verb,
    /// The bucket and key, or the queue.
    pub target: String,
}

/// Fate of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is made.
    None,
    /// It fails and has no effect.
    Refused,
    /// It is made, but its answer is lost.
    Lost,
    /// Its caller never hears of it again.
    Never,
}

/// Decides about each call, and may do something first: replace an object, say.
pub type Meddler = Arc<dyn Fn(Call) -> BoxFuture<'static, Fault> + Send + Sync>;

/// The meddler that does nothing but decide.
pub fn deciding(decide: impl Fn(&Call) -> Fault + Send + Sync + 'static) -> Meddler {
    Arc::new(move |call| {
        let fault = decide(&call);
        Box::pin(async move { fault })
    })
}

/// The meddler that sends a message to a queue with every call of a verb.
pub fn sending_with(verb: Verb, queue: Arc<dyn Queue>) -> Meddler {
    Arc::new(move |call| {
        let queue = queue.clone();
        Box::pin(async move {
            if call.verb == verb {
                queue.send(vec![Outgoing::new("{}")]).await;
            }
            Fault::None
        })
    })
}

impl Fault {
    /// This fault for a call that is hit, and none for another.
    pub fn when(self, is_hit: bool) -> Self {
        if is_hit { self } else { Self::None }
    }
}

/// The meddler between a port and its caller.
struct Between {
    meddler: Meddler,
    calls: AtomicU64,
}

impl Between {
    fn new(meddler: Meddler) -> Self {
        Self {
            meddler,
            calls: AtomicU64::new(0),
        }
    }

    /// Make `call` as the meddler decides.
    async fn make<T, E>(
        &self,
        verb: Verb,
        target: String,
        call: impl Future<Output = Result<T, E>> + Send,
        error: impl Fn() -> E + Send,
    ) -> Result<T, E> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        match (self.meddler)(Call {
            number,
            verb,
            target,
        })
        .await
        {
            Fault::None => call.await,
            Fault::Refused => Err(error()),
            Fault::Lost => call.await.and_then(|_| Err(error())),
            Fault::Never => pending().await,
        }
    }
}

impl fmt::Debug for Between {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Between")
            .field("calls", &self.calls)
            .finish_non_exhaustive()
    }
}

/// An object store with a meddler.
#[derive(Debug)]
pub struct MeddledStore {
    store: Arc<dyn ObjectStore>,
    between: Between,
}

impl MeddledStore {
    /// `store`, with `meddler` before every call.
    pub fn new(store: Arc<dyn ObjectStore>, meddler: Meddler) -> Self {
        Self {
            store,
            between: Between::new(meddler),
        }
    }

    async fn make<T>(
        &self,
        verb: Verb,
        location: &Location,
        call: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let error = || StoreError::new(StoreProblem::Unavailable, location);
        self.between
            .make(verb, location.to_string(), call, error)
            .await
    }
}

impl fmt::Display for MeddledStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, meddled with", self.store)
    }
}

#[async_trait]
impl ObjectStore for MeddledStore {
    async fn get(&self, location: &Location, options: &GetOptions) -> Result<Object, StoreError> {
        self.make(Verb::Get, location, self.store.get(location, options))
            .await
    }

    async fn head(&self, location: &Location) -> Result<ObjectInfo, StoreError> {
        self.make(Verb::Head, location, self.store.head(location))
            .await
    }

    async fn put(&self, location: &Location, new: NewObject) -> Result<Option<ETag>, StoreError> {
        self.make(Verb::Put, location, self.store.put(location, new))
            .await
    }

    async fn delete(&self, location: &Location) -> Result<(), StoreError> {
        self.make(Verb::Delete, location, self.store.delete(location))
            .await
    }

    async fn tags(&self, location: &Location) -> Result<Attributes, StoreError> {
        self.make(Verb::Tags, location, self.store.tags(location))
            .await
    }

    async fn list(&self, listing: &Listing<'_>) -> Result<Page, StoreError> {
        let location = listing.location();
        self.make(Verb::List, &location, self.store.list(listing))
            .await
    }
}

/// A queue with a meddler. Its messages are sent and deleted in calls of their
/// own, so that a call can fail for some of them.
#[derive(Debug)]
pub struct MeddledQueue {
    queue: Arc<dyn Queue>,
    between: Between,
    stranded: Vec<Receipt>,
}

impl MeddledQueue {
    /// `queue`, with `meddler` before every call.
    pub fn new(queue: Arc<dyn Queue>, meddler: Meddler) -> Self {
        Self {
            queue,
            between: Between::new(meddler),
            stranded: Vec::new(),
        }
    }

    /// The same queue, which says of the messages of these receipts that nothing can become
    /// of them.
    #[must_use]
    pub fn stranding(self, stranded: Vec<Receipt>) -> Self {
        Self { stranded, ..self }
    }

    async fn make<T>(
        &self,
        verb: Verb,
        call: impl Future<Output = Result<T, QueueError>> + Send,
    ) -> Result<T, QueueError> {
        let error = || QueueError::new(QueueProblem::Unavailable, &self.queue);
        self.between
            .make(verb, self.queue.to_string(), call, error)
            .await
    }

    fn unanswered(&self) -> QueueError {
        QueueError::new(QueueProblem::Unknown, &self.queue)
    }
}

impl fmt::Display for MeddledQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, meddled with", self.queue)
    }
}

#[async_trait]
impl Queue for MeddledQueue {
    async fn send(&self, messages: Vec<Outgoing>) -> Vec<Result<String, QueueError>> {
        let mut results = Vec::new();
        for message in messages {
            let send = async {
                let mut sent = self.queue.send(vec![message]).await;
                sent.pop().unwrap_or_else(|| Err(self.unanswered()))
            };
            results.push(self.make(Verb::Send, send).await);
        }
        results
    }

    async fn receive(&self, options: &ReceiveOptions) -> Result<Vec<Message>, QueueError> {
        self.make(Verb::Receive, self.queue.receive(options)).await
    }

    async fn delete(&self, receipts: &[Receipt]) -> Vec<Result<(), QueueError>> {
        let mut results = Vec::new();
        for receipt in receipts {
            let delete = async {
                let mut deleted = self.queue.delete(std::slice::from_ref(receipt)).await;
                deleted.pop().unwrap_or_else(|| Err(self.unanswered()))
            };
            results.push(self.make(Verb::Delete, delete).await);
        }
        results
    }

    async fn set_visibility(&self, receipt: &Receipt, timeout: Duration) -> Result<(), QueueError> {
        self.make(
            Verb::SetVisibility,
            self.queue.set_visibility(receipt, timeout),
        )
        .await
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        self.make(Verb::Depth, self.queue.depth()).await
    }

    fn stranded(&self) -> Vec<Receipt> {
        let mut all = self.queue.stranded();
        all.extend(self.stranded.iter().cloned());
        all
    }
}
