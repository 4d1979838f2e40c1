//! Objects in S3.

use std::fmt;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::EncodingType;
use bytes::{Bytes, BytesMut};

use super::Connection;
use super::answer::Said;
use crate::error::with_causes;
use crate::event::key;
use crate::object::{ETag, Location};
use crate::ports::{
    Condition, GetOptions, Listed, Object, ObjectInfo, ObjectStore, Page, PutOptions, StoreError,
    StoreProblem,
};

mod problem;

/// How long S3 may take to begin its answer. It takes tens of milliseconds.
const READ: Duration = Duration::from_secs(20);

/// The longest key, in bytes.
const LONGEST_KEY: usize = 1_024;

/// The most memory that is set aside for a body on the word of an answer.
const SET_ASIDE: u64 = 256 << 20;

/// An object store over S3.
///
/// The answer to `head` has no body that could say what is missing: a bucket
/// that is not there looks like an object that is not there. And whoever may
/// not list a bucket is told that access is denied instead of that an object
/// is missing.
#[derive(Clone)]
pub struct S3 {
    client: Client,
}

impl S3 {
    /// S3 as `connection` reaches it.
    pub fn new(connection: &Connection) -> Self {
        let config = &connection.config;
        // Names of buckets become names of machines only in the real S3.
        let is_elsewhere =
            config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some();
        let config = Builder::from(config)
            .timeout_config(connection.timeouts(READ))
            .force_path_style(is_elsewhere)
            .build();
        Self {
            client: Client::from_conf(config),
        }
    }
}

