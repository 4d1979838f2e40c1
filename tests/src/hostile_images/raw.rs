//! Hostile camera raw files.

use testkit::raw::{self, Entry, Tiff, iso_box};

use super::Verdict::{Answer, Limit, Thumbnail, Unsupported};
use super::{Kind, Kinds, kind};

pub(super) const KINDS: &[Kinds] = &[kinds];

/// Type of four bytes.
const LONG: u16 = 4;

fn kinds() -> Vec<Kind> {
    vec![
        kind("Raw: cut short, by every 200 bytes", Answer, || {
            let cut = |source: Vec<u8>| {
                let lengths = (12..source.len()).step_by(200);
                lengths
                    .map(|length| source[..length].to_vec())
                    .collect::<Vec<_>>()
            };
            raw::files()
                .into_iter()
                .flat_map(|(.., source)| cut(source))
                .collect()
        }),
        kind("Raw: no preview at all", Unsupported, || {
            vec![
                [b"FUJIFILMCCD-RAW ".as_slice(), &[0; 200]].concat(),
                iso_box(b"ftyp", b"crx \0\0\0\x01crx isom"),
                listing(|_| vec![]),
            ]
        }),
        kind(
            "Raw: previews behind the end of the file",
            Unsupported,
            || {
                [1 << 20, 0x7fff_ffff, u32::MAX]
                    .map(|place| listing(|_| place_of(place, u32::MAX)))
                    .to_vec()
            },
        ),
        kind(
            "Raw: a preview that claims 65,500 pixels a side",
            Limit,
            || {
                vec![listing(|tiff| {
                    tiff.pair([513, 514], &claiming(65_500)).to_vec()
                })]
            },
        ),
        kind(
            "Raw: a preview as long as all of the file",
            Thumbnail,
            || {
                vec![listing(|tiff| {
                    let place = tiff.put(&raw::preview(1));
                    place_of(place, u32::MAX)
                })]
            },
        ),
        kind("Raw: a directory that is its own child", Answer, || {
            (12..40)
                .step_by(2)
                .map(|place| listing(|_| vec![(330, LONG, vec![place; 64])]))
                .collect()
        }),
        kind("Raw: 65,535 entries, and pages in a circle", Answer, || {
            let mut tiff = Tiff::new(b"IIRO");
            let entries = (0..=65_534).map(|tag| (tag, LONG, vec![12]));
            let first = tiff.directory(entries, 12);
            vec![tiff.finish(first)]
        }),
        kind("Raw: notes of makers without an end", Answer, notes),
        kind(
            "Raw: 100,000 boxes, in a row and one in another",
            Answer,
            || {
                let brand = iso_box(b"ftyp", b"crx \0\0\0\x01crx isom");
                let row = iso_box(b"moov", &iso_box(b"uuid", b"").repeat(100_000));
                let tracks = iso_box(
                    b"moov",
                    &iso_box(b"trak", &iso_box(b"mdia", b"")).repeat(50_000),
                );
                let nest = (0..2000).fold(Vec::new(), |inner, _| iso_box(b"trak", &inner));
                let nest = iso_box(b"moov", &nest);
                [row, tracks, nest]
                    .map(|boxes| [brand.as_slice(), &boxes].concat())
                    .to_vec()
            },
        ),
        kind("Raw: boxes whose lengths lie", Answer, || {
            let file = raw::files()
                .into_iter()
                .find(|(ending, ..)| *ending == "cr3");
            let file = file.map(|(.., source)| source).unwrap_or_default();
            let lengths = [0, 1, 7, 8, 0x7fff_ffff, u32::MAX].map(u32::to_be_bytes);
            let starts = file.windows(4).enumerate().filter(|(_, four)| {
                [
                    b"moov", b"trak", b"mdia", b"stbl", b"stsz", b"co64", b"uuid", b"PRVW",
                ]
                .iter()
                .any(|kind| four == *kind)
            });
            let places: Vec<usize> = starts.map(|(at, _)| at - 4).collect();
            let lies = places
                .iter()
                .flat_map(|at| lengths.map(|length| (*at, length)));
            lies.map(|(at, length)| {
                let mut file = file.clone();
                file[at..at + 4].copy_from_slice(&length);
                file
            })
            .collect()
        }),
    ]
}

/// A raw file of Olympus' with these entries.
fn listing(entries: impl FnOnce(&mut Tiff) -> Vec<Entry>) -> Vec<u8> {
    let mut tiff = Tiff::new(b"IIRO");
    let entries = entries(&mut tiff);
    let first = tiff.directory(entries, 0);
    tiff.finish(first)
}

fn place_of(place: u32, length: u32) -> Vec<Entry> {
    vec![(513, LONG, vec![place]), (514, LONG, vec![length])]
}

/// A JPEG that claims so many pixels a side.
fn claiming(side: u16) -> Vec<u8> {
    let mut jpeg = raw::preview(1);
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]);
    if let Some(place) = frame.and_then(|at| jpeg.get_mut(at + 5..at + 9)) {
        place.copy_from_slice([side, side].map(u16::to_be_bytes).as_flattened());
    }
    jpeg
}

/// Notes whose directories point at themselves, or nowhere.
fn notes() -> Vec<Vec<u8>> {
    let names: [&[u8]; 6] = [
        b"Nikon\0\x02\x10\0\0II*\0\x08\0\0\0",
        b"OLYMPUS\0II\x03\0",
        b"OM SYSTEM\0\0\0II\x04\0",
        b"OLYMP\0\x01\0",
        b"PENTAX \0II",
        b"AOC\0II",
    ];
    let rests: [&[u8]; 3] = [
        &[0xff; 64],
        &[0; 64],
        &[8, 0, 0x20, 0x20, 4, 0, 1, 0, 0, 0, 12, 0],
    ];
    let notes = names
        .iter()
        .flat_map(|name| rests.map(|rest| [*name, rest].concat()));
    notes
        .map(|note| {
            listing(|tiff| {
                let note = note.iter().map(|byte| u32::from(*byte)).collect();
                let place = tiff.directory([(37_500, 7, note)], 0);
                vec![(34_665, LONG, vec![place])]
            })
        })
        .collect()
}
