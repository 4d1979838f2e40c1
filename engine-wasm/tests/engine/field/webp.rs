//! WebP that says of itself what is not true, and WebP that is cut off.

use image::ImageEncoder;
use image::codecs::webp::WebPEncoder;
use testkit::sources;
use thimble_engine::contract::{Encoding, Fit, Limits, Spec};

use super::shown::{HEIGHT, Shown, WIDTH, pixels};
use crate::support::{generate, spec};

/// A file of chunks.
fn file(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (name, content) in chunks {
        body.extend_from_slice(*name);
        body.extend((content.len() as u32).to_le_bytes());
        body.extend_from_slice(content);
        body.resize(body.len().next_multiple_of(2), 0);
    }
    [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
}

fn chunk<'a>(file: &'a [u8], name: &[u8; 4]) -> &'a [u8] {
    let at = file.windows(4).position(|four| four == name).unwrap();
    let length = u32::from_le_bytes(file[at + 4..at + 8].try_into().unwrap());
    &file[at + 8..at + 8 + length as usize]
}

fn header(flags: u8) -> Vec<u8> {
    let [w, h] = [WIDTH - 1, HEIGHT - 1].map(|side| side as u8);
    vec![flags, 0, 0, 0, w, 0, 0, h, 0, 0]
}

fn lossless() -> Vec<u8> {
    let mut file = vec![];
    let encoder = WebPEncoder::new_lossless(&mut file);
    let color = image::ExtendedColorType::Rgb8;
    encoder
        .write_image(pixels().as_flattened(), WIDTH, HEIGHT, color)
        .unwrap();
    file
}

/// The picture with the left third of it transparent, if it is to be.
fn picture(is_transparent: bool) -> image::RgbaImage {
    let alpha = |x: u32| {
        if is_transparent && x < WIDTH / 3 {
            0
        } else {
            255
        }
    };
    image::RgbaImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let [red, green, blue] = super::shown::color(x, y);
        image::Rgba([red, green, blue, alpha(x)])
    })
}

/// The picture as this engine writes it, and the left third of it transparent.
fn lossy(is_transparent: bool) -> Vec<u8> {
    let picture = picture(is_transparent);
    let mut png = std::io::Cursor::new(vec![]);
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let spec = Spec {
        encoding: Encoding {
            media_type: Some("image/webp".into()),
            quality: Some(95),
        },
        ..spec(WIDTH, HEIGHT, Fit::Inside)
    };
    let output = thimble_engine::generate(&png.into_inner(), &[spec], &Limits::default()).unwrap();
    output.thumbnails[0].data.clone()
}

#[test]
fn flags_of_chunks_that_are_not_there_are_only_flags() {
    let (lossless, lossy) = (lossless(), lossy(false));
    let (lossless, lossy) = (chunk(&lossless, b"VP8L"), chunk(&lossy, b"VP8 "));
    for flags in [0x08, 0x04, 0x20, 0x10, 0x0c, 0x3c] {
        let source = file(&[(b"VP8X", &header(flags)), (b"VP8L", lossless)]);
        Shown::of(&source).expect_whole(0);
        let source = file(&[(b"VP8X", &header(flags)), (b"VP8 ", lossy)]);
        Shown::of(&source).expect_whole(14);
    }
    let animated = file(&[(b"VP8X", &header(0x02)), (b"VP8 ", lossy)]);
    Shown::of(&animated).expect_whole(14);
}

#[test]
fn the_alpha_of_a_lossless_picture_counts_without_its_flag() {
    let mut source = vec![];
    let picture = picture(true);
    let encoder = WebPEncoder::new_lossless(&mut source);
    let color = image::ExtendedColorType::Rgba8;
    encoder.write_image(&picture, WIDTH, HEIGHT, color).unwrap();
    let frame = chunk(&source, b"VP8L");
    for flags in [0, 0x08, 0x20, 0x02] {
        let source = file(&[(b"VP8X", &header(flags)), (b"VP8L", frame)]);
        let shown = Shown::of(&source);
        assert_eq!(shown.warnings, Vec::<String>::new());
        assert_eq!(shown.picture, picture, "flags {flags}");
    }
    // A lossy one goes by the flag.
    let lossy = lossy(true);
    let (alpha, frame) = (chunk(&lossy, b"ALPH"), chunk(&lossy, b"VP8 "));
    let source = file(&[(b"VP8X", &header(0)), (b"ALPH", alpha), (b"VP8 ", frame)]);
    assert_eq!(Shown::of(&source).picture.get_pixel(2, 2).0[3], 255);
}

