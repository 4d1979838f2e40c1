//! PNG: every color type and depth, interlaced or not; of an animation, the
//! default image.
//!
//! The header and the metadata are read here, chunk by chunk, because they are
//! wanted before, and independently of, the pixels. The colors of a PNG without
//! ICC profile are taken for sRGB: `gAMA` and `cHRM` are not applied, as nearly
//! every file that has them states sRGB in other words.

mod chunk;
mod filter;
mod layout;
mod scanlines;

use chunk::{Chunk, chunks, find};
use layout::Layout;
use scanlines::Scanlines;

use crate::contract::{Error, Limits};
use crate::decode::rows::{self, Rows};
use crate::decode::{Bytes, Decoded, Header, Wanted, malformed, oversized_profile, samples};
use crate::format::Format;
use crate::inflate::{Damage, Inflater};
use crate::orient::Orientation;
use crate::picture::Picture;

/// A pass of an interlaced picture: every so many columns and rows, from somewhere.
/// PNG, third edition, section 8.1.
struct Pass {
    left: usize,
    top: usize,
    across: usize,
    down: usize,
}

const PASSES: [Pass; 7] = [
    pass(0, 0, 8, 8),
    pass(4, 0, 8, 8),
    pass(0, 4, 4, 8),
    pass(2, 0, 4, 4),
    pass(0, 2, 2, 4),
    pass(1, 0, 2, 2),
    pass(0, 1, 1, 2),
];

const fn pass(left: usize, top: usize, across: usize, down: usize) -> Pass {
    Pass {
        left,
        top,
        across,
        down,
    }
}

/// Reads `IHDR`, and the chunks that count frames and state the orientation.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let header = chunks(source).next().filter(|chunk| chunk.kind == *b"IHDR");
    let sides = header.map(|chunk| Bytes::big_endian(chunk.data));
    let Some((width, height)) = sides.and_then(|data| data.u32(0).zip(data.u32(4))) else {
        return Err(malformed(Format::Png, "no header"));
    };
    let orientation = find(source, b"eXIf").map_or_else(Default::default, Orientation::from_exif);
    let frames = find(source, b"acTL").and_then(|data| Bytes::big_endian(data).u32(0));
    let frames = frames.unwrap_or(1).max(1);
    Ok(Header {
        orientation,
        frames,
        ..Header::new(Format::Png, width, height)
    })
}

/// Decodes the default image. A source that ends before its last row is
/// malformed.
pub(super) fn decode(
    source: &[u8],
    header: &Header,
    wanted: Wanted,
    limits: &Limits,
) -> Result<Decoded, Error> {
    let mut warnings = Vec::new();
    let picture = decode_picture(source, header, wanted)?;
    let profile = read_profile(source, limits, &mut warnings);
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

fn decode_picture(source: &[u8], header: &Header, wanted: Wanted) -> Result<Picture, Error> {
    let layout = Layout::read(chunks(source))?;
    let is_data = |chunk: &Chunk<'_>| chunk.kind == *b"IDAT";
    let data = || {
        let chunks = chunks(source).skip_while(move |chunk| !is_data(chunk));
        chunks.take_while(is_data)
    };
    if !data().all(|chunk| chunk.is_sound_or_cut()) {
        return Err(malformed(Format::Png, "a wrong checksum of image data"));
    }
    let (width, height) = (header.width as usize, header.height);
    let pieces = data().map(|chunk| chunk.data);
    let mut scanlines = Scanlines::new(pieces, &layout, width);
    if layout.is_interlaced {
        let pixels = read_passes(&mut scanlines, &layout, header)?;
        return rows::averaged(header, wanted, layout.channels(), pixels);
    }
    let mut rows = Rows::new(header, wanted, layout.channels())?;
    let mut expanded = Vec::new();
    for _ in 0..height {
        let stored = scanlines.next(layout.row_bytes(width))?;
        rows.push(layout.expand(stored, width, &mut expanded));
    }
    rows.finish(header)
}

/// Puts the pixels of all passes where they belong.
fn read_passes<'a>(
    scanlines: &mut Scanlines<'a, impl Iterator<Item = &'a [u8]>>,
    layout: &Layout,
    header: &Header,
) -> Result<Vec<u8>, Error> {
    let channels = layout.channels();
    let mut pixels = samples::allocate(header.width, header.height, channels)?;
    let stride = header.width as usize * channels;
    let mut expanded = Vec::new();
    for pass in PASSES {
        let width = (header.width as usize).saturating_sub(pass.left);
        let width = width.div_ceil(pass.across);
        if width == 0 {
            continue;
        }
        scanlines.start_pass();
        let rows = pixels.chunks_exact_mut(stride).skip(pass.top);
        for row in rows.step_by(pass.down) {
            let stored = scanlines.next(layout.row_bytes(width))?;
            let stored = layout.expand(stored, width, &mut expanded);
            match channels {
                1 => spread::<1>(row, &pass, stored),
                2 => spread::<2>(row, &pass, stored),
                3 => spread::<3>(row, &pass, stored),
                _ => spread::<4>(row, &pass, stored),
            }
        }
    }
    Ok(pixels)
}

/// Puts the pixels of a row of a pass into a row of the picture.
fn spread<const CHANNELS: usize>(row: &mut [u8], pass: &Pass, pixels: &[u8]) {
    let places = row.as_chunks_mut::<CHANNELS>().0.iter_mut();
    let places = places.skip(pass.left).step_by(pass.across);
    for (place, pixel) in places.zip(pixels.as_chunks().0) {
        *place = *pixel;
    }
}

/// Inflates the profile, no further than the limit.
fn read_profile(source: &[u8], limits: &Limits, warnings: &mut Vec<String>) -> Option<Vec<u8>> {
    let chunk = find(source, b"iCCP")?;
    let name = chunk.iter().position(|byte| *byte == 0)?;
    let compressed = chunk.get(name + 2..)?;
    let mut inflater = Inflater::new(std::iter::once(compressed));
    let mut profile = Vec::new();
    loop {
        let most = limits.max_profile as usize - profile.len();
        match inflater.take_some(most.max(1)) {
            Ok(_) if most == 0 => {
                warnings.push(oversized_profile(limits));
                return None;
            }
            Ok(some) => profile.extend_from_slice(some),
            Err(Damage::TooShort) => return Some(profile).filter(|profile| !profile.is_empty()),
            Err(_) => {
                warnings.push("the color profile is ignored, it cannot be inflated".into());
                return None;
            }
        }
    }
}
