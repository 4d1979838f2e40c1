//! Killed at any moment and started again.

use std::time::Duration;

use testkit::Numbers;

use crate::desk::Desk;
use crate::kills::{IMAGES, assert_whole, kills, rejected, write};

#[test]
fn an_image_is_never_lost_and_no_thumbnail_is_ever_half_written() {
    let whole = Desk::new();
    (0..IMAGES).for_each(|number| write(&whole, number));
    let begun = std::time::Instant::now();
    let summary = whole.once();
    let long = begun.elapsed().as_millis() as usize;
    let work = (summary["seconds"].as_f64().unwrap() * 1_000.0) as usize;
    let expected = whole.thumbnails();
    assert_eq!(expected.len(), 45 * 3);

    let desk = Desk::new();
    let mut numbers = Numbers::new(0x005e_ed0f_7417_1b1e);
    let kills = kills(6);
    let mut killed_at_work = 0;
    for kill in 0..kills {
        // Something to do each time: a few images more, and all that is made
        // is thrown away and made anew.
        let due = |kill: u64| u32::try_from((u64::from(IMAGES) * kill).div_ceil(kills)).unwrap();
        (due(kill)..due(kill + 1)).for_each(|number| write(&desk, number));
        let _ = std::fs::remove_dir_all(desk.root.join("thumbnails"));
        let mut watching = desk.watch();
        // Most of the longest time the engine is being compiled. The queue may hold what
        // an earlier kill left, so only a thumbnail shows that somebody is at it; many
        // come at one time, with one barrier of the disk, and soon there is no work left.
        if kill % 3 != 0 {
            desk.first_thumbnail();
        }
        let pause = match kill % 3 {
            0 => numbers.below(long),
            1 => 0,
            _ => numbers.below(work / 2),
        };
        std::thread::sleep(Duration::from_millis(pause as u64));
        watching.kill();
        let has_begun = assert_whole(&desk, &whole, kill);
        killed_at_work += u64::from(has_begun && desk.messages() > 0);
    }
    assert!(
        killed_at_work > 0,
        "no kill fell between the first thumbnail and the last"
    );
    desk.once();
    assert!(desk.thumbnails() == expected);
    assert_eq!(
        desk.dead_letters(),
        rejected(),
        "each bad image is one dead letter with its reason"
    );
    assert_eq!(desk.status(), [0, 0, 5]);
    println!("{kills} kills, {killed_at_work} of them between the first thumbnail and the last");
}
