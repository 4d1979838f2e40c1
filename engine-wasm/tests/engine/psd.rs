//! Photoshop's files, as thumbnails.

use testkit::psd::Psd;
use thimble_engine::contract::{Error, Limits};

use crate::support::{decoded, generate};

#[test]
fn the_composite_is_shown_and_half_of_a_file_half() {
    let psd = Psd::new(Psd::RGB, (1, 2), &[255, 0, 0, 255, 7, 9]);
    let (made, warnings) = decoded(&psd.file());
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(
        (made.get_pixel(0, 0).0, made.get_pixel(0, 1).0),
        ([255, 0, 7, 255], [0, 255, 9, 255])
    );
    let file = psd.file();
    let (made, warnings) = decoded(&file[..file.len() - 1]);
    assert!(warnings[0].contains("truncated"), "{warnings:?}");
    assert_eq!(
        (made.get_pixel(0, 0).0, made.get_pixel(0, 1).0[3]),
        ([255, 0, 7, 255], 0)
    );
    let output = generate(&file, &Limits::default()).unwrap();
    assert_eq!(output.source.media_type, "image/vnd.adobe.photoshop");
}

#[test]
fn inks_are_mixed_and_alpha_shows_through() {
    // Cyan and nothing else, stored inverted.
    let (made, _) = decoded(&Psd::new(Psd::CMYK, (1, 1), &[0, 255, 255, 255]).file());
    assert_eq!(made.get_pixel(0, 0).0, [0, 255, 255, 255]);
    // Black at half, upon white.
    let half = Psd::new(Psd::RGB, (1, 1), &[127, 127, 127, 128]);
    assert_eq!(
        decoded(&half.file()).0.get_pixel(0, 0).0,
        [127, 127, 127, 255]
    );
    let half = half.with_alpha().file();
    assert_eq!(decoded(&half).0.get_pixel(0, 0).0, [0, 0, 0, 128]);
}

#[test]
fn a_turn_that_exif_states_is_made() {
    let exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let psd = Psd::new(Psd::GRAY, (1, 2), &[10, 200]);
    let (made, _) = decoded(
        &psd.with(|psd| psd.resources = vec![(1058, exif.to_vec())])
            .file(),
    );
    assert_eq!(made.dimensions(), (2, 1));
    assert_eq!(
        (made.get_pixel(0, 0).0[0], made.get_pixel(1, 0).0[0]),
        (200, 10)
    );
}

#[test]
fn a_file_without_a_composite_says_how_to_get_one() {
    let psd = Psd::new(Psd::GRAY, (1, 1), &[255]);
    let psd = psd.with(|psd| psd.resources = vec![(1057, vec![0, 0, 0, 1, 0])]);
    let refused = generate(&psd.file(), &Limits::default());
    let Err(Error::UnsupportedFormat(reason)) = refused else {
        panic!("{refused:?}");
    };
    assert!(reason.contains("maximized compatibility"), "{reason}");
}
