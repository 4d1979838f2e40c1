//! Encoding: planes to JFIF, sequential or progressive.
//!
//! Every block is transformed once, its quantized coefficients are chosen, and it is
//! taken apart into symbols, which are counted on the way; then tables that fit the
//! counts are made, and the symbols written with them.

mod choice;
mod component;
mod forward;
mod huffman;
mod planes;
mod progressive;
mod quantization;
mod symbols;
mod transformed;
mod writer;

use std::rc::Rc;

use choice::Chooser;
use component::{Component, Layout, Source};
use huffman::{Codes, Table};
use quantization::{Quantizer, Steps};
use symbols::{CLASSES, Class, Tokens};
use writer::Writer;

use super::error::Error;
use super::marker;
use thimble_picture::{Picture, Plane};

pub use transformed::Transformed;

/// Quality and layout of an encoded picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// From 1 (smallest) to 100 (best).
    pub quality: u8,
    /// A rough picture first, refined by later scans.
    pub progressive: bool,
    /// One difference of color for two columns and two rows of pixels.
    pub subsampled: bool,
    /// Huffman tables that fit the picture, instead of the usual ones. What is
    /// progressive always has them.
    pub optimal: bool,
    /// Effort spent on a smaller file.
    pub effort: Effort,
}

/// Effort spent on a smaller file that looks the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effort {
    /// Coefficients are rounded, and the steps are those of T.81.
    Fast,
    /// Coefficients are chosen by what they show and what they cost, and the steps are
    /// made for that. At quality 100 this is [`Effort::Fast`].
    #[default]
    Small,
}

/// Encodes a picture without alpha. Planes of a YCbCr picture are taken as they are;
/// they may have all, or a half of luma's columns and rows.
///
/// # Errors
///
/// If a side has no pixels, or more than a JPEG can say.
pub fn encode(picture: Picture, options: &Options) -> Result<Vec<u8>, Error> {
    let planes = planes::planes(picture, options.subsampled);
    let layouts = layouts(&planes);
    let sides = sides(&planes)?;
    let sources = planes.iter().map(Source::Samples);
    Ok(write(sides, layouts.into_iter().zip(sources), options))
}

/// The sides of the first of all planes.
fn sides(planes: &[Plane]) -> Result<(u16, u16), Error> {
    let (width, height) = planes.first().map_or((0, 0), Plane::covered);
    let side = |samples: usize| u16::try_from(samples).ok().filter(|side| *side > 0);
    let (Some(width), Some(height)) = (side(width), side(height)) else {
        return Err(Error::Unsupported(
            "can't have a side of more than 65535 pixels, or of none",
        ));
    };
    Ok((width, height))
}

/// The sampling factors of planes, which follow from their sizes.
fn layouts(planes: &[Plane]) -> Vec<Layout> {
    let Some((luma, differences)) = planes.split_first() else {
        return vec![];
    };
    let (width, height) = luma.covered();
    let factor = |whole: usize, part: usize| if part < whole { 2 } else { 1 };
    let sampling = differences.first().map_or((1, 1), |plane| {
        let (columns, rows) = plane.covered();
        (factor(width, columns), factor(height, rows))
    });
    let luma = Layout::new(luma, sampling, false);
    let differences = differences
        .iter()
        .map(|plane| Layout::new(plane, (1, 1), true));
    core::iter::once(luma).chain(differences).collect()
}

/// Write a file of planes or of what was made of them.
fn write<'a>(
    sides: (u16, u16),
    parts: impl Iterator<Item = (Layout, Source<'a>)>,
    options: &Options,
) -> Vec<u8> {
    let effort = if options.quality < 100 {
        options.effort
    } else {
        Effort::Fast
    };
    let tables = match effort {
        Effort::Fast => quantization::tables(options.quality),
        Effort::Small => quantization::even_tables(options.quality),
    };
    let mut choosers: [Option<Rc<Chooser>>; 2] = [None, None];
    let components = parts
        .map(|(layout, source)| {
            let table = usize::from(layout.chroma);
            let quantizer = Quantizer::new(&tables[table]);
            let chooser = match effort {
                Effort::Fast => None,
                Effort::Small => {
                    let make = || Rc::new(Chooser::new(&quantizer, layout.chroma));
                    Some(Rc::clone(choosers[table].get_or_insert_with(make)))
                }
            };
            Component {
                layout,
                source,
                quantizer,
                chooser,
            }
        })
        .collect::<Vec<_>>();
    let mut writer = Writer::default();
    let frame = if options.progressive {
        marker::SOF2
    } else {
        marker::SOF0
    };
    write_header(&mut writer, &tables, frame, &components, sides);
    if options.progressive {
        progressive::write(&mut writer, &components);
    } else {
        write_sequential(&mut writer, &components, options.optimal);
    }
    writer.marker(marker::EOI);
    writer.bytes
}

