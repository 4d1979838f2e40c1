//! Likeness of thumbnails to their reference: one pass of Lanczos3 over the whole
//! source, in floating point, with alpha premultiplied.

use testkit::likeness::{exact, psnr};
use testkit::pixels::{Pixels, test_picture};
use thimble_engine::contract::{Fit, Spec};

use crate::support::{make, spec};

/// The least likeness, in dB: what two good decoders and resamplers agree to.
const BAR: f64 = 40.0;

fn lanczos3(x: f64) -> f64 {
    let turn = x * std::f64::consts::PI;
    if x == 0.0 {
        1.0
    } else if x.abs() >= 3.0 {
        0.0
    } else {
        turn.sin() / turn * (turn / 3.0).sin() / (turn / 3.0)
    }
}

/// The weights of source samples `first..` for each of `to` samples.
fn weights(from: usize, to: usize) -> Vec<(usize, Vec<f64>)> {
    let scale = from as f64 / to as f64;
    let reach = scale.max(1.0);
    let one = |index: usize| {
        let center = (index as f64 + 0.5) * scale;
        let first = (center - 3.0 * reach).floor().max(0.0) as usize;
        let last = ((center + 3.0 * reach).ceil() as usize).min(from);
        let raw: Vec<f64> = (first..last)
            .map(|x| lanczos3((x as f64 + 0.5 - center) / reach))
            .collect();
        let sum: f64 = raw.iter().sum();
        (first, raw.iter().map(|weight| weight / sum).collect())
    };
    (0..to).map(one).collect()
}

/// The reference: straight color and alpha, from 0 to 255.
fn reference(source: &Pixels, width: usize, height: usize) -> Vec<[f64; 4]> {
    let premultiplied: Vec<[f64; 4]> = exact(source)
        .into_iter()
        .map(|[red, green, blue, alpha]| {
            [
                red * alpha / 255.0,
                green * alpha / 255.0,
                blue * alpha / 255.0,
                alpha,
            ]
        })
        .collect();
    let sum = |weights: &[f64], pixel: &dyn Fn(usize) -> [f64; 4]| {
        let mut total = [0.0; 4];
        for (index, weight) in weights.iter().enumerate() {
            for (total, value) in total.iter_mut().zip(pixel(index)) {
                *total += weight * value;
            }
        }
        total
    };
    let (across, down) = (weights(source.width, width), weights(source.height, height));
    let mut wide = Vec::new();
    for y in 0..source.height {
        for (first, weights) in &across {
            wide.push(sum(weights, &|index| {
                premultiplied[y * source.width + first + index]
            }));
        }
    }
    let mut small = Vec::new();
    for (first, weights) in &down {
        for x in 0..width {
            let [red, green, blue, alpha] =
                sum(weights, &|index| wide[(first + index) * width + x]);
            let alpha = alpha.clamp(0.0, 255.0);
            let straight = |color: f64| {
                if alpha < 0.5 {
                    0.0
                } else {
                    (color * 255.0 / alpha).clamp(0.0, 255.0)
                }
            };
            small.push([straight(red), straight(green), straight(blue), alpha]);
        }
    }
    small
}

fn expect_like_reference(source: &Pixels, made: &Pixels, what: &str) {
    let expected = reference(source, made.width, made.height);
    let likeness = psnr(&expected, &exact(made));
    println!("{what}: {likeness:.1} dB");
    assert!(likeness >= BAR, "{what}: {likeness:.1} dB");
}

#[test]
fn a_thumbnail_is_like_lanczos3_in_floating_point() {
    for transparent in [false, true] {
        let source = test_picture(437, 311, transparent);
        for (width, height) in [(256, 256), (125, 125), (75, 75), (20, 300), (436, 310)] {
            let specs = [spec(width, height, Fit::Fill)];
            let made = Pixels::from_png(&make(&source.to_png(), &specs)[0].data);
            let what = format!("{width}x{height}, transparent: {transparent}");
            expect_like_reference(&source, &made, &what);
        }
        let larger = Spec {
            enlarge: true,
            ..spec(800, 650, Fit::Fill)
        };
        let made = Pixels::from_png(&make(&source.to_png(), &[larger])[0].data);
        expect_like_reference(
            &source,
            &made,
            &format!("enlarged, transparent: {transparent}"),
        );
    }
}

#[test]
fn a_thumbnail_made_of_a_larger_one_is_as_good() {
    for transparent in [false, true] {
        let source = test_picture(1231, 917, transparent);
        let specs = [600, 290, 150, 75, 40].map(|side| spec(side, side, Fit::Inside));
        for (made, spec) in make(&source.to_png(), &specs).iter().zip(&specs) {
            let made = Pixels::from_png(&made.data);
            let what = format!("{:?}, transparent: {transparent}", spec.bounds);
            expect_like_reference(&source, &made, &what);
        }
    }
}

#[test]
fn what_is_only_cropped_keeps_its_very_samples() {
    let source = test_picture(90, 70, true);
    let specs = [spec(45, 45, Fit::Inside), spec(40, 200, Fit::Cover)];
    let made = Pixels::from_png(&make(&source.to_png(), &specs)[1].data);
    assert_eq!((made.width, made.height), (40, 70));
    for y in 0..70 {
        for x in 0..40 {
            assert_eq!(made.at(x, y), source.at(x + 25, y), "at {x}, {y}");
        }
    }
}

#[test]
fn invisible_colors_do_not_bleed() {
    let source = Pixels::new(200, 200, |x, _| {
        if x < 100 {
            [255, 0, 0, 255]
        } else {
            [0, 255, 0, 0]
        }
    });
    let made = Pixels::from_png(&make(&source.to_png(), &[spec(37, 37, Fit::Inside)])[0].data);
    for [red, green, blue, alpha] in made.rgba {
        assert!(
            alpha < 8 || (red > 250 && green < 5 && blue == 0),
            "{red} {green} {blue} {alpha}"
        );
    }
}

#[test]
fn one_color_stays_that_color() {
    for color in [
        [255, 255, 255, 255],
        [0, 0, 0, 255],
        [3, 128, 252, 255],
        [200, 100, 50, 128],
    ] {
        let source = Pixels::new(1000, 30, |_, _| color);
        for (width, height) in [(7, 7), (333, 11), (999, 29), (1200, 50)] {
            let spec = Spec {
                enlarge: true,
                ..spec(width, height, Fit::Fill)
            };
            let made = Pixels::from_png(&make(&source.to_png(), &[spec])[0].data);
            for pixel in made.rgba {
                let near = pixel
                    .iter()
                    .zip(color)
                    .all(|(made, wanted)| made.abs_diff(wanted) <= 1);
                assert!(near, "{color:?} became {pixel:?} at {width}x{height}");
                assert!(
                    color[3] < 255 || pixel == color,
                    "{color:?} became {pixel:?}"
                );
            }
        }
    }
}
