//! Stores of objects.

use std::fmt::{Debug, Display};
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;

use super::{Attributes, Cause, NO_CREDENTIALS};
use crate::object::{ETag, Location};

/// Keeps objects: whole, under a name, without a way to change a part of one.
///
/// # Contract
/// - A read that begins after a write has returned sees that write, or a later
///   one. Nobody ever sees a part of an object, or parts of two versions.
/// - A write that has returned survives the end of the process. A write that
///   failed has either happened entirely or not at all.
/// - Equal ETags mean equal bytes.
/// - `get` learns the size before it reads the body, where the store tells it; a
///   body over the limit is not read. Of a body without a size no more is read
///   than the limit and what came with its last bytes.
/// - Keys are plain text. A key that cannot be stored is refused with
///   [`StoreProblem::InvalidKey`], never changed into another.
/// - Dropping the future of a call leaves the store as if the call had failed.
#[async_trait]
pub trait ObjectStore: Debug + Display + Send + Sync {
    /// The object at `location` and its body.
    async fn get(&self, location: &Location, options: &GetOptions) -> Result<Object, StoreError>;

    /// Facts about the object at `location`, without its body.
    async fn head(&self, location: &Location) -> Result<ObjectInfo, StoreError>;

    /// The same for who reads no object of more than `most` bytes: the ETag of a larger one
    /// need not be that of its bytes, if the store would have to read them to know it, but
    /// tells its versions apart.
    async fn head_within(&self, location: &Location, _most: u64) -> Result<ObjectInfo, StoreError> {
        self.head(location).await
    }

    /// Write an object, replacing one that is there, and return its ETag, if
    /// the store tells it at once.
    async fn put(&self, location: &Location, new: NewObject) -> Result<Option<ETag>, StoreError>;

    /// Remove an object. One that is not there is as good as removed.
    async fn delete(&self, location: &Location) -> Result<(), StoreError>;

    /// Tags of the object at `location`; a store that keeps none has none to tell.
    async fn tags(&self, _location: &Location) -> Result<Attributes, StoreError> {
        Ok(Attributes::new())
    }

    /// Up to a store's own page of a listing, in the order of the keys' bytes.
    async fn list(&self, listing: &Listing<'_>) -> Result<Page, StoreError>;
}

/// Options for reading an object.
#[derive(Clone, Debug, Default)]
pub struct GetOptions {
    /// The largest body that is read; `None` reads any.
    pub max_bytes: Option<u64>,
    /// Answer [`StoreProblem::NotModified`] if the object still has this ETag.
    pub if_none_match: Option<ETag>,
}

/// An object to write.
#[derive(Clone, Debug, Default)]
pub struct NewObject {
    /// All of its bytes.
    pub body: Bytes,
    /// Its attributes, and the condition of the write.
    pub options: PutOptions,
}

impl NewObject {
    /// An object of these bytes, written without attributes and condition.
    pub fn new(body: impl Into<Bytes>) -> Self {
        Self {
            body: body.into(),
            options: PutOptions::default(),
        }
    }

    /// The same object with these options.
    #[must_use]
    pub fn with(self, options: PutOptions) -> Self {
        Self { options, ..self }
    }
}

/// Objects of a bucket to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing<'a> {
    /// The bucket.
    pub bucket: &'a str,
    /// The start of their keys.
    pub prefix: &'a str,
    /// A key behind which the listing begins, whether it is there or not.
    pub after: Option<&'a str>,
}

impl<'a> Listing<'a> {
    /// All objects whose keys start with `prefix`.
    pub fn new(bucket: &'a str, prefix: &'a str) -> Self {
        Self {
            bucket,
            prefix,
            after: None,
        }
    }

    /// The bucket and prefix as a location, which errors name.
    pub fn location(&self) -> Location {
        Location::new(self.bucket, self.prefix)
    }
}

/// Options for writing an object.
#[derive(Clone, Debug, Default)]
pub struct PutOptions {
    /// The media type that readers are told.
    pub content_type: Option<String>,
    /// `Cache-Control` for caches between the store and a reader.
    pub cache_control: Option<String>,
    /// `Content-Disposition` for a reader.
    pub content_disposition: Option<String>,
    /// `Content-Language` for a reader.
    pub content_language: Option<String>,
    /// Names (lower case letters, digits, `-`) and values (printable ASCII).
    pub metadata: Attributes,
    /// Tags, in stores that keep some.
    pub tags: Attributes,
    /// Settings of the storage, in stores that have some.
    pub storage: Storage,
    /// Write only if this holds; otherwise [`StoreProblem::ConditionFailed`].
    pub condition: Option<Condition>,
}

/// Settings of the storage of an object, by the words of S3. Stores without them leave them
/// alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Storage {
    /// The canned access control list.
    pub acl: Option<String>,
    /// The storage class.
    pub class: Option<String>,
    /// The key of KMS that it is encrypted with.
    pub kms_key: Option<String>,
}

/// Condition of a write, on the object that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// It has this ETag.
    IfMatch(ETag),
    /// There is none.
    IfAbsent,
}

