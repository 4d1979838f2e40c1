//! Archives that are the same whenever the same is packed.
//!
//! Files are deflated, carry a mode, and are all dated 1980, the earliest day the
//! format knows: when they were built is nobody's business.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// A file of an archive.
pub(super) struct Entry {
    name: &'static str,
    source: PathBuf,
    mode: u32,
}

impl Entry {
    /// One that is run.
    pub(super) fn program(name: &'static str, source: PathBuf) -> Self {
        let mode = 0o755;
        Self { name, source, mode }
    }

    /// One that is read.
    pub(super) fn data(name: &'static str, source: PathBuf) -> Self {
        let mode = 0o644;
        Self { name, source, mode }
    }

    fn options(&self) -> SimpleFileOptions {
        SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(9))
            .last_modified_time(DateTime::default())
            .unix_permissions(self.mode)
    }
}

/// Packs files in the order given.
///
/// # Errors
///
/// If a file cannot be read or written, or is larger than the format allows.
pub(super) fn archive(path: &Path, entries: &[Entry]) -> Result<()> {
    let written = || format!("cannot write {}", path.display());
    let mut archive = ZipWriter::new(File::create(path).with_context(written)?);
    for entry in entries {
        let bytes = fs::read(&entry.source)
            .with_context(|| format!("cannot read {}", entry.source.display()))?;
        archive
            .start_file(entry.name, entry.options())
            .with_context(written)?;
        archive.write_all(&bytes).with_context(written)?;
    }
    archive.finish().with_context(written)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Entry, archive};

    #[test]
    fn an_archive_is_the_same_each_time_and_other_programs_read_it() {
        let folder = std::env::temp_dir().join(format!("archive-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let source = folder.join("source");
        std::fs::write(&source, "what is packed ".repeat(1000)).unwrap();
        let pack = |name: &str| {
            let path = folder.join(name);
            let entries = [
                Entry::program("bootstrap", source.clone()),
                Entry::data("engine.wasm", source.clone()),
            ];
            archive(&path, &entries).unwrap();
            path
        };
        let (first, second) = (pack("first.zip"), pack("second.zip"));
        assert_eq!(
            std::fs::read(&first).unwrap(),
            std::fs::read(second).unwrap()
        );
        let program = "import sys, zipfile as z; a = z.ZipFile(sys.argv[1]); assert a.testzip() is \
                       None; print([(i.filename, oct(i.external_attr >> 16), i.file_size) for i in \
                       a.infolist()])";
        let read = Command::new("python3")
            .args(["-c", program])
            .arg(first)
            .output();
        if let Ok(read) = read {
            let said = String::from_utf8_lossy(&read.stdout).into_owned();
            let expected = "[('bootstrap', '0o100755', 15000), ('engine.wasm', '0o100644', 15000)]";
            assert_eq!(
                said.trim(),
                expected,
                "{}",
                String::from_utf8_lossy(&read.stderr)
            );
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
