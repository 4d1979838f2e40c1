//! Engine stores of the places that commands name.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::cloud::Cloud;
use super::{Failure, blobs, registry};
use crate::config::Config;
use crate::config::file::Place;
use crate::engines::{EnginePlace, EngineStore};
use crate::local::DirectoryStore;
use crate::object::Buckets;
use crate::ports::ObjectStore;
use crate::text::printable;

/// The engine store at `place`, which is there: an empty one would be sound, whatever was meant.
pub(super) async fn open(place: &EnginePlace, cloud: &mut Cloud) -> Result<EngineStore, Failure> {
    match place {
        EnginePlace::Bucket(of, at) => {
            let objects = match of {
                Buckets::S3 => cloud.bucket().await?,
                Buckets::Google => blobs::google()?,
                Buckets::Azure => blobs::azure()?,
            };
            Ok(EngineStore::new(objects, &at.bucket, &at.key))
        }
        EnginePlace::Folder(path) => in_folder(path),
        EnginePlace::Repository(repository) => registry::store(repository),
    }
}

/// The same. A folder is made if there is none.
pub(super) async fn open_or_make(place: &EnginePlace) -> Result<EngineStore, Failure> {
    if let EnginePlace::Folder(path) = place {
        fs::create_dir_all(path)?;
    }
    open(place, &mut Cloud::default()).await
}

/// Sources of the configuration file at `place`, by the variables that `lookup` knows: the
/// store of an object, or the engine store of a channel.
pub(super) async fn of_file(
    place: Option<&Place>,
    lookup: impl Fn(&str) -> Option<String>,
) -> Result<(Option<Arc<dyn ObjectStore>>, Option<EngineStore>), Failure> {
    let mut cloud = Cloud::default();
    Ok(match place {
        None | Some(Place::Path(_)) => (None, None),
        Some(Place::Object(_)) => (Some(cloud.s3().await?), None),
        Some(Place::Channel(_)) => match Config::engine_store(lookup) {
            Some(place) => (None, Some(open(&place, &mut cloud).await?)),
            None => (None, None),
        },
    })
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
