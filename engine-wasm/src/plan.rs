//! Part of the source that a thumbnail shows, and its size: pure arithmetic.
//!
//! Everything is in the space in which the source is seen, upright. Sizes are
//! exact: a scale is a ratio of integers, and a side that follows from it is
//! rounded half up, never to zero. Cropping is folded into the scaling: the part
//! of the source that is kept is scaled at once, and what would be cropped is
//! never made, however large it would have been.

use std::cmp::Ordering;

use crate::contract::{Bounds, Dimensions, Error, Fit, Focus, Point, Spec};
use crate::orient::Orientation;

/// Geometry of one thumbnail of a source of known dimensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    x: Axis,
    y: Axis,
    seeks_salience: bool,
}

/// A rectangle in pixels of the source as it is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// Distance of the left edge from that of the source.
    pub left: f64,
    /// Distance of the upper edge from that of the source.
    pub top: f64,
    /// Greater than zero.
    pub width: f64,
    /// Greater than zero.
    pub height: f64,
}

impl Region {
    /// The same rectangle of a source that is stored with `orientation` and,
    /// as stored, measures `whole`.
    #[must_use]
    pub fn stored(&self, orientation: Orientation, whole: (f64, f64)) -> Self {
        use Orientation::{
            MirrorHorizontally, MirrorVertically, Transverse, TurnHalf, TurnLeft, TurnRight,
        };
        let (left, top) = orientation.upright(self.left, self.top);
        let (width, height) = orientation.upright(self.width, self.height);
        let from_right = matches!(
            orientation,
            MirrorHorizontally | TurnHalf | Transverse | TurnLeft
        );
        let from_bottom = matches!(
            orientation,
            MirrorVertically | TurnHalf | Transverse | TurnRight
        );
        Self {
            left: if from_right {
                whole.0 - (left + width)
            } else {
                left
            },
            top: if from_bottom {
                whole.1 - (top + height)
            } else {
                top
            },
            width,
            height,
        }
    }
}

impl Plan {
    /// Plans the thumbnail that `spec` asks for of a source that is seen
    /// `upright`, with no side longer than `max_output_side`.
    ///
    /// If the spec focuses on what is salient, the plan is centered until
    /// [`Plan::focused_on`] moves it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSpec`] if the bounds have no side, a side of zero, or one
    /// that is too long; if the focus is no point of the image; or if the
    /// thumbnail of this source would have a side that is too long.
    pub fn new(spec: &Spec, upright: Dimensions, max_output_side: u32) -> Result<Self, Error> {
        check_bounds(spec.bounds, max_output_side)?;
        let (x, y) = focal_point(spec.focus)?;
        let (across, down) = scales(spec, upright)?;
        let plan = Self {
            x: Axis::new(upright.width, across, spec.bounds.width, spec.fit, x),
            y: Axis::new(upright.height, down, spec.bounds.height, spec.fit, y),
            seeks_salience: matches!((spec.focus, spec.fit), (Focus::Salient, Fit::Cover)),
        };
        plan.check_canvas(max_output_side)
    }

    fn check_canvas(self, max_output_side: u32) -> Result<Self, Error> {
        if self.x.canvas.max(self.y.canvas) > u64::from(max_output_side) {
            return Err(Error::invalid_spec(format!(
                "a thumbnail of {}x{} has a side over {max_output_side} pixels; ask for smaller \
                 bounds or another fit",
                self.x.canvas, self.y.canvas,
            )));
        }
        Ok(self)
    }

    /// The size of the thumbnail.
    #[must_use]
    pub fn canvas(&self) -> Dimensions {
        dimensions(self.x.canvas, self.y.canvas)
    }

    /// The size of the part of the thumbnail that shows the source; the rest is
    /// padding.
    #[must_use]
    pub fn kept(&self) -> Dimensions {
        dimensions(self.x.kept, self.y.kept)
    }

