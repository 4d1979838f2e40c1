//! Images that come, change and go while the program watches.

use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::time::Duration;

use crate::desk::{Desk, picture, sized_picture, text};
use crate::process::{Running, eventually};

/// The thumbnails that a picture gets when nothing disturbs.
fn undisturbed(images: &[(&str, Vec<u8>)]) -> std::collections::BTreeMap<String, Vec<u8>> {
    let desk = Desk::new();
    images
        .iter()
        .for_each(|(key, bytes)| desk.image(key, bytes));
    desk.once();
    desk.thumbnails()
}

#[cfg(unix)]
#[test]
fn thumbnails_follow_their_images() {
    let desk = Desk::new();
    desk.image("before.bmp", &picture(1));
    let mut watching = desk.watch();
    let expect = |what: &str, images: &[(&str, Vec<u8>)]| {
        let expected = undisturbed(images);
        eventually(what, || desk.thumbnails() == expected);
    };
    expect("what was there before", &[("before.bmp", picture(1))]);
    desk.image("a/new.bmp", &picture(2));
    expect(
        "a new image",
        &[("before.bmp", picture(1)), ("a/new.bmp", picture(2))],
    );
    desk.image("before.bmp", &picture(3));
    expect(
        "a changed image",
        &[("before.bmp", picture(3)), ("a/new.bmp", picture(2))],
    );
    // A whole folder at once, by another name and away again.
    let images = desk.root.join("images");
    fs::rename(images.join("a"), images.join("b")).unwrap();
    expect(
        "a renamed folder",
        &[("before.bmp", picture(3)), ("b/new.bmp", picture(2))],
    );
    fs::remove_dir_all(images.join("b")).unwrap();
    expect("a removed folder", &[("before.bmp", picture(3))]);
    desk.remove("before.bmp");
    expect("a removed image", &[]);
    eventually("no message is left", || desk.status() == [0, 0, 0]);
    assert!(watching.stop().success());
}

#[cfg(unix)]
#[test]
fn thumbnails_go_when_another_kind_of_thing_takes_the_name() {
    let desk = Desk::new();
    let images = desk.root.join("images");
    let elsewhere = desk.root.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    for key in ["linked/a.bmp", "kept/a.bmp", "file/b/c.bmp", "folder.bmp"] {
        desk.image(key, &picture(1));
    }
    let mut watching = desk.watch();
    let before = ["linked/a.bmp", "kept/a.bmp", "file/b/c.bmp", "folder.bmp"];
    let before = undisturbed(&before.map(|key| (key, picture(1))));
    eventually("what was there before", || desk.thumbnails() == before);
    let replace = |name: &str, by: &dyn Fn(&std::path::Path)| {
        let aside = desk.root.join("aside");
        by(&aside);
        fs::rename(images.join(name), desk.root.join(name)).unwrap();
        fs::rename(&aside, images.join(name)).unwrap();
    };
    replace("linked", &|path| {
        std::os::unix::fs::symlink(&elsewhere, path).unwrap();
    });
    replace("file", &|path| fs::write(path, picture(2)).unwrap());
    replace("folder.bmp", &|path| {
        fs::create_dir(path).unwrap();
        fs::write(path.join("d.bmp"), picture(3)).unwrap();
    });
    let expected = undisturbed(&[
        ("kept/a.bmp", picture(1)),
        ("file", picture(2)),
        ("folder.bmp/d.bmp", picture(3)),
    ]);
    eventually("those of what is there now", || {
        desk.thumbnails() == expected
    });
    assert!(watching.stop().success());
}

#[cfg(unix)]
#[test]
fn an_image_that_is_replaced_again_and_again_ends_with_its_newest() {
    let desk = Desk::new();
    let mut watching = desk.watch();
    for number in 0..40 {
        desk.image("cat.bmp", &picture(number));
        std::thread::sleep(Duration::from_millis(u64::from(number % 7) * 40));
    }
    let newest = undisturbed(&[("cat.bmp", picture(39))]);
    eventually("the newest", || {
        desk.thumbnails() == newest && desk.status() == [0, 0, 0]
    });
    assert!(watching.stop().success());
}

#[test]
fn an_image_that_is_still_being_written_is_waited_for() {
    let desk = Desk::new();
    let bytes = sized_picture(1, 640, 480);
    let path = desk.root.join("images/slow.bmp");
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(&bytes[..1_000]).unwrap();
    let once = desk.command(&["--once", "--json"]).spawn().unwrap();
    let parts = bytes[1_000..].chunks(bytes.len() / 30);
    for part in parts {
        file.write_all(part).unwrap();
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(file);
    let output = crate::process::finish(once);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert_eq!(desk.dead_letters(), []);
    assert!(desk.thumbnails() == undisturbed(&[("slow.bmp", bytes)]));
}

#[test]
fn one_program_at_a_time_works_in_a_folder() {
    let desk = Desk::new();
    desk.image("cat.bmp", &picture(1));
    let mut watching = desk.watch();
    eventually("the first is at work", || desk.thumbnails().len() == 3);
    let output = desk.run(&["--once"]);
    assert!(!output.status.success());
    let said = text(&output.stderr);
    assert!(
        said.contains("another process works on it; stop that one first"),
        "{said}"
    );
    assert!(!watching.has_ended());
    // Things that a second one may do meanwhile.
    eventually("nothing is left to do", || desk.status() == [0, 0, 0]);
    desk.image("bad.bmp", b"no image");
    eventually("a dead letter", || desk.status()[2] == 1);
    desk.image("bad.bmp", &picture(2));
    eventually("repaired", || desk.thumbnails().len() == 6);
    assert!(desk.run(&["redrive"]).status.success());
    eventually("all is done", || desk.status() == [0, 0, 0]);
}

/// A watcher of a folder does not hear of a change by way of another name of a file.
#[cfg(unix)]
#[test]
fn a_change_that_nobody_hears_of_is_found_by_looking_again() {
    let desk = Desk::new();
    desk.image("cat.bmp", &picture(1));
    let elsewhere = desk.root.parent().unwrap().join("cat.bmp");
    fs::hard_link(desk.root.join("images/cat.bmp"), &elsewhere).unwrap();
    let mut command = desk.command(&["--poll", "1"]);
    let mut watching = Running::start(command.stdout(Stdio::null()).stderr(Stdio::null()));
    for number in 1..4 {
        fs::write(&elsewhere, picture(number)).unwrap();
        let expected = undisturbed(&[("cat.bmp", picture(number))]);
        eventually("the change", || desk.thumbnails() == expected);
    }
    assert!(watching.stop().success());
}
