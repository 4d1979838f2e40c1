//! Animations of every format, from the first frame to the one that shows something.

#![expect(
    clippy::unwrap_used,
    reason = "this is a test, functions without the attribute included"
)]

use image_webp::{ColorType, WebPEncoder};
use thimble_poster::{Most, Poster, of_gif, of_png, of_webp, shows_something};

const SIDES: (u32, u32) = (32, 24);
const PIXELS: usize = 32 * 24;

/// As many frames as are ever looked at.
fn all() -> Most {
    Most::of_pixels(u64::MAX, SIDES)
}

/// Frames of pixels, each as large as the canvas.
type Frames = Vec<Vec<[u8; 4]>>;

fn plain(pixel: [u8; 4]) -> Vec<[u8; 4]> {
    vec![pixel; PIXELS]
}

/// Two colors, side by side.
fn picture() -> Vec<[u8; 4]> {
    let column = |at: usize| if at % 32 < 16 { RED } else { WHITE };
    (0..PIXELS).map(column).collect()
}

const RED: [u8; 4] = [250, 20, 30, 255];
const WHITE: [u8; 4] = [255; 4];
const BLACK: [u8; 4] = [0, 0, 0, 255];
const NOTHING: [u8; 4] = [0; 4];

/// A fade from nothing to a picture.
fn fade() -> Frames {
    let mut dark = plain(BLACK);
    dark[77] = WHITE;
    vec![plain(NOTHING), plain(BLACK), dark, picture(), plain(RED)]
}

fn gif(frames: &Frames) -> Vec<u8> {
    let mut file = Vec::new();
    let (width, height) = (SIDES.0 as u16, SIDES.1 as u16);
    let mut encoder = gif::Encoder::new(&mut file, width, height, &[]).unwrap();
    for frame in frames {
        let mut pixels = frame.as_flattened().to_vec();
        let mut frame = gif::Frame::from_rgba(width, height, &mut pixels);
        frame.dispose = gif::DisposalMethod::Background;
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    file
}

fn png(frames: &Frames) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, SIDES.0, SIDES.1);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_animated(frames.len() as u32, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for frame in frames {
        writer.write_image_data(frame.as_flattened()).unwrap();
    }
    writer.finish().unwrap();
    file
}

fn webp(frames: &Frames) -> Vec<u8> {
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let length = (content.len() as u32).to_le_bytes();
        [
            name,
            length.as_slice(),
            content,
            &vec![0; content.len() % 2],
        ]
        .concat()
    };
    let sides = [SIDES.0 - 1, SIDES.1 - 1].map(|side| side.to_le_bytes());
    let [width, height] = sides.each_ref().map(|side| &side[..3]);
    let mut chunks = chunk(b"VP8X", &[&[0x12, 0, 0, 0], width, height].concat());
    chunks.extend(chunk(b"ANIM", &[0; 6]));
    for frame in frames {
        let mut still = Vec::new();
        let encoder = WebPEncoder::new(&mut still);
        let pixels = frame.as_flattened();
        encoder
            .encode(pixels, SIDES.0, SIDES.1, ColorType::Rgba8)
            .unwrap();
        // Not blended, and kept: behind the header of a file is the chunk of the pixels.
        let head = [&[0; 6], width, height, &[100, 0, 0], &[2]].concat();
        chunks.extend(chunk(b"ANMF", &[&head, &still[12..]].concat()));
    }
    chunk(b"RIFF", &[b"WEBP", chunks.as_slice()].concat())
}

