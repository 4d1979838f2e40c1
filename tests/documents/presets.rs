//! `bindings/presets.json`: the meaning of presets and the defaults of the host, as
//! a table that the packages for JavaScript and Python are tested with.
//!
//! `make documents` writes the answers anew. A new case is a new line there, with
//! nothing but `"line"` in it.

use std::env;
use std::fs;

use serde_json::{Value, json};
use thimble::config::MAX_SOURCE;
use thimble::contract::{Budget, Fit, Focus, Limits, Spec};
use thimble::preset::{Preset, PresetError, Problem};
use thimble::text;

use crate::checkout;

const TABLE: &str = "bindings/presets.json";

fn defaults() -> Value {
    let limits = Limits::default();
    let budget = Budget::default();
    json!({
        "presets": Preset::defaults().map(|preset| preset.to_string()),
        "limits": {
            "maxPixels": limits.max_pixels,
            "maxSide": limits.max_side,
            "maxFrames": limits.max_frames,
            "maxProfile": limits.max_profile,
            "maxOutputSide": limits.max_output_side,
        },
        "memory": budget.memory,
        "seconds": budget.time.as_secs(),
        "maxSource": MAX_SOURCE,
    })
}

fn answer(line: &str) -> Value {
    match line.parse::<Preset>() {
        Ok(preset) => json!({
            "line": line,
            "name": preset.name(),
            "written": preset.to_string(),
            "spec": spec(preset.spec()),
        }),
        Err(error) => json!({
            "line": line,
            "problem": problem(&error),
            "column": error.column(),
            "length": error.pointer().matches('^').count() - line.matches('^').count(),
            "message": error.to_string(),
        }),
    }
}

fn spec(spec: &Spec) -> Value {
    let fit = match spec.fit {
        Fit::Inside => "inside",
        Fit::Outside => "outside",
        Fit::Cover => "cover",
        Fit::Contain => "contain",
        Fit::Fill => "fill",
    };
    let focus = match spec.focus {
        Focus::Center => json!("center"),
        Focus::Salient => json!("salient"),
        Focus::At(point) => json!([point.x, point.y]),
    };
    let color = spec.background;
    let settings = spec.settings.iter();
    let settings: Vec<_> = settings.map(|s| json!([s.name, s.value])).collect();
    json!({
        "bounds": [spec.bounds.width, spec.bounds.height],
        "fit": fit,
        "focus": focus,
        "background": [color.red, color.green, color.blue, color.alpha],
        "enlarge": spec.enlarge,
        "format": spec.encoding.media_type,
        "quality": spec.encoding.quality,
        "settings": settings,
    })
}

fn problem(error: &PresetError) -> &'static str {
    match error.problem() {
        Problem::NoName => "no-name",
        Problem::Name => "name",
        Problem::Bounds => "bounds",
        Problem::Side => "side",
        Problem::Word { .. } => "word",
        Problem::Twice(_) => "twice",
        Problem::Quality => "quality",
        Problem::MaxBytes => "max-bytes",
        Problem::NoQuality => "no-quality",
        Problem::Point => "point",
        Problem::Color => "color",
        Problem::SettingName => "setting-name",
        Problem::SettingValue => "setting-value",
    }
}

/// One case on a line, so that a difference shows the cases that changed.
fn written(defaults: &Value, cases: &[Value]) -> String {
    let case = |case| format!("    {}", text::json(case).expect("JSON has a text"));
    let cases: Vec<String> = cases.iter().map(case).collect();
    format!(
        "{{\n  \"defaults\": {defaults},\n  \"cases\": [\n{}\n  ]\n}}\n",
        cases.join(",\n")
    )
}

#[test]
fn presets_mean_in_every_language_what_they_mean_here() {
    let text = checkout::read(TABLE);
    let table: Value = serde_json::from_str(&text).expect("a table of JSON");
    let lines = table["cases"].as_array().expect("cases").iter();
    let lines = lines.map(|case| case["line"].as_str().expect("a line"));
    let cases: Vec<Value> = lines.map(answer).collect();
    assert!(cases.len() > 100, "{} cases", cases.len());
    if env::var_os("THIMBLE_BLESS").is_some() {
        let text = written(&defaults(), &cases);
        fs::write(checkout::path(TABLE), text).expect("the table can be written");
        return;
    }
    assert_eq!(
        table["defaults"],
        defaults(),
        "{TABLE}: run `make documents`"
    );
    for (case, answer) in table["cases"].as_array().into_iter().flatten().zip(&cases) {
        assert_eq!(case, answer, "{TABLE}: run `make documents`");
    }
}
