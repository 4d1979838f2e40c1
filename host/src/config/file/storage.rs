//! Lines about the storage of thumbnails, and about what they have of their source.

use super::list::entries;
use super::quoted;
use super::tree::{Fields, Mistakes, Text};
use crate::ports::Storage;
use crate::recipe::copies::{ALL, Copies, HEADERS, OURS};
use crate::text::nearest;

/// Canned access control lists of S3 that an object can have.
const ACLS: [&str; 6] = [
    "private",
    "public-read",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
];

/// Storage classes of S3 from which a thumbnail can be read at once.
const CLASSES: [&str; 7] = [
    "STANDARD",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "REDUCED_REDUNDANCY",
    "EXPRESS_ONEZONE",
];

/// The lines about storage, if there are any.
pub(super) fn storage(mistakes: &mut Mistakes, fields: &Fields) -> Option<Storage> {
    let keys = ["acl", "storage-class", "kms-key"];
    if keys.iter().all(|key| !fields.fields.contains_key(key)) {
        return None;
    }
    Some(Storage {
        acl: word(mistakes, fields, "acl", &ACLS),
        class: word(mistakes, fields, "storage-class", &CLASSES),
        kms_key: key(mistakes, fields),
    })
}

/// One of a few words.
fn word(
    mistakes: &mut Mistakes,
    fields: &Fields,
    key: &'static str,
    known: &[&str],
) -> Option<String> {
    let Text { text, at, .. } = fields.one(key)?;
    if known.contains(&text.as_str()) {
        return Some(text.clone());
    }
    let problem = match nearest(text, known.iter().copied()) {
        Some(meant) => format!("{key} cannot be {}; did you mean `{meant}`?", quoted(text)),
        None => format!(
            "{key} cannot be {}; it is one of {}",
            quoted(text),
            known.join(", ")
        ),
    };
    mistakes.push((*at, problem));
    None
}

/// The ARN of a key of KMS. Permissions are about keys, not about aliases.
fn key(mistakes: &mut Mistakes, fields: &Fields) -> Option<String> {
    let Text { text, at, .. } = fields.one("kms-key")?;
    let parts: Vec<&str> = text.split(':').collect();
    let is_key = |resource: &str| {
        let id = resource.strip_prefix("key/");
        id.is_some_and(|id| {
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            !id.is_empty() && id.bytes().all(is_word)
        })
    };
    match parts.as_slice() {
        ["arn", _, "kms", _, account, resource]
            if account.len() == 12
                && account.bytes().all(|byte| byte.is_ascii_digit())
                && is_key(resource) =>
        {
            Some(text.clone())
        }
        _ => {
            let problem = "kms-key is the ARN of a key, arn:aws:kms:REGION:ACCOUNT:key/ID";
            mistakes.push((*at, problem.to_owned()));
            None
        }
    }
}

/// The lines about what is copied, if there are any.
pub(super) fn copies(mistakes: &mut Mistakes, fields: &Fields) -> Option<Copies> {
    let keys = ["copy-headers", "copy-metadata", "copy-tags"];
    if keys.iter().all(|key| !fields.fields.contains_key(key)) {
        return None;
    }
    let is_ours = |text: &str| {
        let problem = "says by what a thumbnail was made, and cannot be copied";
        OURS.contains(&text).then(|| problem.to_owned())
    };
    // A list may be empty, which copies nothing.
    let mut names = |key, problem: &dyn Fn(&str) -> Option<String>| {
        let empty = format!("an empty name in {key}; leave it out");
        entries(mistakes, fields, key, &empty, problem)
    };
    Some(Copies {
        headers: names("copy-headers", &unknown_header),
        metadata: names("copy-metadata", &is_ours),
        tags: names("copy-tags", &|_| None),
    })
}

fn unknown_header(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    if text == ALL || HEADERS.contains(&lower.as_str()) {
        return None;
    }
    Some(match nearest(&lower, HEADERS) {
        Some(meant) => format!("is no header that is copied; did you mean `{meant}`?"),
        None => format!(
            "is no header that is copied; there are {}",
            HEADERS.join(", ")
        ),
    })
}
