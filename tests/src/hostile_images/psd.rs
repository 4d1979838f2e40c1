//! Hostile Photoshop files.

use testkit::psd::Psd;

use super::Verdict::{Answer, Limit, Malformed, Thumbnail, Unsupported};
use super::{Kind, Kinds, flipped, kind};

pub(super) const KINDS: &[Kinds] = &[sizes, sections, rows];

/// An RGB with alpha in packed rows, a palette and resources that mean nothing.
pub(super) fn sound() -> Psd {
    let samples: Vec<u8> = (0..4 * 40 * 30_u32)
        .map(|index| (index * 7) as u8)
        .collect();
    let psd = Psd::new(Psd::RGB, (40, 30), &samples).packed().with_alpha();
    psd.with(|psd| psd.resources = vec![(1057, vec![0, 0, 0, 1, 1]), (1000, vec![1, 2, 3])])
}

/// A large picture's form of inks of 16 bits.
pub(super) fn deep() -> Psd {
    let samples: Vec<u8> = (0..8 * 20 * 10_u32)
        .map(|index| (index * 11) as u8)
        .collect();
    Psd::new(Psd::CMYK, (20, 10), &samples).with(|psd| {
        (psd.version, psd.depth, psd.channels) = (2, 16, 4);
    })
}

/// One that claims these sides, with a pixel or two.
fn claiming(sides: (u32, u32), mode: u16, data: &[u8]) -> Vec<u8> {
    let psd = Psd::new(mode, (1, 1), &[7; 4]);
    psd.with(|psd| (psd.sides, psd.data) = (sides, data.to_vec()))
        .file()
}

fn sizes() -> Vec<Kind> {
    vec![
        kind("PSD: claims 4,294,967,295 pixels a side", Limit, || {
            vec![claiming((u32::MAX, u32::MAX), Psd::RGB, &[0, 0, 1, 2, 3])]
        }),
        kind("PSD: no width or no height", Malformed, || {
            vec![
                claiming((0, 9), Psd::RGB, &[0, 0, 1, 2, 3]),
                claiming((9, 0), Psd::RGB, &[0, 1, 1, 2, 3]),
            ]
        }),
        kind(
            "PSD: 81 megapixels, of which there is none",
            Malformed,
            || {
                [[0, 0], [0, 1]]
                    .map(|kind| claiming((9_000, 9_000), Psd::RGB, &kind))
                    .to_vec()
            },
        ),
        kind(
            "PSD: 81 megapixels, of which there is a row",
            Thumbnail,
            || {
                let mut data = vec![0, 0];
                data.resize(2 + 9_000, 7);
                vec![claiming((9_000, 9_000), Psd::GRAY, &data)]
            },
        ),
        kind("PSD: 100 megapixels of gray in runs", Thumbnail, || {
            // Rows of 10,000: 78 runs of 128, and 16 bytes more.
            let row = [[0x81, 7].repeat(78), vec![0xf1, 9]].concat();
            let lengths = (row.len() as u16).to_be_bytes().repeat(10_000);
            let data = [&[0, 1], lengths.as_slice(), &row.repeat(10_000)].concat();
            let gray = Psd::new(Psd::GRAY, (1, 1), &[7]);
            vec![
                gray.with(|psd| (psd.sides, psd.data) = ((10_000, 10_000), data))
                    .file(),
            ]
        }),
    ]
}

fn sections() -> Vec<Kind> {
    vec![
        kind("PSD: a section of 4,294,967,295 bytes", Malformed, || {
            let file = sound().file();
            let resources: usize = 26 + 4;
            [26, resources]
                .map(|at| {
                    let mut file = file.clone();
                    file[at..at + 4].fill(0xff);
                    file
                })
                .to_vec()
        }),
        kind(
            "PSD: a section of layers of all bytes there can be",
            Malformed,
            || {
                let mut file = deep().file();
                file[34..42].fill(0xff);
                vec![file]
            },
        ),
        kind(
            "PSD: resources and layers that go on beyond the end",
            Answer,
            || {
                let lying = |length: u32| {
                    let mut resources = sound().file();
                    resources[42..46].copy_from_slice(&length.to_be_bytes());
                    let mut layers = length.to_be_bytes().to_vec();
                    layers.extend(length.to_be_bytes());
                    layers.extend(b"8BIMLr16");
                    layers.extend(length.to_be_bytes());
                    [resources, sound().with(|psd| psd.layers = layers).file()]
                };
                [0, 1, 0x7fff_ffff, u32::MAX]
                    .into_iter()
                    .flat_map(lying)
                    .collect()
            },
        ),
        kind(
            "PSD: a megabyte of parts behind the layers",
            Thumbnail,
            || {
                let part = b"8BIMabcd\0\0\0\0".repeat(90_000);
                let layers = [&[0; 8], part.as_slice()].concat();
                vec![sound().with(|psd| psd.layers = layers).file()]
            },
        ),
        kind(
            "PSD: layers, and no picture of all of them",
            Unsupported,
            || {
                vec![
                    sound()
                        .with(|psd| psd.resources = vec![(1057, vec![0, 0, 0, 1, 0])])
                        .file(),
                ]
            },
        ),
        kind("PSD: colors that nobody has", Malformed, || {
            vec![
                sound().with(|psd| psd.mode = 99).file(),
                sound().with(|psd| psd.depth = 7).file(),
                sound().with(|psd| psd.channels = 2).file(),
                sound()
                    .with(|psd| (psd.mode, psd.palette) = (Psd::INDEXED, vec![0; 700]))
                    .file(),
            ]
        }),
        kind(
            "PSD: Lab, loose channels, samples of 32 bits, zipped rows",
            Unsupported,
            || {
                vec![
                    sound().with(|psd| psd.mode = 9).file(),
                    sound().with(|psd| psd.mode = 7).file(),
                    sound().with(|psd| psd.depth = 32).file(),
                    sound().with(|psd| psd.data = vec![0, 2, 1, 1]).file(),
                ]
            },
        ),
    ]
}

fn rows() -> Vec<Kind> {
    vec![
        kind("PSD: rows of other lengths than they say", Answer, || {
            let file = sound().file();
            let lengths = file.len() - sound().data.len() + 2;
            flipped(&file, lengths..lengths + 240)
        }),
        kind("PSD: runs that are longer than a row", Thumbnail, || {
            let data = [&[0, 1], [0, 2].repeat(8).as_slice(), &[0x81, 7].repeat(8)].concat();
            let gray = Psd::new(Psd::GRAY, (1, 1), &[7]);
            vec![
                gray.with(|psd| (psd.sides, psd.data) = ((8, 8), data))
                    .file(),
            ]
        }),
        kind(
            "PSD: indices of a palette that is all one color",
            Thumbnail,
            || {
                let samples: Vec<u8> = (0..=255).collect();
                let psd = Psd::new(Psd::INDEXED, (16, 16), &samples);
                vec![psd.with(|psd| psd.palette = vec![9; 768]).file()]
            },
        ),
    ]
}
