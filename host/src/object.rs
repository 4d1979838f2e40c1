//! Names of objects, and what tells one version of an object from another.
//!
//! A key in this crate is always the key itself. Events that carry it in an
//! encoded form are decoded in `event.rs`, once, and nowhere else.

use std::cmp::Ordering;
use std::fmt;
use std::io::{self, Read};

use sha2::{Digest, Sha256};

use crate::text::printable;

/// Bytes of a body that are in memory at one time while it is read for its digest.
const PIECE: usize = 1 << 16;

/// Location of an object: a bucket and a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The bucket that holds the object.
    pub bucket: String,
    /// The key, decoded: what a person named the object.
    pub key: String,
}

impl Location {
    /// The object called `key` in `bucket`.
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            key: key.into(),
        }
    }
}

/// All buckets of a cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Buckets {
    /// Those of S3, or of what answers like it.
    S3,
    /// Those of Google Cloud Storage.
    Google,
    /// Containers of Azure Blob Storage.
    Azure,
}

impl Buckets {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::S3, Self::Google, Self::Azure];

    /// The scheme of their URLs.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3",
            Self::Google => "gs",
            Self::Azure => "az",
        }
    }

    /// The buckets that a URL is about, and what stands behind its scheme.
    pub fn of(url: &str) -> Option<(Self, &str)> {
        let (scheme, rest) = url.split_once("://")?;
        let buckets = Self::ALL.into_iter().find(|of| of.scheme() == scheme)?;
        Some((buckets, rest))
    }
}

/// Bucket and key, or beginning of keys, in `s3://bucket/key`; either may be empty.
/// `None` for a text of another form.
pub fn split_s3(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("s3://")?;
    Some(rest.split_once('/').unwrap_or((rest, "")))
}

impl fmt::Display for Location {
    /// Control characters are escaped: a key is a stranger's text, and this
    /// ends in logs and on terminals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", printable(&self.bucket), printable(&self.key))
    }
}

/// True for a name that a bucket can have: 3 to 63 lower case letters, digits,
/// dots and dashes. The oldest buckets of AWS have up to 255 characters, capitals
/// and underscores among them. An access point is named like a bucket, by its
/// alias, or by its ARN.
pub fn is_bucket(name: &str) -> bool {
    let is_word = |text: &str, marks: &[u8]| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || marks.contains(&byte);
        text.bytes().all(allowed) && text.bytes().any(|byte| byte.is_ascii_alphanumeric())
    };
    if name.starts_with("arn:") {
        let parts: Vec<&str> = name.splitn(6, ':').collect();
        return name.len() <= 255
            && matches!(parts.as_slice(), [_, partition, "s3" | "s3-outposts" | "s3-object-lambda", region, account, resource]
                if is_word(partition, b"-")
                    && (region.is_empty() || is_word(region, b"-"))
                    && is_word(account, b"")
                    && is_access_point(resource, is_word));
    }
    (3..=255).contains(&name.len())
        && is_word(name, b".-_")
        && !name.starts_with(['.', '-'])
        && !name.ends_with('.')
        && !name.contains("..")
}

/// True for `accesspoint/NAME`, also of an outpost, with `:` in place of `/`.
fn is_access_point(resource: &str, is_word: impl Fn(&str, &[u8]) -> bool) -> bool {
    let parts: Vec<&str> = resource.split(['/', ':']).collect();
    let named = |name: &str| is_word(name, b".-");
    match parts.as_slice() {
        ["accesspoint", name] => named(name),
        ["outpost", outpost, "accesspoint", name] => named(outpost) && named(name),
        _ => false,
    }
}

/// Names the bytes of an object: two reads with one ETag read the same bytes.
///
/// Kept without the quotes that HTTP puts around it, because some sources of
/// an ETag write them and others do not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ETag(String);

impl ETag {
    /// The ETag that `text` spells, with or without quotes.
    pub fn new(text: &str) -> Self {
        let bare = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        Self(bare.unwrap_or(text).to_owned())
    }

