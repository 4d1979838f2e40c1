//! Hostile WebP.

use testkit::Numbers;

use super::Verdict::{Answer, Limit, Malformed, Thumbnail};
use super::bytes::directory;
use super::{Kind, Kinds, kind, poster, sound};

pub(super) const KINDS: &[Kinds] = &[sizes, frames, structure];

fn sizes() -> Vec<Kind> {
    vec![
        kind("WebP: lossy, claims 16,383 x 16,383 pixels", Limit, || {
            vec![file(&chunk(b"VP8 ", &lossy(16_383, 16_383, 0)))]
        }),
        kind(
            "WebP: lossless, claims 16,383 x 16,383 pixels",
            Limit,
            || vec![file(&chunk(b"VP8L", &lossless(16_383, 16_383, &[])))],
        ),
        kind("WebP: a canvas of 16,777,216 pixels a side", Answer, || {
            let picture = chunk(b"VP8L", &lossless(8, 8, &[0; 64]));
            vec![file(&[extended(0, 0xff_ffff, 0xff_ffff), picture].concat())]
        }),
        kind("WebP: a canvas smaller than its picture", Answer, || {
            let picture = chunk(b"VP8L", &lossless(16_384, 16_384, &[0; 64]));
            vec![file(&[extended(0, 7, 7), picture].concat())]
        }),
        kind("WebP: lossy without width or height", Answer, || {
            vec![file(&chunk(b"VP8 ", &lossy(0, 0, 64)))]
        }),
        kind("WebP: lossy, 98 megapixels, no data", Answer, || {
            vec![file(&chunk(b"VP8 ", &lossy(16_000, 6_144, 0)))]
        }),
        kind("WebP: lossy, 98 megapixels in 64 kB", Answer, || {
            vec![file(&chunk(b"VP8 ", &lossy(16_000, 6_144, 65_536)))]
        }),
        kind(
            "WebP: lossy with alpha, 98 megapixels, cut off",
            Answer,
            || {
                let picture = chunk(b"VP8 ", &lossy(16_000, 6_144, 65_536));
                let mut cut = picture.clone();
                cut.splice(4..8, (90_000_000u32).to_le_bytes());
                let header = extended(0x10, 15_999, 6_143);
                // All of the alpha is raw, or lossless and hardly there.
                [vec![0; 1 << 20], vec![1, 0x88, 0x88, 8, 0, 0]]
                    .map(|alpha| {
                        file(&[header.clone(), chunk(b"ALPH", &alpha), cut.clone()].concat())
                    })
                    .to_vec()
            },
        ),
        kind(
            "WebP: 500,000 chunks and flags for none of them",
            Thumbnail,
            || vec![with(0x2c, &chunk(b"NULL", &[]).repeat(500_000))],
        ),
        kind("WebP: lossless, 98 megapixels, no data", Answer, || {
            vec![file(&chunk(b"VP8L", &lossless(16_000, 6_144, &[])))]
        }),
        kind(
            "WebP: lossless, 98 megapixels of one color in 50 bytes",
            Answer,
            || {
                // No transforms, no cache, no groups, five tables of one symbol.
                let data = [0b1000_1000, 0b1000_1000, 0b0000_1000, 0, 0, 0];
                vec![file(&chunk(b"VP8L", &lossless(16_000, 6_144, &data)))]
            },
        ),
        kind("WebP: lossless, 98 megapixels, cut off", Answer, || {
            // A picture of one color, and noise, which has all there is.
            let noise = Numbers::new(9).bytes(1 << 20);
            [&[0x88, 0x88, 0x08, 0, 0, 0][..], &noise]
                .map(|data| {
                    let mut cut = chunk(b"VP8L", &lossless(16_000, 6_144, data));
                    cut.splice(4..8, 90_000_000_u32.to_le_bytes());
                    file(&cut)
                })
                .to_vec()
        }),
    ]
}

fn frames() -> Vec<Kind> {
    vec![
        kind("WebP: 100,000 frames", Thumbnail, || {
            vec![animation((7, 7), &frame(0, (8, 8)).repeat(100_000))]
        }),
        kind("WebP: a frame outside of its canvas", Answer, || {
            vec![animation((7, 7), &frame(0xff, (8, 8)))]
        }),
        kind(
            "WebP: a frame of 16,384 x 16,384 pixels on a small canvas",
            Limit,
            || vec![animation((7, 7), &frame(0, (16_384, 16_384)))],
        ),
        kind(
            "WebP: a small frame on a canvas of 96 megapixels",
            Thumbnail,
            || vec![animation((9_799, 9_799), &frame(0x01, (8, 8)))],
        ),
        poster(
            "WebP: the poster of 100,000 blank frames",
            Thumbnail,
            || {
                [7, 999, 9_799]
                    .map(|side| animation((side, side), &frame(0, (8, 8)).repeat(100_000)))
                    .to_vec()
            },
        ),
    ]
}

