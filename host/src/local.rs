//! A folder as a world: buckets that are folders, queues that are folders, and
//! nothing else to install or to run.
//!
//! ```text
//! DIR/images/        the sources; yours
//! DIR/thumbnails/    the thumbnails; made by us
//! DIR/engines/       the engine store, if you made one
//! DIR/.thimble/      state: queues, metadata, half-written files
//! ```
//!
//! Sources and thumbnails are plain files under plain names, so that any program
//! may write and read them. All of ours appear whole: they are written beside,
//! brought to the disk, and renamed.

mod feed;
mod files;
mod folder;
mod queue;
mod store;
mod touched;
mod watch;

pub use feed::{Feed, Scan};
pub use folder::{ENGINES, Folder, FolderError, IMAGES, MAX_RECEIVE_COUNT, THUMBNAILS};
pub use queue::{DirectoryQueue, FORMAT, RedrivePolicy};
pub use store::DirectoryStore;
pub use watch::Watch;

#[cfg(test)]
mod tests;
