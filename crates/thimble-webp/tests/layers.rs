//! Pictures at a place of a canvas, whole and damaged.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;
use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use thimble_picture::{Model, Picture, Plane};
use thimble_webp::container::write;
use thimble_webp::layer::{Canvas, Layer};
use thimble_webp::{encode, still};

/// The rows of a canvas: none for one that is missing.
fn rows(layer: &Layer, sides: (u32, u32), place: (u32, u32)) -> Vec<Vec<[u8; 4]>> {
    let mut rows = vec![];
    let Ok(()) = layer.rows_on(Canvas { sides, place }, |row| {
        assert!(row.gaps.is_empty());
        rows.push(row.samples.as_chunks().0.to_vec());
        Ok::<(), Infallible>(())
    });
    rows
}

/// A pixel for each place.
fn color(x: u32, y: u32) -> [u8; 4] {
    [50 * x as u8, 80 * y as u8, 7, 255]
}

fn file_of(pixels: &RgbaImage) -> Vec<u8> {
    let mut file = Cursor::new(vec![]);
    pixels.write_to(&mut file, ImageFormat::WebP).unwrap();
    file.into_inner()
}

/// A lossy file, gray, of 32x64 pixels.
fn lossy_file() -> Vec<u8> {
    let luma = Plane {
        channels: 1,
        width: 32,
        height: 64,
        extent: (32.0, 64.0),
        samples: (0..32 * 64).map(|at| 100 + at as u8 % 91).collect(),
    };
    let picture = Picture {
        model: Model::Gray,
        planes: vec![luma],
    };
    write(&[(*b"VP8 ", &encode(&picture, 90).unwrap())]).unwrap()
}

#[test]
fn what_lies_beside_a_picture_is_transparent() {
    let opaque = RgbImage::from_fn(3, 2, |x, y| {
        let [red, green, blue, _] = color(x, y);
        Rgb([red, green, blue])
    });
    let mut file = Cursor::new(vec![]);
    opaque.write_to(&mut file, ImageFormat::WebP).unwrap();
    let opaque = file.into_inner();
    let with_alpha = file_of(&RgbaImage::from_fn(3, 2, |x, y| Rgba(color(x, y))));
    for file in [opaque, with_alpha] {
        let layer = Layer::whole(&file, (3, 2)).unwrap();
        assert!(layer.is_whole());
        let clear = [0; 4];
        let row = |y: u32| vec![clear, clear, color(0, y), color(1, y), color(2, y), clear];
        let expected = [vec![], row(0), row(1), vec![]];
        assert_eq!(rows(&layer, (6, 4), (2, 1)), expected);
    }
}

#[test]
fn what_lies_beside_a_canvas_is_not_shown() {
    let file = file_of(&RgbaImage::from_fn(3, 2, |x, y| Rgba(color(x, y))));
    let layer = Layer::whole(&file, (3, 2)).unwrap();
    assert_eq!(
        rows(&layer, (2, 1), (0, 0)),
        [vec![color(0, 0), color(1, 0)]]
    );
    assert_eq!(
        rows(&layer, (2, 2), (1, 1)),
        [vec![], vec![[0; 4], color(0, 0)]]
    );
    assert_eq!(rows(&layer, (2, 2), (9, 1)), [vec![], vec![[0; 4], [0; 4]]]);
    assert!(rows(&layer, (2, 2), (0, 9)).concat().is_empty());
}

#[test]
fn a_picture_of_other_sides_than_stated_is_refused() {
    let file = file_of(&RgbaImage::new(3, 2));
    for sides in [(2, 2), (3, 3), (0, 2)] {
        assert!(Layer::whole(&file, sides).is_err(), "{sides:?}");
    }
}

#[test]
fn the_rows_there_are_of_a_lossless_picture_are_shown() {
    let pixels = RgbaImage::from_fn(40, 40, |x, y| {
        Rgba([
            (x * y) as u8,
            (x * 7) as u8,
            ((y * 31) ^ (x * 5)) as u8,
            255,
        ])
    });
    let file = file_of(&pixels);
    let cut = &file[..file.len() / 2];
    assert_eq!(still::sides(cut).unwrap(), (40, 40));
    assert!(Layer::whole(cut, (40, 40)).is_err());
    let layer = Layer::remains(cut).unwrap();
    assert!(!layer.is_whole());
    let shown = rows(&layer, (40, 40), (0, 0));
    assert_eq!(shown.len(), 40);
    let there = shown.iter().take_while(|row| !row.is_empty()).count();
    assert!((1..40).contains(&there), "{there} rows");
    assert_eq!(
        shown.concat().as_flattened(),
        &pixels.as_raw()[..there * 40 * 4]
    );
}

#[test]
fn the_rows_there_are_of_a_lossy_picture_are_those_of_the_whole() {
    let file = lossy_file();
    let whole = Layer::remains(&file).unwrap();
    assert!(whole.is_whole());
    let whole = rows(&whole, (32, 64), (0, 0));
    let layer = Layer::remains(&file[..file.len() * 2 / 3]).unwrap();
    assert!(!layer.is_whole());
    let shown = rows(&layer, (32, 64), (0, 0));
    assert_eq!(shown.len(), 64);
    let there = shown.iter().take_while(|row| !row.is_empty()).count();
    assert!((8..64).contains(&there), "{there} rows");
    // A filter of the next row changes the last ones.
    assert_eq!(shown[..there - 8], whole[..there - 8]);
    assert!(shown[there..].iter().all(Vec::is_empty));
}

#[test]
fn what_is_no_picture_has_no_rows() {
    let files = ["", "RIFF\x04\0\0\0WEBP", "RIFF\x0c\0\0\0WEBPVP8 \0\0\0\0"];
    for file in files.map(str::as_bytes) {
        assert!(Layer::remains(file).is_none());
        assert!(Layer::whole(file, (1, 1)).is_err());
        assert!(still::sides(file).is_err());
    }
}
