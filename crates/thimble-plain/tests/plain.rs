//! Netpbm and TGA, whole, cut off, and taken for one another.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use thimble_plain::{Error, Netpbm, Targa, is_netpbm, is_targa};

/// The samples of a picture of Netpbm, and whether it is whole; `None` where pixels are not
/// there.
fn netpbm(source: &[u8]) -> (Vec<Option<u8>>, bool) {
    let picture = Netpbm::read(source).unwrap();
    let channels = picture.channels;
    let mut samples = Vec::new();
    let is_whole = picture.rows(|row| {
        let width = picture.width as usize;
        samples.extend(shown(row.samples, row.gaps, width, channels));
        Ok::<(), Error>(())
    });
    (samples, is_whole.unwrap())
}

/// The same of a TGA.
fn targa(source: &[u8]) -> (Vec<Option<u8>>, bool) {
    let picture = Targa::read(source).unwrap();
    let pixels = picture.pixels().unwrap();
    let picture = picture.with_alpha_of(&pixels);
    let mut samples = Vec::new();
    let is_whole = picture.rows(&pixels, |row| {
        let width = picture.width as usize;
        samples.extend(shown(row.samples, row.gaps, width, picture.channels()));
        Ok::<(), Error>(())
    });
    (samples, is_whole.unwrap())
}

fn shown(
    row: &[u8],
    gaps: &[std::ops::Range<usize>],
    width: usize,
    channels: usize,
) -> Vec<Option<u8>> {
    let sample = |at: usize| row.get(at).copied();
    let is_there = |at: usize| !gaps.iter().any(|gap| gap.contains(&(at / channels)));
    (0..width * channels)
        .map(|at| sample(at).filter(|_| is_there(at)))
        .collect()
}

fn all(samples: &[u8]) -> (Vec<Option<u8>>, bool) {
    (samples.iter().copied().map(Some).collect(), true)
}

#[test]
fn every_kind_of_netpbm_is_read() {
    let arbitrary = |depth: usize, most: u32, samples: &[u8]| {
        let header = format!(
            "P7\n# a comment\nWIDTH 1\nHEIGHT 1\nDEPTH {depth}\nMAXVAL {most}\nTUPLTYPE X Y\nENDHDR\n"
        );
        [header.as_bytes(), samples].concat()
    };
    let kinds: [(&[u8], &[u8]); 17] = [
        (b"P1\n# bits\n3 2\n1 0 1\n010", &[0, 255, 0, 255, 0, 255]),
        (b"P1 2 1\n# 0 1\n0# 1\r1", &[255, 0]),
        (b"P4 # 1\r1 1 \x80", &[0]),
        (b"P2 2 1 15\n0 15", &[0, 255]),
        (b"P2 2 1 15\n0 # 7\n15", &[0, 255]),
        (b"P2 2 1 65535 32768 65535", &[128, 255]),
        (b"P3 1 1 255 1 2 3", &[1, 2, 3]),
        (
            b"P4 9 2\n\x80\x80\x00\x00",
            &[
                0, 255, 255, 255, 255, 255, 255, 255, 0, 255, 255, 255, 255, 255, 255, 255, 255,
                255,
            ],
        ),
        (b"P5 2 1 255\n\x07\x09", &[7, 9]),
        (b"P5#c\n2 1 3\n\x01\x03", &[85, 255]),
        (b"P5 1 1 65535\n\x80\x00", &[128]),
        (b"P6 1 1 255\n\x01\x02\x03", &[1, 2, 3]),
        (b"P6 1 1 1023\n\x00\x00\x02\x00\x03\xff", &[0, 128, 255]),
        (&arbitrary(1, 1, &[1]), &[255]),
        (&arbitrary(2, 255, &[1, 2]), &[1, 2]),
        (&arbitrary(3, 255, &[1, 2, 3]), &[1, 2, 3]),
        (
            &arbitrary(4, 256, &[0, 0, 1, 0, 0, 128, 1, 0]),
            &[0, 255, 128, 255],
        ),
    ];
    for (source, samples) in kinds {
        assert!(is_netpbm(source), "{}", source.escape_ascii());
        assert_eq!(netpbm(source), all(samples), "{}", source.escape_ascii());
    }
}

#[test]
fn a_text_is_no_netpbm_because_of_its_first_letters() {
    let texts = ["P1 meeting: notes", "P1 2nd meeting", "P2 10 things to do"];
    let lines = ["P3\n# Notes\n", "P6\n\n1. begin", "P5"];
    for text in texts.iter().chain(&lines) {
        assert!(!is_netpbm(text.as_bytes()), "{text}");
    }
    let comments = "P5#by hand\r 7 # columns\n9";
    for header in ["P6 2 2", comments, "P4\r\n99999999999\t1"] {
        assert!(is_netpbm(header.as_bytes()), "{header}");
    }
}

