//! Stores by their kinds: words for the permissions of each, the troubles that all of its
//! requests have, and its sources.

use super::{Finding, PATIENCE, bounded};
use crate::object::Location;
use crate::ports::{GetOptions, Listing, ObjectStore, StoreError, StoreProblem};
use crate::text::{printable, with_causes};

/// Kind of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A `thimble local` folder.
    Folder,
    /// S3, or what answers like it.
    S3,
    /// Google Cloud Storage.
    Google,
    /// Azure Blob Storage.
    Azure,
}

/// Words of answers to requests with credentials of nobody. The clouds say so by the status of
/// a missing permission, or by that of a token.
const OF_NOBODY: [&str; 7] = [
    "status 401",
    "AuthenticationFailed",
    "InvalidAuthenticationInfo",
    "NoAuthenticationInformation",
    "failed to authenticate",
    "token request",
    "invalid_grant",
];

/// Words of answers to requests whose time is not that of the service.
const SKEWED: [&str; 2] = ["Request date header too old", "RequestTimeTooSkewed"];

impl Kind {
    /// The word for a bucket.
    pub(super) fn bucket(self) -> &'static str {
        match self {
            Self::Azure => "container",
            Self::Folder | Self::S3 | Self::Google => "bucket",
        }
    }

    /// Permission to read objects of a bucket.
    pub(super) fn to_read(self, bucket: &str) -> String {
        match self {
            Self::Folder => "let the user of this host read the folder".to_owned(),
            Self::S3 => format!("allow this host s3:GetObject on arn:aws:s3:::{bucket}/*"),
            Self::Google => format!(
                "give the account of this host roles/storage.objectViewer on gs://{bucket}, or \
                 roles/storage.objectUser where it writes too"
            ),
            Self::Azure => format!(
                "give the identity of this host the role `Storage Blob Data Reader` at the container \
                 {bucket}, or `Storage Blob Data Contributor` where it writes too"
            ),
        }
    }

    /// Permission to write objects of a bucket.
    pub(super) fn to_write(self, bucket: &str) -> String {
        match self {
            Self::Folder => {
                "let the user of this host write in the folder, or run it as another user"
                    .to_owned()
            }
            Self::S3 => format!("allow this host s3:PutObject on arn:aws:s3:::{bucket}/*"),
            Self::Google => {
                format!("give the account of this host roles/storage.objectUser on gs://{bucket}")
            }
            Self::Azure => format!(
                "give the identity of this host the role `Storage Blob Data Contributor` at the \
                 container {bucket}"
            ),
        }
    }

    /// A way to credentials that are valid.
    fn credentials(self) -> &'static str {
        match self {
            Self::Folder => "run this host as another user",
            Self::S3 => {
                "take credentials that are valid: another key, or a session that has not expired"
            }
            Self::Google => {
                "name the file of a service account in GOOGLE_APPLICATION_CREDENTIALS whose key was not \
                 deleted, or run where there is an account"
            }
            Self::Azure => {
                "set AZURE_STORAGE_ACCOUNT_NAME and the AZURE_STORAGE_ACCOUNT_KEY or \
                 AZURE_STORAGE_SAS_TOKEN of that account, or AZURE_CLIENT_ID with AZURE_CLIENT_SECRET \
                 and AZURE_TENANT_ID"
            }
        }
    }

    /// The variable that leads to another endpoint.
    fn endpoint(self) -> &'static str {
        match self {
            Self::Folder => "",
            Self::S3 => "AWS_ENDPOINT_URL",
            Self::Google => "STORAGE_EMULATOR_HOST",
            Self::Azure => "AZURE_STORAGE_ENDPOINT",
        }
    }

    /// A finding about a request that failed as every other would.
    pub(super) fn of_all(self, error: &StoreError) -> Option<Finding> {
        let words = with_causes(error);
        let has = |known: &[&str]| known.iter().any(|known| words.contains(known));
        match &error.problem {
            StoreProblem::Denied if has(&SKEWED) => Some(Finding::wrong(
                "clock",
                format!("requests are refused for their time: {words}"),
                "set the clock of this machine by NTP",
            )),
            StoreProblem::Denied if self.is_cloud() && has(&OF_NOBODY) => Some(Finding::wrong(
                "credentials",
                format!("the credentials are refused: {words}"),
                self.credentials(),
            )),
            StoreProblem::NoCredentials => {
                Some(Finding::wrong("credentials", words, self.credentials()))
            }
            StoreProblem::Unavailable | StoreProblem::Timeout if self.is_cloud() => {
                Some(Finding::wrong(
                    "store",
                    words,
                    format!(
                        "look at the network between this host and the store: its route, its proxy, and \
                         the endpoint in {}",
                        self.endpoint()
                    ),
                ))
            }
            _ => None,
        }
    }

    /// True for a store whose account no check asks questions of its own.
    pub(super) fn is_cloud(self) -> bool {
        matches!(self, Self::Google | Self::Azure)
    }
}

