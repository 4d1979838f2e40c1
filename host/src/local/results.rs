//! Results in a folder: a file for each, which appears whole.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use super::files::{HalfWritten, blocking, sync_folder};
use crate::results::{Outcome, ResultError, Results};
use crate::text::printable;

/// A folder with a file `ID.json` for each result. A result that is told again is the same
/// file again, unless somebody took it away meanwhile.
#[derive(Debug)]
pub struct ResultFolder(PathBuf);

impl ResultFolder {
    /// Results in `folder`, which is made if it is missing.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self(folder.to_owned()))
    }
}

impl fmt::Display for ResultFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(self.0.display()))
    }
}

#[async_trait]
impl Results for ResultFolder {
    async fn tell(&self, result: &Outcome) -> Result<(), ResultError> {
        let (folder, body) = (self.0.clone(), result.body.clone());
        let name = format!("{}.json", result.id);
        let written = blocking(move || {
            HalfWritten::write(&folder, body.as_bytes(), true)?.rename(&folder.join(name))?;
            sync_folder(&folder)
        });
        written.await.map_err(|error| ResultError::Unavailable {
            why: format!("the folder of results cannot be written: {self}"),
            cause: Some(Arc::new(error)),
        })
    }
}
