//! Pictures on a canvas.

use crate::boxes::Numbers;
use crate::items::Items;
use crate::property::Properties;
use crate::view::{Turn, View};
use crate::{Coded, Color, Error, Picture};

/// Pictures on a canvas, each of which is decoded as a whole.
const MOST_LAYERS: usize = 64;

/// Tiles of all pictures: as many as one grid may have. All of them may be one item.
const MOST_TILES: usize = 1 << 16;

/// Several pictures on a canvas.
#[derive(Debug)]
pub struct Overlay<'a> {
    /// Columns of the canvas.
    pub width: u32,
    /// Rows of the canvas.
    pub height: u32,
    /// Red, green, blue and alpha where there is no picture.
    pub background: [u8; 4],
    /// The pictures, each on top of those before.
    pub layers: Vec<Layer<'a>>,
    /// Description of the colors: that of the whole, or of the first picture.
    pub color: Color<'a>,
    /// Left, top, width and height of what is shown, before the turn.
    pub shown: [u32; 4],
    /// Turn that makes it upright.
    pub turn: Turn,
}

/// A picture on a canvas.
#[derive(Debug)]
pub struct Layer<'a> {
    /// Columns between the left side of the canvas and that of the picture.
    pub left: i32,
    /// Rows between the top of the canvas and that of the picture.
    pub top: i32,
    /// The picture, which has no turn.
    pub picture: Picture<'a>,
}

/// The still of a file.
#[derive(Debug)]
pub enum Still<'a> {
    /// One picture.
    Picture(Picture<'a>),
    /// Several on a canvas.
    Overlay(Overlay<'a>),
}

impl<'a> Still<'a> {
    /// Reads the primary item of a file of pictures coded so, and what belongs to it.
    ///
    /// # Errors
    ///
    /// [`Error`], if there is no such item, or it asks for what is not known.
    pub fn read(source: &'a [u8], coded: Coded) -> Result<Self, Error> {
        if let Some(first) = Picture::first(source, coded) {
            return first.map(Still::Picture);
        }
        let items = Items::read(source)?;
        if items.kind(items.primary) == Some(*b"iovl") {
            return Overlay::of(&items, coded).map(Still::Overlay);
        }
        Picture::primary(&items, coded).map(Still::Picture)
    }

    /// Left, top, width and height of what is shown, before the turn.
    #[must_use]
    pub fn shown(&self) -> [u32; 4] {
        match self {
            Still::Picture(picture) => picture.shown,
            Still::Overlay(overlay) => overlay.shown,
        }
    }

    /// Turn that makes it upright.
    #[must_use]
    pub fn turn(&self) -> Turn {
        match self {
            Still::Picture(picture) => picture.turn,
            Still::Overlay(overlay) => overlay.turn,
        }
    }

    /// Frames of a sequence, or 1.
    #[must_use]
    pub fn frames(&self) -> u32 {
        match self {
            Still::Picture(picture) => picture.frames,
            Still::Overlay(_) => 1,
        }
    }
}

impl<'a> Overlay<'a> {
    /// Reads the primary item.
    fn of(items: &Items<'a>, coded: Coded) -> Result<Self, Error> {
        let id = items.primary;
        let properties = Properties::of(items, id)?;
        let ids = items.referred(b"dimg", id);
        if ids.is_empty() {
            return Err(Error::Malformed("an overlay of no pictures"));
        }
        if ids.len() > MOST_LAYERS {
            return Err(Error::Unsupported("an overlay of more than 64 pictures"));
        }
        let (bytes, _) = items.bytes(id)?;
        let head = Head::read(Numbers(&bytes), ids.len());
        let head = head.ok_or(Error::Malformed("half an overlay"))?;
        let mut layers: Vec<Layer<'a>> = Vec::with_capacity(ids.len());
        let (mut copied, mut tiles) = (0, 0);
        for (id, (left, top)) in ids.iter().zip(head.places) {
            let picture = Picture::of(items, *id, coded)?;
            if picture.turn != Turn::default() {
                return Err(Error::Unsupported("an overlay of turned pictures"));
            }
            for plane in [Some(&picture.main), picture.alpha.as_ref()]
                .into_iter()
                .flatten()
            {
                copied += plane.copied();
                tiles += plane.tiles.len();
            }
            if copied > items.length() {
                return Err(Error::Malformed("pictures longer than the file"));
            }
            if tiles > MOST_TILES {
                return Err(Error::Unsupported("an overlay of more than 65,536 tiles"));
            }
            layers.push(Layer { left, top, picture });
        }
        let mut color = properties.color;
        if color == Color::default()
            && let Some(first) = layers.first()
        {
            color = first.picture.color;
        }
        let mut view = View::whole((head.width, head.height));
        properties.steps.iter().for_each(|step| view.take(*step));
        Ok(Overlay {
            width: head.width,
            height: head.height,
            background: head.background,
            layers,
            color,
            shown: view.shown,
            turn: view.turn,
        })
    }

    /// Pixels of the canvas and of all pictures.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        let area = |width: u32, height: u32| u64::from(width) * u64::from(height);
        let layers = self.layers.iter().map(|layer| &layer.picture.main);
        layers.fold(area(self.width, self.height), |sum, main| {
            sum.saturating_add(area(main.width, main.height))
        })
    }
}

