//! Decoding: every format, its corners, and its metadata.

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use testkit::sources::{FORMATS, HEIGHT, WIDTH, encoded, exif, page, picture, tiff, with_metadata};
use thimble_engine::contract::{Error, Limits};

use crate::support::{decoded, generate};

/// The largest difference of a channel.
fn distance(one: &RgbaImage, other: &RgbaImage) -> u8 {
    assert_eq!(one.dimensions(), other.dimensions());
    one.iter()
        .zip(other.iter())
        .map(|(a, b)| a.abs_diff(*b))
        .max()
        .unwrap()
}

#[test]
fn every_format_comes_out_as_it_went_in() {
    let formats = [
        (ImageFormat::Jpeg, 12),
        (ImageFormat::Png, 0),
        (ImageFormat::WebP, 0),
        (ImageFormat::Gif, 48),
        (ImageFormat::Bmp, 0),
        (ImageFormat::Ico, 0),
    ];
    let expected = DynamicImage::from(picture()).to_rgba8();
    for (format, tolerance) in formats {
        let (made, warnings) = decoded(&encoded(format));
        assert!(distance(&made, &expected) <= tolerance, "{format:?}");
        assert_eq!(warnings, Vec::<String>::new(), "{format:?}");
    }
}

#[test]
fn what_the_limits_forbid_is_refused_by_its_header() {
    for format in FORMATS {
        let source = encoded(format);
        for limits in [
            Limits {
                max_pixels: u64::from(WIDTH * HEIGHT) - 1,
                ..Limits::default()
            },
            Limits {
                max_side: WIDTH - 1,
                ..Limits::default()
            },
        ] {
            let refused = thimble_engine::generate(&source, &[], &limits);
            assert!(
                matches!(refused, Err(Error::LimitExceeded(_))),
                "{format:?}: {refused:?}"
            );
        }
        let exact = Limits {
            max_pixels: u64::from(WIDTH * HEIGHT),
            max_side: WIDTH,
            ..Limits::default()
        };
        assert!(generate(&source, &exact).is_ok(), "{format:?}");
    }
}

#[test]
fn a_small_file_that_claims_to_be_huge_is_refused() {
    let mut png = encoded(ImageFormat::Png);
    png[16..24].copy_from_slice(b"\0\0\xea\x60\0\0\xea\x60");
    let tiff = tiff(
        &[(256, 4, &[60_000]), (257, 4, &[60_000]), (262, 3, &[1])],
        &[0],
    );
    for source in [png, tiff] {
        assert!(matches!(
            generate(&source, &Limits::default()),
            Err(Error::LimitExceeded(_))
        ));
    }
}

#[test]
fn what_is_no_image_or_of_another_format_is_unsupported() {
    let sources: [&[u8]; 5] = [
        b"",
        b"hello",
        b"\0\0\0\x20ftypheic\0\0\0\0",
        b"qoif\0\0\0\x01",
        b"<svg xmlns=\"\"/>",
    ];
    for source in sources {
        let refused = generate(source, &Limits::default());
        assert!(
            matches!(refused, Err(Error::UnsupportedFormat(_))),
            "{refused:?}"
        );
    }
}

#[test]
fn orientation_is_applied_in_every_format_that_has_it() {
    for (format, source) in with_metadata(Some(&exif(6)), None) {
        let (made, _) = decoded(&source);
        assert_eq!(made.dimensions(), (HEIGHT, WIDTH), "{format}");
        // What was left at the bottom is at the top.
        let Rgba([red, green, ..]) = *made.get_pixel(0, 0);
        assert!(red < 10 && green > 220, "{format}: {red} {green}");
    }
    let turned = page((2, 1), &[8], 1, &[(274, 3, &[8])], &[0, 255]);
    let (made, _) = decoded(&turned);
    assert_eq!(made.dimensions(), (1, 2));
    assert_eq!(made.get_pixel(0, 0).0, [255; 4]);
}

