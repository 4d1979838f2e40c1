//! The decoder of GIF as native code: `cargo bench -p thimble-gif`.

#![expect(clippy::expect_used, reason = "a bench that cannot run says so")]

use divan::Bencher;
use divan::counter::ItemsCount;
use gif::{Encoder, Frame};
use thimble_gif::{Header, Image};

const SIDES: (u16, u16) = (2048, 1536);

fn main() {
    divan::main();
}

/// A frame, with its rows in order or interlaced.
#[divan::bench(args = [false, true])]
fn frame(bencher: Bencher<'_, '_>, interlaced: bool) {
    let source = source(interlaced);
    let pixels = usize::from(SIDES.0) * usize::from(SIDES.1);
    bencher.counter(ItemsCount::new(pixels)).bench(|| {
        let header = Header::read(&source).expect("a header");
        let image = Image::decode(&source, (header.width, header.height)).expect("a frame");
        let mut row = vec![[0; 4]; header.width as usize];
        let mut sum = 0;
        for y in 0..header.height {
            image.paint(y, &mut row);
            sum += usize::from(row[0][0]);
        }
        sum
    });
}

/// Bands with some grain, in 256 grays.
fn source(interlaced: bool) -> Vec<u8> {
    let mut noise = 1_u32;
    let mut indices = vec![];
    for y in 0..SIDES.1 {
        for x in 0..SIDES.0 {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            indices.push((x / 24 + y / 32) as u8 * 8 + (noise >> 30) as u8);
        }
    }
    let palette: Vec<u8> = (0..=255).flat_map(|gray| [gray; 3]).collect();
    let mut source = vec![];
    let mut encoder = Encoder::new(&mut source, SIDES.0, SIDES.1, &palette).expect("a header");
    let mut frame = Frame::from_indexed_pixels(SIDES.0, SIDES.1, indices, None);
    frame.interlaced = interlaced;
    encoder.write_frame(&frame).expect("a frame");
    drop(encoder);
    source
}
