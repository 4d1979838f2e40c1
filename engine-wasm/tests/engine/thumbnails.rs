//! Thumbnails beside their sizes: format, padding, focus, errors.

use testkit::pixels::{Pixels, test_picture};
use thimble_engine::contract::{
    Color, Dimensions, Encoding, Error, Fit, Focus, Limits, Point, Setting, Spec,
};
use thimble_engine::{describe, generate};

use crate::support::{make, spec, with_setting, with_type};

fn info(thumbnail: &[u8]) -> (String, u32, u32) {
    let source = generate(thumbnail, &[], &Limits::default()).unwrap().source;
    (
        source.media_type,
        source.dimensions.width,
        source.dimensions.height,
    )
}

#[test]
fn every_format_the_engine_names_it_also_writes() {
    let source = test_picture(60, 40, true).to_png();
    for media_type in describe().encodes {
        let made = make(
            &source,
            &[with_type(&media_type, spec(30, 30, Fit::Inside))],
        );
        assert_eq!(made[0].media_type, media_type);
        if media_type.starts_with("image/x-") {
            // A placeholder is no picture that could be read again.
            assert_eq!(
                made[0].dimensions,
                Dimensions {
                    width: 30,
                    height: 20
                }
            );
        } else {
            assert_eq!(info(&made[0].data), (media_type, 30, 20));
        }
    }
}

#[test]
fn the_format_is_that_of_the_source_unless_one_is_asked_for() {
    let png = test_picture(60, 40, false).to_png();
    for media_type in ["image/jpeg", "image/png", "image/webp"] {
        let source = &make(&png, &[with_type(media_type, spec(50, 50, Fit::Inside))])[0].data;
        assert_eq!(
            make(source, &[spec(30, 30, Fit::Inside)])[0].media_type,
            media_type
        );
    }
}

#[test]
fn a_thumbnail_has_the_dimensions_it_says() {
    let source = test_picture(61, 43, true).to_png();
    let specs = [
        spec(30, 30, Fit::Cover),
        spec(99, 99, Fit::Contain),
        spec(7, None, Fit::Inside),
    ];
    for thumbnail in make(&source, &specs) {
        let (_, width, height) = info(&thumbnail.data);
        assert_eq!(
            (width, height),
            (thumbnail.dimensions.width, thumbnail.dimensions.height)
        );
    }
}

#[test]
fn what_has_no_alpha_shows_the_background_through() {
    let source = Pixels::new(64, 64, |x, _| [255, 0, 0, if x < 32 { 255 } else { 0 }]).to_png();
    let background = Color {
        red: 0,
        green: 0,
        blue: 255,
        alpha: 0,
    };
    let jpeg = with_setting("jpeg.subsampling", "444", spec(64, 64, Fit::Inside));
    let jpeg = Spec {
        background,
        ..with_type("image/jpeg", jpeg)
    };
    let made = &make(&source, &[jpeg])[0].data;
    let back =
        Pixels::from_png(&make(made, &[with_type("image/png", spec(64, 64, Fit::Inside))])[0].data);
    for (x, wanted) in [(8, [255, 0, 0, 255]), (56, [0, 0, 255, 255])] {
        let pixel = back.at(x, 32);
        let near = pixel
            .iter()
            .zip(wanted)
            .all(|(made, wanted)| made.abs_diff(wanted) <= 8);
        assert!(near, "{pixel:?} instead of {wanted:?}");
    }
}

#[test]
fn contain_pads_with_the_background() {
    let source = Pixels::new(40, 20, |_, _| [10, 20, 30, 255]).to_png();
    let behind = |alpha: u8| Color {
        red: 200,
        green: 150,
        blue: 100,
        alpha,
    };
    for alpha in [255, 128, 0] {
        let contain = Spec {
            background: behind(alpha),
            ..spec(40, 40, Fit::Contain)
        };
        let made = Pixels::from_png(&make(&source, &[contain])[0].data);
        assert_eq!(made.at(20, 0), [200, 150, 100, alpha]);
        assert_eq!(made.at(20, 9), [200, 150, 100, alpha]);
        assert_eq!(made.at(20, 10), [10, 20, 30, 255]);
        assert_eq!(made.at(20, 29), [10, 20, 30, 255]);
        assert_eq!(made.at(20, 30), [200, 150, 100, alpha]);
    }
}

#[test]
fn a_png_has_no_more_channels_than_it_needs() {
    let color_type = |source: &Pixels| {
        let made = &make(&source.to_png(), &[spec(20, 20, Fit::Inside)])[0].data;
        let decoder = png::Decoder::new(std::io::Cursor::new(made));
        decoder.read_info().unwrap().info().color_type
    };
    let picture = |pixel: [u8; 4]| Pixels::new(50, 50, |_, _| pixel);
    assert_eq!(
        color_type(&picture([9, 9, 9, 255])),
        png::ColorType::Grayscale
    );
    assert_eq!(
        color_type(&picture([9, 9, 9, 25])),
        png::ColorType::GrayscaleAlpha
    );
    assert_eq!(color_type(&picture([9, 99, 9, 255])), png::ColorType::Rgb);
    assert_eq!(color_type(&picture([9, 99, 9, 25])), png::ColorType::Rgba);
}

