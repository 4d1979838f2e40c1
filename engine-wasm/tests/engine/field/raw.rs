//! Camera raw files: the largest preview, upright, with a word about it.

use image::Rgba;
use testkit::raw::{self, SCALE};
use testkit::sources::{HEIGHT, WIDTH, exif};
use thimble_engine::contract::{Dimensions, Error, Fit, Limits};

use crate::support::{decoded, make, spec, with_type};

const SIDES: (u32, u32) = (WIDTH * SCALE, HEIGHT * SCALE);

/// Media type and dimensions of a source, as the engine reports them.
fn about(source: &[u8]) -> (String, Dimensions) {
    let output = thimble_engine::generate(source, &[], &Limits::default()).unwrap();
    (output.source.media_type, output.source.dimensions)
}

#[test]
fn the_largest_preview_is_shown_upright_and_called_a_preview() {
    for (ending, media_type, source) in raw::files() {
        // Fujifilm's says nothing of how it was held.
        let turned = ending != "raf";
        let (width, height) = if turned { (SIDES.1, SIDES.0) } else { SIDES };
        let (found, dimensions) = about(&source);
        assert_eq!(found, media_type);
        assert_eq!(
            (dimensions.width, dimensions.height),
            (width, height),
            "{ending}"
        );
        let (made, warnings) = decoded(&source);
        assert_eq!(warnings.len(), 1, "{ending}: {warnings:?}");
        assert!(
            warnings[0].contains("preview of a camera raw file"),
            "{warnings:?}"
        );
        // What was left at the bottom is at the top.
        let Rgba([red, green, ..]) = *made.get_pixel(0, 0);
        let (least, most) = if turned { (220, 255) } else { (0, 20) };
        assert!(
            red < 20 && (least..=most).contains(&green),
            "{ending}: {red} {green}"
        );
    }
}

#[test]
fn a_preview_that_is_upright_already_is_not_turned_again() {
    // As tall as wide, and half as wide again: 40 by 60 pixels of a camera on its side.
    let tall = {
        let picture = image::RgbImage::from_fn(40, 60, |x, y| image::Rgb([x as u8, y as u8, 9]));
        let mut jpeg = std::io::Cursor::new(Vec::new());
        picture
            .write_to(&mut jpeg, image::ImageFormat::Jpeg)
            .unwrap();
        jpeg.into_inner()
    };
    let mut tiff = raw::Tiff::new(b"IIU\0");
    let bytes = tall.iter().map(|byte| u32::from(*byte)).collect();
    let first = tiff.directory([(274, 3, vec![6]), (46, 7, bytes)], 0);
    let (_, dimensions) = about(&tiff.finish(first));
    assert_eq!((dimensions.width, dimensions.height), (40, 60));
}

#[test]
fn a_preview_that_says_how_it_was_held_knows_better() {
    let mut source = raw::files()
        .into_iter()
        .find(|(ending, ..)| *ending == "raf")
        .unwrap()
        .2;
    let block = [b"Exif\0\0".as_slice(), &exif(8)].concat();
    let length = (block.len() as u16 + 2).to_be_bytes();
    let segment = [b"\xff\xe1".as_slice(), &length, &block].concat();
    source.splice(162..162, segment);
    let (_, dimensions) = about(&source);
    assert_eq!((dimensions.width, dimensions.height), (SIDES.1, SIDES.0));
}

#[test]
fn a_raw_file_is_a_jpeg_as_a_thumbnail() {
    for (ending, _, source) in raw::files() {
        let thumbnails = make(&source, &[spec(20, 20, Fit::Inside)]);
        assert_eq!(thumbnails[0].media_type, "image/jpeg", "{ending}");
    }
}

#[test]
fn a_raw_file_that_is_cut_off_shows_what_is_left_of_it_or_says_what_it_is() {
    for (ending, _, source) in raw::files() {
        for length in (12..source.len()).step_by(97) {
            let specs = [with_type("image/png", spec(64, 64, Fit::Inside))];
            let made = thimble_engine::generate(&source[..length], &specs, &Limits::default());
            let is_answer = matches!(
                made,
                Ok(_) | Err(Error::MalformedSource(_) | Error::UnsupportedFormat(_))
            );
            assert!(is_answer, "{ending}, {length} bytes: {made:?}");
        }
    }
}

#[test]
fn a_raw_file_without_a_preview_is_named() {
    let mut tiff = raw::Tiff::new(b"IIRO");
    let first = tiff.directory([(274, 3, vec![1])], 0);
    let refused = thimble_engine::generate(&tiff.finish(first), &[], &Limits::default());
    let Err(Error::UnsupportedFormat(reason)) = refused else {
        panic!("{refused:?}");
    };
    assert!(
        reason.contains("image/x-olympus-orf") && reason.contains("raw"),
        "{reason}"
    );
}
