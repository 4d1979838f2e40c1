//! Frames of animations: the first, or the first that shows something.

use image::codecs::gif::GifEncoder;
use image::{Frame, Rgba, RgbaImage};
use thimble_engine::contract::{Fit, Limits, Spec};

use crate::support::{make, spec, with_setting, with_type};

const BLACK: Rgba<u8> = Rgba([0, 0, 0, 255]);

/// Black on the left and white on the right, which is nearly all of the picture.
fn picture() -> RgbaImage {
    RgbaImage::from_fn(40, 30, |x, _| if x < 4 { BLACK } else { Rgba([255; 4]) })
}

/// A GIF of these frames.
fn animation(frames: &[RgbaImage]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new(&mut file);
    let frames = frames.iter().cloned().map(Frame::new);
    encoder.encode_frames(frames).unwrap();
    drop(encoder);
    file
}

/// One that begins with nothing, and with black.
fn fade() -> Vec<u8> {
    let plain = |pixel| RgbaImage::from_pixel(40, 30, pixel);
    animation(&[plain(Rgba([0; 4])), plain(BLACK), picture()])
}

fn png(frame: Option<&str>) -> Spec {
    let spec = with_type("image/png", spec(20, 20, Fit::Inside));
    match frame {
        Some(frame) => with_setting("frame", frame, spec),
        None => spec,
    }
}

fn is_white(thumbnail: &[u8]) -> bool {
    let picture = image::load_from_memory(thumbnail).unwrap().to_rgba8();
    *picture.get_pixel(10, 7) == Rgba([255; 4])
}

#[test]
fn a_poster_shows_the_first_frame_that_shows_something() {
    let specs = [png(None), png(Some("poster")), png(Some("first"))];
    let made = make(&fade(), &specs);
    let shown: Vec<bool> = made.iter().map(|made| is_white(&made.data)).collect();
    assert_eq!(shown, [false, true, false]);
    // The same bytes as alone: what else is made in a call changes nothing.
    for (spec, together) in specs.iter().zip(&made) {
        assert_eq!(
            make(&fade(), std::slice::from_ref(spec))[0].data,
            together.data
        );
    }
}

#[test]
fn a_poster_that_begins_the_animation_is_the_first_frame() {
    let black = RgbaImage::from_pixel(40, 30, BLACK);
    for source in [
        animation(&[picture(), black.clone()]),
        animation(&[black.clone(), black]),
    ] {
        let made = make(&source, &[png(None), png(Some("poster"))]);
        assert_eq!(made[0].data, made[1].data);
    }
}

#[test]
fn half_of_the_pixels_are_for_frames_that_are_looked_at() {
    let limits = |max_pixels| Limits {
        max_pixels,
        ..Limits::default()
    };
    for (frames, is_found) in [(6, true), (5, false)] {
        let within = limits(40 * 30 * frames);
        let specs = [png(Some("poster"))];
        let output = thimble_engine::generate(&fade(), &specs, &within).unwrap();
        assert_eq!(is_white(&output.thumbnails[0].data), is_found);
    }
}

#[test]
fn a_still_has_no_other_frame() {
    let mut still = std::io::Cursor::new(Vec::new());
    picture()
        .write_to(&mut still, image::ImageFormat::Png)
        .unwrap();
    let made = make(still.get_ref(), &[png(None), png(Some("poster"))]);
    assert_eq!(made[0].data, made[1].data);
}

#[test]
fn a_default_image_that_is_no_frame_is_no_poster() {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 40, 30);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_animated(1, 0).unwrap();
    encoder.set_sep_def_img(true).unwrap();
    let mut writer = encoder.write_header().unwrap();
    for shown in [RgbaImage::from_pixel(40, 30, BLACK), picture()] {
        writer.write_image_data(&shown).unwrap();
    }
    writer.finish().unwrap();
    let made = make(&file, &[png(None), png(Some("poster"))]);
    assert_eq!([0, 1].map(|at| is_white(&made[at].data)), [false, true]);
}
