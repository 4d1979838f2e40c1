//! Properties of an item.

use crate::boxes::Numbers;
use crate::items::{Id, Items};
use crate::view::Step;
use crate::{CodePoints, Coding, Color, Error};

/// Properties that say nothing about the pixels that is of use here, but must be known.
const HARMLESS: [&[u8; 4]; 8] = [
    b"pixi", b"pasp", b"auxC", b"a1lx", b"clli", b"mdcv", b"cclv", b"amve",
];

/// The properties of an item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Properties<'a> {
    pub(crate) sides: Option<(u32, u32)>,
    pub(crate) coding: Option<Coding>,
    pub(crate) color: Color<'a>,
    /// Crops, turns and mirrors, in their order.
    pub(crate) steps: Vec<Step>,
    pub(crate) layer: Option<u16>,
    pub(crate) operating_point: u8,
    pub(crate) record: &'a [u8],
}

impl<'a> Properties<'a> {
    /// # Errors
    ///
    /// [`Error::Unsupported`] for a property that must be known, and is not.
    pub(crate) fn of(items: &Items<'a>, id: Id) -> Result<Self, Error> {
        let mut properties = Properties::default();
        for (property, is_essential) in items.properties(id) {
            let kind = property.kind;
            let known = properties.take(&kind, Numbers(property.content));
            if known.is_none() && is_essential && !HARMLESS.contains(&&kind) {
                return Err(Error::Unsupported(
                    "a property that has to be known, and is not",
                ));
            }
        }
        Ok(properties)
    }

    /// Takes a property; one that makes no sense is as good as none.
    pub(crate) fn take(&mut self, kind: &[u8; 4], mut numbers: Numbers<'a>) -> Option<()> {
        match kind {
            b"ispe" => {
                numbers.version()?;
                self.sides = Some((numbers.u32()?, numbers.u32()?));
            }
            b"av1C" => {
                self.record = numbers.0;
                self.coding = Some(Coding::of_av1(numbers)?);
            }
            b"hvcC" => {
                self.record = numbers.0;
                self.coding = Some(Coding::of_hevc(numbers)?);
            }
            b"colr" => self.color.take(numbers)?,
            b"irot" => self.steps.push(Step::Quarters(numbers.u8()? & 3)),
            b"imir" => self.steps.push(Step::Mirror(numbers.u8()? & 1 == 1)),
            b"clap" => {
                let mut crop = [0; 8];
                for number in &mut crop {
                    *number = numbers.u32()?;
                }
                self.steps.push(Step::Crop(crop));
            }
            b"lsel" => self.layer = Some(numbers.u16()?).filter(|layer| *layer != u16::MAX),
            b"a1op" => self.operating_point = numbers.u8()?,
            _ => return None,
        }
        Some(())
    }
}

impl Coding {
    /// The record of HEVC.
    fn of_hevc(mut numbers: Numbers<'_>) -> Option<Self> {
        let [.., chroma, luma_depth, _] = numbers.take(19)? else {
            return None;
        };
        let chroma = chroma & 3;
        Some(Coding {
            depth: (luma_depth & 7) + 8,
            is_gray: chroma == 0,
            halved: (chroma == 1 || chroma == 2, chroma == 1),
        })
    }

    /// The record of AV1.
    fn of_av1(mut numbers: Numbers<'_>) -> Option<Self> {
        numbers.u16()?;
        let flags = numbers.u8()?;
        let has = |bit: u8| flags >> bit & 1 == 1;
        Some(Coding {
            depth: match (has(6), has(5)) {
                (false, _) => 8,
                (true, false) => 10,
                (true, true) => 12,
            },
            is_gray: has(4),
            halved: (has(3), has(2)),
        })
    }
}

impl<'a> Color<'a> {
    fn take(&mut self, mut numbers: Numbers<'a>) -> Option<()> {
        match numbers.take(4)? {
            b"nclx" => {
                self.code_points = Some(CodePoints {
                    primaries: numbers.u16()? as u8,
                    transfer: numbers.u16()? as u8,
                    matrix: numbers.u16()? as u8,
                    is_full_range: numbers.u8()? & 0x80 != 0,
                });
            }
            b"prof" | b"rICC" => self.profile = Some(numbers.0),
            _ => {}
        }
        Some(())
    }
}
