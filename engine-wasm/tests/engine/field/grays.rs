//! Grays, and what a profile or numbers make of them.

use moxcms::ColorProfile;

use super::png::{Png, RGB, zipped};
use super::shown::{HEIGHT, Shown, WIDTH};
use super::tiff_writer::Tiff;

/// Levels of gray, one a column, over and over.
const LEVELS: [u8; 8] = [0, 16, 32, 64, 96, 128, 192, 255];

fn level(x: u32) -> u8 {
    LEVELS[x as usize % LEVELS.len()]
}

const GRAY: Png = Png {
    color: 0,
    depth: 8,
    is_interlaced: false,
    before: vec![],
    pixel: |x, _| vec![level(x)],
};

/// The grays of the first row.
fn levels(shown: &Shown) -> Vec<[u8; 4]> {
    (0..LEVELS.len() as u32)
        .map(|x| shown.picture.get_pixel(x, 0).0)
        .collect()
}

#[test]
fn grabs_of_video_keep_their_values() {
    let colors = Png {
        pixel: |x, _| vec![level(x); 3],
        ..RGB
    };
    for points in [[1, 1, 0, 1], [5, 6, 0, 1], [9, 14, 0, 1], [9, 15, 0, 1]] {
        for page in [&GRAY, &colors] {
            let shown = Shown::of(&page.clone().with(b"cICP", &points).finish());
            for (made, stored) in levels(&shown).iter().zip(LEVELS) {
                assert!(made[0].abs_diff(stored) <= 1, "{made:?}, not {stored}");
            }
        }
    }
}

/// The alpha of every pixel that has one.
const ALPHA: u8 = 200;

/// A profile of gray whose samples are light.
fn linear() -> Vec<u8> {
    ColorProfile::new_gray_with_gamma(1.0).encode().unwrap()
}

/// Fails unless the grays are others than the stored ones, and those that were made of a
/// picture without alpha, wherever they show.
fn expect_same(opaque: &Shown, shown: &Shown, alpha: u8) {
    let (opaque, made) = (levels(opaque), levels(shown));
    assert!(opaque[3][0] > LEVELS[3] + 50, "{opaque:?}");
    for (wanted, made) in opaque.iter().zip(&made).filter(|(_, made)| made[3] > 0) {
        assert_eq!(made, &[wanted[0], wanted[1], wanted[2], alpha]);
    }
}

#[test]
fn grays_with_alpha_are_the_colors_of_those_without() {
    let with_alpha = Png {
        color: 4,
        pixel: |x, _| vec![level(x), ALPHA],
        ..RGB
    };
    let profile = [b"p\0\0".as_slice(), &zipped(&linear())].concat();
    let gamma = 100_000_u32.to_be_bytes();
    for (kind, data) in [
        (b"iCCP", profile.as_slice()),
        (b"gAMA", gamma.as_slice()),
        (b"cICP", [1, 8, 0, 1].as_slice()),
    ] {
        let page = GRAY.with(kind, data);
        let opaque = Shown::of(&page.finish());
        let half = Shown::of(&with_alpha.clone().with(kind, data).finish());
        expect_same(&opaque, &half, ALPHA);
        assert_eq!(half.warnings, Vec::<String>::new());
        let key = Shown::of(&page.clone().with(b"tRNS", &[0, 128]).finish());
        expect_same(&opaque, &key, 255);
        assert_eq!(key.picture.get_pixel(5, 0).0[3], 0);
        assert_eq!(key.warnings, Vec::<String>::new());
        let rows = page.rows();
        let cut = Shown::of(&page.finish_with(&rows[..rows.len() / 2]));
        expect_same(&opaque, &cut, 255);
        cut.expect_warning("missing");
        assert_eq!(cut.warnings.len(), 1, "{:?}", cut.warnings);
    }
}

#[test]
fn grays_of_a_tiff_with_alpha_are_the_colors_of_those_without() {
    let page = |channels: usize| {
        let row = (0..WIDTH).flat_map(|x| [level(x), ALPHA].into_iter().take(channels));
        let rows = row.collect::<Vec<u8>>().repeat(HEIGHT as usize);
        let page = Tiff::new(WIDTH, HEIGHT, rows).short(262, &[1]);
        page.short(258, &vec![8; channels])
            .short(277, &[channels as u32])
            .bytes(34_675, &linear())
    };
    let opaque = Shown::of(&page(1).finish());
    let half = Shown::of(&page(2).short(338, &[2]).finish());
    expect_same(&opaque, &half, ALPHA);
    assert_eq!(half.warnings, Vec::<String>::new());
}

#[test]
fn a_profile_of_grays_says_nothing_of_colors() {
    let colors = Png {
        color: 6,
        pixel: |x, y| vec![level(x), level(x), if y == 3 { 7 } else { level(x) }, ALPHA],
        ..RGB
    };
    let profile = [b"p\0\0".as_slice(), &zipped(&linear())].concat();
    let shown = Shown::of(&colors.with(b"iCCP", &profile).finish());
    shown.expect_warning("the color profile is ignored");
    for (made, stored) in levels(&shown).iter().zip(LEVELS) {
        assert_eq!(made, &[stored, stored, stored, ALPHA]);
    }
}
