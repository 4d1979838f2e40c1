//! The JPEG codec as native code: `cargo bench -p thimble-jpeg`.

#![expect(clippy::expect_used, reason = "a bench that cannot run says so")]

use std::sync::LazyLock;

use divan::Bencher;
use thimble_jpeg::{Chroma, Decoded, Header, Options, Scale, decode, encode};
use thimble_picture::{Model, Picture, Plane};

/// About 3 megapixels: large enough not to fit into a cache.
const SIDES: (usize, usize) = (2048, 1536);

const OPTIONS: Options = Options {
    quality: 80,
    progressive: false,
    subsampled: true,
    optimal: true,
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

fn decoded(source: &[u8], scale: Scale) -> Decoded {
    let header = Header::read(source).expect("a header");
    decode(&header, scale, Chroma::Half).expect("a picture")
}

fn encoded(options: &Options) -> Vec<u8> {
    encode(picture(), options).expect("a JPEG")
}

/// Soft shapes with grain, as a camera sees them.
fn picture() -> Picture {
    let mut noise = 1_u32;
    let mut samples = vec![];
    for y in 0..SIDES.1 {
        for x in 0..SIDES.0 {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (noise >> 28) as f32;
            let wave = |period: f32| ((x as f32 / period).sin() + (y as f32 / 97.0).cos()) * 55.0;
            samples.extend([61.0, 83.0, 151.0].map(|period| (wave(period) + 120.0 + grain) as u8));
        }
    }
    let plane = Plane {
        channels: 3,
        width: SIDES.0,
        height: SIDES.1,
        extent: (SIDES.0 as f64, SIDES.1 as f64),
        samples,
    };
    Picture {
        model: Model::Rgb,
        planes: vec![plane],
    }
}
