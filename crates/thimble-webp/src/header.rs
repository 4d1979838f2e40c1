//! The header of a frame (RFC 6386, sections 9.2 to 9.11 and 19.2).

use super::Damage;
use super::boolean_reader::BooleanReader;
use super::probabilities::{DEFAULT_TOKENS, TOKEN_UPDATES, TokenProbabilities};
use super::quantizer::{Deltas, Steps};

/// Everything that a frame says before its macroblocks.
#[derive(Debug)]
pub(super) struct FrameHeader {
    pub(super) segments: Option<Segments>,
    pub(super) filter: FilterHeader,
    /// For each segment; all alike without segments.
    pub(super) steps: [Steps; 4],
    pub(super) tokens: Box<TokenProbabilities>,
    /// Chance of a macroblock to have coefficients; `None` if all do.
    pub(super) skip: Option<u8>,
    /// Number of partitions of coefficients, as a power of two.
    pub(super) partitions_log2: u8,
}

/// Segments: up to four sorts of macroblocks with parameters of their own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Segments {
    /// Probabilities of the segment of a macroblock; without it all are of the
    /// first segment.
    pub(super) map: Option<[u8; 3]>,
    absolute: bool,
    quantizers: [i32; 4],
    filter_levels: [i32; 4],
}

/// Parameters of the loop filter.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FilterHeader {
    pub(super) simple: bool,
    level: i32,
    pub(super) sharpness: u8,
    /// Addition to the level of all macroblocks, and to that of those that are
    /// predicted in subblocks.
    deltas: (i32, i32),
}

/// The first ten bytes of a key frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameTag {
    pub(super) width: u16,
    pub(super) height: u16,
    /// Bytes of the partition that holds the header and the modes.
    pub(super) first_partition: usize,
}

/// Bytes that a [`FrameTag`] takes.
pub(super) const TAG_LENGTH: usize = 10;

impl FrameTag {
    pub(super) fn read(frame: &[u8]) -> Result<FrameTag, Damage> {
        let Some(tag) = frame.first_chunk::<TAG_LENGTH>() else {
            return Err(Damage::Truncated);
        };
        let [a, b, c, 0x9d, 0x01, 0x2a, w0, w1, h0, h1] = *tag else {
            return Err(Damage::NoKeyFrame);
        };
        let bits = u32::from_le_bytes([a, b, c, 0]);
        let (is_interframe, version) = (bits & 1 == 1, (bits >> 1) & 7);
        if is_interframe || version > 3 {
            return Err(Damage::NoKeyFrame);
        }
        Ok(FrameTag {
            width: u16::from_le_bytes([w0, w1]) & 0x3fff,
            height: u16::from_le_bytes([h0, h1]) & 0x3fff,
            first_partition: (bits >> 5) as usize,
        })
    }
}

impl FrameHeader {
    /// Reads the header from the start of the first partition.
    pub(super) fn read(reader: &mut BooleanReader<'_>) -> FrameHeader {
        let _color_space = reader.flag();
        let _needs_no_clamping = reader.flag();
        let segments = reader.flag().then(|| Segments::read(reader));
        let filter = FilterHeader::read(reader);
        let partitions_log2 = reader.literal(2);
        let steps = read_steps(reader, segments.as_ref());
        let _keeps_probabilities = reader.flag();
        let tokens = read_token_probabilities(reader);
        let skip = reader.flag().then(|| reader.literal(8));
        FrameHeader {
            segments,
            filter,
            steps,
            tokens,
            skip,
            partitions_log2,
        }
    }
}

impl Segments {
    fn read(reader: &mut BooleanReader<'_>) -> Segments {
        let mut segments = Segments::default();
        let updates_map = reader.flag();
        if reader.flag() {
            segments.absolute = reader.flag();
            segments.quantizers = [(); 4].map(|()| reader.optional_signed(7).unwrap_or(0));
            segments.filter_levels = [(); 4].map(|()| reader.optional_signed(6).unwrap_or(0));
        }
        if updates_map {
            let mut probability = || {
                if reader.flag() {
                    reader.literal(8)
                } else {
                    255
                }
            };
            segments.map = Some([(); 3].map(|()| probability()));
        }
        segments
    }

    /// A parameter of the frame, as a segment changes it.
    fn apply(&self, frame: i32, segment: i32) -> i32 {
        if self.absolute {
            segment
        } else {
            frame + segment
        }
    }
}

impl FilterHeader {
    fn read(reader: &mut BooleanReader<'_>) -> FilterHeader {
        let mut filter = FilterHeader {
            simple: reader.flag(),
            level: i32::from(reader.literal(6)),
            sharpness: reader.literal(3),
            deltas: (0, 0),
        };
        let has_deltas = reader.flag();
        if has_deltas && reader.flag() {
            let mut delta = || reader.optional_signed(6).unwrap_or(0);
            let of_references = [(); 4].map(|()| delta());
            let of_modes = [(); 4].map(|()| delta());
            filter.deltas = (of_references[0], of_modes[0]);
        }
        filter
    }

    /// The level for macroblocks of a segment, predicted in subblocks or not.
    pub(super) fn level(&self, segments: Option<&Segments>, segment: usize, subblocks: bool) -> u8 {
        if self.level == 0 {
            return 0;
        }
        let of_segment = segments.map_or(self.level, |segments| {
            segments.apply(self.level, segments.filter_levels[segment])
        });
        let delta = self.deltas.0 + if subblocks { self.deltas.1 } else { 0 };
        (of_segment.clamp(0, 63) + delta).clamp(0, 63) as u8
    }
}

fn read_steps(reader: &mut BooleanReader<'_>, segments: Option<&Segments>) -> [Steps; 4] {
    let base = i32::from(reader.literal(7));
    let mut delta = || reader.optional_signed(4).unwrap_or(0);
    let deltas = Deltas {
        luma_dc: delta(),
        second_luma: [delta(), delta()],
        chroma: [delta(), delta()],
    };
    let mut quantizers = [base; 4];
    if let Some(segments) = segments {
        quantizers = segments.quantizers.map(|own| segments.apply(base, own));
    }
    quantizers.map(|quantizer| Steps::new(quantizer, deltas))
}

fn read_token_probabilities(reader: &mut BooleanReader<'_>) -> Box<TokenProbabilities> {
    let mut tokens = Box::new(DEFAULT_TOKENS);
    let all = tokens
        .as_flattened_mut()
        .as_flattened_mut()
        .as_flattened_mut();
    let updates = TOKEN_UPDATES.as_flattened().as_flattened().as_flattened();
    for (token, &update) in all.iter_mut().zip(updates) {
        if reader.read(update) {
            *token = reader.literal(8);
        }
    }
    tokens
}
