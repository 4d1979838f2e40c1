//! Traces: the context that a message brings along, and what makes spans of images.

use std::fmt::Debug;

use crate::ports::{Attributes, Message};
use crate::report::ObjectReport;
use crate::text::printable;

/// The attribute of a message with the trace of X-Ray that it is a part of.
pub const X_RAY: &str = "AWSTraceHeader";

/// The attribute of a message, and the header of a request, with the context of W3C.
pub const W3C: &str = "traceparent";

/// Makes spans of images, and sends them away by itself.
pub trait Spans: Debug + Send + Sync {
    /// Make the span of an image that was worked on until now.
    fn image(&self, origin: &Origin, report: &ObjectReport) -> Ids;

    /// Send what waits, within a few seconds. Blocks.
    fn flush(&self);

    /// The same for the last time. Blocks.
    fn end(&self);
}

/// Reason why there are no traces, though they were asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TracesError {
    /// The collector is to be spoken with in another way.
    #[error(
        "traces are sent by http/protobuf, as a rule to port 4318; change OTEL_EXPORTER_OTLP_PROTOCOL: {0}"
    )]
    Protocol(String),
    /// The settings make no sense.
    #[error("traces cannot be sent; check OTEL_EXPORTER_OTLP_ENDPOINT and its like: {0}")]
    Settings(String),
}

/// Ids of a span, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids {
    /// Id of its trace, 32 hexadecimal digits.
    pub trace: String,
    /// Its own id, 16 hexadecimal digits.
    pub span: String,
}

/// Origin of the work on an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The id of the message.
    pub message: String,
    /// The sender's part of the trace, if the message says.
    pub sender: Option<Sender>,
    /// The trace, for the log: an id, or whatever the message says.
    pub trace: Option<String>,
}

impl Origin {
    pub(crate) fn of(message: &Message) -> Self {
        let sender = Sender::of(&message.attributes);
        let x_ray = message.attributes.get(X_RAY);
        let named = sender.or_else(|| Sender::of_x_ray(x_ray?));
        Self {
            message: message.id.clone(),
            sender,
            trace: named
                .map(|sender| format!("{:032x}", sender.trace))
                .or_else(|| x_ray.map(printable)),
        }
    }
}

/// The span of whoever sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The id of its trace.
    pub trace: u128,
    /// Its own id.
    pub span: u64,
    /// False if its trace is not kept.
    pub sampled: bool,
}

impl Sender {
    /// The sender that the attributes of a message name, in the form of W3C or else of X-Ray.
    ///
    /// AWS gives traces of X-Ray to whoever asked for none, and says of those that they are not
    /// kept. Such a one is nobody's decision: it is as good as none.
    pub fn of(attributes: &Attributes) -> Option<Self> {
        let w3c = attributes.get(W3C).and_then(|text| Self::of_w3c(text));
        let x_ray = || Self::of_x_ray(attributes.get(X_RAY)?).filter(|sender| sender.sampled);
        w3c.or_else(x_ray)
    }

    /// `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`
    pub fn of_w3c(text: &str) -> Option<Self> {
        let mut parts = text.trim().split('-');
        let (version, trace) = (parts.next()?, parts.next()?);
        let (span, flags) = (parts.next()?, parts.next()?);
        // Later versions may go on; this one does not.
        let is_known = digits(version, 2)? != 0xff && (version != "00" || parts.next().is_none());
        let sampled = digits(flags, 2)? & 1 == 1;
        is_known.then(|| Self::new(digits(trace, 32)?, digits(span, 16)?, sampled))?
    }

    /// `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1`
    pub fn of_x_ray(text: &str) -> Option<Self> {
        let field = |name: &str| {
            let mut fields = text.split(';');
            fields.find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
        };
        let root = field("Root")?.strip_prefix("1-")?;
        let (time, rest) = root.split_once('-')?;
        let trace = digits(time, 8)? << 96 | digits(rest, 24)?;
        let span = digits(field("Parent")?, 16)?;
        // Whoever has not decided leaves it to us.
        Self::new(trace, span, field("Sampled") != Some("0"))
    }

    fn new(trace: u128, span: u128, sampled: bool) -> Option<Self> {
        let span = u64::try_from(span).ok()?;
        (trace != 0 && span != 0).then_some(Self {
            trace,
            span,
            sampled,
        })
    }
}

/// The number of exactly so many hexadecimal digits in lower case.
fn digits(text: &str, count: usize) -> Option<u128> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let are_digits = text.len() == count && text.bytes().all(is_digit);
    are_digits.then(|| u128::from_str_radix(text, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: u128 = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736;
    const SPAN: u64 = 0x00f0_67aa_0ba9_02b7;

    fn sender(sampled: bool) -> Option<Sender> {
        Some(Sender {
            trace: TRACE,
            span: SPAN,
            sampled,
        })
    }

    #[test]
    fn the_context_of_w3c_is_read_as_its_page_says() {
        for (text, expected) in [
            (
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                sender(true),
            ),
            (
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
                sender(false),
            ),
            (
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03",
                sender(true),
            ),
            (
                "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                sender(true),
            ),
            (
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                None,
            ),
            (
                "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                None,
            ),
            (
                "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                None,
            ),
            (
                "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                None,
            ),
            (
                "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                None,
            ),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", None),
            (
                "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01",
                None,
            ),
            (
                "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                None,
            ),
            ("", None),
        ] {
            assert_eq!(Sender::of_w3c(text), expected, "{text}");
        }
    }

    #[test]
    fn the_header_of_x_ray_is_read_with_or_without_a_decision() {
        let root = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736";
        for (text, expected) in [
            (
                format!("{root};Parent=00f067aa0ba902b7;Sampled=1"),
                sender(true),
            ),
            (
                format!("{root};Parent=00f067aa0ba902b7;Sampled=0"),
                sender(false),
            ),
            (
                format!("{root}; Parent=00f067aa0ba902b7;Sampled=?"),
                sender(true),
            ),
            (
                format!("Self=1-2;{root};Lineage=a:0;Parent=00f067aa0ba902b7"),
                sender(true),
            ),
            (format!("{root};Sampled=1"), None),
            ("Root=1-2-3".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(Sender::of_x_ray(&text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_context_is_told_as_it_stands_and_ends_no_line() {
        let message = |attributes: &[(&str, &str)]| Message {
            id: "1".to_owned(),
            receipt: crate::ports::Receipt(String::new()),
            body: String::new(),
            attributes: (attributes.iter())
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            receive_count: 1,
            sent: None,
        };
        let trace = |attributes: &[(&str, &str)]| Origin::of(&message(attributes)).trace;
        let w3c = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let x_ray = "Root=1-00000000-000000000000000000000001;Parent=0000000000000002";
        let id = Some("4bf92f3577b34da6a3ce929d0e0e4736".to_owned());
        assert_eq!(trace(&[(W3C, w3c), (X_RAY, x_ray)]), id);
        assert_eq!(
            trace(&[(W3C, "no"), (X_RAY, x_ray)]),
            Some(format!("{:032x}", 1))
        );
        assert_eq!(
            trace(&[(X_RAY, "Root=1\n2")]),
            Some("Root=1\\u{a}2".to_owned())
        );
        assert_eq!(trace(&[]), None);
        // What X-Ray does not keep decides nothing, and the log has its id all the same.
        let dropped = format!("{x_ray};Sampled=0");
        let origin = Origin::of(&message(&[(X_RAY, dropped.as_str())]));
        assert_eq!(origin.sender, None);
        assert_eq!(origin.trace, Some(format!("{:032x}", 1)));
    }
}
