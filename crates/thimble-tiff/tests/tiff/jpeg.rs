//! JPEG within TIFF: the kind of version 6, and kinds that are not decoded.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use thimble_tiff::{Error, Header, Page};

use super::shown::{HEIGHT, Shown, WIDTH, expect_unsupported, pixels};
use super::writer::Tiff;

/// A stream of some rows of the picture.
fn stream(rows: std::ops::Range<u32>, restart: u16) -> Vec<u8> {
    let mut stream = vec![];
    let mut encoder = Encoder::new(&mut stream, 95);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.set_optimized_huffman_tables(false);
    if restart > 0 {
        encoder.set_restart_interval(restart);
    }
    let pixels = pixels();
    let part = &pixels[(rows.start * WIDTH) as usize..(rows.end * WIDTH) as usize];
    let (width, height) = (WIDTH as u16, (rows.end - rows.start) as u16);
    encoder
        .encode(part.as_flattened(), width, height, ColorType::Rgb)
        .unwrap();
    stream
}

/// The segments of a stream, and where its entropy-coded data are.
fn segments(stream: &[u8]) -> (Vec<(u8, std::ops::Range<usize>)>, usize) {
    let (mut at, mut segments) = (2, vec![]);
    loop {
        let length = usize::from(u16::from_be_bytes([stream[at + 2], stream[at + 3]]));
        segments.push((stream[at + 1], at + 4..at + 2 + length));
        at += 2 + length;
        if segments.last().unwrap().0 == 0xda {
            return (segments, at);
        }
    }
}

fn page(chunk: Vec<u8>) -> Tiff {
    Tiff::new(WIDTH, HEIGHT, chunk)
        .short(258, &[8, 8, 8])
        .short(259, &[6])
        .short(262, &[6])
        .short(277, &[3])
        .short(530, &[2, 2])
}

#[test]
fn a_stream_that_is_the_whole_page_is_decoded() {
    let whole = stream(0..HEIGHT, 0);
    let (_, data) = segments(&whole);
    let page = page(whole.clone())
        .pointing(513, &[0])
        .long(514, &[whole.len() as u32]);
    Shown::of(&page.finish()).expect_whole(8);
    // The strip may also be no more than the entropy-coded data within the stream.
    let within = page
        .clone()
        .listed_under((60_000, 60_001))
        .pointing(273, &[data]);
    let within = within.long(279, &[(whole.len() - data) as u32]);
    Shown::of(&within.finish()).expect_whole(8);
    // Nothing is said of colors, or the wrong thing.
    Shown::of(&page.clone().without(262).without(277).without(258).finish()).expect_whole(8);
    Shown::of(&page.short(262, &[2]).finish()).expect_whole(8);
}

#[test]
fn tables_in_tags_and_data_in_strips_are_put_together() {
    let rows = 16;
    let streams: Vec<Vec<u8>> = (0..HEIGHT / rows)
        .map(|strip| stream(strip * rows..(strip + 1) * rows, 0))
        .collect();
    let (segments, data) = segments(&streams[0]);
    // A stream of its own for the tables, as chunk 0 is the first thing in the file.
    let mut tables = vec![];
    let (mut quantization, mut dc, mut ac) = (vec![], vec![], vec![]);
    for (marker, place) in segments {
        let payload = &streams[0][place];
        match (marker, payload[0] >> 4) {
            (0xdb, _) => {
                for table in payload.chunks(65) {
                    quantization.push(tables.len());
                    tables.extend(&table[1..]);
                }
            }
            (0xc4, class) => {
                if class == 0 { &mut dc } else { &mut ac }.push(tables.len());
                tables.extend(&payload[1..]);
            }
            _ => {}
        }
    }
    let three = |places: &[usize]| [places[0], places[1], places[1]];
    let strips = streams
        .iter()
        .map(|stream| stream[data..stream.len() - 2].to_vec());
    let mut offsets = vec![tables.len()];
    let strips: Vec<Vec<u8>> = strips.collect();
    offsets.push(offsets[0] + strips[0].len());
    let lengths: Vec<u32> = strips.iter().map(|strip| strip.len() as u32).collect();
    let page = page([&tables[..], &strips.concat()].concat())
        .listed_under((60_000, 60_001))
        .long(278, &[rows])
        .pointing(273, &offsets)
        .long(279, &lengths)
        .short(512, &[1])
        .pointing(519, &three(&quantization))
        .pointing(520, &three(&dc))
        .pointing(521, &three(&ac));
    Shown::of(&page.finish()).expect_whole(8);
}

#[test]
fn strips_that_are_streams_of_their_own_are_decoded() {
    for compression in [6, 7] {
        let strips = vec![stream(0..16, 0), stream(16..HEIGHT, 0)];
        let page = page(vec![])
            .short(259, &[compression])
            .long(278, &[16])
            .chunks(strips);
        Shown::of(&page.finish()).expect_whole(8);
    }
}

/// A page that was made smaller.
struct Shrunk {
    sides: (u32, u32),
    extent: (f64, f64),
    rows: Vec<Vec<u8>>,
}

