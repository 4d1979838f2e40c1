//! QOI: each pixel is one that was there, or differs a little from the one before.

/// Bytes of the header.
const HEADER: usize = 14;

/// The last bytes of a file, which are no pixels.
const END: [u8; 8] = [0, 0, 0, 0, 0, 0, 0, 1];

/// The pixels of a file of so many bytes in words, as far as it goes, if there is one.
pub fn of(words: &[u32], length: u32) -> Option<impl Iterator<Item = [u8; 4]> + use<>> {
    let mut file: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    file.truncate(length as usize);
    if file.ends_with(&END) {
        file.truncate(file.len() - END.len());
    }
    let mut state = State {
        pixel: [0, 0, 0, 255],
        seen: [[0; 4]; 64],
        run: 0,
    };
    let mut rest = file.into_iter().skip(HEADER);
    let mut pixels = std::iter::from_fn(move || state.next(&mut rest)).peekable();
    pixels.peek()?;
    Some(pixels)
}

struct State {
    pixel: [u8; 4],
    /// Pixels that were there, each at a place that follows from its samples.
    seen: [[u8; 4]; 64],
    /// Number of times that the pixel comes again.
    run: u8,
}

impl State {
    fn next(&mut self, rest: &mut impl Iterator<Item = u8>) -> Option<[u8; 4]> {
        if self.run > 0 {
            self.run -= 1;
            return Some(self.pixel);
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
        pixels.into_iter().flatten().collect()
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
            // The end is none, and neither is what fills the last word.
            assert_eq!(of(&[&bytes[..4], &super::END].concat()), [[1, 2, 3, 255]]);
        }
    }
}