#[test]
fn webp_states_its_orientation_with_and_without_a_prefix() {
    let prefixed = [b"Exif\0\0", exif(8).as_slice()].concat();
    for block in [exif(8), prefixed] {
        let (_, source) = with_metadata(Some(&block), None).pop().unwrap();
        assert_eq!(decoded(&source).0.dimensions(), (HEIGHT, WIDTH));
    }
}

#[test]
fn a_broken_profile_is_ignored_with_a_warning() {
    for (format, source) in with_metadata(None, Some(&[7; 200])) {
        let (made, warnings) = decoded(&source);
        let expected = DynamicImage::from(picture()).to_rgba8();
        assert!(distance(&made, &expected) <= 12, "{format}");
        assert!(
            warnings[0].contains("color profile is ignored"),
            "{format}: {warnings:?}"
        );
    }
}

#[test]
fn a_profile_over_the_limit_is_ignored_with_a_warning() {
    let limits = Limits {
        max_profile: 1000,
        ..Limits::default()
    };
    // It compresses to almost nothing: to look at its length would not do.
    for (format, source) in with_metadata(None, Some(&[0; 100_000])) {
        let output = generate(&source, &limits).unwrap();
        assert!(
            output.warnings[0].contains("larger than 1000 bytes"),
            "{format}"
        );
    }
}

#[test]
fn a_profile_for_other_colors_is_ignored_with_a_warning() {
    let gray = moxcms::ColorProfile::new_gray_with_gamma(2.2)
        .encode()
        .unwrap();
    for (_, source) in with_metadata(None, Some(&gray)) {
        assert_eq!(decoded(&source).1.len(), 1);
    }
}

#[test]
fn colors_are_converted_to_srgb_as_the_profile_says() {
    let p3 = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    for (format, source) in with_metadata(None, Some(&p3)) {
        let (made, warnings) = decoded(&source);
        assert_eq!(warnings, Vec::<String>::new(), "{format}");
        // Display P3's (234, 0, 128) is beyond sRGB's reddest, and its green is
        // stronger: red clips upwards, green stays at the bottom.
        let Rgba([red, green, blue, _]) = *made.get_pixel(WIDTH - 1, 0);
        assert!(
            red >= 250 && green <= 6 && blue.abs_diff(130) <= 12,
            "{red} {green} {blue}"
        );
    }
}

/// A frame of 8 by 8 pixels of (234, 0, 128), and a profile.
fn lossy_webp(profile: &[u8]) -> Vec<u8> {
    let frame = b"\xd0\x01\x00\x9d\x01\x2a\x08\x00\x08\x00\x00\xc0\x12\x25\xa0\x02\x74\xba\x01\xf8\
        \x00\x03\xb0\x00\xfe\xf8\x5f\x7f\xff\x38\x96\x3a\x9d\xdd\x07\xff\xfc\x98\xef\xe4\
        \xc7\x7f\x26\x3b\xff\x92\x80\x00";
    let chunk = |name: &[u8], content: &[u8]| {
        let length = (content.len() as u32).to_le_bytes();
        let padding = [0].into_iter().take(content.len() % 2);
        let head = [name, length.as_slice(), content].concat();
        head.into_iter().chain(padding).collect::<Vec<u8>>()
    };
    let features = chunk(b"VP8X", &[0x20, 0, 0, 0, 7, 0, 0, 7, 0, 0]);
    let chunks = [
        b"WEBP".to_vec(),
        features,
        chunk(b"ICCP", profile),
        chunk(b"VP8 ", frame),
    ];
    chunk(b"RIFF", &chunks.concat())
}

#[test]
fn colors_of_lossy_webp_are_converted_as_well() {
    let p3 = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let (made, warnings) = decoded(&lossy_webp(&p3));
    assert_eq!(warnings, Vec::<String>::new());
    let Rgba([red, green, blue, _]) = *made.get_pixel(4, 4);
    assert!(red >= 250 && green <= 6, "{red} {green} {blue}");
    assert!(blue.abs_diff(130) <= 12, "{red} {green} {blue}");
}

