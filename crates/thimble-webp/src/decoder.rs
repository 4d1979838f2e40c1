//! Decodes a key frame, one row of macroblocks after the other.

use super::Damage;
use super::boolean_reader::BooleanReader;
use super::header::{FrameHeader, FrameTag, TAG_LENGTH};
use super::loop_filter::{FilterRow, Strengths};
use super::macroblock::{EdgeModes, Macroblock};
use super::modes::{LumaMode, SubblockMode};
use super::planes::{FramePlane, Reduction};
use super::reconstruct::Reconstruction;
use super::residue::{Occupied, Residue, TokenReader};

/// The size at which a frame is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The scale of luma.
    pub luma: Reduction,
    /// The scale of color differences, which are half as large to begin with.
    pub chroma: Reduction,
}

impl Detail {
    /// The least detail of which a picture of `full` size can be made `wanted` or
    /// smaller: color differences keep the resolution of luma as long as they have
    /// it.
    #[must_use]
    pub fn for_size(wanted: (u32, u32), full: (u32, u32)) -> Detail {
        let halved = (full.0.div_ceil(2), full.1.div_ceil(2));
        Detail {
            luma: Reduction::down_to(wanted, full),
            chroma: Reduction::down_to(wanted, halved),
        }
    }

    /// True if nothing is reduced. Only then are the edges of blocks smoothed as
    /// the format asks for: in a mean of several samples nobody can tell.
    pub fn is_full(self) -> bool {
        self.luma == Reduction::None && self.chroma == Reduction::None
    }
}

/// A decoded frame: luma, blue and red differences in the limited range of the
/// format, in whole macroblocks.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) planes: [FramePlane; 3],
    /// All rows were there; if not, the frame is no higher than those that were.
    pub(super) is_whole: bool,
}

/// Decodes the frame of a `VP8 ` chunk, as much of it as there is.
pub(super) fn decode_frame(frame: &[u8], detail: Detail) -> Result<Frame, Damage> {
    let tag = FrameTag::read(frame)?;
    if tag.width == 0 || tag.height == 0 {
        return Err(Damage::Empty);
    }
    let body = frame.get(TAG_LENGTH..).unwrap_or(&[]);
    let (first, rest) = body
        .split_at_checked(tag.first_partition)
        .ok_or(Damage::Truncated)?;
    let mut modes = BooleanReader::new(first);
    let header = FrameHeader::read(&mut modes);
    let partitions = split_partitions(rest, 1 << header.partitions_log2)?;
    let mut decoder = Decoder::new(&tag, &header, modes, partitions, detail);
    let mut height = tag.height;
    for row in 0..decoder.rows {
        match decoder.decode_row(row) {
            Ok(()) => {}
            Err(damage) if row == 0 => return Err(damage),
            Err(_) => {
                height = 16 * row as u16;
                break;
            }
        }
    }
    Ok(Frame {
        width: tag.width,
        height,
        planes: decoder.planes,
        is_whole: height == tag.height,
    })
}

/// Splits what follows the first partition: three bytes of length for each
/// partition but the last, then the partitions, as much of them as there is.
fn split_partitions(rest: &[u8], count: usize) -> Result<Vec<BooleanReader<'_>>, Damage> {
    let (lengths, mut data) = rest
        .split_at_checked(3 * (count - 1))
        .ok_or(Damage::Truncated)?;
    let mut partitions = Vec::with_capacity(count);
    for &[low, middle, high] in lengths.as_chunks::<3>().0 {
        let length = u32::from_le_bytes([low, middle, high, 0]) as usize;
        let (partition, after) = data.split_at(length.min(data.len()));
        partitions.push(BooleanReader::new(partition));
        data = after;
    }
    partitions.push(BooleanReader::new(data));
    Ok(partitions)
}

