//! A JSON schema of the file, for editors.

use serde_json::{Map, Value, json};

use super::keys::{KEYS, Kind, Section};

/// The schema, by which an editor completes keys and marks those that there are not.
pub fn schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "thimble.toml",
        "description": "Which sources get which thumbnails.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "presets": {
                "description": "Presets by their names, such as small = \"200x200,cover,webp\".",
                "type": "object",
                "propertyNames": { "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$" },
                "additionalProperties": { "type": "string" },
            },
            "default": {
                "description": "The thumbnails of sources that no rule takes.",
                "type": "object",
                "additionalProperties": false,
                "properties": properties(&[Section::Output]),
            },
            "rule": {
                "description": "Rules, of which the first that takes a source decides.",
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": properties(&[Section::Sources, Section::Output]),
                },
            },
        },
    })
}

fn properties(places: &[Section]) -> Value {
    let keys = KEYS.iter().filter(|key| places.contains(&key.section));
    let properties: Map<String, Value> = keys
        .map(|key| {
            let mut property = of_kind(key.kind);
            property["description"] = Value::from(key.meaning);
            (key.name.to_owned(), property)
        })
        .collect();
    Value::Object(properties)
}

fn of_kind(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Texts => json!({
            "anyOf": [
                { "type": "string" },
                { "type": "array", "items": { "type": "string" } },
            ],
        }),
        Kind::Table => json!({
            "type": "object",
            "additionalProperties": { "type": "string" },
        }),
    }
}
