//! Camera raw files, as far as their previews go: the places of cameras, and pictures
//! that no camera took.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat};

use crate::sources::{HEIGHT, WIDTH, picture};

const SHORT: u16 = 3;
const LONG: u16 = 4;
const BYTES: u16 = 7;

/// Factor between the sides of [`picture`] and those of the largest preview of a raw file.
pub const SCALE: u32 = 4;

/// A raw file of each kind: usual ending, media type, and bytes. Those that state a turn
/// state a quarter clockwise, but for Fujifilm's.
#[must_use]
pub fn files() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let (large, small) = (preview(SCALE), preview(1));
    vec![
        ("cr2", "image/x-canon-cr2", cr2(&large, &small)),
        ("cr3", "image/x-canon-cr3", cr3(&large, &small)),
        ("nef", "image/x-nikon-nef", nef(&large, &small)),
        ("arw", "image/x-sony-arw", arw(&large, &small)),
        ("dng", "image/x-adobe-dng", dng(&large)),
        ("raf", "image/x-fuji-raf", raf(&large)),
        ("orf", "image/x-olympus-orf", orf(&large, &small)),
        ("rw2", "image/x-panasonic-rw2", rw2(&large)),
        ("pef", "image/x-pentax-pef", pef(&large, &small)),
    ]
}

/// [`picture`] as JPEG, so many times as large.
#[must_use]
pub fn preview(scale: u32) -> Vec<u8> {
    let picture = DynamicImage::from(picture());
    let picture = picture.resize_exact(WIDTH * scale, HEIGHT * scale, FilterType::Triangle);
    let mut jpeg = Cursor::new(Vec::new());
    picture.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    jpeg.into_inner()
}

/// The head of a lossless JPEG of 6,000 by 4,000 pixels, as which sensors are stored.
fn lossless() -> Vec<u8> {
    let frame = [0xff, 0xc3, 0, 11, 14, 0x0f, 0xa0, 0x17, 0x70, 1, 1, 0x11, 0];
    [&[0xff, 0xd8], frame.as_slice(), &[0xff, 0xd9]].concat()
}

/// A TIFF in the making, whose directories point at what was written before.
pub struct Tiff(Vec<u8>);

/// Tag, type and values of an entry.
pub type Entry = (u16, u16, Vec<u32>);

impl Tiff {
    /// A file that begins so, and has the place of its first directory behind that.
    #[must_use]
    pub fn new(magic: &[u8; 4]) -> Self {
        Tiff([magic.as_slice(), &[0; 12]].concat())
    }

    /// Writes bytes, and says where.
    pub fn put(&mut self, bytes: &[u8]) -> u32 {
        let place = self.0.len() as u32;
        self.0.extend(bytes);
        self.0.resize(self.0.len().next_multiple_of(2), 0);
        place
    }

    /// Writes bytes, and two tags of their place and length.
    pub fn pair(&mut self, tags: [u16; 2], bytes: &[u8]) -> [Entry; 2] {
        let place = self.put(bytes);
        [
            (tags[0], LONG, vec![place]),
            (tags[1], LONG, vec![bytes.len() as u32]),
        ]
    }

    /// Writes a directory, and says where.
    pub fn directory(&mut self, entries: impl IntoIterator<Item = Entry>, next: u32) -> u32 {
        let mut entries: Vec<Entry> = entries.into_iter().collect();
        entries.sort_by_key(|(tag, ..)| *tag);
        let mut table = (entries.len() as u16).to_le_bytes().to_vec();
        for (tag, kind, values) in entries {
            let width = match kind {
                SHORT => 2,
                LONG => 4,
                _ => 1,
            };
            let bytes = values
                .iter()
                .flat_map(|value| value.to_le_bytes()[..width].to_vec());
            let mut bytes: Vec<u8> = bytes.collect();
            if bytes.len() > 4 {
                bytes = self.put(&bytes).to_le_bytes().to_vec();
            }
            bytes.resize(4, 0);
            table.extend([tag, kind].map(u16::to_le_bytes).as_flattened());
            table.extend((values.len() as u32).to_le_bytes());
            table.extend(bytes);
        }
        table.extend(next.to_le_bytes());
        self.put(&table)
    }

    /// The file, whose first directory is that one.
    #[must_use]
    pub fn finish(mut self, first: u32) -> Vec<u8> {
        self.0[4..8].copy_from_slice(&first.to_le_bytes());
        self.0
    }
}

fn text(tag: u16, text: &str) -> Entry {
    bytes(tag, text.as_bytes())
}

