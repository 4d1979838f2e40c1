//! SVG through an engine that its codec was joined to: what is drawn, what is left out, and
//! hostile drawings. `make svg-test` builds the codec and runs them: nothing else needs it.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is a test, functions without the attribute included"
)]

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::OnceLock;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use tests::hostile_images::{self, ALLOWANCE, Trial};
use tests::sandbox::{Allowance, Sandbox};
use tests::{spec, with_codec};
use thimble::contract::{Error, Limits, Output};
use thimble::wasm::Runtime;

/// Enough for a bounded drawing on a machine that is slow or busy.
const PATIENT: Allowance = Allowance {
    time: Duration::from_secs(20),
    ..ALLOWANCE
};

const RED: Rgba<u8> = Rgba([255, 0, 0, 255]);
const NOTHING: Rgba<u8> = Rgba([0; 4]);

/// The engine with the codec.
fn sandbox() -> &'static Sandbox {
    static SANDBOX: OnceLock<Sandbox> = OnceLock::new();
    SANDBOX.get_or_init(|| {
        let (engine, _) = with_codec("svg", &Runtime::new().unwrap());
        Sandbox::of(engine.bytes()).unwrap()
    })
}

fn asked(source: &[u8], preset: &str, limits: Limits) -> Result<Output, Error> {
    let answer = sandbox().generate(source, &[spec(preset)], limits, PATIENT);
    answer.unwrap_or_else(|death| panic!("the engine {death}"))
}

/// The pixels of a thumbnail, and warnings.
fn drawn(source: &[u8], preset: &str) -> (RgbaImage, Vec<String>) {
    let output = asked(source, preset, Limits::default()).unwrap();
    let picture = image::load_from_memory(&output.thumbnails[0].data).unwrap();
    (picture.to_rgba8(), output.warnings)
}

/// A drawing that says how large it is.
fn svg(sides: &str, content: &str) -> Vec<u8> {
    let namespace = "xmlns='http://www.w3.org/2000/svg'";
    format!("<?xml version='1.0'?>\n<!-- -->\n<svg {namespace} {sides}>{content}</svg>").into()
}

fn same(one: &RgbaImage, other: &RgbaImage) -> bool {
    one.as_raw() == other.as_raw()
}