/// An object and its body.
#[derive(Clone, Debug)]
pub struct Object {
    /// Facts about it, of the same version as the body.
    pub info: ObjectInfo,
    /// All of its bytes.
    pub body: Bytes,
}

/// Facts about an object besides its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Names these bytes.
    pub etag: ETag,
    /// The size of the body in bytes. `get` knows it; `head` may not, because
    /// some stores and proxies do not announce it.
    pub size: Option<u64>,
    /// The version, in stores that keep several.
    pub version: Option<String>,
    /// Time of the write, as far as the store knows.
    pub modified: Option<SystemTime>,
    /// The media type it was written with.
    pub content_type: Option<String>,
    /// The `Content-Encoding` it was written with. The body comes as it is
    /// stored: nothing is decoded.
    pub content_encoding: Option<String>,
    /// The `Cache-Control` it was written with.
    pub cache_control: Option<String>,
    /// The `Content-Disposition` it was written with.
    pub content_disposition: Option<String>,
    /// The `Content-Language` it was written with.
    pub content_language: Option<String>,
    /// The metadata it was written with.
    pub metadata: Attributes,
}

/// A part of a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Objects in the order of their keys.
    pub objects: Vec<Listed>,
    /// True if more follow; ask again with the last key as `after`.
    pub more: bool,
}

/// An object in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The key.
    pub key: String,
    /// The size of the body in bytes.
    pub size: u64,
    /// Time of the write, as far as the store knows.
    pub modified: Option<SystemTime>,
}

/// Error of a store.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{problem}: {location}")]
pub struct StoreError {
    /// The problem, which callers decide by.
    pub problem: StoreProblem,
    /// The object that was asked for.
    pub location: Location,
    /// Words of the store itself.
    #[source]
    pub cause: Option<Cause>,
}

impl StoreError {
    /// `problem` with the object at `location`.
    pub fn new(problem: StoreProblem, location: &Location) -> Self {
        Self {
            problem,
            location: location.clone(),
            cause: None,
        }
    }

    /// The same error, with what lies beneath it. What a search for credentials tried
    /// in vain helps nobody.
    #[must_use]
    pub fn because(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        if self.problem != StoreProblem::NoCredentials {
            self.cause = Some(Arc::new(cause));
        }
        self
    }
}

/// Problem of a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreProblem {
    /// There is no such object.
    #[error("there is no such object")]
    NotFound,
    /// The object is larger than the caller reads.
    #[error("it has {size} bytes, and at most {limit} are read")]
    TooLarge {
        /// The size of the object.
        size: u64,
        /// The most that the caller reads.
        limit: u64,
    },
    /// The object still has the ETag the caller knows.
    #[error("the object has not changed")]
    NotModified,
    /// The condition of a write does not hold.
    #[error("the object is not as the write expects it")]
    ConditionFailed,
    /// This store cannot keep an object of that name.
    #[error("this store cannot hold an object of that name; rename the source")]
    InvalidKey,
    /// The key is longer than any can be.
    #[error(
        "the path of the object has {bytes} bytes, and at most {limit} are possible; shorten it"
    )]
    LongKey {
        /// The length of the key in bytes.
        bytes: usize,
        /// The longest there can be.
        limit: usize,
    },
    /// There is no such bucket.
    #[error("there is no such bucket; check its name and region")]
    MissingBucket,
    /// The credentials at hand do not allow it.
    #[error("access denied; allow this host to use the bucket")]
    Denied,
    /// The permissions of files at hand do not allow it.
    #[error(
        "permission denied; let the user of this host read the sources, and write the thumbnails"
    )]
    FileDenied,
    /// The key that the object is encrypted with may not be used, or is gone.
    #[error(
        "the encryption key may not be used; allow this host kms:Decrypt on the key of the sources, and \
         kms:GenerateDataKey and kms:Decrypt on that of the thumbnails"
    )]
    KeyDenied,
    /// The object is in an archive, from which it has to be restored first.
    #[error("the object is archived; restore it, and then redrive its message")]
    Archived,
    /// The store lacks an ability that is needed of it.
    #[error("the store lacks what is needed of it: {0}")]
    Unsupported(String),
    /// There are no credentials to ask with.
    #[error("{}", NO_CREDENTIALS)]
    NoCredentials,
    /// No room is left.
    #[error("no room is left in the store; make some and try again")]
    Full,
    /// The store asks for fewer requests.
    #[error("the store asks for fewer requests")]
    Throttled,
    /// No answer came in time.
    #[error("the store did not answer in time")]
    Timeout,
    /// The store failed or could not be reached.
    #[error("the store failed or could not be reached")]
    Unavailable,
    /// Something this version does not know.
    #[error("the store failed in an unknown way")]
    Unknown,
}

impl StoreProblem {
    /// The problem of a store that answers with `status` of HTTP, unless it means something
    /// of its own by that.
    pub fn of_status(status: u16) -> Self {
        match status {
            401 | 403 => Self::Denied,
            404 => Self::NotFound,
            408 | 504 => Self::Timeout,
            429 => Self::Throttled,
            501 => Self::Unsupported("a request that it calls not implemented".to_owned()),
            500.. => Self::Unavailable,
            _ => Self::Unknown,
        }
    }
}
