//! Folders that cannot be used, disks that are full, and other mistakes.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::desk::{Desk, picture, sized_picture, text};
use crate::process::eventually;

fn complaint(desk: &Desk, arguments: &[&str]) -> String {
    let output = desk.run(arguments);
    assert!(!output.status.success());
    text(&output.stderr)
}

#[track_caller]
fn complains(desk: &Desk, expected: &str) {
    let said = complaint(desk, &["--once"]);
    assert!(said.contains(expected), "{said}");
}

#[test]
fn what_is_no_folder_is_told_so() {
    let desk = Desk::new();
    let file = desk.root.join("file");
    fs::write(&file, "").unwrap();
    complains(&Desk::nowhere(&file), "not a folder: ");
    let missing = Desk::nowhere(&desk.root.join("missing"));
    complains(&missing, "there is no such folder; make it first: ");
}

#[test]
fn a_queue_that_a_newer_version_wrote_is_left_alone() {
    let desk = Desk::new();
    desk.once();
    let format = desk.root.join(".thimble/queue/format");
    assert_eq!(fs::read_to_string(&format).unwrap(), "thimble-queue 1\n");
    fs::write(&format, "thimble-queue 7\n").unwrap();
    complains(&desk, "a newer version of Thimble wrote it (format 7");
}

#[test]
fn a_preset_that_the_engine_cannot_serve_is_refused_before_any_image() {
    let desk = Desk::new();
    desk.image("cat.bmp", &picture(1));
    for preset in [
        "small=8x8,image/x-nonsense",
        "small=0x8",
        "small=8x8,nonsense=1",
        "8x8",
    ] {
        let said = complaint(&desk, &["--once", "--preset", preset]);
        assert!(!said.is_empty());
        assert!(desk.thumbnails().is_empty());
    }
    // Nothing was queued for a preset that cannot be.
    assert_eq!(desk.status(), [0, 0, 0]);
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_told_and_disturbs_nothing_else() {
    let desk = Desk::new();
    desk.image("good.bmp", &picture(1));
    desk.image("secret.bmp", &picture(2));
    desk.image("locked/cat.bmp", &picture(3));
    let images = desk.root.join("images");
    let output = by_somebody(&desk, &["--once", "--json"], &|| {
        permit(&images.join("secret.bmp"), 0o000);
        permit(&images.join("locked"), 0o000);
    });
    let told = text(&output.stderr);
    assert!(
        told.contains("images/locked: it cannot be read, and is left out"),
        "{told}"
    );
    // What nobody has looked at is no success.
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert_eq!(desk.thumbnails().len(), 3);
    assert_eq!(
        desk.dead_letters(),
        [("secret.bmp".to_owned(), "access-denied".to_owned())]
    );
    permit(&images.join("locked"), 0o755);
}

#[cfg(unix)]
#[test]
fn thumbnails_of_a_folder_that_cannot_be_read_stay() {
    let desk = Desk::new();
    desk.image("locked/cat.bmp", &picture(3));
    desk.once();
    let locked = desk.root.join("images/locked");
    let output = by_somebody(&desk, &["--once"], &|| permit(&locked, 0o000));
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert_eq!(desk.thumbnails().len(), 3);
    permit(&locked, 0o755);
}

#[cfg(unix)]
#[test]
fn status_and_letters_need_no_right_to_write() {
    let desk = Desk::new();
    desk.image("broken.bmp", b"BM, broken");
    desk.once();
    let state = desk.root.join(".thimble");
    for (command, words) in [("status", "1 dead letter"), ("dead-letters", "broken.bmp")] {
        let output = by_somebody(&desk, &[command], &|| {
            for folder in [
                "",
                "queue",
                "queue/messages",
                "dead-letters",
                "dead-letters/messages",
            ] {
                permit(&state.join(folder), 0o555);
            }
            permit(&desk.root, 0o555);
        });
        let (said, told) = (text(&output.stdout), text(&output.stderr));
        assert!(
            output.status.success() && said.contains(words),
            "{said}{told}"
        );
    }
    // Nor is anything made where nobody has worked yet.
    let fresh = Desk::new();
    assert_eq!(fresh.status(), [0, 0, 0]);
    assert!(!fresh.root.join(".thimble").exists());
}

fn permit(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Run the program at `desk` as a user who may not do everything, after `forbid`.
fn by_somebody(desk: &Desk, arguments: &[&str], forbid: &dyn Fn()) -> std::process::Output {
    use std::os::unix::process::CommandExt;

    const NOBODY: u32 = 65_534;
    let mut command = desk.command(arguments);
    let trial = desk.root.parent().unwrap().join("trial");
    fs::write(&trial, "").unwrap();
    permit(&trial, 0o000);
    if fs::read(&trial).is_ok() {
        // This user may do everything: somebody else has to try.
        let beside = desk.root.parent().unwrap();
        permit(beside, 0o755);
        let owned = Command::new("chown")
            .args(["-R", "65534:65534"])
            .arg(&desk.root)
            .status();
        assert!(owned.unwrap().success());
        let (program, engine) = (beside.join("thimble"), beside.join("engine.wasm"));
        fs::copy(env!("CARGO_BIN_EXE_thimble"), &program).unwrap();
        fs::copy(crate::desk::engine(), &engine).unwrap();
        command = Command::new(program);
        command.arg("local").arg(&desk.root).args(arguments);
        command.env("THIMBLE_ENGINE", engine);
        command.stdout(std::process::Stdio::piped());
        command.stderr(std::process::Stdio::piped());
        command.uid(NOBODY).gid(NOBODY);
    }
    forbid();
    // Another test may start a program at the very moment at which ours is
    // copied, and hold the copy open for writing until it has started.
    let mut started = None;
    eventually("the program starts", || {
        started = command.spawn().ok();
        started.is_some()
    });
    crate::process::finish(started.unwrap())
}

/// A small disk, if this user may have one; unmounted when dropped.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path, size: &str) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(at);
        let mounted = mount.output().is_ok_and(|output| output.status.success());
        mounted.then_some(Self(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_loses_no_image() {
    let directory = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(directory.path(), "3m") else {
        eprintln!("not tested: this user may not mount a small disk to fill");
        return;
    };
    let desk = Desk::at(&disk.0.join("desk"));
    for number in 0..4 {
        desk.image(&format!("{number}.bmp"), &sized_picture(number, 400, 400));
    }
    let filler = disk.0.join("filler");
    let mut size = 4 << 20;
    while size >= 1_024 {
        // As much as there is room for, and then some less.
        let mut filled = fs::read(&filler).unwrap_or_default();
        filled.resize(filled.len() + size, 1);
        if fs::write(&filler, &filled).is_err() {
            filled.truncate(filled.len() - size);
            fs::write(&filler, &filled).unwrap();
            size /= 2;
        }
    }
    let output = desk.run(&["--once", "--json"]);
    let said = text(&output.stderr) + &text(&output.stdout);
    assert!(said.contains("no room is left"), "{said}");
    let half_made = desk.thumbnails();
    fs::remove_file(filler).unwrap();
    assert!(desk.run(&["redrive"]).status.success());
    desk.once();
    let whole = desk.thumbnails();
    assert_eq!(whole.len(), 12);
    assert!(
        half_made
            .iter()
            .all(|(key, bytes)| whole.get(key) == Some(bytes))
    );
    assert_eq!(desk.status(), [0, 0, 0]);
}
