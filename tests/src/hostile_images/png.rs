//! Hostile PNG.

use testkit::Numbers;

use super::Verdict::{Answer, Limit, Malformed, Thumbnail};
use super::bytes::{crc, directory, zipped_zeros};
use super::{Kind, Kinds, kind, poster};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
const GRAY: u8 = 0;
const RGB: u8 = 2;
const PALETTE: u8 = 3;
const RGBA: u8 = 6;

pub(super) const KINDS: &[Kinds] = &[sizes, metadata, structure];

fn sizes() -> Vec<Kind> {
    vec![
        kind(
            "PNG: claims 2,147,483,647 x 2,147,483,647 pixels",
            Limit,
            || vec![flat(i32::MAX as u32, i32::MAX as u32, 8, GRAY, 0, &[])],
        ),
        kind("PNG: claims 4,294,967,295 pixels a side", Limit, || {
            vec![flat(u32::MAX, u32::MAX, 8, GRAY, 0, &[])]
        }),
        kind("PNG: no width or no height", Malformed, || {
            vec![flat(0, 8, 8, GRAY, 0, &[]), flat(8, 0, 8, GRAY, 0, &[])]
        }),
        kind(
            "PNG: 100 megapixels of gray zeros in 100 kB",
            Thumbnail,
            || vec![whole(10_000, 10_000, 8, GRAY, 0, &[])],
        ),
        kind("PNG: 100 megapixels of one bit in 12 kB", Thumbnail, || {
            vec![whole(10_000, 10_000, 1, GRAY, 0, &[])]
        }),
        kind("PNG: interlaced, 25 megapixels of zeros", Thumbnail, || {
            let rows: usize = (0..12).map(|_| 5_000).sum();
            vec![flat(
                5_000,
                5_000,
                8,
                GRAY,
                1,
                &zipped_zeros(25_000_000 + rows),
            )]
        }),
        kind(
            "PNG: 16,384 pixels wide, one high, and the reverse",
            Thumbnail,
            || {
                vec![
                    whole(16_384, 1, 16, RGBA, 0, &[]),
                    whole(1, 16_384, 16, RGBA, 0, &[]),
                ]
            },
        ),
        kind(
            "PNG: 100 MB inflated for a picture of one pixel",
            Answer,
            || vec![flat(1, 1, 8, GRAY, 0, &zipped_zeros(100 << 20))],
        ),
        kind(
            "PNG: 200 megapixels of transparent zeros",
            Thumbnail,
            || vec![whole(20_000, 10_000, 8, RGBA, 0, &[])],
        ),
        kind(
            "PNG: 100 megapixels of 16 bits in colors of their own",
            Thumbnail,
            || {
                let linear = chunk(b"gAMA", &100_000u32.to_be_bytes());
                let bright = chunk(b"cICP", &[9, 16, 0, 1]);
                [linear, bright]
                    .map(|colors| whole(10_000, 10_000, 16, RGBA, 0, &colors))
                    .to_vec()
            },
        ),
        kind(
            "PNG: 100 megapixels that end after a row",
            Thumbnail,
            || {
                let row = 4 * 10_000 + 1;
                [0, 1]
                    .map(|interlaced| {
                        flat(10_000, 10_000, 8, RGBA, interlaced, &zipped_zeros(2 * row))
                    })
                    .to_vec()
            },
        ),
        kind("PNG: interlaced, 200 megapixels", Limit, || {
            vec![flat(20_000, 10_000, 8, RGBA, 1, &zipped_zeros(1_000))]
        }),
        kind("PNG: 100 megapixels announced, no data", Malformed, || {
            vec![flat(10_000, 10_000, 8, RGBA, 0, &[])]
        }),
    ]
}

