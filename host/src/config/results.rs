//! The receiver of results: a queue, a topic or a webhook, and no more than one of them.

use super::read::Reader;
use super::variables::{
    MANIFESTS, RESULTS_QUEUE_URL, RESULTS_TOPIC_ARN, RESULTS_WEBHOOK_SECRET, RESULTS_WEBHOOK_URL,
    Variable,
};
use crate::results::Target;

/// The receiver of results, who gets manifests and so needs that there are some.
pub(super) fn results(reader: &mut Reader<'_>, has_manifests: bool) -> Option<Target> {
    let secret = reader.text(&RESULTS_WEBHOOK_SECRET);
    let named: Vec<(&Variable, String)> =
        [&RESULTS_WEBHOOK_URL, &RESULTS_TOPIC_ARN, &RESULTS_QUEUE_URL]
            .into_iter()
            .filter_map(|variable| Some((variable, reader.text(variable)?)))
            .collect();
    if !named.is_empty() && !has_manifests {
        needs_manifests(reader);
    }
    let mut named = named.into_iter();
    let (variable, text) = named.next()?;
    for (other, value) in named {
        let expected = format!("nothing, because {} is set,", variable.name);
        reader.mistake(other, &value, &expected);
    }
    if variable.name == RESULTS_WEBHOOK_URL.name {
        webhook(reader, &text, secret)
    } else if variable.name == RESULTS_TOPIC_ARN.name {
        topic(reader, &text)
    } else {
        Some(Target::Queue(text))
    }
}

fn needs_manifests(reader: &mut Reader<'_>) {
    let manifests = &MANIFESTS.variable;
    match reader.text(manifests).as_deref() {
        None => reader.lacks(manifests, "results are manifests"),
        Some("no") => reader.mistake(manifests, "no", "yes, because results are manifests,"),
        // It, or the name of manifests, is told of already.
        Some(_) => {}
    }
}

fn topic(reader: &mut Reader<'_>, text: &str) -> Option<Target> {
    match text.parse() {
        Ok(topic) => Some(Target::Topic(topic)),
        Err(error) => {
            let expected = format!("the ARN of a topic ({error})");
            reader.mistake(&RESULTS_TOPIC_ARN, text, &expected);
            None
        }
    }
}

fn webhook(reader: &mut Reader<'_>, address: &str, secret: Option<String>) -> Option<Target> {
    let Some(secret) = secret else {
        reader.lacks(
            &RESULTS_WEBHOOK_SECRET,
            "a webhook is told by its signature from a stranger",
        );
        return None;
    };
    match (address.parse(), secret.parse()) {
        (Ok(url), Ok(secret)) => Some(Target::Webhook { url, secret }),
        (Err(error), _) => {
            let expected = format!("the address of a webhook ({error})");
            reader.mistake(&RESULTS_WEBHOOK_URL, address, &expected);
            None
        }
        (_, Err(error)) => {
            let expected = format!("a secret ({error})");
            reader.mistake(&RESULTS_WEBHOOK_SECRET, "***", &expected);
            None
        }
    }
}
