//! Folders: room on their disk, rights in them, and the shape of a queue.

use std::fs;
use std::path::Path;

use super::Finding;
use crate::local::{DirectoryQueue, IMAGES, STATE, THUMBNAILS};
use crate::text::{printable, with_causes};

/// Room that a host needs: for compiled engines, for thumbnails until somebody looks, and
/// for the files that are written beside.
const ROOM: u64 = 512 << 20;

/// Files that there has to be room for.
const FILES: u64 = 1_000;

/// A finding about the room on the disk of the folder at `path`, or of the nearest above it.
pub fn disk(path: &Path) -> Finding {
    let check = "disk";
    let shown = printable(path.display());
    let there = path.ancestors().find(|above| above.is_dir());
    match room(there.unwrap_or(Path::new("."))) {
        Ok(room) => judged(&shown, room),
        Err(error) => Finding::not_tried(check, format!("{shown}: {error}")),
    }
}

/// Room on a disk.
#[derive(Clone, Copy, Debug)]
struct Room {
    /// Bytes that this user may write.
    bytes: u64,
    /// Files that may be made; none where the file system does not count them.
    files: Option<u64>,
}

#[cfg(unix)]
fn room(path: &Path) -> std::io::Result<Room> {
    let told = rustix::fs::statvfs(path)?;
    Ok(Room {
        bytes: told.f_bavail.saturating_mul(told.f_frsize),
        files: (told.f_files > 0).then_some(told.f_favail),
    })
}

#[cfg(not(unix))]
fn room(_path: &Path) -> std::io::Result<Room> {
    Err(std::io::ErrorKind::Unsupported.into())
}

fn judged(shown: &str, room: Room) -> Finding {
    let check = "disk";
    let mib = room.bytes >> 20;
    if room.bytes < ROOM {
        return Finding::wrong(
            check,
            format!(
                "{shown}: {mib} MiB are free, and a host needs {}",
                ROOM >> 20
            ),
            "remove what is not needed, or move the folder to a larger disk",
        );
    }
    if let Some(files) = room.files.filter(|files| *files < FILES) {
        return Finding::wrong(
            check,
            format!("{shown}: {files} files are left to be made on this file system (inodes)"),
            "remove small files that are not needed, or move the folder to another file system",
        );
    }
    Finding::ok(check, format!("{shown}: {mib} MiB are free"))
}

/// The findings about the rights in the `thimble local` folder at `root`. Nothing is
/// written: whoever may write is told by the probe.
pub fn rights(root: &Path) -> Vec<Finding> {
    [IMAGES, THUMBNAILS, STATE]
        .into_iter()
        .map(|name| {
            let path = root.join(name);
            let shown = printable(path.display());
            let check = "rights";
            match fs::read_dir(&path) {
                Ok(_) => Finding::ok(check, format!("{shown} can be read")),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && name != STATE => {
                    Finding::ok(check, format!("{shown} is made at the first start"))
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Finding::wrong(
                    check,
                    format!("{shown} is not there"),
                    format!(
                        "make it with `thimble local {}`, or name another folder",
                        printable(root.display())
                    ),
                ),
                Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => Finding::wrong(
                    check,
                    format!("{shown} is a file where a folder has to be"),
                    "move the file away",
                ),
                Err(error) => Finding::wrong(
                    check,
                    format!("{shown} cannot be read: {error}"),
                    "let the user of this host read it, and write below it",
                ),
            }
        })
        .collect()
}

/// A finding about the queue in `folder`, which is only looked at.
pub fn queue_folder(folder: &Path) -> Finding {
    let check = "queue";
    let shown = printable(folder.display());
    match DirectoryQueue::open_read_only(folder) {
        Ok(Some(_)) => Finding::ok(check, format!("{shown} is a queue")),
        Ok(None) if folder.join("format").exists() => Finding::wrong(
            check,
            format!("{shown} is a queue without its folder of messages"),
            "restore the folder `messages` from a copy; if no message was in it, make it anew",
        ),
        Ok(None) if folder.exists() && !folder.is_dir() => Finding::wrong(
            check,
            format!("{shown} is a file where the folder of a queue has to be"),
            "move the file away",
        ),
        Ok(None) => Finding::ok(check, format!("{shown} is made at the first start")),
        Err(error) => Finding::wrong(
            check,
            format!("{shown} is not read: {}", with_causes(&error)),
            "run the version that wrote it or a newer one, and let its user read the folder",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `thimble local` folder, complete.
    fn local() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for name in [IMAGES, THUMBNAILS, STATE] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        dir
    }

    fn wrong(found: &Finding) -> (String, String) {
        let value = serde_json::to_value(found).unwrap();
        assert_eq!(value["result"], "wrong", "{value}");
        let text = |name: &str| value[name].as_str().unwrap().to_owned();
        (text("what"), text("mend"))
    }

    #[test]
    fn room_is_counted_in_bytes_and_in_files() {
        let room = |bytes, files| judged("/data", Room { bytes, files });
        for (bytes, files, expected) in [
            (100 << 20, Some(1 << 20), "100 MiB are free"),
            (1 << 40, Some(7), "7 files are left"),
        ] {
            let (what, mend) = wrong(&room(bytes, files));
            assert!(what.contains(expected), "{what}");
            assert!(mend.contains("move the folder"), "{mend}");
        }
        assert!(!room(ROOM, Some(FILES)).is_wrong());
        assert!(!room(ROOM, None).is_wrong());
        assert!(disk(Path::new("/no/such/folder")).check == "disk");
    }

    #[test]
    fn folders_that_are_missing_or_files_are_named() {
        let dir = local();
        assert!(rights(dir.path()).iter().all(|found| !found.is_wrong()));
        fs::remove_dir(dir.path().join(THUMBNAILS)).unwrap();
        assert!(!rights(dir.path())[1].is_wrong());
        fs::remove_dir(dir.path().join(STATE)).unwrap();
        let (what, mend) = wrong(&rights(dir.path())[2]);
        assert!(what.ends_with(".thimble is not there"), "{what}");
        assert!(mend.contains("thimble local"), "{mend}");
        fs::write(dir.path().join(THUMBNAILS), "").unwrap();
        let (what, mend) = wrong(&rights(dir.path())[1]);
        assert!(what.contains("is a file"), "{what}");
        assert_eq!(mend, "move the file away");
    }

    #[test]
    fn a_queue_in_another_shape_is_named() {
        let dir = local();
        let queue = dir.path().join(STATE).join("queue");
        assert!(!queue_folder(&queue).is_wrong());
        DirectoryQueue::share(&queue).unwrap();
        assert!(!queue_folder(&queue).is_wrong());
        fs::write(queue.join("format"), "thimble-queue 999\n").unwrap();
        let (_, mend) = wrong(&queue_folder(&queue));
        assert!(mend.contains("newer"), "{mend}");
        fs::remove_dir_all(queue.join("messages")).unwrap();
        let (what, _) = wrong(&queue_folder(&queue));
        assert!(what.contains("without its folder of messages"), "{what}");
        fs::remove_dir_all(&queue).unwrap();
        fs::write(&queue, "").unwrap();
        let (what, _) = wrong(&queue_folder(&queue));
        assert!(what.contains("is a file"), "{what}");
    }
}
