//! QOI: each pixel is one that was there, or differs a little from the one before.

/// Bytes of the header.
const HEADER: usize = 14;

/// The pixels of a file in words, as far as it goes.
pub fn of(file: Vec<u32>) -> impl Iterator<Item = [u8; 4]> {
    let mut state = State {
        pixel: [0, 0, 0, 255],
        seen: [[0; 4]; 64],
        run: 0,
    };
    let bytes = file.into_iter().flat_map(u32::to_le_bytes);
    let mut rest = bytes.skip(HEADER);
    std::iter::from_fn(move || state.next(&mut rest))
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
            0xfe => self.pixel[..3].fill_with(|| rest.next().unwrap_or_default()),
            0xff => self.pixel.fill_with(|| rest.next().unwrap_or_default()),
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
    #[test]
    fn every_kind_of_pixel_is_read() {
        let bytes = [
            &[0; 14][..],
            &[0xfe, 200, 100, 50],                                    // itself
            &[0x40 | 3 << 4 | 1 << 2], // one more red, one less green, two less blue
            &[0x80 | 42, 0x3f],        // ten more green, red 5 less than that, blue 7 more
            &[0xc0 | 1],               // twice the same
            &[0xff, 1, 2, 3, 4],       // with alpha
            &[(200u32 * 3 + 100 * 5 + 50 * 7 + 255 * 11) as u8 % 64], // the first one
        ]
        .concat();
        let words = bytes.chunks(4).map(|chunk| {
            let mut word = [0; 4];
            word[..chunk.len()].copy_from_slice(chunk);
            u32::from_le_bytes(word)
        });
        let found: Vec<[u8; 4]> = super::of(words.collect()).take(7).collect();
        let third = [206, 109, 65, 255];
        let (first, second) = ([200, 100, 50, 255], [201, 99, 48, 255]);
        let expected = [first, second, third, third, third, [1, 2, 3, 4], first];
        assert_eq!(found, expected);
    }

    #[test]
    fn pixels_end_with_the_bytes() {
        assert_eq!(super::of(vec![0; 3]).count(), 0);
        assert_eq!(super::of(vec![0; 4]).count(), 2);
    }
}
