//! PNG with parts that make no sense, without its end, and in colors of its own.

use std::io::Write;

use moxcms::{ColorProfile, ToneReprCurve};

use super::shown::{HEIGHT, Shown, WIDTH, color, expect_unsupported, pixels};
use testkit::sources;

/// A file in the making: chunks, and rows of a color type and depth.
#[derive(Clone)]
pub(super) struct Png {
    pub(super) color: u8,
    pub(super) depth: u8,
    pub(super) is_interlaced: bool,
    pub(super) before: Vec<(&'static [u8; 4], Vec<u8>)>,
    /// Samples of a pixel, as stored.
    pub(super) pixel: fn(u32, u32) -> Vec<u8>,
}

pub(super) const RGB: Png = Png {
    color: 2,
    depth: 8,
    is_interlaced: false,
    before: vec![],
    pixel: |x, y| color(x, y).to_vec(),
};

impl Png {
    pub(super) fn with(mut self, kind: &'static [u8; 4], data: &[u8]) -> Png {
        self.before.push((kind, data.to_vec()));
        self
    }

    /// Rows with their filters, not yet compressed.
    pub(super) fn rows(&self) -> Vec<u8> {
        let passes = testkit::passes(self.is_interlaced);
        let mut rows = vec![];
        for [left, top, across, down] in passes {
            for y in (*top as u32..HEIGHT).step_by(*down) {
                rows.push(0);
                let columns = (*left as u32..WIDTH).step_by(*across);
                rows.extend(columns.flat_map(|x| (self.pixel)(x, y)));
            }
        }
        rows
    }

    /// The file with so many bytes of rows.
    pub(super) fn finish_with(&self, rows: &[u8]) -> Vec<u8> {
        self.finish_with_stream(&zipped(rows))
    }

    fn finish_with_stream(&self, stream: &[u8]) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        let sides = [WIDTH, HEIGHT].map(u32::to_be_bytes).concat();
        let kind = [self.depth, self.color, 0, 0, self.is_interlaced.into()];
        add(&mut file, b"IHDR", &[&sides, &kind[..]].concat());
        for (kind, data) in &self.before {
            add(&mut file, kind, data);
        }
        add(&mut file, b"IDAT", stream);
        add(&mut file, b"IEND", &[]);
        file
    }

    pub(super) fn finish(&self) -> Vec<u8> {
        self.finish_with(&self.rows())
    }
}

fn add(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let from = file.len() + 4;
    file.extend((data.len() as u32).to_be_bytes());
    file.extend(kind);
    file.extend(data);
    let checksum = crc32fast::hash(&file[from..]);
    file.extend(checksum.to_be_bytes());
}

pub(super) fn zipped(data: &[u8]) -> Vec<u8> {
    // Stored, so that a part of it is a part of the rows.
    let mut encoder = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::none());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn gray(x: u32, y: u32) -> u8 {
    color(x, y)[1]
}

#[test]
fn a_suggested_palette_that_makes_no_sense_is_dropped() {
    let rgba = Png {
        color: 6,
        pixel: |x, y| [&color(x, y)[..], &[255]].concat(),
        ..RGB
    };
    for palette in [&[][..], &[1, 2], &[7; 900], &[9; 3]] {
        Shown::of(&RGB.with(b"PLTE", palette).finish()).expect_whole(0);
        Shown::of(&rgba.clone().with(b"PLTE", palette).finish()).expect_whole(0);
    }
    let twice = RGB.with(b"PLTE", &[1; 6]).with(b"PLTE", &[2; 6]).finish();
    Shown::of(&twice).expect_whole(0);
    let mut wrong = RGB.with(b"PLTE", &[1; 6]).finish();
    wrong[33 + 8 + 6] ^= 1;
    Shown::of(&wrong).expect_whole(0);
    let shades = Png {
        color: 0,
        pixel: |x, y| vec![gray(x, y)],
        ..RGB
    };
    let shown = Shown::of(&shades.with(b"PLTE", &[1]).finish());
    assert_eq!(shown.picture.get_pixel(0, 0).0, [50, 50, 50, 255]);
}

