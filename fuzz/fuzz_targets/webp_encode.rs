//! WebP as we write it, beside the decoder of others: any picture, any quality,
//! with and without loss.
#![no_main]

use image_webp::WebPDecoder;
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;
use thimble_engine::encode::Encoder;
use thimble_engine::format::Format;
use thimble_engine::picture::Model;
use thimble_fuzz::{Order, OrderChoices, setting};

fuzz_target!(|input: (OrderChoices, bool, &[u8])| {
    let (choices, is_lossless, noise) = input;
    let order = Order::new(choices, noise);
    let picture = order.picture();
    let transparent = picture.model == Model::Rgba;
    let samples = picture.planes[0].samples.clone();
    let settings = is_lossless.then(|| setting("webp.lossless", "true"));
    let spec = order.spec(Format::WEBP, settings.into_iter().collect());
    let encoder = Encoder::new(&spec, Format::WEBP).expect("a sound spec");
    let thumbnail = encoder
        .encode(picture, &mut vec![])
        .expect("a picture within the limits");
    let (width, height) = order.sides;
    let mut decoder = WebPDecoder::new(Cursor::new(&thumbnail.data)).expect("a WebP");
    assert_eq!(decoder.dimensions(), (width as u32, height as u32));
    let mut shown = vec![0; decoder.output_buffer_size().expect("few pixels")];
    decoder.read_image(&mut shown).expect("a whole picture");
    if transparent && decoder.has_alpha() {
        let alpha =
            |samples: &[u8]| -> Vec<u8> { samples.iter().skip(3).step_by(4).copied().collect() };
        assert_eq!(alpha(&shown), alpha(&samples));
        if is_lossless {
            assert_eq!(shown, samples);
        }
    }
});
