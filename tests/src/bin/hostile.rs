//! `hostile seeds FOLDER` writes small hostile and sound images to start fuzzing
//! from; `hostile report ENGINE FILE` tries every kind of hostile image on an
//! engine and writes what became of it into the section of a document.

use std::path::Path;
use std::{env, fs};

use anyhow::{Context, Result, anyhow, bail};
use tests::hostile::{self, ALLOWANCE, Trial};
use tests::sandbox::Sandbox;
use tests::section;

/// A larger seed slows fuzzing down and teaches it little.
const LARGEST_SEED: usize = 16 << 10;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["seeds", folder] => seeds(folder.as_ref()),
        ["report", engine, file] => report(engine.as_ref(), file.as_ref()),
        _ => bail!("usage: hostile seeds FOLDER, or hostile report ENGINE FILE"),
    }
}

/// A folder for each format, by the word that names of kinds begin with.
fn seeds(folder: &Path) -> Result<()> {
    for (extension, source) in hostile::sound() {
        let format = extension.rsplit('.').next().unwrap_or(extension);
        let format = if format == "jpg" { "jpeg" } else { format };
        write(&folder.join(format), extension, &source)?;
    }
    for (number, kind) in hostile::kinds().iter().enumerate() {
        let format = kind
            .name
            .split_once(':')
            .map_or("generate", |(format, _)| format);
        let folder = folder.join(format.replace(' ', "-").to_lowercase());
        for (variation, source) in kind.sources().iter().take(8).enumerate() {
            if source.len() <= LARGEST_SEED {
                write(&folder, &format!("{number:03}-{variation}"), source)?;
            }
        }
    }
    Ok(())
}

fn write(folder: &Path, name: &str, source: &[u8]) -> Result<()> {
    fs::create_dir_all(folder)?;
    let path = folder.join(name);
    fs::write(&path, source).with_context(|| format!("cannot write {}", path.display()))
}

fn report(engine: &Path, file: &Path) -> Result<()> {
    let sandbox = Sandbox::open(engine).map_err(|error| anyhow!("{error:#}"))?;
    let kinds = hostile::kinds();
    let trials: Vec<Trial> = kinds.iter().map(|kind| Trial::of(kind, &sandbox)).collect();
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
