//! A queue of SQS: its time, its dead letters, its key, and the permission of buckets to
//! send to it.

use std::time::Duration;

use serde_json::Value;

use super::{Account, Finding, QueueAttributes, Trouble, TroubleKind};
use crate::text::printable;

/// Times that the visibility timeout is longer than the timeout of a function. AWS asks for
/// six: a batch may wait while the function is throttled.
pub(super) const TIMES: u64 = 6;

/// Attempts below which a moment of throttling makes dead letters.
const FEWEST_ATTEMPTS: u64 = 2;

/// The key that AWS manages for SQS, which nobody else may use.
const OF_AWS: &str = "alias/aws/sqs";

/// Settings of a host that matter to its queue.
#[derive(Clone, Debug, Default)]
pub struct QueueSettings {
    /// Timeout of the function that works on it, in seconds, if one does.
    pub timeout: Option<u64>,
    /// Number of times that it hands a message out, if that is configured.
    pub max_receive_count: Option<u32>,
    /// URL of its dead-letter queue, if one is configured.
    pub dead_letters: Option<String>,
    /// Source buckets.
    pub buckets: Vec<String>,
}

/// Settings of a worker that matter to its streams of NATS.
#[derive(Clone, Debug)]
pub struct WorkerSettings {
    /// Time that it gives an image.
    pub image: Duration,
    /// Ack wait of a consumer that it makes.
    pub ack_wait: Duration,
    /// Messages that it takes at one time.
    pub concurrency: usize,
    /// True if a message may be sent that the server refuses.
    pub sends: bool,
}

/// The findings about the queue at `url`, and its ARN if it is there.
pub async fn queue(
    account: &dyn Account,
    url: &str,
    settings: &QueueSettings,
) -> (Vec<Finding>, Option<String>) {
    let attributes = match account.queue(url).await {
        Ok(attributes) => attributes,
        Err(trouble) => {
            let shown = format!("the queue {}", printable(url));
            let found = trouble.found("queue", &shown, "sqs:GetQueueAttributes");
            return (vec![found], None);
        }
    };
    let arn = attributes.get("QueueArn").cloned();
    let shown = printable(arn.as_deref().unwrap_or(url));
    let mut findings = vec![
        Finding::ok("queue", format!("{shown} is there")),
        visibility(&attributes, settings.timeout),
    ];
    findings.extend(redrive(account, &attributes, settings).await);
    findings.push(key(&attributes));
    (findings, arn)
}

fn number(attributes: &QueueAttributes, name: &str) -> Option<u64> {
    attributes.get(name)?.parse().ok()
}

fn visibility(attributes: &QueueAttributes, timeout: Option<u64>) -> Finding {
    let check = "visibility";
    let Some(timeout) = timeout else {
        return Finding::not_tried(check, "no function works on this queue (--timeout 0)");
    };
    let Some(visibility) = number(attributes, "VisibilityTimeout") else {
        return Finding::not_tried(check, "the queue does not tell its visibility timeout");
    };
    let least = timeout.saturating_mul(TIMES);
    if visibility >= least {
        return Finding::ok(
            check,
            format!("{visibility} s, at least {TIMES} times {timeout} s"),
        );
    }
    Finding::wrong(
        check,
        format!(
            "a message is handed out again after {visibility} s, while a function with a timeout \
             of {timeout} s may still work on it"
        ),
        format!(
            "set VisibilityTimeout of the queue to {least} s or more; if only `thimble worker` \
             takes messages, which hides them itself, say --timeout 0"
        ),
    )
}

/// Target and receive count of a redrive policy.
fn policy(text: &str) -> Option<(String, u64)> {
    let policy: Value = serde_json::from_str(text).ok()?;
    let target = policy["deadLetterTargetArn"].as_str()?.to_owned();
    let count = &policy["maxReceiveCount"];
    let count = count.as_u64().or_else(|| count.as_str()?.parse().ok())?;
    Some((target, count))
}

async fn redrive(
    account: &dyn Account,
    attributes: &QueueAttributes,
    settings: &QueueSettings,
) -> Vec<Finding> {
    let check = "redrive-policy";
    let text = attributes.get("RedrivePolicy").map(String::as_str);
    let Some((target, count)) = text.and_then(policy) else {
        return vec![Finding::wrong(
            check,
            "the queue has no redrive policy: a message that always fails comes back until it is \
             lost with its retention",
            "make a dead-letter queue, and set RedrivePolicy of this one to its ARN with \
             maxReceiveCount 5",
        )];
    };
    let mut found = Vec::new();
    if count < FEWEST_ATTEMPTS {
        found.push(Finding::wrong(
            check,
            format!("a message is tried {count} time: a moment of throttling makes a dead letter"),
            "set maxReceiveCount of the redrive policy to 5",
        ));
    }
    if let Some(configured) = settings.max_receive_count
        && u64::from(configured) != count
    {
        found.push(Finding::wrong(
            check,
            format!(
                "MAX_RECEIVE_COUNT is {configured}, and the queue hands a message out {count} times"
            ),
            format!("set MAX_RECEIVE_COUNT={count}"),
        ));
    }
    found.extend(dead_letters(account, attributes, &target, settings).await);
    if found.is_empty() {
        let target = printable(&target);
        found.push(Finding::ok(
            check,
            format!("{target} after {count} attempts"),
        ));
    }
    found
}

