//! Options shared by the commands that work on a store of engines.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;

use super::super::Failure;
use super::super::cloud::Cloud;
use super::super::place::PlaceError;
use super::super::registry;
use crate::engines::{Author, ChannelName, EngineStore, Repository};
use crate::local::DirectoryStore;
use crate::object::split_s3;
use crate::text::printable;
use crate::trust::{PublicKey, SecretKey, Trust};

/// The store itself.
#[derive(Debug, Args)]
pub(in crate::cli) struct StoreOption {
    /// The engine store: a folder such as DIR/engines, s3://bucket/prefix, or oci://registry/name
    #[arg(long, value_name = "STORE", env = "THIMBLE_ENGINE_STORE")]
    store: String,
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
    /// The store, which is there: an empty one would be sound, whatever was meant.
    pub(super) async fn open(&self) -> Result<EngineStore, Failure> {
        if Repository::is_meant(&self.store) {
            return registry::named(&self.store);
        }
        match split_s3(&self.store) {
            Some((bucket, prefix)) => in_bucket(bucket, prefix).await,
            None => in_folder(Path::new(&self.store)),
        }
    }

    /// The store. A folder is made if there is none.
    pub(in crate::cli) async fn open_or_make(&self) -> Result<EngineStore, Failure> {
        if split_s3(&self.store).is_none() && !Repository::is_meant(&self.store) {
            fs::create_dir_all(&self.store)?;
        }
        self.open().await
    }
}

async fn in_bucket(bucket: &str, prefix: &str) -> Result<EngineStore, Failure> {
    if bucket.is_empty() {
        let missing = PlaceError::NoBucket {
            scheme: "s3",
            text: "s3://".to_owned(),
        };
        return Err(Failure::Usage(missing.to_string()));
    }
    let objects = Cloud::default().bucket().await?;
    Ok(EngineStore::new(objects, bucket, prefix))
}

/// A folder is a bucket of the folder around it, which keeps what has to be
/// remembered of its objects in `.thimble`: `thimble local DIR` does the same.
fn in_folder(path: &Path) -> Result<EngineStore, Failure> {
    if !path.is_dir() {
        return Err(Failure::Usage(format!(
            "there is no engine store; `thimble engine publish` makes one: {}",
            printable(path.display())
        )));
    }
    let path = path.canonicalize()?;
    let unusable = || {
        let shown = printable(path.display());
        Failure::Usage(format!(
            "a folder with a plain name is needed for engines: {shown}"
        ))
    };
    let root = path.parent().ok_or_else(unusable)?;
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name
        .filter(|name| !name.starts_with('.'))
        .ok_or_else(unusable)?;
    let objects = DirectoryStore::open(root, &root.join(".thimble"))?;
    Ok(EngineStore::new(Arc::new(objects), name, ""))
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