#[test]
fn a_picture_behind_other_chunks_is_whole_without_a_header() {
    let source = lossy(true);
    let (alpha, frame) = (chunk(&source, b"ALPH"), chunk(&source, b"VP8 "));
    let shown = Shown::of(&file(&[(b"ALPH", alpha), (b"VP8 ", frame)]));
    assert_eq!(shown.warnings, Vec::<String>::new());
    assert_eq!(shown.picture.get_pixel(2, 2).0[3], 0);
    assert_eq!(shown.picture.get_pixel(WIDTH / 2, 2).0[3], 255);
    let opaque = lossy(false);
    let frame = chunk(&opaque, b"VP8 ");
    Shown::of(&file(&[(b"JUNK", b"abc"), (b"VP8 ", frame)])).expect_whole(14);
    let lossless = lossless();
    let frame = chunk(&lossless, b"VP8L");
    Shown::of(&file(&[(b"JUNK", b"abc"), (b"VP8L", frame)])).expect_whole(0);
}

#[test]
fn a_picture_of_another_size_than_its_canvas_is_not_called_truncated() {
    let lossy = lossy(false);
    let mut header = header(0);
    header[4] += 16;
    let source = file(&[(b"VP8X", &header), (b"VP8 ", chunk(&lossy, b"VP8 "))]);
    let shown = Shown::of(&source);
    assert_eq!(shown.picture.dimensions(), (WIDTH + 16, HEIGHT));
    shown.expect_warning("its picture is whole");
}

#[test]
fn a_lossless_picture_lies_on_its_canvas_or_is_cut_to_it() {
    let lossless = lossless();
    for (larger, smaller) in [(16, 0), (0, 16)] {
        let mut header = header(0);
        header[4] = header[4] + larger - smaller;
        header[7] = header[7] + larger - smaller;
        let source = file(&[(b"VP8X", &header), (b"VP8L", chunk(&lossless, b"VP8L"))]);
        let shown = Shown::of(&source);
        let [width, height] =
            [WIDTH, HEIGHT].map(|side| side + u32::from(larger) - u32::from(smaller));
        assert_eq!(shown.picture.dimensions(), (width, height));
        for (x, y, pixel) in shown.picture.enumerate_pixels() {
            let [red, green, blue] = super::shown::color(x, y);
            let is_there = x < WIDTH && y < HEIGHT;
            let wanted = if is_there {
                [red, green, blue, 255]
            } else {
                [0; 4]
            };
            assert_eq!(pixel.0, wanted, "{x}, {y}");
        }
        shown.expect_warning("its picture is whole");
    }
}

/// A frame of an animation at a place.
fn frame((left, top): (u8, u8), chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let [w, h] = [WIDTH - 1, HEIGHT - 1].map(|side| side as u8);
    let head = [
        left / 2,
        0,
        0,
        top / 2,
        0,
        0,
        w,
        0,
        0,
        h,
        0,
        0,
        100,
        0,
        0,
        0,
    ];
    [&head, &file(chunks)[12..]].concat()
}

