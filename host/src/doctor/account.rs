//! The account of a cloud as the checks ask it: things that no port has, because no host
//! needs them for its work.

use std::collections::BTreeMap;
use std::fmt;

use async_trait::async_trait;

use super::Finding;
use crate::object::Location;

/// Attributes of a queue, by the names of SQS.
pub type QueueAttributes = BTreeMap<String, String>;

/// Answers about queues and buckets of an account.
#[async_trait]
pub trait Account: Send + Sync {
    /// The region that requests go to.
    fn region(&self) -> Option<&str>;

    /// Check that there are credentials to sign requests with.
    async fn credentials(&self) -> Result<(), Trouble>;

    /// Attributes of the queue at `url`.
    async fn queue(&self, url: &str) -> Result<QueueAttributes, Trouble>;

    /// Attributes of the queue with this ARN.
    async fn queue_called(&self, arn: &str) -> Result<QueueAttributes, Trouble>;

    /// Region of a bucket, if the store tells it.
    async fn bucket(&self, bucket: &str) -> Result<Option<String>, Trouble>;

    /// Receivers of a bucket's events.
    async fn notifications(&self, bucket: &str) -> Result<Notifications, Trouble>;

    /// Encryption of new objects in a bucket.
    async fn encryption(&self, bucket: &str) -> Result<Encryption, Trouble>;

    /// Write an object with a checksum that is not that of its bytes; true if it was
    /// refused.
    async fn refuses_wrong_checksum(&self, at: &Location) -> Result<bool, Trouble>;

    /// Seconds that the clock of the service was ahead of ours in its last answer that
    /// told a time.
    fn ahead(&self) -> Option<i64>;
}

/// Receivers of a bucket's events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notifications {
    /// Queues.
    pub queues: Vec<ToQueue>,
    /// ARNs of topics.
    pub topics: Vec<String>,
    /// ARNs of functions.
    pub functions: Vec<String>,
    /// True if EventBridge gets all of them.
    pub event_bridge: bool,
}

/// A queue that gets events of a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToQueue {
    /// Its ARN.
    pub arn: String,
    /// Names of the events.
    pub events: Vec<String>,
}

/// Encryption of new objects in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// By a key of the store.
    OfTheStore,
    /// By a key of KMS.
    Kms {
        /// True if the bucket has a key of its own, which saves most requests to KMS.
        bucket_key: bool,
    },
}

/// Failure of a question to a cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The kind, which the checks decide by.
    pub kind: TroubleKind,
    /// Words of the service.
    pub said: String,
}

/// Kind of a failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TroubleKind {
    /// There are no credentials.
    NoCredentials,
    /// The credentials are not those of anybody, or have expired.
    BadCredentials,
    /// The credentials do not allow it.
    Denied,
    /// The clock of this machine is too far off.
    Skewed,
    /// There is no such thing.
    Missing,
    /// It is in another region, which may be told.
    Elsewhere(Option<String>),
    /// The service does not know the question.
    Unsupported,
    /// No answer came.
    Silent,
    /// Something this version does not know.
    Unknown,
}

impl Trouble {
    /// A finding about `subject`, whose request failed in this way; `action` is the
    /// permission that the request needs.
    pub(super) fn found(&self, check: &'static str, subject: &str, action: &str) -> Finding {
        let (what, mend) = match &self.kind {
            TroubleKind::NoCredentials => (
                "no credentials are found".to_owned(),
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run where \
                 there is a role"
                    .to_owned(),
            ),
            TroubleKind::BadCredentials => (
                format!("the credentials are refused ({})", self.said),
                "take credentials that are valid: another key, or a session that has not expired"
                    .to_owned(),
            ),
            TroubleKind::Denied => (
                format!("{subject}: access denied ({})", self.said),
                format!("allow this host {action} on it"),
            ),
            TroubleKind::Skewed => (
                format!("requests are refused for their time ({})", self.said),
                "set the clock of this machine by NTP".to_owned(),
            ),
            TroubleKind::Missing => (
                format!("{subject} does not exist"),
                "check its name, its account and its region, or create it".to_owned(),
            ),
            TroubleKind::Elsewhere(region) => (
                format!(
                    "{subject} is in {}",
                    region.as_deref().unwrap_or("another region")
                ),
                format!(
                    "set AWS_REGION={}",
                    region.as_deref().unwrap_or("to the region that it is in")
                ),
            ),
            TroubleKind::Unsupported => {
                let what = format!("{subject}: this service does not answer {action}");
                return Finding::not_tried(check, what);
            }
            TroubleKind::Silent => (
                format!("{subject}: no answer ({})", self.said),
                "look at the network between this host and the service: its route, its proxy, \
                 and the endpoint in AWS_ENDPOINT_URL"
                    .to_owned(),
            ),
            TroubleKind::Unknown => (
                format!("{subject}: the request failed ({})", self.said),
                format!("look up what the service said; the request was {action}"),
            ),
        };
        let check = match self.kind {
            TroubleKind::NoCredentials | TroubleKind::BadCredentials => "credentials",
            TroubleKind::Skewed => "clock",
            TroubleKind::Elsewhere(_) => "region",
            _ => check,
        };
        Finding::wrong(check, what, mend)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.said)
    }
}