#[test]
fn a_part_of_a_color_behind_a_palette_is_passed_over() {
    let indexed = Png {
        color: 3,
        pixel: |x, y| vec![u8::from(x >= WIDTH / 2) + 2 * u8::from(y >= HEIGHT / 2)],
        ..RGB
    };
    let fields = [(0, 0), (WIDTH, 0), (0, HEIGHT), (WIDTH, HEIGHT)];
    let colors: Vec<u8> = fields.iter().flat_map(|(x, y)| color(*x, *y)).collect();
    for rest in [&[][..], &[9], &[9, 9]] {
        let page = indexed.clone().with(b"PLTE", &[&colors, rest].concat());
        Shown::of(&page.finish()).expect_whole(0);
    }
}

#[test]
fn rows_that_are_missing_are_transparent() {
    let rows = RGB.rows();
    let length = rows.len() / HEIGHT as usize;
    let short = RGB.finish_with(&rows[..rows.len() - 5]);
    let mut cut = RGB.finish();
    cut.truncate(33 + 8 + 7 + 20 * length + 9);
    let mut damaged = rows.clone();
    damaged[20 * length] = 77;
    for (file, there) in [
        (short, HEIGHT - 1),
        (cut, 20),
        (RGB.finish_with(&damaged), 20),
    ] {
        let shown = Shown::of(&file);
        shown.expect_rows(0..there, 0);
        let last = shown.picture.rows().next_back().unwrap();
        assert!(last.into_iter().all(|pixel| pixel.0 == [0; 4]));
        assert_eq!(shown.warnings.len(), 1, "{:?}", shown.warnings);
    }
}

#[test]
fn an_interlaced_picture_that_ends_early_is_coarse() {
    let interlaced = Png {
        is_interlaced: true,
        ..RGB
    };
    let rows = interlaced.rows();
    // Two passes, or nearly all of it: the fields begin at multiples of eight.
    for part in [rows.len() / 30, rows.len() / 3, rows.len() - 100] {
        let shown = Shown::of(&interlaced.finish_with(&rows[..part]));
        shown.expect_rows(0..HEIGHT, 0);
        assert!(!shown.warnings.is_empty());
    }
    let first = interlaced.finish_with(&rows[..2 * (1 + 3 * WIDTH as usize / 8)]);
    let shown = Shown::of(&first);
    shown.expect_rows(0..16, 0);
    assert_eq!(shown.picture.get_pixel(0, HEIGHT - 1).0, [0; 4]);
}

#[test]
fn a_wrong_checksum_of_whole_image_data_is_a_warning() {
    let mut file = RGB.finish();
    let at = file.len() - 12 - 4;
    file[at] ^= 1;
    let shown = Shown::of(&file);
    shown.expect_rows(0..HEIGHT, 0);
    shown.expect_warning("checksum");
    // The stream within the chunks has one of its own.
    for is_interlaced in [false, true] {
        let page = Png {
            is_interlaced,
            ..RGB
        };
        let mut stream = zipped(&page.rows());
        let at = stream.len() - 2;
        stream[at] ^= 1;
        let shown = Shown::of(&page.finish_with_stream(&stream));
        shown.expect_rows(0..HEIGHT, 0);
        shown.expect_warning("checksum");
    }
}

#[test]
fn colors_that_are_described_behind_the_pixels_are_passed_over() {
    let mut file = RGB.finish();
    let mut late = vec![];
    add(&mut late, b"gAMA", &100_000u32.to_be_bytes());
    file.splice(file.len() - 12..file.len() - 12, late);
    Shown::of(&file).expect_whole(0);
}

