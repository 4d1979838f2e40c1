//! Codecs are joined to an engine, and images that were refused are made.

use std::path::PathBuf;

use super::engines::{Workshop, thimble};
use crate::desk::{picture, text};
use crate::process::eventually;
use testkit::built::{codec, engine, open_engine};

/// A picture of QOI, all of one color; its format is named by the first byte.
fn qoi(first: u8, width: u32, height: u32) -> Vec<u8> {
    let mut file = vec![first, b'o', b'i', b'f'];
    file.extend([width, height].map(u32::to_be_bytes).as_flattened());
    file.extend([4, 0, 0xff, 200, 100, 50, 255]);
    // Each of these is the same pixel, 62 times.
    file.extend(vec![0xfd; (width * height) as usize / 62 + 1]);
    file
}

/// The codec for QOI, with other names in its bytes: of a codec, of its format, and of what
/// a file begins with.
fn koi() -> Vec<u8> {
    let mut bytes = std::fs::read(codec("qoi")).unwrap();
    let number = |first: u8| {
        // As an instruction has it: seven bits a byte.
        let value = i64::from(i32::from_le_bytes([first, b'o', b'i', b'f']));
        [0, 7, 14, 21, 28]
            .map(|shift| (value >> shift) as u8 & 0x7f | if shift < 28 { 0x80 } else { 0 })
    };
    let (from, to) = (number(b'q'), number(b'k'));
    let mut changed = 0;
    for at in 0..bytes.len() - 9 {
        if bytes[at..].starts_with(b"image/qoi") {
            bytes[at + 6] = b'k';
            changed |= 1;
        }
        if bytes[at..].starts_with(&from) {
            bytes[at..at + 5].copy_from_slice(&to);
            changed |= 2;
        }
    }
    assert_eq!(changed, 3, "the codec has other bytes than this test knows");
    bytes
}

#[test]
fn a_picture_that_no_engine_read_is_made_by_one_with_a_codec_for_it() {
    let workshop = Workshop::new();
    let store = workshop.desk.root.join("engines");
    std::fs::create_dir_all(store).unwrap();
    workshop.desk.image("icon.qoi", &qoi(b'q', 40, 30));
    workshop.desk.image("pond.koi", &qoi(b'k', 20, 30));
    let summary = workshop.once();
    // Nobody knows a format of that name.
    assert_eq!(summary["notImages"]["koi"], 1, "{summary}");
    assert_eq!(summary["rejected"], 1, "{summary}");
    let letters = || workshop.desk.dead_letters();
    let unread = ("icon.qoi".to_owned(), "unsupported-format".to_owned());
    assert_eq!(letters(), [unread]);
    let said = text(&workshop.desk.run(&["dead-letters"]).stdout);
    assert!(said.contains("join a codec for it to the engine"), "{said}");

    let [mine, koi_codec] = ["mine.wasm", "koi.wasm"].map(|name| workshop.tools.path().join(name));
    std::fs::write(&koi_codec, koi()).unwrap();
    let output = compose(&[open_engine(), codec("qoi"), koi_codec], &mine);
    let said = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(said.contains("thimble-engine 0.1.0+qoi.0.1.0"), "{said}");
    let release = workshop.publish(&mine);
    workshop.done(&["promote", &release]);
    assert!(workshop.desk.run(&["redrive"]).status.success());
    let summary = workshop.once();
    assert_eq!(summary["thumbnails"], 4, "{summary}");
    assert_eq!(workshop.desk.thumbnails().len(), 4);
    assert!(letters().is_empty());

    let inspected = thimble(
        &["engine", "show", &release, "--json"],
        &[
            (
                "THIMBLE_ENGINE_STORE",
                workshop.desk.root.join("engines").to_str().unwrap(),
            ),
            ("THIMBLE_ENGINE_KEYS", &workshop.public),
        ],
    );
    assert!(
        text(&inspected.stdout).contains("0.1.0+qoi.0.1.0"),
        "{inspected:?}"
    );
    let metadata = std::fs::read(&mine).unwrap();
    let named = b"with qoi 0.1.0 for image/koi, qoi 0.1.0 for image/qoi";
    assert!(metadata.windows(named.len()).any(|bytes| bytes == named));
}

