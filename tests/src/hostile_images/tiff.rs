//! Hostile TIFF.

use testkit::Numbers;

use super::Verdict::{Answer, Limit, Malformed, Thumbnail, Unsupported};
use super::bytes::{directory, zipped_zeros};
use super::{Kind, Kinds, kind, picture};

const SHORT: u16 = 3;
const LONG: u16 = 4;
const STRIPS: u16 = 273;
const LENGTHS: u16 = 279;

/// As many tiles of one pixel as a page of 100 megapixels has.
const TINY_TILES: [(u16, u16, u32, u32); 4] = [
    (322, LONG, 1, 1),
    (323, LONG, 1, 1),
    (324, LONG, 100_000_000, 8),
    (325, LONG, 100_000_000, 8),
];

pub(super) const KINDS: &[Kinds] = &[sizes, directories, chunks];

fn sizes() -> Vec<Kind> {
    vec![
        kind(
            "TIFF: claims 4,294,967,295 x 4,294,967,295 pixels",
            Limit,
            || vec![page((u32::MAX, u32::MAX), 8, 1, 1, &[], &[0; 64])],
        ),
        kind("TIFF: no width or no height", Malformed, || {
            vec![
                page((0, 8), 8, 1, 1, &[], &[0; 64]),
                page((8, 0), 8, 1, 1, &[], &[0; 64]),
            ]
        }),
        kind(
            "TIFF: 100 megapixels and hardly any data",
            Thumbnail,
            || vec![page((10_000, 10_000), 8, 1, 1, &[], &[0; 64])],
        ),
        kind(
            "TIFF: 100 megapixels of 32 samples of 64 bits",
            Answer,
            || {
                let float = (339, SHORT, 1, 3);
                vec![page((10_000, 10_000), 64, 32, 1, &[float], &[0; 64])]
            },
        ),
        kind("TIFF: 100 megapixels deflated to 100 kB", Thumbnail, || {
            vec![page(
                (10_000, 10_000),
                8,
                1,
                8,
                &[],
                &zipped_zeros(100_000_000),
            )]
        }),
        kind("TIFF: 100 MB inflated for 64 pixels", Thumbnail, || {
            vec![page((8, 8), 8, 1, 8, &[], &zipped_zeros(100 << 20))]
        }),
        kind("TIFF: 100 megapixels packed into 1.6 MB", Thumbnail, || {
            let data = [0x81, 0].repeat(100_000_000 / 128 + 1);
            vec![page((10_000, 10_000), 8, 1, 32_773, &[], &data)]
        }),
        kind("TIFF: 100 megapixels of fax in one byte", Answer, || {
            [2, 3, 4]
                .map(|coding| page((10_000, 10_000), 1, 1, coding, &[], &[0x80]))
                .to_vec()
        }),
        kind("TIFF: 4 MB of fax that means nothing", Answer, || {
            let mixed = [(292, LONG, 1, 1)];
            [0x00u8, 0x55, 0xff]
                .into_iter()
                .flat_map(|byte| {
                    let data = vec![byte; 4 << 20];
                    [2, 3, 4, 32_771]
                        .map(|coding| page((10_000, 10_000), 1, 1, coding, &[], &data))
                        .into_iter()
                        .chain([page((10_000, 10_000), 1, 1, 3, &mixed, &data)])
                })
                .collect()
        }),
    ]
}

