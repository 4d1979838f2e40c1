//! Sample images to try things with, made here and now, and a contact sheet.
//!
//! ```text
//! cargo samples FOLDER            write sample images, one of them broken
//! cargo samples --repair FOLDER   mend the broken one
//! cargo samples --large FOLDER    write large images, for benchmarks
//! cargo samples --sheet FOLDER    lay the thumbnails of samples out
//! ```

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

mod camera;
mod catalog;
mod drawing;
mod encode;
mod large;
mod light;
mod noise;
mod scenes;
mod screen;
mod sheet;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--repair", folder] => catalog::repair(Path::new(folder)),
        ["--large", folder] => large::write(Path::new(folder)),
        ["--sheet", folder] => sheet::write(Path::new(folder)),
        [folder] if !folder.starts_with('-') => catalog::write(Path::new(folder)),
        _ => bail!("usage: cargo samples [--repair | --large | --sheet] FOLDER"),
    }
}

/// Writes a file, and the folder that it belongs in.
fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file has a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
