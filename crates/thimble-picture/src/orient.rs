//! Orientation: how a camera was held, and turning the picture upright.

use crate::{Picture, Plane};

/// The turn that makes a stored picture upright.
///
/// The numbers are those of EXIF.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Orientation {
    /// 1: it is upright.
    #[default]
    Upright,
    /// 2: mirror left and right.
    MirrorHorizontally,
    /// 3: turn by half.
    TurnHalf,
    /// 4: mirror top and bottom.
    MirrorVertically,
    /// 5: swap rows and columns.
    Transpose,
    /// 6: turn a quarter clockwise.
    TurnRight,
    /// 7: swap rows and columns, then turn by half.
    Transverse,
    /// 8: turn a quarter counter-clockwise.
    TurnLeft,
}

impl Orientation {
    /// Every orientation, in the order of EXIF's numbers.
    pub const ALL: [Orientation; 8] = [
        Orientation::Upright,
        Orientation::MirrorHorizontally,
        Orientation::TurnHalf,
        Orientation::MirrorVertically,
        Orientation::Transpose,
        Orientation::TurnRight,
        Orientation::Transverse,
        Orientation::TurnLeft,
    ];

    /// The orientation that EXIF gives the number `value`. A value that EXIF does
    /// not define is taken for upright, as every viewer does.
    pub fn from_number(value: u32) -> Orientation {
        let index = (value as usize).wrapping_sub(1);
        Orientation::ALL.get(index).copied().unwrap_or_default()
    }

    /// True if width and height trade places.
    pub fn swaps_sides(self) -> bool {
        matches!(
            self,
            Orientation::Transpose
                | Orientation::TurnRight
                | Orientation::Transverse
                | Orientation::TurnLeft
        )
    }

    /// The sides of a picture once it is upright. Its own inverse.
    pub fn upright<T>(self, width: T, height: T) -> (T, T) {
        if self.swaps_sides() {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Turns a picture upright.
    ///
    /// Samples beyond the extent of a plane are left behind. Where an extent is
    /// a fraction of a sample (color differences of a picture with odd sides),
    /// turn after resizing: mirrored samples move by that fraction.
    pub fn apply(self, picture: Picture) -> Picture {
        if self == Orientation::Upright {
            return picture;
        }
        let planes = picture
            .planes
            .iter()
            .map(|plane| self.turn(plane))
            .collect();
        Picture {
            model: picture.model,
            planes,
        }
    }

    fn turn(self, plane: &Plane) -> Plane {
        match plane.channels {
            1 => self.turn_samples::<1>(plane),
            3 => self.turn_samples::<3>(plane),
            _ => self.turn_samples::<4>(plane),
        }
    }

    fn turn_samples<const CHANNELS: usize>(self, plane: &Plane) -> Plane {
        let (columns, rows) = plane.covered();
        let (width, height) = self.upright(columns, rows);
        let (source, _) = plane.samples.as_chunks::<CHANNELS>();
        let mut samples = Vec::with_capacity(width * height * CHANNELS);
        for y in 0..height {
            let from = |x: usize| {
                let (column, row) = self.origin((x, y), (columns, rows));
                row * plane.width + column
            };
            for x in 0..width {
                let sample = source.get(from(x)).copied().unwrap_or([0; CHANNELS]);
                samples.extend_from_slice(&sample);
            }
        }
        let extent = self.upright(plane.extent.0, plane.extent.1);
        Plane {
            channels: CHANNELS,
            width,
            height,
            extent,
            samples,
        }
    }

    /// The stored column and row of the sample that is upright at `(x, y)`.
    fn origin(self, (x, y): (usize, usize), (columns, rows): (usize, usize)) -> (usize, usize) {
        let (right, bottom) = (columns - 1, rows - 1);
        match self {
            Orientation::Upright => (x, y),
            Orientation::MirrorHorizontally => (right - x, y),
            Orientation::TurnHalf => (right - x, bottom - y),
            Orientation::MirrorVertically => (x, bottom - y),
            Orientation::Transpose => (y, x),
            Orientation::TurnRight => (y, bottom - x),
            Orientation::Transverse => (right - y, bottom - x),
            Orientation::TurnLeft => (right - y, x),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Model;

    fn gray((width, height): (usize, usize), extent: (f64, f64), samples: &[u8]) -> Picture {
        let plane = Plane {
            channels: 1,
            width,
            height,
            extent,
            samples: samples.to_vec(),
        };
        Picture {
            model: Model::Gray,
            planes: vec![plane],
        }
    }

    #[test]
    fn each_orientation_moves_the_corners_where_exif_says() {
        // Stored a b c / d e f.
        let upright = [
            "abcdef", "cbafed", "fedcba", "defabc", "adbecf", "daebfc", "fcebda", "cfbead",
        ];
        for (orientation, expected) in Orientation::ALL.into_iter().zip(upright) {
            let turned = &orientation
                .apply(gray((3, 2), (3.0, 2.0), b"abcdef"))
                .planes[0];
            assert_eq!(
                str::from_utf8(&turned.samples),
                Ok(expected),
                "{orientation:?}"
            );
            assert_eq!((turned.width, turned.height), orientation.upright(3, 2));
        }
    }

    #[test]
    fn samples_beyond_the_picture_are_left_behind() {
        let turned = Orientation::TurnHalf.apply(gray((3, 1), (2.0, 1.0), b"abx"));
        assert_eq!(turned.planes[0].samples, b"ba");
    }
}