#[test]
fn an_animation_is_its_first_frame_whatever_its_flags_say() {
    let (lossless, lossy, clear) = (lossless(), lossy(false), lossy(true));
    let lossless = frame((0, 0), &[(b"VP8L", chunk(&lossless, b"VP8L"))]);
    let lossy = frame((0, 0), &[(b"VP8 ", chunk(&lossy, b"VP8 "))]);
    let clear: [(&[u8; 4], &[u8]); 2] = [
        (b"ALPH", chunk(&clear, b"ALPH")),
        (b"VP8 ", chunk(&clear, b"VP8 ")),
    ];
    let clear = frame((0, 0), &clear);
    for flags in [0x02, 0x12, 0, 0x3e] {
        let head = header(flags);
        for start in [vec![], vec![(b"ANIM", [0; 6].as_slice())]] {
            let of = |first: &[u8]| {
                let frames: [(&[u8; 4], &[u8]); 2] = [(b"ANMF", first), (b"ANMF", &lossy)];
                let chunks = [(b"VP8X", head.as_slice())].into_iter();
                let chunks = chunks.chain(start.iter().copied());
                file(&chunks.chain(frames).collect::<Vec<_>>())
            };
            Shown::of(&of(&lossless)).expect_whole(0);
            Shown::of(&of(&lossy)).expect_whole(14);
            let shown = Shown::of(&of(&clear));
            assert_eq!(shown.picture.get_pixel(2, 2).0[3], 0);
            assert_eq!(shown.picture.get_pixel(WIDTH / 2, 2).0[3], 255);
            let output = generate(&of(&lossless), &Limits::default()).unwrap();
            assert_eq!(output.source.frames, 2);
        }
    }
}

#[test]
fn the_first_frame_of_an_animation_that_is_cut_off_is_shown_up_to_there() {
    let lossless = lossless();
    let first = frame((0, 0), &[(b"VP8L", chunk(&lossless, b"VP8L"))]);
    let chunks: [(&[u8; 4], &[u8]); 4] = [
        (b"VP8X", &header(0x02)),
        (b"ANIM", &[0; 6]),
        (b"ANMF", &first),
        (b"ANMF", &first),
    ];
    let source = file(&chunks);
    // Within the second frame nothing is missing.
    Shown::of(&source[..source.len() - first.len() / 2]).expect_whole(0);
    let end = source.len() - first.len() - 8;
    let mut cuts = 0;
    for length in (end - first.len()..end - 1).rev() {
        if generate(&source[..length], &Limits::default()).is_err() {
            continue;
        }
        let shown = Shown::of(&source[..length]);
        shown.expect_warning("truncated");
        shown.expect_rows(0..1, 0);
        cuts += u32::from(shown.picture.get_pixel(0, HEIGHT - 1).0 == [0; 4]);
    }
    assert!(cuts > 0, "no cut left a part of the picture");
}

#[test]
fn a_frame_lies_at_its_place_and_ends_with_the_canvas() {
    let (lossless, lossy) = (lossless(), lossy(false));
    let kinds: [(&[u8; 4], &[u8], u8); 2] = [
        (b"VP8L", chunk(&lossless, b"VP8L"), 0),
        (b"VP8 ", chunk(&lossy, b"VP8 "), 14),
    ];
    for (name, content, most) in kinds {
        let first = frame((20, 10), &[(name, content)]);
        let chunks: [(&[u8; 4], &[u8]); 2] = [(b"VP8X", &header(0x02)), (b"ANMF", &first)];
        let shown = Shown::of(&file(&chunks));
        assert_eq!(shown.warnings, Vec::<String>::new());
        for (x, y, pixel) in shown.picture.enumerate_pixels() {
            assert_eq!(pixel.0[3] == 255, x >= 20 && y >= 10, "{x}, {y}");
        }
        for (x, y) in [(4, 4), (WIDTH / 2 + 3, 4), (4, HEIGHT / 2 + 3)] {
            let made = shown.picture.get_pixel(x + 20, y + 10).0;
            let wanted = super::shown::color(x, y);
            let mut both = wanted.into_iter().zip(made);
            let is_near = both.all(|(wanted, made)| wanted.abs_diff(made) <= most);
            assert!(is_near, "{x}, {y}: {made:?}, not {wanted:?}");
        }
    }
}