fn directories() -> Vec<Kind> {
    vec![
        kind("TIFF: a directory that follows itself", Thumbnail, || {
            let mut source = page((8, 8), 8, 1, 1, &[], &[0; 64]);
            let end = 10 + 12 * usize::from(source[8]);
            source.splice(end..end + 4, 8u32.to_le_bytes());
            vec![source]
        }),
        kind(
            "TIFF: the first directory is the header itself",
            Malformed,
            || vec![b"II*\0\0\0\0\0".to_vec(), b"II*\0\x04\0\0\0".to_vec()],
        ),
        kind("TIFF: a directory outside of the file", Malformed, || {
            vec![
                b"II*\0\xff\xff\xff\xff".to_vec(),
                b"MM\0*\0\xff\xff\xff".to_vec(),
            ]
        }),
        kind("TIFF: a directory of 65,535 entries", Malformed, || {
            vec![directory(&[(1, LONG, u32::MAX, 8); 65_535], 8)]
        }),
        kind(
            "TIFF: a directory of 65,535 entries that hides a page",
            Answer,
            || {
                let mut entries = vec![(1, LONG, u32::MAX, 8); 65_520];
                entries.extend([(256, LONG, 1, 8), (257, LONG, 1, 8)]);
                vec![directory(&entries, 0)]
            },
        ),
        kind("TIFF: BigTIFF with 2^64 - 1 entries", Malformed, || {
            let header = b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0";
            vec![[header.as_slice(), &[0xff; 64]].concat()]
        }),
        kind("TIFF: BigTIFF at an offset of 2^64 - 1", Malformed, || {
            let header = b"MM\0+\0\x08\0\0";
            vec![[header.as_slice(), &[0xff; 64]].concat()]
        }),
        kind("TIFF: 300,000 directories", Thumbnail, || {
            let mut source = page((8, 8), 8, 1, 1, &[], &[0; 64]);
            let mut last = 10 + 12 * usize::from(source[8]);
            for _ in 0..300_000 {
                let next = source.len() as u32;
                source.splice(last..last + 4, next.to_le_bytes());
                source.extend([0; 6]);
                last = source.len() - 4;
            }
            vec![source]
        }),
        kind("TIFF: values of 16 GB", Answer, || {
            let lies = [(320, SHORT, u32::MAX, 8), (34_675, 7, u32::MAX, 8)];
            vec![page((8, 8), 8, 1, 1, &lies, &[0; 64])]
        }),
        kind(
            "TIFF: depths and samples that do not exist",
            Unsupported,
            || {
                [(0, 1), (65, 1), (65_535, 1), (8, 33), (8, 0), (8, 65_535)]
                    .map(|(bits, samples)| page((8, 8), bits, samples, 1, &[], &[0; 64]))
                    .to_vec()
            },
        ),
        kind("TIFF: compressions that do not exist", Unsupported, || {
            [0, 9, 10, 34_712, 65_535]
                .map(|coding| page((8, 8), 8, 1, coding, &[], &[0; 64]))
                .to_vec()
        }),
    ]
}

