//! Our PNG decoder beside a stock one: what both decode as a whole, they decode to the
//! same samples. Ours refuses, as zlib does, codes that the stock one takes for others.
//!
//! Checksums are set right first, or hardly any input would get beyond them. Colors that
//! are described by a profile or by numbers are left out: the stock decoder leaves them
//! as they are, ours converts 16 bits.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use thimble_fuzz::LIMITS;
use thimble_png::{Header, Image};

fuzz_target!(|input: &[u8]| {
    let describes = |kind: &[u8; 4]| input.windows(4).any(|bytes| bytes == kind);
    if [b"iCCP", b"cICP", b"gAMA"].into_iter().any(describes) {
        return;
    }
    let mut source = input.to_vec();
    set_checksums(&mut source);
    if let (Some(ours), Some(stock)) = (ours(&source), stock(&source)) {
        assert_eq!(ours, stock);
    }
});

fn set_checksums(source: &mut [u8]) {
    let mut at = 8;
    while let Some(head) = source.get(at..).and_then(<[u8]>::first_chunk) {
        let length = u32::from_be_bytes(*head) as usize;
        let end = at + 8 + length;
        let Some([kind_and_data, checksum]) =
            source.get_disjoint_mut([at + 4..end, end..end + 4]).ok()
        else {
            return;
        };
        checksum.copy_from_slice(&crc32fast::hash(kind_and_data).to_be_bytes());
        at = end + 4;
    }
}

fn ours(source: &[u8]) -> Option<(usize, Vec<u8>)> {
    let header = Header::read(source).ok()?;
    if u64::from(header.width) * u64::from(header.height) > LIMITS.max_pixels {
        return None;
    }
    let image = Image::open(&header).ok()?;
    let pixels = image.pixels().ok()?;
    pixels
        .damage
        .is_none()
        .then(|| (image.channels(), pixels.samples))
}

/// Nothing also for what is over our limits, and for a palette of a length that the
/// stock decoder panics on.
fn stock(source: &[u8]) -> Option<(usize, Vec<u8>)> {
    let mut decoder = png::Decoder::new(Cursor::new(source));
    decoder.set_transformations(png::Transformations::EXPAND);
    let info = decoder.read_header_info().ok()?;
    let sides = u64::from(info.width) * u64::from(info.height);
    if sides > LIMITS.max_pixels {
        return None;
    }
    let mut reader = decoder.read_info().ok()?;
    let palette = reader.info().palette.as_deref().map_or(0, <[u8]>::len);
    if palette % 3 != 0 {
        return None;
    }
    let mut samples = vec![0; reader.output_buffer_size()?];
    let info = reader.next_frame(&mut samples).ok()?;
    if info.bit_depth == png::BitDepth::Sixteen {
        let (pairs, _) = samples.as_chunks();
        samples = pairs.iter().map(|pair| narrow(*pair)).collect();
    }
    Some((info.color_type.samples(), samples))
}

/// 16 bits to 8, to the nearest.
fn narrow(sample: [u8; 2]) -> u8 {
    ((u32::from(u16::from_be_bytes(sample)) * 255 + 32_767) / 65_535) as u8
}