#[test]
fn a_png_of_xcode_is_named() {
    let mut file = RGB.finish();
    let mut head = b"\x89PNG\r\n\x1a\n".to_vec();
    add(&mut head, b"CgBI", &[0x50, 0, 0x20, 2]);
    file.splice(..8, head);
    expect_unsupported(&file, "CgBI");
}

/// Samples of 16 bits.
fn wide(values: impl IntoIterator<Item = f64>) -> Vec<u8> {
    let sample = |value: f64| ((value * 65_535.0).round() as u16).to_be_bytes();
    values.into_iter().flat_map(sample).collect()
}

/// Light of a channel of sRGB.
fn light(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.04045 {
        value / 12.92
    } else {
        ((value + 0.055) / 1.055).powf(2.4)
    }
}

const LINEAR: Png = Png {
    pixel: |x, y| {
        color(x, y)
            .map(|channel| (light(channel) * 255.0).round() as u8)
            .to_vec()
    },
    color: 2,
    depth: 8,
    is_interlaced: false,
    before: vec![],
};

const LINEAR_16: Png = Png {
    depth: 16,
    pixel: |x, y| wide(color(x, y).map(light)),
    color: 2,
    is_interlaced: false,
    before: vec![],
};

#[test]
fn a_gamma_counts_unless_something_else_describes_the_colors() {
    let one = 100_000_u32.to_be_bytes();
    Shown::of(&LINEAR.with(b"gAMA", &one).finish()).expect_whole(4);
    Shown::of(&LINEAR_16.with(b"gAMA", &one).finish()).expect_whole(1);
    let usual = 45_455_u32.to_be_bytes();
    Shown::of(&RGB.with(b"gAMA", &usual).finish()).expect_whole(0);
    let srgb = RGB.with(b"gAMA", &one).with(b"sRGB", &[0]);
    Shown::of(&srgb.finish()).expect_whole(0);
    let coded = RGB.with(b"gAMA", &one).with(b"cICP", &[1, 13, 0, 1]);
    Shown::of(&coded.finish()).expect_whole(0);
    for nonsense in [0, u32::MAX] {
        let file = RGB.with(b"gAMA", &nonsense.to_be_bytes()).finish();
        Shown::of(&file).expect_whole(0);
    }
    let shades = Png {
        color: 0,
        pixel: |x, y| vec![(light(gray(x, y)) * 255.0).round() as u8],
        ..RGB
    };
    let shown = Shown::of(&shades.with(b"gAMA", &one).finish());
    let [made, ..] = shown.picture.get_pixel(WIDTH - 1, 0).0;
    assert!(made.abs_diff(170) <= 2, "{made}");
}

/// The picture in Display P3.
fn p3(x: u32, y: u32) -> [f64; 3] {
    let [red, green, blue] = color(x, y).map(light);
    [
        0.822_462 * red + 0.177_538 * green,
        0.033_194 * red + 0.966_806 * green,
        0.017_083 * red + 0.072_397 * green + 0.910_520 * blue,
    ]
}

fn encoded(light: f64) -> f64 {
    if light <= 0.003_130_8 {
        12.92 * light
    } else {
        1.055 * light.powf(1.0 / 2.4) - 0.055
    }
}

fn eight() -> Png {
    Png {
        pixel: |x, y| {
            let bytes = p3(x, y).map(|light| (encoded(light) * 255.0).round() as u8);
            bytes.to_vec()
        },
        ..RGB
    }
}

