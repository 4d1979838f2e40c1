//! Pictures that are encoded more than once.

use super::component::{Layout, Source};
use super::forward::Block;
use super::{Options, layouts, planes, sides, write};
use crate::error::Error;
use thimble_picture::Picture;

/// A picture as coefficients that are not quantized yet: to encode it at another quality
/// repeats nothing of what comes before.
#[derive(Debug)]
pub struct Transformed {
    sides: (u16, u16),
    components: Vec<(Layout, Vec<Block>)>,
    options: Options,
}

impl Transformed {
    /// Transforms a picture as [`encode`](crate::encode) does.
    ///
    /// # Errors
    ///
    /// If a side has no pixels, or more than a JPEG can say.
    pub fn new(picture: Picture, options: &Options) -> Result<Self, Error> {
        let planes = planes::planes(picture, options.subsampled);
        let parts = layouts(&planes).into_iter().zip(&planes);
        Ok(Transformed {
            sides: sides(&planes)?,
            components: parts
                .map(|(layout, plane)| (layout, layout.coefficients(plane)))
                .collect(),
            options: *options,
        })
    }

    /// Encodes the picture with a quality from 1 to 100, and to the byte as
    /// [`encode`](crate::encode) does.
    #[must_use]
    pub fn encode(&self, quality: u8) -> Vec<u8> {
        let parts = self.components.iter();
        let parts = parts.map(|(layout, blocks)| (*layout, Source::Coefficients(blocks)));
        let options = Options {
            quality,
            ..self.options
        };
        write(self.sides, parts, &options)
    }
}