fn bytes(tag: u16, bytes: &[u8]) -> Entry {
    (
        tag,
        BYTES,
        bytes.iter().map(|byte| u32::from(*byte)).collect(),
    )
}

fn short(tag: u16, value: u32) -> Entry {
    (tag, SHORT, vec![value])
}

/// A directory of a sensor.
fn sensor(tiff: &mut Tiff, compression: u32) -> u32 {
    let strip = tiff.pair([273, 279], &lossless());
    let sides = [(256, LONG, vec![6000]), (257, LONG, vec![4000])];
    let kind = [short(259, compression), short(262, 32_803)];
    tiff.directory(strip.into_iter().chain(sides).chain(kind), 0)
}

/// A directory with a note of a maker.
fn camera(tiff: &mut Tiff, note: &[u8]) -> Entry {
    let place = tiff.directory([bytes(37_500, note)], 0);
    (34_665, LONG, vec![place])
}

fn cr2(large: &[u8], small: &[u8]) -> Vec<u8> {
    let mut tiff = Tiff::new(b"II*\0");
    tiff.0[8..12].copy_from_slice(b"CR\x02\0");
    let raw = tiff.pair([273, 279], &lossless());
    let raw = tiff.directory(raw.into_iter().chain([short(259, 6)]), 0);
    let thumbnail = tiff.pair([513, 514], small);
    let thumbnail = tiff.directory(thumbnail, raw);
    let strip = tiff.pair([273, 279], large);
    let about = [text(271, "Canon\0"), short(259, 6), short(274, 6)];
    let first = tiff.directory(strip.into_iter().chain(about), thumbnail);
    tiff.finish(first)
}

fn nef(large: &[u8], small: &[u8]) -> Vec<u8> {
    let mut tiff = Tiff::new(b"II*\0");
    let jpeg = tiff.pair([513, 514], large);
    let children = vec![tiff.directory(jpeg, 0), sensor(&mut tiff, 34_713)];
    // A preview of middling size is in the note of the maker, a TIFF of its own.
    let mut note = Tiff::new(b"II*\0");
    let pair = note.pair([513, 514], small);
    let pair = note.directory(pair, 0);
    let first = note.directory([(17, LONG, vec![pair])], 0);
    let note = [b"Nikon\0\x02\x10\0\0".as_slice(), &note.finish(first)].concat();
    let camera = camera(&mut tiff, &note);
    let strip = tiff.pair([273, 279], &[128; 8 * 6 * 3]);
    let sides = [short(256, 8), short(257, 6), short(277, 3)];
    let about = [
        text(271, "NIKON CORPORATION\0"),
        (258, SHORT, vec![8; 3]),
        short(259, 1),
        short(262, 2),
        short(274, 6),
        (330, LONG, children),
        camera,
    ];
    let first = tiff.directory(strip.into_iter().chain(sides).chain(about), 0);
    tiff.finish(first)
}

fn arw(large: &[u8], small: &[u8]) -> Vec<u8> {
    let mut tiff = Tiff::new(b"II*\0");
    let raw = sensor(&mut tiff, 32_767);
    let thumbnail = tiff.pair([513, 514], small);
    let thumbnail = tiff.directory(thumbnail, 0);
    let jpeg = tiff.pair([513, 514], large);
    let about = [
        text(271, "SONY\0"),
        short(259, 6),
        short(274, 6),
        (330, LONG, vec![raw]),
    ];
    let first = tiff.directory(jpeg.into_iter().chain(about), thumbnail);
    tiff.finish(first)
}

/// The first page of a DNG is a small picture without compression.
fn dng(large: &[u8]) -> Vec<u8> {
    let mut tiff = Tiff::new(b"II*\0");
    let strip = tiff.pair([273, 279], large);
    let sides = [
        (256, LONG, vec![WIDTH * SCALE]),
        (257, LONG, vec![HEIGHT * SCALE]),
    ];
    let kind = [short(254, 1), short(259, 7), short(262, 6)];
    let jpeg = tiff.directory(strip.into_iter().chain(sides).chain(kind), 0);
    let raw = sensor(&mut tiff, 7);
    let strip = tiff.pair([273, 279], &[128; 8 * 6 * 3]);
    let sides = [short(256, 8), short(257, 6), short(277, 3)];
    let about = [
        short(254, 1),
        (258, SHORT, vec![8; 3]),
        short(259, 1),
        short(262, 2),
        short(274, 6),
        (330, LONG, vec![raw, jpeg]),
        bytes(50_706, &[1, 4, 0, 0]),
    ];
    let first = tiff.directory(strip.into_iter().chain(sides).chain(about), 0);
    tiff.finish(first)
}

