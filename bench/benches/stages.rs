//! Cost of each stage of a thumbnail, as native code: `cargo bench -p bench`.
//!
//! For finding out where the time goes. Codecs have benches of their own, in
//! `crates/*/benches`. Published figures come from `make bench`, which runs the whole
//! engine in its sandbox.

#![expect(clippy::expect_used, reason = "a bench that cannot run says so")]

use std::sync::LazyLock;

use divan::Bencher;
use thimble_engine::contract::{Bounds, Dimensions, Encoding, Limits, Setting, Spec};
use thimble_engine::decode::{self, Decoded, Header, Task, Wanted};
use thimble_engine::generate;
use thimble_engine::picture::Picture;
use thimble_engine::plan::Region;
use thimble_engine::resize::{Chroma, Resampler};

/// About 3 megapixels: large enough not to fit into a cache.
const WIDTH: u32 = 2048;
const HEIGHT: u32 = 1536;

fn main() {
    divan::main();
}

static SEQUENTIAL: LazyLock<Vec<u8>> = LazyLock::new(|| source("image/jpeg", &[]));
static PNG: LazyLock<Vec<u8>> = LazyLock::new(|| source("image/png", &[]));

#[divan::bench(args = [1024, 256, 64])]
fn resize_planes(bencher: Bencher<'_, '_>, width: u32) {
    let picture = decoded(&SEQUENTIAL).picture;
    bencher.bench(|| resized(&picture, width));
}

#[divan::bench(args = [1024, 256, 64])]
fn resize_pixels(bencher: Bencher<'_, '_>, width: u32) {
    let picture = decoded(&PNG).picture;
    bencher.bench(|| resized(&picture, width));
}

/// From a small source, so that little but encoding is left.
#[divan::bench(args = ["image/jpeg", "image/png", "image/webp"])]
fn encode(bencher: Bencher<'_, '_>, media_type: &str) {
    let small = thumbnail(&SEQUENTIAL, &spec(640, "image/png", &[]));
    let spec = spec(640, media_type, &[]);
    bencher.bench(|| thumbnail(&small, &spec));
}

fn decoded(source: &[u8]) -> Decoded {
    let header = Header::read(source, &Limits::default()).expect("a header");
    let wanted = Wanted {
        width: header.width,
        height: header.height,
        averaged_rows: header.height,
        averaged_columns: header.width,
        halved_chroma: true,
    };
    let task = Task {
        source,
        header: &header,
        wanted,
        limits: &Limits::default(),
    };
    decode::decode(&task).expect("a picture")
}

fn resized(picture: &Picture, width: u32) -> Picture {
    let whole = (f64::from(WIDTH), f64::from(HEIGHT));
    let everything = Region {
        left: 0.0,
        top: 0.0,
        width: whole.0,
        height: whole.1,
    };
    let size = Dimensions {
        width,
        height: width * HEIGHT / WIDTH,
    };
    let mut resampler = Resampler::new();
    resampler
        .resize(picture, whole, &everything, size, Chroma::Half)
        .expect("a smaller picture")
}

/// The picture of all benches, in a format.
fn source(media_type: &str, settings: &[(&str, &str)]) -> Vec<u8> {
    thumbnail(&bitmap(), &spec(WIDTH, media_type, settings))
}

fn thumbnail(source: &[u8], spec: &Spec) -> Vec<u8> {
    let output =
        generate(source, std::slice::from_ref(spec), &Limits::default()).expect("a thumbnail");
    output.thumbnails.into_iter().next().expect("one").data
}

fn spec(width: u32, media_type: &str, settings: &[(&str, &str)]) -> Spec {
    let settings = settings.iter().map(|(name, value)| Setting {
        name: (*name).into(),
        value: (*value).into(),
    });
    Spec {
        bounds: Bounds {
            width: Some(width),
            height: None,
        },
        encoding: Encoding {
            media_type: Some(media_type.into()),
            quality: None,
        },
        settings: settings.collect(),
        ..Spec::default()
    }
}

/// Soft shapes with grain, as a camera sees them, in the simplest format there is.
fn bitmap() -> Vec<u8> {
    let length = 54 + WIDTH * HEIGHT * 3;
    let mut bytes = b"BM".to_vec();
    for field in [
        length,
        0,
        54,
        40,
        WIDTH,
        HEIGHT,
        24 << 16 | 1,
        0,
        0,
        0,
        0,
        0,
        0,
    ] {
        bytes.extend_from_slice(&field.to_le_bytes());
    }
    let mut noise = 1_u32;
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (noise >> 28) as f32;
            let wave = |period: f32| ((x as f32 / period).sin() + (y as f32 / 97.0).cos()) * 55.0;
            let channel = |period: f32| (wave(period) + 120.0 + grain) as u8;
            bytes.extend_from_slice(&[channel(61.0), channel(83.0), channel(151.0)]);
        }
    }
    bytes
}
