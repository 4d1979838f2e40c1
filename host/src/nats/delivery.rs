//! The subject that a delivery is confirmed at, which says all that is known of it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Beginning of the subjects.
const PREFIX: &str = "$JS.ACK.";

/// One delivery of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Delivery<'a> {
    pub(super) stream: &'a str,
    pub(super) consumer: &'a str,
    /// Deliveries of the message, this one included.
    pub(super) count: u32,
    /// Number of the message in its stream.
    pub(super) sequence: u64,
    /// Nanoseconds since 1970 at which the server took the message.
    pub(super) published: u64,
}

impl<'a> Delivery<'a> {
    /// The delivery that `subject` confirms. Older servers leave out domain and account.
    pub(super) fn parse(subject: &'a str) -> Option<Self> {
        let tokens: Vec<&str> = subject.strip_prefix(PREFIX)?.split('.').collect();
        let tokens = match tokens.len() {
            7 => tokens.as_slice(),
            9.. => tokens.get(2..)?,
            _ => return None,
        };
        let [stream, consumer, count, sequence, _, published, ..] = tokens else {
            return None;
        };
        Some(Self {
            stream,
            consumer,
            count: count.parse().ok()?,
            sequence: sequence.parse().ok()?,
            published: published.parse().ok()?,
        })
    }

    /// Time at which the server took the message.
    pub(super) fn sent(&self) -> Option<SystemTime> {
        UNIX_EPOCH.checked_add(Duration::from_nanos(self.published))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_read_in_the_form_of_every_server() {
        for subject in [
            "$JS.ACK.IMAGES.thimble.3.100.7.1790230470084404000.42",
            "$JS.ACK._.hash.IMAGES.thimble.3.100.7.1790230470084404000.42",
            "$JS.ACK.hub.hash.IMAGES.thimble.3.100.7.1790230470084404000.42.token.more",
        ] {
            let delivery = Delivery::parse(subject).unwrap();
            assert_eq!(
                (delivery.stream, delivery.consumer),
                ("IMAGES", "thimble"),
                "{subject}"
            );
            assert_eq!((delivery.count, delivery.sequence), (3, 100), "{subject}");
            assert!(delivery.sent().is_some());
        }
        for subject in [
            "",
            "$JS.ACK.",
            "$JS.ACK.IMAGES.thimble.3",
            "$JS.ACK.IMAGES.thimble.x.100.7.1.42",
            "_INBOX.1.2.3.4.5.6.7",
        ] {
            assert_eq!(Delivery::parse(subject), None, "{subject}");
        }
    }
}
