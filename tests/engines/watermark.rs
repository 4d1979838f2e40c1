//! The watermark: a change in its own place, and nowhere else.

use image::{ImageFormat, RgbaImage};
use thimble::contract::{Error, Thumbnail};
use thimble::wasm::Error as Failed;

use crate::built::{Built, file, marked, picture, plain};

fn pixels(thumbnail: &Thumbnail) -> RgbaImage {
    image::load_from_memory(&thumbnail.data).unwrap().to_rgba8()
}

/// Mean difference over all channels, of 255, between a thumbnail and the one
/// without a mark: in the mark's place, and elsewhere.
fn differences(source: &[u8], preset: &str) -> (f64, f64) {
    let make = |built: &Built| pixels(&built.make(source, &[preset]).unwrap().thumbnails[0]);
    let (plain, marked) = (make(plain()), make(marked()));
    assert_eq!(plain.dimensions(), marked.dimensions());
    let (width, height) = plain.dimensions();
    let side = width.min(height) / 4;
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for (x, y, pixel) in plain.enumerate_pixels() {
        let is_inside = x >= width - side && y >= height - side;
        let place = if is_inside { &mut inside } else { &mut outside };
        let channels = pixel.0.iter().zip(marked.get_pixel(x, y).0);
        place.extend(channels.map(|(one, other)| f64::from(one.abs_diff(other))));
    }
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    (mean(&inside), mean(&outside))
}

#[test]
fn a_thumbnail_differs_where_the_mark_is_and_nowhere_else() {
    let picture = picture(200, 150);
    let [png, jpeg] = [ImageFormat::Png, ImageFormat::Jpeg].map(|format| file(&picture, format));
    for (source, preset, elsewhere) in [
        (&png, "96x72", 0.0),
        (&png, "96x72,contain,bg=#204060", 0.0),
        (&png, "64x64,cover", 0.0),
        (&jpeg, "96x72,png", 0.0),
        // A lossy format loses something else beside the mark.
        (&png, "96x72,jpeg", 1.0),
        (&jpeg, "96x72", 2.0),
        (&jpeg, "96x72,webp", 2.0),
    ] {
        let (inside, outside) = differences(source, preset);
        assert!(inside > 50.0, "{preset}: {inside} is not seen");
        assert!(outside <= elsewhere, "{preset}: {outside} is seen");
    }
}

#[test]
fn formats_sizes_and_order_are_those_of_the_engine_behind_it() {
    let source = file(&picture(200, 150), ImageFormat::Jpeg);
    let presets = ["75x75", "10x10,cover,png", "1x1", "40x40,contain,webp"];
    let make = |built: &Built| {
        let output = built.make(&source, &presets).unwrap();
        let told = output.thumbnails.into_iter();
        let told: Vec<_> = told
            .map(|made| (made.media_type, made.dimensions))
            .collect();
        (output.source, told)
    };
    assert_eq!(make(plain()), make(marked()));
}

#[test]
fn what_the_engine_behind_it_refuses_is_refused_for_the_same_reason() {
    for source in [&b"no image"[..], b"", b"\x89PNG\r\n\x1a\n"] {
        let refused = plain().make(source, &["75x75"]).unwrap_err();
        assert!(matches!(
            refused,
            Failed::Refused(Error::UnsupportedFormat(_) | Error::MalformedSource(_))
        ));
        assert_eq!(marked().make(source, &["75x75"]), Err(refused));
    }
    let source = file(&picture(20, 20), ImageFormat::Png);
    let info = marked().make(&source, &[]).unwrap();
    assert_eq!(info, plain().make(&source, &[]).unwrap());
}

#[test]
fn it_says_what_it_is_and_imports_no_more_than_the_engine_behind_it() {
    let (plain, marked) = (&plain().engine, &marked().engine);
    assert_eq!(
        marked.info().name,
        format!("{}-watermark", plain.info().name)
    );
    assert_eq!(marked.info().decodes, plain.info().decodes);
    assert_eq!(marked.info().settings, plain.info().settings);
    let mut imports = [plain.imports().to_vec(), marked.imports().to_vec()];
    imports.iter_mut().for_each(|names| names.sort());
    assert_eq!(imports[0], imports[1]);
}
