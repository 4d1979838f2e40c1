//! AVIF: every kind of file in `testkit/avif`, and files that are broken.

use testkit::avif::{FILES, file};
use thimble_engine::contract::{Error, Fit, Limits};

use crate::gradient::{has_alpha, has_frames, is_of_display_p3, is_of_hdr, pixels, psnr};
use crate::support::{decoded, generate, make, spec, with_type};

/// Files whose colors are not those of the picture: they are taken for other colors.
const OTHER_COLORS: [&str; 6] = [
    "400-8",
    "400-10",
    "hlg",
    "p3-code-points",
    "p3-profile",
    "pq",
];

/// Files that show a part of the picture, or several of it.
const OTHER_PARTS: [&str; 8] = [
    "cropped",
    "derived",
    "grid-alphas",
    "overlay",
    "overlay-transparent",
    "steps",
    "turned",
    "turned-and-mirrored",
];

/// The color of the picture that every file shows.
fn color(x: u32, y: u32, (width, height): (u32, u32)) -> [u8; 3] {
    let share = |at: u32, side: u32| (at * 255 / (side - 1)) as u8;
    [share(x, width), share(y, height), 128]
}

#[test]
fn every_depth_every_subsampling_and_every_matrix_shows_the_same_picture() {
    for (name, source) in FILES {
        if OTHER_PARTS.contains(&name) || OTHER_COLORS.contains(&name) {
            continue;
        }
        let made = pixels(source);
        let sides = if name.starts_with("grid") {
            (160, 128)
        } else {
            (96, 64)
        };
        assert_eq!(made.dimensions(), sides, "{name}");
        let likeness = psnr(&made, |x, y| color(x, y, sides));
        let least = if name == "grain" { 24.0 } else { 37.0 };
        assert!(likeness > least, "{name}: {likeness:.1} dB");
    }
}

#[test]
fn what_has_no_colors_is_gray() {
    for name in ["400-8", "400-10"] {
        let made = pixels(file(name));
        let gray = |x, y| {
            let [red, green, blue] = color(x, y, (96, 64)).map(f64::from);
            [(0.299 * red + 0.587 * green + 0.114 * blue) as u8; 3]
        };
        let likeness = psnr(&made, gray);
        assert!(likeness > 37.0, "{name}: {likeness:.1} dB");
    }
}

#[test]
fn alpha_is_kept_whether_colors_were_multiplied_by_it_or_not() {
    for name in [
        "alpha",
        "alpha-premultiplied",
        "alpha-limited-10",
        "grid-alpha",
    ] {
        has_alpha(name, file(name), 6);
    }
}

#[test]
fn an_alpha_that_cannot_be_read_is_left_out_with_a_warning() {
    for name in ["alpha", "alpha-premultiplied", "grid-alphas"] {
        let mut source = file(name).to_vec();
        let (_, warnings) = decoded(&source);
        assert_eq!(warnings, Vec::<String>::new(), "{name}");
        // The last item is one of an unknown kind.
        let entries = source.windows(4).rposition(|four| four == b"infe");
        let kind = entries.unwrap() + 12;
        source[kind..kind + 4].copy_from_slice(b"zzzz");
        let (made, warnings) = decoded(&source);
        assert_eq!(
            warnings,
            ["its alpha cannot be read, and is left out"],
            "{name}"
        );
        assert!(made.pixels().all(|pixel| pixel.0[3] == 255), "{name}");
    }
}

#[test]
fn an_alpha_of_garbage_or_beyond_the_end_is_left_out_with_a_warning() {
    let source = file("alpha");
    // The number of the second item and its one extent, whose place and length follow.
    let head = b"\0\x02\0\0\0\x01";
    let at = source.windows(6).position(|six| six == head).unwrap() + 6;
    let number = |at: usize| u32::from_be_bytes(*source[at..].first_chunk().unwrap()) as usize;
    let (place, length) = (number(at), number(at + 4));
    let mut beyond = source.to_vec();
    beyond[at..at + 4].copy_from_slice(&(source.len() as u32).to_be_bytes());
    let mut garbage = source.to_vec();
    garbage[place..place + length].fill(0xff);
    for broken in [beyond, garbage] {
        let (made, warnings) = decoded(&broken);
        assert_eq!(warnings, ["its alpha cannot be read, and is left out"]);
        assert!(made.pixels().all(|pixel| pixel.0[3] == 255));
        let sides = made.dimensions();
        assert!(psnr(&made, |x, y| color(x, y, sides)) > 37.0);
    }
}

