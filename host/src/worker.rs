//! A loop between a queue and a batch, for hosts that are not called.
//!
//! The work of Lambda around a function, for a folder or a plain machine: take messages while there are hands free, keep them hidden while
//! they are worked on, delete what is done, give back what is not, and stop
//! when told to, with nothing half done.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::batch::Batch;
use crate::ports::{Message, Queue, QueueError, QueueProblem, ReceiveOptions};
use crate::report::MessageReport;
use crate::text::with_causes;

mod pulse;

pub use pulse::{Ailment, Pulse};

/// Manner in which a worker treats its queue.
#[derive(Clone, Debug)]
pub struct Options {
    /// Messages that are worked on side by side.
    pub concurrency: usize,
    /// Visibility timeout of a message; extended for as long as it is worked on.
    pub visibility: Duration,
    /// Longest wait for messages when there are none.
    pub wait: Duration,
    /// Longest time for one message.
    pub budget: Duration,
    /// Time for which a message that is to be tried again stays hidden the first
    /// time; twice as long each further time, up to the visibility timeout.
    pub backoff: Duration,
    /// Time for which a queue may fail before the worker gives up.
    pub patience: Duration,
}

/// Wish of the worker's owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Work, and wait for more.
    GoOn,
    /// Work until the queue is empty, and end.
    Finish,
    /// Finish what is in hand, and end.
    Stop,
}

/// Pause after a queue failed, before it is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// Longest time to give back, at the end, what nothing can become of.
const CLOSING: Duration = Duration::from_secs(5);

/// Hears what becomes of each message.
pub type Observer = Arc<dyn Fn(&MessageReport) + Send + Sync>;

/// Takes messages from a queue and works on them.
pub struct Worker {
    queue: Arc<dyn Queue>,
    batch: Arc<Batch>,
    options: Options,
    observer: Observer,
    pulse: Option<Arc<Pulse>>,
}

/// Failures of a worker's queue.
#[derive(Default)]
struct Trouble {
    /// It has answered once, so that it exists and may be used.
    answered: bool,
    /// It has failed ever since.
    since: Option<Instant>,
}

impl Worker {
    /// A worker between `queue` and `batch`.
    pub fn new(
        queue: Arc<dyn Queue>,
        batch: Arc<Batch>,
        options: Options,
        observer: Observer,
    ) -> Self {
        Self {
            queue,
            batch,
            options,
            observer,
            pulse: None,
        }
    }

    /// The same worker, with a pulse for others to feel.
    #[must_use]
    pub fn with_pulse(self, pulse: Arc<Pulse>) -> Self {
        Self {
            pulse: Some(pulse),
            ..self
        }
    }

    fn pulse(&self, tell: impl FnOnce(&Pulse)) {
        if let Some(pulse) = &self.pulse {
            tell(pulse);
        }
    }

