//! QOI: each pixel is one that was there, or differs a little from the one before.

use std::vec::IntoIter;

/// Bytes of the header.
const HEADER: usize = 14;

/// The last bytes of a file, which are no pixels.
const END: [u8; 8] = [0, 0, 0, 0, 0, 0, 0, 1];

/// The pixels of a file of so many bytes in words, as far as it goes, if there is one. Each is
/// a word as well.
pub fn of(words: &[u32], length: u32) -> Option<impl Iterator<Item = u32> + use<>> {
    let file = words.iter().flat_map(|word| word.to_le_bytes());
    let rest: Vec<u8> = file.take(length as usize).skip(HEADER).collect();
    let mut rest = rest.into_iter();
    let mut state = State {
        pixel: [0, 0, 0, 255],
        seen: [[0; 4]; 64],
        run: 0,
    };
    let pixels = std::iter::from_fn(move || state.next(&mut rest));
    let mut pixels = pixels.map(u32::from_le_bytes).peekable();
    pixels.peek()?;
    Some(pixels)
}

/// True at the end, whole or cut short, and of a tag 0 behind which comes another: pixels have
/// no two of those in a row.
fn is_end(rest: &[u8]) -> bool {
    END.starts_with(rest) || rest.starts_with(&[0, 0]) && !rest[1..].starts_with(&END)
}

struct State {
    pixel: [u8; 4],
    /// Pixels that were there, each at a place that follows from its samples.
    seen: [[u8; 4]; 64],
    /// Number of times that the pixel comes again.
    run: u8,
}

impl State {
    fn next(&mut self, rest: &mut IntoIter<u8>) -> Option<[u8; 4]> {
        if self.run > 0 {
            self.run -= 1;
            return Some(self.pixel);
        }
        if is_end(rest.as_slice()) {
            return None;
        }
        match rest.next()? {
            0xfe => {
                let colors = [rest.next()?, rest.next()?, rest.next()?];
                self.pixel[..3].copy_from_slice(&colors);
            }
            0xff => self.pixel = [rest.next()?, rest.next()?, rest.next()?, rest.next()?],
            tag @ 0..0x40 => self.pixel = self.seen[usize::from(tag)],
            tag @ 0x40..0x80 => {
                self.add([tag >> 4, tag >> 2, tag].map(|bits| (bits & 3).wrapping_sub(2)));
            }
            tag @ 0x80..0xc0 => {
                let (green, others) = ((tag & 63).wrapping_sub(32), rest.next()?);
                let beside = |bits: u8| green.wrapping_add(bits).wrapping_sub(8);
                self.add([beside(others >> 4), green, beside(others & 15)]);
            }
            tag => self.run = tag & 63,
        }
        let weighed = self.pixel.iter().zip([3, 5, 7, 11]);
        let place: u32 = weighed
            .map(|(sample, weight)| u32::from(*sample) * weight)
            .sum();
        self.seen[place as usize % 64] = self.pixel;
        Some(self.pixel)
    }

    fn add(&mut self, changes: [u8; 3]) {
        for (sample, change) in self.pixel.iter_mut().zip(changes) {
            *sample = sample.wrapping_add(change);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Qoi;
    use crate::exports::thimble::codec::codec::*;

    /// The pixels of a file with these bytes behind its header.
    fn of(bytes: &[u8]) -> Vec<[u8; 4]> {
        let file = [&[0; 14], bytes].concat();
        let words = file.chunks(4).map(|chunk| {
            let mut word = [0; 4];
            word[..chunk.len()].copy_from_slice(chunk);
            u32::from_le_bytes(word)
        });
        let words: Vec<u32> = words.collect();
        let pixels = super::of(&words, file.len() as u32);
        let pixels = pixels.into_iter().flatten();
        pixels.map(u32::to_le_bytes).collect()
    }

    #[test]
    fn every_kind_of_pixel_is_read() {
        let bytes = [
            &[0xfe, 200, 100, 50][..],                                // itself
            &[0x40 | 3 << 4 | 1 << 2], // one more red, one less green, two less blue
            &[0x80 | 42, 0x3f],        // ten more green, red 5 less than that, blue 7 more
            &[0xc0 | 1],               // twice the same
            &[0xff, 1, 2, 3, 4],       // with alpha
            &[(200u32 * 3 + 100 * 5 + 50 * 7 + 255 * 11) as u8 % 64], // the first one
        ]
        .concat();
        let third = [206, 109, 65, 255];
        let (first, second) = ([200, 100, 50, 255], [201, 99, 48, 255]);
        let expected = [first, second, third, third, third, [1, 2, 3, 4], first];
        assert_eq!(of(&bytes), expected);
    }

    #[test]
    fn pixels_end_with_the_bytes() {
        assert!(super::of(&[0; 3], 12).is_none() && of(&super::END).is_empty());
        // A pixel, and part of another.
        for part in [&[0xfe, 5, 6][..], &[0xff, 5, 6, 7], &[0x80], &[]] {
            let bytes = [&[0xfe, 1, 2, 3], part].concat();
            assert_eq!(of(&bytes), [[1, 2, 3, 255]]);
        }
    }

    #[test]
    fn the_end_is_no_pixel_wherever_it_is_and_however_much_of_it() {
        let pixel = &[0xfe, 1, 2, 3][..];
        for length in 0..=8 {
            let end = &super::END[..length];
            assert_eq!(of(&[pixel, end].concat()), [[1, 2, 3, 255]], "{length}");
        }
        for behind in [&[7][..], &[0], pixel, &super::END] {
            let bytes = [pixel, &super::END, behind].concat();
            assert_eq!(of(&bytes), [[1, 2, 3, 255]], "{behind:?}");
        }
        // The first place among those that were there holds nothing yet.
        let (nothing, more) = (&[0][..], [&[7][..], &[]]);
        for behind in more {
            let bytes = [pixel, nothing, &super::END, behind].concat();
            assert_eq!(of(&bytes), [[1, 2, 3, 255], [0; 4]], "{behind:?}");
        }
    }

    #[test]
    fn a_header_is_checked_before_its_pixels() {
        let decoded = |words: &[u32], length| {
            let words = words.to_vec();
            let wanted = Wanted {
                width: 1,
                height: 1,
            };
            let limits = Limits {
                max_pixels: 100,
                max_side: 100,
                max_profile: 100,
            };
            Qoi::decode(0, Bytes { length, words }, wanted, limits)
        };
        let (name, side) = (u32::from_le_bytes(*b"qoif"), |side: u32| side.swap_bytes());
        let short = decoded(&[name, side(2), 0], 10);
        assert!(matches!(short, Err(Error::MalformedSource(why)) if why.contains("header")));
        let large = decoded(&[name, side(1 << 31), side(1 << 31), 4], 14);
        assert!(matches!(large, Err(Error::LimitExceeded(_))));
        let empty = decoded(&[name, side(2), side(2), 4], 14);
        assert!(matches!(empty, Err(Error::MalformedSource(why)) if why.contains("pixel")));
    }
}
