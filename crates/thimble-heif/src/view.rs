//! The part of a picture that is shown, and its turn: crops, turns and mirrors, one after the
//! other.

/// A turn of the picture, once it is cropped: left and right change places, or not, and then it
/// is turned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    is_mirrored: bool,
    /// Quarters, counterclockwise, from 0 to 3.
    quarters: u8,
}

impl Turn {
    /// The same as one of Exif's orientations, from 1 to 8.
    #[must_use]
    pub fn orientation(self) -> u8 {
        let numbers = if self.is_mirrored {
            [2, 5, 4, 7]
        } else {
            [1, 8, 3, 6]
        };
        numbers[usize::from(self.quarters & 3)]
    }
}

/// A property that changes what is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Numbers of a clean aperture: four fractions.
    Crop([u32; 8]),
    /// Quarters, counterclockwise.
    Quarters(u8),
    /// Left and right change places, or else top and bottom.
    Mirror(bool),
}

/// A view of a picture that is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct View {
    /// Left, top, width and height, as stored.
    pub(crate) shown: [u32; 4],
    pub(crate) turn: Turn,
}

impl View {
    /// A whole picture.
    pub(crate) fn whole((width, height): (u32, u32)) -> Self {
        View {
            shown: [0, 0, width, height],
            turn: Turn::default(),
        }
    }

    /// Changes what is shown. A crop that makes no sense changes nothing.
    pub(crate) fn take(&mut self, step: Step) {
        let Turn {
            is_mirrored,
            quarters,
        } = self.turn;
        match step {
            Step::Quarters(more) => self.turn.quarters = (quarters + more) & 3,
            // What was turned before the mirror is turned the other way behind it.
            Step::Mirror(is_across) => {
                let half = if is_across { 0 } else { 2 };
                self.turn = Turn {
                    is_mirrored: !is_mirrored,
                    quarters: (4 - quarters + half) & 3,
                };
            }
            Step::Crop(crop) => {
                let [.., width, height] = self.shown;
                let upright = if quarters & 1 == 0 {
                    (width, height)
                } else {
                    (height, width)
                };
                if let Some(rect) = cropped(crop, upright) {
                    self.crop(rect);
                }
            }
        }
    }

    /// Shows a part of what is upright.
    fn crop(&mut self, [left, top, across, down]: [u32; 4]) {
        let [from_left, from_top, width, height] = self.shown;
        let [mut left, top, across, down] = match self.turn.quarters {
            0 => [left, top, across, down],
            1 => [width - top - down, left, down, across],
            2 => [width - left - across, height - top - down, across, down],
            _ => [top, height - left - across, down, across],
        };
        if self.turn.is_mirrored {
            left = width - left - across;
        }
        self.shown = [from_left + left, from_top + top, across, down];
    }
}

