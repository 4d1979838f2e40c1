//! The generator of hostile images, as a command.
//!
//! | `hostile-images` | result |
//! |---|---|
//! | `seeds FOLDER` | small hostile and sound images to start fuzzing from |
//! | `report ENGINE FILE` | every kind tried on an engine, and its verdict in the section of a document |
//! | `section NAME FILE` | standard input in a section of a document |

use std::path::Path;
use std::{env, fs, io};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use tests::hostile_images::{self, ALLOWANCE, Kind, Trial};
use tests::sandbox::Sandbox;
use tests::section;

/// A larger seed slows fuzzing down and teaches it little.
const LARGEST_SEED: usize = 16 << 10;

/// Spec in front of the source in an input of the target `generate`.
const CHOICES: [u8; 16] = [0, 0, 20, 20, 0, 0, 0, 1, 7, 0, 255, 255, 255, 255, 0, 0];

/// A configuration file with a key of each kind.
const CONFIG: &str = r#"[presets]
face = "96x96,cover,webp"
wide = "1280x"
[default]
presets = ["wide", "x=9x9"]
cache-control = "no-store"
metadata = { team = "a" }
[[rule]]
name = "avatars"
bucket = ["images", "uploads"]
prefix = "avatars/"
suffix = ".jpg"
presets = ["face"]
thumbnails-bucket = "faces"
thumbnail-name = "faces/{key}/{preset}.{ext}"
copy-headers = "cache-control"
copy-tags = "*"
acl = "private"
storage-class = "STANDARD_IA"
[[rule]]
media-type = "image/png"
presets = []
"#;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["seeds", folder] => seeds(folder.as_ref()),
        ["report", engine, file] => report(engine.as_ref(), file.as_ref()),
        ["section", name, file] => {
            section::write(file.as_ref(), name, &io::read_to_string(io::stdin())?)
        }
        _ => bail!("usage: hostile-images seeds FOLDER | report ENGINE FILE | section NAME FILE"),
    }
}

/// A folder for each format, by the word that names of kinds begin with, and one
/// for each kind of text. Sources of every kind are in `generate`.
fn seeds(folder: &Path) -> Result<()> {
    for (target, text) in texts() {
        write(&folder.join(target), "sound", text.as_bytes())?;
    }
    for (extension, source) in hostile_images::sound() {
        let format = extension.rsplit('.').next().unwrap_or(extension);
        let format = if format == "jpg" { "jpeg" } else { format };
        write(&folder.join(format), extension, &source)?;
        write(&folder.join("generate"), extension, &with_spec(&source))?;
    }
    for (number, kind) in hostile_images::drawings().iter().enumerate() {
        for (variation, source) in small(kind) {
            write(
                &folder.join("svg"),
                &format!("{number:03}-{variation}"),
                &source,
            )?;
        }
    }
    for (number, kind) in hostile_images::kinds().iter().enumerate() {
        let format = kind
            .name
            .split_once(':')
            .map(|(format, _)| format.to_lowercase())
            .filter(|format| format != "any format");
        for (variation, source) in small(kind) {
            let name = format!("{number:03}-{variation}");
            write(&folder.join("generate"), &name, &with_spec(&source))?;
            if let Some(format) = &format {
                write(&folder.join(format), &name, &source)?;
            }
        }
    }
    Ok(())
}

/// The first sources of a kind, as far as they are small, by their numbers.
fn small(kind: &Kind) -> impl Iterator<Item = (usize, Vec<u8>)> {
    let sources = kind.sources().into_iter().take(8).enumerate();
    sources.filter(|(_, source)| source.len() <= LARGEST_SEED)
}

/// By target, a sound text of what it reads.
fn texts() -> [(&'static str, String); 4] {
    let digest = "0".repeat(64);
    let engine = json!({ "release": digest, "engine": digest, "name": "a", "version": "1" });
    let mut canary = engine.clone();
    canary["weight"] = 10.into();
    canary["salt"] = "1".into();
    let channel = json!({
        "channel": "stable", "serial": 1, "changed": 5,
        "current": engine, "previous": engine, "canary": canary,
    });
    let release = json!({
        "name": "a", "version": "1", "contract": "0.1.0", "published": 5,
        "wasm": { "sha256": digest, "bytes": 8 },
        "compiled": [{
            "key": "k", "target": "t", "cpu": "c", "wasmtime": "48", "sha256": digest, "bytes": 8,
        }],
    });
    let document = |kind: &str, payload: &Value| {
        let signature = json!({ "key": digest, "signature": digest.repeat(2) });
        let payload = payload.to_string();
        json!({ "format": 1, "kind": kind, "payload": payload, "signatures": [signature] })
    };
    [
        (
            "preset",
            "face=96x,cover,at(0.5;0.3),webp,q80,bg=#10203080,enlarge,png.compression=small".into(),
        ),
        ("config", CONFIG.to_owned()),
        ("channel", document("channel", &channel).to_string()),
        ("release", document("release", &release).to_string()),
    ]
}

fn with_spec(source: &[u8]) -> Vec<u8> {
    [&CHOICES, source].concat()
}

fn write(folder: &Path, name: &str, source: &[u8]) -> Result<()> {
    fs::create_dir_all(folder)?;
    let path = folder.join(name);
    fs::write(&path, source).with_context(|| format!("cannot write {}", path.display()))
}

fn report(engine: &Path, file: &Path) -> Result<()> {
    let sandbox = Sandbox::open(engine).map_err(|error| anyhow!("{error:#}"))?;
    let kinds = hostile_images::kinds();
    let trials: Vec<Trial> = kinds
        .iter()
        .map(|kind| Trial::of(kind, &sandbox, ALLOWANCE))
        .collect();
    let failures: Vec<&str> = trials
        .iter()
        .flat_map(|trial| trial.failures.iter().map(String::as_str))
        .collect();
    section::write(file, "hostile-images", &table(&trials))?;
    if !failures.is_empty() {
        bail!("not as expected:\n{}", failures.join("\n"));
    }
    Ok(())
}

fn table(trials: &[Trial]) -> String {
    let sources: usize = trials.iter().map(|trial| trial.sources).sum();
    let mut text = format!(
        "{} kinds, {sources} images, one thumbnail within 256 x 256 of each. Allowed: {} s of \
         processor time and {} MiB.\n\n| kind | images | verdict | CPU, ms | memory, MiB |\n\
         |---|--:|---|--:|--:|\n",
        trials.len(),
        ALLOWANCE.time.as_secs(),
        ALLOWANCE.memory >> 20,
    );
    for trial in trials {
        let verdicts: Vec<&str> = trial
            .verdicts
            .iter()
            .map(|verdict| verdict.words())
            .collect();
        text += &format!(
            "| {} | {} | {} | {} | {} |\n",
            trial.name,
            trial.sources,
            verdicts.join(", "),
            trial.worst.time.as_millis(),
            trial.worst.memory >> 20,
        );
    }
    text
}
