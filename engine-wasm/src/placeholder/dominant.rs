//! The dominant color: the one that most of a picture is near to.
//!
//! A histogram with sixteen steps a color, looked at through a window of two steps each
//! way, so that a color on the edge of a step is not split. The answer is the mean of the
//! pixels in the window that holds the most of them.

use super::Pixels;

/// Steps of a color in the histogram.
const STEPS: usize = 16;

/// Pixels of one step of each color: their sum of red, green and blue, and of alpha,
/// by which each counts.
type Sums = [u64; 4];

/// The color as `#` and six digits; that of the background, if nothing is to be seen.
pub(super) fn encode(pixels: &Pixels<'_>, background: [u8; 3]) -> String {
    let mut histogram = vec![[0; 4]; STEPS * STEPS * STEPS];
    for pixel @ [red, green, blue, alpha] in pixels.pixels {
        let [red, green, blue] = [red, green, blue].map(|level| usize::from(level / 16));
        if let Some(sums) = histogram.get_mut(index(red, green, blue)) {
            let weighed = pixel.map(|level| u64::from(level) * u64::from(*alpha));
            let [red, green, blue, _] = weighed;
            add(sums, &[red, green, blue, u64::from(*alpha)]);
        }
    }
    let mut most = [0; 4];
    for red in 0..STEPS - 1 {
        for green in 0..STEPS - 1 {
            for blue in 0..STEPS - 1 {
                let seen = window(&histogram, [red, green, blue]);
                if seen[3] > most[3] {
                    most = seen;
                }
            }
        }
    }
    let [red, green, blue] = match most {
        [.., 0] => background,
        [red, green, blue, alpha] => {
            [red, green, blue].map(|sum| ((sum + alpha / 2) / alpha) as u8)
        }
    };
    format!("#{red:02x}{green:02x}{blue:02x}")
}

fn index(red: usize, green: usize, blue: usize) -> usize {
    (red * STEPS + green) * STEPS + blue
}

/// The sums of two steps each way.
fn window(histogram: &[Sums], [red, green, blue]: [usize; 3]) -> Sums {
    let mut seen = [0; 4];
    for corner in 0..8 {
        let at = index(
            red + (corner >> 2),
            green + (corner >> 1 & 1),
            blue + (corner & 1),
        );
        add(&mut seen, histogram.get(at).unwrap_or(&[0; 4]));
    }
    seen
}

fn add(sums: &mut Sums, more: &Sums) {
    for (sum, more) in sums.iter_mut().zip(more) {
        *sum += more;
    }
}