#[test]
fn a_truncated_jpeg_is_shown_as_far_as_it_goes() {
    let mut source = encoded(ImageFormat::Jpeg);
    source.truncate(source.len() - 30);
    let (made, warnings) = decoded(&source);
    assert_eq!(made.dimensions(), (WIDTH, HEIGHT));
    assert!(
        warnings.iter().any(|warning| warning.contains("missing")),
        "{warnings:?}"
    );
}

#[test]
fn sixteen_bits_are_rounded_to_eight() {
    let wide = image::ImageBuffer::from_fn(4, 1, |x, _| {
        image::Luma([[0u16, 128, 129, 65_406][x as usize]])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    DynamicImage::from(wide)
        .write_to(&mut png, ImageFormat::Png)
        .unwrap();
    let values = [0u16, 128, 129, 65_406].map(u16::to_le_bytes);
    let page = page((4, 1), &[16], 1, &[], values.as_flattened());
    for source in [png.into_inner(), page] {
        let (made, _) = decoded(&source);
        let grays: Vec<u8> = made.pixels().map(|pixel| pixel.0[0]).collect();
        assert_eq!(grays, [0, 0, 1, 254]);
    }
}

#[test]
fn a_frame_leaves_the_rest_of_its_canvas_transparent() {
    // A canvas of 3 by 2; one frame of a single red pixel, at the right bottom.
    let source = b"GIF89a\x03\0\x02\0\x80\0\0\xff\0\0\0\0\0\x2c\x02\0\x01\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";
    let (made, _) = decoded(source);
    let opaque: Vec<u8> = made.pixels().map(|pixel| pixel.0[3]).collect();
    assert_eq!(opaque, [0, 0, 0, 0, 0, 255]);
    assert_eq!(made.get_pixel(2, 1).0, [255, 0, 0, 255]);
}

#[test]
fn a_frame_beyond_its_canvas_makes_the_canvas_larger() {
    let source = b"GIF89a\x01\0\x01\0\x80\0\0\xff\0\0\0\0\0\x2c\x02\0\x01\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b";
    assert_eq!(decoded(source).0.dimensions(), (3, 2));
}

#[test]
fn pages_of_every_interpretation_are_read() {
    let pixel = |bits: &[u32], interpretation, tags: &[(u16, u16, &[u32])], samples: &[u8]| {
        page((1, 1), bits, interpretation, tags, samples)
    };
    let (three, four): (&[u32], &[u32]) = (&[3], &[4]);
    let reds = [[0u32; 10].as_slice(), &[0xffff], &[0; 37]].concat();
    let cases = [
        (
            "rgb",
            pixel(&[8, 8, 8], 2, &[(277, 3, three)], &[1, 2, 3]),
            [1, 2, 3, 255],
        ),
        (
            "rgb, stated to be chunky",
            pixel(
                &[8, 8, 8],
                2,
                &[(277, 3, three), (284, 3, &[1])],
                &[1, 2, 3],
            ),
            [1, 2, 3, 255],
        ),
        (
            "white is zero, one bit",
            pixel(&[], 0, &[], &[0x80]),
            [0, 0, 0, 255],
        ),
        (
            "a palette of four bits",
            pixel(&[4], 3, &[(320, 3, &reds)], &[0xa0]),
            [255, 0, 0, 255],
        ),
        (
            "inks",
            pixel(&[8], 5, &[(277, 3, four)], &[255, 0, 0, 0]),
            [0, 255, 255, 255],
        ),
        (
            "alpha, multiplied",
            pixel(
                &[8],
                2,
                &[(277, 3, four), (338, 3, &[1])],
                &[100, 50, 0, 100],
            ),
            [255, 128, 0, 100],
        ),
        (
            "CIE L*a*b*",
            pixel(&[8], 8, &[(277, 3, three)], &[255, 0, 0]),
            [255; 4],
        ),
    ];
    for (name, source, expected) in cases {
        assert_eq!(decoded(&source).0.get_pixel(0, 0).0, expected, "{name}");
    }
}
