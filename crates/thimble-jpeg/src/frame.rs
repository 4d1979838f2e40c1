//! The frame header: what a picture is made of (ITU-T T.81, B.2.2 and A.1).

use super::error::Error;
use super::marker;

/// Order of the coefficients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// Block by block.
    Sequential,
    /// A rough picture first, refined by later scans.
    Progressive,
}

/// One of the planes that a picture is coded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    /// Name by which scans refer to it.
    pub(super) id: u8,
    /// Blocks in an MCU, from left to right: 1 to 4.
    pub(super) horizontal: usize,
    /// Blocks in an MCU, from top to bottom: 1 to 4.
    pub(super) vertical: usize,
    /// Number of its quantization table: 0 to 3.
    pub(super) quantization: usize,
}

/// A picture's dimensions and components.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    /// Columns: at least 1.
    pub(super) width: usize,
    /// Rows; 0 when only a DNL segment will tell.
    pub(super) height: usize,
    pub(super) coding: Coding,
    /// One, three or four.
    pub(super) components: Vec<Component>,
    /// The most blocks that a component has in an MCU, from left to right.
    pub(super) horizontal: usize,
    /// The most blocks that a component has in an MCU, from top to bottom.
    pub(super) vertical: usize,
}

/// A component's dimensions in blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blocks {
    /// Columns of blocks with samples of the picture.
    pub(super) width: usize,
    /// Rows of blocks with samples of the picture.
    pub(super) height: usize,
    /// Columns of blocks in whole MCUs.
    pub(super) stored_width: usize,
    /// Rows of blocks in whole MCUs.
    pub(super) stored_height: usize,
}

/// True for a marker that begins a frame header, of whatever kind; JPEG-LS has one of
/// its own.
pub(super) fn is_frame(marker: u8) -> bool {
    let others = [marker::DHT, marker::JPG, marker::DAC];
    let is_numbered = (marker::SOF0..=marker::SOF15).contains(&marker);
    marker == marker::SOF55 || is_numbered && !others.contains(&marker)
}

impl Frame {
    /// Read the parameters of a frame header.
    pub(super) fn read(marker: u8, payload: &[u8]) -> Result<Frame, Error> {
        let coding = coding(marker)?;
        let &[precision, y1, y0, x1, x0, count, ref specifications @ ..] = payload else {
            return Err(Error::Malformed("frame header is too short"));
        };
        if precision != 8 {
            return Err(Error::Unsupported("has samples of other than 8 bits"));
        }
        if ![1, 3, 4].contains(&count) {
            return Err(Error::Unsupported(
                "has neither one, three nor four components",
            ));
        }
        let width = usize::from(u16::from_be_bytes([x1, x0]));
        let height = usize::from(u16::from_be_bytes([y1, y0]));
        if width == 0 {
            return Err(Error::Malformed("has a width of zero"));
        }
        let specifications = specifications.as_chunks::<3>().0;
        let components = specifications.iter().take(count.into()).map(component);
        let mut components = components.collect::<Result<Vec<_>, _>>()?;
        if components.len() != usize::from(count) {
            return Err(Error::Malformed("frame header lacks components"));
        }
        if let [only] = &mut components[..] {
            // Sampling is relative, so that of an only component means nothing.
            (only.horizontal, only.vertical) = (1, 1);
        }
        let horizontal = components.iter().map(|c| c.horizontal).max().unwrap_or(1);
        let vertical = components.iter().map(|c| c.vertical).max().unwrap_or(1);
        Ok(Frame {
            width,
            height,
            coding,
            components,
            horizontal,
            vertical,
        })
    }

    /// MCUs with all components in a row, and rows of them.
    pub(super) fn mcus(&self) -> (usize, usize) {
        let (horizontal, vertical) = (8 * self.horizontal, 8 * self.vertical);
        (
            self.width.div_ceil(horizontal),
            self.height.div_ceil(vertical),
        )
    }

    /// Columns and rows of a component's samples that cover the picture, rounded up.
    pub(super) fn samples(&self, component: &Component) -> (usize, usize) {
        let width = (self.width * component.horizontal).div_ceil(self.horizontal);
        let height = (self.height * component.vertical).div_ceil(self.vertical);
        (width, height)
    }

    /// A component's dimensions in blocks.
    pub(super) fn blocks(&self, component: &Component) -> Blocks {
        let (width, height) = self.samples(component);
        let (mcu_columns, mcu_rows) = self.mcus();
        Blocks {
            width: width.div_ceil(8),
            height: height.div_ceil(8),
            stored_width: mcu_columns * component.horizontal,
            stored_height: mcu_rows * component.vertical,
        }
    }
}

/// Coding that a start-of-frame marker stands for (T.81, table B.1).
fn coding(marker: u8) -> Result<Coding, Error> {
    match marker {
        marker::SOF0 | marker::SOF1 => Ok(Coding::Sequential),
        marker::SOF2 => Ok(Coding::Progressive),
        0xC3 | 0xC7 | 0xCB | 0xCF => Err(Error::Unsupported("is lossless")),
        0xC5 | 0xC6 | 0xCD | 0xCE => Err(Error::Unsupported("is hierarchical")),
        marker::SOF55 => Err(Error::Unsupported("is JPEG-LS")),
        _ => Err(Error::Unsupported("is arithmetic-coded")),
    }
}

fn component(specification: &[u8; 3]) -> Result<Component, Error> {
    let [id, sampling, quantization] = *specification;
    let (horizontal, vertical) = (usize::from(sampling >> 4), usize::from(sampling & 15));
    if !(1..=4).contains(&horizontal) || !(1..=4).contains(&vertical) {
        return Err(Error::Malformed(
            "has a sampling factor that is not within 1 to 4",
        ));
    }
    if quantization > 3 {
        return Err(Error::Malformed(
            "names a quantization table that can't exist",
        ));
    }
    Ok(Component {
        id,
        horizontal,
        vertical,
        quantization: quantization.into(),
    })
}