    /// Work until told to end. What is in hand then is finished first.
    ///
    /// # Errors
    /// If the queue keeps failing, or has never answered and cannot be used; or if it was to be
    /// emptied, and nothing can become of what is left.
    pub async fn run(&self, mut wish: watch::Receiver<Wish>) -> Result<(), QueueError> {
        let mut hands: JoinSet<()> = JoinSet::new();
        let mut trouble = Trouble::default();
        let mut told = false;
        let ended = loop {
            while hands.try_join_next().is_some() {}
            if *wish.borrow() == Wish::Stop {
                break Ok(());
            }
            let free = self.options.concurrency.max(1).saturating_sub(hands.len());
            if free == 0 {
                self.pulse(Pulse::full);
                tokio::select! {
                    _ = hands.join_next() => self.pulse(Pulse::beat),
                    () = stopped(&mut wish) => {}
                }
                continue;
            }
            match self.receive(free, &mut wish).await {
                Ok(messages) => {
                    self.pulse(Pulse::beat);
                    trouble = Trouble::over();
                    let idle = messages.is_empty() && hands.is_empty();
                    if idle
                        && *wish.borrow() == Wish::Finish
                        && let Some(ended) = self.finished(&mut told).await
                    {
                        break ended;
                    }
                    for message in messages {
                        hands.spawn(self.hand(message));
                    }
                }
                Err(error) => {
                    if trouble.is_hopeless(&error, self.options.patience) {
                        break Err(error);
                    }
                    tracing::warn!(
                        error.message = with_causes(&error),
                        "the queue could not be read"
                    );
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        self.pulse(Pulse::stop);
        while hands.join_next().await.is_some() {}
        self.give_back().await;
        ended
    }

    /// Messages for `free` hands; none when told to stop meanwhile.
    async fn receive(
        &self,
        free: usize,
        wish: &mut watch::Receiver<Wish>,
    ) -> Result<Vec<Message>, QueueError> {
        let options = ReceiveOptions {
            max: free,
            visibility: Some(self.options.visibility),
            wait: self.options.wait,
        };
        tokio::select! {
            received = self.queue.receive(&options) => received,
            // A request in flight may have taken messages that we never see:
            // they come back when their visibility timeout is over.
            () = stopped(wish) => Ok(Vec::new()),
        }
    }

    /// The end of the work, once nothing is left but what nothing can become of here. It is
    /// `told` once if there is more, which nobody is handed.
    async fn finished(&self, told: &mut bool) -> Option<Result<(), QueueError>> {
        let left = self.queue.depth().await.ok()?.total();
        let stranded = self.queue.stranded().len() as u64;
        if left == 0 {
            return Some(Ok(()));
        }
        if left <= stranded {
            let problem = QueueProblem::Stranded(left);
            return Some(Err(QueueError::new(problem, &self.queue)));
        }
        if !std::mem::replace(told, true) {
            tracing::info!(
                messages.left = left - stranded,
                "what is left is hidden: it waits for another attempt, or another process has it, or \
                 had it when it was killed"
            );
        }
        None
    }

    /// Leave to others what nothing could become of here.
    async fn give_back(&self) {
        let all = async {
            for receipt in self.queue.stranded() {
                if let Err(error) = self.queue.set_visibility(&receipt, Duration::ZERO).await {
                    tracing::warn!(
                        error.message = with_causes(&error),
                        "a message that cannot become a dead letter could not be given back"
                    );
                    // The next would wait for the same queue.
                    if error.may_pass() {
                        break;
                    }
                }
            }
        };
        if tokio::time::timeout(CLOSING, all).await.is_err() {
            tracing::warn!(
                "the queue is slow, and messages that cannot become dead letters stay hidden for a \
                 while"
            );
        }
    }

    /// The work on one message, from its reception to its end.
    fn hand(&self, message: Message) -> impl Future<Output = ()> + Send + use<> {
        let (queue, batch) = (self.queue.clone(), self.batch.clone());
        let (options, observer) = (self.options.clone(), self.observer.clone());
        async move {
            let report = {
                let work = batch.one(&message, Some(Instant::now() + options.budget));
                keep_hidden(&*queue, &message, options.visibility, work).await
            };
            settle(&*queue, &message, &report, &options).await;
            observer(&report);
        }
    }
}

impl Trouble {
    fn over() -> Self {
        Self {
            answered: true,
            since: None,
        }
    }

    /// True if it is time to give up: the queue has failed for too long, or a
    /// person has to act before it can answer for the first time.
    fn is_hopeless(&mut self, error: &QueueError, patience: Duration) -> bool {
        let since = *self.since.get_or_insert_with(Instant::now);
        since.elapsed() > patience || (!self.answered && !error.may_pass())
    }
}

/// Wait until told to stop; for ever, if the other end is gone.
async fn stopped(wish: &mut watch::Receiver<Wish>) {
    if wish.wait_for(|wish| *wish == Wish::Stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Do `work`, and keep `message` from being handed to others meanwhile.
async fn keep_hidden<T>(
    queue: &dyn Queue,
    message: &Message,
    visibility: Duration,
    work: impl Future<Output = T>,
) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(visibility / 2) => {
                if let Err(error) = queue.set_visibility(&message.receipt, visibility).await {
                    // Another may begin the same work now, which does no harm.
                    tracing::warn!(message.id, error.message = with_causes(&error), "a message could not be kept hidden");
                }
            }
        }
    }
}

/// Delete what is done and give back what is not.
async fn settle(queue: &dyn Queue, message: &Message, report: &MessageReport, options: &Options) {
    let settled = if report.may_leave() {
        let results = queue.delete(std::slice::from_ref(&message.receipt)).await;
        results
            .into_iter()
            .collect::<Result<Vec<()>, QueueError>>()
            .map(drop)
    } else {
        let doublings = message.receive_count.saturating_sub(1).min(16);
        let pause = options
            .backoff
            .saturating_mul(1 << doublings)
            .min(options.visibility);
        queue.set_visibility(&message.receipt, pause).await
    };
    if let Err(error) = settled {
        // It is handed out again later, and then there is little left to do.
        tracing::warn!(
            message.id,
            error.message = with_causes(&error),
            "a message could not be settled"
        );
    }
}

#[cfg(test)]
mod tests;
