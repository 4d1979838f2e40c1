//! From one decoded source to every thumbnail.
//!
//! The steps of a thumbnail are: resize the part that is shown, turn it upright,
//! pad, encode. The largest thumbnails are made first, and smaller ones from
//! them where that costs no quality; turning is left until a picture is small.

use std::cmp::Reverse;

use crate::alpha;
use crate::canvas;
use crate::contract::{Color, Dimensions, Error, Spec, Thumbnail};
use crate::decode::{Header, Wanted};
use crate::encode::Encoder;
use crate::model;
use crate::orient::Orientation;
use crate::picture::Picture;
use crate::plan::{Plan, Region};
use crate::resize::{Chroma, Resampler};
use crate::salience;

/// Least ratio of a picture's side to a thumbnail's for the thumbnail to be made
/// of that picture instead of the source. A resampled picture lacks only the finest
/// detail, of which at this distance nothing would be left.
const MARGIN: f64 = 3.0;

/// Least number of rows of a source, for each row of a thumbnail, after some of its
/// rows were averaged, and the same of columns. An average blurs more than a resampler does, and
/// lets more through of what the thumbnail cannot show: with three, some pictures
/// come out less than 40 dB (PSNR) like those of a resampler alone.
const ROWS_PER_ROW: u32 = 4;

/// One thumbnail to be made, checked as far as it can be without the pixels.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    plan: Plan,
    encoder: Encoder,
    background: Color,
}

impl Order {
    /// Reads a spec for a source with this header.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSpec`] if the spec asks for what can't be made.
    pub(crate) fn new(spec: &Spec, header: &Header, max_output_side: u32) -> Result<Self, Error> {
        let (width, height) = header.upright();
        Ok(Self {
            plan: Plan::new(spec, Dimensions { width, height }, max_output_side)?,
            encoder: Encoder::new(spec, header.format)?,
            background: spec.background,
        })
    }

    /// The least width and height, as stored, that the source has to be decoded
    /// at for these orders.
    pub(crate) fn wanted(orders: &[Self], header: &Header) -> Wanted {
        let decisive = Self::decisive(orders);
        let longest = |enough: fn(&Self, u32) -> u32, side: fn(Dimensions) -> u32| {
            decisive
                .iter()
                .map(|order| enough(order, side(order.plan.wanted())))
                .max()
                .unwrap_or(1)
        };
        let stored = |(width, height)| header.orientation.upright(width, height);
        let (width, height) = stored((
            longest(Self::decoded_at, |wanted| wanted.width),
            longest(Self::decoded_at, |wanted| wanted.height),
        ));
        let averaged = |_: &Self, side: u32| side.saturating_mul(ROWS_PER_ROW);
        let (averaged_columns, averaged_rows) = stored((
            longest(averaged, |wanted| wanted.width),
            longest(averaged, |wanted| wanted.height),
        ));
        Wanted {
            width: width.min(header.width),
            height: height.min(header.height),
            averaged_rows: averaged_rows.min(header.height),
            averaged_columns: averaged_columns.min(header.width),
            halved_chroma: decisive
                .iter()
                .all(|order| order.chroma(header.orientation) == Chroma::Half),
        }
    }

    /// True if it asks for the first frame that shows something.
    pub(crate) fn is_of_poster(&self) -> bool {
        self.encoder.settings().poster
    }

    /// The orders that decide at which scale the source is decoded: placeholders have
    /// no say unless there is nothing else, so that they change no other thumbnail.
    fn decisive(orders: &[Self]) -> Vec<&Self> {
        let is_picture = |order: &&Self| !order.encoder.is_placeholder();
        let pictures: Vec<&Self> = orders.iter().filter(is_picture).collect();
        if pictures.is_empty() {
            orders.iter().collect()
        } else {
            pictures
        }
    }

    /// Least length of a side of the decoded source, for a side of the thumbnail. A
    /// decoder that scales loses some of the finest detail, so it decodes at least
    /// twice the thumbnail's size, unless the encoder drops that detail anyway.
    fn decoded_at(&self, side: u32) -> u32 {
        if self.encoder.keeps_detail() {
            side.saturating_mul(2)
        } else {
            side
        }
    }

    /// Resolution of the color differences that a thumbnail needs before it is
    /// turned and encoded. Padding and turning want as many as there are pixels:
    /// the padding has a color of its own, and of an odd side half a sample would
    /// trade places with a whole one.
    fn chroma(&self, orientation: Orientation) -> Chroma {
        let Dimensions { width, height } = self.plan.kept();
        let even = width.is_multiple_of(2) && height.is_multiple_of(2);
        let turns_well = even || orientation == Orientation::Upright;
        if self.encoder.halves_chroma() && !self.is_padded() && turns_well {
            Chroma::Half
        } else {
            Chroma::Full
        }
    }

    fn is_padded(&self) -> bool {
        let (canvas, kept) = (self.plan.canvas(), self.plan.kept());
        (canvas.width, canvas.height) != (kept.width, kept.height)
    }
}

/// A source as decoded, and what has been made of it so far.
pub(crate) struct Renderer {
    /// The source itself comes first; what was made of all of it follows, each
    /// smaller than the one before.
    pictures: Vec<Picture>,
    /// Width and height of the source, as stored.
    whole: (f64, f64),
    orientation: Orientation,
    resampler: Resampler,
}

