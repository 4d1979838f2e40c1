//! Camera raw files: what their first page is, and what is said of it.

use super::shown::{HEIGHT, Shown, WIDTH, expect_unsupported, pixels};
use super::writer::Tiff;
use super::written::rgb;

#[test]
fn the_preview_of_a_camera_raw_file_is_never_shown_without_a_word() {
    let preview = rgb(1, pixels().concat()).long(254, &[1]);
    let shown = Shown::of(&preview.clone().bytes(50_706, &[1, 4, 0, 0]).finish());
    shown.expect_rows(0..HEIGHT, 0);
    shown.expect_warning("camera raw");
    // A directory of its own for the sensor, at the end of the file.
    let mut file = preview.long(330, &[0]).finish();
    let sensor = file.len() as u32;
    file.extend([1, 0, 6, 1, 3, 0, 1, 0, 0, 0, 0x23, 0x80, 0, 0, 0, 0, 0, 0]);
    let tag = file
        .windows(4)
        .rposition(|four| four == [74, 1, 4, 0])
        .unwrap();
    file[tag + 8..tag + 12].copy_from_slice(&sensor.to_le_bytes());
    let shown = Shown::of(&file);
    shown.expect_warning("camera raw");
}

/// A directory of one tag, and the place of the next one, for the end of a file.
fn directory(tag: u16, kind: u16, value: u32, next: u32) -> Vec<u8> {
    let mut directory = [[1, 0], tag.to_le_bytes(), kind.to_le_bytes()].concat();
    for number in [1, value, next] {
        directory.extend(number.to_le_bytes());
    }
    directory
}

#[test]
fn a_sensor_is_found_two_levels_deep_and_by_every_coding_of_its_maker() {
    let preview = rgb(1, pixels().concat());
    let length = preview.clone().long(330, &[0]).finish().len() as u32;
    let sensors = [
        (262, 32_803),
        (262, 34_892),
        (259, 262),
        (259, 32_867),
        (259, 34_713),
    ];
    for (tag, value) in sensors {
        let sensor = directory(tag, 3, value, 0);
        let below = directory(330, 4, length + 18, 0);
        let before = directory(256, 4, 8, length + 18);
        for between in [below.clone(), before] {
            let file = [
                preview.clone().long(330, &[length]).finish(),
                between,
                sensor.clone(),
            ];
            Shown::of(&file.concat()).expect_warning("camera raw");
        }
        let pages = followed(&preview.finish(), &[b"II*\0\x08\0\0\0", &*below].concat());
        // The directory behind the first page lies where that one ended.
        let start = preview.finish().len() as u32;
        let below = directory(330, 4, start + 18, 0);
        let file = [&pages[..start as usize], &below, &sensor].concat();
        Shown::of(&file).expect_warning("camera raw");
    }
}

#[test]
fn makers_of_raw_files_are_known_by_their_marks_and_not_by_their_names() {
    let preview = rgb(1, vec![]).bytes(271, b"Phase One A/S\0");
    let marked = [b"IIII".to_vec(), pixels().concat()].concat();
    // The picture lies behind the mark.
    let shown = preview.clone().chunks(vec![marked]).finish();
    Shown::of(&shown).expect_warning("camera raw");
    let exported = preview.chunks(vec![pixels().concat()]);
    Shown::of(&exported.finish()).expect_whole(0);
    let leaf = rgb(1, pixels().concat()).bytes(34_310, b"PKTS");
    Shown::of(&leaf.finish()).expect_warning("camera raw");
}

#[test]
fn a_first_page_that_is_smaller_or_a_mask_has_a_warning() {
    let larger = Tiff::new(2 * WIDTH, 2 * HEIGHT, vec![]).finish();
    let first = rgb(1, pixels().concat());
    for (tag, value) in [(254, 1), (254, 4), (254, 5), (255, 2)] {
        let file = followed(&first.clone().long(tag, &[value]).finish(), &larger);
        Shown::of(&file).expect_warning("a later page");
    }
    for (tag, value) in [(254, 0), (254, 2), (255, 1)] {
        let file = followed(&first.clone().long(tag, &[value]).finish(), &larger);
        Shown::of(&file).expect_whole(0);
    }
}

/// A file with the first page of another one as its second.
fn followed(first: &[u8], second: &[u8]) -> Vec<u8> {
    let number =
        |bytes: &[u8], at: usize| u32::from_le_bytes(*bytes[at..].first_chunk().unwrap()) as usize;
    let mut file = first.to_vec();
    let directory = number(first, 4);
    let entries = usize::from(u16::from_le_bytes(
        *first[directory..].first_chunk().unwrap(),
    ));
    let next = directory + 2 + 12 * entries;
    let place = (file.len() as u32).to_le_bytes();
    file[next..next + 4].copy_from_slice(&place);
    // Its sides are within the directory, and nothing else is looked at.
    file.extend(&second[number(second, 4)..]);
    file
}

#[test]
fn a_camera_raw_file_without_a_page_to_show_is_named() {
    let preview = rgb(6, vec![0; 64]).without(256).without(257);
    let dng = preview.bytes(50_706, &[1, 4, 0, 0]);
    expect_unsupported(&dng.finish(), "camera raw");
}
