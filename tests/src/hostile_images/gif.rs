//! Hostile GIF.

use testkit::Numbers;

use super::Verdict::{Answer, Limit, Malformed, Thumbnail};
use super::{Kind, Kinds, kind, poster};

#[path = "../../../crates/thimble-lzw/samples/codes.rs"]
mod codes;

use codes::packed;

pub(super) const KINDS: &[Kinds] = &[kinds, posters];

fn kinds() -> Vec<Kind> {
    vec![
        kind("GIF: a canvas of 65,535 x 65,535 pixels", Limit, || {
            vec![file((65_535, 65_535), &frame((0, 0), (1, 1), 2, &DOT))]
        }),
        kind(
            "GIF: a frame of 65,535 x 65,535 pixels on a small canvas",
            Limit,
            || vec![file((1, 1), &frame((0, 0), (65_535, 65_535), 2, &DOT))],
        ),
        kind("GIF: a frame at 65,535 x 65,535", Limit, || {
            vec![file((8, 8), &frame((65_535, 65_535), (8, 8), 2, &DOT))]
        }),
        kind(
            "GIF: a frame that reaches beyond the canvas",
            Thumbnail,
            || vec![file((8, 8), &frame((4, 4), (8, 8), 2, &zeros(64)))],
        ),
        kind(
            "GIF: a block of no known kind that hides a frame of 65,535 x 65,535 pixels",
            Answer,
            || {
                let small = frame((0, 0), (8, 8), 2, &DOT);
                let hiding = [&[1, small.len() as u8], &small[..], &[0]].concat();
                let huge = frame((0, 0), (65_535, 65_535), 2, &DOT);
                vec![file((8, 8), &[hiding, huge].concat())]
            },
        ),
        kind("GIF: no canvas and an empty frame", Malformed, || {
            vec![file((0, 0), &frame((0, 0), (0, 0), 2, &DOT))]
        }),
        kind("GIF: an empty frame on a canvas", Malformed, || {
            vec![file((8, 8), &frame((0, 0), (0, 0), 2, &DOT))]
        }),
        kind(
            "GIF: 10,000 frames of 100 megapixels without pixels",
            Malformed,
            || {
                let nothing = frame((0, 0), (10_000, 10_000), 2, &[]);
                vec![file((10_000, 10_000), &nothing.repeat(10_000))]
            },
        ),
        kind("GIF: no frame", Malformed, || vec![file((8, 8), &[])]),
        kind("GIF: 100,000 frames", Thumbnail, || {
            vec![file(
                (8, 8),
                &frame((0, 0), (1, 1), 2, &DOT).repeat(100_000),
            )]
        }),
        kind(
            "GIF: 100,000 frames with palettes outside the canvas",
            Thumbnail,
            || {
                let first = frame((0, 0), (8, 8), 2, &zeros(64));
                let mut other = frame((65_535, 65_535), (65_535, 65_535), 2, &DOT);
                other[9] = 0x80;
                other.splice(10..10, [0; 6]);
                vec![file((8, 8), &[first, other.repeat(100_000)].concat())]
            },
        ),
        kind("GIF: 100 megapixels in 20 kB", Thumbnail, || {
            vec![file(
                (10_000, 10_000),
                &frame((0, 0), (10_000, 10_000), 8, &bomb(100_000_000)),
            )]
        }),
        kind("GIF: 200 megapixels", Limit, || {
            vec![file(
                (20_000, 10_000),
                &frame((0, 0), (20_000, 10_000), 8, &bomb(1_000_000)),
            )]
        }),
        kind(
            "GIF: 100 megapixels, interlaced, that end early",
            Thumbnail,
            || {
                let mut frame = frame((0, 0), (10_000, 10_000), 8, &bomb(10_000_000));
                frame[9] = 0x40;
                vec![file((10_000, 10_000), &frame)]
            },
        ),
        kind("GIF: 8 MB of zeros between blocks", Thumbnail, || {
            let frame = frame((0, 0), (8, 8), 2, &zeros(64));
            vec![file((8, 8), &[vec![0; 8 << 20], frame].concat())]
        }),
        kind("GIF: 100 megapixels and no data", Answer, || {
            vec![file(
                (10_000, 10_000),
                &frame((0, 0), (10_000, 10_000), 2, &DOT),
            )]
        }),
        kind("GIF: impossible code sizes", Answer, || {
            [0, 1, 9, 11, 12, 13, 64, 255]
                .map(|size| file((8, 8), &frame((0, 0), (8, 8), size, &zeros(64))))
                .to_vec()
        }),
        kind("GIF: codes that are not there yet", Answer, || {
            vec![file(
                (8, 8),
                &frame((0, 0), (8, 8), 2, &[0xfc, 0xff, 0xff, 0xff]),
            )]
        }),
        kind("GIF: nothing but clear codes for 4 MB", Answer, || {
            // The code that clears is 100, again and again.
            let data = [0x24, 0x49, 0x92].repeat((4 << 20) / 3);
            vec![file((64, 64), &frame((0, 0), (64, 64), 2, &data))]
        }),
        kind("GIF: noise for 4 MB", Answer, || {
            let data = Numbers::new(5).bytes(4 << 20);
            vec![file(
                (4_000, 4_000),
                &frame((0, 0), (4_000, 4_000), 8, &data),
            )]
        }),
        kind("GIF: 8 MB of extensions and no frame", Malformed, || {
            vec![file((8, 8), &b"!\xfe\x01a\0".repeat((8 << 20) / 5))]
        }),
        kind(
            "GIF: 8 MB of extensions before the frame",
            Thumbnail,
            || {
                let blocks = b"!\xf9\x04\x01\0\0\xff\0".repeat(1 << 20);
                vec![file(
                    (8, 8),
                    &[blocks, frame((0, 0), (8, 8), 2, &zeros(64))].concat(),
                )]
            },
        ),
        kind("GIF: an extension without end", Malformed, || {
            vec![file(
                (8, 8),
                &[b"!\xfe".as_slice(), &vec![0xff; 4 << 20]].concat(),
            )]
        }),
        kind("GIF: no palette at all", Thumbnail, || {
            let mut source = file((8, 8), &frame((0, 0), (8, 8), 2, &zeros(64)));
            source[10] = 0;
            source.drain(13..19);
            vec![source]
        }),
        kind(
            "GIF: a transparent color beyond the palette",
            Thumbnail,
            || {
                let control = b"!\xf9\x04\x01\0\0\xff\0".as_slice();
                vec![file(
                    (8, 8),
                    &[control, &frame((0, 0), (8, 8), 2, &zeros(64))].concat(),
                )]
            },
        ),
        kind("GIF: interlaced, and most rows missing", Answer, || {
            let mut frame = frame((0, 0), (4_000, 4_000), 2, &zeros(64));
            frame[9] = 0x40;
            vec![file((4_000, 4_000), &frame)]
        }),
        kind("GIF: palettes announced and not there", Answer, || {
            let mut source = file((8, 8), &[]);
            source[10] = 0xf7;
            vec![source]
        }),
    ]
}