#[test]
fn the_chunks_that_are_there_count_beside_wrong_flags() {
    let lossy = lossy(false);
    let exif = sources::exif(6);
    let chunks: [(&[u8; 4], &[u8]); 3] = [
        (b"VP8X", &header(0x2c)),
        (b"VP8 ", chunk(&lossy, b"VP8 ")),
        (b"EXIF", &exif),
    ];
    let shown = Shown::of(&file(&chunks));
    assert_eq!(shown.picture.dimensions(), (HEIGHT, WIDTH));
    // An empty block comes before the one that says something.
    let chunks = [
        chunks[0],
        chunks[1],
        (b"EXIF", b"II*\0\x08\0\0\0\0\0"),
        chunks[2],
    ];
    let shown = Shown::of(&file(&chunks));
    assert_eq!(shown.picture.dimensions(), (HEIGHT, WIDTH));
}

#[test]
fn a_lossy_picture_that_is_cut_off_is_shown_up_to_there() {
    let whole = lossy(false);
    let frame = chunk(&whole, b"VP8 ");
    let mut cuts = 0;
    for length in (30..frame.len()).rev() {
        let mut source = file(&[(b"VP8 ", frame)]);
        source.truncate(20 + length);
        let Ok(output) = generate(&source, &Limits::default()) else {
            continue;
        };
        if output.warnings.is_empty() {
            continue;
        }
        let shown = Shown::of(&source);
        shown.expect_rows(0..16, 14);
        assert_eq!(shown.picture.get_pixel(0, HEIGHT - 1).0, [0; 4]);
        cuts += 1;
    }
    assert!(cuts > 0, "no cut left a part of the picture");
}

#[test]
fn the_alpha_of_a_picture_that_is_cut_off_counts() {
    let source = lossy(true);
    let frame = chunk(&source, b"VP8 ");
    let start = source.len() - frame.len().next_multiple_of(2);
    let mut cuts = 0;
    for length in (30..frame.len()).rev() {
        let cut = &source[..start + length];
        let Ok(output) = generate(cut, &Limits::default()) else {
            continue;
        };
        if output.warnings.is_empty() {
            continue;
        }
        let shown = Shown::of(cut);
        assert_eq!(shown.picture.get_pixel(2, 2).0[3], 0);
        assert_eq!(shown.picture.get_pixel(WIDTH / 2, 2).0[3], 255);
        // The very last bytes are no part of a row.
        cuts += u32::from(shown.picture.get_pixel(WIDTH / 2, HEIGHT - 1).0[3] == 0);
    }
    assert!(cuts > 0, "no cut left a part of the picture");
}

#[test]
fn a_lossless_picture_that_is_cut_off_is_shown_up_to_there() {
    let whole = lossless();
    let frame = chunk(&whole, b"VP8L");
    for chunks in [vec![], vec![(b"VP8X", header(0))]] {
        let chunks = chunks.iter().map(|(name, content)| (*name, &content[..]));
        let chunks: Vec<(&[u8; 4], &[u8])> = chunks.chain([(b"VP8L", frame)]).collect();
        let source = file(&chunks);
        let mut cuts = 0;
        for length in (source.len() - frame.len()..source.len() - 1).rev() {
            let Ok(output) = generate(&source[..length], &Limits::default()) else {
                continue;
            };
            let shown = Shown::of(&source[..length]);
            assert_eq!(output.warnings.len(), 1, "{length}");
            shown.expect_rows(0..1, 0);
            // The very last bytes are no part of a row.
            cuts += u32::from(shown.picture.get_pixel(0, HEIGHT - 1).0 == [0; 4]);
        }
        assert!(cuts > 0, "no cut left a part of the picture");
    }
}

#[test]
fn a_chunk_that_is_cut_off_behind_the_picture_costs_nothing() {
    let lossless = lossless();
    let chunks: [(&[u8; 4], &[u8]); 3] = [
        (b"VP8X", &header(0x0c)),
        (b"VP8L", chunk(&lossless, b"VP8L")),
        (b"XMP ", &[b'x'; 100]),
    ];
    let mut source = file(&chunks);
    source.truncate(source.len() - 50);
    Shown::of(&source).expect_whole(0);
}
