//! The codec of lossy WebP as native code: `cargo bench -p thimble-webp`.

#![expect(clippy::expect_used, reason = "a bench that cannot run says so")]

use divan::Bencher;
use thimble_picture::{Model, Picture, Plane};
use thimble_webp::{Detail, decode, encode};

/// About 3 megapixels: large enough not to fit into a cache.
const SIDES: (u32, u32) = (2048, 1536);

fn main() {
    divan::main();
}

/// To an eighth, a quarter, a half and all of the size.
#[divan::bench(args = [8, 4, 2, 1])]
fn decode_frame(bencher: Bencher<'_, '_>, part: u32) {
    let frame = encode(&picture(SIDES), 80).expect("a frame");
    let detail = Detail::for_size((SIDES.0 / part, SIDES.1 / part), SIDES);
    bencher.bench(|| decode(&frame, detail).expect("a picture"));
}

#[divan::bench(args = [40, 80, 95])]
fn encode_frame(bencher: Bencher<'_, '_>, quality: u8) {
    let picture = picture((640, 480));
    bencher.bench(|| encode(&picture, quality).expect("a frame"));
}

/// Soft shapes with grain, as a camera sees them.
fn picture((width, height): (u32, u32)) -> Picture {
    let mut noise = 1_u32;
    let mut samples = vec![];
    for y in 0..height {
        for x in 0..width {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let grain = (noise >> 28) as f32;
            let wave = |period: f32| ((x as f32 / period).sin() + (y as f32 / 97.0).cos()) * 55.0;
            samples.extend([61.0, 83.0, 151.0].map(|period| (wave(period) + 120.0 + grain) as u8));
        }
    }
    let plane = Plane {
        channels: 3,
        width: width as usize,
        height: height as usize,
        extent: (width.into(), height.into()),
        samples,
    };
    Picture {
        model: Model::Rgb,
        planes: vec![plane],
    }
}
