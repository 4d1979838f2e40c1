//! Inputs that broke other programs in the field, through the component.
//!
//! `THIMBLE_FIELD_CASES` names a folder with the files `cases.json` and
//! `cases-heldout.json`. Each case states a source and its outcome: a status,
//! and for a picture the size, some of its pixels with a tolerance, and whether
//! a warning is due. The limits are those of a host, unless it is told others.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;
use tests::sandbox::{Allowance, Answer, Sandbox};
use thimble::contract::{Bounds, Budget, Encoding, Error, Limits, Output, Spec};

/// Files of cases, one or more of which the folder has.
const LISTS: [&str; 2] = ["cases.json", "cases-heldout.json"];

#[test]
fn sources_of_the_field_come_out_right_or_are_refused_for_the_right_reason() {
    let Some(folder) = env::var_os("THIMBLE_FIELD_CASES").map(PathBuf::from) else {
        report("not run: THIMBLE_FIELD_CASES does not name a folder of cases");
        return;
    };
    let cases = cases(&folder);
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    let trial = Trial::new(&folder);
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| trial.judge(case).err().map(|reason| (case, reason)))
        .map(|(case, reason)| format!("{}: {reason}", text(&case["file"])))
        .collect();
    let right = cases.len() - failures.len();
    report(&format!("{right} of {} cases are right", cases.len()));
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

fn cases(folder: &Path) -> Vec<Value> {
    let lists = LISTS.iter().map(|list| folder.join(list));
    lists
        .filter(|list| list.exists())
        .flat_map(|list| {
            let list: Vec<Value> = serde_json::from_slice(&fs::read(list).unwrap()).unwrap();
            list
        })
        .collect()
}

/// An engine, and the folder of the sources.
struct Trial {
    sandbox: Sandbox,
    folder: PathBuf,
}

impl Trial {
    fn new(folder: &Path) -> Trial {
        Trial {
            sandbox: Sandbox::open(&testkit::built::engine()).unwrap(),
            folder: folder.into(),
        }
    }

    fn judge(&self, case: &Value) -> Result<(), String> {
        let source = fs::read(self.folder.join(text(&case["file"]))).unwrap();
        let expected = &case["expect"];
        match (text(&expected["status"]), self.make(&source, case)?) {
            ("done", Ok(output)) => judge_picture(expected, &output),
            ("done", Err(error)) => Err(error.to_string()),
            (_, Err(error)) if kind(&error) == text(&expected["kind"]) => Ok(()),
            (_, Err(error)) => Err(error.to_string()),
            // A case may allow for a picture instead, if it is not shown in silence.
            (_, Ok(output)) if !expected["or"].is_null() && !output.warnings.is_empty() => Ok(()),
            (_, Ok(_)) => Err("a thumbnail without a word".into()),
        }
    }

    fn make(&self, source: &[u8], case: &Value) -> Result<Answer, String> {
        let allowance = Allowance {
            memory: Budget::MEMORY,
            time: Budget::TIME,
        };
        let bounds = bounds(case["preset"].as_str().unwrap_or("full=4096x4096"));
        self.sandbox
            .generate(source, &[spec(bounds)], Limits::default(), allowance)
            .map_err(|death| format!("the engine {death}"))
    }
}

fn judge_picture(expected: &Value, output: &Output) -> Result<(), String> {
    let size = [&expected["size"][0], &expected["size"][1]].map(number);
    let found = output.source.dimensions;
    let thumbnail = image::load_from_memory(&output.thumbnails[0].data).unwrap();
    let thumbnail = thumbnail.to_rgba8();
    // Cases with a preset state the size of the thumbnail, others that of the source.
    if [found.width, found.height] != size && [thumbnail.width(), thumbnail.height()] != size {
        return Err(format!("{}x{} pixels", found.width, found.height));
    }
    let tolerance = number(&expected["tolerance"]);
    for pixel in expected["pixels"].as_array().unwrap() {
        let at = [&pixel[0][0], &pixel[0][1]].map(number);
        let x = u64::from(at[0]) * u64::from(thumbnail.width()) / u64::from(size[0]);
        let y = u64::from(at[1]) * u64::from(thumbnail.height()) / u64::from(size[1]);
        let made = thumbnail.get_pixel(x as u32, y as u32).0;
        let wanted: Vec<u32> = pixel[1].as_array().unwrap().iter().map(number).collect();
        if !is_near(&wanted, made, tolerance) {
            return Err(format!("{made:?} at {at:?}, not {wanted:?}"));
        }
    }
    if expected["warning"] == true && output.warnings.is_empty() {
        return Err("done without a warning".into());
    }
    Ok(())
}

/// True if a pixel is as wanted: red, green and blue, opaque unless a fourth
/// number says otherwise. Transparent pixels have no color.
fn is_near(wanted: &[u32], made: [u8; 4], tolerance: u32) -> bool {
    let alpha = wanted.get(3).copied().unwrap_or(255);
    let channels = if alpha == 0 { 0 } else { 3 };
    let near = |wanted: u32, made: u8| wanted.abs_diff(made.into()) <= tolerance;
    near(alpha, made[3]) && (0..channels).all(|channel| near(wanted[channel], made[channel]))
}

fn kind(error: &Error) -> &'static str {
    match error {
        Error::UnsupportedFormat(_) => "unsupported-format",
        Error::MalformedSource(_) => "malformed-source",
        Error::LimitExceeded(_) => "limit-exceeded",
        Error::InvalidSpec(_) => "invalid-spec",
        Error::Other(_) => "other",
    }
}

/// The bounds of a preset: `name=256x256,inside,png`. All cases are of that make.
fn bounds(preset: &str) -> Bounds {
    let (_, rest) = preset.split_once('=').unwrap();
    let (width, height) = rest.split(',').next().unwrap().split_once('x').unwrap();
    Bounds {
        width: Some(width.parse().unwrap()),
        height: Some(height.parse().unwrap()),
    }
}

fn spec(bounds: Bounds) -> Spec {
    Spec {
        bounds,
        encoding: Encoding {
            media_type: Some("image/png".into()),
            quality: None,
        },
        ..Spec::default()
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn number(value: &Value) -> u32 {
    value.as_u64().unwrap().try_into().unwrap()
}

/// Says something even if the test passes: the harness keeps what the printing
/// macros say to itself.
fn report(line: &str) {
    let line = format!("field cases: {line}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
