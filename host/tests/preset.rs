//! Meaning of presets, and messages about those that have none.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use proptest::prelude::*;
use thimble::contract::{Bounds, Color, Fit, Focus, Point, Spec};
use thimble::preset::{Preset, PresetError, Problem};

fn read(line: &str) -> Preset {
    line.parse()
        .unwrap_or_else(|error: PresetError| panic!("{error}"))
}

fn spec(width: Option<u32>, height: Option<u32>) -> Spec {
    Spec {
        bounds: Bounds { width, height },
        ..Spec::default()
    }
}

fn color([red, green, blue, alpha]: [u8; 4]) -> Color {
    Color {
        red,
        green,
        blue,
        alpha,
    }
}

#[test]
fn presets_say_what_they_say() {
    let square = || spec(Some(200), Some(200));
    let with = |change: fn(&mut Spec)| {
        let mut spec = square();
        change(&mut spec);
        spec
    };
    for (line, expected) in [
        ("a=200x200", square()),
        ("a=200x", spec(Some(200), None)),
        ("a=x200", spec(None, Some(200))),
        ("a=200x200,inside,center", square()),
        ("a=200x200,outside", with(|spec| spec.fit = Fit::Outside)),
        ("a=200x200,cover", with(|spec| spec.fit = Fit::Cover)),
        ("a=200x200,fill", with(|spec| spec.fit = Fit::Fill)),
        (
            "a=200x200,thumbhash",
            with(|spec| spec.encoding.media_type = Some("image/x-thumbhash".into())),
        ),
        (
            "a=200x200,salient",
            with(|spec| spec.focus = Focus::Salient),
        ),
        (
            "a=200x200,at(0.25;1)",
            with(|spec| spec.focus = Focus::At(Point { x: 0.25, y: 1.0 })),
        ),
        (
            "a=200x200,jpg",
            with(|spec| spec.encoding.media_type = Some("image/jpeg".into())),
        ),
        (
            "a=200x200,image/jxl",
            with(|spec| spec.encoding.media_type = Some("image/jxl".into())),
        ),
        ("a=200x200,q1", with(|spec| spec.encoding.quality = Some(1))),
        (
            "a=200x200,q100",
            with(|spec| spec.encoding.quality = Some(100)),
        ),
        ("a=200x200,enlarge", with(|spec| spec.enlarge = true)),
        (
            "a=200x200,bg=#10FF30",
            with(|spec| spec.background = color([16, 255, 48, 255])),
        ),
        (
            "a=200x200,bg=#00000000,contain",
            with(|spec| {
                spec.background = color([0; 4]);
                spec.fit = Fit::Contain;
            }),
        ),
    ] {
        assert_eq!(read(line).spec(), &expected, "{line}");
    }
    let preset = read("a=1x1,effort=6,jpeg.optimize=a=2");
    let settings: Vec<_> = preset
        .spec()
        .settings
        .iter()
        .map(|s| (s.name.as_str(), s.value.as_str()))
        .collect();
    assert_eq!(settings, [("effort", "6"), ("jpeg.optimize", "a=2")]);
}

