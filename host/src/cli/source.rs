//! The file of an image, read if it should be.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Reason not to read a file.
#[derive(Debug, thiserror::Error)]
pub(super) enum SourceError {
    #[error("it is a folder; name the images in it, such as FOLDER/*.jpg")]
    Folder,
    #[error("it is not a regular file")]
    NotAFile,
    #[error("it is empty")]
    Empty,
    #[error("it has {size} bytes, and at most {limit} are read; see --max-bytes")]
    TooLarge { size: u64, limit: u64 },
    #[error("it cannot be read")]
    Io(#[from] io::Error),
}

impl SourceError {
    /// A stable word for programs that read what we write.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Folder | Self::NotAFile => "not-a-file",
            Self::Empty => "empty-file",
            Self::TooLarge { .. } => "source-too-large",
            Self::Io(_) => "unreadable",
        }
    }
}

/// True if the standard input or output is meant. A file of that name goes by `./-`.
pub(super) fn is_stream(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Reads the standard input, or a regular file, of at most `limit` bytes. Another
/// pipe or a device would never have to end, and a file that grows while it is read
/// stops at the limit.
pub(super) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, SourceError> {
    if is_stream(path) {
        return bytes(io::stdin().lock(), 0, limit);
    }
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(SourceError::Folder);
    }
    if !metadata.is_file() {
        return Err(SourceError::NotAFile);
    }
    let size = metadata.len();
    if size > limit {
        return Err(SourceError::TooLarge { size, limit });
    }
    bytes(File::open(path)?, size, limit)
}

fn bytes(from: impl Read, expected: u64, limit: u64) -> Result<Vec<u8>, SourceError> {
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default());
    from.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 {
        0 => Err(SourceError::Empty),
        size if size > limit => Err(SourceError::TooLarge { size, limit }),
        _ => Ok(bytes),
    }
}
