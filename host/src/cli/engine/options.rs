//! Options shared by the commands that work on a store of engines.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use super::super::Failure;
use super::super::cloud::Cloud;
use super::super::stores;
use crate::engines::{Author, ChannelName, EnginePlace, EngineStore};
use crate::text::printable;
use crate::trust::{PublicKey, SecretKey, Trust};

/// The store itself.
#[derive(Debug, Args)]
pub(in crate::cli) struct StoreOption {
    /// The engine store: a folder such as DIR/engines, s3://BUCKET/PREFIX, the same with gs:// or
    /// az://, or oci://REGISTRY/NAME
    #[arg(long, value_name = "STORE", env = "THIMBLE_ENGINE_STORE")]
    store: EnginePlace,
}

/// A change of a store: where it is, who signs it, and how it is told.
#[derive(Debug, Args)]
pub(in crate::cli) struct StoreChange {
    #[command(flatten)]
    pub(in crate::cli) store: StoreOption,

    #[command(flatten)]
    pub(in crate::cli) signing: SigningOptions,

    #[command(flatten)]
    pub(in crate::cli) options: ChangeOptions,
}

/// Keys of a command that signs what it writes.
#[derive(Debug, Args)]
pub(in crate::cli) struct SigningOptions {
    /// The file of the secret key to sign with, as `keygen` wrote it
    #[arg(long, value_name = "FILE", env = "THIMBLE_ENGINE_KEY")]
    key: Option<PathBuf>,

    #[command(flatten)]
    trust: TrustOptions,
}

/// Keys whose signatures are believed.
#[derive(Debug, Args)]
pub(in crate::cli) struct TrustOptions {
    /// A public key whose signatures count for engines; may be given several times
    #[arg(
        long = "trusted",
        value_name = "KEY",
        env = "THIMBLE_ENGINE_KEYS",
        value_delimiter = ','
    )]
    keys: Vec<PublicKey>,
}

/// The channel of a store.
#[derive(Debug, Args)]
pub(in crate::cli) struct ChannelOption {
    /// The channel
    #[arg(long = "channel", value_name = "NAME", default_value_t)]
    pub(in crate::cli) name: ChannelName,
}

/// Options of every command that changes a store.
#[derive(Debug, Args)]
pub(in crate::cli) struct ChangeOptions {
    /// Only show what would be done
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,

    /// JSON instead of lines
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

impl StoreOption {
    /// The store, which is there.
    pub(super) async fn open(&self) -> Result<EngineStore, Failure> {
        stores::open(&self.store, &mut Cloud::default()).await
    }

    /// The store. A folder is made if there is none.
    pub(in crate::cli) async fn open_or_make(&self) -> Result<EngineStore, Failure> {
        stores::open_or_make(&self.store).await
    }
}

impl SigningOptions {
    pub(in crate::cli) fn author(&self) -> Result<Author, Failure> {
        let key = self.key.as_deref().map(secret).transpose()?;
        Ok(Author::new(key, self.trust.keys.clone()))
    }

    /// True if there is a key to sign with.
    pub(super) fn signs(&self) -> bool {
        self.key.is_some()
    }
}

impl TrustOptions {
    /// The keys for a host that only reads.
    pub(in crate::cli) fn trust(&self) -> Trust {
        Trust::new(self.keys.clone())
    }

    pub(super) fn author(&self) -> Author {
        Author::new(None, self.keys.clone())
    }
}

fn secret(path: &Path) -> Result<SecretKey, Failure> {
    let shown = printable(path.display());
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::Usage(format!("the key cannot be read: {shown}: {error}")))?;
    text.parse()
        .map_err(|error| Failure::Usage(format!("{error}: {shown}")))
}

/// Seconds since 1970.
pub(in crate::cli) fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}
