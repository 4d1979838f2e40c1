//! Progressive scans (ITU-T T.81, annex G): the frequencies from low to high.
//!
//! First DC coefficients of all components, then the lowest frequencies of luma,
//! those of color differences, and the rest. Each band is sent at full precision:
//! for a thumbnail, scans that refine by a bit would cost more than they show.

use super::component::Component;
use super::forward::Block;
use super::symbols::{Class, Tokens};
use super::writer::Writer;
use super::{interleaved, write_scan_header, write_tables};

/// The bands after the first scan: whether of color differences, and the first
/// and last zigzag index.
const BANDS: [(bool, u8, u8); 3] = [(false, 1, 5), (true, 1, 63), (false, 6, 63)];

/// The most blocks that one symbol can end.
const MOST_ENDED: u32 = 0x7FFF;

/// The blocks of a component, row by row, each with the zigzag indices of the
/// coefficients that aren't zero.
type Blocks = Vec<(Block, u64)>;

/// Write all scans.
pub(super) fn write(writer: &mut Writer, components: &[Component<'_>]) {
    write_dc(writer, components);
    let blocks = components.iter().map(transformed).collect::<Vec<_>>();
    for (chroma, first, last) in BANDS {
        let named = components.iter().zip(1..).zip(&blocks);
        for ((component, id), blocks) in named.filter(|((part, _), _)| part.layout.chroma == chroma)
        {
            let tokens = band(blocks, chroma, first, last);
            let codes = write_tables(writer, &tokens, &[Class::ac(chroma)], true);
            write_scan_header(writer, [(component, id)].into_iter(), [first, last, 0]);
            writer.tokens(tokens.all(), &codes);
            writer.finish();
        }
    }
}

/// The scan of all DC coefficients.
fn write_dc(writer: &mut Writer, components: &[Component<'_>]) {
    let mut tokens = Tokens::new(0);
    let mut predictors = [0; 3];
    let mut block = [0; 64];
    interleaved(components, |index, column, row| {
        let component = &components[index];
        component.rounded(column, row, &mut block);
        tokens.dc(&block, predictors[index], component.layout.chroma);
        predictors[index] = block[0];
    });
    let classes = [Class::dc(false), Class::dc(true)];
    let classes = if components.len() > 1 {
        &classes[..]
    } else {
        &classes[..1]
    };
    let codes = write_tables(writer, &tokens, classes, true);
    write_scan_header(writer, components.iter().zip(1..), [0, 0, 0]);
    writer.tokens(tokens.all(), &codes);
    writer.finish();
}

/// The blocks that have samples of the picture.
fn transformed(component: &Component<'_>) -> Blocks {
    let (columns, rows) = component.layout.blocks();
    let mut blocks = Vec::with_capacity(columns * rows);
    for index in 0..columns * rows {
        let mut block = [0; 64];
        let nonzero = component.quantized(index % columns, index / columns, &mut block);
        blocks.push((block, nonzero));
    }
    blocks
}

/// The symbols of a band of blocks.
fn band(blocks: &Blocks, chroma: bool, first: u8, last: u8) -> Tokens {
    let within = u64::MAX << first & u64::MAX >> (63 - last);
    let mut tokens = Tokens::new(0);
    let mut ended = 0;
    for (block, nonzero) in blocks {
        let nonzero = nonzero & within;
        if ended == MOST_ENDED || (nonzero != 0 && ended > 0) {
            tokens.ended(ended, chroma);
            ended = 0;
        }
        let next = tokens.ac(block, nonzero, first.into(), chroma);
        if next <= u32::from(last) {
            ended += 1;
        }
    }
    if ended > 0 {
        tokens.ended(ended, chroma);
    }
    tokens
}
