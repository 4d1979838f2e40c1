//! A folder on a file system that other machines change as well: one of FUSE, as those of
//! sshfs, rclone and their kin are.

use std::env;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use crate::desk::Desk;
use crate::process::Running;
use crate::tool::said;

/// A folder for a process that may mount: the same test, once more. It is removed where nothing
/// is mounted.
const INSIDE: &str = "THIMBLE_TEST_MOUNTS";

const NAME: &str =
    "local::network::a_folder_where_other_machines_go_unheard_is_told_that_and_the_remedy";

const NOTE: &str = "is on a file system of the kind fuse, where changes by other machines are not \
                    heard; add --poll 10 to look every 10 seconds";

#[test]
fn a_folder_where_other_machines_go_unheard_is_told_that_and_the_remedy() {
    if let Some(folder) = env::var_os(INSIDE) {
        return watch(Path::new(&folder));
    }
    let may_mount = Command::new("unshare").args(["-rm", "true"]).output();
    let has_fuse = File::options().read(true).write(true).open("/dev/fuse");
    if has_fuse.is_err() || !may_mount.is_ok_and(|output| output.status.success()) {
        eprintln!("nothing to do: nobody may mount a file system of FUSE here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let again = Command::new("unshare")
        .arg("-rm")
        .arg(env::current_exe().unwrap())
        .args(["--exact", NAME])
        .env(INSIDE, folder.path())
        .output();
    assert!(said(&again.unwrap()).contains("1 passed"));
}

fn watch(folder: &Path) {
    let images = folder.join("images");
    mount(&images);
    let heard = |more: &[&str]| until_it_watches(folder, &images, more);
    let noted = heard(&[]);
    assert!(
        noted.contains(&format!("note: {} {NOTE}", images.display())),
        "{noted}"
    );
    // The word is not for those who follow it.
    let noted = heard(&["--poll", "10"]);
    assert!(!noted.contains("file system"), "{noted}");
}

/// The notes of a watch until it has looked at the folder.
fn until_it_watches(folder: &Path, images: &Path, more: &[&str]) -> String {
    let mut command = Desk::nowhere(images).command(&["--thumbnails"]);
    command.arg(folder.join("thumbnails")).args(more);
    let mut watching = Running::start(&mut command);
    let out = watching.0.stdout.take().unwrap();
    let err = watching.0.stderr.take().unwrap();
    let mut lines = BufReader::new(out).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with("watching ")));
    watching.stop();
    let mut noted = String::new();
    BufReader::new(err).read_to_string(&mut noted).unwrap();
    noted
}

/// Mounts an empty file system of FUSE at `place`.
fn mount(place: &Path) {
    std::fs::create_dir(place).unwrap();
    let device = File::options().read(true).write(true).open("/dev/fuse");
    let device = device.unwrap();
    let status = Command::new("mount")
        .args(["-i", "-t", "fuse"])
        .args(["-o", "fd=0,rootmode=40000,user_id=0,group_id=0", "none"])
        .arg(place)
        .stdin(Stdio::from(device.try_clone().unwrap()))
        .status();
    assert!(status.unwrap().success());
    thread::spawn(move || serve(device));
}

/// Answers the kernel: there is one folder, and nothing in it.
fn serve(mut device: File) {
    let mut request = vec![0; 1 << 16];
    while device.read(&mut request).is_ok() {
        let field =
            |place: usize| u32::from_le_bytes(request[place..place + 4].try_into().unwrap());
        let answer = match field(4) {
            // LOOKUP
            1 => Err(-2),
            // FORGET, INTERRUPT, BATCH_FORGET
            2 | 36 | 42 => continue,
            // GETATTR
            3 => Ok(attributes()),
            // STATFS
            17 => Ok(vec![0; 80]),
            // INIT
            26 => Ok(version(field(48))),
            // OPENDIR
            27 => Ok(vec![0; 16]),
            // READDIR, RELEASEDIR
            28 | 29 => Ok(vec![]),
            _ => Err(-38),
        };
        let error: i32 = *answer.as_ref().err().unwrap_or(&0);
        let content = answer.unwrap_or_default();
        let length = 16 + content.len() as u32;
        let head = [length.to_le_bytes(), error.to_le_bytes()].concat();
        let reply = [&head, &request[8..16], &content].concat();
        // A request that was given up wants no answer.
        let _ = device.write(&reply);
    }
}

/// Version 7.31 of the protocol, and the bytes that are read ahead.
fn version(ahead: u32) -> Vec<u8> {
    let mut version = Vec::new();
    for field in [7, 31, ahead, 0, 0, 1 << 12] {
        version.extend(u32::to_le_bytes(field));
    }
    version.resize(64, 0);
    version
}

fn attributes() -> Vec<u8> {
    let mut attributes = vec![0; 104];
    // The number of the folder, its kind, and its links.
    attributes[16] = 1;
    attributes[76..80].copy_from_slice(&0o40_755_u32.to_le_bytes());
    attributes[80] = 2;
    attributes
}