fn chunks() -> Vec<Kind> {
    vec![
        kind(
            "TIFF: tiles of one pixel, 100,000,000 of them",
            Limit,
            || vec![page((10_000, 10_000), 8, 1, 1, &TINY_TILES, &[0; 64])],
        ),
        kind(
            "TIFF: 100,000,000 deflated tiles of one pixel",
            Limit,
            || {
                vec![page(
                    (10_000, 10_000),
                    8,
                    1,
                    8,
                    &TINY_TILES,
                    &zipped_zeros(10_000),
                )]
            },
        ),
        kind(
            "TIFF: 65,536 tiles of 256 pixels, all the same bytes",
            Answer,
            || {
                [1, 5, 8, 32_773]
                    .map(|coding| tiles(16, coding, &zipped_zeros(256)))
                    .to_vec()
            },
        ),
        kind(
            "TIFF: tiles without sides, or larger than anything",
            Answer,
            || {
                [0, u32::MAX]
                    .map(|side| {
                        let tiles = [
                            (322, LONG, 1, side),
                            (323, LONG, 1, side),
                            (324, LONG, 1, 8),
                            (325, LONG, 1, 64),
                        ];
                        page((8, 8), 8, 1, 1, &tiles, &[0; 64])
                    })
                    .to_vec()
            },
        ),
        kind(
            "TIFF: 10,000 strips that are all the same bytes",
            Answer,
            || [1, 5, 8, 32_773, 2, 3, 4].map(shared).to_vec(),
        ),
        kind(
            "TIFF: 2,000 strips that are all the same 1 MB",
            Answer,
            || {
                let data = zipped_zeros(200 << 20);
                [8, 7]
                    .map(|coding| strips((2_000, 2_000), coding, &data))
                    .to_vec()
            },
        ),
        kind(
            "TIFF: a JPEG of 65,500 pixels a side in a strip",
            Answer,
            || {
                let mut inner = picture::jpeg();
                let frame = inner.windows(2).position(|two| two == [0xff, 0xc0]);
                if let Some(at) = frame {
                    inner.splice(at + 5..at + 9, [0xff, 0xdc, 0xff, 0xdc]);
                }
                vec![page((8, 8), 8, 3, 7, &[], &inner)]
            },
        ),
        kind(
            "TIFF: 10,000 strips without a length, all of them 4 MB of nothing",
            Answer,
            || {
                // No operation, no code, an empty block.
                [(32_773, 0x80), (5, 0x80), (8, 0x00), (3, 0x00), (2, 0xff)]
                    .map(|(coding, byte)| unmeasured(coding, &vec![byte; 4 << 20]))
                    .to_vec()
            },
        ),
        kind(
            "TIFF: old-style JPEG whose tables are anywhere",
            Answer,
            || {
                [0u32, 8, 60, u32::MAX]
                    .map(|place| {
                        let tags = [
                            (512, SHORT, 1, 1),
                            (519, LONG, 3, place),
                            (520, LONG, 3, place),
                            (521, LONG, 3, place),
                        ];
                        page((64, 64), 8, 3, 6, &tags, &[0x5a; 4_096])
                    })
                    .to_vec()
            },
        ),
        kind(
            "TIFF: old-style JPEG of 200 megapixels, no data",
            Answer,
            || {
                let head = [(513, LONG, 1, 8), (512, SHORT, 1, 1)];
                vec![page((16_320, 12_240), 8, 3, 6, &head, &[0; 64])]
            },
        ),
        kind(
            "TIFF: shared color differences, 100 megapixels",
            Answer,
            || {
                [(1, 0), (8, 0)]
                    .map(|(coding, byte)| {
                        let data = if coding == 8 {
                            zipped_zeros(150_000_000)
                        } else {
                            vec![byte; 64]
                        };
                        page((10_000, 10_000), 8, 3, coding, &[(262, SHORT, 1, 6)], &data)
                    })
                    .to_vec()
            },
        ),
        kind(
            "TIFF: tiles as wide as the limit for a page of one pixel",
            Limit,
            || {
                let tiles = [
                    (322, LONG, 1, 1 << 20),
                    (323, LONG, 1, 1 << 20),
                    (324, LONG, 1, 8),
                    (325, LONG, 1, 64),
                ];
                vec![page((1, 1_000), 8, 1, 1, &tiles, &[0; 64])]
            },
        ),
        kind("TIFF: strips without rows", Malformed, || {
            vec![page((8, 8), 8, 1, 1, &[(278, LONG, 1, 0)], &[0; 64])]
        }),
        kind(
            "TIFF: planes for samples that are not there",
            Answer,
            || {
                vec![page(
                    (1_000, 1_000),
                    8,
                    32,
                    1,
                    &[(284, SHORT, 1, 2)],
                    &[0; 64],
                )]
            },
        ),
        kind("TIFF: a profile of 16 MB", Thumbnail, || {
            let profile = (34_675, 7, 16 << 20, 0);
            let mut source = page((8, 8), 8, 1, 1, &[profile], &[0; 64]);
            source.resize(17 << 20, 0x5a);
            vec![source]
        }),
        kind(
            "TIFF: LZW of before version 6, noise and a picture that is not there",
            Answer,
            || {
                // The first code is 256, lowest bit first.
                let noise = [&[0, 1], &Numbers::new(10).bytes(1 << 20)[..]].concat();
                let sides = [(1_000, 1_000), (10_000, 10_000), (10_000, 10_000)];
                let data = [&noise[..], &noise, &[0, 1, 0]];
                let both = sides.into_iter().zip(data);
                both.map(|(sides, data)| page(sides, 8, 1, 5, &[], data))
                    .collect()
            },
        ),
        kind("TIFF: noise for LZW and for predictors", Answer, || {
            let noise = Numbers::new(9).bytes(1 << 20);
            [(5, 1), (5, 2), (5, 3), (1, 2), (1, 3)]
                .map(|(coding, predictor)| {
                    page(
                        (1_000, 1_000),
                        16,
                        3,
                        coding,
                        &[(317, SHORT, 1, predictor)],
                        &noise,
                    )
                })
                .to_vec()
        }),
    ]
}