fn metadata() -> Vec<Kind> {
    vec![
        kind("PNG: iCCP of 100 MB inflated", Thumbnail, || {
            vec![small(&chunk(b"iCCP", &named(b"bomb\0\0", 100 << 20)))]
        }),
        kind("PNG: iCCP of just the maximal size", Thumbnail, || {
            vec![small(&chunk(b"iCCP", &named(b"large\0\0", 4 << 20)))]
        }),
        kind("PNG: iCCP that is no zlib", Thumbnail, || {
            vec![small(&chunk(b"iCCP", b"broken\0\0not deflated"))]
        }),
        kind("PNG: zTXt of 100 MB inflated", Thumbnail, || {
            vec![small(&chunk(b"zTXt", &named(b"bomb\0\0", 100 << 20)))]
        }),
        kind("PNG: iTXt of 100 MB inflated", Thumbnail, || {
            vec![small(&chunk(
                b"iTXt",
                &named(b"bomb\0\x01\0\0\0", 100 << 20),
            ))]
        }),
        kind("PNG: 1,000 zTXt of 1 MB inflated", Thumbnail, || {
            vec![small(
                &chunk(b"zTXt", &named(b"bomb\0\0", 1 << 20)).repeat(1_000),
            )]
        }),
        kind("PNG: EXIF as text, of 100 MB inflated", Thumbnail, || {
            let name = b"Raw profile type exif\0\0";
            vec![
                small(&chunk(b"zTXt", &named(name, 100 << 20)).repeat(100)),
                small(&chunk(
                    b"tEXt",
                    &[&name[..22], &vec![b'f'; 8 << 20]].concat(),
                )),
                small(
                    &chunk(
                        b"iTXt",
                        &named(b"Raw profile type exif\0\x01\0\0\0", 100 << 20),
                    )
                    .repeat(100),
                ),
            ]
        }),
        kind("PNG: tEXt of 8 MB", Thumbnail, || {
            let text = [b"long\0".as_slice(), &vec![b'a'; 8 << 20]].concat();
            vec![small(&chunk(b"tEXt", &text))]
        }),
        kind("PNG: EXIF of 1 MB that points at itself", Thumbnail, || {
            let mut exif = directory(&[(0x8769, 4, 1, 8); 60_000], 8);
            exif.resize(1 << 20, 0);
            vec![small(&chunk(b"eXIf", &exif))]
        }),
        kind("PNG: 100,000 chunks", Thumbnail, || {
            vec![small(&chunk(b"teSt", b"").repeat(100_000))]
        }),
        kind("PNG: 100,000 chunks of gAMA, cHRM and sRGB", Answer, || {
            let gamma = chunk(b"gAMA", &[0, 0, 0, 1]);
            let intent = chunk(b"sRGB", &[9]);
            let chroma = chunk(b"cHRM", &[0xff; 32]);
            vec![small(&[gamma, intent, chroma].concat().repeat(33_334))]
        }),
        kind("PNG: 4,294,967,295 frames announced", Thumbnail, || {
            vec![small(&chunk(b"acTL", &[0xff; 8]))]
        }),
        poster("PNG: the poster of 100,000 blank frames", Thumbnail, || {
            [8u32, 1_000, 9_999]
                .map(|side| {
                    let frame = |number: u32| {
                        let start = number * 2;
                        let data = [&start.to_be_bytes()[..], &zipped_zeros(2)].concat();
                        [control(start - 1, 1), chunk(b"fdAT", &data)].concat()
                    };
                    let mut source = whole(side, side, 8, GRAY, 0, &control(0, side));
                    let count = [0, 1, 0x86, 0xa1, 0, 0, 0, 0];
                    source.splice(33..33, chunk(b"acTL", &count));
                    source.truncate(source.len() - end().len());
                    source.extend((1..=100_000).flat_map(frame));
                    [source, end()].concat()
                })
                .to_vec()
        }),
        kind("PNG: frames that lie outside the picture", Answer, || {
            let mut control = [0xffu8; 26];
            control[..4].fill(0);
            vec![small(
                &[
                    chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]),
                    chunk(b"fcTL", &control),
                ]
                .concat(),
            )]
        }),
    ]
}

