//! The summary of the README: formats, limits and speed.

use thimble::contract::Limits;
use thimble::text::grouped;
use thimble_engine::decode::formats;
use thimble_engine::format::Format;

use crate::benchmarks::{Range, table};
use crate::section;

/// The name that people know a format by.
fn name(media_type: &str) -> String {
    let placeholder = match media_type {
        "image/x-thumbhash" => Some("ThumbHash"),
        "image/x-color" => Some("a dominant color"),
        "image/x-blurhash" => Some("BlurHash"),
        _ => None,
    };
    let mut formats = formats();
    let format = formats.find(|format| format.media_type() == media_type);
    let name = placeholder.or(format.map(Format::name));
    name.expect("a format with a name").to_owned()
}

/// `a, b and c`.
fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

#[test]
fn the_formats_of_each_readme_are_those_of_the_engine() {
    let about = thimble_engine::describe();
    let is_placeholder = |media_type: &String| media_type.starts_with("image/x-");
    let (placeholders, pictures) = about.encodes.into_iter().partition(is_placeholder);
    let names = |types: Vec<String>| list(&types.iter().map(|each| name(each)).collect::<Vec<_>>());
    let text = format!(
        "Thimble reads {}, and writes {}. Placeholders are {}.",
        names(about.decodes),
        names(pictures),
        names(placeholders)
    );
    for readme in [
        "README.md",
        "bindings/npm/README.md",
        "bindings/python/README.md",
    ] {
        section::holds(readme, "formats", &text);
    }
}

/// Formats that imgproxy's documentation lists as sources of its free edition, by the names of
/// `BENCHMARKS.md`. It is not measured there: it is a service, and needs libvips.
const OF_IMGPROXY: [&str; 9] = [
    "PNG", "JPEG", "JXL", "WEBP", "AVIF", "GIF", "ICO", "BMP", "TIFF",
];

/// Rows of formats of which nobody counts files: of Thimble, and what the documentation of sharp,
/// Pillow and imgproxy says.
const DOCUMENTED: [(&str, [&str; 4]); 3] = [
    (
        "HEIC",
        ["with a [codec](docs/operations.md#heic)", "-", "-", "yes"],
    ),
    ("SVG", ["with a codec, `make svg`", "yes", "-", "yes"]),
    ("PSD", ["yes", "-", "yes", "paid edition"]),
];

/// The rest: formats of cameras.
const OF_CAMERAS: [&str; 4] = ["its preview", "-", "-", "paid edition"];

#[test]
fn the_table_of_formats_has_each_of_the_engine_and_what_was_counted() {
    let decodes = thimble_engine::describe().decodes;
    let mut left: Vec<String> = decodes.iter().map(|each| name(each)).collect();
    // The name that the engine has for a format, as long as there is no row of it.
    let mut taken = |counted: &str| {
        let called = if counted == "JXL" { "JPEG XL" } else { counted };
        let place = left
            .iter()
            .position(|name| name.eq_ignore_ascii_case(called));
        place.map_or_else(|| called.to_owned(), |place| left.remove(place))
    };
    let row = |format: &str, cells: [&str; 4]| format!("| {format} | {} |\n", cells.join(" | "));
    let mut text =
        "| format | Thimble | sharp | Pillow | imgproxy |\n|---|---|---|---|---|\n".to_owned();
    for (format, figures) in table("format | files") {
        if format == "all" {
            continue;
        }
        let [files, thimble, sharp, pillow] = figures[..] else {
            panic!("columns of the formats in BENCHMARKS.md");
        };
        let cell = |read: f64| match read {
            read if read.is_nan() => "-".to_owned(),
            read if read == files => "yes".to_owned(),
            read => format!("{read} of {files}"),
        };
        let imgproxy = if OF_IMGPROXY.contains(&&*format) {
            "yes"
        } else {
            "-"
        };
        let [mut thimble, sharp, pillow] = [thimble, sharp, pillow].map(cell);
        if format == "QOI" {
            thimble = "with a [codec](docs/engines.md) in 60 lines".to_owned();
        }
        text += &row(&taken(&format), [&thimble, &sharp, &pillow, imgproxy]);
    }
    for (format, cells) in DOCUMENTED {
        text += &row(&taken(format), cells);
    }
    text += &row(&list(&left), OF_CAMERAS);
    section::holds("README.md", "peers", &text);
}

#[test]
fn the_limits_of_the_readme_are_those_of_the_host() {
    let limits = Limits::default();
    let frames = match limits.max_frames {
        1 => "the first frame".to_owned(),
        frames => format!("{frames} frames"),
    };
    let text = format!(
        "Defaults: {} megapixels, {} pixels a side, {frames}, {} MiB of color profile, {} pixels \
         a side of a thumbnail.",
        limits.max_pixels / 1_000_000,
        grouped(limits.max_side.into()),
        limits.max_profile >> 20,
        grouped(limits.max_output_side.into()),
    );
    section::holds("README.md", "limits", &text);
}

/// The command of the engine and its tests have no host to ask.
#[test]
fn the_engine_and_the_host_have_the_same_default_limits() {
    let host = Limits::default();
    let engine = thimble_engine::contract::Limits::default();
    let of_host = (host.max_pixels, host.max_side, host.max_frames);
    let of_engine = (engine.max_pixels, engine.max_side, engine.max_frames);
    assert_eq!(of_engine, of_host);
    assert_eq!(engine.max_profile, host.max_profile);
    assert_eq!(engine.max_output_side, host.max_output_side);
}

/// A kind of sources, and whether a file of that name is one.
type Kind = (&'static str, fn(&str) -> bool);

/// The kinds of sources that are measured, by the names of their files.
const KINDS: [Kind; 4] = [
    ("photo of 12 or 24 megapixels, JPEG", |file| {
        (file.starts_with("p12") || file.starts_with("p24")) && file.ends_with(".jpg")
    }),
    ("photo of less than a megapixel, JPEG", |file| {
        file == "small.jpg"
    }),
    ("screenshot or picture with alpha, PNG", |file| {
        file.ends_with(".png")
    }),
    ("photo of 12 megapixels, WebP", |file| {
        file.ends_with(".webp")
    }),
];

#[test]
fn the_ratios_of_the_readme_are_those_that_were_measured() {
    let ratios = table("Thimble's time over");
    let column = |of_kind: fn(&str) -> bool, index: usize| {
        let rows = ratios.iter().filter(move |(file, _)| of_kind(file));
        Range::of(rows.map(|(_, figures)| figures[index]))
    };
    let mut text =
        "| source | three thumbnails | three, where sharp decodes once | one thumbnail |\n\
                    |---|--:|--:|--:|\n"
            .to_owned();
    for (kind, is_of_kind) in KINDS {
        let [three, once, one] = [0, 1, 2].map(|index| column(is_of_kind, index));
        text += &format!("| {kind} | {three} | {once} | {one} |\n");
    }
    let known = ratios
        .iter()
        .all(|(file, _)| KINDS.iter().any(|(_, is_of_kind)| is_of_kind(file)));
    assert!(known, "a measured image is of none of the kinds");
    text += &format!(
        "\nThe sandbox takes {} times the processor time of the same code outside of it.\n",
        column(|_| true, 3)
    );
    section::holds("README.md", "speed", &text);
}