/// A page of one strip: sides, bits, samples, compression, and tags of its own,
/// which count before those of the same number.
fn page(
    (width, height): (u32, u32),
    bits: u32,
    samples: u32,
    compression: u32,
    tags: &[(u16, u16, u32, u32)],
    data: &[u8],
) -> Vec<u8> {
    let colors = if samples == 3 { 2 } else { 1 };
    let mut entries = tags.to_vec();
    entries.extend([
        (256, LONG, 1, width),
        (257, LONG, 1, height),
        (258, SHORT, 1, bits),
        (259, SHORT, 1, compression),
        (262, SHORT, 1, colors),
        (277, SHORT, 1, samples),
        (278, LONG, 1, height),
    ]);
    let start = 8 + 2 + 12 * (entries.len() as u32 + 2) + 4;
    entries.extend([
        (STRIPS, LONG, 1, start),
        (LENGTHS, LONG, 1, data.len() as u32),
    ]);
    [directory(&entries, 0), data.to_vec()].concat()
}

/// A page with a strip for every row, all of them the same bytes.
fn strips(sides: (u32, u32), compression: u32, data: &[u8]) -> Vec<u8> {
    let rows = [(278, LONG, 1, 1)];
    repeated(sides, sides.1, (STRIPS, LENGTHS), compression, &rows, data)
}

/// The same, 10,000 of them, with lengths of zero.
fn unmeasured(compression: u32, data: &[u8]) -> Vec<u8> {
    let mut source = strips((100, 10_000), compression, data);
    let lengths = source.len() - 4 * 10_000;
    source[lengths..].fill(0);
    source
}

/// 16 megapixels in tiles, all of them the same bytes.
fn tiles(side: u32, compression: u32, data: &[u8]) -> Vec<u8> {
    let sides = [(322, LONG, 1, side), (323, LONG, 1, side)];
    let count = (4_096 / side) * (4_096 / side);
    repeated((4_096, 4_096), count, (324, 325), compression, &sides, data)
}

fn repeated(
    (width, height): (u32, u32),
    count: u32,
    (offset_tag, length_tag): (u16, u16),
    compression: u32,
    tags: &[(u16, u16, u32, u32)],
    data: &[u8],
) -> Vec<u8> {
    let entries = 7 + tags.len() as u32;
    let start = 8 + 2 + 12 * entries + 4;
    let offsets = start + data.len() as u32;
    let lengths = offsets + 4 * count;
    let mut all = vec![
        (256, LONG, 1, width),
        (257, LONG, 1, height),
        (258, SHORT, 1, 8),
        (259, SHORT, 1, compression),
        (262, SHORT, 1, 1),
        (offset_tag, LONG, count, offsets),
        (length_tag, LONG, count, lengths),
    ];
    all.extend(tags);
    let mut source = directory(&all, 0);
    source.extend(data);
    source.extend(start.to_le_bytes().repeat(count as usize));
    source.extend((data.len() as u32).to_le_bytes().repeat(count as usize));
    source
}

fn shared(compression: u32) -> Vec<u8> {
    let data = match compression {
        8 => zipped_zeros(10_000),
        32_773 => [0x81, 0].repeat(80),
        _ => vec![0x80; 10_000],
    };
    strips((10_000, 10_000), compression, &data)
}

/// A sound picture of gray noise, in strips.
pub(super) fn strip_of_noise() -> Vec<u8> {
    page((64, 64), 8, 1, 1, &[], &Numbers::new(13).bytes(4_096))
}
