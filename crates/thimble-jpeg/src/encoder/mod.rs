//! Encoding: planes to JFIF, sequential or progressive.
//!
//! Every block is transformed once and taken apart into symbols, which are
//! counted on the way; then tables that fit the counts are made, and the symbols
//! written with them.

mod component;
mod forward;
mod huffman;
mod planes;
mod progressive;
mod quantization;
mod symbols;
mod writer;

use component::Component;
use huffman::{Codes, Table};
use quantization::Steps;
use symbols::{CLASSES, Class, Tokens};
use writer::Writer;

use super::error::Error;
use super::{marker, standard};
use thimble_picture::{Picture, Plane};

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
}

/// Encodes a picture without alpha. Planes of a YCbCr picture are taken as they are;
/// they may have all, or a half of luma's columns and rows.
///
/// # Errors
///
/// If a side has no pixels, or more than a JPEG can say.
pub fn encode(picture: Picture, options: &Options) -> Result<Vec<u8>, Error> {
    let planes = planes::planes(picture, options.subsampled);
    let tables = [
        quantization::scaled(&quantization::LUMA_STEPS, options.quality),
        quantization::scaled(&quantization::CHROMA_STEPS, options.quality),
    ];
    let components = components(&planes, &tables);
    let (width, height) = planes.first().map_or((0, 0), Plane::covered);
    let side = |samples: usize| u16::try_from(samples).ok().filter(|side| *side > 0);
    let (Some(width), Some(height)) = (side(width), side(height)) else {
        return Err(Error::Unsupported(
            "can't have a side of more than 65535 pixels, or of none",
        ));
    };
    let mut writer = Writer::default();
    let frame = if options.progressive {
        marker::SOF2
    } else {
        marker::SOF0
    };
    write_header(&mut writer, &tables, frame, &components, (width, height));
    if options.progressive {
        progressive::write(&mut writer, &components);
    } else {
        write_sequential(&mut writer, &components, options.optimal);
    }
    writer.marker(marker::EOI);
    Ok(writer.bytes)
}

/// The planes with their sampling factors, which follow from their sizes.
fn components<'a>(planes: &'a [Plane], tables: &[Steps; 2]) -> Vec<Component<'a>> {
    let Some((luma, differences)) = planes.split_first() else {
        return vec![];
    };
    let (width, height) = luma.covered();
    let factor = |whole: usize, part: usize| if part < whole { 2 } else { 1 };
    let sampling = differences.first().map_or((1, 1), |plane| {
        let (columns, rows) = plane.covered();
        (factor(width, columns), factor(height, rows))
    });
    let luma = Component::new(luma, sampling, false, &tables[0]);
    let differences = differences
        .iter()
        .map(|plane| Component::new(plane, (1, 1), true, &tables[1]));
    core::iter::once(luma).chain(differences).collect()
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
        let sampling = component.horizontal << 4 | component.vertical;
        parameters.extend_from_slice(&[id, sampling as u8, component.chroma.into()]);
    }
    writer.segment(frame, &parameters);
}

/// Tokens of a block full of detail at the usual quality: room is made for them at
/// once, because to grow means to copy all there are.
const USUAL_TOKENS: usize = 16;

/// One scan with all components, block by block.
fn write_sequential(writer: &mut Writer, components: &[Component<'_>], optimal: bool) {
    let mut tokens = Tokens::new();
    let blocks = components.iter().map(Component::blocks);
    let blocks = blocks.map(|(across, down)| across * down).sum::<usize>();
    tokens.tokens.reserve(blocks * USUAL_TOKENS);
    let mut predictors = [0; 3];
    let mut block = [0; 64];
    interleaved(components, |index, column, row| {
        let component = &components[index];
        let nonzero = component.quantized(column, row, &mut block);
        tokens.block(&block, nonzero, predictors[index], component.chroma);
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
    writer.tokens(&tokens.tokens, &codes);
    writer.finish();
}

/// Visit every block in the order of a scan of all components (T.81, A.2.3): tell
/// which component it belongs to, and its column and row there.
#[inline(always)]
fn interleaved(components: &[Component<'_>], mut visit: impl FnMut(usize, usize, usize)) {
    let (columns, rows) = mcus(components);
    for row in 0..rows {
        for column in 0..columns {
            for (
                index,
                &Component {
                    horizontal,
                    vertical,
                    ..
                },
            ) in components.iter().enumerate()
            {
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
    components.first().map_or((0, 0), |luma| {
        let (columns, rows) = luma.blocks();
        (
            columns.div_ceil(luma.horizontal),
            rows.div_ceil(luma.vertical),
        )
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
            usual_table(*class)
        };
        writer.table(class.selector(), &table);
        table.assign(&mut codes[class.start()..][..256]);
    }
    codes
}

/// The table of T.81, annex K.3, for a class.
fn usual_table(class: Class) -> Table {
    match class.selector() {
        0x00 => Table::new(&standard::DC_LUMA_COUNTS, &standard::DC_VALUES),
        0x01 => Table::new(&standard::DC_CHROMA_COUNTS, &standard::DC_VALUES),
        0x10 => Table::new(&standard::AC_LUMA_COUNTS, &standard::AC_LUMA_VALUES),
        _ => Table::new(&standard::AC_CHROMA_COUNTS, &standard::AC_CHROMA_VALUES),
    }
}

/// The header of a scan of components with their names, for a band and its bits.
fn write_scan_header<'a>(
    writer: &mut Writer,
    components: impl Iterator<Item = (&'a Component<'a>, u8)>,
    band: [u8; 3],
) {
    let mut header = vec![0];
    for (component, id) in components {
        let table = u8::from(component.chroma);
        header.extend_from_slice(&[id, table << 4 | table]);
        header[0] += 1;
    }
    header.extend_from_slice(&band);
    writer.segment(marker::SOS, &header);
}