#[test]
fn code_points_and_chromaticities_are_converted() {
    let eight = eight();
    let sixteen = Png {
        depth: 16,
        pixel: |x, y| wide(p3(x, y).map(encoded)),
        ..RGB
    };
    let linear = Png {
        depth: 16,
        pixel: |x, y| wide(p3(x, y)),
        ..RGB
    };
    Shown::of(&eight.clone().with(b"cICP", &[12, 13, 0, 1]).finish()).expect_whole(3);
    Shown::of(&sixteen.with(b"cICP", &[12, 13, 0, 1]).finish()).expect_whole(1);
    Shown::of(&linear.clone().with(b"cICP", &[12, 8, 0, 1]).finish()).expect_whole(1);
    // Code points count before a profile.
    let profile = [
        b"p\0\0".as_slice(),
        &zipped(&ColorProfile::new_adobe_rgb().encode().unwrap()),
    ];
    let both = eight
        .with(b"iCCP", &profile.concat())
        .with(b"cICP", &[12, 13, 0, 1]);
    Shown::of(&both.finish()).expect_whole(3);
    let numbers = [
        31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000_u32,
    ];
    let numbers = numbers.map(u32::to_be_bytes);
    let described = linear
        .with(b"gAMA", &100_000_u32.to_be_bytes())
        .with(b"cHRM", numbers.as_flattened());
    Shown::of(&described.finish()).expect_whole(2);
    // Without a gamma, chromaticities are no more than a guess.
    Shown::of(&RGB.with(b"cHRM", numbers.as_flattened()).finish()).expect_whole(0);
}

/// Samples of PQ for light where 1 is 203 candelas per square meter.
fn perceptual(light: f64) -> f64 {
    let power = (light * 203.0 / 10_000.0).powf(1305.0 / 8192.0);
    ((0.835_937_5 + 18.851_562_5 * power) / (1.0 + 18.6875 * power)).powf(2523.0 / 32.0)
}

/// Samples of HLG for the same.
fn hybrid(light: f64) -> f64 {
    let scene = (light * 203.0 / 1000.0).powf(1.0 / 1.2);
    if scene <= 1.0 / 12.0 {
        (3.0 * scene).sqrt()
    } else {
        0.178_832_77 * (12.0 * scene - 0.284_668_92).ln() + 0.559_910_73
    }
}

/// The picture in the primaries of BT.2020.
fn bt2020(x: u32, y: u32) -> [f64; 3] {
    let [red, green, blue] = color(x, y).map(light);
    [
        0.627_404 * red + 0.329_283 * green + 0.043_313 * blue,
        0.069_097 * red + 0.919_541 * green + 0.011_362 * blue,
        0.016_391 * red + 0.088_013 * green + 0.895_595 * blue,
    ]
}

#[test]
fn light_of_high_dynamic_range_is_shown_as_on_a_usual_screen() {
    // The curve of a camera is undone by none: a screen shows what it wrote as sRGB.
    let standard = Png {
        depth: 16,
        pixel: |x, y| wide(bt2020(x, y).map(encoded)),
        ..RGB
    };
    Shown::of(&standard.with(b"cICP", &[9, 14, 0, 1]).finish()).expect_whole(2);
    let bright = Png {
        depth: 16,
        pixel: |x, y| wide(bt2020(x, y).map(perceptual)),
        ..RGB
    };
    Shown::of(&bright.with(b"cICP", &[9, 16, 0, 1]).finish()).expect_whole(4);
    let hybrid = Png {
        depth: 16,
        pixel: |x, y| wide(bt2020(x, y).map(hybrid)),
        ..RGB
    };
    Shown::of(&hybrid.with(b"cICP", &[9, 18, 0, 1]).finish()).expect_whole(4);
}