/// The item of an overlay.
struct Head {
    width: u32,
    height: u32,
    background: [u8; 4],
    /// Left and top of each picture.
    places: Vec<(i32, i32)>,
}

impl Head {
    fn read(mut numbers: Numbers<'_>, pictures: usize) -> Option<Self> {
        numbers.u8()?;
        let is_long = numbers.u8()? & 1 == 1;
        let mut background = [0; 4];
        for channel in &mut background {
            *channel = (numbers.u16()? >> 8) as u8;
        }
        let (width, height) = (
            numbers.short_or_long(is_long)?,
            numbers.short_or_long(is_long)?,
        );
        let mut place = || {
            let number = numbers.short_or_long(is_long)?;
            Some(if is_long {
                number.cast_signed()
            } else {
                i32::from((number as u16).cast_signed())
            })
        };
        let places: Option<Vec<(i32, i32)>> =
            (0..pictures).map(|_| Some((place()?, place()?))).collect();
        Some(Head {
            width,
            height,
            background,
            places: places?,
        })
    }
}

/// A canvas that pictures are put on.
#[derive(Debug)]
pub struct Canvas {
    width: usize,
    /// Red, green, blue and alpha of each pixel, color not multiplied.
    pixels: Vec<[u8; 4]>,
}

impl Canvas {
    /// The canvas of an overlay without pictures, if there is memory for it.
    #[must_use]
    pub fn new(overlay: &Overlay<'_>) -> Option<Self> {
        let (width, height) = (overlay.width as usize, overlay.height as usize);
        let length = width.checked_mul(height)?;
        let mut pixels = Vec::new();
        pixels.try_reserve_exact(length).ok()?;
        pixels.resize(length, overlay.background);
        Some(Canvas { width, pixels })
    }

    /// Puts a row of pixels, of 3 channels or of 4 with alpha, on top of what is there. What
    /// is beyond the canvas is left out.
    pub fn put(&mut self, left: i64, y: i64, samples: &[u8], channels: usize) {
        let Some(start) = usize::try_from(y)
            .ok()
            .and_then(|y| y.checked_mul(self.width))
        else {
            return;
        };
        let row = self.pixels.get_mut(start..);
        let row = row.and_then(|rows| rows.get_mut(..self.width));
        let row = row.unwrap_or_default();
        let beyond = usize::try_from(-left).unwrap_or(0);
        let left = usize::try_from(left).unwrap_or(0);
        let pixels = samples.chunks_exact(channels).skip(beyond);
        for (below, above) in row.iter_mut().skip(left).zip(pixels) {
            *below = match *above {
                [red, green, blue] => [red, green, blue, u8::MAX],
                [red, green, blue, alpha] => over([red, green, blue, alpha], *below),
                _ => *below,
            };
        }
    }