impl Renderer {
    /// Begins with a source as decoded, in sRGB.
    pub(crate) fn new(picture: Picture, header: &Header) -> Self {
        let picture = if alpha::is_opaque(&picture) {
            model::drop_alpha(picture)
        } else {
            picture
        };
        Self {
            pictures: vec![picture],
            whole: (f64::from(header.width), f64::from(header.height)),
            orientation: header.orientation,
            resampler: Resampler::new(),
        }
    }

    /// Makes every thumbnail, in the order of the orders, and adds what falls short of them to
    /// the warnings.
    ///
    /// # Errors
    ///
    /// If one can't be made.
    pub(crate) fn make(
        mut self,
        orders: Vec<Order>,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<Thumbnail>, Error> {
        let mut orders: Vec<(usize, Order)> = orders.into_iter().enumerate().collect();
        self.look_for_salience(&mut orders)?;
        // Placeholders are made last. What is only cropped is made first: to premultiply color and divide
        // alpha out again is not without loss.
        orders.sort_by_key(|(_, order)| {
            let is_scaled = !self.copies(&order.plan);
            let area = Reverse(order.plan.kept_area());
            (order.encoder.is_placeholder(), is_scaled, area)
        });
        let mut made = Vec::with_capacity(orders.len());
        let mut premultiplied = false;
        for (place, (index, order)) in orders.iter().enumerate() {
            if !premultiplied && !self.copies(&order.plan) {
                self.pictures.iter_mut().for_each(alpha::premultiply);
                premultiplied = true;
            }
            let mut shown = self.shown_part(&order.plan, order.chroma(self.orientation))?;
            let serves = order.plan.shows_everything() && !order.encoder.is_placeholder();
            if serves && place + 1 < orders.len() {
                self.pictures.push(shown.clone());
            }
            if premultiplied {
                alpha::straighten(&mut shown);
            }
            made.push((
                *index,
                order.finish(self.orientation.apply(shown), warnings)?,
            ));
        }
        made.sort_by_key(|(index, _)| *index);
        Ok(made.into_iter().map(|(_, thumbnail)| thumbnail).collect())
    }

    /// True if a thumbnail shows pixels of the source just as they were decoded.
    fn copies(&self, plan: &Plan) -> bool {
        let decoded = self
            .pictures
            .first()
            .and_then(|picture| picture.planes.first());
        plan.is_unscaled() && decoded.is_some_and(|plane| plane.extent == self.whole)
    }

    /// The part of the source that a thumbnail shows, at its size, as stored.
    fn shown_part(&mut self, plan: &Plan, chroma: Chroma) -> Result<Picture, Error> {
        let region = plan.region().stored(self.orientation, self.whole);
        let size = self.stored(plan.kept());
        let wanted = self.stored(plan.wanted());
        let picture = smallest_that_serves(&self.pictures, wanted)
            .ok_or_else(|| Error::other("there is no picture to resize"))?;
        self.resampler
            .resize(picture, self.whole, &region, size, chroma)
    }

    /// Aims every plan that seeks it at what is salient.
    fn look_for_salience(&mut self, orders: &mut [(usize, Order)]) -> Result<(), Error> {
        for (_, order) in orders
            .iter_mut()
            .filter(|(_, order)| order.plan.seeks_salience())
        {
            let copy = self.small_copy()?;
            order.plan = order
                .plan
                .focused_on(salience::most_salient(&copy, order.plan.share()));
        }
        Ok(())
    }

    /// A copy of the whole source in which to look for what is salient.
    fn small_copy(&mut self) -> Result<Picture, Error> {
        let source = self
            .pictures
            .first()
            .ok_or_else(|| Error::other("there is no picture to look at"))?;
        let (width, height) = self.whole;
        let everything = Region {
            left: 0.0,
            top: 0.0,
            width,
            height,
        };
        let size = salience::copy_size(width, height);
        let copy = self
            .resampler
            .resize(source, self.whole, &everything, size, Chroma::Full)?;
        let upright = self.orientation.apply(copy);
        Ok(model::to_rgb(alpha::flatten(upright, salience::BEHIND)))
    }

    fn stored(&self, size: Dimensions) -> Dimensions {
        let (width, height) = self.orientation.upright(size.width, size.height);
        Dimensions { width, height }
    }
}

impl Order {
    /// Pads and encodes what a thumbnail shows.
    fn finish(&self, shown: Picture, warnings: &mut Vec<String>) -> Result<Thumbnail, Error> {
        let padded = if self.is_padded() {
            let canvas = self.plan.canvas();
            canvas::pad(shown, canvas, self.plan.offset(), self.background)
        } else {
            shown
        };
        self.encoder.encode(padded, warnings)
    }
}

/// The smallest picture that a thumbnail can be made of, all of which would have
/// the size `wanted`; that is the source itself, the first, if no other serves.
fn smallest_that_serves(pictures: &[Picture], wanted: Dimensions) -> Option<&Picture> {
    let serves = |picture: &&Picture| {
        picture.planes.first().is_some_and(|plane| {
            plane.extent.0 >= f64::from(wanted.width) * MARGIN
                && plane.extent.1 >= f64::from(wanted.height) * MARGIN
        })
    };
    let (source, smaller) = pictures.split_first()?;
    Some(smaller.iter().rev().find(serves).unwrap_or(source))
}
