//! Metadata that a component's author wrote into it, for people to read.
//!
//! Nothing here is believed: the digest names an engine, and `describe` says
//! what it calls itself. The sections are those that the WebAssembly tools
//! agree on, each a line of text.

use super::artifact::Artifact;

/// The sections that are shown.
const SECTIONS: [&str; 7] = [
    "version",
    "description",
    "authors",
    "licenses",
    "homepage",
    "source",
    "revision",
];

/// The magic number and the version at the beginning of a component.
const PREAMBLE: usize = 8;

/// The number of a section that tools may fill as they like.
const CUSTOM: u8 = 0;

/// The name and the text of each well-known section of a component.
pub fn metadata(artifact: &Artifact) -> Vec<(&'static str, String)> {
    let mut rest = artifact.bytes().get(PREAMBLE..).unwrap_or_default();
    let mut found = Vec::new();
    while let Some((kind, content, behind)) = section(rest) {
        if kind == CUSTOM {
            found.extend(text(content));
        }
        rest = behind;
    }
    found
}

/// The first section: its kind, its content, and what follows it.
fn section(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&kind, rest) = bytes.split_first()?;
    let (content, behind) = sized(rest)?;
    Some((kind, content, behind))
}

/// A custom section's name and content, if it is one that we show.
fn text(content: &[u8]) -> Option<(&'static str, String)> {
    let (name, content) = sized(content)?;
    let name = SECTIONS.iter().find(|known| known.as_bytes() == name)?;
    Some((name, std::str::from_utf8(content).ok()?.to_owned()))
}

/// As many bytes as the number before them says, and what follows them.
fn sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (size, rest) = number(bytes)?;
    rest.split_at_checked(usize::try_from(size).ok()?)
}

/// A number of seven bits a byte, the lowest first.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (index, &byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_that_people_read_are_found_and_broken_ones_passed_over() {
        let component = b"\0asm\x0d\0\x01\0\
            \x01\x02ab\
            \0\x0e\x07version\x31.2.3-\
            \0\x05\x03foobar\
            \0\x0a\x08licenses\xff\
            \0\x7f";
        assert_eq!(
            metadata(&Artifact::new(&component[..])),
            [("version", "1.2.3-".to_owned())]
        );
        for end in 0..component.len() {
            let _ = metadata(&Artifact::new(&component[..end]));
        }
    }
}
