//! Hostile JPEG XL.

use testkit::jxl::{FILES, file};
use testkit::raw::iso_box;

use super::Verdict::{Answer, Limit, Malformed, Thumbnail};
use super::{Kind, Kinds, cut_short, flipped, kind};

pub(super) const KINDS: &[Kinds] = &[boxes, claims, frames, damage];

/// First bytes of a file of boxes.
const CONTAINER: &[u8] = b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl ";

/// The same, of files whose parts stand in any order.
const UNORDERED: &[u8] = b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\x01jxl ";

fn boxes() -> Vec<Kind> {
    vec![
        kind("JPEG XL: lengths of boxes that lie", Answer, || {
            let lengths = [0, 1, 7, 8, 9, 16, 0x7fff_ffff, u32::MAX];
            let places = [
                ("lossy-container", "jxlc"),
                ("jpeg", "jxlp"),
                ("jpeg", "ftyp"),
            ];
            let lies = places
                .iter()
                .flat_map(|place| lengths.map(|length| (*place, length)));
            lies.map(|((name, kind), length)| {
                let mut file = file(name).to_vec();
                let at = file.windows(4).position(|four| four == kind.as_bytes());
                if let Some(at) = at {
                    file[at - 4..at].copy_from_slice(&length.to_be_bytes());
                }
                file
            })
            .collect()
        }),
        kind(
            "JPEG XL: 300,000 boxes, none of them known",
            Malformed,
            || vec![[CONTAINER, &iso_box(b"abcd", b"").repeat(300_000)].concat()],
        ),
        kind("JPEG XL: boxes in one another", Malformed, || {
            let nest = (0..2000).fold(Vec::new(), |inner, _| iso_box(b"jxlc", &inner));
            vec![[CONTAINER, &nest].concat()]
        }),
        kind("JPEG XL: a byte in each of its boxes", Thumbnail, || {
            let part_of = |(index, byte): (usize, &u8)| {
                let last = index + 1 == file("lossy").len();
                part(index as u32 | (u32::from(last) << 31), &[*byte])
            };
            let parts = file("lossy").iter().enumerate().flat_map(part_of);
            vec![CONTAINER.iter().copied().chain(parts).collect()]
        }),
        kind(
            "JPEG XL: parts in the wrong order, or twice",
            Answer,
            || {
                let (first, second) = file("lossy").split_at(400);
                let last = 1 << 31;
                [
                    [part(1 | last, second), part(0, first)],
                    [part(0, first), part(0, second)],
                    [part(0, first), part(7 | last, second)],
                    [part(u32::MAX, first), part(0, second)],
                ]
                .map(|parts| [CONTAINER, &parts.concat()].concat())
                .to_vec()
            },
        ),
        kind(
            "JPEG XL: 100,000 parts that wait for one before them",
            Malformed,
            || {
                let parts: Vec<u8> = (1..100_000)
                    .flat_map(|number| part(number, &[0; 8]))
                    .collect();
                [CONTAINER, UNORDERED]
                    .map(|head| [head, &parts].concat())
                    .to_vec()
            },
        ),
        kind(
            "JPEG XL: 100,000 empty parts, the last one included",
            Thumbnail,
            || {
                let empty: Vec<u8> = (1..100_000).flat_map(|number| part(number, b"")).collect();
                let last = part(100_000 | 1 << 31, b"");
                ["lossless", "large-progressive", "animation"]
                    .map(|name| [CONTAINER, &part(0, file(name)), &empty, &last].concat())
                    .to_vec()
            },
        ),
    ]
}

/// A box with a part of a codestream; the highest bit of its number marks the last one.
fn part(number: u32, content: &[u8]) -> Vec<u8> {
    iso_box(b"jxlp", &[&number.to_be_bytes(), content].concat())
}

