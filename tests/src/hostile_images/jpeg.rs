//! Hostile JPEG. The pictures are gray and flat: a block takes two bits.

use testkit::Numbers;

use super::Verdict::{Answer, Limit, Malformed, Thumbnail, Unsupported};
use super::bytes::directory;
use super::{Kind, Kinds, kind};

const SOI: &[u8] = b"\xff\xd8";
const EOI: &[u8] = b"\xff\xd9";
const BASELINE: u8 = 0xc0;
const PROGRESSIVE: u8 = 0xc2;

pub(super) const KINDS: &[Kinds] = &[sizes, scans, segments];

fn sizes() -> Vec<Kind> {
    vec![
        kind("JPEG: claims 65,535 x 65,535 pixels", Limit, || {
            vec![flat(65_535, 65_535, 64)]
        }),
        kind("JPEG: no width", Malformed, || vec![flat(0, 64, 64)]),
        kind("JPEG: no height, and none given later", Malformed, || {
            vec![flat(64, 0, 64)]
        }),
        kind("JPEG: the height comes late, and is 65,535", Limit, || {
            let mut source = flat(65_535, 0, 64);
            source.truncate(source.len() - 2);
            source.extend(b"\xff\xdc\0\x04\xff\xff\xff\xd9");
            vec![source]
        }),
        kind(
            "JPEG: 8 pixels wide, 65,535 high, and the reverse",
            Thumbnail,
            || vec![flat(8, 65_535, 64), flat(65_535, 8, 64)],
        ),
        kind("JPEG: 200 megapixels and no data", Thumbnail, || {
            vec![flat(16_320, 12_240, 16), progressive(16_320, 12_240, 1)]
        }),
        kind("JPEG: 200 megapixels of gray", Thumbnail, || {
            vec![flat(16_320, 12_240, 2_040 * 1_530 / 4 + 1)]
        }),
        kind("JPEG: CMYK, 200 megapixels, no data", Thumbnail, || {
            vec![cmyk((16_320, 12_240))]
        }),
        kind("JPEG: 100 megapixels and no data", Thumbnail, || {
            vec![flat(10_000, 10_000, 16)]
        }),
        kind(
            "JPEG: progressive, 100 megapixels, no data",
            Thumbnail,
            || vec![progressive(10_000, 10_000, 1)],
        ),
        kind("JPEG: CMYK, 100 megapixels, no data", Thumbnail, || {
            vec![cmyk((10_000, 10_000))]
        }),
        kind("JPEG: 100 megapixels of gray", Thumbnail, || {
            vec![flat(10_000, 10_000, 1250 * 1250 / 4 + 1)]
        }),
        kind(
            "JPEG: two frame headers, the second one huge",
            Answer,
            || {
                let frame = frame(BASELINE, 8, (65_535, 65_535), &[0x11]);
                vec![with(&frame, &flat(64, 64, 64))]
            },
        ),
    ]
}

fn scans() -> Vec<Kind> {
    vec![
        kind("JPEG: 20,000 progressive scans", Thumbnail, || {
            vec![progressive(2_000, 2_000, 20_000)]
        }),
        kind(
            "JPEG: 20,000 progressive scans, 100 megapixels",
            Answer,
            || vec![progressive(10_000, 10_000, 20_000)],
        ),
        kind("JPEG: 20,000 refining scans, 36 megapixels", Answer, || {
            vec![refining(6_000, 6_000, 20_000)]
        }),
        kind("JPEG: 1,000 scans of one baseline frame", Thumbnail, || {
            let scan = [scan_header(0, 63, 0), vec![0; 16_384]].concat();
            let start = start(BASELINE, 2_048, 2_048);
            vec![[start, scan.repeat(1_000), EOI.to_vec()].concat()]
        }),
        kind(
            "JPEG: a restart after every block, all missing",
            Thumbnail,
            || {
                let interval = b"\xff\xdd\0\x04\0\x01";
                vec![with(interval, &flat(4_000, 4_000, 100_000))]
            },
        ),
        kind(
            "JPEG: a million restart markers in disorder",
            Answer,
            || {
                let interval = b"\xff\xdd\0\x04\0\x01";
                let mut source = with(interval, &flat(4_000, 4_000, 4));
                source.truncate(source.len() - 2);
                for number in 0..1_000_000u32 {
                    source.extend([0, 0xff, 0xd0 + (number * 5 % 8) as u8]);
                }
                vec![source]
            },
        ),
        kind("JPEG: a scan of impossible bands", Malformed, || {
            [(0, 63), (63, 1), (5, 64)]
                .map(|(first, last)| {
                    let start = start(PROGRESSIVE, 64, 64);
                    [start, scan_header(first, last, 0), EOI.to_vec()].concat()
                })
                .to_vec()
        }),
        kind("JPEG: no scan at all", Malformed, || {
            vec![[start(BASELINE, 64, 64), EOI.to_vec()].concat()]
        }),
    ]
}

