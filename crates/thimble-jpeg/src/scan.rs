//! The scan header: which components and coefficients a scan brings (ITU-T T.81,
//! B.2.3 and, for progressive frames, G.1.1.1).

use super::error::Error;
use super::frame::{Coding, Component, Frame};

/// The header of a scan: components, band and bits that it brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scan {
    /// The components in it, in the frame's order.
    pub(super) parts: Vec<Part>,
    /// The first zigzag index it brings.
    pub(super) first: u32,
    /// The last zigzag index it brings.
    pub(super) last: u32,
    /// True if it refines the coefficients of earlier scans by a bit.
    pub(super) refines: bool,
    /// The lowest bit it brings.
    pub(super) low: u32,
}

/// A component in a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Index of the component in the frame.
    pub(super) component: usize,
    /// Numbers of its Huffman tables: 0 to 3.
    pub(super) dc: usize,
    pub(super) ac: usize,
}

/// The most blocks that an interleaved MCU may have (T.81, B.2.3).
const MOST_BLOCKS: usize = 10;

impl Scan {
    /// Read the parameters of a scan header.
    pub(super) fn read(payload: &[u8], frame: &Frame) -> Result<Scan, Error> {
        let short = Error::Malformed("scan header is too short");
        let (count, rest) = payload.split_first().ok_or(short)?;
        let (parts, rest) = rest
            .split_at_checked(usize::from(*count) * 2)
            .ok_or(short)?;
        let &[first, last, approximation, ..] = rest else {
            return Err(short);
        };
        let parts = read_parts(parts.as_chunks().0, frame)?;
        if parts.is_empty() || !parts.is_sorted_by(|a, b| a.component < b.component) {
            return Err(Error::Malformed("scan names its components out of order"));
        }
        let component = |part: &Part| frame.components[part.component];
        let blocks = |part: Component| part.horizontal * part.vertical;
        if parts.len() > 1
            && parts.iter().map(|p| blocks(component(p))).sum::<usize>() > MOST_BLOCKS
        {
            return Err(Error::Malformed("scan has too many blocks in an MCU"));
        }
        let (refines, low) = (approximation >> 4 != 0, u32::from(approximation & 15));
        let scan = Scan {
            parts,
            first: first.into(),
            last: last.into(),
            refines,
            low,
        };
        match frame.coding {
            Coding::Sequential => Ok(Scan {
                first: 0,
                last: 63,
                refines: false,
                low: 0,
                ..scan
            }),
            Coding::Progressive => scan.check(),
        }
    }

    /// Check a progressive scan's band and bits.
    fn check(self) -> Result<Scan, Error> {
        let (single, dc) = (self.parts.len() == 1, self.first == 0);
        let band = if dc {
            self.last == 0
        } else {
            single && self.last >= self.first
        };
        if !band || self.last > 63 || self.low > 13 {
            return Err(Error::Malformed("progressive scan has an impossible band"));
        }
        Ok(self)
    }
}

impl Scan {
    /// Blocks of a component in an MCU of this scan, across and down.
    pub(super) fn blocks(&self, component: &Component) -> (usize, usize) {
        match self.parts[..] {
            [_] => (1, 1),
            _ => (component.horizontal, component.vertical),
        }
    }

    /// MCUs of this scan in a row, and rows of them.
    pub(super) fn grid(&self, frame: &Frame) -> (usize, usize) {
        match self.parts[..] {
            [only] => {
                let blocks = frame.blocks(&frame.components[only.component]);
                (blocks.width, blocks.height)
            }
            _ => frame.mcus(),
        }
    }
}

/// The components that a scan names. Some writers give one name to several: it means
/// the first of them that the scan does not have yet.
fn read_parts(named: &[[u8; 2]], frame: &Frame) -> Result<Vec<Part>, Error> {
    let mut parts: Vec<Part> = vec![];
    for [id, tables] in named {
        let is_meant = |(index, component): &(usize, &Component)| {
            component.id == *id && parts.iter().all(|part| part.component != *index)
        };
        let component = frame.components.iter().enumerate().find(is_meant);
        let (component, _) =
            component.ok_or(Error::Malformed("scan names an unknown component"))?;
        parts.push(Part {
            component,
            dc: usize::from(tables >> 4 & 3),
            ac: usize::from(tables & 3),
        });
    }
    Ok(parts)
}
