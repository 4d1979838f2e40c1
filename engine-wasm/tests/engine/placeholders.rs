//! Placeholders: the bytes of the reference implementations, and no say in anything else.

use testkit::pixels::{Pixels, test_picture};
use thimble_engine::contract::{Fit, Spec};

use crate::support::{make, spec, with_type};

const THUMBHASH: &str = "image/x-thumbhash";
const BLURHASH: &str = "image/x-blurhash";
const COLOR: &str = "image/x-color";

/// Gradients with grain. Without the grain some coefficients would be nothing but the
/// rounding errors of the reference implementations.
fn painted(width: usize, height: usize, kind: &str) -> Pixels {
    Pixels::new(width, height, |x, y| {
        let grain = (x * 7_919 + y * 104_729 + x * y * 31) % 256;
        let red = (x * 200 / width + grain / 4) % 256;
        let green = (y * 180 / height + grain / 8 + 20) % 256;
        let blue = (255 + 256 - x * y * 150 / (width * height) - grain / 8) % 256;
        let alpha = match kind {
            "clear" => (x * 3 + y * 5 + grain / 4) % 256,
            "hole" if x * 7 < width * 3 && y * 7 < height * 3 => 0,
            _ => 255,
        };
        match kind {
            "gray" => [red, red, red, alpha],
            _ => [red, green, blue, alpha],
        }
        .map(|sample| sample as u8)
    })
}

/// A placeholder of every pixel.
fn of(picture: &Pixels, media_type: &str) -> Vec<u8> {
    let whole = spec(picture.width as u32, picture.height as u32, Fit::Inside);
    let made = make(&picture.to_png(), &[with_type(media_type, whole)]);
    made[0].data.clone()
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Made by the packages `thumbhash` 0.1.1 of npm and `blurhash` 1.1.5 of PyPI.
#[rustfmt::skip]
const REFERENCE: [(usize, usize, &str, &str, &str); 10] = [
    (32, 24, "photo", "a505064d948077876177778777787777809007e878", "LlGk^]2yw}XAmNWSfOf7bvj=fRa#"),
    (24, 32, "photo", "a505064d147087617878777877787777709007e778", "TjGbZR2ysEmNacj=bvfOa#noa|a#"),
    (100, 67, "photo", "a605064d947077776177787787787787809007e778", "LoG[j.2ew|Sih]avfOf6gLfOfRfP"),
    (31, 31, "photo", "a505064f1470877761787777877877877777070779708e07", "LlGk^[2ywhXAmNavj=f7bvjra#fj"),
    (100, 7, "photo", "652506419470777762787778709007e777", "LzG*qU6-wgW?vbS0o0azaRjqa{fP"),
    (5, 90, "photo", "25e505491470608777777777709108e788", "T?E:TUKnN|iBeofNkVbFfQjJf7az"),
    (32, 32, "clear", "270682250c198087727998878780a108e96864786079958676", ""),
    (48, 20, "clear", "271682228c18908771799890b008f96760786379867777", ""),
    (20, 48, "hole", "2706822a142ca0b3aa5a6690e109f878609a209766a799", ""),
    (40, 30, "gray", "200816058070777777888777788887780000000000", "LlGu,m00xuWBofWBj[j[fQayj[ay"),
];

#[test]
fn hashes_are_those_of_the_reference_implementations() {
    for (width, height, kind, thumbhash, blurhash) in REFERENCE {
        let picture = painted(width, height, kind);
        let name = format!("{width}x{height} {kind}");
        assert_eq!(hexadecimal(&of(&picture, THUMBHASH)), thumbhash, "{name}");
        if !blurhash.is_empty() {
            let made = of(&picture, BLURHASH);
            assert_eq!(String::from_utf8_lossy(&made), blurhash, "{name}");
        }
    }
}

#[test]
fn a_placeholder_of_one_color_is_of_that_color() {
    for (color, hash) in [([200, 30, 60, 255], "#c81e3c"), ([0, 0, 0, 255], "#000000")] {
        let picture = Pixels::new(40, 30, |_, _| color);
        assert_eq!(of(&picture, COLOR), hash.as_bytes());
        let thumbhash = of(&picture, THUMBHASH);
        assert_eq!(thumbhash.len(), 21);
        assert!(
            thumbhash[5..].iter().all(|byte| *byte == 0),
            "{thumbhash:?}"
        );
        assert_eq!(of(&picture, BLURHASH).len(), 28);
    }
}

#[test]
fn the_dominant_color_is_that_of_most_pixels_and_not_their_mean() {
    // Two thirds blue, one third of all reds.
    let picture = Pixels::new(60, 40, |x, y| {
        if x < 40 {
            [20, 40, (200 + y % 3) as u8, 255]
        } else {
            [(x * y % 256) as u8, 0, 0, 255]
        }
    });
    assert_eq!(of(&picture, COLOR), b"#1428c9");
    let unseen = Pixels::new(8, 8, |_, _| [200, 100, 0, 0]);
    assert_eq!(
        of(&unseen, COLOR),
        b"#ffffff",
        "the background shows through"
    );
}

/// Hosts ask for placeholders that nobody sees beside what was asked of them.
#[test]
fn a_placeholder_changes_no_byte_beside_it() {
    let png = test_picture(300, 200, true).to_png();
    let source = make(
        &png,
        &[with_type("image/jpeg", spec(300, 200, Fit::Inside))],
    );
    for source in [&png, &source[0].data] {
        let wanted = [
            spec(20, 20, Fit::Cover),
            spec(90, 90, Fit::Inside),
            spec(31, 31, Fit::Contain),
        ];
        let alone = make(source, &wanted);
        let hidden =
            [THUMBHASH, BLURHASH, COLOR].map(|kind| with_type(kind, spec(100, 100, Fit::Inside)));
        let beside: Vec<Spec> = hidden.iter().chain(&wanted).cloned().collect();
        let made = make(source, &beside);
        assert_eq!(made[3..], alone);
        assert_eq!(
            (made[0].dimensions.width, made[0].dimensions.height),
            (100, 67)
        );
    }
}