fn structure() -> Vec<Kind> {
    vec![
        kind("PNG: 100,000 pieces of one byte of data", Thumbnail, || {
            let data = fdeflate::compress_to_vec(&noise(100_000 + 100));
            let pieces: Vec<u8> = data
                .iter()
                .flat_map(|byte| chunk(b"IDAT", &[*byte]))
                .collect();
            vec![[SIGNATURE, &header(1_000, 100, 8, GRAY, 0), &pieces, &end()].concat()]
        }),
        kind("PNG: a chunk of 2 GB announced", Malformed, || {
            [0x7fff_ffffu32, 0xffff_fff0, 0xffff_ffff]
                .map(|length| small(&[&length.to_be_bytes(), b"teSt".as_slice()].concat()))
                .to_vec()
        }),
        kind("PNG: wrong checksum of the header", Malformed, || {
            let mut source = small(&[]);
            source[29] ^= 1;
            vec![source]
        }),
        kind("PNG: a second header, of another size", Answer, || {
            vec![small(&header(60_000, 60_000, 8, RGB, 0))]
        }),
        kind("PNG: the header is not the first chunk", Malformed, || {
            let rest = small(&[]);
            vec![[SIGNATURE, &chunk(b"teSt", b""), &rest[8..]].concat()]
        }),
        kind(
            "PNG: colors and depths that do not exist",
            Malformed,
            || {
                [
                    (3, GRAY),
                    (16, PALETTE),
                    (8, 1),
                    (8, 7),
                    (0, RGB),
                    (255, 255),
                ]
                .map(|(depth, color)| flat(8, 8, depth, color, 0, &zipped_zeros(1_000)))
                .to_vec()
            },
        ),
        kind("PNG: a palette that is missing", Answer, || {
            vec![whole(64, 64, 8, PALETTE, 0, &[])]
        }),
        kind(
            "PNG: palettes and transparency of odd lengths",
            Answer,
            || {
                [
                    (0, Some(0)),
                    (1, Some(1)),
                    (3, Some(300)),
                    (770, Some(3)),
                    (3_000, Some(256)),
                    (1, None),
                    (515, None),
                    (770, None),
                    (3_000, None),
                ]
                .map(|(colors, alphas)| {
                    let palette = chunk(b"PLTE", &vec![7; colors]);
                    let alpha = alphas.map(|alphas| chunk(b"tRNS", &vec![7; alphas]));
                    let chunks = [palette, alpha.unwrap_or_default()].concat();
                    whole(64, 64, 8, PALETTE, 0, &chunks)
                })
                .to_vec()
            },
        ),
        kind("PNG: filters that do not exist", Malformed, || {
            let rows = [[9u8].as_slice(), &[0; 8]].concat().repeat(8);
            vec![flat(8, 8, 8, GRAY, 0, &fdeflate::compress_to_vec(&rows))]
        }),
        kind("PNG: nothing but a header", Malformed, || {
            vec![[SIGNATURE, &header(8, 8, 8, GRAY, 0), &end()].concat()]
        }),
        kind(
            "PNG: other interlacing, compression, filtering",
            Malformed,
            || vec![whole(8, 8, 8, GRAY, 9, &[])],
        ),
    ]
}

fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [name, data].concat();
    let length = (data.len() as u32).to_be_bytes();
    [length.as_slice(), &body, &crc(&body).to_be_bytes()].concat()
}

pub(super) fn header(width: u32, height: u32, depth: u8, color: u8, interlaced: u8) -> Vec<u8> {
    let sides = [width.to_be_bytes(), height.to_be_bytes()];
    let rest = [depth, color, 0, 0, interlaced];
    chunk(b"IHDR", &[sides.as_flattened(), &rest].concat())
}

/// Control of the next frame, at the corner and with equal sides.
fn control(number: u32, side: u32) -> Vec<u8> {
    let numbers = [number, side, side, 0, 0].map(u32::to_be_bytes);
    chunk(
        b"fcTL",
        &[numbers.as_flattened(), &[0, 1, 0, 10, 0, 0]].concat(),
    )
}

fn end() -> Vec<u8> {
    chunk(b"IEND", b"")
}

pub(super) fn flat(
    width: u32,
    height: u32,
    depth: u8,
    color: u8,
    interlaced: u8,
    data: &[u8],
) -> Vec<u8> {
    let header = header(width, height, depth, color, interlaced);
    [SIGNATURE, &header, &chunk(b"IDAT", data), &end()].concat()
}

/// A picture with chunks before its data, of as many zeros as there should be.
pub(super) fn whole(
    width: u32,
    height: u32,
    depth: u8,
    color: u8,
    interlaced: u8,
    chunks: &[u8],
) -> Vec<u8> {
    let samples = match color {
        RGB => 3,
        RGBA => 4,
        _ => 1,
    };
    let row = (width as usize * samples * usize::from(depth)).div_ceil(8) + 1;
    let data = chunk(b"IDAT", &zipped_zeros(row * height as usize));
    let header = header(width, height, depth, color, interlaced);
    [SIGNATURE, &header, chunks, &data, &end()].concat()
}

/// A small picture with chunks before its data.
fn small(chunks: &[u8]) -> Vec<u8> {
    whole(8, 8, 8, GRAY, 0, chunks)
}

/// A name and what else precedes deflated data, and zeros.
fn named(name: &[u8], length: usize) -> Vec<u8> {
    [name, &zipped_zeros(length)].concat()
}

/// Rows of 1,000 samples that deflate to about their own size, unfiltered.
fn noise(length: usize) -> Vec<u8> {
    let mut rows = Numbers::new(11).bytes(length);
    rows.iter_mut()
        .step_by(1_001)
        .for_each(|filter| *filter = 0);
    rows
}
