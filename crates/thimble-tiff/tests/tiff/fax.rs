//! Fax as senders and scanners write it, and as lines damage it.

use fax::maps::{Mode, black, mode, white};
use fax::{BitWriter, Bits, Color, VecWriter};

use super::shown::{HEIGHT, Shown, WIDTH, is_black};
use super::writer::Tiff;

/// Separation of rows.
#[derive(Clone, Copy)]
struct Style {
    /// Rows begin with the code that ends the row before.
    has_ends: bool,
    /// The same code, ending with a byte.
    is_aligned: bool,
    /// Every so many rows one of runs, the others of differences; 1 for runs alone.
    every: u32,
    /// The page ends with six such codes.
    has_end_of_page: bool,
}

const PLAIN: Style = Style {
    has_ends: true,
    is_aligned: false,
    every: 1,
    has_end_of_page: true,
};

/// Writes bits, and counts them.
struct Line {
    writer: VecWriter,
    count: usize,
}

impl Line {
    fn put(&mut self, bits: Bits) {
        self.count += usize::from(bits.len);
        self.writer.write(bits).unwrap();
    }

    fn end_of_row(&mut self, style: Style, has_differences: bool) {
        while style.is_aligned && self.count % 8 != 4 {
            self.put(Bits { data: 0, len: 1 });
        }
        self.put(Bits { data: 1, len: 12 });
        if style.every > 1 {
            let data = u16::from(!has_differences);
            self.put(Bits { data, len: 1 });
        }
    }

    fn run(&mut self, color: Color, mut length: u16) {
        let code = |length| match color {
            Color::White => white::encode(length),
            Color::Black => black::encode(length),
        };
        if length >= 64 {
            self.put(code(length / 64 * 64).unwrap());
            length %= 64;
        }
        self.put(code(length).unwrap());
    }

    fn runs(&mut self, y: u32) {
        let (mut color, mut from) = (Color::White, 0);
        for at in changes(y).into_iter().chain([WIDTH as u16]) {
            self.run(color, at - from);
            (from, color) = (at, !color);
        }
    }

    /// The bands move by a pixel from row to row, so that each change is one to the
    /// left of one above; those that are not are written as runs.
    fn differences(&mut self, y: u32) {
        let (above, line) = (changes(y - 1), changes(y));
        let moved: Vec<u16> = above.iter().filter_map(|at| at.checked_sub(1)).collect();
        if line == moved && !above.is_empty() && above[0] > 0 {
            for _ in &line {
                self.put(mode::encode(Mode::Vertical(-1)).unwrap());
            }
            self.put(mode::encode(Mode::Vertical(0)).unwrap());
            return;
        }
        let ends: Vec<u16> = line.into_iter().chain([WIDTH as u16; 2]).collect();
        let mut from = 0;
        for pair in ends.chunks_exact(2) {
            if from == WIDTH as u16 {
                break;
            }
            self.put(mode::encode(Mode::Horizontal).unwrap());
            self.run(Color::White, pair[0] - from);
            self.run(Color::Black, pair[1] - pair[0]);
            from = pair[1];
        }
    }
}

/// Columns at which a row changes its color.
fn changes(y: u32) -> Vec<u16> {
    let color = |x: u32| is_black(x, y);
    let is_change = |x: &u32| color(*x) != (*x > 0 && color(x - 1));
    (0..WIDTH).filter(is_change).map(|x| x as u16).collect()
}

/// The page, with some rows damaged.
fn page(style: Style, damaged: &[u32]) -> Vec<u8> {
    let mut line = Line {
        writer: VecWriter::new(),
        count: 0,
    };
    for y in 0..HEIGHT {
        let has_differences = !y.is_multiple_of(style.every);
        if style.has_ends {
            line.end_of_row(style, has_differences);
        }
        match (damaged.contains(&y), has_differences) {
            // Nine zeros begin no code.
            (true, _) => line.put(Bits {
                data: 0b1_1111,
                len: 14,
            }),
            (false, true) => line.differences(y),
            (false, false) => line.runs(y),
        }
        if !style.has_ends && style.is_aligned {
            while !line.count.is_multiple_of(8) {
                line.put(Bits { data: 0, len: 1 });
            }
        }
    }
    if style.has_end_of_page {
        for _ in 0..6 {
            line.end_of_row(style, false);
        }
    }
    line.writer.finish()
}

fn tiff(compression: u32, options: u32, page: Vec<u8>) -> Tiff {
    Tiff::new(WIDTH, HEIGHT, page)
        .short(258, &[1])
        .short(259, &[compression])
        .short(262, &[0])
        .long(292, &[options])
}

