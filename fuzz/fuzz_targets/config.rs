//! Configuration files: an answer to any text, with places that are in it; and of a file
//! without a mistake no two sources write one name.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use thimble::config::file::{File, Given};
use thimble::object::Location;

/// Keys that rules of seeds are about, and some that they are not.
const KEYS: [&str; 8] = [
    "a",
    "a/b.jpg",
    "b.jpg",
    "a/a/b.jpg",
    "in/a.png",
    "avatars/ann.jpg",
    "t/a.jpg",
    "ä b+c",
];

/// Media types, of which a name has its ending.
const MEDIA_TYPES: [&str; 2] = ["image/jpeg", "image/webp"];

fuzz_target!(|text: &str| {
    let file = File::parse("t", text);
    let given = Given {
        bucket: Some("thumbnails".to_owned()),
        own: Some("images".to_owned()),
        manifests: Some(true),
        ..Given::default()
    };
    let (recipes, mistakes) = file.recipes(&given);
    let lines = text.matches('\n').count() + 1;
    for mistake in &mistakes {
        assert!(!mistake.problem.is_empty());
        assert!(
            mistake
                .place
                .is_none_or(|(line, column)| line <= lines && column > 0)
        );
    }
    if !mistakes.is_empty() {
        return;
    }
    let needs = recipes.needs();
    assert_eq!(needs.lack(&needs), None);
    let own = ["images"].into_iter().chain(file.source_buckets());
    let mut names = BTreeMap::new();
    for (bucket, key) in own.flat_map(|bucket| KEYS.map(|key| (bucket, key))) {
        let source = Location::new(bucket, key);
        let Some(recipe) = recipes.of(&source).filter(|_| !recipes.is_output(&source)) else {
            continue;
        };
        let thumbnails = recipe.presets.iter().flat_map(|preset| {
            MEDIA_TYPES.map(|media_type| recipe.naming.key(key, preset.name(), media_type))
        });
        let manifest = recipe.manifest(key).map(|location| location.key);
        for name in thumbnails.chain(manifest) {
            let name = (recipe.bucket.clone(), name);
            let other = names.insert(name, source.clone());
            assert!(
                other.is_none_or(|other| other == source),
                "{source} and another"
            );
        }
    }
});
