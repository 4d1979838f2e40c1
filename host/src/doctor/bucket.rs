//! A source bucket: its place, its readability, its events and its key.

use super::queue::lets_s3_send;
use super::store::{self, Kind};
use super::{Account, Encryption, Finding, Notifications, QueueAttributes, ToQueue};
use crate::object::Location;
use crate::ports::{Listing, ObjectStore};
use crate::text::{printable, with_causes};

/// Beginning of the names of all events of written objects.
const WRITTEN: &str = "s3:ObjectCreated:";

/// Kinds of writes: a large upload is the last.
const WRITES: [&str; 4] = ["Put", "Post", "Copy", "CompleteMultipartUpload"];

/// A source bucket and the queue that its events are for.
pub struct Source<'a> {
    /// The bucket.
    pub bucket: &'a str,
    /// ARN of the queue, if it is known.
    pub queue: Option<&'a str>,
    /// Attributes of the queue, if they are known.
    pub attributes: Option<&'a QueueAttributes>,
}

/// The findings about a source bucket.
pub async fn source(
    account: &dyn Account,
    objects: &dyn ObjectStore,
    source: &Source<'_>,
) -> Vec<Finding> {
    let Source { bucket, queue, .. } = *source;
    let shown = format!("the bucket {}", printable(bucket));
    let mut findings = Vec::new();
    match account.bucket(bucket).await {
        Ok(region) => findings.push(match (region, account.region()) {
            (Some(there), Some(here)) if there != here => Finding::wrong(
                "region",
                format!(
                    "{shown} is in {}, and requests go to {here}",
                    printable(&there)
                ),
                "set AWS_REGION to the region of the bucket; bucket, queue and host belong in one",
            ),
            _ => Finding::ok("bucket", format!("{shown} is there")),
        }),
        Err(trouble) => {
            return vec![trouble.found("bucket", &shown, "s3:ListBucket")];
        }
    }
    findings.push(readable(objects, bucket).await);
    findings.push(match account.encryption(bucket).await {
        Ok(Encryption::OfTheStore) => {
            Finding::ok("kms", format!("{shown} is encrypted by the store"))
        }
        Ok(Encryption::Kms { bucket_key: true }) => {
            Finding::ok("kms", format!("{shown} has a key of KMS for the bucket"))
        }
        Ok(Encryption::Kms { bucket_key: false }) => Finding::wrong(
            "kms",
            format!(
                "{shown} is encrypted with KMS without a key of its own, so that every image asks \
                 KMS, which throttles"
            ),
            "set BucketKeyEnabled in the default encryption of the bucket",
        ),
        Err(trouble) => not_allowed(
            "kms",
            &shown,
            &trouble.said,
            "s3:GetEncryptionConfiguration",
        ),
    });
    findings.extend(match account.notifications(bucket).await {
        Ok(notifications) => {
            let mut found = notification(bucket, &notifications, queue);
            let is_direct = notifications
                .queues
                .iter()
                .any(|to| queue == Some(to.arn.as_str()));
            found.extend(source.attributes.filter(|_| is_direct).map(may_be_sent_to));
            found
        }
        Err(trouble) => vec![not_allowed(
            "notification",
            &shown,
            &trouble.said,
            "s3:GetBucketNotification",
        )],
    });
    findings
}

/// A thing that a host works without, and may not be allowed to ask for.
fn not_allowed(check: &'static str, shown: &str, said: &str, action: &str) -> Finding {
    let said = printable(said);
    Finding::not_tried(
        check,
        format!("{shown} does not tell: {said}; a doctor with {action} could ask"),
    )
}

/// A finding about the permission to read an image, tried on the first there is.
async fn readable(objects: &dyn ObjectStore, bucket: &str) -> Finding {
    match objects.list(&Listing::new(bucket, "")).await {
        Ok(page) => {
            let first = page.objects.into_iter().find(|listed| listed.size > 0);
            let first = first.map(|listed| Location::new(bucket, listed.key));
            store::readable(objects, Kind::S3, bucket, first).await
        }
        Err(error) => {
            let (shown, said) = (printable(bucket), with_causes(&error));
            let what = format!("no image could be tried, because {shown} cannot be listed: {said}");
            Finding::not_tried("read", what)
        }
    }
}

/// The findings about the way of a bucket's events to the queue.
pub fn notification(
    bucket: &str,
    notifications: &Notifications,
    queue: Option<&str>,
) -> Vec<Finding> {
    let check = "notification";
    let shown = printable(bucket);
    let Some(queue) = queue else {
        let what = "the ARN of the queue is not known";
        return vec![Finding::not_tried(check, what)];
    };
    let ours: Vec<&ToQueue> = notifications
        .queues
        .iter()
        .filter(|to| to.arn == queue)
        .collect();
    if !ours.is_empty() {
        return vec![events(&shown, &ours)];
    }
    let mend = format!(
        "add a QueueConfiguration of {WRITTEN}* with the ARN {} to the notifications of {shown}",
        printable(queue)
    );
    vec![match notifications {
        Notifications {
            event_bridge: true, ..
        } => Finding::not_tried(
            check,
            "the events go to EventBridge; look for a rule whose target is the queue",
        ),
        Notifications { topics, .. } if !topics.is_empty() => Finding::not_tried(
            check,
            format!(
                "the events go to {}; look for a subscription of the queue",
                printable(topics.join(", "))
            ),
        ),
        Notifications { queues, .. } if !queues.is_empty() => {
            let others: Vec<&str> = queues.iter().map(|to| to.arn.as_str()).collect();
            let others = printable(others.join(", "));
            let what = format!("{shown} sends its events to another queue: {others}");
            Finding::wrong(check, what, mend)
        }
        Notifications { functions, .. } if !functions.is_empty() => {
            let functions = printable(functions.join(", "));
            let what = format!("{shown} sends its events to a function: {functions}");
            Finding::wrong(check, what, mend)
        }
        _ => Finding::wrong(check, format!("{shown} sends no events at all"), mend),
    }]
}

/// A finding about the events that the queue gets.
fn events(shown: &str, ours: &[&ToQueue]) -> Finding {
    let check = "notification";
    let names: Vec<&str> = ours
        .iter()
        .flat_map(|to| &to.events)
        .filter_map(|name| name.strip_prefix(WRITTEN))
        .collect();
    if names.is_empty() {
        return Finding::wrong(
            check,
            format!("{shown} tells the queue of no object that is written"),
            format!("add the event {WRITTEN}* to the notifications of {shown}"),
        );
    }
    let missing: Vec<&str> = WRITES
        .into_iter()
        .filter(|write| !names.contains(&"*") && !names.contains(write))
        .collect();
    if missing.is_empty() {
        return Finding::ok(check, format!("{shown} tells the queue of every write"));
    }
    Finding::wrong(
        check,
        format!(
            "{shown} tells the queue of some writes, and not of {}",
            missing.join(", ")
        ),
        format!("replace the events by {WRITTEN}*: large uploads are CompleteMultipartUpload"),
    )
}

/// A finding about the policy of a queue that a bucket sends to.
fn may_be_sent_to(attributes: &QueueAttributes) -> Finding {
    let check = "queue-policy";
    let policy = attributes.get("Policy").map(String::as_str);
    if policy.is_some_and(lets_s3_send) {
        return Finding::ok(check, "S3 may send to the queue");
    }
    Finding::wrong(
        check,
        "the policy of the queue does not let S3 send to it: events are dropped",
        "add a statement with Effect Allow, Principal {\"Service\": \"s3.amazonaws.com\"}, Action \
         sqs:SendMessage, and the ARN of the bucket as aws:SourceArn",
    )
}