struct Decoder<'a> {
    header: &'a FrameHeader,
    rows: usize,
    modes: BooleanReader<'a>,
    partitions: Vec<BooleanReader<'a>>,
    tokens: Box<TokenReader>,
    strengths: Strengths,
    smooth_edges: bool,
    /// Modes and tokens above each macroblock of the row.
    above: Vec<(EdgeModes, Occupied)>,
    residue: Box<Residue>,
    reconstruction: Reconstruction,
    filters: FilterRow,
    planes: [FramePlane; 3],
}

impl<'a> Decoder<'a> {
    fn new(
        tag: &FrameTag,
        header: &'a FrameHeader,
        modes: BooleanReader<'a>,
        partitions: Vec<BooleanReader<'a>>,
        detail: Detail,
    ) -> Self {
        let columns = usize::from(tag.width).div_ceil(16);
        let rows = usize::from(tag.height).div_ceil(16);
        let luma = FramePlane::new(16 * columns, 16 * rows, detail.luma);
        let chroma = || FramePlane::new(8 * columns, 8 * rows, detail.chroma);
        Decoder {
            header,
            rows,
            modes,
            partitions,
            tokens: TokenReader::new(&header.tokens),
            strengths: Strengths::new(header),
            smooth_edges: detail.is_full(),
            above: vec![([SubblockMode::Mean; 4], Occupied::default()); columns],
            residue: Box::new(Residue::new()),
            reconstruction: Reconstruction::new(columns),
            filters: FilterRow::new(columns),
            planes: [luma, chroma(), chroma()],
        }
    }

    fn decode_row(&mut self, row: usize) -> Result<(), Damage> {
        let partition = row % self.partitions.len();
        let mut tokens = self.partitions[partition];
        let mut left = ([SubblockMode::Mean; 4], Occupied::default());
        let sides = [16, 8, 8];
        for (plane, side) in self.planes.iter_mut().zip(sides) {
            plane.begin_row(side);
        }
        self.reconstruction.begin(row == 0);
        for column in 0..self.above.len() {
            let macroblock = self.decode_macroblock(column, &mut tokens, &mut left);
            self.reconstruction
                .macroblock((column, row == 0), &macroblock, &self.residue);
            self.keep(column);
            if self.smooth_edges {
                let subblocks = matches!(macroblock.luma, LumaMode::Subblocks(_));
                let strength = self.strengths.of(macroblock.segment, subblocks);
                self.filters
                    .set(column, strength, subblocks || !self.residue.is_empty());
            }
        }
        self.partitions[partition] = tokens;
        if tokens.is_exhausted() || self.modes.is_exhausted() {
            self.planes.iter_mut().for_each(FramePlane::drop_row);
            return Err(Damage::Truncated);
        }
        if self.smooth_edges {
            self.filters
                .smooth(&mut self.planes, row, self.header.filter.simple);
        }
        Ok(())
    }

    /// Reads the modes and coefficients of the next macroblock.
    fn decode_macroblock(
        &mut self,
        column: usize,
        tokens: &mut BooleanReader<'a>,
        left: &mut (EdgeModes, Occupied),
    ) -> Macroblock {
        let above = &mut self.above[column];
        let macroblock = Macroblock::read(&mut self.modes, self.header, &mut above.0, &mut left.0);
        let has_second_luma = matches!(macroblock.luma, LumaMode::Whole(_));
        self.residue.clear();
        if macroblock.is_skipped {
            above.1.clear(has_second_luma);
            left.1.clear(has_second_luma);
        } else {
            let steps = &self.header.steps[macroblock.segment];
            let neighbors = (&mut above.1, &mut left.1);
            self.tokens.read_macroblock(
                tokens,
                &mut self.residue,
                steps,
                has_second_luma,
                neighbors,
            );
        }
        macroblock
    }

    /// Moves a finished macroblock to the planes.
    fn keep(&mut self, column: usize) {
        let [luma, blue, red] = &mut self.planes;
        luma.put(column, &self.reconstruction.luma);
        let [blue_made, red_made] = &self.reconstruction.chroma;
        blue.put(column, blue_made);
        red.put(column, red_made);
    }
}
