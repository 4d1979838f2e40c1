//! Hostile AVIF.

use testkit::avif::{FILES, file};
use testkit::raw::iso_box;

use super::Verdict::{Answer, Limit, Malformed, Thumbnail, Unsupported};
use super::{Kind, Kinds, cut_short, flipped, kind};

pub(super) const KINDS: &[Kinds] = &[boxes, items, pictures];

fn boxes() -> Vec<Kind> {
    vec![
        kind("AVIF: cut short, by every 100 bytes", Answer, || {
            cut_short(&FILES, 24)
        }),
        kind("AVIF: lengths of boxes that lie", Answer, || {
            let kinds = [
                "meta", "iinf", "infe", "iloc", "iprp", "ipco", "ipma", "iref", "ispe", "av1C",
                "mdat",
            ];
            let lengths = [0, 1, 7, 8, 0x7fff_ffff, u32::MAX];
            let lies = kinds
                .iter()
                .flat_map(|kind| lengths.map(|length| (*kind, length)));
            lies.map(|(kind, length)| {
                changed("grid-alpha", kind, |file, at| {
                    file[at - 4..at].copy_from_slice(&length.to_be_bytes());
                })
            })
            .collect()
        }),
        kind("AVIF: 2,000 boxes in one another", Malformed, || {
            let nest = (0..2000).fold(Vec::new(), |inner, _| iso_box(b"meta", &inner));
            vec![[brand(), nest].concat()]
        }),
        kind(
            "AVIF: 200,000 properties, none of them known",
            Malformed,
            || {
                let properties = iso_box(b"ipco", &iso_box(b"abcd", b"").repeat(200_000));
                vec![[brand(), meta(&[iso_box(b"iprp", &properties)])].concat()]
            },
        ),
        kind("AVIF: no items", Malformed, || {
            vec![brand(), [brand(), meta(&[])].concat()]
        }),
    ]
}

fn items() -> Vec<Kind> {
    vec![
        kind(
            "AVIF: 65,535 extents, each of them the whole file",
            Malformed,
            || vec![extents(65_535, 0)],
        ),
        kind("AVIF: 65,535 extents of no bytes", Malformed, || {
            vec![extents(65_535, 1 << 30)]
        }),
        kind("AVIF: an item within itself", Unsupported, || {
            vec![changed("420-8", "iloc", |file, at| {
                // As version 1, whose items may lie in others, and without a length: that
                // makes room for where it lies.
                let mut content = vec![1, 0, 0, 0, 0x40, 0, 0, 1, 0, 1, 0, 2, 0, 0, 0, 1];
                content.extend([0; 4]);
                let end = at + 4 + content.len();
                file.splice(at + 4..end.min(file.len()), content);
            })]
        }),
        kind("AVIF: a picture that is HEVC, or text", Unsupported, || {
            [b"hvc1", b"mime"]
                .map(|kind| {
                    changed("420-8", "infe", |file, at| {
                        file[at + 12..at + 16].copy_from_slice(kind)
                    })
                })
                .to_vec()
        }),
        kind(
            "AVIF: an overlay of no pictures, or half of one",
            Malformed,
            || {
                let no_pictures = changed("420-8", "infe", |file, at| {
                    file[at + 12..at + 16].copy_from_slice(b"iovl");
                });
                let half = changed("overlay", "iloc", |file, at| {
                    // The length of the first item.
                    file[at + 22..at + 26].copy_from_slice(&[0, 0, 0, 17]);
                });
                vec![no_pictures, half]
            },
        ),
        kind("AVIF: an overlay of itself", Unsupported, || {
            vec![refers_to("overlay", 1)]
        }),
        kind(
            "AVIF: an item that is derived from itself",
            Malformed,
            || vec![refers_to("derived", 1), refers_to("derived", 9)],
        ),
        kind("AVIF: an overlay of 65,535 pixels a side", Limit, || {
            vec![overlay(10, &[255; 4])]
        }),
        kind("AVIF: pictures far beyond their canvas", Thumbnail, || {
            [[0x7f, 0xff, 0x7f, 0xff], [0x80, 0, 0x80, 0]]
                .map(|place| overlay(14, &[place, place].concat()))
                .to_vec()
        }),
        kind("AVIF: a sequence whose tables lie", Answer, || {
            let tables = ["moov", "stbl", "stsd", "av01", "stsz", "stco"];
            let lies = tables
                .iter()
                .flat_map(|table| [0, 4, 8, 12].map(|from| (*table, from)));
            lies.map(|(table, from)| {
                changed("film", table, |file, at| {
                    let place = at + 4 + from;
                    file[place..place + 4].fill(0xff);
                })
            })
            .collect()
        }),
        kind("AVIF: a grid that is its own tile", Answer, || {
            vec![changed("grid", "dimg", |file, at| {
                let from = file[at + 4..at + 6].to_vec();
                file[at + 8..at + 10].copy_from_slice(&from);
            })]
        }),
        kind(
            "AVIF: a grid of 256 by 256 tiles, of which there are 4",
            Malformed,
            || vec![grid(&[0, 0, 255, 255, 0, 160, 0, 128])],
        ),
        kind("AVIF: a grid of 65,535 pixels a side", Malformed, || {
            vec![grid(&[0, 0, 1, 1, 255, 255, 255, 255])]
        }),
        kind("AVIF: a grid without width or height", Malformed, || {
            vec![grid(&[0, 0, 1, 1, 0, 0, 0, 0])]
        }),
        kind(
            "AVIF: a property that must be known, and is not",
            Unsupported,
            || {
                vec![changed("turned", "irot", |file, at| {
                    file[at..at + 4].copy_from_slice(b"abcd")
                })]
            },
        ),
    ]
}

