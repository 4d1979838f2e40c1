//! Sections of a document that a command writes, between two marks.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Replaces what is between `<!-- begin: NAME -->` and `<!-- end: NAME -->`.
///
/// # Errors
///
/// If the document or one of its marks is not there.
pub fn write(file: &Path, name: &str, text: &str) -> Result<()> {
    let document = fs::read_to_string(file)
        .with_context(|| format!("cannot read the document: {}", file.display()))?;
    let (begin, end) = (
        format!("<!-- begin: {name} -->"),
        format!("<!-- end: {name} -->"),
    );
    let missing = || {
        format!(
            "{} has no section between {begin} and {end}",
            file.display()
        )
    };
    let (before, rest) = document.split_once(&begin).with_context(missing)?;
    let (_, after) = rest.split_once(&end).with_context(missing)?;
    fs::write(file, format!("{before}{begin}\n{text}{end}{after}"))?;
    Ok(())
}