#[test]
fn a_linear_profile_is_applied_to_all_16_bits() {
    let mut profile = ColorProfile::new_srgb();
    profile.cicp = None;
    let linear = ToneReprCurve::Lut(vec![]);
    profile.red_trc = Some(linear.clone());
    profile.green_trc = Some(linear.clone());
    profile.blue_trc = Some(linear);
    let profile = zipped(&profile.encode().unwrap());
    let profile = [b"linear\0\0".as_slice(), &profile].concat();
    let dark = Png {
        depth: 16,
        pixel: |x, y| wide(color(x, y).map(|channel| light(channel / 10))),
        ..RGB
    };
    for is_interlaced in [false, true] {
        let dark = Png {
            is_interlaced,
            ..dark.clone()
        };
        let shown = Shown::of(&dark.with(b"iCCP", &profile).finish());
        for (x, y, pixel) in shown.picture.enumerate_pixels() {
            let wanted = color(x, y).map(|channel| channel / 10);
            let far = wanted.iter().zip(pixel.0).any(|(a, b)| a.abs_diff(b) > 1);
            assert!(!far, "{pixel:?}, not {wanted:?}");
        }
    }
    let transparent = Png {
        color: 6,
        depth: 16,
        pixel: |x, y| {
            let alpha = if x < 4 { 0.0 } else { 1.0 };
            wide(color(x, y).map(light).into_iter().chain([alpha]))
        },
        ..RGB
    };
    let shown = Shown::of(&transparent.with(b"iCCP", &profile).finish());
    assert_eq!(shown.picture.get_pixel(0, 0).0[3], 0);
    let opaque = shown.picture.get_pixel(5, 0).0;
    let far = [200, 50, 40, 255]
        .iter()
        .zip(opaque)
        .any(|(a, b)| u8::abs_diff(*a, b) > 1);
    assert!(!far, "{opaque:?}");
}

#[test]
fn a_profile_of_an_odd_version_counts_and_one_of_nonsense_does_not() {
    let named = |profile: &[u8]| [b"p\0\0".as_slice(), &zipped(profile)].concat();
    for version in [[0; 4], [0, 0, 0, 2], [1, 0, 0, 0], [2, 0x50, 0, 0]] {
        let mut profile = ColorProfile::new_display_p3().encode().unwrap();
        profile[8..12].copy_from_slice(&version);
        let page = eight().with(b"iCCP", &named(&profile));
        Shown::of(&page.finish()).expect_whole(3);
    }
    let beside = LINEAR.with(b"gAMA", &100_000_u32.to_be_bytes());
    let shown = Shown::of(&beside.with(b"iCCP", &named(b"nonsense")).finish());
    shown.expect_rows(0..HEIGHT, 4);
    shown.expect_warning("the color profile is ignored");
}

#[test]
fn an_orientation_written_as_text_counts() {
    let block = sources::exif(6);
    let digits: String = block.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = format!(
        "\nexif\n{:8}\n{}\n{}\n",
        block.len(),
        &digits[..20],
        &digits[20..]
    );
    let plain = [b"Raw profile type exif\0".as_slice(), text.as_bytes()].concat();
    let two_words = text.replace("exif", "generic profile");
    let two_words = [b"Raw profile type APP1\0".as_slice(), two_words.as_bytes()].concat();
    let packed = [
        b"Raw profile type APP1\0\0".as_slice(),
        &zipped(text.as_bytes()),
    ]
    .concat();
    let international = |flags: [u8; 2], text: &[u8]| {
        let name = b"Raw profile type exif\0".as_slice();
        [name, &flags, b"en\0orientation\0", text].concat()
    };
    let texts = [
        (b"tEXt", plain),
        (b"zTXt", packed),
        (b"iTXt", international([0, 0], text.as_bytes())),
        (b"iTXt", international([1, 0], &zipped(text.as_bytes()))),
        (b"tEXt", two_words),
    ];
    // Texts of the same name that hold something else, as XMP does.
    let other = b"Raw profile type APP1\0\nxmp\n 4\n68747470\n";
    for (kind, data) in texts {
        let page = RGB.with(b"tEXt", other).with(b"tEXt", other);
        let shown = Shown::of(&page.with(kind, &data).finish());
        assert_eq!(shown.picture.dimensions(), (HEIGHT, WIDTH), "{kind:?}");
    }
    let nonsense = RGB.with(b"tEXt", b"Raw profile type exif\0\nexif\n 99999999\nzz");
    Shown::of(&nonsense.finish()).expect_whole(0);
    assert_eq!(pixels().len(), (WIDTH * HEIGHT) as usize);
}
