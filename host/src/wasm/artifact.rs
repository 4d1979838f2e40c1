//! An engine as it lies in a file: bytes, and the digest that names them.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::error::LoadError;
use crate::trust::Digest;

/// The largest component that is read. A compiler needs many times the size of
/// what it compiles, and an engine with every codec there is has a few MB.
pub const MAX_ARTIFACT: u64 = 64 << 20;

/// The bytes of a file, portable or compiled, if there are not too many.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    let failed = |source| LoadError::Read {
        path: path.display().to_string(),
        source,
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_ARTIFACT + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_ARTIFACT {
        return Err(LoadError::TooLarge {
            limit: MAX_ARTIFACT,
        });
    }
    Ok(bytes)
}

/// A component that may become an engine.
#[derive(Clone)]
pub struct Artifact {
    bytes: Arc<[u8]>,
    digest: Digest,
}

impl Artifact {
    /// These bytes, under their digest.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Self {
        let bytes = bytes.into();
        let digest = Digest::of(&bytes);
        Self { bytes, digest }
    }

    /// The bytes of a file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is larger than [`MAX_ARTIFACT`].
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        Ok(Self::new(read(path)?))
    }

    /// The component.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Counts of all in the component that costs a compiler time and memory.
    ///
    /// # Errors
    ///
    /// If there is more of anything than [allowed](super::Measure::limit), and if
    /// the component cannot be read.
    pub fn extent(&self) -> Result<super::Extent, LoadError> {
        super::survey::survey(&self.bytes)
    }

    /// The name of the component.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

impl fmt::Debug for Artifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        named_bytes(f, "Artifact", &self.bytes, self.digest)
    }
}

/// A text about bytes and the digest that names them: how many they are, and not which.
pub(super) fn named_bytes(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    bytes: &[u8],
    digest: Digest,
) -> fmt::Result {
    f.debug_struct(what)
        .field("bytes", &bytes.len())
        .field("digest", &digest)
        .finish()
}
