//! `thimble engine keygen`: a key to sign engines with.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::super::voice::Voice;
use super::super::{Failure, Outcome};
use crate::trust::SecretKey;

/// Make a key to sign engines with. Whoever has its file decides which engines
/// your hosts run: keep it where you keep the keys of your deployments.
#[derive(Debug, Args)]
pub(in crate::cli) struct Keygen {
    /// The file to write the secret key to; it must not exist
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

impl Keygen {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let key = SecretKey::generate();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let shown = self.file.display();
        let mut file = options.open(&self.file).map_err(|error| {
            Failure::Usage(format!("the key cannot be written: {shown}: {error}"))
        })?;
        file.write_all(key.reveal().as_bytes())?;
        file.sync_all()?;
        voice.say(key.public())?;
        voice.note(format_args!(
            "the secret key is in {shown}; give hosts the public key above in ENGINE_KEYS"
        ))?;
        Ok(Outcome::Done)
    }
}
