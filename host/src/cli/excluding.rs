//! The option `--exclude` of commands that walk over folders.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Failure;
use super::voice::Voice;
use crate::local::{Pattern, Rules};

/// Choice of names that are left alone in folders, besides those that always are.
#[derive(Debug, Default, Args)]
pub(super) struct Excluding {
    /// Files and folders to leave alone in folders: a name, such as raw or '*.txt', or a path
    /// below the folder, such as 2023/raw or 2023/raw/**, which may begin with the folder; a
    /// slash at its end takes only folders; upper and lower case differ; can be given several
    /// times
    #[arg(long = "exclude", value_name = "PATTERN")]
    patterns: Vec<Pattern>,
}

impl Excluding {
    /// The rules of a walk over `folder`, which is one of `folders`.
    pub(super) fn rules(&self, folder: &Path, folders: &[PathBuf]) -> Result<Rules, Failure> {
        Rules::excluding(&self.patterns, folder, folders)
            .map_err(|error| Failure::Usage(format!("--exclude {error}")))
    }

    /// Name the patterns that left nothing alone in the walks that are over.
    pub(super) fn tell(&self, voice: &Voice) -> io::Result<()> {
        let idle = self
            .patterns
            .iter()
            .filter(|pattern| !pattern.took_something());
        idle.into_iter().try_for_each(|pattern| {
            voice.note(format_args!(
                "warning: --exclude {pattern} excluded nothing; a pattern is a name, such as raw or \
                 '*.txt', or a path below the folder, such as 2023/raw"
            ))
        })
    }
}
