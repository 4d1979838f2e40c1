//! Messages as JetStream carries them: a body, and headers for the attributes.

use std::str::FromStr;

use async_nats::header::{HeaderMap, HeaderName, HeaderValue, NATS_MESSAGE_ID};
use async_nats::jetstream::Message as Received;
use bytes::Bytes;

use super::delivery::Delivery;
use crate::object::ETag;
use crate::ports::{Attributes, Message, Outgoing, Receipt};

/// Beginning of the ids of our messages. Those of others may come twice.
const OURS: &str = "thimble.";

/// Beginning of the headers that belong to the server.
const RESERVED: &str = "Nats-";

/// A message that can be sent.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) id: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// `outgoing` as it is sent, or the reason why it cannot be.
pub(super) fn prepare(outgoing: Outgoing) -> Result<Prepared, String> {
    let id = id(&outgoing);
    let mut headers = HeaderMap::new();
    for (name, value) in &outgoing.attributes {
        let odd = || format!("it has an attribute that no header can carry: {name:?}");
        if name.is_empty() || value.is_empty() || name.starts_with(RESERVED) {
            return Err(odd());
        }
        let name = HeaderName::from_str(name).map_err(|_| odd())?;
        let value = HeaderValue::from_str(&fold(value)).map_err(|_| odd())?;
        headers.insert(name, value);
    }
    headers.insert(NATS_MESSAGE_ID, id.as_str());
    Ok(Prepared {
        id,
        headers,
        body: outgoing.body.into(),
    })
}

/// The id of a message. For some minutes the server drops a message whose id it has seen,
/// whatever became of the first, so ids are made of content only where a second one of the
/// same content is a copy indeed: a letter of one origin that was redriven as often. The
/// token of an event says too little: asked again, the work is to be done again.
fn id(outgoing: &Outgoing) -> String {
    match &outgoing.identity {
        Some(identity) => format!("{OURS}{}", ETag::of(identity.as_bytes())),
        None => format!("{OURS}{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..)),
    }
}

/// The message that was received; `None` if it is no delivery of JetStream.
pub(super) fn message(received: &Received) -> Option<Message> {
    let receipt = received.reply.as_ref()?.as_str();
    let delivery = Delivery::parse(receipt)?;
    let headers = received.headers.as_ref();
    let ours = headers
        .and_then(|headers| headers.get(NATS_MESSAGE_ID))
        .map(HeaderValue::as_str)
        .filter(|id| id.starts_with(OURS));
    let position = || {
        let Delivery {
            stream,
            sequence,
            published,
            ..
        } = delivery;
        format!("{stream}-{sequence}-{published:x}")
    };
    Some(Message {
        id: ours.map_or_else(position, str::to_owned),
        receipt: Receipt(receipt.to_owned()),
        body: String::from_utf8_lossy(&received.payload).into_owned(),
        attributes: headers.map(attributes).unwrap_or_default(),
        receive_count: delivery.count,
        sent: delivery.sent(),
    })
}

/// The attributes in `headers`: all that are not the server's.
fn attributes(headers: &HeaderMap) -> Attributes {
    let own = headers.iter().filter_map(|(name, values)| {
        let name: &str = name.as_ref();
        let value = values.first()?.as_str();
        let is_own = !name.starts_with(RESERVED) && !value.is_empty();
        is_own.then(|| (name.to_owned(), unfold(value)))
    });
    own.collect()
}

/// `value` in one line without blanks at its ends, which headers cannot have: as a string
/// of JSON if it is not so by itself.
fn fold(value: &str) -> String {
    let is_plain =
        !value.starts_with('"') && value.trim() == value && !value.chars().any(char::is_control);
    if is_plain {
        return value.to_owned();
    }
    serde_json::Value::from(value).to_string()
}

fn unfold(value: &str) -> String {
    let folded = value
        .starts_with('"')
        .then(|| serde_json::from_str(value).ok());
    folded.flatten().unwrap_or_else(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(attributes: &[(&str, &str)]) -> Outgoing {
        Outgoing {
            attributes: attributes
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            token: Some("token".to_owned()),
            ..Outgoing::new("body")
        }
    }

    #[test]
    fn attributes_of_every_kind_fit_into_a_header() {
        for value in [
            "plain",
            "why & „how“",
            "two\nlines",
            " blanks ",
            "\u{a0}no break",
            "\"quoted\"",
            "\"",
            "bell \u{7} and \r\n",
            "100%",
        ] {
            let folded = fold(value);
            assert_eq!(folded.trim(), folded, "{value:?}");
            assert!(!folded.contains(['\r', '\n']), "{value:?}");
            assert_eq!(unfold(&folded), value);
            let prepared = prepare(with(&[("thimble-reason", value)])).unwrap();
            assert_eq!(
                attributes(&prepared.headers),
                with(&[("thimble-reason", value)]).attributes
            );
        }
        assert_eq!(fold("why & „how“"), "why & „how“", "people read it");
        for odd in [
            ("a b", "x"),
            ("", "x"),
            ("ä", "x"),
            ("Nats-TTL", "1"),
            ("a", ""),
        ] {
            assert!(prepare(with(&[odd])).is_err(), "{odd:?}");
        }
    }

    #[test]
    fn only_a_message_of_one_identity_is_a_copy() {
        let id = |identity: Option<&str>| {
            let outgoing = Outgoing {
                identity: identity.map(str::to_owned),
                ..with(&[])
            };
            prepare(outgoing).unwrap().id
        };
        assert_ne!(id(None), id(None), "an event may ask for its work again");
        assert_eq!(id(Some("1")), id(Some("1")));
        assert_ne!(id(Some("1")), id(Some("2")));
    }
}
