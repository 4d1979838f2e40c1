//! Objects in S3.

use std::fmt;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{
    EncodingType, ObjectCannedAcl, RequestPayer, ServerSideEncryption, StorageClass,
};

use super::{Connection, endpoint};
use crate::event::key;
use crate::object::{ETag, Location};
use crate::ports::{
    Attributes, Condition, GetOptions, Listed, Listing, NewObject, Object, ObjectInfo, ObjectStore,
    Page, Storage, StoreError, StoreProblem,
};

mod body;
mod problem;

/// Time in which S3 begins its answer. It takes tens of milliseconds.
const READ: Duration = Duration::from_secs(20);

/// The longest key, in bytes.
const LONGEST_KEY: usize = 1_024;

/// An object store over S3.
///
/// The answer to `head` has no body, so that a missing bucket looks like a
/// missing object. Without the permission to list a bucket, a missing object
/// looks like a denied one.
#[derive(Clone)]
pub struct S3 {
    client: Client,
    /// The payer of requests, if it is not the owner of the bucket.
    payer: Option<RequestPayer>,
}

impl S3 {
    /// S3 as `connection` reaches it.
    pub fn new(connection: &Connection) -> Self {
        Self {
            client: Client::from_conf(settings(connection).build()),
            payer: connection.pays.then_some(RequestPayer::Requester),
        }
    }
}

/// Settings of a client, as every request to S3 has them.
pub(super) fn settings(connection: &Connection) -> Builder {
    let config = &connection.config;
    let endpoint = endpoint::of_s3(config);
    let builder = Builder::from(config)
        .timeout_config(connection.timeouts(READ))
        // Names of buckets become names of machines only in the real S3.
        .force_path_style(endpoint.is_some());
    match endpoint::checksums(config, endpoint.as_deref()) {
        Some(checksums) => builder.request_checksum_calculation(checksums),
        None => builder,
    }
}

#[cfg(test)]
impl S3 {
    /// The client, for operations that tests need and no port has.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }
}

/// A request of `$self` for the object at `$location`. No two requests have a type in common.
macro_rules! request {
    ($self:ident.$operation:ident, $location:expr) => {
        $self
            .client
            .$operation()
            .bucket(&$location.bucket)
            .key(&$location.key)
            .set_request_payer($self.payer.clone())
    };
}

/// Metadata of the object at `$location`, from S3's answer to a GET or a HEAD. The two
/// have no type in common.
macro_rules! info {
    ($answer:expr, $location:expr) => {
        ObjectInfo {
            etag: etag($answer.e_tag(), $location)?,
            size: size($answer.content_length()),
            version: version($answer.version_id()),
            modified: time($answer.last_modified()),
            content_type: $answer.content_type().map(str::to_owned),
            content_encoding: $answer.content_encoding().map(str::to_owned),
            cache_control: $answer.cache_control().map(str::to_owned),
            content_disposition: $answer.content_disposition().map(str::to_owned),
            content_language: $answer.content_language().map(str::to_owned),
            metadata: $answer.metadata().cloned().into_iter().flatten().collect(),
        }
    };
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3").finish_non_exhaustive()
    }
}

impl fmt::Display for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("S3")
    }
}

#[async_trait]
impl ObjectStore for S3 {
    async fn get(&self, location: &Location, options: &GetOptions) -> Result<Object, StoreError> {
        can_be_there(location)?;
        let answer = request!(self.get_object, location)
            .set_if_none_match(options.if_none_match.as_ref().map(quoted))
            .send()
            .await
            .map_err(|error| problem::of_read(&error, location))?;
        let announced = size(answer.content_length());
        let limit = options.max_bytes.unwrap_or(u64::MAX);
        if let Some(size) = announced.filter(|size| *size > limit) {
            let problem = StoreProblem::TooLarge { size, limit };
            return Err(StoreError::new(problem, location));
        }
        let info = info!(answer, location);
        let body = body::read(answer.body, announced, limit, location).await?;
        let size = Some(body.len() as u64);
        let info = ObjectInfo { size, ..info };
        Ok(Object { info, body })
    }

    async fn head(&self, location: &Location) -> Result<ObjectInfo, StoreError> {
        can_be_there(location)?;
        let sent = request!(self.head_object, location).send().await;
        let answer = sent.map_err(|error| problem::of_read(&error, location))?;
        Ok(info!(answer, location))
    }