fn shrunk(source: &[u8], wanted: (u32, u32)) -> Shrunk {
    let header = Header::read(source).unwrap();
    let mut page = Page::open(&header, 1_000_000).unwrap();
    page.shrink(wanted);
    let mut rows = vec![];
    let is_whole = page.rows(|row| {
        rows.push(row.samples.to_vec());
        Ok::<(), Error>(())
    });
    assert_eq!(is_whole, Ok(true));
    Shrunk {
        sides: page.sides(),
        extent: page.extent(),
        rows,
    }
}

#[test]
fn strips_are_decoded_as_small_as_wanted_where_they_meet_between_blocks() {
    let strips = |rows: u32| {
        let starts = (0..HEIGHT).step_by(rows as usize);
        let streams = starts.map(|start| stream(start..(start + rows).min(HEIGHT), 0));
        page(vec![])
            .short(259, &[7])
            .long(278, &[rows])
            .chunks(streams.collect())
            .finish()
    };
    for (rows, eighths) in [(16, 1), (16, 2), (8, 4), (16, 8), (12, 8), (HEIGHT, 2)] {
        let asked = if eighths == 8 && rows == 12 {
            1
        } else {
            eighths
        };
        let wanted = (WIDTH * asked / 8, HEIGHT * asked / 8);
        let Shrunk {
            sides,
            extent,
            rows: shown,
        } = shrunk(&strips(rows), wanted);
        let scaled = |side: u32| (side * eighths).div_ceil(8);
        assert_eq!(sides, (scaled(WIDTH), scaled(HEIGHT)), "{rows} rows");
        let exact = |side: u32| f64::from(side * eighths) / 8.0;
        assert_eq!(extent, (exact(WIDTH), exact(HEIGHT)));
        assert_eq!(shown.len(), sides.1 as usize);
        let last = (pixels()[0], pixels()[(WIDTH * HEIGHT - 1) as usize]);
        let (top, bottom) = (&shown[0], &shown[shown.len() - 1]);
        assert_eq!(bottom.len(), 3 * sides.0 as usize);
        for (expected, found) in [(last.0, &top[..3]), (last.1, &bottom[bottom.len() - 3..])] {
            let is_near = expected
                .iter()
                .zip(found)
                .all(|(a, b)| a.abs_diff(*b) <= 12);
            assert!(is_near, "{expected:?} and {found:?}, {rows} rows");
        }
    }
}

/// A page of one stream, to which the old style points by a tag of its own.
fn page_of_stream(stream: &[u8], compression: u32) -> Tiff {
    let page = page(stream.to_vec()).short(259, &[compression]);
    if compression == 6 {
        page.pointing(513, &[0])
    } else {
        page
    }
}

#[test]
fn a_stream_without_an_end_is_shown_with_a_warning() {
    let whole = stream(0..HEIGHT, 0);
    let (_, data) = segments(&whole);
    let half = whole[..data + (whole.len() - data) / 2].to_vec();
    for compression in [6, 7] {
        let page = page_of_stream(&half, compression);
        let shown = Shown::of(&page.finish());
        shown.expect_rows(0..8, 16);
        assert!(!shown.warnings.is_empty(), "{compression}");
    }
}

#[test]
fn lossless_and_12_bit_streams_are_named_and_not_called_corrupt() {
    let whole = stream(0..HEIGHT, 0);
    let frame = whole
        .windows(2)
        .position(|two| two == [0xff, 0xc0])
        .unwrap();
    for (offset, value, name) in [
        (1, 0xc3, "lossless"),
        (4, 12, "8 bits"),
        (1, 0xc9, "arithmetic"),
    ] {
        let mut other = whole.clone();
        other[frame + offset] = value;
        for compression in [6, 7] {
            let page = page_of_stream(&other, compression);
            expect_unsupported(&page.finish(), name);
        }
    }
}

#[test]
fn planes_that_are_streams_of_their_own_are_put_together() {
    let [luma, blue, red] = [0, 1, 2].map(|plane: usize| {
        let samples: Vec<u8> = pixels()
            .into_iter()
            .map(|color| differences(color)[plane])
            .collect();
        let mut stream = vec![];
        Encoder::new(&mut stream, 98)
            .encode(&samples, WIDTH as u16, HEIGHT as u16, ColorType::Luma)
            .unwrap();
        stream
    });
    let page = page(vec![])
        .short(259, &[7])
        .short(284, &[2])
        .short(530, &[1, 1])
        .chunks(vec![luma, blue, red]);
    Shown::of(&page.finish()).expect_whole(8);
}

/// Luma and color differences (ITU-R BT.601).
fn differences([red, green, blue]: [u8; 3]) -> [u8; 3] {
    let [red, green, blue] = [red, green, blue].map(f32::from);
    let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    let differences = [
        luma,
        128.0 + (blue - luma) / 1.772,
        128.0 + (red - luma) / 1.402,
    ];
    differences.map(|value| value.round() as u8)
}