#[test]
fn mistakes_are_pointed_at() {
    let word = |suggestion| Problem::Word { suggestion };
    for (line, column, length, problem) in [
        ("", 1, 1, Problem::NoName),
        ("200x200", 1, 7, Problem::NoName),
        ("=200x200", 1, 1, Problem::Name),
        ("../up=200x200", 1, 5, Problem::Name),
        ("-a=200x200", 1, 2, Problem::Name),
        ("a=", 3, 1, Problem::Bounds),
        ("a=200", 3, 3, Problem::Bounds),
        ("a=x", 3, 1, Problem::Bounds),
        ("a=200X200", 3, 7, Problem::Bounds),
        ("a=-5x200", 3, 2, Problem::Bounds),
        ("a=0x200", 3, 1, Problem::Side),
        ("a=200x99999", 7, 5, Problem::Side),
        ("a=1x1,cvoer", 7, 5, word(Some("cover"))),
        ("a=1x1,webq", 7, 4, word(Some("webp"))),
        ("a=1x1,zzzzzz", 7, 6, word(None)),
        ("a=1x1,", 7, 1, word(None)),
        ("a=1x1,quality", 7, 7, word(None)),
        ("a=1x1,cover,fill", 13, 4, Problem::Twice("fit")),
        ("a=1x1,png,webp", 11, 4, Problem::Twice("format")),
        ("a=1x1,q0", 7, 2, Problem::Quality),
        ("a=1x1,q101", 7, 4, Problem::Quality),
        ("a=1x1,max-bytes=0", 17, 1, Problem::MaxBytes),
        ("a=1x1,max-bytes=20k", 17, 3, Problem::MaxBytes),
        ("a=1x1,max-bytes=4294967296", 17, 10, Problem::MaxBytes),
        ("a=1x1,png,max-bytes=20", 11, 12, Problem::NoQuality),
        ("a=1x1,max-bytes=20,color", 7, 12, Problem::NoQuality),
        (
            "a=1x1,webp,webp.lossless=true,max-bytes=9",
            31,
            11,
            Problem::NoQuality,
        ),
        ("a=1x1,at(0.5)", 7, 7, Problem::Point),
        ("a=1x1,at(0.5;1.5)", 7, 11, Problem::Point),
        ("a=1x1,at(nan;0)", 7, 9, Problem::Point),
        ("a=1x1,bg=white", 10, 5, Problem::Color),
        ("a=1x1,bg=#ffff", 10, 5, Problem::Color),
        ("a=1x1,Effort=6", 7, 6, Problem::SettingName),
        ("a=1x1,.effort=6", 7, 7, Problem::SettingName),
        ("a=1x1,effort=", 14, 1, Problem::SettingValue),
        ("a=1x1,é=1,x", 7, 1, Problem::SettingName),
        ("a=1x1,effort=1,effort=2", 16, 6, Problem::Twice("setting")),
    ] {
        let error = line.parse::<Preset>().expect_err(line);
        assert_eq!(
            (error.problem(), error.column()),
            (&problem, column),
            "{line}"
        );
        let marks = format!("{}{}", " ".repeat(column - 1), "^".repeat(length));
        assert_eq!(error.pointer(), format!("{line}\n{marks}"));
    }
}

#[test]
fn a_mistake_is_told_on_one_line() {
    let error = "small=200x200,cvoer".parse::<Preset>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "preset `small=200x200,cvoer`, column 15: `cvoer`: no fit, focus or format is called \
         that; did you mean `cover`?"
    );
}

#[test]
fn those_who_choose_nothing_get_three_sizes() {
    let lines = Preset::defaults().map(|preset| preset.to_string());
    assert_eq!(
        lines,
        ["75x75=75x75", "125x125=125x125", "1280x720=1280x720"]
    );
}

/// Lines of the grammar, with parts in any order.
fn lines() -> impl Strategy<Value = String> {
    let parts = prop::sample::subsequence(
        vec![
            "cover",
            "at(0.25;0.125)",
            "webp",
            "q80",
            "bg=#01020304",
            "enlarge",
            "effort=6",
            "max-bytes=20000",
            "f=x",
        ],
        0..9,
    );
    let side = || {
        prop_oneof![
            Just(String::new()),
            (1..=65_535u32).prop_map(|n| n.to_string())
        ]
    };
    let name = "[A-Za-z0-9][A-Za-z0-9_-]{0,20}";
    (name, side(), side(), parts.prop_shuffle())
        .prop_filter("a side is needed", |(_, width, height, _)| {
            !width.is_empty() || !height.is_empty()
        })
        .prop_map(|(name, width, height, parts)| {
            let parts: String = parts.iter().map(|part| format!(",{part}")).collect();
            format!("{name}={width}x{height}{parts}")
        })
}

proptest! {
    #[test]
    fn what_is_written_reads_the_same(line in lines()) {
        let preset = read(&line);
        prop_assert_eq!(&read(&preset.to_string()), &preset);
    }

    #[test]
    fn no_line_does_harm(line in "\\PC{0,40}", tail in "[a-z0-9=x,;()#.é]{0,30}") {
        for text in [line.clone(), format!("a=1x1,{tail}"), format!("{line}={tail}")] {
            if let Err(error) = text.parse::<Preset>() {
                prop_assert!(!error.to_string().is_empty());
                prop_assert!(error.pointer().lines().count() >= 1);
            }
        }
    }
}