    /// Pixels of what is shown, of 3 channels if the background is opaque, and else of 4, and
    /// the number of channels.
    #[must_use]
    pub fn finish(self, overlay: &Overlay<'_>) -> (Vec<u8>, usize) {
        let channels = if overlay.background[3] == u8::MAX {
            3
        } else {
            4
        };
        let [left, top, width, height] = overlay.shown.map(|side| side as usize);
        let mut samples = Vec::with_capacity(width * height * channels);
        for row in self.pixels.chunks(self.width.max(1)).skip(top).take(height) {
            for pixel in row.iter().skip(left).take(width) {
                samples.extend_from_slice(&pixel[..channels]);
            }
        }
        (samples, channels)
    }
}

/// A pixel on top of another.
fn over(above: [u8; 4], below: [u8; 4]) -> [u8; 4] {
    let [of_above, of_below] = [above[3], below[3]].map(u32::from);
    // Shares of 255 times 255.
    let (above_share, below_share) = (of_above * 255, of_below * (255 - of_above));
    let sum = above_share + below_share;
    if sum == 0 {
        return [0; 4];
    }
    let mixed = |at: usize| {
        let value = u32::from(above[at]) * above_share + u32::from(below[at]) * below_share;
        ((value + sum / 2) / sum) as u8
    };
    [mixed(0), mixed(1), mixed(2), ((sum + 127) / 255) as u8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_signed_and_short_or_long() {
        let short = [
            0, 0, 255, 255, 0, 0, 128, 0, 1, 2, 0, 9, 0, 8, 255, 254, 0, 3,
        ];
        let head = Head::read(Numbers(&short), 1).unwrap();
        assert_eq!((head.width, head.height), (9, 8));
        assert_eq!(head.background, [255, 0, 128, 1]);
        assert_eq!(head.places, [(-2, 3)]);
        let long = [
            &[0, 1, 0, 0, 0, 0, 0, 0, 0, 0][..],
            &[0, 0, 0, 9, 0, 0, 0, 8, 255, 255, 255, 254, 0, 0, 0, 3],
        ];
        let head = Head::read(Numbers(&long.concat()), 1).unwrap();
        assert_eq!((head.width, head.height), (9, 8));
        assert_eq!(head.places, [(-2, 3)]);
        assert!(Head::read(Numbers(&short), 2).is_none());
    }

    fn overlay(background: [u8; 4]) -> Overlay<'static> {
        Overlay {
            width: 3,
            height: 2,
            background,
            layers: vec![],
            color: Color::default(),
            shown: [0, 0, 3, 2],
            turn: Turn::default(),
        }
    }

    #[test]
    fn what_is_beyond_the_canvas_is_left_out() {
        let overlay = overlay([9, 9, 9, 255]);
        let mut canvas = Canvas::new(&overlay).unwrap();
        let samples: Vec<u8> = (0..12).collect();
        for (left, y) in [
            (-2, 0),
            (2, 1),
            (-9, 0),
            (3, 0),
            (0, -1),
            (0, 2),
            (i64::MIN + 1, 0),
        ] {
            canvas.put(left, y, &samples, 3);
        }
        let (made, channels) = canvas.finish(&overlay);
        assert_eq!(channels, 3);
        let wanted = [6, 7, 8, 9, 10, 11, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 1, 2];
        assert_eq!(made, wanted);
    }

    #[test]
    fn what_is_half_opaque_is_mixed_with_what_is_below() {
        assert_eq!(over([200, 0, 0, 255], [0, 0, 9, 255]), [200, 0, 0, 255]);
        assert_eq!(over([200, 0, 0, 0], [0, 0, 9, 77]), [0, 0, 9, 77]);
        assert_eq!(over([200, 0, 0, 51], [0, 100, 0, 255]), [40, 80, 0, 255]);
        assert_eq!(over([200, 0, 0, 51], [1, 2, 3, 0]), [200, 0, 0, 51]);
        assert_eq!(over([1, 1, 1, 0], [1, 1, 1, 0]), [0; 4]);
        let overlay = overlay([0; 4]);
        let mut canvas = Canvas::new(&overlay).unwrap();
        canvas.put(1, 0, &[1, 2, 3, 255], 4);
        let (made, channels) = canvas.finish(&overlay);
        assert_eq!((channels, &made[..8]), (4, &[0, 0, 0, 0, 1, 2, 3, 255][..]));
    }
}
