//! The header of a macroblock: segment and modes (RFC 6386, sections 10, 11 and
//! 19.3).

use super::boolean_reader::BooleanReader;
use super::header::FrameHeader;
use super::modes::{BlockMode, LumaMode, SubblockMode};
use super::probabilities::BLOCK_MODES;

/// Segment and modes of a macroblock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Macroblock {
    pub(super) segment: usize,
    pub(super) luma: LumaMode,
    pub(super) chroma: BlockMode,
    /// True if no coefficients follow.
    pub(super) is_skipped: bool,
}

/// The modes of the four subblocks at an edge of a macroblock.
pub(super) type EdgeModes = [SubblockMode; 4];

impl Macroblock {
    /// Reads the next macroblock, between the modes `above` it and to its
    /// `left`, which become its own.
    pub(super) fn read(
        reader: &mut BooleanReader<'_>,
        header: &FrameHeader,
        above: &mut EdgeModes,
        left: &mut EdgeModes,
    ) -> Macroblock {
        let map = header.segments.and_then(|segments| segments.map);
        let segment = map.map_or(0, |map| read_segment(reader, map));
        let is_skipped = header
            .skip
            .is_some_and(|probability| reader.read(probability));
        let luma = match read_luma_mode(reader) {
            Some(mode) => {
                *above = [mode.of_subblocks(); 4];
                *left = *above;
                LumaMode::Whole(mode)
            }
            None => LumaMode::Subblocks(read_subblock_modes(reader, above, left)),
        };
        let chroma = read_chroma_mode(reader);
        Macroblock {
            segment,
            luma,
            chroma,
            is_skipped,
        }
    }
}

fn read_segment(reader: &mut BooleanReader<'_>, map: [u8; 3]) -> usize {
    let high = usize::from(reader.read(map[0]));
    2 * high + usize::from(reader.read(map[1 + high]))
}

/// `None` if every subblock has a mode of its own.
fn read_luma_mode(reader: &mut BooleanReader<'_>) -> Option<BlockMode> {
    reader.fill_for(3);
    if !reader.decide(145) {
        return None;
    }
    Some(if reader.decide(156) {
        if reader.decide(128) {
            BlockMode::TrueMotion
        } else {
            BlockMode::Horizontal
        }
    } else if reader.decide(163) {
        BlockMode::Vertical
    } else {
        BlockMode::Mean
    })
}

fn read_chroma_mode(reader: &mut BooleanReader<'_>) -> BlockMode {
    reader.fill_for(3);
    if !reader.decide(142) {
        BlockMode::Mean
    } else if !reader.decide(114) {
        BlockMode::Vertical
    } else if reader.decide(183) {
        BlockMode::TrueMotion
    } else {
        BlockMode::Horizontal
    }
}

fn read_subblock_modes(
    reader: &mut BooleanReader<'_>,
    above: &mut EdgeModes,
    left: &mut EdgeModes,
) -> [SubblockMode; 16] {
    let mut modes = [SubblockMode::Mean; 16];
    let mut local = *reader;
    for (row, left) in modes.as_chunks_mut::<4>().0.iter_mut().zip(left) {
        for (mode, above) in row.iter_mut().zip(above.iter_mut()) {
            (local, *mode) =
                read_subblock_mode(local, &BLOCK_MODES[*above as usize][*left as usize]);
            (*above, *left) = (*mode, *mode);
        }
    }
    *reader = local;
    modes
}

/// Walks down the tree of modes.
#[inline(always)]
fn read_subblock_mode<'a>(
    mut reader: BooleanReader<'a>,
    chances: &[u8; 9],
) -> (BooleanReader<'a>, SubblockMode) {
    use SubblockMode as Mode;
    reader.fill_for(7);
    let mut decide = |index: usize| reader.decide(chances[index]);
    let mode = if !decide(0) {
        Mode::Mean
    } else if !decide(1) {
        Mode::TrueMotion
    } else if !decide(2) {
        Mode::Vertical
    } else if !decide(3) {
        match decide(4) {
            false => Mode::Horizontal,
            true if decide(5) => Mode::VerticalRight,
            true => Mode::RightDown,
        }
    } else if !decide(6) {
        Mode::LeftDown
    } else if !decide(7) {
        Mode::VerticalLeft
    } else if decide(8) {
        Mode::HorizontalUp
    } else {
        Mode::HorizontalDown
    };
    (reader, mode)
}
