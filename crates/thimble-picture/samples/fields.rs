//! A picture for the tests of codecs, and a comparison with it.

use image::{Rgba, RgbaImage};

/// Sides of the picture.
pub(crate) const WIDTH: u32 = 48;
pub(crate) const HEIGHT: u32 = 32;

/// The picture: four fields of one color each.
pub(crate) fn color(x: u32, y: u32) -> [u8; 3] {
    match (x < WIDTH / 2, y < HEIGHT / 2) {
        (true, true) => [200, 50, 40],
        (false, true) => [50, 170, 70],
        (true, false) => [50, 80, 200],
        (false, false) => [220, 200, 60],
    }
}

/// Its pixels, row by row.
pub(crate) fn pixels() -> Vec<[u8; 3]> {
    (0..HEIGHT)
        .flat_map(|y| (0..WIDTH).map(move |x| color(x, y)))
        .collect()
}

/// The same in black and white: diagonal bands.
pub(crate) fn is_black(x: u32, y: u32) -> bool {
    (x + y) % 13 < 6
}

/// A decoded source.
pub(crate) struct Shown {
    pub(crate) picture: RgbaImage,
    pub(crate) warnings: Vec<String>,
}

impl Shown {
    /// Fails unless every pixel of some rows is that of the picture. Lossy formats,
    /// which need some tolerance, may blur the edges of its fields.
    pub(crate) fn expect_rows(&self, rows: std::ops::Range<u32>, tolerance: u8) {
        assert_eq!(self.picture.dimensions(), (WIDTH, HEIGHT));
        for (x, y, Rgba(made)) in self.picture.enumerate_pixels() {
            let [red, green, blue] = color(x, y);
            let wanted = [red, green, blue, 255];
            let far = wanted
                .iter()
                .zip(made)
                .any(|(a, b)| a.abs_diff(*b) > tolerance);
            let is_near = |at: u32, edge: u32| at.abs_diff(edge) <= 2;
            let is_edge = is_near(x, WIDTH / 2) || is_near(y, HEIGHT / 2);
            let is_excused = is_edge && tolerance > 5;
            assert!(
                !rows.contains(&y) || !far || is_excused,
                "{made:?} at {x}, {y}, not {wanted:?}; warnings: {:?}",
                self.warnings
            );
        }
    }

    /// Fails unless the picture is shown as a whole, without a warning.
    pub(crate) fn expect_whole(&self, tolerance: u8) {
        self.expect_rows(0..HEIGHT, tolerance);
        assert_eq!(self.warnings, Vec::<String>::new());
    }

    /// Fails unless the first warning says some words.
    pub(crate) fn expect_warning(&self, words: &str) {
        let warnings = &self.warnings;
        assert!(warnings[0].contains(words), "{warnings:?}");
    }

    /// Fails unless some rows are those in black and white.
    pub(crate) fn expect_black_and_white(&self, rows: std::ops::Range<u32>) {
        for (x, y, Rgba([made, ..])) in self.picture.enumerate_pixels() {
            let wanted = if is_black(x, y) { 0 } else { 255 };
            assert!(!rows.contains(&y) || *made == wanted, "at {x}, {y}");
        }
    }
}
