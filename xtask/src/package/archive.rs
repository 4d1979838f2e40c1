//! Archives that are the same whenever the same is packed.
//!
//! As much of the ZIP format (PKWARE's APPNOTE.TXT) as two archives of a few
//! files need: files are deflated, carry a mode, and are all dated 1980, the
//! earliest day the format knows. When they were built is nobody's business.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::DeflateEncoder;

/// Of the format that has directories and deflates, and made on Unix.
const VERSION: u16 = 20;
const UNIX: u16 = 3 << 8;
const DEFLATED: u16 = 8;

/// Midnight of the first of January 1980: the time, then the date.
const DATED: [u16; 2] = [0, 0x21];

/// A file of an archive.
pub(super) struct Entry {
    name: &'static str,
    source: PathBuf,
    mode: u32,
}

/// What both headers of a file say of it.
struct Packed {
    checksum: u32,
    bytes: u32,
    data: Vec<u8>,
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

    fn pack(&self) -> Result<Packed> {
        let path = self.source.display();
        let bytes = fs::read(&self.source).with_context(|| format!("cannot read {path}"))?;
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&bytes)?;
        Ok(Packed {
            checksum: crc32fast::hash(&bytes),
            bytes: u32::try_from(bytes.len()).with_context(|| format!("{path} is too large"))?,
            data: encoder.finish()?,
        })
    }
}

impl Packed {
    /// The fields that the header of the file and the directory share.
    fn fields(&self, name: &str) -> Result<Vec<u8>> {
        let mut fields = numbers(&[VERSION, 0, DEFLATED, DATED[0], DATED[1]]);
        fields.extend(self.checksum.to_le_bytes());
        fields.extend(u32::try_from(self.data.len())?.to_le_bytes());
        fields.extend(self.bytes.to_le_bytes());
        fields.extend(numbers(&[u16::try_from(name.len())?, 0]));
        Ok(fields)
    }
}

/// Packs files in the order given.
///
/// # Errors
///
/// If a file cannot be read or written, or is larger than the format allows.
pub(super) fn archive(path: &Path, entries: &[Entry]) -> Result<()> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let packed = entry.pack()?;
        let fields = packed.fields(entry.name)?;
        directory.extend(b"PK\x01\x02");
        directory.extend(numbers(&[UNIX | VERSION]));
        directory.extend(&fields);
        directory.extend(numbers(&[0, 0, 0]));
        directory.extend(((0o100_000 | entry.mode) << 16).to_le_bytes());
        directory.extend(u32::try_from(file.len())?.to_le_bytes());
        directory.extend(entry.name.as_bytes());
        file.extend(b"PK\x03\x04");
        file.extend(&fields);
        file.extend(entry.name.as_bytes());
        file.extend(&packed.data);
    }
    let count = u16::try_from(entries.len())?;
    let sizes = [
        u32::try_from(directory.len())?,
        u32::try_from(file.len()).context("the archive is too large")?,
    ];
    file.extend(directory);
    file.extend(b"PK\x05\x06");
    file.extend(numbers(&[0, 0, count, count]));
    file.extend(sizes.iter().flat_map(|size| size.to_le_bytes()));
    file.extend(numbers(&[0]));
    fs::write(path, file).with_context(|| format!("cannot write {}", path.display()))
}

fn numbers(numbers: &[u16]) -> Vec<u8> {
    numbers
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect()
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