/// A header of fixed places.
fn raf(large: &[u8]) -> Vec<u8> {
    let mut file = b"FUJIFILMCCD-RAW 0201".to_vec();
    file.resize(160, 0);
    file[84..88].copy_from_slice(&160u32.to_be_bytes());
    file[88..92].copy_from_slice(&(large.len() as u32).to_be_bytes());
    file.extend(large);
    file
}

/// Places in the note are counted from its beginning.
fn orf(large: &[u8], small: &[u8]) -> Vec<u8> {
    let mut tiff = Tiff::new(b"IIRO");
    let mut note = Tiff::new(b"OLYM");
    note.0[4..12].copy_from_slice(b"PUS\0II\x03\0");
    note.0.truncate(12);
    // The directory comes first: 2 + 12 + 4 bytes, and then that of the settings.
    let settings = 12 + 18;
    let jpeg = settings + 30;
    note.directory([(0x2020, LONG, vec![settings])], 0);
    let pair = [
        (0x101, LONG, vec![jpeg]),
        (0x102, LONG, vec![large.len() as u32]),
    ];
    note.directory(pair, 0);
    note.put(large);
    let camera = camera(&mut tiff, &note.0);
    let thumbnail = tiff.pair([513, 514], small);
    let thumbnail = tiff.directory(thumbnail, 0);
    let about = [text(271, "OLYMPUS\0"), short(274, 6), camera];
    let first = tiff.directory(about, thumbnail);
    tiff.finish(first)
}

fn rw2(large: &[u8]) -> Vec<u8> {
    let mut tiff = Tiff::new(b"IIU\0");
    let about = [text(271, "Panasonic\0"), short(274, 6), bytes(46, large)];
    let first = tiff.directory(about, 0);
    tiff.finish(first)
}

fn pef(large: &[u8], small: &[u8]) -> Vec<u8> {
    let mut tiff = Tiff::new(b"II*\0");
    let jpeg = tiff.put(large);
    // A directory whose places are counted from the beginning of the file.
    let mut note = Tiff(b"AOC\0II".to_vec());
    let pair = [(3, LONG, vec![large.len() as u32]), (4, LONG, vec![jpeg])];
    note.directory(pair, 0);
    let camera = camera(&mut tiff, &note.0);
    let thumbnail = tiff.pair([513, 514], small);
    let thumbnail = tiff.directory(thumbnail, 0);
    let strip = tiff.pair([273, 279], &lossless());
    let about = [
        (256, LONG, vec![6000]),
        (257, LONG, vec![4000]),
        text(271, "PENTAX\0"),
        short(259, 65_535),
        short(262, 32_803),
        short(274, 6),
        camera,
    ];
    let first = tiff.directory(strip.into_iter().chain(about), thumbnail);
    tiff.finish(first)
}

/// A box of ISO's formats: length, kind and content.
#[must_use]
pub fn iso_box(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32 + 8).to_be_bytes();
    [&length, kind.as_slice(), content].concat()
}

fn cr3(large: &[u8], small: &[u8]) -> Vec<u8> {
    let brand = iso_box(b"ftyp", b"crx \0\0\0\x01crx isom");
    let metadata = b"\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48";
    let preview = b"\xea\xf4\x2b\x5e\x1c\x98\x4b\x88\xb9\xfb\xb7\xdc\x40\x6e\x4d\x16";
    let exif = iso_box(b"CMT1", &crate::sources::exif(6));
    let thumbnail = iso_box(b"THMB", &[&[0; 16], small].concat());
    let about = iso_box(b"uuid", &[metadata.as_slice(), &exif, &thumbnail].concat());
    let middling = iso_box(b"PRVW", &[&[0; 16], small].concat());
    let middling = iso_box(b"uuid", &[preview.as_slice(), &[0; 8], &middling].concat());
    let movie = |place: u32| {
        let numbers = |numbers: &[u32]| {
            let bytes: Vec<u8> = numbers
                .iter()
                .flat_map(|number| number.to_be_bytes())
                .collect();
            bytes
        };
        let sizes = iso_box(b"stsz", &numbers(&[0, large.len() as u32, 1]));
        let places = iso_box(b"co64", &numbers(&[0, 1, 0, place]));
        let table = iso_box(b"stbl", &[sizes, places].concat());
        let track = iso_box(b"trak", &iso_box(b"mdia", &iso_box(b"minf", &table)));
        iso_box(b"moov", &[about.as_slice(), &track].concat())
    };
    let before = brand.len() + movie(0).len() + middling.len() + 8;
    let movie = movie(before as u32);
    [brand, movie, middling, iso_box(b"mdat", large)].concat()
}
