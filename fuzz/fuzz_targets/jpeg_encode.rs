//! JPEG as we write it, beside the decoder of others: any picture, quality, effort and
//! bound, sequential and progressive.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thimble_engine::contract::{Encoding, Setting, Spec};
use thimble_engine::encode::Encoder;
use thimble_engine::format::Format;
use thimble_fuzz::{picture, sides};
use zune_core::bytestream::ZCursor;
use zune_jpeg::JpegDecoder;

/// A picture, and how it is encoded.
struct Order<'a> {
    width: u8,
    height: u8,
    quality: u8,
    model: u8,
    /// Color differences at half the columns and rows.
    halved: bool,
    /// A bit for each setting that is not the default.
    settings: u8,
    /// The most bytes, if any.
    most: u16,
    noise: &'a [u8],
}

fuzz_target!(|input: (u8, u8, u8, u8, bool, u8, u16, &[u8])| {
    let (width, height, quality, model, halved, settings, most, noise) = input;
    let order = Order {
        width,
        height,
        quality,
        model,
        halved,
        settings,
        most,
        noise,
    };
    let sides = sides(order.width, order.height);
    let encoder = Encoder::new(&spec(&order), Format::JPEG).expect("a sound spec");
    let mut warnings = vec![];
    let thumbnail = encoder
        .encode(
            picture(sides, order.model, order.halved, order.noise),
            &mut warnings,
        )
        .expect("a picture within the limits");
    let mut decoder = JpegDecoder::new(ZCursor::new(&thumbnail.data));
    decoder.decode().expect("a whole picture");
    assert_eq!(decoder.dimensions(), Some(sides));
    let fits = order.most == 0 || thumbnail.data.len() <= usize::from(order.most);
    assert_eq!(fits, warnings.is_empty());
});

fn spec(order: &Order) -> Spec {
    let mut spec = thimble_fuzz::spec(&[0; thimble_fuzz::CHOICES]);
    spec.encoding = Encoding {
        media_type: Some("image/jpeg".into()),
        quality: Some(order.quality % 100 + 1),
    };
    let known = [
        ("jpeg.effort", "small"),
        ("jpeg.progressive", "true"),
        ("jpeg.optimize", "false"),
        ("jpeg.subsampling", "444"),
    ];
    let setting = |name: &str, value: String| Setting {
        name: name.into(),
        value,
    };
    let chosen = known.iter().enumerate();
    let chosen = chosen.filter(|(place, _)| order.settings >> place & 1 == 1);
    spec.settings = chosen
        .map(|(_, (name, value))| setting(name, (*value).into()))
        .collect();
    if order.most > 0 {
        spec.settings
            .push(setting("max-bytes", order.most.to_string()));
    }
    spec
}
