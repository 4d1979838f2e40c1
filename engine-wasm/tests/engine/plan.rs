//! Sizes: what every fit makes of a source, as data.

use proptest::prelude::*;
use thimble_engine::contract::{Dimensions, Error, Fit, Focus, Point, Spec};
use thimble_engine::plan::Plan;

use crate::support::spec;

const MAX_SIDE: u32 = 4096;

fn enlarging(spec: Spec) -> Spec {
    Spec {
        enlarge: true,
        ..spec
    }
}

fn plan(spec: &Spec, (width, height): (u32, u32)) -> Result<Plan, Error> {
    Plan::new(spec, Dimensions { width, height }, MAX_SIDE)
}

fn canvas(spec: &Spec, source: (u32, u32)) -> (u32, u32) {
    let Dimensions { width, height } = plan(spec, source).unwrap().canvas();
    (width, height)
}

fn refusal(result: Result<Plan, Error>) -> String {
    match result {
        Err(Error::InvalidSpec(detail)) => detail,
        other => panic!("not an invalid spec: {other:?}"),
    }
}

/// `WxH`, as in the tables.
fn size(text: &str) -> (u32, u32) {
    let (width, height) = text.split_once('x').unwrap();
    (width.parse().unwrap(), height.parse().unwrap())
}

/// Source, bounds, and the result of: inside; inside, enlarging; cover; cover,
/// enlarging; contain; outside, enlarging; fill, enlarging.
const SIZES: [[&str; 9]; 9] = [
    [
        "4000x3000",
        "75x75",
        "75x56",
        "75x56",
        "75x75",
        "75x75",
        "75x75",
        "100x75",
        "75x75",
    ],
    [
        "4000x3000",
        "200x200",
        "200x150",
        "200x150",
        "200x200",
        "200x200",
        "200x200",
        "267x200",
        "200x200",
    ],
    [
        "100x50", "200x200", "100x50", "200x100", "100x50", "200x200", "200x200", "400x200",
        "200x200",
    ],
    [
        "100x50", "75x75", "75x38", "75x38", "75x50", "75x75", "75x75", "150x75", "75x75",
    ],
    [
        "1500x1000",
        "1750x250",
        "375x250",
        "375x250",
        "1500x250",
        "1750x250",
        "1750x250",
        "1750x1167",
        "1750x250",
    ],
    [
        "500x333", "75x75", "75x50", "75x50", "75x75", "75x75", "75x75", "113x75", "75x75",
    ],
    [
        "50x200", "75x75", "19x75", "19x75", "50x75", "75x75", "75x75", "75x300", "75x75",
    ],
    [
        "1x850", "75x75", "1x75", "1x75", "1x75", "75x75", "75x75", "refused", "75x75",
    ],
    [
        "1001x777", "75x75", "75x58", "75x58", "75x75", "75x75", "75x75", "97x75", "75x75",
    ],
];

#[test]
fn every_fit_has_the_size_of_the_table() {
    for [source, bounds, expected @ ..] in SIZES {
        let (width, height) = size(bounds);
        let specs = [
            spec(width, height, Fit::Inside),
            enlarging(spec(width, height, Fit::Inside)),
            spec(width, height, Fit::Cover),
            enlarging(spec(width, height, Fit::Cover)),
            spec(width, height, Fit::Contain),
            enlarging(spec(width, height, Fit::Outside)),
            enlarging(spec(width, height, Fit::Fill)),
        ];
        for (spec, expected) in specs.iter().zip(expected) {
            let made = match plan(spec, size(source)) {
                Ok(plan) => format!("{}x{}", plan.canvas().width, plan.canvas().height),
                Err(Error::InvalidSpec(_)) => "refused".into(),
                Err(other) => panic!("{other:?}"),
            };
            let (fit, enlarge) = (spec.fit, spec.enlarge);
            assert_eq!(
                made, expected,
                "{source} in {bounds}, {fit:?}, enlarge: {enlarge}"
            );
        }
    }
}

#[test]
fn inside_rounds_half_up() {
    for [source, bounds, expected] in [
        ["1920x1080", "75x75", "75x42"],
        ["1920x1080", "125x125", "125x70"],
        ["1920x1080", "1280x720", "1280x720"],
        ["1281x721", "1280x720", "1279x720"],
        ["10000x1", "75x75", "75x1"],
    ] {
        let (width, height) = size(bounds);
        let made = canvas(&spec(width, height, Fit::Inside), size(source));
        assert_eq!(made, size(expected), "{source} in {bounds}");
    }
}