/// Everything before the first scan (T.81, B.2, and JFIF 1.02).
fn write_header(
    writer: &mut Writer,
    tables: &[Steps; 2],
    frame: u8,
    components: &[Component<'_>],
    (width, height): (u16, u16),
) {
    writer.marker(marker::SOI);
    // Version 1.02, square pixels, no thumbnail.
    writer.segment(marker::APP0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0");
    for (number, table) in (0..).zip(tables).take(components.len().min(2)) {
        let parameters = [&[number][..], &quantization::transmitted(table)].concat();
        writer.segment(marker::DQT, &parameters);
    }
    let mut parameters = vec![8];
    parameters.extend_from_slice(&height.to_be_bytes());
    parameters.extend_from_slice(&width.to_be_bytes());
    parameters.push(components.len() as u8);
    for (id, component) in (1..).zip(components) {
        let sampling = component.layout.horizontal << 4 | component.layout.vertical;
        parameters.extend_from_slice(&[id, sampling as u8, component.layout.chroma.into()]);
    }
    writer.segment(frame, &parameters);
}

/// Tokens of a block full of detail at the usual quality: room is made for them at
/// once, because to grow means to copy all there are.
const USUAL_TOKENS: usize = 16;

/// One scan with all components, block by block.
fn write_sequential(writer: &mut Writer, components: &[Component<'_>], optimal: bool) {
    let blocks = components.iter().map(|component| component.layout.blocks());
    let blocks = blocks.map(|(across, down)| across * down).sum::<usize>();
    let mut tokens = Tokens::new(blocks * USUAL_TOKENS);
    let mut predictors = [0; 3];
    let mut block = [0; 64];
    interleaved(components, |index, column, row| {
        let component = &components[index];
        let nonzero = component.quantized(column, row, &mut block);
        tokens.block(&block, nonzero, predictors[index], component.layout.chroma);
        predictors[index] = block[0];
    });
    let classes = [
        Class::dc(false),
        Class::ac(false),
        Class::dc(true),
        Class::ac(true),
    ];
    let classes = if components.len() > 1 {
        &classes[..]
    } else {
        &classes[..2]
    };
    let codes = write_tables(writer, &tokens, classes, optimal);
    write_scan_header(writer, components.iter().zip(1..), [0, 63, 0]);
    writer.tokens(tokens.all(), &codes);
    writer.finish();
}

/// Visit every block in the order of a scan of all components (T.81, A.2.3): tell
/// which component it belongs to, and its column and row there.
#[inline(always)]
fn interleaved(components: &[Component<'_>], mut visit: impl FnMut(usize, usize, usize)) {
    let (columns, rows) = mcus(components);
    for row in 0..rows {
        for column in 0..columns {
            for (index, component) in components.iter().enumerate() {
                let Layout {
                    horizontal,
                    vertical,
                    ..
                } = component.layout;
                for row in row * vertical..(row + 1) * vertical {
                    for column in column * horizontal..(column + 1) * horizontal {
                        visit(index, column, row);
                    }
                }
            }
        }
    }
}

/// MCUs in a row, and rows of them.
fn mcus(components: &[Component<'_>]) -> (usize, usize) {
    components
        .first()
        .map_or((0, 0), |Component { layout, .. }| {
            let (columns, rows) = layout.padded();
            (columns / layout.horizontal, rows / layout.vertical)
        })
}

/// Choose tables for the symbols of some classes, write them, and give out their
/// codes.
fn write_tables(
    writer: &mut Writer,
    tokens: &Tokens,
    classes: &[Class],
    optimal: bool,
) -> Box<Codes> {
    let mut codes = Box::new([0; CLASSES]);
    for class in classes {
        let uses = &tokens.counts[class.start()..][..256];
        let table = if optimal {
            Table::optimal(uses)
        } else {
            Table::usual(*class)
        };
        writer.table(class.selector(), &table);
        table.assign(&mut codes[class.start()..][..256]);
    }
    codes
}

/// The header of a scan of components with their names, for a band and its bits.
fn write_scan_header<'a>(
    writer: &mut Writer,
    components: impl Iterator<Item = (&'a Component<'a>, u8)>,
    band: [u8; 3],
) {
    let mut header = vec![0];
    for (component, id) in components {
        let table = u8::from(component.layout.chroma);
        header.extend_from_slice(&[id, table << 4 | table]);
        header[0] += 1;
    }
    header.extend_from_slice(&band);
    writer.segment(marker::SOS, &header);
}
