//! The mistakes, each alone in a deployment that is well.

use super::*;
use crate::doctor::planted::Mistake;

pub(super) const ROWS: [Mistake<Patient>; 33] = [
    (
        |it| it.credentials = false,
        "credentials",
        "no credentials are found",
        "AWS_ACCESS_KEY_ID",
    ),
    (
        |it| it.refuse("GetQueueAttributes queue", 403, "InvalidClientTokenId"),
        "credentials",
        "the credentials are refused",
        "has not expired",
    ),
    (
        |it| it.region = false,
        "region",
        "no region is set",
        "AWS_REGION",
    ),
    (
        |it| it.tell("HeadBucket images", "us-east-1".to_owned()),
        "region",
        "images is in us-east-1",
        "AWS_REGION",
    ),
    (
        |it| it.ahead = 3_600,
        "clock",
        "s behind the service",
        "NTP",
    ),
    (
        |it| it.ahead = -900,
        "clock",
        "s ahead of the service",
        "NTP",
    ),
    (
        |it| it.refuse("GetQueueAttributes queue", 403, "RequestTimeTooSkewed"),
        "clock",
        "refused for their time",
        "NTP",
    ),
    (
        |it| it.refuse("GetQueueAttributes queue", 400, "QueueDoesNotExist"),
        "queue",
        "does not exist",
        "check its name",
    ),
    (
        |it| it.refuse("GetQueueAttributes queue", 403, "AccessDenied"),
        "queue",
        "access denied",
        "sqs:GetQueueAttributes",
    ),
    (
        |it| set(&mut it.queue, "VisibilityTimeout", "30"),
        "visibility",
        "handed out again after 30 s",
        "360 s or more",
    ),
    (
        |it| {
            it.queue.remove("RedrivePolicy");
        },
        "redrive-policy",
        "no redrive policy",
        "maxReceiveCount 5",
    ),
    (
        |it| {
            set(
                &mut it.queue,
                "RedrivePolicy",
                &json!({ "deadLetterTargetArn": DEAD, "maxReceiveCount": "1" }).to_string(),
            )
        },
        "redrive-policy",
        "tried 1 time",
        "maxReceiveCount",
    ),
    (
        |it| it.settings.max_receive_count = Some(3),
        "redrive-policy",
        "MAX_RECEIVE_COUNT is 3",
        "MAX_RECEIVE_COUNT=5",
    ),
    (
        |it| it.settings.dead_letters = Some("http://127.0.0.1/1/another".to_owned()),
        "redrive-policy",
        "DEAD_LETTER_QUEUE_URL is",
        "in two places",
    ),
    (
        |it| it.refuse("GetQueueUrl dead", 400, "QueueDoesNotExist"),
        "redrive-policy",
        "dead does not exist",
        "create it",
    ),
    (
        |it| set(&mut it.dead, "MessageRetentionPeriod", "60"),
        "redrive-policy",
        "keeps messages for 60 s",
        "1209600",
    ),
    (
        |it| set(&mut it.queue, "KmsMasterKeyId", "alias/aws/sqs"),
        "kms",
        "alias/aws/sqs",
        "SqsManagedSseEnabled",
    ),
    (
        |it| it.tell("GetBucketEncryption images", encryption("aws:kms", false)),
        "kms",
        "every image asks KMS",
        "BucketKeyEnabled",
    ),
    (
        |it| it.refuse("HeadBucket images", 404, ""),
        "bucket",
        "does not exist",
        "check its name",
    ),
    (
        |it| it.fault = Some(("GetObject", Fault::Refused(403, "AccessDenied"))),
        "read",
        "cannot be read",
        "s3:GetObject",
    ),
    (
        |it| {
            it.tell(
                "GetBucketNotification images",
                "<NotificationConfiguration/>".to_owned(),
            )
        },
        "notification",
        "sends no events",
        "QueueConfiguration",
    ),
    (
        |it| {
            it.tell(
                "GetBucketNotification images",
                notification("arn:aws:sqs:x:1:old", "s3:ObjectCreated:*"),
            )
        },
        "notification",
        "another queue: arn:aws:sqs:x:1:old",
        QUEUE,
    ),
    (
        |it| {
            it.tell(
                "GetBucketNotification images",
                notification(QUEUE, "s3:ObjectRemoved:*"),
            )
        },
        "notification",
        "no object that is written",
        "s3:ObjectCreated:*",
    ),
    (
        |it| {
            it.tell(
                "GetBucketNotification images",
                notification(QUEUE, "s3:ObjectCreated:Put"),
            )
        },
        "notification",
        "not of Post, Copy, CompleteMultipartUpload",
        "s3:ObjectCreated:*",
    ),
    (
        |it| {
            it.queue.remove("Policy");
        },
        "queue-policy",
        "does not let S3 send",
        "s3.amazonaws.com",
    ),
    (
        |it| it.fault = Some(("PutObject", Fault::Refused(403, "AccessDenied"))),
        "write",
        "cannot be written to",
        "s3:PutObject",
    ),
    (
        |it| it.fault = Some(("GetObject", Fault::NoETag)),
        "checksums",
        "an ETag",
        "take a store",
    ),
    (
        |it| it.heeds = false,
        "conditional-writes",
        "ignores the header",
        "heeds If-Match",
    ),
    (
        |it| it.fault = Some(("DeleteObject", Fault::Refused(403, "AccessDenied"))),
        "remove",
        "thimble-doctor-1/small.png",
        "remove it yourself",
    ),
    (
        |it| {
            it.variables
                .extend([("ENGINE_KEYS", ""), ("ENGINE_UNSIGNED", "refuse")])
        },
        "keys",
        "no engine is ever",
        "ENGINE_KEYS",
    ),
    (
        |it| it.signer = None,
        "channel",
        "has no channel stable",
        "thimble engine promote",
    ),
    (
        |it| it.signer = Some(Signer::Stranger),
        "channel",
        "not believed",
        "ENGINE_KEYS",
    ),
    (
        |it| it.variables.extend([("PRESETS", "only=8x8")]),
        "presets",
        "cannot make the preset only",
        "thimble help formats",
    ),
];

fn set(attributes: &mut BTreeMap<&'static str, String>, name: &'static str, value: &str) {
    attributes.insert(name, value.to_owned());
}
