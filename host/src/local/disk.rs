//! Barriers: many files brought to the disk at one time.
//!
//! To bring a file to the disk by itself costs a turn of the disk, and a folder of
//! small images has several for each of them. So who has written something waits for
//! the next *barrier*, which takes all that was written before it began. One barrier
//! runs at a time. Who comes meanwhile waits for the next one, together.
//!
//! A barrier is one call for the whole file system where the system tells by it of
//! what could not be written. Elsewhere it is one call for each file and folder.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::files::{Written, sync_content, sync_folder, sync_whole};

/// Longest barrier over a whole file system that is taken for a quick one. A longer
/// one has written for other programs: somebody copies photos.
const QUICK: Duration = Duration::from_millis(250);

/// Time after a longer one in which files are brought to the disk by themselves, as a
/// multiple of its own, so that others are waited for a small part of the time.
const REST: u32 = 5;

/// Files and folders up to which a barrier over all of a file system saves nothing.
const FEW: usize = 2;

/// The disk under a folder. Cheap to clone; clones share their barriers.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// A file on it, if one call brings all of it to the disk.
    whole: Option<File>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Waiter>,
    /// True while a thread runs barriers.
    busy: bool,
    /// Until then files are brought to the disk by themselves.
    rest: Option<Instant>,
}

#[derive(Debug)]
struct Waiter {
    written: Vec<Written>,
    told: oneshot::Sender<io::Result<()>>,
}

impl Disk {
    /// The disk that `folder` is on.
    pub(super) fn of(folder: &Path) -> Self {
        let shared = Shared {
            whole: whole(folder),
            state: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Wait until `written` is on the disk.
    ///
    /// # Errors
    /// If some of it cannot be written.
    pub(super) async fn reached_by(&self, written: Vec<Written>) -> io::Result<()> {
        let (told, reached) = oneshot::channel();
        if self.shared.wait(Waiter { written, told }) {
            let shared = Arc::clone(&self.shared);
            // It runs to its end, whether or not somebody still waits.
            drop(tokio::task::spawn_blocking(move || shared.run()));
        }
        reached.await.map_err(io::Error::other)?
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Have `waiter` wait for the next barrier. True if somebody has to run it.
    fn wait(&self, waiter: Waiter) -> bool {
        let mut state = self.lock();
        state.waiting.push(waiter);
        !std::mem::replace(&mut state.busy, true)
    }

    /// Those who wait for the barrier that begins now; `None` if nobody does.
    fn next(&self) -> Option<Vec<Waiter>> {
        let mut state = self.lock();
        state.busy = !state.waiting.is_empty();
        state.busy.then(|| std::mem::take(&mut state.waiting))
    }

    /// Run barriers for as long as somebody waits for one.
    fn run(&self) {
        while let Some(waiters) = self.next() {
            self.barrier(waiters);
        }
    }

    fn barrier(&self, waiters: Vec<Waiter>) {
        let number: usize = waiters.iter().map(|waiter| waiter.written.len()).sum();
        let at_once = number > FEW && self.reach_whole();
        let mut folders = HashSet::new();
        for Waiter { written, told } in waiters {
            let reached = match at_once {
                true => Ok(()),
                false => written.iter().try_for_each(|one| reach(one, &mut folders)),
            };
            // Who was told to give up does not wait any more.
            let _ = told.send(reached);
        }
    }

    /// Bring the whole file system to the disk. False if that is not to be done, or
    /// failed: some file of it could not be written, of ours or of others.
    fn reach_whole(&self) -> bool {
        let Some(file) = &self.whole else {
            return false;
        };
        let begun = Instant::now();
        if self.lock().rest.is_some_and(|rest| begun < rest) {
            return false;
        }
        let reached = sync_whole(file);
        let took = begun.elapsed();
        self.lock().rest = (took > QUICK).then(|| begun + took + took * REST);
        reached.is_ok()
    }
}

/// Bring one thing to the disk. A folder that several have written to is brought there
/// once: `folders` has those of this barrier.
fn reach(written: &Written, folders: &mut HashSet<PathBuf>) -> io::Result<()> {
    match written {
        Written::Content(file) => sync_content(file),
        Written::Names(folder) if folders.contains(folder) => Ok(()),
        Written::Names(folder) => {
            sync_folder(folder)?;
            folders.insert(folder.clone());
            Ok(())
        }
    }
}

/// Kinds of file systems, by the number that the system calls them by, on which the call
/// for all of one does what the calls for its files do: ext4, XFS and btrfs. On those of
/// networks, of other programs and of layers, some changes or some errors are left out.
#[cfg(target_os = "linux")]
const WHOLE: [u32; 3] = [0xef53, 0x5846_5342, 0x9123_683e];

/// The first version of Linux whose call for a whole file system tells of everything
/// that could not be written.
#[cfg(target_os = "linux")]
const TELLS: (u32, u32) = (5, 8);

/// `folder` opened, if one call brings all of its file system to the disk.
#[cfg(target_os = "linux")]
fn whole(folder: &Path) -> Option<File> {
    #[cfg(all(test, target_os = "linux"))]
    if !super::journal::allows_whole(folder) {
        return None;
    }
    let file = File::open(folder).ok()?;
    let kind = rustix::fs::fstatfs(&file).ok()?.f_type;
    let kind = u32::try_from(i128::from(kind) & 0xffff_ffff).ok()?;
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
    let tells = version(&release).is_some_and(|version| version >= TELLS);
    (tells && WHOLE.contains(&kind)).then_some(file)
}

/// The first two numbers of a version of Linux, such as `6.1.0-13-amd64`.
#[cfg(target_os = "linux")]
fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|other: char| !other.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(not(target_os = "linux"))]
fn whole(_folder: &Path) -> Option<File> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    #[tokio::test]
    async fn all_who_wait_are_told_and_only_who_cannot_be_served_of_an_error() {
        let place = tempfile::tempdir().unwrap();
        let disk = Disk::of(place.path());
        let written = |number: usize| match number % 10 {
            7 => Written::Names(place.path().join("missing")),
            3 => Written::Names(place.path().to_owned()),
            _ => Written::Content(File::create(place.path().join(number.to_string())).unwrap()),
        };
        disk.shared.lock().rest = Some(Instant::now() + Duration::from_secs(60));
        let waits = (0..100).map(|number| disk.reached_by(vec![written(number)]));
        let reached = join_all(waits).await;
        for (number, reached) in reached.iter().enumerate() {
            assert_eq!(reached.is_err(), number % 10 == 7, "{number}: {reached:?}");
        }
        disk.shared.lock().rest = None;
        let waits = (0..100).map(|_| disk.reached_by(vec![written(0), written(3)]));
        assert!(join_all(waits).await.iter().all(Result::is_ok));
    }

    #[test]
    fn versions_of_linux_are_read() {
        for (release, expected) in [
            ("6.18.44-fc-v669\n", Some((6, 18))),
            ("5.8", Some((5, 8))),
            ("4.18.0-553.el8_10.x86_64", Some((4, 18))),
            ("", None),
            ("unknown", None),
        ] {
            assert_eq!(version(release), expected, "{release}");
        }
    }
}
