//! An engine store that holds one document, whose bytes the fuzzer chose.

use std::sync::Arc;

use bytes::Bytes;
use thimble::engines::EngineStore;
use thimble::memory::MemoryStore;
use thimble::object::Location;
use thimble::ports::{NewObject, ObjectStore};
use thimble::trust::{SecretKey, Trust};

/// A store of engines in which nothing lies but `document`, under `key`.
///
/// # Panics
///
/// If the store in memory refuses to keep it.
#[must_use]
pub fn engines_with(key: &str, document: &[u8]) -> EngineStore {
    let objects = Arc::new(MemoryStore::new(["engines"]));
    let location = Location::new("engines", key);
    let document = Bytes::copy_from_slice(document);
    wait(objects.put(&location, NewObject::new(document))).expect("kept in memory");
    EngineStore::new(objects, "engines", "")
}

/// Trust in a key that signs nothing here.
#[must_use]
pub fn somebody() -> Trust {
    thread_local! {
        static TRUST: Trust = Trust::new(vec![SecretKey::generate().public()]);
    }
    TRUST.with(Clone::clone)
}

/// Result of a future that waits for nothing but memory.
///
/// # Panics
///
/// If there is no runtime to be had.
pub fn wait<T>(what: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime without any driver")
        .block_on(what)
}
