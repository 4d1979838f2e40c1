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
//! Sources and thumbnails may be two folders of somebody's choice instead; see
//! [`Layout`].
//!
//! Sources and thumbnails are plain files under plain names, so that any program
//! may write and read them. All of ours appear whole: they are written beside,
//! brought to the disk, and renamed.

mod disk;
mod feed;
mod files;
mod folder;
mod forgotten;
#[cfg(all(test, target_os = "linux"))]
mod journal;
mod layout;
mod mended;
mod network;
mod passed_over;
mod paths;
mod queue;
mod results;
mod stamp;
mod store;
mod touched;
mod walk;
mod watch;

pub use feed::{Feed, Outdated, Scan};
pub(crate) use files::nonce;
pub use folder::{
    Folder, MAX_RECEIVE_COUNT, dead_letters_within, own_dead_letters_within, work_within,
};
pub use layout::{ENGINES, FolderError, IMAGES, Layout, STATE, THUMBNAILS};
pub use mended::{Cleared, Mended};
pub use network::deaf_file_system;
pub use passed_over::PassedOver;
pub(crate) use paths::without_parents;
pub use queue::{DirectoryQueue, FORMAT, RedrivePolicy};
pub use results::ResultFolder;
pub use store::{Buckets, DirectoryStore};
pub(crate) use walk::is_empty;
pub use walk::{LeftAlone, Pattern, PatternError, Rules, Step, Tally, Walk};
pub use watch::Watch;

#[cfg(test)]
mod tests;