/// Posters of a file of each format.
fn found(frames: &Frames, most: Most) -> [(&'static str, Option<Poster>); 3] {
    [
        ("GIF", of_gif(&gif(frames), SIDES, most)),
        ("WebP", of_webp(&webp(frames), most)),
        ("PNG", of_png(&png(frames), most)),
    ]
}

#[test]
fn frames_that_show_nothing_are_passed_over() {
    for (format, poster) in found(&fade(), all()) {
        let poster = poster.unwrap_or_else(|| panic!("{format} has none"));
        assert_eq!(poster.frame, 3, "{format}");
        assert_eq!(poster.samples, picture().as_flattened(), "{format}");
    }
}

#[test]
fn the_first_frame_is_taken_if_it_shows_something() {
    for (format, poster) in found(&vec![picture(), plain(BLACK)], all()) {
        assert_eq!(poster.map(|poster| poster.frame), Some(0), "{format}");
    }
}

#[test]
fn without_a_frame_that_shows_something_there_is_none() {
    for (format, poster) in found(&vec![plain(BLACK), plain(WHITE), plain(RED)], all()) {
        assert_eq!(poster, None, "{format}");
    }
}

#[test]
fn no_more_frames_are_looked_at_than_allowed() {
    let canvas = PIXELS as u64;
    for (pixels, is_found) in [(canvas * 4, true), (canvas * 4 - 1, false), (0, false)] {
        for (format, poster) in found(&fade(), Most::of_pixels(pixels, SIDES)) {
            assert_eq!(poster.is_some(), is_found, "{format} with {pixels} pixels");
        }
    }
    for (pixels, expected) in [(canvas * 2, true), (canvas * 2 - 1, false)] {
        let most = Most::of_pixels(pixels, SIDES);
        assert_eq!(most.is_more_than_the_first(), expected, "{pixels} pixels");
    }
    for (dark, is_found) in [(59, true), (60, false)] {
        let mut frames = vec![plain(BLACK); dark];
        frames.push(picture());
        for (format, poster) in found(&frames, all()) {
            assert_eq!(poster.is_some(), is_found, "{format} behind {dark} frames");
        }
    }
}

#[test]
fn half_a_file_has_no_poster_or_the_one_of_the_whole() {
    for (whole, find) in [
        (
            gif(&fade()),
            (|file| of_gif(file, SIDES, all())) as fn(&[u8]) -> Option<Poster>,
        ),
        (webp(&fade()), |file| of_webp(file, all())),
        (png(&fade()), |file| of_png(file, all())),
    ] {
        for length in 0..whole.len() {
            let poster = find(&whole[..length]);
            assert!(
                poster.is_none_or(|poster| poster.frame == 3),
                "{length} bytes"
            );
        }
    }
}

#[test]
fn a_default_image_that_is_no_frame_is_none() {
    for (frames, number) in [(vec![picture()], 1), (fade(), 4)] {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, SIDES.0, SIDES.1);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_animated(frames.len() as u32, 0).unwrap();
        encoder.set_sep_def_img(true).unwrap();
        let mut writer = encoder.write_header().unwrap();
        let mut default = picture();
        default.reverse();
        writer.write_image_data(default.as_flattened()).unwrap();
        for frame in &frames {
            writer.write_image_data(frame.as_flattened()).unwrap();
        }
        writer.finish().unwrap();
        let poster = of_png(&file, all()).unwrap();
        assert_eq!(poster.frame, number);
        assert_eq!(poster.samples, picture().as_flattened());
    }
}

#[test]
fn a_palette_with_a_part_of_a_color_is_not_looked_at() {
    for rest in 1..3 {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 2, 1);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(vec![200; 6 + rest]);
        encoder.set_animated(2, 0).unwrap();
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[0, 1]).unwrap();
        writer.write_image_data(&[1, 0]).unwrap();
        writer.finish().unwrap();
        assert_eq!(of_png(&file, all()), None);
    }
}

#[test]
fn a_picture_without_frames_has_none() {
    let mut still = Vec::new();
    let mut encoder = png::Encoder::new(&mut still, 1, 1);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&RED).unwrap();
    writer.finish().unwrap();
    assert_eq!(of_png(&still, all()), None);
    for noise in [
        &b"GIF89a"[..],
        b"RIFF\0\0\0\0WEBP",
        b"\x89PNG\r\n\x1a\n",
        b"",
    ] {
        assert_eq!(of_gif(noise, SIDES, all()), None);
        assert_eq!(of_webp(noise, all()), None);
        assert_eq!(of_png(noise, all()), None);
    }
}

/// A frame over a part of the canvas, for both formats that have such.
struct Part {
    dispose: u8,
    pixel: [u8; 4],
    rect: [u32; 4],
}

