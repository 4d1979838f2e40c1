//! Hostile Netpbm and TGA.

use super::Verdict::{Answer, Limit, Malformed, Thumbnail, Unsupported};
use super::{Kind, Kinds, kind};

pub(super) const KINDS: &[Kinds] = &[netpbm, tga];

fn netpbm() -> Vec<Kind> {
    vec![
        kind("Netpbm: claims 4,294,967,295 pixels a side", Limit, || {
            ["P1", "P2", "P3", "P4", "P5", "P6"]
                .map(|kind| format!("{kind} 4294967295 4294967295 255\n0").into_bytes())
                .to_vec()
        }),
        kind(
            "Netpbm: numbers of more digits than there are",
            Malformed,
            || {
                let digits = "9".repeat(1_000_000);
                vec![
                    format!("P5 {digits} 1 255\n0").into_bytes(),
                    format!("P5 1 1 {digits}\n0").into_bytes(),
                ]
            },
        ),
        kind(
            "Netpbm: 9,000 by 9,000 pixels, of which there is one",
            Thumbnail,
            || {
                vec![
                    b"P2 9000 9000 255\n7".to_vec(),
                    b"P5 9000 9000 255\n7".to_vec(),
                ]
            },
        ),
        kind("Netpbm: a megabyte of comments", Malformed, || {
            vec![[&b"P5\n"[..], &b"#\n".repeat(500_000), b"0 0 255\n"].concat()]
        }),
        kind(
            "Netpbm: 8 MB of a comment in place of 20,000 rows",
            Thumbnail,
            || {
                let comment = "x".repeat(8_000_000);
                ["P1 500 20000", "P2 500 20000 1", "P3 500 20000 1"]
                    .map(|header| format!("{header}\n1 1 1\n#{comment}").into_bytes())
                    .to_vec()
            },
        ),
        kind(
            "Netpbm: no largest sample, or one of 65,536",
            Malformed,
            || vec![b"P5 1 1 0\n0".to_vec(), b"P5 1 1 65536\n00".to_vec()],
        ),
        kind(
            "Netpbm: an arbitrary map of 4,294,967,295 channels",
            Unsupported,
            || {
                let header = "P7\nWIDTH 9\nHEIGHT 9\nDEPTH 4294967295\nMAXVAL 255\nENDHDR\n";
                vec![header.as_bytes().to_vec()]
            },
        ),
        kind("Netpbm: letters among the numbers", Answer, || {
            [
                "P3 2 2 255\n1 2 3 x 4 5 6",
                "P1 4 4\n0101x",
                "P2 2 2 255\n-1 1 1 1",
                "P2 2 2 9 77 8 8 8",
            ]
            .map(|source| source.as_bytes().to_vec())
            .to_vec()
        }),
    ]
}

fn tga() -> Vec<Kind> {
    vec![
        kind("TGA: 65,535 by 65,535 pixels", Limit, || {
            vec![
                targa(2, (65_535, 65_535), 24),
                targa(10, (65_535, 65_535), 32),
            ]
        }),
        kind("TGA: no pixels", Malformed, || {
            let header = |kind| targa(kind, (64, 64), 24)[..18].to_vec();
            vec![header(2), header(10)]
        }),
        kind("TGA: 64 megapixels in runs of 128", Thumbnail, || {
            let mut source = targa(10, (8_000, 8_000), 32)[..18].to_vec();
            source.extend([0xff, 1, 2, 3, 255].repeat(8_000 * 8_000 / 128));
            vec![source]
        }),
        kind(
            "TGA: a name, or a palette, that goes on beyond the end",
            Malformed,
            || {
                let mut named = targa(2, (8, 8), 24);
                named[0] = 255;
                let mut colored = targa(1, (8, 8), 8);
                colored[1..8].copy_from_slice(&[1, 1, 0, 0, 255, 255, 32]);
                vec![named[..40].to_vec(), colored]
            },
        ),
        kind("TGA: indices beyond the palette", Thumbnail, || {
            let mut source = targa(1, (8, 8), 8);
            source[1..8].copy_from_slice(&[1, 1, 200, 0, 1, 0, 24]);
            vec![source]
        }),
        kind("TGA: an extension that is somewhere else", Answer, || {
            [0, 1, 18, 10_000, u32::MAX]
                .map(|place: u32| {
                    let mut source = targa(2, (8, 8), 32);
                    source[17] = 8;
                    source.extend(place.to_le_bytes());
                    source.extend([0xff; 4]);
                    source.extend(b"TRUEVISION-XFILE.\0");
                    source
                })
                .to_vec()
        }),
    ]
}

/// A TGA of this kind, of so many bits a pixel; in runs there are raw ones.
pub(super) fn targa(kind: u8, (width, height): (u16, u16), bits: u8) -> Vec<u8> {
    let mut source = vec![0, 0, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    source.extend([width.to_le_bytes(), height.to_le_bytes()].as_flattened());
    source.extend([bits, 0]);
    // Not all of the pixels of a large one.
    let pixels = (u32::from(width) * u32::from(height)).min(4096);
    for pixel in 0..pixels {
        if kind > 8 && pixel % 128 == 0 {
            source.push((pixels - pixel).min(128) as u8 - 1);
        }
        source.extend((0..bits / 8).map(|channel| (pixel * 7) as u8 ^ channel));
    }
    source
}