#[test]
fn half_a_file_of_netpbm_is_half_a_picture() {
    let cut = [Some(1), Some(2), Some(3), None];
    for source in [
        &b"P5 2 2 255\n\x01\x02\x03"[..],
        b"P2 2 2 255\n1 2 3",
        b"P2 2 2 255 1 2 3 x",
    ] {
        assert_eq!(
            netpbm(source),
            (cut.to_vec(), false),
            "{}",
            source.escape_ascii()
        );
    }
    let (samples, is_whole) = netpbm(b"P6 1 2 255\n\x01\x02\x03\x04");
    assert_eq!((samples[2], samples[3], is_whole), (Some(3), None, false));
}

#[test]
fn headers_of_netpbm_that_make_no_sense_are_refused() {
    for source in [
        &b"P6"[..],
        b"P5 1",
        b"P5 1 1",
        b"P5 1 1 0\n\x01",
        b"P5 1 1 65536\n\x01",
        b"P5 -1 1 255\n",
        b"P5 99999999999 1 255\n",
        b"P5 +1 1 255\n",
        b"P7\nWIDTH 1\n",
        b"P7\nNONSENSE 1\nENDHDR\n",
        b"P8 1 1 255\n",
        b"",
    ] {
        let refused = Netpbm::read(source);
        assert!(
            matches!(refused, Err(Error::Malformed(_))),
            "{}",
            source.escape_ascii()
        );
    }
    let many = b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 9\nMAXVAL 255\nENDHDR\n";
    assert_eq!(Netpbm::read(many).unwrap_err(), Error::Channels(9));
    assert!(!Netpbm::read(b"P5 4 4 255\n").unwrap().has_pixels());
}

/// A header: kind, palette (colors, bits), sides, bits a pixel, descriptor.
fn header(
    kind: u8,
    (colors, of): (u8, u8),
    (width, height): (u8, u8),
    bits: u8,
    rest: u8,
) -> Vec<u8> {
    let palettes = u8::from(colors > 0);
    vec![
        0, palettes, kind, 0, 0, colors, 0, of, 0, 0, 0, 0, width, 0, height, 0, bits, rest,
    ]
}

const TOP: u8 = 0x20;
const MIRRORED: u8 = 0x10;

#[test]
fn every_kind_of_tga_is_read() {
    let none = (0, 0);
    let file = |header: Vec<u8>, rest: &[u8]| [header.as_slice(), rest].concat();
    let kinds: [(Vec<u8>, &[u8]); 22] = [
        (
            file(header(2, none, (1, 1), 24, TOP), &[3, 2, 1]),
            &[1, 2, 3],
        ),
        (
            file(header(2, none, (1, 1), 32, TOP), &[3, 2, 1, 0]),
            &[1, 2, 3],
        ),
        (
            file(header(2, none, (2, 1), 32, TOP), &[3, 2, 1, 9, 6, 5, 4, 0]),
            &[1, 2, 3, 9, 4, 5, 6, 0],
        ),
        (
            file(header(10, none, (2, 1), 32, TOP), &[0x81, 3, 2, 1, 9]),
            &[1, 2, 3, 9, 1, 2, 3, 9],
        ),
        (file(header(3, none, (1, 1), 16, TOP), &[7, 9]), &[7, 9]),
        (file(header(3, none, (1, 1), 16, TOP), &[7, 0]), &[7]),
        (
            file(header(2, none, (1, 1), 32, TOP | 8), &[3, 2, 1, 9]),
            &[1, 2, 3, 9],
        ),
        (
            file(header(2, none, (1, 1), 16, TOP), &[0x1f, 0x7c]),
            &[255, 0, 255],
        ),
        (
            file(header(2, none, (1, 1), 15, TOP), &[0xe0, 0x83]),
            &[0, 255, 0],
        ),
        (
            file(header(2, none, (1, 1), 16, TOP | 1), &[0xe0, 0x83]),
            &[0, 255, 0, 0],
        ),
        (
            file(header(2, none, (1, 1), 16, TOP | 1), &[0xe0, 0x03]),
            &[0, 255, 0, 255],
        ),
        // With a footer, more bits of alpha than there are.
        (
            file(
                header(2, none, (1, 1), 16, TOP | 8),
                b"\xe0\x83\0\0\0\0\0\0\0\0TRUEVISION-XFILE.\0",
            ),
            &[0, 255, 0, 0],
        ),
        (file(header(3, none, (2, 1), 8, TOP), &[7, 9]), &[7, 9]),
        (file(header(3, none, (1, 1), 16, TOP | 8), &[7, 9]), &[7, 9]),
        (
            file(
                header(1, (2, 24), (2, 1), 8, TOP),
                &[3, 2, 1, 6, 5, 4, 1, 0],
            ),
            &[4, 5, 6, 1, 2, 3],
        ),
        (
            file(header(1, (1, 32), (1, 1), 8, TOP | 8), &[3, 2, 1, 9, 0]),
            &[1, 2, 3, 9],
        ),
        (
            file(header(1, (1, 16), (1, 1), 8, TOP), &[0x1f, 0, 0]),
            &[0, 0, 255],
        ),
        (
            file(
                header(10, none, (3, 1), 24, TOP),
                &[0x81, 3, 2, 1, 0, 6, 5, 4],
            ),
            &[1, 2, 3, 1, 2, 3, 4, 5, 6],
        ),
        // Alpha that no pixel has.
        (
            file(header(2, none, (1, 1), 24, TOP | 8), &[3, 2, 1]),
            &[1, 2, 3],
        ),
        (file(header(3, none, (1, 1), 8, TOP | 8), &[7]), &[7]),
        (
            file(header(1, (1, 24), (1, 1), 8, TOP | 8), &[3, 2, 1, 0]),
            &[1, 2, 3],
        ),
        // A run over the end of a row.
        (
            file(header(11, none, (2, 2), 8, TOP), &[0x83, 7]),
            &[7, 7, 7, 7],
        ),
    ];
    for (source, samples) in kinds {
        assert!(is_targa(&source), "{}", source.escape_ascii());
        assert_eq!(targa(&source), all(samples), "{}", source.escape_ascii());
    }
}

