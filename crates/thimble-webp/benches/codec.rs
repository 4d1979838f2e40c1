//! The codec of lossy WebP as native code: `cargo bench -p thimble-webp`.

#![expect(clippy::expect_used, reason = "a bench that cannot run says so")]

use divan::Bencher;
use thimble_webp::{Detail, decode, encode};

#[path = "../../thimble-picture/samples/soft.rs"]
mod soft;

use soft::picture;

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
