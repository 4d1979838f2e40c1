//! Recipes as a configuration file in which each rule has all that holds for it.

use std::fmt::Write as _;

use serde_json::Value;

use super::UNKNOWN;
use crate::recipe::{Recipe, Recipes, Rule, Sources};

/// The text of the file.
pub(super) fn text(recipes: &Recipes) -> String {
    let mut text = "[default]\n".to_owned();
    output(&mut text, &recipes.default);
    for Rule {
        name,
        sources,
        recipe,
    } in &recipes.rules
    {
        text.push_str("\n[[rule]]\n");
        if let Some(name) = name {
            line(&mut text, "name", &quoted(name));
        }
        let Sources {
            buckets,
            prefixes,
            suffixes,
            media_types,
        } = sources;
        for (key, entries) in [
            ("bucket", buckets),
            ("prefix", prefixes),
            ("suffix", suffixes),
            ("media-type", media_types),
        ] {
            if !entries.is_empty() {
                line(&mut text, key, &list(entries));
            }
        }
        output(&mut text, recipe);
    }
    text
}

fn output(text: &mut String, recipe: &Recipe) {
    let presets: Vec<String> = recipe.presets.iter().map(ToString::to_string).collect();
    line(text, "presets", &list(&presets));
    if presets.is_empty() {
        return;
    }
    if recipe.bucket != UNKNOWN {
        line(text, "thumbnails-bucket", &quoted(&recipe.bucket));
    }
    line(text, "thumbnail-name", &quoted(&recipe.naming.to_string()));
    if let Some(manifests) = &recipe.manifests {
        line(text, "manifest-name", &quoted(&manifests.name.to_string()));
    }
    if let Some(header) = &recipe.cache_control {
        line(text, "cache-control", &quoted(header));
    }
    if !recipe.metadata.is_empty() {
        let entries = recipe.metadata.iter();
        let entries: Vec<String> = entries
            .map(|(name, value)| format!("{name} = {}", quoted(value)))
            .collect();
        line(text, "metadata", &format!("{{ {} }}", entries.join(", ")));
    }
    let Recipe {
        copies, storage, ..
    } = recipe;
    for (key, names) in [
        ("copy-headers", &copies.headers),
        ("copy-metadata", &copies.metadata),
        ("copy-tags", &copies.tags),
    ] {
        if !names.is_empty() {
            line(text, key, &list(names));
        }
    }
    for (key, word) in [
        ("acl", &storage.acl),
        ("storage-class", &storage.class),
        ("kms-key", &storage.kms_key),
    ] {
        if let Some(word) = word {
            line(text, key, &quoted(word));
        }
    }
}

fn line(text: &mut String, key: &str, value: &str) {
    // A string takes everything.
    let _ = writeln!(text, "{key} = {value}");
}

fn list(entries: &[String]) -> String {
    let entries: Vec<String> = entries.iter().map(|entry| quoted(entry)).collect();
    format!("[{}]", entries.join(", "))
}

/// A text in quotes: the escapes of JSON are some of those of TOML.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