#[test]
fn rows_of_runs_and_of_differences_are_read_with_and_without_fill_bits() {
    for every in [1, 2, 4] {
        for is_aligned in [false, true] {
            for has_end_of_page in [false, true] {
                let style = Style {
                    every,
                    is_aligned,
                    has_end_of_page,
                    ..PLAIN
                };
                let options = u32::from(every > 1) | u32::from(is_aligned) << 2;
                let shown = Shown::of(&tiff(3, options, page(style, &[])).finish());
                shown.expect_black_and_white(0..HEIGHT);
                assert_eq!(shown.warnings, Vec::<String>::new());
            }
        }
    }
}

#[test]
fn rows_of_runs_are_read_without_the_codes_that_end_them() {
    let style = Style {
        has_ends: false,
        has_end_of_page: false,
        ..PLAIN
    };
    let shown = Shown::of(&tiff(3, 0, page(style, &[])).finish());
    shown.expect_black_and_white(0..HEIGHT);
    let aligned = Style {
        is_aligned: true,
        ..style
    };
    let shown = Shown::of(&tiff(2, 0, page(aligned, &[])).finish());
    shown.expect_black_and_white(0..HEIGHT);
    assert_eq!(shown.warnings, Vec::<String>::new());
}

#[test]
fn a_damaged_row_costs_itself_alone_and_looks_like_the_one_above() {
    for (is_aligned, damaged) in [(false, vec![9]), (true, vec![9, 10, 20])] {
        let style = Style {
            is_aligned,
            ..PLAIN
        };
        let shown = Shown::of(&tiff(3, 0, page(style, &damaged)).finish());
        let sound = (0..HEIGHT).filter(|y| !damaged.contains(y));
        sound.for_each(|y| shown.expect_black_and_white(y..y + 1));
        for x in 0..WIDTH {
            let row = |y| shown.picture.get_pixel(x, y);
            assert_eq!(row(8), row(9), "at {x}");
        }
        assert!(!shown.warnings.is_empty());
    }
}

#[test]
fn a_damaged_row_of_differences_costs_no_more_than_those_up_to_the_next_of_runs() {
    let style = Style { every: 4, ..PLAIN };
    let shown = Shown::of(&tiff(3, 1, page(style, &[10])).finish());
    shown.expect_black_and_white(0..10);
    shown.expect_black_and_white(12..HEIGHT);
    assert!(!shown.warnings.is_empty());
}

/// True if a row is one of the picture at its place, or near it: an end of a row that is
/// damaged moves those below by one, and the first of all by two.
fn is_there(shown: &Shown, y: u32) -> bool {
    let is_row = |wanted: u32| {
        (0..WIDTH).all(|x| (shown.picture.get_pixel(x, y).0[0] == 0) == is_black(x, wanted))
    };
    (y.saturating_sub(2)..=y + 1).any(is_row)
}

#[test]
fn a_bit_that_is_wrong_costs_a_few_rows_wherever_it_is() {
    for (every, most) in [(1, 3), (2, 3), (4, 5)] {
        let style = Style { every, ..PLAIN };
        let sound = page(style, &[]);
        // The codes that end the page do not lie between rows.
        for bit in 0..8 * sound.len() - 6 * 13 {
            let mut page = sound.clone();
            page[bit / 8] ^= 0x80 >> (bit % 8);
            let shown = Shown::of(&tiff(3, u32::from(every > 1), page).finish());
            let lost = (0..HEIGHT).filter(|y| !is_there(&shown, *y)).count();
            assert!(
                lost <= most,
                "{lost} rows for bit {bit}, runs every {every}"
            );
        }
    }
}

#[test]
fn a_page_that_ends_early_is_shown_up_to_there_with_a_warning() {
    for compression in [3, 4] {
        let page = match compression {
            3 => page(PLAIN, &[]),
            _ => group4(),
        };
        let half = page[..page.len() / 2].to_vec();
        let shown = Shown::of(&tiff(compression, 0, half).finish());
        shown.expect_black_and_white(0..10);
        assert!(!shown.warnings.is_empty(), "{compression}");
    }
}

#[test]
fn a_page_without_a_length_is_read_up_to_its_end() {
    for (compression, page) in [(3, page(PLAIN, &[])), (4, group4())] {
        for stated in [|_| 0, |length: usize| length - 3] {
            let shown = Shown::of(&tiff(compression, 0, page.clone()).stating(stated).finish());
            shown.expect_black_and_white(0..HEIGHT);
            assert_eq!(shown.warnings, Vec::<String>::new());
        }
    }
}

/// The page as differences alone.
fn group4() -> Vec<u8> {
    let mut encoder = fax::encoder::Encoder::new(VecWriter::new());
    for y in 0..HEIGHT {
        let color = |x| {
            if is_black(x, y) {
                Color::Black
            } else {
                Color::White
            }
        };
        encoder
            .encode_line((0..WIDTH).map(color), WIDTH as u16)
            .unwrap();
    }
    encoder.finish().unwrap().finish()
}
