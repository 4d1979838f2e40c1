//! Hostile ICO and CUR.

use super::Verdict::{Answer, Limit, Malformed, Thumbnail, Unsupported};
use super::bytes::zipped_zeros;
use super::{Kind, Kinds, kind, png, sound};

pub(super) const KINDS: &[Kinds] = &[kinds];

fn kinds() -> Vec<Kind> {
    vec![
        kind("ICO: 65,535 entries for one picture", Thumbnail, || {
            vec![file(65_535, 6 + 16 * 65_535, &bitmap(8, 16))]
        }),
        kind("ICO: 65,535 entries that are not there", Answer, || {
            let mut source = file(1, 22, &bitmap(8, 16));
            source.splice(4..6, [0xff; 2]);
            vec![source]
        }),
        kind("ICO: no entries", Unsupported, || {
            vec![b"\0\0\x01\0\0\0".to_vec(), file(0, 22, &bitmap(8, 16))]
        }),
        kind(
            "ICO: a PNG inside that claims 2,147,483,647 pixels a side",
            Limit,
            || {
                let side = i32::MAX as u32;
                vec![file(1, 22, &png::flat(side, side, 8, 6, 0, &[]))]
            },
        ),
        kind("ICO: a PNG of 100 megapixels inside", Thumbnail, || {
            vec![file(1, 22, &png::whole(10_000, 10_000, 8, 0, 0, &[]))]
        }),
        kind("ICO: a PNG inside that inflates to 100 MB", Answer, || {
            vec![file(
                1,
                22,
                &png::flat(8, 8, 8, 6, 0, &zipped_zeros(100 << 20)),
            )]
        }),
        kind(
            "ICO: a bitmap of 2,147,483,647 pixels a side inside",
            Limit,
            || vec![file(1, 22, &bitmap(i32::MAX, i32::MAX))],
        ),
        kind(
            "ICO: a bitmap without width or height inside",
            Malformed,
            || {
                [(0, 0), (8, 1), (0, 16)]
                    .map(|(width, height)| file(1, 22, &bitmap(width, height)))
                    .to_vec()
            },
        ),
        kind(
            "ICO: 100 megapixels of a bitmap, and no data",
            Thumbnail,
            || vec![file(1, 22, &bitmap(10_000, 20_000))],
        ),
        kind("ICO: an icon, a JPEG, a GIF, a WebP inside", Answer, || {
            ["ico", "jpg", "gif", "webp"]
                .map(|inner| file(1, 22, &sound::source(inner)))
                .to_vec()
        }),
        kind(
            "ICO: a picture behind the end of the file",
            Malformed,
            || {
                [0x7fff_ffffu32, u32::MAX]
                    .map(|offset| file(1, offset as usize, &bitmap(8, 16)))
                    .to_vec()
            },
        ),
        kind(
            "ICO: a picture that is its own directory",
            Unsupported,
            || {
                [0usize, 4, 6, 21]
                    .map(|offset| file(1, offset, &[0; 64]))
                    .to_vec()
            },
        ),
        kind(
            "ICO: a bitmap with runs, masks and odd depths inside",
            Answer,
            || {
                [
                    (1u16, 1u32),
                    (2, 0),
                    (4, 2),
                    (8, 1),
                    (16, 3),
                    (24, 0),
                    (32, 3),
                    (32, 6),
                    (64, 0),
                ]
                .map(|(bits, compression)| {
                    let mut inner = bitmap(16, 32);
                    inner.splice(14..16, bits.to_le_bytes());
                    inner.splice(16..20, compression.to_le_bytes());
                    file(1, 22, &inner)
                })
                .to_vec()
            },
        ),
    ]
}

/// A directory of so many entries, all of which say that the picture, at the end
/// of the file, is at `offset`.
fn file(entries: u16, offset: usize, picture: &[u8]) -> Vec<u8> {
    let mut entry = vec![0, 0, 0, 0, 1, 0, 32, 0];
    entry.extend((picture.len() as u32).to_le_bytes());
    entry.extend((offset as u32).to_le_bytes());
    let start = [0, 0, 1, 0, entries as u8, (entries >> 8) as u8];
    let directory = entry.repeat(usize::from(entries).max(1));
    [&start, directory.as_slice(), picture].concat()
}

/// A bitmap of 32 bits with room for 8 by 8 pixels.
fn bitmap(width: i32, height: i32) -> Vec<u8> {
    let mut bitmap = 40u32.to_le_bytes().to_vec();
    bitmap.extend([width, height].map(i32::to_le_bytes).as_flattened());
    bitmap.extend([1, 0, 32, 0]);
    bitmap.resize(40, 0);
    bitmap.resize(40 + 8 * 8 * 4 + 32, 0x80);
    bitmap
}
