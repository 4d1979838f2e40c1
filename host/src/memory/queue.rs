//! Messages in a map.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use tokio::time::Instant;

use crate::letter;
use crate::ports::{
    Attributes, Depth, Message, Outgoing, Queue, QueueError, QueueProblem, Receipt, ReceiveOptions,
};

/// Visibility timeout of a message unless the receiver sets one: the default of
/// SQS.
const VISIBILITY: Duration = Duration::from_secs(30);

/// Pause between two looks of a waiting receiver.
const POLL: Duration = Duration::from_millis(20);

/// A queue in memory.
#[derive(Debug)]
pub struct MemoryQueue {
    name: String,
    redrive: Option<RedrivePolicy>,
    state: Mutex<State>,
}

/// Redrive policy: the dead-letter queue, and the receive count that leads there.
#[derive(Debug)]
struct RedrivePolicy {
    max_receive_count: u32,
    dead_letters: Arc<MemoryQueue>,
}

#[derive(Debug, Default)]
struct State {
    sent: u64,
    messages: BTreeMap<u64, Held>,
}

/// A message in the queue.
#[derive(Clone, Debug)]
struct Held {
    body: String,
    attributes: Attributes,
    token: Option<String>,
    sent: SystemTime,
    receive_count: u32,
    hidden_until: Option<Instant>,
}

impl Held {
    fn is_visible(&self, now: Instant) -> bool {
        self.hidden_until.is_none_or(|until| until <= now)
    }
}

impl MemoryQueue {
    /// An empty queue without a dead-letter queue.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            redrive: None,
            state: Mutex::default(),
        }
    }

    /// An empty queue whose messages go to `dead_letters` instead of being
    /// handed out more than `max_receive_count` times.
    pub fn with_dead_letters(
        name: &str,
        max_receive_count: u32,
        dead_letters: Arc<MemoryQueue>,
    ) -> Self {
        let redrive = Some(RedrivePolicy {
            max_receive_count,
            dead_letters,
        });
        Self {
            name: name.to_owned(),
            redrive,
            state: Mutex::default(),
        }
    }

    /// Every method leaves the map whole, so a panic elsewhere spoils nothing.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(&self, outgoing: Outgoing) -> String {
        let mut state = self.lock();
        if let Some(number) = state.waiting(outgoing.token.as_deref()) {
            return self.id(number);
        }
        state.sent += 1;
        let number = state.sent;
        let held = Held {
            body: outgoing.body,
            attributes: outgoing.attributes,
            token: outgoing.token,
            sent: SystemTime::now(),
            receive_count: 0,
            hidden_until: None,
        };
        state.messages.insert(number, held);
        self.id(number)
    }

    fn id(&self, number: u64) -> String {
        format!("{}-{number}", self.name)
    }

    /// Hand out what is visible, and let the redrive policy take the rest.
    fn take(&self, options: &ReceiveOptions) -> Vec<Message> {
        let now = Instant::now();
        let mut state = self.lock();
        let visible: Vec<u64> = state
            .messages
            .iter()
            .filter(|(_, held)| held.is_visible(now))
            .map(|(number, _)| *number)
            .collect();
        let mut taken = Vec::new();
        for number in visible {
            if taken.len() == options.max {
                break;
            }
            if self.dead_letter(&mut state, number) {
                continue;
            }
            if let Some(held) = state.messages.get_mut(&number) {
                held.receive_count += 1;
                held.hidden_until = Some(now + options.visibility.unwrap_or(VISIBILITY));
                taken.push(self.message(number, held));
            }
        }
        taken
    }

    fn message(&self, number: u64, held: &Held) -> Message {
        Message {
            id: self.id(number),
            receipt: Receipt(format!("{number}#{}", held.receive_count)),
            body: held.body.clone(),
            attributes: held.attributes.clone(),
            receive_count: held.receive_count,
            sent: Some(held.sent),
        }
    }

    /// Move a message that was received too often. Returns whether it was.
    fn dead_letter(&self, state: &mut State, number: u64) -> bool {
        let Some(policy) = &self.redrive else {
            return false;
        };
        let exhausted = state
            .messages
            .get(&number)
            .is_some_and(|held| held.receive_count >= policy.max_receive_count);
        if exhausted && let Some(held) = state.messages.remove(&number) {
            policy.dead_letters.accept(Outgoing {
                attributes: letter::exhausted(
                    held.attributes,
                    &self.id(number),
                    held.receive_count,
                ),
                body: held.body,
                ..Outgoing::default()
            });
        }
        exhausted
    }

    /// The message that `receipt` still stands for.
    fn number(&self, state: &State, receipt: &Receipt) -> Result<u64, QueueError> {
        let stale = || QueueError::new(QueueProblem::StaleReceipt, &self.name);
        let (number, count) = receipt.0.split_once('#').ok_or_else(stale)?;
        let number = number.parse().map_err(|_| stale())?;
        let count: u32 = count.parse().map_err(|_| stale())?;
        let held = state.messages.get(&number).ok_or_else(stale)?;
        if held.receive_count == count {
            Ok(number)
        } else {
            Err(stale())
        }
    }
}

impl State {
    /// The message of this token that waits to be received, if there is one.
    fn waiting(&self, token: Option<&str>) -> Option<u64> {
        let token = token?;
        let now = Instant::now();
        let same = |held: &Held| held.token.as_deref() == Some(token) && held.is_visible(now);
        self.messages
            .iter()
            .find(|(_, held)| same(held))
            .map(|(number, _)| *number)
    }
}

crate::text::shown_by!(MemoryQueue, name);

#[async_trait]
impl Queue for MemoryQueue {
    async fn send(&self, messages: Vec<Outgoing>) -> Vec<Result<String, QueueError>> {
        messages
            .into_iter()
            .map(|outgoing| Ok(self.accept(outgoing)))
            .collect()
    }

    async fn receive(&self, options: &ReceiveOptions) -> Result<Vec<Message>, QueueError> {
        let until = Instant::now() + options.wait;
        loop {
            let taken = self.take(options);
            if !taken.is_empty() || Instant::now() >= until {
                return Ok(taken);
            }
            tokio::time::sleep(POLL).await;
        }
    }

    async fn delete(&self, receipts: &[Receipt]) -> Vec<Result<(), QueueError>> {
        let mut state = self.lock();
        let mut delete = |receipt| {
            let number = self.number(&state, receipt)?;
            state.messages.remove(&number);
            Ok(())
        };
        receipts.iter().map(&mut delete).collect()
    }

    async fn set_visibility(&self, receipt: &Receipt, timeout: Duration) -> Result<(), QueueError> {
        let mut state = self.lock();
        let number = self.number(&state, receipt)?;
        if let Some(held) = state.messages.get_mut(&number) {
            held.hidden_until = Some(Instant::now() + timeout);
        }
        Ok(())
    }

    async fn depth(&self) -> Result<Depth, QueueError> {
        let now = Instant::now();
        let state = self.lock();
        let visible = state
            .messages
            .values()
            .filter(|held| held.is_visible(now))
            .count() as u64;
        Ok(Depth {
            visible,
            in_flight: state.messages.len() as u64 - visible,
        })
    }

    async fn oldest(&self) -> Result<Option<SystemTime>, QueueError> {
        Ok(self.lock().messages.values().map(|held| held.sent).min())
    }
}
