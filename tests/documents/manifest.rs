//! The schema of manifests describes those that a host writes.

use std::collections::BTreeSet;

use serde_json::Value;
use thimble::manifest::Manifest;
use thimble::object::Location;
use thimble::results::{LONGEST, Outcome};
use thimble::testing::world::World;

use crate::checkout;

fn schema() -> Value {
    serde_json::from_str(&checkout::read("docs/manifest.schema.json")).expect("it is JSON")
}

/// The manifest of a source that reads `body`, in the form that it has in JSON.
async fn manifest(body: &str) -> Value {
    serde_json::to_value(written(body).await).expect("it has a form in JSON")
}

/// The short form of a manifest that is too long for a message.
async fn short() -> Value {
    let mut long = written("png cat").await;
    long.warnings.push("x".repeat(LONGEST));
    let whole = Location::new("thumbnails", "a/cat/manifest.json");
    let told = Outcome::new(&long, &[], Some(&whole)).expect("it has a form in JSON");
    serde_json::from_str(told.message()).expect("it is JSON")
}

/// The manifest of a source that reads `body`.
async fn written(body: &str) -> Manifest {
    let world = World::new().with_manifests();
    let event = world.write("a/cat", body).await;
    // A failure has a manifest as well.
    let _ = world.pipeline().process(&event, None).await;
    let manifest = world.manifests().await.remove("a/cat");
    manifest.expect("a manifest")
}

/// Everything that is wrong with `value`, at `place`, by the words of schemas that ours
/// uses. The paths of all properties that were met are added to `met`.
fn mistakes(schema: &Value, value: &Value, place: &str, met: &mut BTreeSet<String>) -> Vec<String> {
    met.insert(place.to_owned());
    let mut wrong = Vec::new();
    let is_type = match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("integer") => value.is_u64(),
        Some(other) => panic!("{place}: this test does not know the type {other}"),
        None => schema.get("enum").is_some() || schema.get("const").is_some(),
    };
    let is_least = schema["minimum"]
        .as_u64()
        .is_none_or(|least| value.as_u64() >= Some(least));
    let is_listed = schema["enum"]
        .as_array()
        .is_none_or(|all| all.contains(value));
    let is_const = schema.get("const").is_none_or(|only| only == value);
    if !(is_type && is_least && is_listed && is_const) {
        wrong.push(format!("{place}: {value}"));
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        if value.get(name.as_str().expect("a name")).is_none() {
            wrong.push(format!("{place} lacks {name}"));
        }
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(schema) => wrong.extend(mistakes(schema, value, &format!("{place}.{name}"), met)),
            None => wrong.push(format!(
                "{place} has {name}, of which the schema knows nothing"
            )),
        }
    }
    for value in value.as_array().into_iter().flatten() {
        wrong.extend(mistakes(
            &schema["items"],
            value,
            &format!("{place}[]"),
            met,
        ));
    }
    wrong
}

/// The paths of all properties of a schema.
fn described(schema: &Value, place: &str, all: &mut BTreeSet<String>) {
    all.insert(place.to_owned());
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        described(schema, &format!("{place}.{name}"), all);
    }
    if schema.get("items").is_some() {
        described(&schema["items"], &format!("{place}[]"), all);
    }
}

#[tokio::test]
async fn manifests_are_as_their_schema_says() {
    let schema = schema();
    let mut met = BTreeSet::new();
    let bodies = ["png cat", "trap", "nonsense"];
    let whole = futures_util::future::join_all(bodies.map(manifest)).await;
    for manifest in whole.into_iter().chain([short().await]) {
        let wrong = mistakes(&schema, &manifest, "manifest", &mut met);
        assert_eq!(wrong, [""; 0], "{manifest:#}");
    }
    let mut all = BTreeSet::new();
    described(&schema, "manifest", &mut all);
    let unmet: Vec<_> = all.difference(&met).map(String::as_str).collect();
    // The store of the test keeps one version, and its engine warns of nothing.
    assert_eq!(unmet, ["manifest.source.version", "manifest.warnings[]"]);
}

#[tokio::test]
async fn what_is_no_manifest_is_not_as_the_schema_says() {
    let schema = schema();
    let good = manifest("png cat").await;
    let changes: [fn(&mut Value); 4] = [
        |manifest| manifest["version"] = 2.into(),
        |manifest| manifest["state"] = "maybe".into(),
        |manifest| manifest["thumbnails"][0]["bytes"] = 0.into(),
        |manifest| {
            drop(
                manifest["source"]
                    .as_object_mut()
                    .map(|it| it.remove("etag")),
            )
        },
    ];
    for change in changes {
        let mut bad = good.clone();
        change(&mut bad);
        let wrong = mistakes(&schema, &bad, "manifest", &mut BTreeSet::new());
        assert_eq!(wrong.len(), 1, "{wrong:?}");
    }
}
