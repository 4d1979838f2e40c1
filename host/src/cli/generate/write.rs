//! Thumbnails on disk: each whole, or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::cli::Failure;
use crate::local::nonce;

/// Failure to write a thumbnail.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}; check -o", path.display())]
pub(super) struct WriteError {
    path: PathBuf,
    #[source]
    source: io::Error,
}

impl WriteError {
    /// True if no file can have the name.
    pub(super) fn is_of_name(&self) -> bool {
        self.source.kind() == io::ErrorKind::InvalidFilename
    }
}

/// Makes the output folder and tries to write to it, so that nobody waits for
/// thumbnails that have no place to go.
///
/// The folder of the images themselves is no place for them: the thumbnails of
/// `photo.jpg` go to a folder of that name.
pub(super) fn prepare(output: &Path, shared: &Path) -> Result<(), Failure> {
    let failed = |source| WriteError {
        path: output.into(),
        source,
    };
    fs::create_dir_all(output).map_err(failed)?;
    let is_own = fs::canonicalize(output).map_err(failed)?;
    if fs::canonicalize(shared).is_ok_and(|shared| shared == is_own) {
        return Err(Failure::Usage(
            "the output folder is the one of the images; choose another with -o, for example \
             -o thumbs"
                .into(),
        ));
    }
    let trial = output.join(temporary("trial"));
    File::create(&trial)
        .and_then(|_| fs::remove_file(&trial))
        .map_err(failed)?;
    Ok(())
}

/// Writes a file beside its place and moves it there: a reader sees the old
/// one or the new one, and never a part.
pub(super) fn whole(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let failed = |source| WriteError {
        path: path.into(),
        source,
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    fs::create_dir_all(folder).map_err(failed)?;
    let beside = folder.join(temporary(&name));
    let written = File::create(&beside)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| {
        // It may not even be there.
        let _ = fs::remove_file(&beside);
        failed(error)
    })
}

fn temporary(name: &str) -> String {
    format!(".{name}.{:016x}.partial", nonce())
}
