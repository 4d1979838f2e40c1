//! Keys of an engine store as tags of a repository.

use super::manifest::WASM;

/// Keys of one kind, and their tags.
pub(super) struct Kind {
    /// Folder of the keys.
    folder: &'static str,
    /// Ending of the keys.
    ending: &'static str,
    /// Beginning of the tags.
    tag: &'static str,
    /// Media type of the layer.
    pub(super) media_type: &'static str,
    /// True if the name is the digest of the bytes.
    pub(super) is_digest: bool,
}

/// Every kind of object in an engine store. The last has no name: it is the object that tells
/// whether conditions of writes are heeded.
const KINDS: [Kind; 6] = [
    Kind {
        folder: "engines/",
        ending: ".wasm",
        tag: "engine-",
        media_type: WASM,
        is_digest: true,
    },
    Kind {
        folder: "compiled/",
        ending: ".cwasm",
        tag: "compiled-",
        media_type: "application/vnd.thimble.compiled.v1",
        is_digest: true,
    },
    Kind {
        folder: "releases/",
        ending: ".json",
        tag: "release-",
        media_type: "application/vnd.thimble.release.v1+json",
        is_digest: true,
    },
    Kind {
        folder: "channels/",
        ending: ".json",
        tag: "channel-",
        media_type: "application/vnd.thimble.channel.v1+json",
        is_digest: false,
    },
    Kind {
        folder: "configurations/",
        ending: ".json",
        tag: "configuration-",
        media_type: "application/vnd.thimble.configuration.v1+json",
        is_digest: false,
    },
    Kind {
        folder: "conditions",
        ending: "",
        tag: "conditions",
        media_type: "application/vnd.thimble.conditions.v1",
        is_digest: false,
    },
];

/// An object of an engine store in a repository.
pub(super) struct Place {
    pub(super) kind: &'static Kind,
    /// The tag.
    pub(super) tag: String,
    /// The digest of its bytes, if its name says it.
    pub(super) digest: Option<String>,
}

/// The place of a key, if an engine store has such a key.
pub(super) fn place(key: &str) -> Option<Place> {
    KINDS.iter().find_map(|kind| {
        let name = key.strip_prefix(kind.folder)?.strip_suffix(kind.ending)?;
        let is_sound = if kind.is_digest {
            name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
        } else {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            name.bytes().all(allowed) && name.is_empty() == kind.ending.is_empty()
        };
        is_sound.then(|| Place {
            kind,
            tag: format!("{}{name}", kind.tag),
            digest: kind.is_digest.then(|| format!("sha256:{name}")),
        })
    })
}

/// The key of a tag, if it is one of ours.
pub(super) fn key(tag: &str) -> Option<String> {
    let mut keys = KINDS.iter().filter_map(|kind| {
        let name = tag.strip_prefix(kind.tag)?;
        Some(format!("{}{name}{}", kind.folder, kind.ending))
    });
    keys.find(|key| place(key).is_some_and(|place| place.tag == tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_of_a_store_has_a_tag_and_comes_back_from_it() {
        let digest = "0a".repeat(32);
        for (path, tag) in [
            (format!("engines/{digest}.wasm"), format!("engine-{digest}")),
            (
                format!("compiled/{digest}.cwasm"),
                format!("compiled-{digest}"),
            ),
            (
                format!("releases/{digest}.json"),
                format!("release-{digest}"),
            ),
            (
                "channels/stable.json".to_owned(),
                "channel-stable".to_owned(),
            ),
            (
                "configurations/A-b_1.json".to_owned(),
                "configuration-A-b_1".to_owned(),
            ),
            ("conditions".to_owned(), "conditions".to_owned()),
        ] {
            let place = place(&path).unwrap();
            assert_eq!(place.tag, tag);
            assert_eq!(place.digest.is_some(), tag.ends_with(&digest));
            assert_eq!(key(&tag), Some(path));
        }
        for other in [
            "",
            "engines/1.wasm",
            "channels/.json",
            "channels/a/b.json",
            "conditions/x",
            "other",
        ] {
            assert!(place(other).is_none(), "{other}");
        }
        for other in ["latest", "v1", "engine-1", "channel-", "sha256-0a.sig"] {
            assert_eq!(key(other), None, "{other}");
        }
    }
}
