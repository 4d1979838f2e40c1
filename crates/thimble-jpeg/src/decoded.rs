//! The result of decoding, and the planes to be made of it.

use super::channel::Channel;
use super::color;
use super::error::{Error, Warning, allocate};
use super::frame::Frame;
use super::header::{ColorModel, Header};
use super::scale::Scale;
use super::upsample::Rows;
use thimble_picture::Plane;

/// A decoded source: its components as they were stored, at the scale asked for.
#[derive(Debug)]
pub struct Decoded {
    /// Meaning of the components as colors.
    pub model: ColorModel,
    /// Damage in the source.
    pub warnings: Vec<Warning>,
    /// Columns and rows of pixels that cover the picture at this scale.
    extent: (f64, f64),
    planes: Vec<Plane>,
}

impl Decoded {
    pub(super) fn new(
        header: &Header<'_>,
        scale: Scale,
        channels: Vec<Channel>,
        warnings: Vec<Warning>,
    ) -> Self {
        let frame = &header.frame;
        let scaled = |length: usize| (length * scale.side()) as f64 / 8.0;
        let extent = (scaled(frame.width), scaled(frame.height));
        let planes = channels
            .into_iter()
            .map(|channel| plane(frame, channel))
            .collect();
        Decoded {
            model: header.model,
            warnings,
            extent,
            planes,
        }
    }

    /// The components as planes, as they are stored: luma alone, or luma and
    /// differences of color, which may be sampled more coarsely.
    pub fn into_planes(self) -> Vec<Plane> {
        self.planes
    }

    /// One plane of whole pixels: of one channel if they are gray, of three if
    /// they are RGB or YCbCr (which is converted), of the four components as they
    /// are stored if they are inks.
    ///
    /// # Errors
    ///
    /// If there is no memory for them.
    pub fn into_pixels(self) -> Result<Plane, Error> {
        match self.model {
            ColorModel::Gray => self.interleave(|gray: [u8; 1]| gray),
            ColorModel::Ycbcr => self.interleave(color::to_rgb),
            ColorModel::Rgb => self.interleave(|rgb: [u8; 3]| rgb),
            ColorModel::Cmyk | ColorModel::Ycck => self.interleave(|inks: [u8; 4]| inks),
        }
    }

    /// One plane of pixels, made of one sample of each component.
    fn interleave<const CHANNELS: usize>(
        self,
        convert: impl Fn([u8; CHANNELS]) -> [u8; CHANNELS],
    ) -> Result<Plane, Error> {
        let extent = self.extent;
        let (width, height) = (extent.0.ceil() as usize, extent.1.ceil() as usize);
        let mut samples = allocate(0, &[width, height, CHANNELS])?;
        let rows = self
            .planes
            .iter()
            .map(|plane| Rows::new(plane, width, height));
        let mut rows = rows.collect::<Vec<_>>();
        if let Some(rows) = rows.first_chunk_mut::<CHANNELS>() {
            for (index, pixels) in samples.chunks_exact_mut(width * CHANNELS).enumerate() {
                let rows = rows.each_mut().map(|rows| &rows.row(index)[..width]);
                let pixels = pixels.as_chunks_mut::<CHANNELS>().0.iter_mut();
                for (column, pixel) in pixels.enumerate() {
                    *pixel = convert(rows.map(|row| row[column]));
                }
            }
        }
        Ok(Plane {
            channels: CHANNELS,
            width,
            height,
            extent,
            samples,
        })
    }
}

/// A component's samples, and how many of them cover the picture.
fn plane(frame: &Frame, channel: Channel) -> Plane {
    let part = |length: usize, sampling: usize, most: usize| {
        (length * sampling * channel.side) as f64 / (8 * most) as f64
    };
    let across = part(frame.width, channel.component.horizontal, frame.horizontal);
    let down = part(frame.height, channel.component.vertical, frame.vertical);
    Plane {
        channels: 1,
        width: channel.stride,
        height: channel.blocks.stored_height * channel.side,
        extent: (across, down),
        samples: channel.samples,
    }
}
