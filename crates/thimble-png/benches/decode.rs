//! The decoder of PNG as native code: `cargo bench -p thimble-png`.

#![expect(clippy::expect_used, reason = "a bench that cannot run says so")]

use divan::Bencher;
use divan::counter::BytesCount;
use png::{BitDepth, ColorType, Encoder, Filter};
use thimble_png::{Header, Image};

const SIDES: (u32, u32) = (2048, 1536);

fn main() {
    divan::main();
}

/// Rows with nothing to undo, with what can be undone at once, and sample by sample.
#[divan::bench(args = [Filter::NoFilter, Filter::Up, Filter::Sub, Filter::Avg, Filter::Paeth])]
fn rgb(bencher: Bencher<'_, '_>, filter: Filter) {
    decode(bencher, ColorType::Rgb, filter);
}

#[divan::bench(args = [Filter::Sub, Filter::Paeth])]
fn rgba(bencher: Bencher<'_, '_>, filter: Filter) {
    decode(bencher, ColorType::Rgba, filter);
}

#[divan::bench(args = [Filter::NoFilter, Filter::Paeth])]
fn gray(bencher: Bencher<'_, '_>, filter: Filter) {
    decode(bencher, ColorType::Grayscale, filter);
}

fn decode(bencher: Bencher<'_, '_>, color: ColorType, filter: Filter) {
    let source = source(color, filter);
    let decoded = SIDES.0 as usize * SIDES.1 as usize * color.samples();
    bencher.counter(BytesCount::new(decoded)).bench(|| {
        let header = Header::read(&source).expect("a header");
        let image = Image::open(&header).expect("a picture");
        let mut rows = image.rows().expect("memory for a row");
        let mut sum = 0;
        while let Some(row) = rows.next_row().expect("a row") {
            sum += usize::from(row[0]);
        }
        sum
    });
}

/// Soft shapes with grain, as a camera sees them.
fn source(color: ColorType, filter: Filter) -> Vec<u8> {
    let mut noise = 1_u32;
    let mut samples = vec![];
    for y in 0..SIDES.1 {
        for x in 0..SIDES.0 {
            for channel in 0..color.samples() {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let grain = (noise >> 29) as f32;
                let period = 61.0 + 30.0 * channel as f32;
                let wave = (x as f32 / period).sin() + (y as f32 / 97.0).cos();
                samples.push((wave * 55.0 + 120.0 + grain) as u8);
            }
        }
    }
    let mut source = vec![];
    let mut encoder = Encoder::new(&mut source, SIDES.0, SIDES.1);
    encoder.set_color(color);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_filter(filter);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&samples).expect("rows");
    writer.finish().expect("an end");
    source
}
