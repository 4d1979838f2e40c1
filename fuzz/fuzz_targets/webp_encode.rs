//! WebP as we write it, beside the decoder of others: any picture, any quality,
//! with and without loss.
#![no_main]

use image_webp::WebPDecoder;
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;
use thimble_engine::contract::{Encoding, Setting, Spec};
use thimble_engine::encode::Encoder;
use thimble_engine::format::Format;
use thimble_engine::picture::Model;
use thimble_fuzz::{picture, sides};

/// A picture, and how it is encoded.
struct Order<'a> {
    width: u8,
    height: u8,
    quality: u8,
    model: u8,
    /// Color differences at half the columns and rows.
    halved: bool,
    lossless: bool,
    noise: &'a [u8],
}

fuzz_target!(|input: (u8, u8, u8, u8, bool, bool, &[u8])| {
    let (width, height, quality, model, halved, lossless, noise) = input;
    let order = Order {
        width,
        height,
        quality,
        model,
        halved,
        lossless,
        noise,
    };
    let sides = sides(order.width, order.height);
    let picture = picture(sides, order.model, order.halved, order.noise);
    let transparent = picture.model == Model::Rgba;
    let samples = picture.planes[0].samples.clone();
    let encoder = Encoder::new(&spec(&order), Format::WEBP).expect("a sound spec");
    let thumbnail = encoder
        .encode(picture, &mut vec![])
        .expect("a picture within the limits");
    let (width, height) = sides;
    let mut decoder = WebPDecoder::new(Cursor::new(&thumbnail.data)).expect("a WebP");
    assert_eq!(decoder.dimensions(), (width as u32, height as u32));
    let mut shown = vec![0; decoder.output_buffer_size().expect("few pixels")];
    decoder.read_image(&mut shown).expect("a whole picture");
    if transparent && decoder.has_alpha() {
        let alpha =
            |samples: &[u8]| -> Vec<u8> { samples.iter().skip(3).step_by(4).copied().collect() };
        assert_eq!(alpha(&shown), alpha(&samples));
        if order.lossless {
            assert_eq!(shown, samples);
        }
    }
});

fn spec(order: &Order) -> Spec {
    let mut spec = thimble_fuzz::spec(&[0; thimble_fuzz::CHOICES]);
    spec.encoding = Encoding {
        media_type: Some("image/webp".into()),
        quality: Some(order.quality % 100 + 1),
    };
    spec.settings = order
        .lossless
        .then(|| Setting {
            name: "webp.lossless".into(),
            value: "true".into(),
        })
        .into_iter()
        .collect();
    spec
}