fn segments() -> Vec<Kind> {
    vec![
        kind(
            "JPEG: arithmetic coding, lossless, 12 bits",
            Unsupported,
            || {
                vec![
                    framed(0xc9, 8, (64, 64), &[0x11]),
                    framed(0xc3, 8, (64, 64), &[0x11]),
                    framed(0xc1, 12, (64, 64), &[0x11]),
                ]
            },
        ),
        kind("JPEG: impossible sampling factors", Answer, || {
            [0x00, 0x05, 0x50, 0xff]
                .map(|factors| framed(BASELINE, 8, (64, 64), &[factors]))
                .to_vec()
        }),
        kind("JPEG: 255 components", Answer, || {
            vec![framed(BASELINE, 8, (64, 64), &[0x11; 255])]
        }),
        kind("JPEG: overfull table of codes", Answer, || {
            let table = [b"\xff\xc4\0\x23\0".as_slice(), &[3; 16], &[0; 48]].concat();
            vec![with(&table, &flat(64, 64, 64))]
        }),
        kind("JPEG: no tables", Answer, || {
            let frame = frame(BASELINE, 8, (64, 64), &[0x11]);
            vec![[SOI, &frame, &scan_header(0, 63, 0), &[0; 64], EOI].concat()]
        }),
        kind("JPEG: a profile of 16 MB in 255 parts", Thumbnail, || {
            let mut source = SOI.to_vec();
            for part in 1..=255 {
                let name = [b"ICC_PROFILE\0".as_slice(), &[part, 255]].concat();
                source.extend(segment(0xe2, &[name, vec![0x5a; 65_519]].concat()));
            }
            source.extend(&flat(64, 64, 64)[2..]);
            vec![source]
        }),
        kind(
            "JPEG: 4 GB of profile announced in one part",
            Thumbnail,
            || {
                let profile = [
                    b"ICC_PROFILE\0\x01\x01\xff\xff\xff\xff".as_slice(),
                    &[0; 124],
                ];
                vec![with(&segment(0xe2, &profile.concat()), &flat(64, 64, 64))]
            },
        ),
        kind("JPEG: EXIF of the maximal size", Thumbnail, || {
            let mut exif = b"Exif\0\0".to_vec();
            exif.extend(directory(&[(0x9286, 2, u32::MAX, 8); 5_400], 8));
            vec![with(&segment(0xe1, &exif), &flat(64, 64, 64))]
        }),
        kind("JPEG: EXIF that points at itself", Thumbnail, || {
            [0, 4, 7, 8, u32::MAX]
                .map(|offset: u32| {
                    let exif = [b"Exif\0\0II*\0".as_slice(), &offset.to_le_bytes()].concat();
                    with(&segment(0xe1, &exif), &flat(64, 64, 64))
                })
                .to_vec()
        }),
        kind(
            "JPEG: 100,000 blocks of EXIF that say nothing",
            Thumbnail,
            || {
                let block = segment(0xe1, b"Exif\0\0II*\0\x08\0\0\0\0\0");
                vec![with(&block.repeat(100_000), &flat(64, 64, 64))]
            },
        ),
        kind(
            "JPEG: a thousand pictures, none with an end",
            Thumbnail,
            || {
                let mut source = flat(64, 64, 64);
                source.truncate(source.len() - 2);
                vec![source.repeat(1_000)]
            },
        ),
        kind("JPEG: 1,000,000 empty comments", Thumbnail, || {
            vec![with(
                &b"\xff\xfe\0\x02".repeat(1_000_000),
                &flat(64, 64, 64),
            )]
        }),
        kind("JPEG: 8 MB of fill bytes", Malformed, || {
            vec![[SOI, &vec![0xff; 8 << 20]].concat()]
        }),
        kind(
            "JPEG: 8 MB of stuffed bytes before the end",
            Thumbnail,
            || {
                let mut source = flat(64, 64, 64);
                source.truncate(source.len() - 2);
                source.extend(b"\xff\0".repeat(4 << 20));
                vec![source]
            },
        ),
        kind("JPEG: lengths that lie", Answer, || {
            [0u16, 1, 3, 65_535]
                .map(|length| {
                    let lie = [b"\xff\xdb".as_slice(), &length.to_be_bytes()].concat();
                    with(&lie, &flat(64, 64, 64))
                })
                .to_vec()
        }),
        kind("JPEG: noise behind the header of a scan", Thumbnail, || {
            let noise = Numbers::new(7).bytes(1 << 20);
            let scan = scan_header(0, 63, 0);
            vec![[start(BASELINE, 4_000, 4_000), scan, noise].concat()]
        }),
    ]
}

fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u16 + 2).to_be_bytes();
    [&[0xff, marker], length.as_slice(), payload].concat()
}