/// Mistakes of the dead-letter queue.
async fn dead_letters(
    account: &dyn Account,
    attributes: &QueueAttributes,
    target: &str,
    settings: &QueueSettings,
) -> Vec<Finding> {
    let check = "redrive-policy";
    let shown = format!("the dead-letter queue {}", printable(target));
    let name = |text: &str| text.rsplit([':', '/']).next().map(str::to_owned);
    let mut found = Vec::new();
    if let Some(url) = &settings.dead_letters
        && name(url) != name(target)
    {
        found.push(Finding::wrong(
            check,
            format!(
                "DEAD_LETTER_QUEUE_URL is {}, and the queue's own is {}",
                printable(url),
                printable(target)
            ),
            "name the queue of the redrive policy in DEAD_LETTER_QUEUE_URL, or dead letters lie \
             in two places",
        ));
    }
    match account.queue_called(target).await {
        Ok(dead) => {
            let retention = |of| number(of, "MessageRetentionPeriod");
            if let (Some(own), Some(dead)) = (retention(attributes), retention(&dead))
                && dead < own
            {
                found.push(Finding::wrong(
                    check,
                    format!(
                        "{shown} keeps messages for {dead} s, less than the queue ({own} s); their \
                         age counts from the first"
                    ),
                    "set MessageRetentionPeriod of the dead-letter queue to 1209600 (14 days)",
                ));
            }
        }
        // A host that never moves dead letters itself needs no permission for them.
        Err(Trouble {
            kind: TroubleKind::Denied | TroubleKind::Unsupported,
            ..
        }) => {}
        Err(trouble) => found.push(trouble.found(check, &shown, "sqs:GetQueueAttributes")),
    }
    found
}

fn key(attributes: &QueueAttributes) -> Finding {
    let check = "kms";
    match attributes.get("KmsMasterKeyId").map(String::as_str) {
        None | Some("") => Finding::ok(check, "the queue is encrypted by SQS itself, or not"),
        Some(key) if key.ends_with(OF_AWS) => Finding::wrong(
            check,
            format!(
                "the queue is encrypted with {OF_AWS}, which S3 and SNS may not use: no event arrives"
            ),
            "set KmsMasterKeyId to a key of your own whose policy lets s3.amazonaws.com use \
             kms:GenerateDataKey and kms:Decrypt, or SqsManagedSseEnabled=true",
        ),
        Some(key) => Finding::ok(
            check,
            format!(
                "the queue is encrypted with {}; its policy has to let s3.amazonaws.com use \
                 kms:GenerateDataKey and kms:Decrypt",
                printable(key)
            ),
        ),
    }
}

/// True if a policy of a queue lets S3 send to it.
pub(super) fn lets_s3_send(policy: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else {
        return false;
    };
    let statements = &policy["Statement"];
    let statements = match statements {
        Value::Array(statements) => statements.iter().collect(),
        one => vec![one],
    };
    statements.into_iter().any(|statement| {
        let principal = &statement["Principal"];
        let principal = has(principal, |text| text == "*")
            || has(&principal["AWS"], |text| text == "*")
            || has(&principal["Service"], |text| text == "s3.amazonaws.com");
        let action = has(&statement["Action"], |text| {
            let text = text.to_ascii_lowercase();
            ["*", "sqs:*", "sqs:sendmessage", "sqs:send*"].contains(&text.as_str())
        });
        statement["Effect"] == "Allow" && principal && action
    })
}

/// True if `value` is a text that `is` it, or a list with one.
fn has(value: &Value, is: impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is(text),
        Value::Array(list) => list.iter().filter_map(Value::as_str).any(is),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::lets_s3_send;

    #[test]
    fn a_policy_lets_s3_send_if_one_of_its_statements_does() {
        let statement = |effect: &str, principal: &str, action: &str| {
            format!(
                r#"{{"Statement": [{{"Effect": "Deny", "Principal": "*", "Action": "sqs:*"}},
                {{"Effect": "{effect}", "Principal": {principal}, "Action": {action}}}]}}"#
            )
        };
        let s3 = r#"{"Service": "s3.amazonaws.com"}"#;
        for (effect, principal, action, expected) in [
            ("Allow", s3, r#""sqs:SendMessage""#, true),
            ("Allow", r#""*""#, r#"["SQS:SendMessage"]"#, true),
            ("Allow", r#"{"AWS": "*"}"#, r#""sqs:*""#, true),
            (
                "Allow",
                r#"{"Service": ["sns.amazonaws.com"]}"#,
                r#""sqs:*""#,
                false,
            ),
            ("Allow", s3, r#""sqs:ReceiveMessage""#, false),
            ("Deny", s3, r#""sqs:SendMessage""#, false),
        ] {
            let policy = statement(effect, principal, action);
            assert_eq!(lets_s3_send(&policy), expected, "{policy}");
        }
        assert!(!lets_s3_send("no policy"));
    }
}
