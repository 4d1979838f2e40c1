//! A contact sheet of the samples' thumbnails, drawn from their manifests.
//!
//! The folder is one that `thimble local --manifest` worked in: sources in `images`,
//! manifests in `thumbnails/<source>/manifest.json`. Two sheets are written: a page that
//! needs no other file, and a picture.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;

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
    placeholder: Placeholder,
    /// The reason why there is no thumbnail.
    reason: Option<String>,
}

/// One thumbnail.
struct Thumbnail {
    bytes: Vec<u8>,
    media_type: String,
    key: String,
    width: u32,
    height: u32,
}

/// The part of a manifest that is read.
#[derive(Deserialize)]
struct Manifest {
    thumbnails: Vec<Described>,
    #[serde(default)]
    placeholder: Placeholder,
    reason: Option<Reason>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    preset: String,
    key: String,
    media_type: String,
    width: u32,
    height: u32,
}

/// Stand-ins for a thumbnail until it has arrived.
#[derive(Default, Deserialize)]
struct Placeholder {
    /// ThumbHash, in base64.
    thumbhash: Option<String>,
    /// The dominant color, as CSS writes it.
    color: Option<String>,
}

#[derive(Deserialize)]
struct Reason {
    message: String,
}

/// Writes `contact-sheet.html` and `contact-sheet.full.png` into `folder`.
///
/// # Errors
///
/// If a source or its manifest is missing, or a file cannot be read or written. A
/// source that was rejected is no error: the sheet says why.
pub(crate) fn write(folder: &Path) -> Result<()> {
    let entries = SAMPLES.iter().map(|sample| Entry::read(folder, sample));
    let entries = entries.collect::<Result<Vec<_>>>()?;
    save(
        &folder.join("contact-sheet.html"),
        page::page(&entries)?.as_bytes(),
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
        let made = folder.join("thumbnails");
        let manifest: Manifest = json(&made.join(sample.name).join("manifest.json"))?;
        let thumbnail = |preset| manifest.read(&made, preset);
        let (shown, corner, cell) = (thumbnail(SHOWN)?, thumbnail(CORNER)?, thumbnail(CELL)?);
        Ok(Self {
            sample,
            source,
            shown,
            corner,
            cell,
            placeholder: manifest.placeholder,
            reason: manifest.reason.map(|reason| reason.message),
        })
    }
}

impl Manifest {
    /// The thumbnail of a preset, if the manifest names one.
    fn read(&self, folder: &Path, preset: &str) -> Result<Option<Thumbnail>> {
        let Some(described) = self.thumbnails.iter().find(|each| each.preset == preset) else {
            return Ok(None);
        };
        Ok(Some(Thumbnail {
            bytes: read(&folder.join(&described.key))?,
            media_type: described.media_type.clone(),
            key: described.key.clone(),
            width: described.width,
            height: described.height,
        }))
    }
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_slice(&read(path)?)
        .with_context(|| format!("this is no manifest: {}", path.display()))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    crate::save(path, bytes)?;
    println!("{}", path.display());
    Ok(())
}