    /// The ETag of `body` in stores that name bytes by their digest.
    pub fn of(body: &[u8]) -> Self {
        Self(format!("{:x}", Sha256::digest(body)))
    }

    /// The same of all that `body` has, and its length, in little memory however long it is.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn of_all(mut body: impl Read) -> io::Result<(Self, u64)> {
        let (mut digest, mut length) = (Sha256::new(), 0);
        let mut piece = vec![0; PIECE];
        loop {
            match body.read(&mut piece) {
                Ok(0) => return Ok((Self(format!("{:x}", digest.finalize())), length)),
                Ok(read) => {
                    digest.update(piece.get(..read).unwrap_or_default());
                    length += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The ETag without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Orders what happened to one object: the greater one came later.
///
/// S3 writes it in hexadecimal digits of varying number; the shorter of two is
/// filled up with zeros on its right.
#[derive(Clone, Debug)]
pub struct Sequencer(String);

impl Sequencer {
    /// The sequencer that `text` spells.
    pub fn new(text: &str) -> Self {
        Self(text.to_ascii_lowercase())
    }

    fn digits(&self) -> &str {
        self.0.trim_end_matches('0')
    }
}

impl PartialEq for Sequencer {
    fn eq(&self, other: &Self) -> bool {
        self.digits() == other.digits()
    }
}

impl Eq for Sequencer {}

impl PartialOrd for Sequencer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Sequencer {
    fn cmp(&self, other: &Self) -> Ordering {
        self.digits().cmp(other.digits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_around_an_etag_make_no_difference() {
        assert_eq!(ETag::new("\"abc\""), ETag::new("abc"));
        assert_eq!(ETag::new("\"abc").as_str(), "\"abc");
    }

    #[test]
    fn a_key_cannot_write_lines_of_its_own_into_a_log() {
        let location = Location::new("images", "a\nb\u{1b}[2J\u{202e}gpj.png");
        assert_eq!(
            location.to_string(),
            "images/a\\u{a}b\\u{1b}[2J\\u{202e}gpj.png"
        );
    }

    #[test]
    fn a_bucket_has_a_name_that_a_store_can_have_given_it() {
        for name in [
            "images",
            "a.b-c.0123",
            "photos--usw2-az1--x-s3",
            "metadata-123-s3alias",
            "Photos_Of_2006",
            "arn:aws:s3:eu-central-1:123456789012:accesspoint/images",
            "arn:aws-cn:s3::123456789012:accesspoint/m.mrap",
            "arn:aws:s3-object-lambda:eu-central-1:123456789012:accesspoint/images",
            "arn:aws:s3-outposts:eu-central-1:123456789012:outpost/op-1/accesspoint/images",
        ] {
            assert!(is_bucket(name), "{name}");
        }
        let long = "x".repeat(256);
        for name in [
            "",
            "ab",
            "..",
            "...",
            "a..b",
            ".ab",
            "ab.",
            "img/../thumbs",
            "UPPER/..",
            "images?list-type=2",
            "images\n",
            "b\u{e4}ume",
            "im ages",
            "arn:aws:s3:::images",
            "arn:aws:s3:eu-central-1:123456789012:accesspoint/..",
            "arn:aws:s3:eu-central-1:123456789012:accesspoint/images/object/x",
            "arn:aws:sqs:eu-central-1:123456789012:images",
            "arn:",
            long.as_str(),
        ] {
            assert!(!is_bucket(name), "{name}");
        }
    }

    #[test]
    fn sequencers_of_different_lengths_are_filled_up_on_the_right() {
        assert!(Sequencer::new("0055AED6DCD90281E5") < Sequencer::new("0055aed6dcd90281e6"));
        assert!(Sequencer::new("0055") < Sequencer::new("00551"));
        assert_eq!(Sequencer::new("00550"), Sequencer::new("0055"));
    }
}