/// An animation on a canvas whose sides are one less.
fn animation((width, height): (u32, u32), frames: &[u8]) -> Vec<u8> {
    let start = chunk(b"ANIM", &[0; 6]);
    file(&[&extended(0x02, width, height), &start, frames].concat())
}

/// A frame of one color, whose place is so many in all of its bytes.
fn frame(place: u8, (width, height): (u32, u32)) -> Vec<u8> {
    let head = [
        &[place; 6],
        sides(width - 1, height - 1).as_slice(),
        &[0; 4],
    ]
    .concat();
    let data = [0x88, 0x88, 0x08, 0, 0, 0];
    let picture = chunk(b"VP8L", &lossless(width, height, &data));
    chunk(b"ANMF", &[head, picture].concat())
}

fn structure() -> Vec<Kind> {
    vec![
        kind("WebP: noise for a lossless picture", Answer, || {
            let mut random = Numbers::new(3);
            (0..64)
                .map(|_| file(&chunk(b"VP8L", &lossless(256, 256, &random.bytes(4_096)))))
                .collect()
        }),
        kind("WebP: noise for a lossy picture", Answer, || {
            let mut random = Numbers::new(4);
            (0..64)
                .map(|_| {
                    let noise = random.bytes(8_192);
                    let picture = [lossy(256, 256, 0), noise].concat();
                    file(&chunk(b"VP8 ", &picture))
                })
                .collect()
        }),
        kind("WebP: sizes of the file that lie", Answer, || {
            [0u32, 1, 12, 0xffff_fffe, 0xffff_ffff]
                .map(|size| {
                    let mut source = sound::source("webp");
                    source.splice(4..8, size.to_le_bytes());
                    source
                })
                .to_vec()
        }),
        kind("WebP: a chunk of 4 GB announced", Malformed, || {
            [b"VP8 ", b"VP8L", b"VP8X"]
                .map(|name| file(&[name.as_slice(), &[0xff; 4]].concat()))
                .to_vec()
        }),
        kind("WebP: an animation without frames", Malformed, || {
            vec![file(
                &[extended(0x02, 7, 7), chunk(b"ANIM", &[0; 6])].concat(),
            )]
        }),
        kind("WebP: a profile of 16 MB", Thumbnail, || {
            vec![with(0x20, &chunk(b"ICCP", &vec![0x5a; 16 << 20]))]
        }),
        kind(
            "WebP: EXIF of 1 MB that points at itself",
            Thumbnail,
            || {
                let mut exif = directory(&[(0x8769, 4, 1, 8); 60_000], 8);
                exif.resize(1 << 20, 0);
                vec![with(0x08, &chunk(b"EXIF", &exif))]
            },
        ),
        kind("WebP: 500,000 empty chunks", Thumbnail, || {
            vec![with(0, &chunk(b"NULL", &[]).repeat(500_000))]
        }),
        kind("WebP: alpha that lies", Answer, || {
            [[0u8; 5], [1; 5], [0xff; 5], [0x1d; 5]]
                .map(|alpha| {
                    let picture = chunk(b"VP8 ", &lossy(64, 64, 512));
                    file(&[extended(0x10, 63, 63), chunk(b"ALPH", &alpha), picture].concat())
                })
                .to_vec()
        }),
        kind("WebP: nothing but its name", Malformed, || {
            vec![b"RIFF\x04\0\0\0WEBP".to_vec(), file(&[])]
        }),
    ]
}

fn file(chunks: &[u8]) -> Vec<u8> {
    let length = (chunks.len() as u32 + 4).to_le_bytes();
    [b"RIFF".as_slice(), &length, b"WEBP", chunks].concat()
}

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u32).to_le_bytes();
    let padding = vec![0; data.len() % 2];
    [name.as_slice(), &length, data, &padding].concat()
}

/// Sides less one, as the container stores them.
fn sides(width: u32, height: u32) -> Vec<u8> {
    [&width.to_le_bytes()[..3], &height.to_le_bytes()[..3]].concat()
}

fn extended(flags: u8, width: u32, height: u32) -> Vec<u8> {
    chunk(
        b"VP8X",
        &[vec![flags, 0, 0, 0], sides(width, height)].concat(),
    )
}

/// The frame header of a lossy picture, and so many zeros.
fn lossy(width: u16, height: u16, data: usize) -> Vec<u8> {
    let sides = [width.to_le_bytes(), height.to_le_bytes()];
    let start = [0x10, 0x02, 0, 0x9d, 0x01, 0x2a];
    [&start, sides.as_flattened(), vec![0; data].as_slice()].concat()
}

fn lossless(width: u32, height: u32, data: &[u8]) -> Vec<u8> {
    let sides = (width - 1) | (height - 1) << 14;
    [&[0x2f], sides.to_le_bytes().as_slice(), data].concat()
}

/// A sound picture with chunks between its header and its data.
fn with(flags: u8, chunks: &[u8]) -> Vec<u8> {
    let picture = sound::source("webp");
    let header = extended(flags, 95, 63);
    file(&[&header, chunks, picture.get(12..).unwrap_or_default()].concat())
}