#[test]
fn a_crop_looks_where_something_is() {
    // Noise in one square of an otherwise plain picture, at each end in turn.
    for left in [20, 330] {
        let source = Pixels::new(400, 100, |x, y| {
            let noisy = (left..left + 50).contains(&x) && (20..80).contains(&y);
            let noise = (x * 7919 + y * 104_729) % 251;
            if noisy {
                [noise as u8, (noise / 2) as u8, 40, 255]
            } else {
                [120, 120, 120, 255]
            }
        });
        let salient = Spec {
            focus: Focus::Salient,
            ..spec(100, 100, Fit::Cover)
        };
        let made = Pixels::from_png(&make(&source.to_png(), &[salient])[0].data);
        let noisy = made
            .rgba
            .iter()
            .filter(|pixel| **pixel != [120, 120, 120, 255])
            .count();
        assert!(
            noisy >= 50 * 60,
            "only {noisy} pixels of the square at {left} are shown"
        );
    }
}

#[test]
fn a_crop_of_nothing_special_is_in_the_middle() {
    let source = Pixels::new(400, 100, |x, _| {
        if x == 200 {
            [9, 9, 9, 255]
        } else {
            [50, 50, 50, 255]
        }
    });
    let plain = Pixels::new(400, 100, |_, _| [50, 50, 50, 255]);
    for source in [source, plain] {
        let crop = |focus: Focus| {
            let cover = Spec {
                focus,
                ..spec(100, 100, Fit::Cover)
            };
            Pixels::from_png(&make(&source.to_png(), &[cover])[0].data).rgba
        };
        let shown = crop(Focus::Salient);
        assert!(shown.contains(&[9, 9, 9, 255]) || !source.rgba.contains(&[9, 9, 9, 255]));
        if !source.rgba.contains(&[9, 9, 9, 255]) {
            assert!(shown == crop(Focus::Center));
        }
    }
}

#[test]
fn no_specs_ask_what_a_source_is() {
    let output = generate(
        &test_picture(61, 43, false).to_png(),
        &[],
        &Limits::default(),
    )
    .unwrap();
    assert!(output.thumbnails.is_empty() && output.warnings.is_empty());
    assert_eq!(output.source.media_type, "image/png");
    assert_eq!(
        (
            output.source.dimensions.width,
            output.source.dimensions.height
        ),
        (61, 43)
    );
    assert_eq!(output.source.frames, 1);
}

#[test]
fn one_spec_that_cannot_be_made_means_no_thumbnail_at_all() {
    let source = test_picture(61, 43, false).to_png();
    let specs = [spec(30, 30, Fit::Inside), spec(0, 30, Fit::Inside)];
    assert!(matches!(
        generate(&source, &specs, &Limits::default()),
        Err(Error::InvalidSpec(_))
    ));
}

#[test]
fn a_source_over_a_limit_is_not_decoded() {
    let source = test_picture(61, 43, false).to_png();
    let specs = [spec(30, 30, Fit::Inside)];
    for limits in [
        Limits {
            max_pixels: 61 * 43 - 1,
            ..Limits::default()
        },
        Limits {
            max_side: 60,
            ..Limits::default()
        },
    ] {
        assert!(matches!(
            generate(&source, &specs, &limits),
            Err(Error::LimitExceeded(_))
        ));
    }
    let exact = Limits {
        max_pixels: 61 * 43,
        max_side: 61,
        max_output_side: 30,
        ..Limits::default()
    };
    assert!(generate(&source, &specs, &exact).is_ok());
}

#[test]
fn what_a_spec_gets_wrong_is_named() {
    let source = test_picture(61, 43, false).to_png();
    let quality = |quality: u8| Spec {
        encoding: Encoding {
            media_type: None,
            quality: Some(quality),
        },
        ..spec(30, 30, Fit::Inside)
    };
    let set = |name: &str, value: &str| with_setting(name, value, spec(30, 30, Fit::Inside));
    let nowhere = Focus::At(Point {
        x: f32::NAN,
        y: 0.0,
    });
    for (spec, word) in [
        (quality(0), "quality"),
        (quality(101), "quality"),
        (
            with_type("image/bmp", spec(30, 30, Fit::Inside)),
            "image/bmp",
        ),
        (
            with_type("IMAGE/PNG", spec(30, 30, Fit::Inside)),
            "IMAGE/PNG",
        ),
        (set("sharpness", "9"), "sharpness"),
        (set("jpeg.progressive", "yes"), "jpeg.progressive"),
        (set("png.compression", ""), "png.compression"),
        (
            Spec {
                focus: nowhere,
                ..spec(30, 30, Fit::Cover)
            },
            "focus",
        ),
        (spec(None, None, Fit::Cover), "bounds"),
        (spec(5000, 30, Fit::Cover), "4096"),
    ] {
        match generate(&source, std::slice::from_ref(&spec), &Limits::default()) {
            Err(Error::InvalidSpec(detail)) => assert!(detail.contains(word), "{detail}"),
            other => panic!("{spec:?} gave {other:?}"),
        }
    }
}

