//! Being told which files change.

use std::path::Path;
use std::sync::Arc;

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::feed::Feed;
use super::folder::Folder;
use super::touched::Touched;
use crate::text::with_causes;

/// Tells a [`Feed`] which files are touched, until dropped.
#[derive(Debug)]
pub struct Watch {
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Watch the images for `feed`.
    ///
    /// Begin to watch before the first scan: what changes during the scan is
    /// told then.
    ///
    /// # Errors
    /// If the system does not let us watch, or not so many folders.
    pub fn start(feed: &Feed) -> notify::Result<Self> {
        let images = feed.folder.layout().images();
        let images = images.canonicalize().map_err(notify::Error::io)?;
        let (touched, folder, root) = (feed.touched.clone(), feed.folder.clone(), images.clone());
        let hear = move |event| hear(&touched, &folder, &root, event);
        // A link leads to what is none of ours.
        let config = notify::Config::default().with_follow_symlinks(false);
        let mut watcher = RecommendedWatcher::new(hear, config)?;
        watcher.watch(&images, RecursiveMode::Recursive)?;
        Ok(Self { _watcher: watcher })
    }
}

fn hear(touched: &Arc<Touched>, folder: &Folder, images: &Path, event: notify::Result<Event>) {
    match event {
        Ok(event) if event.need_rescan() => touched.note_all(),
        // To read a file does not change it.
        Ok(event) if matches!(event.kind, EventKind::Access(_)) => {}
        Ok(event) => {
            let paths = event.paths.iter().filter(|path| !folder.is_reserved(path));
            let keys = paths.filter_map(|path| key(images, path));
            keys.for_each(|key| touched.note(key));
        }
        Err(error) => {
            tracing::warn!(
                error.message = with_causes(&error),
                "the folder could not be watched for a moment"
            );
            touched.note_all();
        }
    }
}

/// The key of a file in the folder of the images; none, if its name is no text.
fn key(images: &Path, path: &Path) -> Option<String> {
    let names = path
        .strip_prefix(images)
        .ok()?
        .iter()
        .map(|name| name.to_str());
    let names: Option<Vec<&str>> = names.collect();
    names
        .filter(|names| !names.is_empty())
        .map(|names| names.join("/"))
}
