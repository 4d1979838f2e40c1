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
    use std::os::unix::fs::{PermissionsExt, chown};
    use std::os::unix::process::CommandExt;

    let desk = Desk::new();
    desk.image("good.bmp", &picture(1));
    desk.image("secret.bmp", &picture(2));
    let secret = desk.root.join("images/secret.bmp");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    let mut command = desk.command(&["--once", "--json"]);
    if fs::read(&secret).is_ok() {
        // This user may do everything: somebody else has to try.
        const NOBODY: u32 = 65_534;
        fs::set_permissions(
            desk.root.parent().unwrap(),
            fs::Permissions::from_mode(0o755),
        )
        .unwrap();
        for path in [
            desk.root.clone(),
            desk.root.join("images"),
            desk.root.join("images/good.bmp"),
        ] {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let program = desk.root.parent().unwrap().join("thimble");
        let engine = desk.root.parent().unwrap().join("engine.wasm");
        fs::copy(env!("CARGO_BIN_EXE_thimble"), &program).unwrap();
        fs::copy(crate::desk::engine(), &engine).unwrap();
        let mut other = Command::new(program);
        other
            .arg("local")
            .arg(&desk.root)
            .args(["--once", "--json"])
            .env("THIMBLE_ENGINE", engine);
        other
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        other.uid(NOBODY).gid(NOBODY);
        command = other;
    }
    // Another test may start a program at the very moment at which ours is
    // copied, and hold the copy open for writing until it has started.
    let mut started = None;
    eventually("the program starts", || {
        started = command.spawn().ok();
        started.is_some()
    });
    let output = crate::process::finish(started.unwrap());
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(desk.thumbnails().len(), 3);
    assert_eq!(
        desk.dead_letters(),
        [("secret.bmp".to_owned(), "access-denied".to_owned())]
    );
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
