//! Google Cloud Storage and Azure Blob Storage, for the commands that name a bucket there. A
//! program built without the feature `clouds` has neither, and says so.

use std::sync::Arc;

use super::Failure;
#[cfg(feature = "clouds")]
use crate::blobs::{Blobs, Service};
use crate::ports::ObjectStore;

/// Every bucket of Google Cloud Storage.
#[cfg(feature = "clouds")]
pub(super) fn google() -> Result<Arc<dyn ObjectStore>, Failure> {
    open(Service::Google)
}

/// Every container of an account of Azure.
#[cfg(feature = "clouds")]
pub(super) fn azure() -> Result<Arc<dyn ObjectStore>, Failure> {
    open(Service::Azure)
}

#[cfg(feature = "clouds")]
fn open(service: Service) -> Result<Arc<dyn ObjectStore>, Failure> {
    let blobs = Blobs::from_environment(service);
    let blobs = blobs.map_err(|error| Failure::Usage(error.to_string()))?;
    Ok(Arc::new(blobs))
}

#[cfg(not(feature = "clouds"))]
pub(super) fn google() -> Result<Arc<dyn ObjectStore>, Failure> {
    Err(absent())
}

#[cfg(not(feature = "clouds"))]
pub(super) fn azure() -> Result<Arc<dyn ObjectStore>, Failure> {
    Err(absent())
}

#[cfg(not(feature = "clouds"))]
fn absent() -> Failure {
    Failure::Usage(
        "this program was built without Google Cloud Storage and Azure; build it with `make build`, \
         or name a folder"
            .to_owned(),
    )
}
