//! A corpus of images, kept outside of the repository.
//!
//! `THIMBLE_CORPUS` names its folder: either one that holds `MANIFEST.jsonl`, or
//! one that holds `corpus.tar.gz`. A line of the manifest is a JSON object that
//! says of an image in which file it is, whether it has an ICC profile, and in
//! which file the thumbnail expected of it is, if there is one. The folder above
//! the image is its format, and the one above that what to expect of it:
//! `valid`, `disputed` or `malformed`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// One image of the corpus.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its file, within the corpus.
    pub file: String,
    /// True if it has an ICC profile.
    pub has_profile: bool,
    expected: Option<String>,
}

/// The corpus, unpacked.
#[derive(Clone, Debug)]
pub struct Corpus {
    folder: PathBuf,
    /// Its images, in the order of the manifest.
    pub entries: Vec<Entry>,
}

impl Corpus {
    /// Opens the corpus that the environment names, unpacking it into `scratch`
    /// if it has to be; `None` if the environment names none.
    ///
    /// # Errors
    ///
    /// If there is no corpus where the environment says.
    pub fn open(scratch: &Path) -> Result<Option<Corpus>> {
        let Some(folder) = env::var_os("THIMBLE_CORPUS").map(PathBuf::from) else {
            return Ok(None);
        };
        let archive = folder.join("corpus.tar.gz");
        let folder = if folder.join(MANIFEST).exists() {
            folder
        } else if archive.exists() {
            unpack(&archive, &scratch.join("corpus"))?
        } else {
            bail!(
                "neither {MANIFEST} nor corpus.tar.gz is in {}",
                folder.display()
            );
        };
        let manifest = fs::read_to_string(folder.join(MANIFEST))?;
        let entries = manifest.lines().map(Entry::parse).collect::<Result<_>>()?;
        Ok(Some(Corpus { folder, entries }))
    }

    /// The image.
    ///
    /// # Errors
    ///
    /// If it can't be read.
    pub fn source(&self, entry: &Entry) -> Result<Vec<u8>> {
        self.read(&entry.file)
    }

    /// The thumbnail expected of the image, encoded as PNG.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn expected(&self, entry: &Entry) -> Result<Vec<u8>> {
        let file = entry.expected.as_deref();
        self.read(file.with_context(|| format!("nothing is expected of {}", entry.file))?)
    }

    fn read(&self, file: &str) -> Result<Vec<u8>> {
        let path = self.folder.join(file);
        fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
    }
}

/// The image without the little that the second decoder does not know of: the gamma and
/// the chromaticities of a PNG, and the profile of a bitmap and its alpha where no other
/// program looks for one. Tests of our own hold what the engine makes of these.
#[must_use]
pub fn as_the_second_decoder_reads(mut source: Vec<u8>) -> Vec<u8> {
    if source.starts_with(b"\x89PNG\r\n\x1a\n") {
        return without_chunks(&source, [b"gAMA", b"cHRM"]);
    }
    let number = |at: usize| {
        let bytes = source.get(at..)?.first_chunk()?;
        Some(u32::from_le_bytes(*bytes))
    };
    let is_bitmap = source.starts_with(b"BM");
    if let Some(header @ 56..=124) = number(14).filter(|_| is_bitmap) {
        let bits = number(26).unwrap_or(0) >> 16;
        if bits == 16 || bits == 32 && number(30) == Some(0) {
            source[14 + 52..14 + 56].fill(0);
        }
        if header == 124 {
            source[14 + 56..14 + 60].fill(0);
        }
    }
    source
}

fn without_chunks(png: &[u8], names: [&[u8; 4]; 2]) -> Vec<u8> {
    let (head, mut rest) = png.split_at(8);
    let mut kept = head.to_vec();
    while let Some(length) = rest.first_chunk() {
        let length = u32::from_be_bytes(*length) as usize;
        let name = rest.get(4..8).unwrap_or_default();
        let (chunk, behind) = rest.split_at((length.saturating_add(12)).min(rest.len()));
        if !names.iter().any(|other| name == *other) {
            kept.extend_from_slice(chunk);
        }
        rest = behind;
    }
    kept.extend_from_slice(rest);
    kept
}

const MANIFEST: &str = "MANIFEST.jsonl";

impl Entry {
    fn parse(line: &str) -> Result<Entry> {
        let value: Value = serde_json::from_str(line)?;
        let file = value["file"]
            .as_str()
            .context("an image without a file")?
            .to_owned();
        Ok(Entry {
            file,
            has_profile: value["icc"].as_bool().unwrap_or_default(),
            expected: value["expected"].as_str().map(Into::into),
        })
    }

    /// Class of the image, which says what to expect of it, and its format.
    pub fn class(&self) -> (&str, &str) {
        let mut parts = self.file.split('/');
        (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        )
    }
}

fn unpack(archive: &Path, target: &Path) -> Result<PathBuf> {
    if !target.join(MANIFEST).exists() {
        fs::create_dir_all(target)?;
        let status = Command::new("tar")
            .arg("-xzf")
            .arg(archive)
            .arg("-C")
            .arg(target)
            .arg("--strip-components=1")
            .status()
            .context("cannot run tar to unpack the corpus")?;
        if !status.success() {
            bail!("cannot unpack {}", archive.display());
        }
    }
    Ok(target.to_path_buf())
}