#[test]
fn a_missing_side_follows_from_the_source() {
    for fit in [
        Fit::Inside,
        Fit::Outside,
        Fit::Cover,
        Fit::Contain,
        Fit::Fill,
    ] {
        assert_eq!(
            canvas(&spec(200, None, fit), (4000, 3000)),
            (200, 150),
            "{fit:?}"
        );
        assert_eq!(
            canvas(&spec(None, 200, fit), (4000, 3000)),
            (267, 200),
            "{fit:?}"
        );
        let larger = enlarging(spec(8, None, fit));
        assert_eq!(canvas(&larger, (4, 3)), (8, 6), "{fit:?}");
    }
}

#[test]
fn nothing_is_enlarged_unless_asked() {
    for (fit, expected) in [
        (Fit::Inside, (100, 50)),
        (Fit::Outside, (100, 50)),
        (Fit::Cover, (100, 50)),
        (Fit::Contain, (200, 200)),
        (Fit::Fill, (100, 50)),
    ] {
        let plan = plan(&spec(200, 200, fit), (100, 50)).unwrap();
        let Dimensions { width, height } = plan.canvas();
        assert_eq!((width, height), expected, "{fit:?}");
        assert_eq!(
            (plan.kept().width, plan.kept().height),
            (100, 50),
            "{fit:?}"
        );
        assert!(plan.is_unscaled(), "{fit:?}");
    }
}

#[test]
fn an_odd_pixel_of_a_centered_crop_goes_from_the_near_side() {
    for (source, bounds, start) in [(10, 4, 3), (10, 5, 3), (11, 4, 4), (11, 10, 1)] {
        let plan = plan(&spec(bounds, 100, Fit::Cover), (source, 100)).unwrap();
        assert_eq!(
            plan.region().left,
            f64::from(start),
            "{source} cropped to {bounds}"
        );
        assert_eq!(plan.region().width, f64::from(bounds));
    }
}

#[test]
fn an_odd_pixel_of_centered_padding_goes_to_the_far_side() {
    for (source, bounds, offset) in [(4, 10, 3), (5, 10, 2), (10, 11, 0), (7, 7, 0)] {
        let plan = plan(&spec(bounds, 100, Fit::Contain), (source, 100)).unwrap();
        assert_eq!(plan.offset(), (offset, 0), "{source} padded to {bounds}");
    }
}

#[test]
fn a_focus_is_kept_as_near_the_middle_as_the_edges_allow() {
    // 400x100 covered by 100x100: what is kept begins from 0 to 300.
    for (x, start) in [
        (0.0, 0.0),
        (0.1, 0.0),
        (0.25, 50.0),
        (0.5, 150.0),
        (0.9, 300.0),
        (1.0, 300.0),
    ] {
        let focus = Focus::At(Point { x, y: 0.5 });
        let cover = Spec {
            focus,
            ..spec(100, 100, Fit::Cover)
        };
        assert_eq!(
            plan(&cover, (400, 100)).unwrap().region().left,
            start,
            "focus at {x}"
        );
    }
    // 100x400 contained in 400x400: padding before it is from 0 to 300.
    for (x, offset) in [(0.0, 200), (0.5, 150), (1.0, 100)] {
        let focus = Focus::At(Point { x, y: 0.5 });
        let contain = Spec {
            focus,
            ..spec(400, 400, Fit::Contain)
        };
        assert_eq!(
            plan(&contain, (100, 400)).unwrap().offset(),
            (offset, 0),
            "focus at {x}"
        );
    }
}

#[test]
fn a_spec_that_nothing_can_satisfy_says_which_part_is_wrong() {
    let at = |x: f32, y: f32| Spec {
        focus: Focus::At(Point { x, y }),
        ..spec(10, 10, Fit::Cover)
    };
    for (spec, word) in [
        (spec(None, None, Fit::Inside), "neither"),
        (spec(0, 10, Fit::Inside), "width"),
        (spec(10, 0, Fit::Cover), "height"),
        (spec(MAX_SIDE + 1, 10, Fit::Inside), "width"),
        (spec(None, u32::MAX, Fit::Fill), "height"),
        (at(-0.1, 0.5), "x of the focus"),
        (at(0.5, 1.1), "y of the focus"),
        (at(f32::NAN, 0.5), "x of the focus"),
        (at(0.5, f32::INFINITY), "y of the focus"),
    ] {
        let detail = refusal(plan(&spec, (100, 100)));
        assert!(
            detail.contains(word),
            "{detail:?} does not speak of: {word}"
        );
    }
}

#[test]
fn a_thumbnail_larger_than_the_limit_is_refused_before_it_is_made() {
    let detail = refusal(plan(&enlarging(spec(75, 75, Fit::Outside)), (1, 850)));
    assert!(detail.contains("75x63750"), "{detail}");
    let detail = refusal(plan(
        &enlarging(spec(MAX_SIDE, None, Fit::Inside)),
        (1, u32::MAX),
    ));
    assert!(detail.contains("4096 pixels"), "{detail}");
}