/// The findings about source buckets of a cloud.
pub async fn sources(objects: &dyn ObjectStore, kind: Kind, buckets: &[String]) -> Vec<Finding> {
    if buckets.is_empty() {
        let what = format!(
            "no source {} is named; name it with --bucket or in SOURCE_BUCKET",
            kind.bucket()
        );
        return vec![Finding::not_tried("bucket", what)];
    }
    let mut findings = Vec::new();
    for bucket in buckets {
        findings.extend(bounded("bucket", PATIENCE, source(objects, kind, bucket)).await);
        findings.push(Finding::not_tried(
            "notification",
            format!(
                "the events of {} come by `thimble listen`, and this {} does not tell of them",
                printable(bucket),
                kind.bucket()
            ),
        ));
    }
    findings
}

async fn source(objects: &dyn ObjectStore, kind: Kind, bucket: &str) -> Vec<Finding> {
    let shown = format!("the {} {}", kind.bucket(), printable(bucket));
    match objects.list(&Listing::new(bucket, "")).await {
        Ok(page) => {
            let mut findings = vec![Finding::ok("bucket", format!("{shown} is there"))];
            let first = page.objects.into_iter().find(|listed| listed.size > 0);
            let first = first.map(|listed| Location::new(bucket, listed.key));
            findings.push(readable(objects, kind, bucket, first).await);
            findings
        }
        Err(error) if error.problem == StoreProblem::MissingBucket => vec![Finding::wrong(
            "bucket",
            format!("{shown} does not exist: {}", with_causes(&error)),
            "check its name and its account, or create it",
        )],
        Err(error) => vec![
            kind.of_all(&error)
                .unwrap_or_else(|| unlisted(&shown, &error)),
        ],
    }
}

/// A bucket that may not be listed, or has a name that cannot be: a host works with both.
fn unlisted(shown: &str, error: &StoreError) -> Finding {
    let said = with_causes(error);
    Finding::not_tried(
        "read",
        format!("no image could be tried, because {shown} cannot be listed: {said}"),
    )
}

/// A finding about the permission to read `first`, of which no byte is read.
pub(super) async fn readable(
    objects: &dyn ObjectStore,
    kind: Kind,
    bucket: &str,
    first: Option<Location>,
) -> Finding {
    let shown = printable(bucket);
    let Some(first) = first else {
        return Finding::not_tried("read", format!("{shown} has no object to try"));
    };
    let options = GetOptions {
        max_bytes: Some(0),
        if_none_match: None,
    };
    match objects.get(&first, &options).await {
        Err(error) if error.problem == StoreProblem::KeyDenied => Finding::wrong(
            "kms",
            format!(
                "images of {shown} cannot be decrypted: {}",
                with_causes(&error)
            ),
            "allow this host kms:Decrypt on the key of the sources",
        ),
        Err(error) if error.problem == StoreProblem::Denied => Finding::wrong(
            "read",
            format!("images of {shown} cannot be read: {}", with_causes(&error)),
            kind.to_read(&shown),
        ),
        _ => Finding::ok("read", format!("images of {shown} can be read")),
    }
}
