//! Results in a folder: a file for each, which appears whole.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use super::disk::Disk;
use super::files::{HalfWritten, Written, blocking, make_folders};
use crate::results::{Outcome, ResultError, Results};
use crate::text::printable;

/// A folder with a file `ID.json` for each result. A result that is told again is the same
/// file again, unless somebody took it away meanwhile.
#[derive(Debug)]
pub struct ResultFolder {
    folder: PathBuf,
    disk: Disk,
}

impl ResultFolder {
    /// Results in `folder`, which is made if it is missing.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn open(folder: &Path) -> io::Result<Self> {
        make_folders(folder)?;
        Ok(Self {
            disk: Disk::of(folder),
            folder: folder.to_owned(),
        })
    }
}

impl ResultFolder {
    async fn write(&self, name: String, body: String) -> io::Result<()> {
        let (folder, path) = (self.folder.clone(), self.folder.join(name));
        let mut file = blocking(move || HalfWritten::write(&folder, body.as_bytes())).await?;
        let content = file.content().into_iter().collect();
        self.disk.reached_by(content).await?;
        blocking(move || file.rename(&path)).await?;
        let names = Written::Names(self.folder.clone());
        self.disk.reached_by(vec![names]).await
    }
}

impl fmt::Display for ResultFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(self.folder.display()))
    }
}

#[async_trait]
impl Results for ResultFolder {
    async fn tell(&self, result: &Outcome) -> Result<(), ResultError> {
        let written = self
            .write(format!("{}.json", result.id), result.body.clone())
            .await;
        written.map_err(|error| ResultError::Unavailable {
            why: format!("the folder of results cannot be written: {self}"),
            cause: Some(Arc::new(error)),
        })
    }
}
