//! Letters on their way into a queue that bounds what a message may have.
//!
//! A letter is longer than its message, by its reason, its kind and its origin. A message close to
//! the bound of a queue makes a letter beyond it, which is refused however often it is sent. So
//! that letter is sent with less: the body is what a redrive needs, and the log has all the rest.

use super::{KIND, ORIGIN, REASON, REDRIVES, shortened};
use crate::ports::{Attributes, Outgoing, Queue, QueueError};

/// Beginning of the names of our own attributes.
const OURS: &str = "thimble-";

/// The reason of a letter that has no room for a longer one, in bytes.
const SHORT_REASON: usize = 100;

/// Attributes without which a letter is less than one: its kind, and what a redrive goes by.
const NEEDED: [&str; 3] = [KIND, ORIGIN, REDRIVES];

/// Attributes by which work is known again, whatever else is forgotten of it.
const TRACES: [&str; 2] = [ORIGIN, REDRIVES];

/// Send `letter` to `queue`, with as much of what is said of it as the queue takes. Its identity
/// is that of the work, and stays with a body that has no room for anything else.
///
/// # Errors
/// If the queue fails, or does not even take the body.
pub(crate) async fn send(queue: &dyn Queue, letter: Outgoing) -> Result<String, QueueError> {
    let letter = Outgoing {
        identity: identity(&letter.attributes),
        ..letter
    };
    let mut refused = match once(queue, letter.clone()).await {
        Err(error) if error.is_refusal() => error,
        sent => return sent,
    };
    for (attributes, without) in shorter(&letter.attributes) {
        let shorter = Outgoing {
            attributes,
            ..letter.clone()
        };
        match once(queue, shorter).await {
            Err(error) if error.is_refusal() => refused = error,
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

async fn once(queue: &dyn Queue, message: Outgoing) -> Result<String, QueueError> {
    let sent = queue.send(vec![message]).await.pop();
    sent.unwrap_or_else(|| Err(QueueError::unanswered(queue)))
}

/// The name of a letter: two of one origin that were redriven as often are copies.
fn identity(attributes: &Attributes) -> Option<String> {
    let redrives = attributes.get(REDRIVES).map_or("0", String::as_str);
    let origin = attributes.get(ORIGIN)?;
    Some(format!("{redrives} {origin}"))
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
    let traces = only(&|name| TRACES.contains(&name));
    let mut forms = vec![
        (brief, "most of its reason"),
        (own, "what its sender had added"),
        (needed, "its reason"),
        (traces, "its reason and its kind"),
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
    use std::sync::Arc;

    use super::*;
    use crate::memory::MemoryQueue;
    use crate::testing::bounded::{BoundedQueue, length};
    use crate::testing::queue::all;

    fn bounded(most: usize) -> BoundedQueue {
        BoundedQueue::new(Arc::new(MemoryQueue::new("letters")), most)
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
            let queue = bounded(bound);
            send(&queue, whole.clone()).await.unwrap();
            let sent = all(&queue).await.remove(0);
            assert_eq!(sent.body, whole.body);
            if forms.last() != Some(&sent.attributes) {
                forms.push(sent.attributes);
            }
        }
        let names: Vec<usize> = forms.iter().map(Attributes::len).collect();
        assert_eq!(names, [5, 5, 4, 2, 1, 0]);
        assert_eq!(forms[0], whole.attributes);
        assert!(forms[1][REASON].len() <= SHORT_REASON + "…".len());
        assert!(!forms[2].contains_key("traceparent"));
        assert_eq!(forms[3][ORIGIN], "message-1");
        assert_eq!(forms[4][ORIGIN], "message-1");
    }

    #[tokio::test]
    async fn a_body_that_is_too_long_by_itself_is_refused() {
        let queue = bounded(1_999);
        let error = send(&queue, letter()).await.unwrap_err();
        assert!(error.is_refusal(), "{error}");
        assert_eq!(queue.depth().await.unwrap().total(), 0);
    }
}