fn claims() -> Vec<Kind> {
    vec![
        kind("JPEG XL: claims 1,073,741,824 pixels a side", Limit, || {
            vec![claim(30, 1 << 30, &[]), claim(18, 200_000, &[])]
        }),
        kind(
            "JPEG XL: claims more or fewer pixels than it has",
            Answer,
            || {
                let claims =
                    (0..32u8).flat_map(|height| (1..8u8).map(move |ratio| (height, ratio)));
                claims
                    .map(|(height, ratio)| {
                        let mut file = file("lossless").to_vec();
                        // The sides of a small picture: 8 rows at a time, and a ratio.
                        let bits = 1 | u16::from(height) << 1 | u16::from(ratio) << 6;
                        file[2] = bits as u8;
                        file[3] = file[3] & 0xfe | (bits >> 8) as u8;
                        file
                    })
                    .collect()
            },
        ),
        kind(
            "JPEG XL: a color profile of 2^60 bytes, or of 16 MB",
            Answer,
            || {
                let plain = [(0, 1), (0, 1), (0, 1), (0, 2), (1, 1), (0, 2), (1, 1)];
                let profile = [(0, 1), (1, 1), (0, 2), (0, 2), (1, 1)];
                [60, 24]
                    .map(|power| {
                        let mut fields = [plain.as_slice(), &profile].concat();
                        // A number of any length: eight bits at a time, while there are more.
                        fields.extend([(3, 2), (0, 12)]);
                        for place in (12..60).step_by(8) {
                            fields.push((1, 1));
                            let byte = if power >= place && power < place + 8 {
                                1 << (power - place)
                            } else {
                                0
                            };
                            fields.push((byte, 8));
                        }
                        fields.extend([(1, 1), (u32::from(power == 60), 4)]);
                        fields.extend([(0x5555_5555, 32); 40]);
                        claim(9, 64, &fields)
                    })
                    .to_vec()
            },
        ),
        kind("JPEG XL: 4,096 channels beside the colors", Answer, || {
            let mut fields = vec![(0, 1), (0, 1), (0, 1), (0, 2), (1, 1), (3, 2), (0xfff, 12)];
            fields.extend([(u32::MAX, 32); 128]);
            fields.extend([(0x5555_5555, 32); 40]);
            vec![claim(9, 512, &fields)]
        }),
        kind("JPEG XL: fields of every value", Answer, || {
            (0..=255)
                .flat_map(|value| {
                    [
                        vec![(value, 8); 200],
                        vec![(0, 1), (1, 1), (value, 8), (value, 32), (7, 32)],
                    ]
                })
                .map(|fields| claim(9, 64, &fields))
                .collect()
        }),
    ]
}

fn frames() -> Vec<Kind> {
    vec![
        kind("JPEG XL: 400,000 frames", Thumbnail, || {
            vec![repeated("frames", b"\x08\x02\x92\x09", 400_000)]
        }),
        kind("JPEG XL: 20,000 layers of one picture", Thumbnail, || {
            vec![repeated("layers", b"\x08\x02\x08\0", 20_000)]
        }),
    ]
}

fn damage() -> Vec<Kind> {
    vec![
        kind("JPEG XL: cut short, by every 100 bytes", Answer, || {
            cut_short(&FILES, 12)
        }),
        kind("JPEG XL: noise in place of a picture", Answer, || {
            [0x00, 0x12, 0x55, 0xaa, 0xff]
                .map(|noise| {
                    let mut file = file("large-lossy").to_vec();
                    file[40..].fill(noise);
                    file
                })
                .to_vec()
        }),
        kind("JPEG XL: flipped bits", Answer, || {
            let flip =
                |source: &[u8]| flipped(source, (2..source.len()).step_by(source.len() / 60 + 1));
            let names = [
                "alpha",
                "animation",
                "deep-pq",
                "float",
                "gray-alpha",
                "jpeg",
                "large",
                "large-progressive",
                "layers",
                "lossless-progressive",
                "lossy",
                "lossy-modular",
                "profile",
            ];
            names
                .into_iter()
                .flat_map(|name| flip(file(name)))
                .collect()
        }),
    ]
}

/// A square picture of so many pixels a side, which take so many bits, with these fields of
/// so many bits behind.
fn claim(length: u32, side: u32, fields: &[(u32, u32)]) -> Vec<u8> {
    let choice = match length {
        9 => 0,
        13 => 1,
        18 => 2,
        _ => 3,
    };
    let sides = [(0, 1), (choice, 2), (side - 1, length), (1, 3)];
    let mut bytes = vec![0xff, 0x0a];
    let mut place = 0;
    for (value, count) in sides.iter().chain(fields) {
        for bit in 0..*count {
            if place % 8 == 0 {
                bytes.push(0);
            }
            if let Some(byte) = bytes.last_mut() {
                *byte |= ((value >> bit & 1) as u8) << (place % 8);
            }
            place += 1;
        }
    }
    bytes.extend([0; 16]);
    bytes
}

/// A file with its first frame, which begins with these bytes, so many times.
fn repeated(name: &str, begin: &[u8], count: usize) -> Vec<u8> {
    let file = file(name);
    let starts = file.windows(begin.len()).enumerate();
    let mut starts = starts.filter(|(_, four)| *four == begin).map(|(at, _)| at);
    let (Some(first), Some(second)) = (starts.next(), starts.next()) else {
        return file.to_vec();
    };
    let frame = &file[first..second];
    [&file[..first], &frame.repeat(count), &file[first..]].concat()
}
