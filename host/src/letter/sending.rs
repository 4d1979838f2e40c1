//! Letters on their way into a queue that bounds what a message may have.
//!
//! A letter is longer than its message, by its reason, its kind and its origin. A message close to
//! the bound of a queue makes a letter beyond it, which is refused however often it is sent. So
//! that letter is sent with less: the body is what a redrive needs, and the log has all the rest.

use super::{KIND, ORIGIN, REASON, REDRIVES, shortened};
use crate::ports::{Attributes, Outgoing, Queue, QueueError, QueueProblem};

/// Beginning of the names of our own attributes.
const OURS: &str = "thimble-";

/// The reason of a letter that has no room for a longer one, in bytes.
const SHORT_REASON: usize = 100;

/// Attributes without which a letter is less than one: its kind, and what a redrive goes by.
const NEEDED: [&str; 3] = [KIND, ORIGIN, REDRIVES];

/// Send `letter` to `queue`, with as much of what is said of it as the queue takes.
///
/// # Errors
/// If the queue fails, or does not even take the body.
pub(crate) async fn send(queue: &dyn Queue, letter: Outgoing) -> Result<String, QueueError> {
    let mut refused = match once(queue, letter.clone()).await {
        Err(error) if is_refusal(&error) => error,
        sent => return sent,
    };
    for (attributes, without) in shorter(&letter.attributes) {
        let shorter = Outgoing {
            attributes,
            ..letter.clone()
        };
        match once(queue, shorter).await {
            Err(error) if is_refusal(&error) => refused = error,
            Err(error) => return Err(error),
            Ok(id) => {
                tracing::warn!(
                    queue.name = %queue,
                    message.id = letter.attributes.get(ORIGIN),
                    queue.refusal = %refused.problem,
                    "a message goes to the queue without {without}, for which that has no room"
                );
                return Ok(id);
            }
        }
    }
    Err(refused)
}

/// True if the queue does not take such a message, today or tomorrow.
pub(crate) fn is_refusal(error: &QueueError) -> bool {
    matches!(error.problem, QueueProblem::InvalidMessage(_))
}

async fn once(queue: &dyn Queue, message: Outgoing) -> Result<String, QueueError> {
    let sent = queue.send(vec![message]).await.pop();
    sent.unwrap_or_else(|| Err(QueueError::unanswered(queue)))
}

/// Fewer and fewer of `whole`, each with the words for what is left out.
fn shorter(whole: &Attributes) -> Vec<(Attributes, &'static str)> {
    let brief: Attributes = whole
        .iter()
        .map(|(name, value)| match name.as_str() {
            REASON => (name.clone(), shortened(value.clone(), SHORT_REASON)),
            _ => (name.clone(), value.clone()),
        })
        .collect();
    let only = |keep: &dyn Fn(&str) -> bool| -> Attributes {
        let kept = brief.iter().filter(|(name, _)| keep(name));
        kept.map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    let own = only(&|name| name.starts_with(OURS));
    let needed = only(&|name| NEEDED.contains(&name));
    let mut forms = vec![
        (brief, "most of its reason"),
        (own, "what its sender had added"),
        (needed, "its reason"),
        (Attributes::new(), "all that is said of it"),
    ];
    let mut last = whole.clone();
    forms.retain(|(form, _)| {
        let is_new = *form != last;
        last.clone_from(form);
        is_new
    });
    forms
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use async_trait::async_trait;

    use super::*;
    use crate::memory::MemoryQueue;
    use crate::ports::{Depth, Message, Receipt, ReceiveOptions};
    use crate::testing::queue::all;

    /// A queue that takes messages of so many bytes.
    struct Bounded {
        queue: MemoryQueue,
        most: usize,
    }

    impl Bounded {
        fn new(most: usize) -> Self {
            let queue = MemoryQueue::new("letters");
            Self { queue, most }
        }
    }

    crate::text::shown_by!(Bounded, queue, ..);

    #[async_trait]
    impl Queue for Bounded {
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

        async fn set_visibility(
            &self,
            receipt: &Receipt,
            timeout: Duration,
        ) -> Result<(), QueueError> {
            self.queue.set_visibility(receipt, timeout).await
        }

        async fn depth(&self) -> Result<Depth, QueueError> {
            self.queue.depth().await
        }
    }

    fn length(body: &str, attributes: &Attributes) -> usize {
        let attributes = attributes.iter();
        let attributes: usize = attributes
            .map(|(name, value)| name.len() + value.len())
            .sum();
        body.len() + attributes
    }

    fn letter() -> Outgoing {
        let attributes = [
            (REASON, "ä".repeat(500)),
            (KIND, "malformed-source".to_owned()),
            (ORIGIN, "message-1".to_owned()),
            ("thimble-engine", "e".repeat(64)),
            ("traceparent", "t".repeat(55)),
        ];
        Outgoing {
            attributes: attributes
                .map(|(name, value)| (name.to_owned(), value))
                .into(),
            ..Outgoing::new("x".repeat(2_000))
        }
    }

    #[tokio::test]
    async fn a_letter_has_as_much_of_its_reason_as_there_is_room_for() {
        let whole = letter();
        let length = length(&whole.body, &whole.attributes);
        let mut forms = Vec::new();
        for bound in (whole.body.len()..=length).rev() {
            let queue = Bounded::new(bound);
            send(&queue, whole.clone()).await.unwrap();
            let sent = all(&queue).await.remove(0);
            assert_eq!(sent.body, whole.body);
            if forms.last() != Some(&sent.attributes) {
                forms.push(sent.attributes);
            }
        }
        let names: Vec<usize> = forms.iter().map(Attributes::len).collect();
        assert_eq!(names, [5, 5, 4, 2, 0]);
        assert_eq!(forms[0], whole.attributes);
        assert!(forms[1][REASON].len() <= SHORT_REASON + "…".len());
        assert!(!forms[2].contains_key("traceparent"));
        assert_eq!(forms[3][ORIGIN], "message-1");
    }

    #[tokio::test]
    async fn a_body_that_is_too_long_by_itself_is_refused() {
        let queue = Bounded::new(1_999);
        let error = send(&queue, letter()).await.unwrap_err();
        assert!(is_refusal(&error), "{error}");
        assert_eq!(queue.depth().await.unwrap().total(), 0);
    }
}
