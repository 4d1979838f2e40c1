//! Hostile BMP.

use super::Verdict::{Answer, Limit, Malformed, Thumbnail, Unsupported};
use super::{Kind, Kinds, kind};

pub(super) const KINDS: &[Kinds] = &[kinds];

fn kinds() -> Vec<Kind> {
    vec![
        kind(
            "BMP: claims 2,147,483,647 x 2,147,483,647 pixels",
            Limit,
            || vec![file(i32::MAX, i32::MAX, 24, 0, &[0; 64])],
        ),
        kind("BMP: the least negative sides", Limit, || {
            vec![
                file(i32::MIN, i32::MIN, 24, 0, &[0; 64]),
                file(8, i32::MIN, 24, 0, &[0; 64]),
            ]
        }),
        kind("BMP: no width or no height", Malformed, || {
            vec![file(0, 8, 24, 0, &[0; 64]), file(8, 0, 24, 0, &[0; 64])]
        }),
        kind("BMP: 100 megapixels and hardly any data", Thumbnail, || {
            [1u16, 8, 24, 32]
                .map(|bits| file(10_000, 10_000, bits, 0, &[0; 4_096]))
                .to_vec()
        }),
        kind("BMP: 200 megapixels and hardly any data", Thumbnail, || {
            [8u16, 32]
                .map(|bits| file(20_000, 10_000, bits, 0, &[0; 4_096]))
                .to_vec()
        }),
        kind(
            "BMP: 100 megapixels that are all transparent",
            Thumbnail,
            || {
                let mut source = file(10_000, 10_000, 16, 0, &[0; 4_096]);
                source[14] = 124;
                source.splice(66..70, 0x8000u32.to_le_bytes());
                vec![source]
            },
        ),
        kind(
            "BMP: 100 megapixels in runs, and no data",
            Thumbnail,
            || vec![runs(10_000, 10_000, &[255, 1])],
        ),
        kind(
            "BMP: 4 MB of runs that reach beyond the row",
            Thumbnail,
            || vec![runs(8, 8, &[255, 1].repeat(2 << 20))],
        ),
        kind("BMP: 4 MB of jumps to nowhere", Thumbnail, || {
            vec![runs(64, 64, &[0, 2, 0, 0].repeat(1 << 20))]
        }),
        kind("BMP: jumps far beyond the picture", Thumbnail, || {
            vec![runs(64, 64, &[0, 2, 255, 255, 255, 1])]
        }),
        kind("BMP: pixels that begin behind the end", Malformed, || {
            [0x7fff_ffffu32, u32::MAX]
                .map(|start| beginning_at(start, file(8, 8, 24, 0, &[0; 256])))
                .to_vec()
        }),
        kind("BMP: pixels that begin within the header", Answer, || {
            [0u32, 1, 14, 20, 54]
                .map(|start| beginning_at(start, file(8, 8, 8, 0, &[0; 2_048])))
                .to_vec()
        }),
        kind("BMP: a palette of 4,294,967,295 colors", Thumbnail, || {
            let mut source = file(8, 8, 8, 0, &[0; 2_048]);
            source.splice(46..50, [0xff; 4]);
            vec![source]
        }),
        kind(
            "BMP: masks that overlap, are empty, or have holes",
            Answer,
            || {
                [[0u8; 16], [0xff; 16], [0x55; 16], [0x80; 16], [0x01; 16]]
                    .map(|masks| file(8, 8, 32, 3, &[masks.as_slice(), &[7; 512]].concat()))
                    .to_vec()
            },
        ),
        kind(
            "BMP: depths and compressions that do not exist",
            Unsupported,
            || {
                [
                    (0, 0),
                    (3, 0),
                    (65_535, 0),
                    (24, 4),
                    (0, 5),
                    (8, 2),
                    (24, 99),
                ]
                .map(|(bits, compression)| file(8, 8, bits, compression, &[0; 512]))
                .to_vec()
            },
        ),
        kind("BMP: headers of every length", Answer, || {
            (12u8..=124)
                .step_by(4)
                .map(|length| {
                    let mut source = file(8, 8, 24, 0, &[0; 512]);
                    source[14] = length;
                    source
                })
                .collect()
        }),
        kind("BMP: a profile at an offset that overflows", Answer, || {
            [0u32, 1, 124, u32::MAX]
                .map(|offset| {
                    let mut source = file(8, 8, 24, 0, &[0; 1_024]);
                    source[14] = 124;
                    source.splice(
                        14 + 112..14 + 120,
                        [offset, u32::MAX].map(u32::to_le_bytes).concat(),
                    );
                    source
                })
                .to_vec()
        }),
    ]
}

/// A file of 54 bytes of headers, and what is behind them.
fn file(width: i32, height: i32, bits: u16, compression: u32, rest: &[u8]) -> Vec<u8> {
    let mut source = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    source.extend([width, height].map(i32::to_le_bytes).as_flattened());
    source.extend([1, bits].map(u16::to_le_bytes).as_flattened());
    source.extend(
        [compression, 0, 0, 0, 0, 0]
            .map(u32::to_le_bytes)
            .as_flattened(),
    );
    source.extend(rest);
    source
}

/// A picture of 256 colors in runs.
pub(super) fn runs(width: i32, height: i32, data: &[u8]) -> Vec<u8> {
    let mut source = file(width, height, 8, 1, &[0x40; 1_024]);
    source.splice(10..14, 1_078u32.to_le_bytes());
    source.extend(data);
    source
}

/// A picture whose header says that its pixels begin somewhere else.
fn beginning_at(start: u32, mut source: Vec<u8>) -> Vec<u8> {
    source.splice(10..14, start.to_le_bytes());
    source
}
