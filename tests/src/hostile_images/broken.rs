//! Sound images, broken: cut short, with flipped bits, with noise inside.

use testkit::Numbers;

use super::Verdict::Answer;
use super::{Kind, Kinds, kind, sound};

pub(super) const KINDS: &[Kinds] = &[kinds];

fn kinds() -> Vec<Kind> {
    vec![
        kind("JPEG: cut short at every kilobyte", Answer, || short("jpg")),
        kind("PNG: cut short at every kilobyte", Answer, || short("png")),
        kind("GIF: cut short at every kilobyte", Answer, || short("gif")),
        kind("WebP: cut short at every kilobyte", Answer, || {
            short("webp")
        }),
        kind("BMP: cut short at every kilobyte", Answer, || short("bmp")),
        kind("TIFF: cut short at every kilobyte", Answer, || {
            short("tiff")
        }),
        kind("ICO: cut short at every kilobyte", Answer, || short("ico")),
        kind("JPEG: flipped bits", Answer, || flipped("jpg")),
        kind("JPEG: flipped bits, progressive", Answer, || {
            flipped("progressive.jpg")
        }),
        kind("PNG: flipped bits", Answer, || flipped("png")),
        kind("GIF: flipped bits", Answer, || flipped("gif")),
        kind("WebP: flipped bits", Answer, || flipped("webp")),
        kind("BMP: flipped bits", Answer, || flipped("bmp")),
        kind("BMP: flipped bits, in runs", Answer, || flipped("runs.bmp")),
        kind("TIFF: flipped bits", Answer, || flipped("tiff")),
        kind("ICO: flipped bits", Answer, || flipped("ico")),
        kind("any format: the first bytes, then noise", Answer, noise),
        kind("any format: the first half twice", Answer, || {
            sources()
                .map(|source| {
                    let half = &source[..source.len() / 2];
                    [half, half].concat()
                })
                .collect()
        }),
    ]
}

fn sources() -> impl Iterator<Item = Vec<u8>> {
    sound::sources().into_iter().map(|(_, source)| source)
}

/// Cut at each byte of the beginning, where the headers are, and then at each
/// kilobyte.
fn short(extension: &str) -> Vec<Vec<u8>> {
    let source = sound::source(extension);
    let headers = 0..source.len().min(64);
    headers
        .chain((0..source.len()).step_by(1024))
        .map(|length| source[..length].to_vec())
        .collect()
}

/// A bit or a few, every other time within the headers.
fn flipped(extension: &str) -> Vec<Vec<u8>> {
    let source = sound::source(extension);
    let mut random = Numbers::new(0x9e37_79b9_7f4a_7c15);
    let flip = |round: usize| {
        let mut damaged = source.clone();
        let reach = if round.is_multiple_of(2) {
            damaged.len()
        } else {
            damaged.len().min(128)
        };
        for _ in 0..1 + round % 4 {
            damaged[random.below(reach)] ^= 1 << random.below(8);
        }
        damaged
    };
    (0..64).map(flip).collect()
}

fn noise() -> Vec<Vec<u8>> {
    let mut random = Numbers::new(17);
    sources()
        .flat_map(|source| [4, 16, 32, 64].map(|kept| source[..kept].to_vec()))
        .map(|start| [start, random.bytes(65_536)].concat())
        .collect()
}
