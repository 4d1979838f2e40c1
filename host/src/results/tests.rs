use super::*;
use crate::contract;
use crate::manifest::{Reason, Thumbnail};
use crate::object::ETag;

const WHOLE: &str = "a/cat/manifest.json";

fn manifest(key: &str) -> Manifest {
    Manifest::new(State::Done, &Location::new("images", key), &ETag::new("1"))
}

/// A manifest of so many thumbnails, and of a warning as long as `warning`.
fn large(thumbnails: usize, warning: usize) -> Manifest {
    let preset: Preset = "small=75x75".parse().unwrap();
    let made = contract::Thumbnail {
        data: vec![1, 2, 3],
        media_type: "image/webp".to_owned(),
        dimensions: contract::Dimensions {
            width: 75,
            height: 75,
        },
    };
    let target = Location::new("thumbnails", "a/cat/small.webp");
    let thumbnail = Thumbnail::new(&preset, &target, None, &made);
    Manifest {
        thumbnails: vec![thumbnail; thumbnails],
        warnings: vec!["x".repeat(warning)],
        ..manifest("a/cat")
    }
}

fn told(manifest: &Manifest) -> Outcome {
    let whole = Location::new("thumbnails", WHOLE);
    Outcome::new(manifest, &[], Some(&whole)).unwrap()
}

/// As a queue or a topic counts it.
fn size(result: &Outcome) -> usize {
    let attributes = result.attributes();
    let attributes = attributes
        .iter()
        .map(|(name, value)| name.len() + "String".len() + value.len());
    result.message().len() + attributes.sum::<usize>()
}

#[test]
fn a_result_that_fits_is_the_whole_manifest() {
    let bare = told(&large(0, 0)).body.len();
    let manifest = large(0, LONGEST - bare);
    let result = told(&manifest);
    assert_eq!(result.body.len(), LONGEST);
    assert_eq!(Manifest::read(result.message().as_bytes()), Some(manifest));
    assert!(size(&result) <= 256 << 10);
}

#[test]
fn a_result_that_is_too_long_says_where_the_whole_manifest_is() {
    for manifest in [large(1_500, 0), large(1, LONGEST)] {
        let result = told(&manifest);
        assert!(size(&result) <= 256 << 10);
        let short = Manifest::read(result.message().as_bytes()).unwrap();
        let whole = short.whole.unwrap();
        assert_eq!(
            (whole.bucket.as_str(), whole.key.as_str()),
            ("thumbnails", WHOLE)
        );
        assert_eq!(
            (short.state, &short.source),
            (manifest.state, &manifest.source)
        );
        assert_eq!((short.thumbnails.len(), short.warnings.len()), (0, 0));
        // A webhook and a folder take as much as there is.
        assert_eq!(Manifest::read(result.body.as_bytes()), Some(manifest));
    }
}

#[test]
fn a_long_reason_is_cut_between_its_letters() {
    let rejected = Manifest {
        state: State::Rejected,
        reason: Some(Reason {
            kind: "malformed-source".to_owned(),
            message: format!("x{}", "ä".repeat(LONGEST)),
            blame: "source".to_owned(),
        }),
        ..manifest("cat")
    };
    let result = Outcome::new(&rejected, &[], None).unwrap();
    let short = Manifest::read(result.message().as_bytes()).unwrap();
    assert_eq!(short.whole, None, "it was not written");
    let message = short.reason.unwrap().message;
    assert!(
        (4_000..=4_096).contains(&message.len()),
        "{}",
        message.len()
    );
    assert!(message.starts_with("xää"));
}

#[test]
fn no_key_makes_a_result_that_queues_refuse() {
    let refused = |letter: char| letter < ' ' || letter == '\u{fffe}' || letter == '\u{ffff}';
    let key = "a\u{1}\u{b}\n\u{fffe}\\\u{ffff}\u{10ffff}.jpg";
    let result = told(&manifest(key));
    assert!(!result.message().contains(refused), "{}", result.message());
    let read = Manifest::read(result.message().as_bytes()).unwrap();
    assert_eq!(read.source.key, key);
}