/// A GIF and a PNG of these parts.
fn of_parts(parts: &[Part]) -> [(&'static str, Option<Poster>); 2] {
    let mut file = Vec::new();
    let mut encoder = gif::Encoder::new(&mut file, 32, 24, &[]).unwrap();
    for part in parts {
        let [left, top, width, height] = part.rect.map(|value| value as u16);
        let mut pixels = part.pixel.repeat(usize::from(width * height));
        let mut frame = gif::Frame::from_rgba(width, height, &mut pixels);
        (frame.left, frame.top) = (left, top);
        frame.dispose = [
            gif::DisposalMethod::Keep,
            gif::DisposalMethod::Background,
            gif::DisposalMethod::Previous,
        ][usize::from(part.dispose)];
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    let of_gif = of_gif(&file, SIDES, all());

    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 32, 24);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_animated(parts.len() as u32, 0).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for part in parts {
        let [left, top, width, height] = part.rect;
        writer.reset_frame_position().unwrap();
        writer.set_frame_dimension(width, height).unwrap();
        writer.set_frame_position(left, top).unwrap();
        writer.set_blend_op(png::BlendOp::Over).unwrap();
        let dispose = [
            png::DisposeOp::None,
            png::DisposeOp::Background,
            png::DisposeOp::Previous,
        ];
        writer
            .set_dispose_op(dispose[usize::from(part.dispose)])
            .unwrap();
        let pixels = part.pixel.repeat((width * height) as usize);
        writer.write_image_data(&pixels).unwrap();
    }
    writer.finish().unwrap();
    [("GIF", of_gif), ("PNG", of_png(&file, all()))]
}

#[test]
fn what_a_frame_leaves_behind_is_under_the_next() {
    let whole = [0, 0, 32, 24];
    let block = [8, 6, 4, 4];
    // Black, and red over all of it; what becomes of the red; and a block of white.
    for (dispose, around) in [(0, RED), (1, NOTHING), (2, BLACK)] {
        let parts = [
            Part {
                dispose: 0,
                pixel: BLACK,
                rect: whole,
            },
            Part {
                dispose,
                pixel: RED,
                rect: whole,
            },
            Part {
                dispose: 0,
                pixel: WHITE,
                rect: block,
            },
        ];
        for (format, poster) in of_parts(&parts) {
            let poster = poster.unwrap_or_else(|| panic!("{format} {dispose} has none"));
            assert_eq!(poster.frame, 2, "{format} {dispose}");
            let (pixels, _) = poster.samples.as_chunks::<4>();
            assert_eq!(pixels[0], around, "{format} {dispose}");
            assert_eq!(pixels[6 * 32 + 8], WHITE, "{format} {dispose}");
            assert_eq!(pixels[9 * 32 + 11], WHITE, "{format} {dispose}");
            assert_eq!(pixels[9 * 32 + 12], around, "{format} {dispose}");
        }
    }
}

#[test]
fn what_is_alike_shows_nothing() {
    let samples = |pixels: &[[u8; 3]]| pixels.as_flattened().to_vec();
    assert!(!shows_something(&[], 4));
    assert!(!shows_something(&samples(&[[7; 3]; 1]), 3));
    assert!(shows_something(&samples(&[[0; 3], [255; 3]]), 3));
    // Noise of a camera in the dark.
    let noise: Vec<[u8; 3]> = (0..1000).map(|at| [(at * 37 % 20) as u8; 3]).collect();
    assert!(!shows_something(&samples(&noise), 3));
    // A title of a few pixels, and a dead pixel.
    for (bright, is_shown) in [(2, false), (3, true)] {
        let mut title = vec![[0; 3]; 1000];
        title[100..100 + bright].fill([255; 3]);
        assert_eq!(shows_something(&samples(&title), 3), is_shown);
    }
    // A title on more pixels than are looked at one by one.
    let mut large = vec![[0; 3]; 9_000_000];
    assert!(!shows_something(large.as_flattened(), 3));
    large[5_000_000..5_000_000 + 30_000].fill([255; 3]);
    assert!(shows_something(large.as_flattened(), 3));
    // Colors that nobody sees.
    let hidden: Vec<u8> = (0..100u8).flat_map(|at| [at, 255 - at, 9, 0]).collect();
    assert!(!shows_something(&hidden, 4));
}