    /// Start of the source on the thumbnail: columns from the left, rows
    /// from the top.
    #[must_use]
    pub fn offset(&self) -> (u32, u32) {
        (narrow(self.x.offset), narrow(self.y.offset))
    }

    /// The part of the source that is shown.
    #[must_use]
    pub fn region(&self) -> Region {
        let ((left, width), (top, height)) = (self.x.span(), self.y.span());
        Region {
            left,
            top,
            width,
            height,
        }
    }

    /// The size of the whole source at the scale of the thumbnail, or of the
    /// source itself where the thumbnail enlarges it: no decoder needs to
    /// deliver more.
    #[must_use]
    pub fn wanted(&self) -> Dimensions {
        dimensions(self.x.wanted(), self.y.wanted())
    }

    /// True if the thumbnail shows the whole source.
    #[must_use]
    pub fn shows_everything(&self) -> bool {
        self.x.kept == self.x.scaled && self.y.kept == self.y.scaled
    }

    /// Number of pixels of the thumbnail that show the source.
    #[must_use]
    pub fn kept_area(&self) -> u64 {
        self.x.kept * self.y.kept
    }

    /// Share of the source's width and height that is shown, from 0 to 1.
    #[must_use]
    pub fn share(&self) -> (f64, f64) {
        let share = |axis: Axis| axis.kept as f64 / axis.scaled as f64;
        (share(self.x), share(self.y))
    }

    /// True if pixels of the thumbnail are pixels of the source, unchanged.
    #[must_use]
    pub fn is_unscaled(&self) -> bool {
        [self.x, self.y]
            .iter()
            .all(|axis| axis.scaled == u64::from(axis.source))
    }

    /// True if [`Plan::focused_on`] would make a better plan of this one.
    #[must_use]
    pub fn seeks_salience(&self) -> bool {
        self.seeks_salience && !self.shows_everything()
    }

    /// The same plan with the crop as near the point as the edges allow.
    #[must_use]
    pub fn focused_on(&self, point: Point) -> Self {
        Self {
            x: self.x.focused_on(point.x),
            y: self.y.focused_on(point.y),
            ..*self
        }
    }
}

/// One axis of a plan, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Axis {
    /// The side of the source.
    source: u32,
    /// The side of the source after scaling, before cropping.
    scaled: u64,
    /// Pixels of the scaled side that are cropped before the kept part.
    crop: u64,
    /// Pixels of the scaled side that are kept.
    kept: u64,
    /// The side of the thumbnail.
    canvas: u64,
    /// Padding before the kept part.
    offset: u64,
}

impl Axis {
    fn new(source: u32, scale: Ratio, bound: Option<u32>, fit: Fit, focus: f32) -> Self {
        let scaled = scale.of(source);
        let bound = bound.map_or(scaled, u64::from);
        let canvas = match fit {
            Fit::Inside | Fit::Outside | Fit::Fill => scaled,
            Fit::Cover => bound.min(scaled),
            Fit::Contain => bound,
        };
        let kept = canvas.min(scaled);
        Self {
            source,
            scaled,
            crop: 0,
            kept,
            canvas,
            offset: 0,
        }
        .focused_on(focus)
    }

    /// Keeps the point at `focus` (0 to 1) as near the middle as the edges
    /// allow. In the middle an odd pixel is cropped from the near side, and
    /// padded on the far side.
    fn focused_on(self, focus: f32) -> Self {
        let point = f64::from(focus) * self.scaled as f64;
        let crop = (point - self.kept as f64 / 2.0 + 0.5).floor();
        let offset = (self.canvas as f64 / 2.0 - point - 0.5).ceil();
        Self {
            crop: within(crop, self.scaled - self.kept),
            offset: within(offset, self.canvas - self.kept),
            ..self
        }
    }

    /// Start and length of the kept part, in the source.
    fn span(&self) -> (f64, f64) {
        let step = f64::from(self.source) / self.scaled as f64;
        (self.crop as f64 * step, self.kept as f64 * step)
    }

