//! The JPEG codec as native code: `cargo bench -p thimble-jpeg`.

#![expect(clippy::expect_used, reason = "a bench that cannot run says so")]

use std::sync::LazyLock;

use divan::Bencher;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use thimble_jpeg::{Chroma, Decoded, Effort, Header, Options, Scale, decode, encode};
use thimble_picture::Picture;

#[path = "../../thimble-picture/samples/soft.rs"]
mod soft;

/// About 3 megapixels: large enough not to fit into a cache.
const SIDES: (u32, u32) = (2048, 1536);

const OPTIONS: Options = Options {
    quality: 80,
    progressive: false,
    subsampled: true,
    optimal: true,
    effort: Effort::Fast,
};

static SEQUENTIAL: LazyLock<Vec<u8>> = LazyLock::new(|| encoded(&OPTIONS));
static PROGRESSIVE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    encoded(&Options {
        progressive: true,
        ..OPTIONS
    })
});

fn main() {
    divan::main();
}

#[divan::bench(args = Scale::ALL)]
fn decode_sequential(bencher: Bencher<'_, '_>, scale: Scale) {
    bencher.bench(|| decoded(&SEQUENTIAL, scale));
}

#[divan::bench(args = Scale::ALL)]
fn decode_progressive(bencher: Bencher<'_, '_>, scale: Scale) {
    bencher.bench(|| decoded(&PROGRESSIVE, scale));
}

#[divan::bench(args = [true, false])]
fn encode_progressive(bencher: Bencher<'_, '_>, progressive: bool) {
    let options = Options {
        progressive,
        ..OPTIONS
    };
    bencher
        .with_inputs(picture)
        .bench_values(|picture| encode(picture, &options).expect("a JPEG"));
}

/// The encoder of others, asked for the same.
#[divan::bench(args = [true, false])]
fn encode_progressive_stock(bencher: Bencher<'_, '_>, progressive: bool) {
    let samples = picture().planes.swap_remove(0).samples;
    let (width, height) = SIDES;
    bencher.bench(|| {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, OPTIONS.quality);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder.set_optimized_huffman_tables(OPTIONS.optimal);
        encoder.set_progressive(progressive);
        let done = encoder.encode(&samples, width as u16, height as u16, ColorType::Rgb);
        done.expect("a JPEG");
        file
    });
}

#[divan::bench(args = [Effort::Fast, Effort::Small])]
fn encode_with_effort(bencher: Bencher<'_, '_>, effort: Effort) {
    let options = Options { effort, ..OPTIONS };
    bencher
        .with_inputs(picture)
        .bench_values(|picture| encode(picture, &options).expect("a JPEG"));
}

fn decoded(source: &[u8], scale: Scale) -> Decoded {
    let header = Header::read(source).expect("a header");
    decode(&header, scale, Chroma::Half).expect("a picture")
}

fn encoded(options: &Options) -> Vec<u8> {
    encode(picture(), options).expect("a JPEG")
}

fn picture() -> Picture {
    soft::picture(SIDES)
}
