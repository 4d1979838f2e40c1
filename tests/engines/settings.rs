//! Settings of specs, which mean the same natively and in the sandbox.

use image::codecs::gif::GifEncoder;
use image::{Frame, ImageFormat, Rgba, RgbaImage};
use tests::hostile_images::sound;

use crate::built::{file, natively, picture, plain};

/// An animation that begins with nothing and with black, so that its poster is the third frame.
fn fade() -> Vec<u8> {
    let colors = RgbaImage::from_fn(90, 60, |x, y| {
        Rgba([40 + 2 * x as u8, 40 + 3 * y as u8, 128, 255])
    });
    let plain = |pixel| RgbaImage::from_pixel(90, 60, pixel);
    let frames = [plain(Rgba([0; 4])), plain(Rgba([0, 0, 0, 255])), colors];
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new(&mut file);
    encoder.encode_frames(frames.map(Frame::new)).unwrap();
    drop(encoder);
    file
}

#[test]
fn thumbnails_with_settings_are_the_same_in_the_sandbox_byte_for_byte() {
    let rows = [
        (
            "48x48,jpeg,jpeg.effort=small",
            "image/jpeg",
            ("jpeg.effort", "small"),
        ),
        (
            "48x48,jpeg,jpeg.effort=fast",
            "image/jpeg",
            ("jpeg.effort", "fast"),
        ),
        ("48x48,png,frame=poster", "image/png", ("frame", "poster")),
        ("48x48,png,frame=first", "image/png", ("frame", "first")),
    ];
    let mut sources = sound();
    // What is computed in floating point may differ by a step.
    sources.retain(|(name, _)| !name.ends_with("jxl"));
    sources.push(("fade.gif", fade()));
    sources.push(("large.png", file(&picture(640, 400), ImageFormat::Png)));
    for (name, source) in &sources {
        for (preset, media_type, setting) in rows {
            let made = plain().make(source, &[preset]).unwrap();
            let wanted = natively(source, (48, media_type), &[setting]);
            assert!(made.thumbnails[0].data == wanted, "{name}: {preset}");
        }
    }
}

#[test]
fn a_poster_is_another_frame_than_the_first_and_few_bytes_are_fewer() {
    let bytes = |source: &[u8], preset: &str| {
        let made = plain().make(source, &[preset]).unwrap();
        made.thumbnails[0].data.clone()
    };
    let fade = fade();
    let [poster, first] =
        ["poster", "first"].map(|frame| bytes(&fade, &format!("48x48,png,frame={frame}")));
    assert!(poster != first);
    let photo = file(&picture(640, 400), ImageFormat::Png);
    let [small, fast] = ["small", "fast"]
        .map(|effort| bytes(&photo, &format!("320x,jpeg,jpeg.effort={effort}")).len());
    assert!(small < fast, "{small} {fast}");
}
