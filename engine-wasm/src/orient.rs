//! Orientation: how a camera was held, and turning the picture upright.
//!
//! The orientation comes from the EXIF block alone. A value that EXIF does not
//! define is taken for upright, as every viewer does.

use crate::decode::Bytes;
use crate::picture::{Picture, Plane};

/// How a stored picture has to be turned to be upright.
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

/// Where the tag of the orientation is in a TIFF directory.
const TAG: u16 = 274;
/// What a TIFF directory calls 16-bit integers.
const SHORT: u16 = 3;

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

    /// The orientation that EXIF gives the number `value`.
    pub fn from_number(value: u32) -> Orientation {
        let index = (value as usize).wrapping_sub(1);
        Orientation::ALL.get(index).copied().unwrap_or_default()
    }

    /// The orientation that an EXIF block states, with or without the prefix
    /// that JPEG puts before it.
    pub fn from_exif(exif: &[u8]) -> Orientation {
        let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
        find_in_first_directory(exif)
            .map(u32::from)
            .map_or_else(Self::default, Self::from_number)
    }

    /// Whether width and height trade places.
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

/// A TIFF directory is a count and that many entries of twelve bytes: tag,
/// type, count, value.
fn find_in_first_directory(exif: &[u8]) -> Option<u16> {
    let bytes = match exif.first_chunk()? {
        b"II*\0" => Bytes::little_endian(exif),
        b"MM\0*" => Bytes::big_endian(exif),
        _ => return None,
    };
    let directory = bytes.u32(4)? as usize;
    let count = usize::from(bytes.u16(directory)?);
    let entry = (0..count)
        .map_while(|index| directory.checked_add(2 + 12 * index))
        .find(|entry| bytes.u16(*entry) == Some(TAG))?;
    if bytes.u16(entry + 2)? == SHORT {
        bytes.u16(entry + 8)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Model;

    /// A directory of one entry.
    fn exif(big_endian: bool, kind: u16, value: u16) -> Vec<u8> {
        let short = |value: u16| {
            if big_endian {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            }
        };
        let long = |value: u32| {
            if big_endian {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            }
        };
        let mut exif = if big_endian {
            b"MM\0*".to_vec()
        } else {
            b"II*\0".to_vec()
        };
        exif.extend(long(8));
        exif.extend([short(1), short(TAG), short(kind)].as_flattened());
        exif.extend(long(1));
        exif.extend([short(value), short(0)].as_flattened());
        exif
    }

    #[test]
    fn orientation_is_read_in_both_byte_orders_and_behind_a_prefix() {
        for (number, orientation) in (1..).zip(Orientation::ALL) {
            for big_endian in [false, true] {
                let exif = exif(big_endian, SHORT, number);
                assert_eq!(Orientation::from_exif(&exif), orientation);
                let prefixed = [b"Exif\0\0", exif.as_slice()].concat();
                assert_eq!(Orientation::from_exif(&prefixed), orientation);
            }
        }
    }

    #[test]
    fn nonsense_is_upright() {
        for number in [0, 9, 255] {
            assert_eq!(
                Orientation::from_exif(&exif(false, SHORT, number)),
                Orientation::Upright
            );
        }
        assert_eq!(
            Orientation::from_exif(&exif(false, 2, 6)),
            Orientation::Upright
        );
        let whole = exif(true, SHORT, 6);
        for length in 0..whole.len() - 2 {
            assert_eq!(
                Orientation::from_exif(&whole[..length]),
                Orientation::Upright
            );
        }
        let far = b"II*\0\xff\xff\xff\xff";
        assert_eq!(Orientation::from_exif(far), Orientation::Upright);
    }

    #[test]
    fn each_orientation_moves_the_corners_where_exif_says() {
        // Stored a b c / d e f.
        let upright = [
            "abcdef", "cbafed", "fedcba", "defabc", "adbecf", "daebfc", "fcebda", "cfbead",
        ];
        for (orientation, expected) in Orientation::ALL.into_iter().zip(upright) {
            let samples = b"abcdef".to_vec();
            let plane = Plane {
                channels: 1,
                width: 3,
                height: 2,
                extent: (3.0, 2.0),
                samples,
            };
            let turned = orientation.apply(Picture {
                model: Model::Gray,
                planes: vec![plane],
            });
            let turned = &turned.planes[0];
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
        let samples = b"abx".to_vec();
        let plane = Plane {
            channels: 1,
            width: 3,
            height: 1,
            extent: (2.0, 1.0),
            samples,
        };
        let turned = Orientation::TurnHalf.apply(Picture {
            model: Model::Gray,
            planes: vec![plane],
        });
        assert_eq!(turned.planes[0].samples, b"ba");
    }
}
