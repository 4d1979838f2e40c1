//! JPEG as we write it, beside the decoder of others: any picture, quality, effort and
//! bound, sequential and progressive.
#![no_main]

use libfuzzer_sys::fuzz_target;
use thimble_engine::contract::Setting;
use thimble_engine::encode::Encoder;
use thimble_engine::format::Format;
use thimble_fuzz::{Order, OrderChoices, setting};
use zune_core::bytestream::ZCursor;
use zune_jpeg::JpegDecoder;

fuzz_target!(|input: (OrderChoices, u8, u16, &[u8])| {
    let (choices, chosen, most, noise) = input;
    let order = Order::new(choices, noise);
    let spec = order.spec(Format::JPEG, settings(chosen, most));
    let encoder = Encoder::new(&spec, Format::JPEG).expect("a sound spec");
    let mut warnings = vec![];
    let thumbnail = encoder
        .encode(order.picture(), &mut warnings)
        .expect("a picture within the limits");
    let mut decoder = JpegDecoder::new(ZCursor::new(&thumbnail.data));
    decoder.decode().expect("a whole picture");
    assert_eq!(decoder.dimensions(), Some(order.sides));
    let fits = most == 0 || thumbnail.data.len() <= usize::from(most);
    assert_eq!(fits, warnings.is_empty());
});

/// A setting that is not the default for each bit of `chosen`, and the most bytes, if any.
fn settings(chosen: u8, most: u16) -> Vec<Setting> {
    let known = [
        ("jpeg.effort", "fast"),
        ("jpeg.progressive", "true"),
        ("jpeg.optimize", "false"),
        ("jpeg.subsampling", "444"),
    ];
    let known = known.into_iter().enumerate();
    let known = known.filter(|(place, _)| chosen >> place & 1 == 1);
    let bound = (most > 0).then(|| setting("max-bytes", most.to_string()));
    known
        .map(|(_, (name, value))| setting(name, value))
        .chain(bound)
        .collect()
}