    fn wanted(&self) -> u64 {
        self.scaled.min(u64::from(self.source))
    }
}

/// A scale, exact.
#[derive(Clone, Copy, Debug)]
struct Ratio {
    to: u32,
    from: u32,
}

impl Ratio {
    const ONE: Self = Self { to: 1, from: 1 };

    /// `side * scale`, rounded half up, and at least 1.
    fn of(self, side: u32) -> u64 {
        let (to, from) = (u128::from(self.to), u128::from(self.from.max(1)));
        let rounded = (2 * u128::from(side) * to + from) / (2 * from);
        u64::try_from(rounded).unwrap_or(u64::MAX).max(1)
    }

    fn compare(self, other: Self) -> Ordering {
        let left = u64::from(self.to) * u64::from(other.from);
        left.cmp(&(u64::from(other.to) * u64::from(self.from)))
    }

    fn smaller(self, other: Self) -> Self {
        if self.compare(other) == Ordering::Greater {
            other
        } else {
            self
        }
    }

    fn larger(self, other: Self) -> Self {
        if self.compare(other) == Ordering::Less {
            other
        } else {
            self
        }
    }
}

fn check_bounds(bounds: Bounds, max_output_side: u32) -> Result<(), Error> {
    for (name, side) in [("width", bounds.width), ("height", bounds.height)] {
        match side {
            Some(0) => {
                return Err(Error::invalid_spec(format!(
                    "the {name} of the bounds is zero"
                )));
            }
            Some(side) if side > max_output_side => {
                return Err(Error::invalid_spec(format!(
                    "the {name} of the bounds is over {max_output_side} pixels: {side}"
                )));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The point to keep near the middle, which is the middle unless one is given.
fn focal_point(focus: Focus) -> Result<(f32, f32), Error> {
    let Focus::At(point) = focus else {
        return Ok((0.5, 0.5));
    };
    for (name, position) in [("x", point.x), ("y", point.y)] {
        if !(0.0..=1.0).contains(&position) {
            return Err(Error::invalid_spec(format!(
                "the {name} of the focus is not from 0 to 1: {position}"
            )));
        }
    }
    Ok((point.x, point.y))
}

/// The scales of the two axes, which differ only for [`Fit::Fill`].
fn scales(spec: &Spec, upright: Dimensions) -> Result<(Ratio, Ratio), Error> {
    let across = spec.bounds.width.map(|to| Ratio {
        to,
        from: upright.width,
    });
    let down = spec.bounds.height.map(|to| Ratio {
        to,
        from: upright.height,
    });
    let (across, down) = match (across, down, spec.fit) {
        (Some(across), Some(down), Fit::Fill) => (across, down),
        (Some(across), Some(down), Fit::Inside | Fit::Contain) => {
            let scale = across.smaller(down);
            (scale, scale)
        }
        (Some(across), Some(down), Fit::Outside | Fit::Cover) => {
            let scale = across.larger(down);
            (scale, scale)
        }
        (Some(scale), None, _) | (None, Some(scale), _) => (scale, scale),
        (None, None, _) => {
            return Err(Error::invalid_spec(
                "the bounds have neither a width nor a height",
            ));
        }
    };
    if spec.enlarge {
        return Ok((across, down));
    }
    Ok((across.smaller(Ratio::ONE), down.smaller(Ratio::ONE)))
}

/// The whole number nearest to `value` from 0 to `most`; `value` is whole.
fn within(value: f64, most: u64) -> u64 {
    // A cast from a float saturates: what is negative becomes 0.
    (value as u64).min(most)
}

fn dimensions(width: u64, height: u64) -> Dimensions {
    Dimensions {
        width: narrow(width),
        height: narrow(height),
    }
}

/// Every side a plan hands out is that of a source or a canvas, both of which
/// are 32 bits wide.
fn narrow(side: u64) -> u32 {
    u32::try_from(side).unwrap_or(u32::MAX)
}