#[cfg(test)]
impl S3 {
    /// For what a test needs and a port does not.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }
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
        if !is_key(&location.key) {
            return Err(StoreError::new(StoreProblem::NotFound, location));
        }
        let answer = self
            .client
            .get_object()
            .bucket(&location.bucket)
            .key(&location.key)
            .set_if_none_match(options.if_none_match.as_ref().map(quoted))
            .send()
            .await
            .map_err(|error| problem::of_read(&error, location))?;
        let size = size(answer.content_length());
        if let Some(limit) = options.max_bytes.filter(|limit| size > *limit) {
            let problem = StoreProblem::TooLarge { size, limit };
            return Err(StoreError::new(problem, location));
        }
        let info = ObjectInfo {
            etag: etag(answer.e_tag(), location)?,
            size,
            version: version(answer.version_id()),
            modified: time(answer.last_modified()),
            content_type: answer.content_type().map(str::to_owned),
            cache_control: answer.cache_control().map(str::to_owned),
            metadata: answer.metadata().cloned().into_iter().flatten().collect(),
        };
        let body = read(answer.body, size, location).await?;
        Ok(Object { info, body })
    }

    async fn head(&self, location: &Location) -> Result<ObjectInfo, StoreError> {
        if !is_key(&location.key) {
            return Err(StoreError::new(StoreProblem::NotFound, location));
        }
        let answer = self
            .client
            .head_object()
            .bucket(&location.bucket)
            .key(&location.key)
            .send()
            .await
            .map_err(|error| problem::of_read(&error, location))?;
        Ok(ObjectInfo {
            etag: etag(answer.e_tag(), location)?,
            size: size(answer.content_length()),
            version: version(answer.version_id()),
            modified: time(answer.last_modified()),
            content_type: answer.content_type().map(str::to_owned),
            cache_control: answer.cache_control().map(str::to_owned),
            metadata: answer.metadata().cloned().into_iter().flatten().collect(),
        })
    }

    async fn put(
        &self,
        location: &Location,
        body: Bytes,
        options: &PutOptions,
    ) -> Result<ETag, StoreError> {
        if !is_key(&location.key) {
            return Err(StoreError::new(StoreProblem::InvalidKey, location));
        }
        let (if_match, if_none_match) = match &options.condition {
            None => (None, None),
            Some(Condition::IfMatch(etag)) => (Some(quoted(etag)), None),
            Some(Condition::IfAbsent) => (None, Some("*".to_owned())),
        };
        let answer = self
            .client
            .put_object()
            .bucket(&location.bucket)
            .key(&location.key)
            .set_content_type(options.content_type.clone())
            .set_cache_control(options.cache_control.clone())
            .set_metadata(Some(options.metadata.clone().into_iter().collect()))
            .set_if_match(if_match)
            .set_if_none_match(if_none_match)
            .body(ByteStream::from(body))
            .send()
            .await
            .map_err(|error| problem::of_write(&error, location, options.condition.as_ref()))?;
        etag(answer.e_tag(), location)
    }

    async fn delete(&self, location: &Location) -> Result<(), StoreError> {
        if !is_key(&location.key) {
            return Ok(());
        }
        let deleted = self
            .client
            .delete_object()
            .bucket(&location.bucket)
            .key(&location.key)
            .send()
            .await
            .map_err(|error| problem::of_read(&error, location));
        match deleted {
            Err(error) if error.problem != StoreProblem::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Page, StoreError> {
        let asked = Location::new(bucket, prefix);
        let answer = self
            .client
            .list_objects_v2()
            .bucket(bucket)
            .prefix(prefix)
            .set_start_after(after.map(str::to_owned))
            // XML cannot carry every character that a key may have.
            .encoding_type(EncodingType::Url)
            .send()
            .await
            .map_err(|error| problem::of_read(&error, &asked))?;
        let is_encoded = answer.encoding_type() == Some(&EncodingType::Url);
        let mut objects = Vec::with_capacity(answer.contents().len());
        for listed in answer.contents() {
            let key = listed.key().unwrap_or_default();
            objects.push(Listed {
                key: if is_encoded {
                    key::decode(key).map_err(|wrong| unreadable(wrong, &asked))?
                } else {
                    key.to_owned()
                },
                size: size(listed.size()),
                modified: time(listed.last_modified()),
            });
        }
        Ok(Page {
            objects,
            more: answer.is_truncated() == Some(true),
        })
    }
}

/// Whether S3 can hold an object of that name.
fn is_key(key: &str) -> bool {
    !key.is_empty() && key.len() <= LONGEST_KEY
}

/// The whole of a body that was announced with `size` bytes, in one buffer.
async fn read(mut body: ByteStream, size: u64, location: &Location) -> Result<Bytes, StoreError> {
    let set_aside = usize::try_from(size.min(SET_ASIDE)).unwrap_or_default();
    let mut whole = BytesMut::with_capacity(set_aside);
    while let Some(part) = body.next().await {
        let part = part.map_err(|error| {
            let said = Said::new(with_causes(&error));
            StoreError::new(StoreProblem::Unavailable, location).because(said)
        })?;
        // The limit was held against the size that was announced.
        if (whole.len() + part.len()) as u64 > size {
            return Err(unreadable("the body is longer than announced", location));
        }
        whole.extend_from_slice(&part);
    }
    if (whole.len() as u64) < size {
        return Err(unreadable("the body is shorter than announced", location));
    }
    Ok(whole.freeze())
}

/// An answer that makes no sense: the next one may.
fn unreadable(what: impl Into<String>, location: &Location) -> StoreError {
    StoreError::new(StoreProblem::Unavailable, location).because(Said::new(what))
}

fn etag(text: Option<&str>, location: &Location) -> Result<ETag, StoreError> {
    text.map(ETag::new)
        .ok_or_else(|| unreadable("the answer has no ETag", location))
}

fn quoted(etag: &ETag) -> String {
    format!("\"{etag}\"")
}

fn size(announced: Option<i64>) -> u64 {
    announced
        .and_then(|size| u64::try_from(size).ok())
        .unwrap_or_default()
}

/// A bucket that has not kept versions from the beginning calls some `null`.
fn version(id: Option<&str>) -> Option<String> {
    id.filter(|id| !id.is_empty() && *id != "null")
        .map(str::to_owned)
}

fn time(at: Option<&DateTime>) -> Option<SystemTime> {
    at.and_then(|at| SystemTime::try_from(*at).ok())
}
