//! The keys of a configuration file: their types, places and meanings.
//!
//! They stand here and nowhere else: files are read by this table, and the schema for
//! editors and the table in the documentation are made of it.

/// A key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// The type of its value.
    pub kind: Kind,
    /// The part of a file that has it.
    pub section: Section,
    /// Its meaning.
    pub meaning: &'static str,
}

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A text or a list of texts.
    Texts,
    /// A table of texts.
    Table,
}

impl Kind {
    /// The words for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Texts => "a text or a list of texts",
            Self::Table => "a table of texts",
        }
    }
}

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// In a rule: the sources that it takes.
    Sources,
    /// In a rule or in the default: their thumbnails.
    Output,
}

const fn sources(name: &'static str, kind: Kind, meaning: &'static str) -> Key {
    Key {
        name,
        kind,
        section: Section::Sources,
        meaning,
    }
}

const fn output(name: &'static str, kind: Kind, meaning: &'static str) -> Key {
    Key {
        name,
        kind,
        section: Section::Output,
        meaning,
    }
}

/// Every key of a rule and of the default.
pub const KEYS: &[Key] = &[
    sources("name", Kind::Text, "the name of the rule, for messages"),
    sources(
        "bucket",
        Kind::Texts,
        "buckets of sources; in a folder of `thimble local` the images are in the bucket `images`, \
         and files of `thimble generate` are in none",
    ),
    sources(
        "prefix",
        Kind::Texts,
        "beginnings of keys, such as `avatars/`",
    ),
    sources(
        "suffix",
        Kind::Texts,
        "endings of keys, such as `.jpg`, in any case",
    ),
    sources(
        "media-type",
        Kind::Texts,
        "formats, such as `image/png`, by the usual endings of their files; the content is not \
         looked at",
    ),
    output(
        "presets",
        Kind::Texts,
        "names of presets in `[presets]`, or whole presets such as `small=200x200`; an empty list \
         makes none",
    ),
    output(
        "thumbnails-bucket",
        Kind::Text,
        "the bucket that thumbnails are written to; by default that of `THUMBNAILS_BUCKET`",
    ),
    output(
        "thumbnail-name",
        Kind::Text,
        "the key of a thumbnail, as `THUMBNAIL_NAME`",
    ),
    output(
        "manifest-name",
        Kind::Text,
        "the key of a manifest, as `MANIFEST_NAME`",
    ),
    output(
        "cache-control",
        Kind::Text,
        "the header of thumbnails that tells caches how long to keep them",
    ),
    output(
        "metadata",
        Kind::Table,
        "metadata of thumbnails, such as `{ team = \"web\" }`",
    ),
    output(
        "copy-headers",
        Kind::Texts,
        "headers of the source that thumbnails have as well: `cache-control`, \
         `content-disposition`, `content-language`, or `*`; a header of the source is there before \
         `cache-control`",
    ),
    output(
        "copy-metadata",
        Kind::Texts,
        "names of metadata of the source that thumbnails have as well, or `*`",
    ),
    output(
        "copy-tags",
        Kind::Texts,
        "tags of the source that thumbnails have as well, or `*`; one request more for each source",
    ),
    output(
        "acl",
        Kind::Text,
        "the canned access control list of thumbnails, for buckets that have such lists: \
         `private`, `public-read`, `authenticated-read`, `aws-exec-read`, `bucket-owner-read` or \
         `bucket-owner-full-control`",
    ),
    output(
        "storage-class",
        Kind::Text,
        "the storage class of thumbnails, such as `STANDARD_IA`",
    ),
    output(
        "kms-key",
        Kind::Text,
        "the ARN of the key of KMS that thumbnails are encrypted with, instead of that of their \
         bucket",
    ),
];

/// The key of a name in one of these parts.
pub(super) fn find(name: &str, sections: &[Section]) -> Option<&'static Key> {
    KEYS.iter()
        .find(|key| key.name == name && sections.contains(&key.section))
}