#[test]
fn an_overlay_says_once_that_alphas_of_its_pictures_cannot_be_read() {
    let source = file("overlay");
    let start = source.windows(4).position(|four| four == b"meta").unwrap() - 4;
    let length = u32::from_be_bytes(*source[start..].first_chunk().unwrap()) as usize;
    let boxed = |kind: &[u8; 4], content: &[u8]| {
        let length = (content.len() as u32 + 8).to_be_bytes();
        [&length[..], kind, content].concat()
    };
    // Both pictures have an alpha, item 9, which has nothing but that name, property 8.
    let alpha = b"\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0";
    let properties = [
        boxed(b"ipco", &boxed(b"auxC", alpha)),
        boxed(b"ipma", &[0, 0, 0, 0, 0, 0, 0, 1, 0, 9, 1, 8]),
    ];
    let reference = boxed(b"auxl", &[0, 9, 0, 2, 0, 2, 0, 3]);
    let inner = [
        &source[start + 8..start + length],
        &boxed(b"iprp", &properties.concat()),
        &boxed(b"iref", &[&[0; 4][..], &reference].concat()),
    ];
    // Behind everything else, where it may be longer.
    let mut broken = source.to_vec();
    broken[start + 4..start + 8].copy_from_slice(b"free");
    broken.extend(boxed(b"meta", &inner.concat()));
    let (whole, none) = decoded(source);
    let (made, warnings) = decoded(&broken);
    assert_eq!(none, Vec::<String>::new());
    assert_eq!(warnings, ["its alpha cannot be read, and is left out"]);
    assert!(made == whole);
}

#[test]
fn a_picture_is_cropped_then_turned_then_mirrored() {
    let made = pixels(file("cropped"));
    assert_eq!(made.dimensions(), (64, 32));
    assert!(psnr(&made, |x, y| color(x + 16, y + 8, (96, 64))) > 37.0);
    let made = pixels(file("turned"));
    assert_eq!(made.dimensions(), (64, 96));
    // A quarter counterclockwise: what was on the right is at the top.
    assert!(psnr(&made, |x, y| color(95 - y, x, (96, 64))) > 37.0);
    let made = pixels(file("turned-and-mirrored"));
    assert_eq!(made.dimensions(), (64, 96));
    // Three quarters, and then top and bottom change places.
    assert!(psnr(&made, |x, y| color(95 - y, 63 - x, (96, 64))) > 37.0);
}

#[test]
fn crops_turns_and_pictures_derived_from_others_come_in_their_order() {
    // Derived from one that is derived by a crop, and turned then.
    let made = pixels(file("derived"));
    assert_eq!(made.dimensions(), (32, 64));
    assert!(psnr(&made, |x, y| color(79 - y, 8 + x, (96, 64))) > 37.0);
    // A crop between a turn and the turn back.
    let made = pixels(file("steps"));
    assert_eq!(made.dimensions(), (32, 48));
    assert!(psnr(&made, |x, y| color(48 + x, 8 + y, (96, 64))) > 37.0);
}

#[test]
fn pictures_of_an_overlay_lie_on_top_of_each_other_and_on_its_background() {
    let gray = |x, y| {
        let [red, green, blue] = color(x, y, (96, 64)).map(f64::from);
        [(0.299 * red + 0.587 * green + 0.114 * blue) as u8; 3]
    };
    let made = pixels(file("overlay"));
    assert_eq!(made.dimensions(), (128, 80));
    assert!(made.pixels().all(|pixel| pixel.0[3] == 255));
    let wanted = |x, y| match (x, y) {
        (40.., 30..) => gray(x - 40, y - 30),
        (..80, 8..72) => color(x + 16, y - 8, (96, 64)),
        _ => [0, 128, 0],
    };
    let likeness = psnr(&made, wanted);
    assert!(likeness > 37.0, "{likeness:.1} dB");
    let made = pixels(file("overlay-transparent"));
    assert_eq!(made.dimensions(), (80, 128));
    for (x, y, pixel) in made.enumerate_pixels() {
        let is_covered = (8..72).contains(&x) && (16..112).contains(&y);
        assert_eq!(pixel.0[3], if is_covered { 255 } else { 0 }, "{x}, {y}");
    }
    assert!(psnr(&made, |x, y| color(111 - y, x - 8, (96, 64))) > 37.0);
}