#[test]
fn every_setting_does_something() {
    let source = test_picture(160, 120, false).to_png();
    let size = |media_type: &str, settings: &[(&str, &str)]| {
        let settings = settings.iter().map(|(name, value)| Setting {
            name: (*name).into(),
            value: (*value).into(),
        });
        let spec = Spec {
            settings: settings.collect(),
            ..with_type(media_type, spec(100, 100, Fit::Inside))
        };
        make(&source, &[spec])[0].data.len()
    };
    let jpeg = size("image/jpeg", &[]);
    assert!(jpeg < size("image/jpeg", &[("jpeg.optimize", "false")]));
    assert!(jpeg < size("image/jpeg", &[("jpeg.subsampling", "444")]));
    assert_ne!(jpeg, size("image/jpeg", &[("jpeg.progressive", "true")]));
    assert!(jpeg < size("image/jpeg", &[("jpeg.effort", "fast")]));
    assert!(jpeg > size("image/jpeg", &[("max-bytes", "1000")]));
    let webp = size("image/webp", &[]);
    assert_ne!(webp, size("image/webp", &[("webp.lossless", "true")]));
    // `frame` is tried with animations, and `png.compression` where sizes are compared.
    let tried = ["frame", "max-bytes", "png.compression", "webp.lossless"];
    for name in describe().settings {
        assert!(
            name.starts_with("jpeg.") || tried.contains(&&*name),
            "{name} is not tried"
        );
    }
}

#[test]
fn a_png_is_about_as_small_as_any_way_of_compressing_makes_it() {
    let drawing = Pixels::new(700, 500, |x, y| {
        let text = (x * 31 + y / 12 * 17) % 7 == 0 && y % 12 < 8 && x % 50 > 10;
        if text {
            [20, 20, 30, 255]
        } else {
            [250, 250, (y / 90 * 10) as u8, 255]
        }
    });
    for source in [
        drawing,
        test_picture(700, 500, false),
        test_picture(700, 500, true),
    ] {
        let size = |effort: &str| {
            let setting = with_setting("png.compression", effort, spec(640, 640, Fit::Inside));
            make(&source.to_png(), &[setting])[0].data.len()
        };
        let (fast, balanced, small) = (size("fast"), size("balanced"), size("small"));
        println!("{fast} {balanced} {small}");
        assert!(
            small <= balanced && balanced <= fast,
            "{fast} {balanced} {small}"
        );
        assert!(
            balanced * 100 <= small * 115,
            "{balanced} is far from {small}"
        );
    }
}

#[test]
fn a_gif_shows_what_is_there_and_nothing_where_it_is_transparent() {
    for (width, height) in [(17, 16), (1, 1), (64, 64)] {
        let source = Pixels::new(width, height, |x, y| {
            let alpha = if x > y { 0 } else { 255 };
            [(x * 4) as u8, (y * 4) as u8, 77, alpha]
        });
        let gif = with_type("image/gif", spec(64, 64, Fit::Inside));
        let made = &make(&source.to_png(), &[gif])[0].data;
        let back = Pixels::from_png(&make(made, &[spec(64, 64, Fit::Inside)])[0].data);
        let (mut visible, mut difference) = (0, 0);
        for (pixel, wanted) in back.rgba.iter().zip(&source.rgba) {
            assert_eq!(pixel[3], wanted[3]);
            if wanted[3] == 255 {
                let channels = pixel.iter().zip(wanted);
                difference += channels
                    .map(|(a, b)| u32::from(a.abs_diff(*b)))
                    .sum::<u32>();
                visible += 1;
            }
        }
        // There are more colors than 256.
        assert!(
            difference <= 8 * 3 * visible,
            "{difference} over {visible} pixels"
        );
    }
}

#[test]
fn a_lossless_webp_may_have_the_longest_sides_there_are() {
    for (width, height) in [(16_384, 1), (1, 16_384), (16_384, 16), (16_383, 1)] {
        for alpha in [254, 128] {
            let half = |index: u32| 2 * (index % width) >= width || 2 * (index / width) >= height;
            let color = |index| match half(index) {
                false => [255, 0, 0, alpha],
                true => [0, 0, 255, alpha],
            };
            let pixels: Vec<[u8; 4]> = (0..width * height).map(color).collect();
            let mut source = Vec::new();
            image_webp::WebPEncoder::new(&mut source)
                .encode(
                    pixels.as_flattened(),
                    width,
                    height,
                    image_webp::ColorType::Rgba8,
                )
                .unwrap();
            assert_eq!(info(&source), ("image/webp".into(), width, height));
            let png = with_type("image/png", spec(4, 4, Fit::Fill));
            let made = Pixels::from_png(&make(&source, &[png])[0].data);
            assert_eq!(made.at(0, 0), color(0), "{width}x{height}");
            let last = made.at(made.width - 1, made.height - 1);
            assert_eq!(last, color(width * height - 1), "{width}x{height}");
        }
    }
}