    async fn put(&self, location: &Location, new: NewObject) -> Result<Option<ETag>, StoreError> {
        if !is_key(&location.key) {
            return Err(StoreError::new(StoreProblem::InvalidKey, location));
        }
        let NewObject { body, options } = new;
        let Storage {
            acl,
            class,
            kms_key,
        } = options.storage;
        let (if_match, if_none_match) = match &options.condition {
            None => (None, None),
            Some(Condition::IfMatch(etag)) => (Some(quoted(etag)), None),
            Some(Condition::IfAbsent) => (None, Some("*".to_owned())),
        };
        let answer = request!(self.put_object, location)
            .set_content_type(options.content_type)
            .set_cache_control(options.cache_control)
            .set_content_disposition(options.content_disposition)
            .set_content_language(options.content_language)
            .set_metadata(Some(options.metadata.into_iter().collect()))
            .set_tagging(tagging(&options.tags))
            .set_acl(acl.as_deref().map(ObjectCannedAcl::from))
            .set_storage_class(class.as_deref().map(StorageClass::from))
            .set_server_side_encryption(kms_key.as_ref().map(|_| ServerSideEncryption::AwsKms))
            // One key for a bucket saves a call of KMS for nearly every object.
            .set_bucket_key_enabled(kms_key.as_ref().map(|_| true))
            .set_ssekms_key_id(kms_key)
            .set_if_match(if_match)
            .set_if_none_match(if_none_match)
            .body(ByteStream::from(body))
            .send()
            .await
            .map_err(|error| problem::of_write(&error, location, options.condition.as_ref()))?;
        Ok(answer.e_tag().map(ETag::new))
    }

    async fn tags(&self, location: &Location) -> Result<Attributes, StoreError> {
        can_be_there(location)?;
        let sent = request!(self.get_object_tagging, location).send().await;
        let answer = sent.map_err(|error| problem::of_read(&error, location))?;
        let tags = answer.tag_set.into_iter();
        Ok(tags.map(|tag| (tag.key, tag.value)).collect())
    }

    async fn delete(&self, location: &Location) -> Result<(), StoreError> {
        if !is_key(&location.key) {
            return Ok(());
        }
        let deleted = request!(self.delete_object, location)
            .send()
            .await
            .map_err(|error| problem::of_read(&error, location));
        match deleted {
            Err(error) if error.problem != StoreProblem::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    async fn list(&self, listing: &Listing<'_>) -> Result<Page, StoreError> {
        let asked = listing.location();
        let answer = self
            .client
            .list_objects_v2()
            .bucket(listing.bucket)
            .prefix(listing.prefix)
            .set_start_after(listing.after.map(str::to_owned))
            // XML cannot carry every character that a key may have.
            .encoding_type(EncodingType::Url)
            .set_request_payer(self.payer.clone())
            .send()
            .await
            .map_err(|error| problem::of_read(&error, &asked))?;
        let is_encoded = answer.encoding_type() == Some(&EncodingType::Url);
        let mut objects = Vec::with_capacity(answer.contents().len());
        for listed in answer.contents() {
            let key = listed.key().unwrap_or_default();
            objects.push(Listed {
                key: if is_encoded {
                    key::decode(key).map_err(|wrong| body::unreadable(wrong, &asked))?
                } else {
                    key.to_owned()
                },
                size: size(listed.size()).unwrap_or_default(),
                modified: time(listed.last_modified()),
            });
        }
        Ok(Page {
            objects,
            more: answer.is_truncated() == Some(true),
        })
    }
}

/// Refuses a look at an object that cannot be there, because none can have such a key.
fn can_be_there(location: &Location) -> Result<(), StoreError> {
    let missing = || StoreError::new(StoreProblem::NotFound, location);
    is_key(&location.key).then_some(()).ok_or_else(missing)
}

/// The check for a key that S3 can hold.
fn is_key(key: &str) -> bool {
    !key.is_empty() && key.len() <= LONGEST_KEY
}

/// The ETag of an object that was read. It is needed, because it tells a source
/// from the one that has replaced it.
fn etag(text: Option<&str>, location: &Location) -> Result<ETag, StoreError> {
    let lacking = || StoreProblem::Unsupported("an ETag of each object".to_owned());
    text.map(ETag::new)
        .ok_or_else(|| StoreError::new(lacking(), location))
}

fn quoted(etag: &ETag) -> String {
    format!("\"{etag}\"")
}

fn size(announced: Option<i64>) -> Option<u64> {
    announced.and_then(|size| u64::try_from(size).ok())
}

/// The version of an object. Objects from before a bucket kept versions have the
/// version `null`, which is none.
fn version(id: Option<&str>) -> Option<String> {
    id.filter(|id| !id.is_empty() && *id != "null")
        .map(str::to_owned)
}

fn time(at: Option<&DateTime>) -> Option<SystemTime> {
    at.and_then(|at| SystemTime::try_from(*at).ok())
}

/// Tags in the form of a query, as a PUT takes them.
fn tagging(tags: &Attributes) -> Option<String> {
    let pairs: Vec<String> = tags
        .iter()
        .map(|(name, value)| format!("{}={}", key::encode(name), key::encode(value)))
        .collect();
    (!pairs.is_empty()).then(|| pairs.join("&"))
}