#[test]
fn fields_of_a_palette_that_is_not_there_are_left_alone_with_a_footer() {
    let mut source = header(2, (0, 0), (1, 1), 24, TOP);
    source[3..8].copy_from_slice(&[1, 0, 9, 0, 16]);
    source.extend([3, 2, 1]);
    assert!(!is_targa(&source));
    source.extend(b"\0\0\0\0\0\0\0\0TRUEVISION-XFILE.\0");
    assert_eq!(targa(&source), all(&[1, 2, 3]));
}

#[test]
fn a_tga_may_begin_in_each_of_its_corners() {
    for (corner, samples) in [
        (TOP, [1, 2, 3, 4]),
        (TOP | MIRRORED, [2, 1, 4, 3]),
        (0, [3, 4, 1, 2]),
        (MIRRORED, [4, 3, 2, 1]),
    ] {
        for kind in [3, 11] {
            let pixels: &[u8] = if kind == 3 {
                &[1, 2, 3, 4]
            } else {
                &[3, 1, 2, 3, 4]
            };
            let source = [header(kind, (0, 0), (2, 2), 8, corner).as_slice(), pixels].concat();
            assert_eq!(targa(&source), all(&samples), "{kind} {corner}");
        }
    }
    let source = [
        header(3, (0, 0), (2, 2), 8, MIRRORED).as_slice(),
        &[1, 2, 3],
    ]
    .concat();
    let cut = vec![None, Some(3), Some(2), Some(1)];
    assert_eq!(targa(&source), (cut, false));
}

#[test]
fn the_extension_of_a_tga_has_the_last_word_about_alpha() {
    let with = |bits: u8, attributes: u8| {
        let mut source = header(2, (0, 0), (1, 1), 32, TOP | bits);
        source.extend([30, 20, 10, 51]);
        let at = source.len() as u32;
        let mut extension = vec![0; 495];
        extension[..2].copy_from_slice(&495u16.to_le_bytes());
        extension[494] = attributes;
        source.extend(extension);
        source.extend(at.to_le_bytes());
        source.extend([0; 4]);
        source.extend(b"TRUEVISION-XFILE.\0");
        source
    };
    for (bits, attributes, samples) in [
        (8, 0, &[10, 20, 30][..]),
        (8, 2, &[10, 20, 30]),
        (8, 3, &[10, 20, 30, 51]),
        (8, 4, &[50, 100, 150, 51]),
        (0, 0, &[10, 20, 30]),
        (0, 3, &[10, 20, 30, 51]),
        (0, 4, &[10, 20, 30]),
    ] {
        let seen = targa(&with(bits, attributes));
        assert_eq!(seen, all(samples), "{bits} {attributes}");
    }
}

#[test]
fn a_header_with_a_field_that_makes_no_sense_is_no_tga() {
    let sound = header(2, (0, 0), (1, 1), 24, 0);
    for (at, value) in [
        (1, 2),
        (1, 1),
        (2, 0),
        (2, 4),
        (2, 8),
        (2, 12),
        (2, 32),
        (2, 1),
        (2, 3),
        (3, 1),
        (5, 1),
        (7, 7),
        (8, 1),
        (10, 2),
        (12, 0),
        (14, 0),
        (16, 0),
        (16, 8),
        (16, 23),
        (17, 0x40),
        (17, 0x80),
        (17, 1),
        (17, 9),
    ] {
        let mut source = sound.clone();
        source[at] = value;
        assert!(!is_targa(&source), "{value} at {at}");
    }
    assert!(!is_targa(&sound[..17]));
    assert!(Targa::read(&sound).unwrap().pixels().is_err());
}
