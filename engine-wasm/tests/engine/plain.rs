//! Netpbm and TGA, as thumbnails.

use image::Rgba;
use thimble_engine::contract::{Error, Limits};

use crate::support::{decoded, generate};

#[test]
fn a_picture_of_netpbm_is_shown_and_half_of_one_half() {
    let (made, warnings) = decoded(b"P3 2 1 255 255 0 0 0 0 255");
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(
        (made.get_pixel(0, 0).0, made.get_pixel(1, 0).0),
        ([255, 0, 0, 255], [0, 0, 255, 255])
    );
    let (made, warnings) = decoded(b"P5 2 2 255\n\x07\x09\x0b");
    assert!(warnings[0].contains("truncated"), "{warnings:?}");
    let Rgba(last) = *made.get_pixel(1, 1);
    assert_eq!((made.get_pixel(0, 1).0, last[3]), ([11, 11, 11, 255], 0));
    let output = generate(b"P1 2 1 10", &Limits::default()).unwrap();
    assert_eq!(output.source.media_type, "image/x-portable-anymap");
}

#[test]
fn inks_in_an_arbitrary_map_are_no_colors_with_alpha() {
    let header = b"P7\nWIDTH 3\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE CMYK\nENDHDR\n";
    let pixels = [[0, 0, 0, 0], [0, 0, 0, 255], [0, 255, 255, 0]];
    let (made, warnings) = decoded(&[header, pixels.as_flattened()].concat());
    assert_eq!(warnings, Vec::<String>::new());
    let [paper, black, red] = [0, 1, 2].map(|x| made.get_pixel(x, 0).0);
    assert_eq!((paper, black), ([255; 4], [0, 0, 0, 255]));
    assert!(red[0] > 200 && red[1] < 60 && red[2] < 60, "{red:?}");
}

#[test]
fn a_tga_is_shown_from_its_lowest_row_on_and_half_of_one_half() {
    let header = b"\0\0\x02\0\0\0\0\0\0\0\0\0\x01\0\x02\0\x18\0";
    let (made, warnings) = decoded(&[header.as_slice(), &[1, 2, 3, 4, 5, 6]].concat());
    assert_eq!(warnings, Vec::<String>::new());
    assert_eq!(
        (made.get_pixel(0, 0).0, made.get_pixel(0, 1).0),
        ([6, 5, 4, 255], [3, 2, 1, 255])
    );
    let (made, warnings) = decoded(&[header.as_slice(), &[1, 2, 3]].concat());
    assert!(warnings[0].contains("truncated"), "{warnings:?}");
    assert_eq!(
        (made.get_pixel(0, 0).0[3], made.get_pixel(0, 1).0),
        (0, [3, 2, 1, 255])
    );
    let output = generate(
        &[header.as_slice(), &[1, 2, 3]].concat(),
        &Limits::default(),
    );
    assert_eq!(output.unwrap().source.media_type, "image/x-tga");
}

#[test]
fn what_has_no_pixel_is_malformed() {
    let header = b"\0\0\x02\0\0\0\0\0\0\0\0\0\x01\0\x02\0\x18\0";
    for source in [header.as_slice(), b"P5 2 2 255\n", b"P5 2 2 0\n1234", b"P6"] {
        let refused = generate(source, &Limits::default());
        let is_refused = matches!(
            refused,
            Err(Error::MalformedSource(_) | Error::UnsupportedFormat(_))
        );
        assert!(is_refused, "{}: {refused:?}", source.escape_ascii());
    }
}