/// Animations in which a frame that shows something is looked for.
fn posters() -> Vec<Kind> {
    vec![
        poster("GIF: the poster of 100,000 blank frames", Thumbnail, || {
            let dot = frame((0, 0), (1, 1), 2, &DOT);
            [(8, 8), (1_000, 1_000), (10_000, 10_000)]
                .map(|sides| file(sides, &dot.repeat(100_000)))
                .to_vec()
        }),
        poster(
            "GIF: the poster of blank frames that put back what they covered",
            Thumbnail,
            || {
                let control = b"!\xf9\x04\x0c\0\0\0\0".as_slice();
                let frame = frame((0, 0), (1_800, 1_800), 8, &bomb(3_240_000));
                let frames = [control, &frame].concat().repeat(1_000);
                vec![file((1_800, 1_800), &frames)]
            },
        ),
        poster(
            "GIF: the poster has 65,535 x 65,535 pixels",
            Thumbnail,
            || {
                let small = frame((0, 0), (8, 8), 2, &zeros(64));
                [(0, 0), (65_535, 65_535)]
                    .map(|place| {
                        let huge = frame(place, (65_535, 65_535), 2, &DOT);
                        file((8, 8), &[&small[..], &huge].concat())
                    })
                    .to_vec()
            },
        ),
    ]
}

/// Codes of 3 bits: clear, a pixel of color 0, end.
const DOT: [u8; 2] = [0b0100_0100, 0b0000_0001];

/// A file with a palette of two colors.
fn file((width, height): (u16, u16), blocks: &[u8]) -> Vec<u8> {
    let sides = [width.to_le_bytes(), height.to_le_bytes()];
    let screen = [0x80, 0, 0, 0, 0, 0, 255, 255, 255];
    [b"GIF89a", sides.as_flattened(), &screen, blocks, b";"].concat()
}

fn frame((left, top): (u16, u16), (width, height): (u16, u16), size: u8, data: &[u8]) -> Vec<u8> {
    let place = [left, top, width, height].map(u16::to_le_bytes);
    let mut frame = [b",", place.as_flattened(), &[0, size]].concat();
    for block in data.chunks(255) {
        frame.push(block.len() as u8);
        frame.extend(block);
    }
    frame.push(0);
    frame
}

/// So many pixels of color 0 in codes of 3 bits, cleared before they grow.
fn zeros(pixels: usize) -> Vec<u8> {
    let codes = (0..pixels).flat_map(|_| [4u16, 0]).chain([5]);
    packed(codes.map(|code| (code, 3)))
}

/// So many pixels of color 0, each code a longer run of them than the one before.
fn bomb(pixels: usize) -> Vec<u8> {
    let (mut codes, mut made, mut next, mut run) = (vec![(256u16, 9u32), (0, 9)], 1, 258u16, 1);
    while made < pixels {
        run = (run + 1).min(3_837);
        let width = (16 - next.min(4_095).leading_zeros()).clamp(9, 12);
        codes.push((next.min(4_095), width));
        next = next.saturating_add(1).min(4_096);
        made += run;
    }
    codes.push((257, 12));
    packed(codes)
}
