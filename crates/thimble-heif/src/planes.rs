//! The three planes of a coded picture: what their samples are, and how halved ones widen.

use crate::CodePoints;

/// Shares of the two color differences in red, green and blue, where those of luma are 1.
pub type Matrix = [[f64; 2]; 3];

/// The meaning of three planes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Planes {
    /// Green, blue and red.
    Colors,
    /// Luma and two color differences.
    Differences(Matrix),
}

impl CodePoints {
    /// The meaning of three planes, of which the second and third are halved or not, as
    /// ITU-T H.273 has it. `None` for matrix coefficients that are not known.
    #[must_use]
    pub fn planes(&self, halved: (bool, bool)) -> Option<Planes> {
        Some(match self.matrix {
            0 if halved == (false, false) => Planes::Colors,
            8 => Planes::Differences([[-1.0, 1.0], [1.0, 0.0], [-1.0, -1.0]]),
            _ => Planes::Differences(of_shares(self.shares()?)),
        })
    }

    /// Shares of red and blue in luma.
    fn shares(&self) -> Option<(f64, f64)> {
        Some(match self.matrix {
            1 => (0.2126, 0.0722),
            4 => (0.30, 0.11),
            2 | 5 | 6 => (0.299, 0.114),
            7 => (0.212, 0.087),
            9 => (0.2627, 0.0593),
            // Derived from the primaries.
            12 => match self.primaries {
                1 => (0.2126, 0.0722),
                9 => (0.2627, 0.0593),
                11 | 12 => (0.2290, 0.0793),
                _ => (0.299, 0.114),
            },
            _ => return None,
        })
    }
}

fn of_shares((red, blue): (f64, f64)) -> Matrix {
    let green = 1.0 - red - blue;
    let (of_red, of_blue) = (2.0 * (1.0 - red), 2.0 * (1.0 - blue));
    [
        [0.0, of_red],
        [-blue * of_blue / green, -red * of_red / green],
        [of_blue, 0.0],
    ]
}

/// Fills a row of `width` samples from half as many, which lie between two pixels each.
pub fn widen(samples: &[u16], width: usize, wide: &mut Vec<u16>) {
    wide.clear();
    let last = samples.len().saturating_sub(1);
    for (index, near) in samples.iter().enumerate() {
        let mix = |far: u16| (3 * near + far + 2) >> 2;
        wide.push(mix(samples[index.saturating_sub(1)]));
        wide.push(mix(samples[(index + 1).min(last)]));
    }
    wide.truncate(width);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planes(matrix: u8, halved: (bool, bool)) -> Option<Planes> {
        let points = CodePoints {
            primaries: 1,
            transfer: 13,
            matrix,
            is_full_range: true,
        };
        points.planes(halved)
    }

    #[test]
    fn differences_are_as_bt_601_has_them() {
        let Some(Planes::Differences(matrix)) = planes(6, (true, true)) else {
            panic!("no differences");
        };
        let wanted = [[0.0, 1.402], [-0.344_136, -0.714_136], [1.772, 0.0]];
        for (made, wanted) in matrix.as_flattened().iter().zip(wanted.as_flattened()) {
            assert!((made - wanted).abs() < 1e-5, "{made} {wanted}");
        }
    }

    #[test]
    fn planes_of_colors_are_never_halved_and_others_are_known() {
        assert_eq!(planes(0, (false, false)), Some(Planes::Colors));
        assert_eq!(planes(0, (true, false)), None);
        assert_eq!(planes(10, (true, true)), None);
    }

    #[test]
    fn a_wide_row_ends_with_its_width() {
        let mut wide = Vec::new();
        widen(&[0, 100], 3, &mut wide);
        assert_eq!(wide, [0, 25, 75]);
    }
}
