//! Parts of a source that its thumbnails have as well.

use crate::ports::{Attributes, ObjectInfo};

/// Headers that can be copied.
pub const HEADERS: [&str; 3] = ["cache-control", "content-disposition", "content-language"];

/// The word for all of them.
pub const ALL: &str = "*";

/// The most metadata that is copied, in bytes: S3 has room for 2 KiB, and ours is there too.
pub const MAX_METADATA: usize = 1_024;

/// Names of metadata by which a thumbnail or a manifest says what it was made of.
pub const OURS: [&str; 5] = [
    "source-etag",
    "preset",
    "engine",
    "engine-version",
    "manifest",
];

/// Names of what is copied from a source to its thumbnails: nothing unless it is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    /// Headers.
    pub headers: Vec<String>,
    /// Metadata of the owner of the source.
    pub metadata: Vec<String>,
    /// Tags.
    pub tags: Vec<String>,
}

/// Everything that is copied from one source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
    /// Metadata.
    pub metadata: Attributes,
    /// Tags.
    pub tags: Attributes,
    /// The reason why something was left behind.
    pub warning: Option<String>,
}

impl Copies {
    /// True if the tags of a source have to be asked for.
    pub fn want_tags(&self) -> bool {
        !self.tags.is_empty()
    }

    /// True if metadata of this name is copied.
    pub fn takes_metadata(&self, name: &str) -> bool {
        takes(&self.metadata, name) && !OURS.contains(&name)
    }

    /// The part of a source with these facts and these tags that is copied.
    pub fn of(&self, info: &ObjectInfo, mut tags: Attributes) -> Carried {
        let header = |name: &str, value: &Option<String>| {
            let value = value.clone().filter(|_| takes(&self.headers, name));
            value.filter(|value| is_header(value))
        };
        tags.retain(|name, _| takes(&self.tags, name));
        let mut carried = Carried {
            cache_control: header("cache-control", &info.cache_control),
            content_disposition: header("content-disposition", &info.content_disposition),
            content_language: header("content-language", &info.content_language),
            tags,
            ..Carried::default()
        };
        let all = info.metadata.iter();
        let metadata: Attributes = all
            .filter(|(name, value)| self.takes_metadata(name) && is_header(value))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let size: usize = metadata
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if size > MAX_METADATA {
            carried.warning = Some(format!(
                "the metadata of the source is not copied, because it has {size} bytes and \
                 thumbnails have room for {MAX_METADATA}"
            ));
        } else {
            carried.metadata = metadata;
        }
        carried
    }
}

/// True if `name` is one of `list`, in any case, or all are.
fn takes(list: &[String], name: &str) -> bool {
    list.iter()
        .any(|entry| entry == ALL || entry.eq_ignore_ascii_case(name))
}

/// True for a text that a header can have.
pub(crate) fn is_header(text: &str) -> bool {
    let is_visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    !text.is_empty() && text.bytes().all(is_visible) && text.trim() == text
}
