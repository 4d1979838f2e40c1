//! JPEG as we write it, beside the decoder of others: any picture, quality, effort and
//! bound, sequential and progressive.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thimble_engine::contract::{Encoding, Setting, Spec};
use thimble_engine::encode::Encoder;
use thimble_engine::format::Format;
use thimble_engine::picture::{Model, Picture, Plane};
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
    let encoder = Encoder::new(&spec(&order), Format::JPEG).expect("a sound spec");
    let mut warnings = vec![];
    let thumbnail = encoder
        .encode(picture(&order), &mut warnings)
        .expect("a picture within the limits");
    let mut decoder = JpegDecoder::new(ZCursor::new(&thumbnail.data));
    decoder.decode().expect("a whole picture");
    assert_eq!(decoder.dimensions(), Some(sides(&order)));
    let fits = order.most == 0 || thumbnail.data.len() <= usize::from(order.most);
    assert_eq!(fits, warnings.is_empty());
});

fn sides(order: &Order) -> (usize, usize) {
    let side = |byte: u8| usize::from(byte % 80) + 1;
    (side(order.width), side(order.height))
}

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

fn picture(order: &Order) -> Picture {
    let (width, height) = sides(order);
    let mut noise = order.noise.iter().copied().chain([128]).cycle();
    let mut plane = |channels: usize, halved: bool| {
        let part = |side: usize| if halved { side.div_ceil(2) } else { side };
        let extent = |side: usize| side as f64 / if halved { 2.0 } else { 1.0 };
        let (columns, rows) = (part(width), part(height));
        Plane {
            channels,
            width: columns,
            height: rows,
            extent: (extent(width), extent(height)),
            samples: noise.by_ref().take(columns * rows * channels).collect(),
        }
    };
    let (model, planes) = match order.model % 4 {
        0 => (Model::Gray, vec![plane(1, false)]),
        1 => (Model::Rgb, vec![plane(3, false)]),
        2 => (Model::Rgba, vec![plane(4, false)]),
        _ => {
            let differences = [plane(1, order.halved), plane(1, order.halved)];
            let planes = [plane(1, false)].into_iter().chain(differences).collect();
            (Model::Ycbcr, planes)
        }
    };
    Picture { model, planes }
}
