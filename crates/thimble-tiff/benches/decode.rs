//! The decoder of TIFF as native code: `cargo bench -p thimble-tiff`.

#![expect(clippy::expect_used, reason = "a bench that cannot run says so")]

use std::io::Write;

use divan::Bencher;
use divan::counter::ItemsCount;
use fax::encoder::Encoder;
use fax::{Color, VecWriter};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use thimble_tiff::{Error, Header, Page};
use weezl::BitOrder;

#[path = "../../thimble-picture/samples/soft.rs"]
mod soft;

const SIDES: (u32, u32) = (2048, 1536);

fn main() {
    divan::main();
}

/// Red, green and blue in one strip, by the number of the compression: none, LZW, Deflate.
#[divan::bench(args = [1, 5, 8])]
fn rgb(bencher: Bencher<'_, '_>, compression: u32) {
    let samples = soft::picture(SIDES).planes.swap_remove(0).samples;
    let strip = match compression {
        5 => weezl::encode::Encoder::with_tiff_size_switch(BitOrder::Msb, 8)
            .encode(&samples)
            .expect("codes"),
        8 => {
            let mut encoder = ZlibEncoder::new(vec![], Compression::default());
            encoder.write_all(&samples).expect("a stream");
            encoder.finish().expect("an end")
        }
        _ => samples,
    };
    decode(bencher, &page(compression, [8, 2, 3], &strip));
}

/// A page of fax of group 4: letters, as far as a bench knows any.
#[divan::bench]
fn fax(bencher: Bencher<'_, '_>) {
    let is_black = |x: u32, y: u32| (x / 3 + y / 40 * 7) % 11 < 3 && y % 40 < 24;
    let mut encoder = Encoder::new(VecWriter::new());
    for y in 0..SIDES.1 {
        let colors = (0..SIDES.0).map(|x| {
            if is_black(x, y) {
                Color::Black
            } else {
                Color::White
            }
        });
        encoder.encode_line(colors, SIDES.0 as u16).expect("a line");
    }
    let strip = encoder.finish().expect("an end").finish();
    decode(bencher, &page(4, [1, 0, 1], &strip));
}

fn decode(bencher: Bencher<'_, '_>, source: &[u8]) {
    let pixels = SIDES.0 as usize * SIDES.1 as usize;
    bencher.counter(ItemsCount::new(pixels)).bench(|| {
        let header = Header::read(source).expect("a header");
        let mut page = Page::open(&header, 1 << 24).expect("a page");
        let mut sum = 0;
        let is_whole = page.rows(|row| {
            sum += usize::from(row.samples[0]);
            Ok::<(), Error>(())
        });
        assert_eq!(is_whole, Ok(true));
        sum
    });
}

/// A page of one strip, of so many bits a sample, a meaning of colors, and so many samples.
fn page(compression: u32, [bits, photometric, samples]: [u32; 3], strip: &[u8]) -> Vec<u8> {
    let entries = [
        (256, SIDES.0),
        (257, SIDES.1),
        (258, bits),
        (259, compression),
        (262, photometric),
        (273, 8),
        (277, samples),
        (279, strip.len() as u32),
    ];
    let mut source = b"II*\0".to_vec();
    source.extend((8 + strip.len() as u32).to_le_bytes());
    source.extend(strip);
    source.extend((entries.len() as u16).to_le_bytes());
    for (tag, value) in entries {
        source.extend([u16::to_le_bytes(tag), [4, 0], [1, 0], [0, 0]].as_flattened());
        source.extend(value.to_le_bytes());
    }
    source.extend([0; 4]);
    source
}
