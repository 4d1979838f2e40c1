//! Keys of files: where their thumbnails are written.
//!
//! A key is the path of a file below the folder that all given files share, so
//! that `a/cat.jpg` and `b/cat.jpg` stay apart and nothing is ever written
//! outside the output folder, whatever the paths look like.

use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::Failure;

/// A file and the key that it goes by.
#[derive(Debug, PartialEq)]
pub(super) struct Keyed<'a> {
    pub(super) path: &'a Path,
    /// `None` if the name cannot be written as text.
    pub(super) key: Option<String>,
}

/// Gives each file its key, and names the folder that they share.
pub(super) fn keys(files: &[PathBuf]) -> Result<(PathBuf, Vec<Keyed<'_>>), Failure> {
    let places: Vec<PathBuf> = files
        .iter()
        .map(|file| place(file))
        .collect::<Result<_, _>>()?;
    let mut seen = BTreeSet::new();
    if let Some((file, _)) = files
        .iter()
        .zip(&places)
        .find(|(_, place)| !seen.insert(*place))
    {
        return Err(Failure::Usage(format!("given twice: {}", file.display())));
    }
    let shared = shared_folder(&places);
    let keyed = files.iter().zip(&places).map(|(path, place)| Keyed {
        path,
        key: key(place, &shared),
    });
    Ok((shared.clone(), keyed.collect()))
}

/// The absolute path, without `.` and `..`.
fn place(file: &Path) -> io::Result<PathBuf> {
    let mut place = PathBuf::new();
    for component in std::path::absolute(file)?.components() {
        match component {
            Component::ParentDir => {
                place.pop();
            }
            Component::CurDir => {}
            _ => place.push(component),
        }
    }
    Ok(place)
}

fn shared_folder(places: &[PathBuf]) -> PathBuf {
    let mut folders = places.iter().filter_map(|place| place.parent());
    let first = folders.next().unwrap_or(Path::new("")).to_path_buf();
    folders.fold(first, |shared, folder| {
        let both = shared.components().zip(folder.components());
        both.take_while(|(left, right)| left == right)
            .map(|(left, _)| left)
            .collect()
    })
}

fn key(place: &Path, shared: &Path) -> Option<String> {
    let below = place.strip_prefix(shared).ok()?;
    let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
    parts
        .map(|parts| parts.join("/"))
        .filter(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys_of(files: &[&str]) -> Vec<String> {
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        keys(&files)
            .unwrap()
            .1
            .into_iter()
            .map(|keyed| keyed.key.unwrap())
            .collect()
    }

    #[test]
    fn files_keep_the_part_of_their_path_that_tells_them_apart() {
        assert_eq!(keys_of(&["photo.jpg"]), ["photo.jpg"]);
        assert_eq!(keys_of(&["/pictures/2024/photo.jpg"]), ["photo.jpg"]);
        assert_eq!(
            keys_of(&["a/cat.jpg", "b/cat.jpg"]),
            ["a/cat.jpg", "b/cat.jpg"]
        );
        assert_eq!(
            keys_of(&["/a/b/cat.jpg", "/a/cat.jpg"]),
            ["b/cat.jpg", "cat.jpg"]
        );
        assert_eq!(
            keys_of(&["/abc/cat.jpg", "/abd/cat.jpg"]),
            ["abc/cat.jpg", "abd/cat.jpg"]
        );
        assert_eq!(
            keys_of(&["/a b/1+1%.jpg", "/a b/é.jpg"]),
            ["1+1%.jpg", "é.jpg"]
        );
    }

    #[test]
    fn no_key_leads_out_of_its_folder() {
        assert_eq!(keys_of(&["../../photo.jpg"]), ["photo.jpg"]);
        assert_eq!(keys_of(&["/a/../../../etc/photo.jpg"]), ["photo.jpg"]);
        assert_eq!(
            keys_of(&["/a/./x/../y.jpg", "/a/z.jpg"]),
            ["y.jpg", "z.jpg"]
        );
    }

    #[test]
    fn the_same_file_by_two_paths_is_noticed() {
        let files = ["a/cat.jpg", "a/../a/./cat.jpg"].map(PathBuf::from);
        assert!(matches!(keys(&files), Err(Failure::Usage(text)) if text.contains("twice")));
    }
}