/// A frame header: bits a sample, sides, and sampling factors of components.
fn frame(marker: u8, bits: u8, (width, height): (u16, u16), factors: &[u8]) -> Vec<u8> {
    let [h, w] = [height.to_be_bytes(), width.to_be_bytes()];
    let mut payload = vec![bits, h[0], h[1], w[0], w[1], factors.len() as u8];
    for (number, factors) in (1u8..=255).zip(factors) {
        payload.extend([number, *factors, 0]);
    }
    segment(marker, &payload)
}

/// Quantization by one, and tables of few codes: no difference, end of block,
/// one coefficient of one, and the end of 16,384 blocks and more.
fn tables() -> Vec<u8> {
    let mut lengths = [0; 16];
    lengths[0] = 1;
    let dc = [&[0x00], lengths.as_slice(), &[0]].concat();
    lengths[1] = 1;
    lengths[2] = 1;
    let ac = [&[0x10], lengths.as_slice(), &[0, 0x01, 0xe0]].concat();
    let steps = [[0].as_slice(), &[1; 64]].concat();
    [
        segment(0xdb, &steps),
        segment(0xc4, &dc),
        segment(0xc4, &ac),
    ]
    .concat()
}

fn start(marker: u8, width: u16, height: u16) -> Vec<u8> {
    [SOI, &tables(), &frame(marker, 8, (width, height), &[0x11])].concat()
}

fn scan_header(first: u8, last: u8, approximation: u8) -> Vec<u8> {
    segment(0xda, &[1, 1, 0, first, last, approximation])
}

/// A baseline picture of one flat gray with so many bytes of data.
fn flat(width: u16, height: u16, data: usize) -> Vec<u8> {
    let start = start(BASELINE, width, height);
    [
        &start,
        &scan_header(0, 63, 0),
        vec![0; data].as_slice(),
        EOI,
    ]
    .concat()
}

/// A frame of four components, of which two are at half of the sides.
fn cmyk(sides: (u16, u16)) -> Vec<u8> {
    framed(BASELINE, 8, sides, &[0x22, 0x11, 0x11, 0x22])
}

fn framed(marker: u8, bits: u8, sides: (u16, u16), factors: &[u8]) -> Vec<u8> {
    let count = factors.len() as u8;
    let mut scan = vec![count];
    for number in 1..=count {
        scan.extend([number, 0]);
    }
    scan.extend([0, 63, 0]);
    let frame = frame(marker, bits, sides, factors);
    [SOI, &tables(), &frame, &segment(0xda, &scan), &[0; 64], EOI].concat()
}

/// Puts segments behind the start marker of a picture.
fn with(segments: &[u8], source: &[u8]) -> Vec<u8> {
    let (start, rest) = source.split_at(source.len().min(2));
    [start, segments, rest].concat()
}

/// A progressive picture: a scan of DC, then scans that say of all blocks, by
/// the longest runs there are, that they have nothing new.
pub(super) fn progressive(width: u16, height: u16, scans: usize) -> Vec<u8> {
    let blocks = usize::from(width).div_ceil(8) * usize::from(height).div_ceil(8);
    let dc = [scan_header(0, 0, 0), vec![0; blocks / 8 + 1]].concat();
    let runs = nothing_new(blocks);
    let ac = [scan_header(1, 63, 0), runs].concat();
    let start = start(PROGRESSIVE, width, height);
    [start, dc, ac.repeat(scans), EOI.to_vec()].concat()
}

/// The same, but the first scan of AC sets a coefficient in each block, and all
/// others refine it.
fn refining(width: u16, height: u16, scans: usize) -> Vec<u8> {
    let blocks = usize::from(width).div_ceil(8) * usize::from(height).div_ceil(8);
    let dc = [scan_header(0, 0, 0), vec![0; blocks / 8 + 1]].concat();
    // A coefficient (10), its sign (1), the end of the block (0).
    let first = [scan_header(1, 63, 13), vec![0b1010_1010; blocks / 2 + 1]].concat();
    let refine = [scan_header(1, 63, 0xdc), nothing_new(blocks)].concat();
    let start = start(PROGRESSIVE, width, height);
    [start, dc, first, refine.repeat(scans), EOI.to_vec()].concat()
}

/// Ends of 32,767 blocks each (110, and 14 bits of one), until all have ended.
fn nothing_new(blocks: usize) -> Vec<u8> {
    let mut bits = Vec::new();
    for _ in 0..blocks.div_ceil(32_767) {
        bits.extend([1, 1, 0]);
        bits.extend([1; 14]);
    }
    bits.resize(bits.len().next_multiple_of(8), 1);
    let mut bytes = Vec::new();
    for byte in bits.chunks(8) {
        let byte = byte.iter().fold(0, |byte, bit| byte << 1 | bit);
        bytes.push(byte);
        if byte == 0xff {
            bytes.push(0);
        }
    }
    bytes
}