fn fits() -> impl Strategy<Value = Fit> {
    prop::sample::select(vec![
        Fit::Inside,
        Fit::Outside,
        Fit::Cover,
        Fit::Contain,
        Fit::Fill,
    ])
}

fn specs() -> impl Strategy<Value = Spec> {
    let side = || prop::option::of(1..=MAX_SIDE);
    let focus = prop_oneof![
        Just(Focus::Center),
        Just(Focus::Salient),
        (0.0..=1.0f32, 0.0..=1.0f32).prop_map(|(x, y)| Focus::At(Point { x, y })),
    ];
    (side(), side(), fits(), focus, any::<bool>())
        .prop_filter("no side", |(width, height, ..)| width.or(*height).is_some())
        .prop_map(|(width, height, fit, focus, enlarge)| Spec {
            focus,
            enlarge,
            ..spec(width, height, fit)
        })
}

fn sides() -> impl Strategy<Value = (u32, u32)> {
    let side = || prop_oneof![1..=20u32, 1..=20_000u32, Just(u32::MAX)];
    (side(), side())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn every_plan_is_sound(spec in specs(), source in sides()) {
        let Ok(plan) = plan(&spec, source) else { return Ok(()) };
        let (canvas, kept, offset) = (plan.canvas(), plan.kept(), plan.offset());
        prop_assert!((1..=MAX_SIDE).contains(&canvas.width));
        prop_assert!((1..=MAX_SIDE).contains(&canvas.height));
        prop_assert!(kept.width >= 1 && offset.0 + kept.width <= canvas.width);
        prop_assert!(kept.height >= 1 && offset.1 + kept.height <= canvas.height);
        let region = plan.region();
        // A part in ten to the ninth is what doubles may add.
        let (right, bottom) = (region.left + region.width, region.top + region.height);
        prop_assert!(region.left >= 0.0 && right <= f64::from(source.0) * (1.0 + 1e-9));
        prop_assert!(region.top >= 0.0 && bottom <= f64::from(source.1) * (1.0 + 1e-9));
        prop_assert!(region.width > 0.0 && region.height > 0.0);
        let wanted = plan.wanted();
        prop_assert!(wanted.width <= source.0 && wanted.height <= source.1);
        if !spec.enlarge {
            prop_assert!(kept.width <= source.0 && kept.height <= source.1);
        }
        if spec.fit != Fit::Contain {
            prop_assert_eq!((canvas.width, canvas.height), (kept.width, kept.height));
        }
    }

    #[test]
    fn the_aspect_is_right_to_half_a_pixel(
        fit in prop::sample::select(vec![Fit::Inside, Fit::Outside]),
        bounds in (1..=MAX_SIDE, 1..=MAX_SIDE),
        source in (1..=20_000u32, 1..=20_000u32),
    ) {
        let spec = enlarging(spec(bounds.0, bounds.1, fit));
        let Ok(plan) = plan(&spec, source) else { return Ok(()) };
        let (width, height) = (f64::from(plan.canvas().width), f64::from(plan.canvas().height));
        let aspect = f64::from(source.0) / f64::from(source.1);
        let ideal = (height * aspect, width / aspect);
        let half_or_one = |side: f64, ideal: f64| (side - ideal).abs() <= 0.5 + 1e-9 || side == 1.0;
        prop_assert!(half_or_one(width, ideal.0) || half_or_one(height, ideal.1));
        let exact = |side: f64, bound: u32| side == f64::from(bound);
        prop_assert!(exact(width, bounds.0) || exact(height, bounds.1));
        if fit == Fit::Inside {
            prop_assert!(width <= f64::from(bounds.0) && height <= f64::from(bounds.1));
        } else {
            prop_assert!(width >= f64::from(bounds.0) && height >= f64::from(bounds.1));
        }
    }

    #[test]
    fn a_focus_that_is_shown_at_all_sizes_stays_in_the_crop(
        x in 0.0..=1.0f32, y in 0.0..=1.0f32,
        bounds in (1..=200u32, 1..=200u32),
        source in (200..=2000u32, 200..=2000u32),
    ) {
        let focus = Focus::At(Point { x, y });
        let region = plan(&Spec { focus, ..spec(bounds.0, bounds.1, Fit::Cover) }, source).unwrap().region();
        let point = (f64::from(x) * f64::from(source.0), f64::from(y) * f64::from(source.1));
        // Crops begin at whole pixels of the thumbnail.
        let pixel = region.width / f64::from(bounds.0);
        prop_assert!(point.0 >= region.left - pixel && point.0 <= region.left + region.width + pixel);
        prop_assert!(point.1 >= region.top - pixel && point.1 <= region.top + region.height + pixel);
    }
}
