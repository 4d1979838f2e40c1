//! Drawings: a logo with transparency, and two that move.

use std::f32::consts::TAU;

use crate::light::{Light, disc, hex, inside, mix, rounded_box, sample, scale, step};

/// A logo on nothing, as 8-bit RGBA that is not premultiplied: a thimble, with a
/// soft shadow that shows every mistake made with transparency.
pub(crate) fn logo(side: u32) -> Vec<u8> {
    paint(side, |x, y, pixel| {
        let shadow = 0.45
            * step(
                0.10,
                -0.06,
                rounded_box(x - 0.02, y - 0.40, (0.30, 0.03), 0.03),
            );
        let body = thimble(x, y);
        let cover = inside(body, pixel);
        let alpha = cover + shadow * (1.0 - cover);
        (
            mix(hex(0x1c2733), metal(x, y, pixel), cover / alpha.max(1e-6)),
            alpha,
        )
    })
}

/// A cap that widens toward its rim.
fn thimble(x: f32, y: f32) -> f32 {
    let half = 0.21 + 0.12 * (y + 0.36);
    let cap = rounded_box(x * 0.27 / half, y - 0.02, (0.27, 0.38), 0.17).max(y - 0.36);
    cap.min(rounded_box(x, y - 0.35, (0.33, 0.05), 0.05))
}

fn metal(x: f32, y: f32, pixel: f32) -> Light {
    let half = 0.21 + 0.12 * (y + 0.36);
    let turn = (x / half).clamp(-1.0, 1.0);
    let sheen = 0.35 + 0.65 * (-((turn + 0.35) * 2.2).powi(2)).exp() + 0.18 * step(0.6, 1.0, turn);
    let base = scale(
        mix(hex(0xf0a63a), hex(0xfff0c4), sheen - 0.45),
        0.35 + 0.75 * sheen,
    );
    let row = ((y + 0.30) / 0.085).floor();
    let across = turn.asin() * 3.2 + 0.5 * (row.rem_euclid(2.0));
    let (dx, dy) = (
        (across - across.round()) * 0.085,
        (y + 0.30) - (row + 0.5) * 0.085,
    );
    let dimple =
        inside(disc(dx, dy, 0.026), pixel * 2.0) * step(0.32, 0.30, y) * step(-0.32, -0.30, y);
    let band = inside((y - 0.35).abs() - 0.05, pixel);
    mix(
        mix(base, hex(0x7c4a10), dimple * 0.75),
        scale(hex(0xe0702a), 0.4 + sheen),
        band,
    )
}

/// Frames of a ball that bounces, as 8-bit RGB.
pub(crate) fn bouncing_ball(side: u32, frames: u32) -> Vec<Vec<u8>> {
    let frame = |index: u32| {
        let time = index as f32 / frames as f32;
        let high = 1.0 - (2.0 * time - 1.0).powi(2);
        let opaque = paint(side, |x, y, pixel| (ball_on_floor(x, y, pixel, high), 1.0));
        opaque
            .as_chunks::<4>()
            .0
            .iter()
            .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
            .collect()
    };
    (0..frames).map(frame).collect()
}

fn ball_on_floor(x: f32, y: f32, pixel: f32, high: f32) -> Light {
    let wall = mix(hex(0x6cc5d9), hex(0xe6f6f4), step(-0.5, 0.25, y));
    let floor = mix(hex(0x3f8f7a), hex(0x2a6b60), step(0.25, 0.5, y));
    let room = mix(wall, floor, inside(0.25 - y, pixel));
    let shadow = inside(disc(x, (y - 0.36) * 3.5, 0.13 - 0.05 * high), 0.02);
    let room = scale(room, 1.0 - (0.5 - 0.3 * high) * shadow);
    let (dy, radius) = (y - 0.22 + 0.42 * high, 0.15);
    let shade = (0.9 - (x * 0.9 + dy) / radius * 0.35).clamp(0.2, 1.2);
    let paint = if (x * 0.8 + dy).abs() < 0.03 {
        hex(0xfff3da)
    } else {
        hex(0xe4453a)
    };
    mix(
        room,
        scale(paint, shade),
        inside(disc(x, dy, radius), pixel),
    )
}

/// Frames of a wheel of dots that turns, on nothing, as 8-bit RGBA.
pub(crate) fn turning_wheel(side: u32, frames: u32) -> Vec<Vec<u8>> {
    let frame = |index: u32| {
        let turned = index as f32 / frames as f32;
        paint(side, |x, y, pixel| {
            let angle = (y.atan2(x) / TAU + 1.0).fract();
            let dot = (angle * 12.0).round() / 12.0;
            let (dx, dy) = (x - 0.36 * (dot * TAU).cos(), y - 0.36 * (dot * TAU).sin());
            let fresh = (dot - turned).rem_euclid(1.0);
            (
                mix(hex(0x1b6fd6), hex(0x7fd1f2), fresh),
                inside(disc(dx, dy, 0.07), pixel) * (0.2 + 0.8 * fresh),
            )
        })
    };
    (0..frames).map(frame).collect()
}

/// A square of 8-bit RGBA, each pixel painted for its place around the middle.
fn paint(side: u32, color: impl Fn(f32, f32, f32) -> (Light, f32)) -> Vec<u8> {
    let pixel = 1.0 / side as f32;
    let place = |at: u32| (at as f32 + 0.5) * pixel - 0.5;
    let pixels = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    let rgba = pixels.flat_map(|(x, y)| {
        let (light, alpha) = color(place(x), place(y), pixel);
        let [red, green, blue] = light.map(sample);
        [red, green, blue, alpha.clamp(0.0, 1.0)].map(|value| (value * 255.0 + 0.5) as u8)
    });
    rgba.collect()
}