#[test]
fn tiles_of_a_grid_may_have_an_alpha_each() {
    let made = pixels(file("grid-alphas"));
    assert_eq!(made.dimensions(), (192, 64));
    for (x, _, pixel) in made.enumerate_pixels() {
        let wanted = (x % 96 * 255 / 95) as u8;
        assert!(pixel.0[3].abs_diff(wanted) <= 6, "{pixel:?} at {x}");
    }
    assert!(psnr(&made, |x, y| color(x % 96, y, (96, 64))) > 34.0);
}

#[test]
fn colors_are_converted_to_srgb_as_a_profile_or_code_points_say() {
    for name in ["p3-code-points", "p3-profile"] {
        is_of_display_p3(name, file(name));
    }
}

#[test]
fn light_of_hdr_is_mapped_to_a_screen() {
    for name in ["pq", "hlg"] {
        is_of_hdr(name, file(name));
    }
}

#[test]
fn the_frames_of_a_sequence_are_counted_and_the_still_is_shown() {
    has_frames(file("sequence"), "image/avif", 2);
}

#[test]
fn a_sequence_without_a_still_shows_its_first_frame() {
    has_frames(file("film"), "image/avif", 2);
    assert!(psnr(&pixels(file("film")), |x, y| color(x, y, (96, 64))) > 37.0);
}

#[test]
fn a_sequence_whose_items_name_no_picture_shows_its_first_frame() {
    let mut source = file("sequence").to_vec();
    let at = source.windows(4).position(|four| four == b"pitm").unwrap();
    source[at..at + 4].copy_from_slice(b"free");
    has_frames(&source, "image/avif", 2);
    assert!(psnr(&pixels(&source), |x, y| color(x, y, (96, 64))) > 37.0);
}

#[test]
fn a_frame_of_other_sides_than_the_file_states_is_stretched_as_browsers_do() {
    for name in ["420-8", "444-12", "alpha"] {
        for sides in [(95, 63), (90, 50), (192, 128), (64, 96)] {
            let mut source = file(name).to_vec();
            let places = source.windows(4).enumerate();
            let places = places.filter(|(_, four)| four == b"ispe");
            let places: Vec<usize> = places.map(|(at, _)| at + 8).collect();
            for at in places {
                source[at..at + 4].copy_from_slice(&u32::to_be_bytes(sides.0));
                source[at + 4..at + 8].copy_from_slice(&u32::to_be_bytes(sides.1));
            }
            let made = pixels(&source);
            assert_eq!(made.dimensions(), sides, "{name}");
            let likeness = psnr(&made, |x, y| color(x, y, sides));
            assert!(likeness > 36.0, "{name}, {sides:?}: {likeness:.1} dB");
            if name == "alpha" {
                has_alpha(name, &source, 3);
            }
        }
    }
}

#[test]
fn small_thumbnails_look_as_those_of_a_resampler_alone() {
    // At less than half of the size the in-loop filters are left out.
    let small = make(
        file("420-8"),
        &[with_type("image/png", spec(24, 16, Fit::Inside))],
    );
    let small = image::load_from_memory(&small[0].data).unwrap().to_rgba8();
    let wanted = |x, y| color(x * 4 + 2, y * 4 + 2, (96, 64));
    let likeness = psnr(&small, wanted);
    assert!(likeness > 37.0, "{likeness:.1} dB");
}

#[test]
fn a_grid_that_is_cut_off_shows_the_tiles_there_are() {
    let grid = file("grid");
    let (made, warnings) = decoded(&grid[..grid.len() - 20]);
    assert!(warnings[0].contains("truncated"), "{warnings:?}");
    let corners =
        [(2, 2), (made.width() - 3, made.height() - 3)].map(|(x, y)| made.get_pixel(x, y).0[3]);
    assert_eq!(corners, [255, 0]);
}

#[test]
fn what_is_not_decoded_is_named() {
    let mut other = file("420-8").to_vec();
    // The kind of the item stands behind its version and two numbers.
    let at = other.windows(4).position(|four| four == b"infe").unwrap() + 12;
    for (kind, word) in [(b"hvc1", "HEVC"), (b"abcd", "unknown")] {
        other[at..at + 4].copy_from_slice(kind);
        let Err(Error::UnsupportedFormat(reason)) = generate(&other, &Limits::default()) else {
            panic!("{word} is decoded");
        };
        assert!(reason.contains(word), "{reason}");
    }
}
