//! A contact sheet of the samples' thumbnails.
//!
//! The folder is one that `thimble local` worked in: sources in `images`,
//! thumbnails in `thumbnails/<source>/<preset>.<ending>`. Two sheets are
//! written: a page that needs no other file, and a picture.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::catalog::{SAMPLES, Sample};

mod page;
mod picture;

/// The preset whose thumbnails the page shows, and the one for its corners.
const SHOWN: &str = "card";
const CORNER: &str = "icon";

/// The preset whose thumbnails, which are PNG files, make the picture.
const CELL: &str = "cell";

/// One image and its thumbnails.
struct Entry {
    sample: &'static Sample,
    /// Bytes of the source.
    source: u64,
    shown: Option<Thumbnail>,
    corner: Option<Thumbnail>,
    cell: Option<Thumbnail>,
}

/// One thumbnail.
struct Thumbnail {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// Writes `contact-sheet.html` and `contact-sheet.full.png` into `folder`.
///
/// # Errors
///
/// If a source is missing or a file cannot be read or written. A thumbnail that
/// is missing is no error: the sheet shows a gap in its place.
pub(crate) fn write(folder: &Path) -> Result<()> {
    let entries = SAMPLES.iter().map(|sample| Entry::read(folder, sample));
    let entries = entries.collect::<Result<Vec<_>>>()?;
    save(
        &folder.join("contact-sheet.html"),
        page::page(&entries).as_bytes(),
    )?;
    save(
        &folder.join("contact-sheet.full.png"),
        &picture::picture(&entries)?,
    )
}

impl Entry {
    fn read(folder: &Path, sample: &'static Sample) -> Result<Self> {
        let source = folder.join("images").join(sample.name);
        let source = fs::metadata(&source)
            .with_context(|| format!("there is no sample: {}", source.display()))?
            .len();
        let made = folder.join("thumbnails").join(sample.name);
        let shown = Thumbnail::find(&made, SHOWN)?;
        let corner = Thumbnail::find(&made, CORNER)?;
        let cell = Thumbnail::find(&made, CELL)?;
        Ok(Self {
            sample,
            source,
            shown,
            corner,
            cell,
        })
    }
}

impl Thumbnail {
    /// The file of a preset, whatever its ending.
    fn find(folder: &Path, preset: &str) -> Result<Option<Self>> {
        let Ok(files) = fs::read_dir(folder) else {
            return Ok(None);
        };
        for file in files {
            let path = file?.path();
            if path.file_stem().is_some_and(|stem| stem == preset) {
                let bytes =
                    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
                return Ok(Some(Self { path, bytes }));
            }
        }
        Ok(None)
    }

    /// `jpg`, `png`, ...
    fn ending(&self) -> &str {
        self.path
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default()
    }
}

fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    crate::save(path, bytes)?;
    println!("{}", path.display());
    Ok(())
}