/// Left, top, width and height of what a crop leaves of a picture, if that makes sense.
/// Fractions are rounded; nobody writes any.
fn cropped(crop: [u32; 8], (width, height): (u32, u32)) -> Option<[u32; 4]> {
    let fraction = |at: usize| {
        let over = f64::from(crop[at].cast_signed());
        let under = f64::from(crop[at + 1].cast_signed());
        Some(over / under).filter(|fraction| fraction.is_finite())
    };
    let along = |side: u32, length: f64, shift: f64| {
        let start = (f64::from(side) - length) / 2.0 + shift;
        let (start, length) = (start.round(), length.round());
        let fits = start >= 0.0 && length >= 1.0 && start + length <= f64::from(side);
        fits.then_some((start as u32, length as u32))
    };
    let (left, across) = along(width, fraction(0)?, fraction(4)?)?;
    let (top, down) = along(height, fraction(2)?, fraction(6)?)?;
    Some([left, top, across, down])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pixels of a row-major picture, three columns and two rows.
    type Pixels = (usize, Vec<u32>);

    fn turned((width, pixels): &Pixels, step: Step) -> Pixels {
        let (width, height) = (*width, pixels.len() / width);
        let at = |x: usize, y: usize| pixels[y * width + x];
        match step {
            Step::Quarters(0) => (width, pixels.clone()),
            Step::Quarters(quarters) => {
                let once = (0..width)
                    .flat_map(|y| (0..height).map(move |x| (width - 1 - y, x)))
                    .map(|(x, y)| at(x, y));
                turned(&(height, once.collect()), Step::Quarters(quarters - 1))
            }
            Step::Mirror(is_across) => {
                let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
                let mirrored = places.map(|(x, y)| {
                    if is_across {
                        at(width - 1 - x, y)
                    } else {
                        at(x, height - 1 - y)
                    }
                });
                (width, mirrored.collect())
            }
            Step::Crop(crop) => {
                let rect = cropped(crop, (width as u32, height as u32));
                let [left, top, across, down] = rect.unwrap().map(|side| side as usize);
                let rows =
                    (top..top + down).flat_map(|y| (left..left + across).map(move |x| (x, y)));
                (across, rows.map(|(x, y)| at(x, y)).collect())
            }
        }
    }

    /// A crop of so many columns and rows, moved to one side by halves of pixels.
    fn crop(width: u32, height: u32, right: i32, down: i32) -> Step {
        let shift = |half: i32| half.cast_unsigned();
        Step::Crop([width, 1, height, 1, shift(right), 2, shift(down), 2])
    }

    #[test]
    fn steps_in_any_order_show_what_they_do_to_pixels() {
        let steps = [
            Step::Quarters(1),
            Step::Quarters(2),
            Step::Quarters(3),
            Step::Mirror(true),
            Step::Mirror(false),
        ];
        let crops = [crop(4, 4, 0, -1), crop(3, 2, 1, 2), crop(2, 3, -2, 1)];
        let stored = (6, (0..30).collect::<Vec<u32>>());
        for (first, second) in steps.iter().flat_map(|one| steps.map(|two| (*one, two))) {
            for crop in crops {
                let order = [first, second, crop, second, first];
                let mut view = View::whole((6, 5));
                let mut made = stored.clone();
                for step in order {
                    view.take(step);
                    made = turned(&made, step);
                }
                let Turn {
                    is_mirrored,
                    quarters,
                } = view.turn;
                let [left, top, across, down] = view.shown;
                let shift =
                    |at: u32, length: u32, side: i32| (2 * at + length).cast_signed() - side;
                let rect = self::crop(across, down, shift(left, across, 6), shift(top, down, 5));
                let mut wanted = turned(&stored, rect);
                if is_mirrored {
                    wanted = turned(&wanted, Step::Mirror(true));
                }
                wanted = turned(&wanted, Step::Quarters(quarters));
                assert_eq!(made, wanted, "{order:?}");
            }
        }
    }

    #[test]
    fn turns_have_the_numbers_of_exif() {
        let number = |steps: &[Step]| {
            let mut view = View::whole((3, 2));
            steps.iter().for_each(|step| view.take(*step));
            view.turn.orientation()
        };
        let turns = [0, 1, 2, 3].map(Step::Quarters);
        assert_eq!(turns.map(|turn| number(&[turn])), [1, 8, 3, 6]);
        let across = turns.map(|turn| number(&[turn, Step::Mirror(true)]));
        assert_eq!(across, [2, 7, 4, 5]);
        let down = turns.map(|turn| number(&[turn, Step::Mirror(false)]));
        assert_eq!(down, [4, 5, 2, 7]);
    }

    #[test]
    fn a_crop_beyond_the_picture_changes_nothing() {
        let mut view = View::whole((3, 2));
        for step in [
            crop(4, 2, 0, 0),
            crop(3, 2, 2, 0),
            crop(0, 1, 0, 0),
            Step::Crop([0; 8]),
        ] {
            view.take(step);
            assert_eq!(view, View::whole((3, 2)));
        }
    }
}