#[test]
fn what_is_no_image_to_one_engine_is_made_by_the_next_without_a_restart() {
    let workshop = Workshop::new();
    std::fs::create_dir_all(workshop.desk.root.join("engines")).unwrap();
    workshop.desk.image("pond.koi", &qoi(b'k', 20, 30));
    let mut watching = workshop.watch();
    let told = "pond.koi: no image, left alone\n";
    eventually(told, || workshop.has_said(told));
    let [mine, codec] = ["mine.wasm", "koi.wasm"].map(|name| workshop.tools.path().join(name));
    std::fs::write(&codec, koi()).unwrap();
    let output = compose(&[open_engine(), codec], &mine);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let release = workshop.publish(&mine);
    workshop.done(&["promote", &release]);
    // Another engine is looked for when there is work.
    workshop.desk.image("cat.bmp", &picture(1));
    eventually("the thumbnails are there", || {
        workshop.desk.thumbnails().len() == 4
    });
    assert!(watching.stop().success());
    assert!(!workshop.has_said("no images"));
}

fn compose(parts: &[PathBuf], output: &std::path::Path) -> std::process::Output {
    let mut words = vec!["engine", "compose"];
    words.extend(parts.iter().map(|part| part.to_str().unwrap()));
    words.extend(["-o", output.to_str().unwrap()]);
    thimble(&words, &[])
}

#[test]
fn what_cannot_be_joined_is_refused_by_name_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, component: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, wat::parse_str(component).unwrap()).unwrap();
        path
    };
    let exporting = |interface: &str| {
        format!(r#"(component (instance $none) (export "{interface}" (instance $none)))"#)
    };
    let empty = write("empty.wasm", "(component)");
    let newer = write("newer.wasm", &exporting("thimble:codec/codec@0.2.0"));
    let hollow = write("hollow.wasm", &exporting("thimble:codec/codec@0.1.0"));
    let wants = write(
        "wants.wasm",
        r#"(component (import "wasi:cli/stdin@0.2.0" (instance)) (instance $none)
            (export "thimble:codec/codec@0.1.0" (instance $none)))"#,
    );
    let asks_newer = write(
        "asks-newer.wasm",
        r#"(component (import "thimble:codec/codec@0.2.0" (instance)))"#,
    );
    let noise = folder.path().join("noise.wasm");
    std::fs::write(&noise, b"a photo").unwrap();
    let (open, qoi) = (open_engine(), codec("qoi"));
    let output = folder.path().join("made.wasm");
    for (parts, reason) in [
        (
            vec![&open, &empty],
            "empty.wasm cannot be joined: the component is no codec",
        ),
        (vec![&open, &newer], "speaks `thimble:codec/codec@0.2.0`"),
        (vec![&open, &hollow], "is another one"),
        (vec![&open, &wants], "imports `wasi:cli/stdin@0.2.0`"),
        (
            vec![&open, &noise],
            "not a component that this host can compile",
        ),
        (vec![&open, &qoi, &qoi], "both decode image/qoi"),
        (vec![&engine(), &qoi], "the engine is not open"),
        (vec![&empty, &qoi], "the engine is not open"),
        (
            vec![&asks_newer, &qoi],
            "asks codecs by `thimble:codec/codec@0.2.0`",
        ),
        (vec![&noise, &qoi], "not a component"),
    ] {
        let parts: Vec<PathBuf> = parts.into_iter().cloned().collect();
        let refused = compose(&parts, &output);
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(said.contains(reason), "`{said}` does not say `{reason}`");
        assert!(!output.exists());
    }
}
