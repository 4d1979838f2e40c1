//! Keys, attributes and metadata: the words of the port in those of the clouds, and back.

use std::borrow::Cow;
use std::time::SystemTime;

use object_store::path::Path;
use object_store::{Attribute, AttributeValue, HeaderValue, ObjectMeta, TagSet};

use super::problem::unsupported;
use super::service::Service;
use crate::object::{ETag, Location};
use crate::ports::{Attributes, Listed, ObjectInfo, PutOptions, StoreError, StoreProblem};
use crate::text::printable;

/// The longest key, in bytes.
const LONGEST_KEY: usize = 1_024;

/// The most parts of a key in Azure.
const MOST_PARTS: usize = 254;

/// The path of an object to read. One that no cloud can hold is not there; one that the crate
/// cannot name may be there, and is refused.
pub(super) fn path(location: &Location) -> Result<Path, StoreError> {
    let key = &location.key;
    if key.is_empty() || key.len() > LONGEST_KEY {
        return Err(StoreError::new(StoreProblem::NotFound, location));
    }
    let path = Path::parse(key).ok().filter(|path| path.as_ref() == key);
    path.ok_or_else(|| StoreError::new(StoreProblem::InvalidKey, location))
}

/// The path of an object to write.
pub(super) fn path_to_write(service: Service, location: &Location) -> Result<Path, StoreError> {
    let refused = || StoreError::new(StoreProblem::InvalidKey, location);
    if service == Service::Azure && is_changed_by_azure(&location.key) {
        return Err(refused());
    }
    path(location).map_err(|_| refused())
}

/// True for a key that Azure takes for another: a dot at the end of a part is lost, and `\` is
/// a `/`.
fn is_changed_by_azure(key: &str) -> bool {
    let mut parts = key.split('/');
    key.contains('\\')
        || parts.any(|part| part.ends_with('.'))
        || key.split('/').count() > MOST_PARTS
}

/// Facts about an object.
pub(super) fn info(
    service: Service,
    meta: &ObjectMeta,
    attributes: &object_store::Attributes,
    location: &Location,
) -> Result<ObjectInfo, StoreError> {
    let etag = meta.e_tag.as_deref().map(ETag::new);
    let text = |of: Attribute| attributes.get(&of).map(|value| value.to_string());
    Ok(ObjectInfo {
        etag: etag.ok_or_else(|| unsupported("an ETag of each object", location))?,
        size: Some(meta.size),
        version: meta.version.clone(),
        modified: Some(SystemTime::from(meta.last_modified)),
        content_type: text(Attribute::ContentType),
        content_encoding: text(Attribute::ContentEncoding),
        cache_control: text(Attribute::CacheControl),
        content_disposition: text(Attribute::ContentDisposition),
        content_language: text(Attribute::ContentLanguage),
        metadata: metadata(service, attributes),
    })
}

fn metadata(service: Service, attributes: &object_store::Attributes) -> Attributes {
    let pairs = attributes
        .iter()
        .filter_map(|(attribute, value)| match attribute {
            Attribute::Metadata(name) => Some((name_here(service, name), value.to_string())),
            _ => None,
        });
    pairs.collect()
}

fn name_here(service: Service, name: &str) -> String {
    match service {
        Service::Google => name.to_owned(),
        Service::Azure => name.replace('_', "-"),
    }
}

fn name_there(service: Service, name: &str) -> String {
    match service {
        Service::Google => name.to_owned(),
        Service::Azure => name.replace('-', "_"),
    }
}

/// Attributes of an object to write. A header that cannot be sent is refused here: the crate
/// would panic.
pub(super) fn attributes(
    service: Service,
    options: &PutOptions,
    location: &Location,
) -> Result<object_store::Attributes, StoreError> {
    if options.storage.acl.is_some() {
        return Err(unsupported(
            "an access control list of each object",
            location,
        ));
    }
    if options.storage.kms_key.is_some() {
        return Err(unsupported("a key of KMS for each object", location));
    }
    let known = [
        (Attribute::ContentType, &options.content_type),
        (Attribute::CacheControl, &options.cache_control),
        (Attribute::ContentDisposition, &options.content_disposition),
        (Attribute::ContentLanguage, &options.content_language),
        (Attribute::StorageClass, &options.storage.class),
    ];
    let known = known
        .into_iter()
        .filter_map(|(attribute, value)| Some((attribute, value.as_deref()?)));
    let own = options.metadata.iter().map(|(name, value)| {
        let name = Cow::Owned(name_there(service, name));
        (Attribute::Metadata(name), value.as_str())
    });
    let mut attributes = object_store::Attributes::new();
    for (attribute, value) in known.chain(own) {
        if let Attribute::Metadata(name) = &attribute
            && !is_name(service, name)
        {
            let what = format!("metadata of the name {}", printable(name));
            return Err(unsupported(what, location));
        }
        if HeaderValue::from_str(value).is_err() {
            let what = "an attribute that is no printable ASCII";
            return Err(unsupported(what, location));
        }
        attributes.insert(attribute, AttributeValue::from(value.to_owned()));
    }
    Ok(attributes)
}

/// True for a name of metadata that can be sent: an identifier in Azure.
fn is_name(service: Service, name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let begins = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let first = name.bytes().next();
    let is_begun = first.is_some_and(|byte| service == Service::Google || begins(byte));
    is_begun && name.bytes().all(allowed)
}

/// Tags of an object to write, in the cloud that keeps some.
pub(super) fn tags(service: Service, tags: &Attributes) -> TagSet {
    let mut set = TagSet::default();
    if service == Service::Azure {
        for (name, value) in tags {
            set.push(name, value);
        }
    }
    set
}

/// An object of a listing.
pub(super) fn listed(meta: ObjectMeta) -> Listed {
    Listed {
        key: meta.location.to_string(),
        size: meta.size,
        modified: Some(SystemTime::from(meta.last_modified)),
    }
}