#[test]
#[ignore = "needs the codec: make svg-test"]
fn hostile_drawings_end_in_their_verdict_in_time_and_within_the_memory_allowed() {
    let kinds = hostile_images::drawings();
    let names: BTreeSet<&str> = kinds.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), kinds.len());
    assert!(kinds.len() >= 45, "{} kinds", kinds.len());
    let mut failures = Vec::new();
    for kind in &kinds {
        let trial = Trial::of(kind, sandbox(), PATIENT);
        let (seconds, megabytes) = (trial.worst.time.as_secs_f64(), trial.worst.memory >> 20);
        println!(
            "{seconds:6.2} s {megabytes:5} MiB  {} {:?}",
            trial.name, trial.verdicts
        );
        failures.extend(trial.failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
#[ignore = "needs the codec: make svg-test"]
fn a_small_drawing_is_drawn_as_large_as_its_thumbnail() {
    let icon = svg(
        "width='24' height='24' viewBox='0 0 24 24'",
        "<rect width='12' height='24' fill='red'/>",
    );
    let (picture, warnings) = drawn(&icon, "256x256,png");
    assert_eq!((picture.dimensions(), warnings), ((256, 256), vec![]));
    for (x, y, pixel) in picture.enumerate_pixels() {
        // The resampler rings for a pixel or two around the edge.
        if !(125..=130).contains(&x) {
            let expected = if x < 128 { RED } else { NOTHING };
            assert_eq!(*pixel, expected, "{x}, {y}");
        }
    }
}

#[test]
#[ignore = "needs the codec: make svg-test"]
fn sides_follow_from_what_the_file_states() {
    let limits = |max_side, max_pixels| Limits {
        max_side,
        max_pixels,
        ..Limits::default()
    };
    let all = Limits::default();
    let rows = [
        ("width='24' height='12'", all, (2048, 1024)),
        ("width='3000' height='1500'", all, (3000, 1500)),
        ("width='90000' height='45000'", all, (4096, 2048)),
        ("viewBox='0 0 30 7'", all, (2048, 477)),
        ("width='10cm' viewBox='0 0 2 1'", all, (2048, 1024)),
        ("width='1' height='1e6'", all, (1, 4096)),
        ("width='24' height='12'", limits(500, u64::MAX), (500, 250)),
        ("width='24' height='12'", limits(9000, 20_000), (200, 100)),
        ("width='24' height='12'", limits(1, 1), (1, 1)),
    ];
    for (sides, limits, expected) in rows {
        let source = svg(sides, "<rect width='9' height='9'/>");
        let output = asked(&source, "64x64,png", limits).unwrap();
        let info = output.source;
        assert_eq!(
            (info.dimensions.width, info.dimensions.height),
            expected,
            "{sides}"
        );
        assert_eq!(
            (info.media_type.as_str(), info.frames),
            ("image/svg+xml", 1)
        );
    }
    for sides in ["width='0' height='9'", "width='-1' height='9'"] {
        let refused = asked(&svg(sides, ""), "64x64,png", all);
        assert!(
            matches!(refused, Err(Error::MalformedSource(_))),
            "{sides}: {refused:?}"
        );
    }
}

#[test]
#[ignore = "needs the codec: make svg-test"]
fn edges_are_as_opaque_as_the_rest() {
    for sides in ["0 0 30 7", "0 0 7 30", "0 0 1000 999", "0 0 300 271"] {
        let source = svg(
            &format!("viewBox='{sides}'"),
            "<rect width='1000' height='1000' fill='red'/>",
        );
        let (picture, _) = drawn(&source, "300x300,png");
        assert!(picture.pixels().all(|pixel| *pixel == RED), "{sides}");
    }
}

#[test]
#[ignore = "needs the codec: make svg-test"]
fn colors_are_not_multiplied_by_alpha() {
    let half = "<rect width='9' height='9' fill='#ff8000' opacity='0.5'/>";
    let (picture, _) = drawn(&svg("viewBox='0 0 9 9'", half), "30x30,png");
    let Rgba([red, green, blue, alpha]) = *picture.get_pixel(15, 15);
    assert!(red > 253 && green.abs_diff(128) < 2 && blue < 2 && alpha.abs_diff(128) < 2);
}

#[test]
#[ignore = "needs the codec: make svg-test"]
fn text_is_set_and_letters_without_a_font_are_named() {
    let text = |letters: &str| {
        let text =
            format!("<text x='2' y='20' font-size='20' font-family='Arial'>{letters}</text>");
        svg("viewBox='0 0 100 30'", &text)
    };
    let count = |letters: &str| {
        let (picture, warnings) = drawn(&text(letters), "200x,png");
        let dark = picture.pixels().filter(|pixel| pixel.0[3] > 128).count();
        (dark, warnings)
    };
    for letters in ["Hello", "Zürich", "Привет", "Αθήνα", "5 €"] {
        let (dark, warnings) = count(letters);
        assert!(dark > 100, "{letters}: {dark} pixels");
        assert_eq!(warnings, Vec::<String>::new(), "{letters}");
    }
    let (_, warnings) = count("山 A 山 川");
    assert_eq!(
        warnings,
        ["text is left out, there is no font for letters such as 山"]
    );
}

#[test]
#[ignore = "needs the codec: make svg-test"]
fn pictures_within_are_drawn_and_those_elsewhere_are_not() {
    let colors = RgbaImage::from_fn(
        8,
        8,
        |x, _| if x < 4 { RED } else { Rgba([0, 0, 255, 255]) },
    );
    for format in [
        ImageFormat::Png,
        ImageFormat::Jpeg,
        ImageFormat::Gif,
        ImageFormat::WebP,
    ] {
        let mut file = std::io::Cursor::new(Vec::new());
        let opaque = DynamicImage::from(colors.clone()).to_rgb8();
        opaque.write_to(&mut file, format).unwrap();
        let data: String = file
            .get_ref()
            .iter()
            .map(|byte| format!("%{byte:02X}"))
            .collect();
        let picture = format!("<image width='80' height='80' href='data:,{data}'/>");
        let (picture, warnings) = drawn(&svg("viewBox='0 0 80 80'", &picture), "80x80,png");
        assert_eq!(warnings, Vec::<String>::new(), "{format:?}");
        let near = |x, wanted: [u8; 4]| {
            let Rgba(found) = *picture.get_pixel(x, 40);
            found
                .into_iter()
                .zip(wanted)
                .all(|(one, other)| one.abs_diff(other) < 12)
        };
        assert!(near(8, RED.0) && near(72, [0, 0, 255, 255]), "{format:?}");
    }
    for (link, reason) in [
        (
            "http://example.org/a.png",
            "a picture is left out, it lies outside of the file",
        ),
        (
            "data:image/png,hello",
            "a picture is left out, it is neither JPEG, PNG, GIF nor WebP",
        ),
        (
            "data:,%89PNG%0D%0A",
            "a picture is left out, it cannot be decoded",
        ),
    ] {
        let content = format!("<image width='9' height='9' href='{link}'/>");
        let (picture, warnings) = drawn(&svg("viewBox='0 0 9 9'", &content), "9x9,png");
        assert!(picture.pixels().all(|pixel| pixel.0[3] == 0), "{link}");
        assert_eq!(warnings, [reason]);
    }
}

#[test]
#[ignore = "needs the codec: make svg-test"]
fn a_compressed_drawing_is_the_same_and_so_is_one_that_is_drawn_again() {
    let content = "<circle cx='5' cy='5' r='4' fill='teal'/><text y='9'>ab</text>";
    let source = svg("viewBox='0 0 10 10'", content);
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&source).unwrap();
    let compressed = encoder.finish().unwrap();
    let (once, _) = drawn(&source, "99x99,png");
    assert!(same(&once, &drawn(&source, "99x99,png").0));
    assert!(same(&once, &drawn(&compressed, "99x99,png").0));
}
