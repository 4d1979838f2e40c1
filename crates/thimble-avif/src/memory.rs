//! Memory that decoding takes.

use thimble_heif::{Picture, Plane};

/// Bytes of a frame that is being decoded, for each of its own: the decoder's tables.
const HELD_A_BYTE: f64 = 2.5;

/// Bytes that are held at one time while a picture is decoded, for each of its pixels: a row
/// of tiles, of the colors and of the alpha. The whole of it counts, whatever is shown.
#[must_use]
pub fn held_a_pixel(picture: &Picture<'_>) -> f64 {
    let planes = [Some(&picture.main), picture.alpha.as_ref()];
    let held = planes.into_iter().flatten().map(|plane| {
        let rows = plane.columns as f64 * f64::from(plane.tile.0) * f64::from(plane.tile.1);
        let share = rows / (f64::from(plane.width) * f64::from(plane.height));
        share.max(0.0) * bytes_per_pixel(plane)
    });
    held.sum::<f64>() * HELD_A_BYTE
}

/// Bytes of a pixel's samples.
fn bytes_per_pixel(plane: &Plane<'_>) -> f64 {
    let samples = match (plane.coding.is_gray, plane.coding.halved) {
        (true, _) => 1.0,
        (_, (true, true)) => 1.5,
        (_, (true, false)) => 2.0,
        _ => 3.0,
    };
    if plane.coding.depth > 8 {
        2.0 * samples
    } else {
        samples
    }
}
