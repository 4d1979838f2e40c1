//! A preset that the engine cannot make is told before anything is done.

use crate::desk::{Desk, picture};
use crate::tool::{assert_fails, run, said};

/// A format that the engine does not write.
const PRESET: &str = "x=9x9,avif";

#[test]
fn a_host_whose_engine_cannot_make_a_preset_does_not_start() {
    let desk = Desk::kept();
    desk.image("cat.bmp", &picture(1));
    assert_eq!(desk.status(), [0, 0, 0]);
    let root = desk.root.to_str().unwrap();
    said(&run(&["backfill", root, "--queue", root]));
    for words in [
        &["worker", "--queue", root, "--once"][..],
        &["local", root, "--once"],
        &["local", root],
        &["backfill", root, "--queue", root, "--missing-only"],
    ] {
        let output = run(&[words, &["--preset", "good=8x8", "--preset", PRESET]].concat());
        let named = format!("cannot make the preset {PRESET}: ");
        assert_fails(&output, 2, &named);
        assert_fails(&output, 2, "the engine thimble-engine ");
    }
    assert_eq!(
        desk.status(),
        [1, 0, 0],
        "nothing was tried, and nothing is a dead letter"
    );
}