fn pictures() -> Vec<Kind> {
    vec![
        kind("AVIF: claims 2,147,483,647 pixels a side", Limit, || {
            vec![sides(0x7fff_ffff, 0x7fff_ffff), sides(u32::MAX, 1)]
        }),
        kind("AVIF: claims no width or no height", Malformed, || {
            vec![sides(0, 64), sides(96, 0)]
        }),
        kind(
            "AVIF: claims more or fewer pixels than it has",
            Thumbnail,
            || vec![sides(8_000, 8_000), sides(8, 8), sides(97, 64)],
        ),
        kind("AVIF: a crop beyond the picture", Answer, || {
            [0, 1, 0x7fff_ffff, u32::MAX]
                .map(|number| {
                    changed("cropped", "clap", |file, at| {
                        for place in (at + 4..at + 36).step_by(4) {
                            file[place..place + 4].copy_from_slice(&number.to_be_bytes());
                        }
                    })
                })
                .to_vec()
        }),
        kind("AVIF: code points of every number", Answer, || {
            (0..=255)
                .map(|point| {
                    changed("444-8", "nclx", |file, at| {
                        for place in [at + 5, at + 7, at + 9] {
                            file[place] = point;
                        }
                    })
                })
                .collect()
        }),
        kind("AVIF: noise in place of AV1", Malformed, || {
            [0x00, 0x12, 0x32, 0x55, 0xff]
                .map(|noise| changed("420-8", "mdat", |file, at| file[at + 4..].fill(noise)))
                .to_vec()
        }),
        kind("AVIF: flipped bits", Answer, || {
            let flip =
                |source: &[u8]| flipped(source, (source.len() / 2..source.len()).step_by(13));
            ["420-8", "444-12", "grid", "alpha", "grain"]
                .into_iter()
                .flat_map(|name| flip(file(name)))
                .collect()
        }),
    ]
}

fn brand() -> Vec<u8> {
    iso_box(b"ftyp", b"avif\0\0\0\0avifmif1")
}

/// A box of items with these boxes, whose primary item is the first.
fn meta(boxes: &[Vec<u8>]) -> Vec<u8> {
    let primary = iso_box(b"pitm", &[0, 0, 0, 0, 0, 1]);
    let content = [&[0; 4], primary.as_slice(), &boxes.concat()].concat();
    iso_box(b"meta", &content)
}

/// A file, changed behind the first word of its kind.
fn changed(name: &str, word: &str, change: impl FnOnce(&mut Vec<u8>, usize)) -> Vec<u8> {
    let mut file = file(name).to_vec();
    let at = file.windows(4).position(|four| four == word.as_bytes());
    if let Some(at) = at {
        change(&mut file, at);
    }
    file
}

/// A file whose first reference is to another item.
fn refers_to(name: &str, item: u8) -> Vec<u8> {
    changed(name, "dimg", |file, at| {
        file[at + 8..at + 10].copy_from_slice(&[0, item]);
    })
}

/// An overlay with other bytes in its item, which is the first in `mdat`.
fn overlay(from: usize, bytes: &[u8]) -> Vec<u8> {
    changed("overlay", "mdat", |file, at| {
        let place = at + 4 + from;
        file[place..place + bytes.len()].copy_from_slice(bytes);
    })
}

/// A file with other claims about its sides.
fn sides(width: u32, height: u32) -> Vec<u8> {
    changed("420-8", "ispe", |file, at| {
        let claims = [width, height].map(u32::to_be_bytes);
        file[at + 8..at + 16].copy_from_slice(claims.as_flattened());
    })
}

/// A grid of another kind, of the same tiles. The item of the grid is the first in `mdat`.
fn grid(item: &[u8; 8]) -> Vec<u8> {
    changed("grid", "mdat", |file, at| {
        let place = file[at..].windows(4).position(|four| four == [0, 0, 1, 1]);
        if let Some(place) = place {
            file[at + place..at + place + 8].copy_from_slice(item);
        }
    })
}

/// A file whose picture has so many extents of the whole file from `at` on.
fn extents(count: u16, at: u32) -> Vec<u8> {
    let mut places = vec![0, 0, 0, 0, 0x44, 0, 0, 1, 0, 1, 0, 0];
    places.extend(count.to_be_bytes());
    for _ in 0..count {
        places.extend([at.to_be_bytes(), 600_000u32.to_be_bytes()].as_flattened());
    }
    let entry = iso_box(b"infe", b"\x02\0\0\0\0\x01\0\0av01\0");
    let kinds = iso_box(b"iinf", &[&[0, 0, 0, 0, 0, 1], entry.as_slice()].concat());
    let coding = iso_box(b"av1C", &[0x81, 0, 0x0c, 0]);
    let sides = iso_box(b"ispe", &[0, 0, 0, 0, 0, 0, 0, 96, 0, 0, 0, 64]);
    let properties = iso_box(b"ipco", &[sides, coding].concat());
    let owners = iso_box(b"ipma", &[0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2, 1, 2]);
    let properties = iso_box(b"iprp", &[properties, owners].concat());
    [
        brand(),
        meta(&[kinds, iso_box(b"iloc", &places), properties]),
    ]
    .concat()
}
