//! Modes: predictions of macroblocks and their blocks (RFC 6386, section 8).

/// Prediction of a whole macroblock of luma, or of chroma.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockMode {
    /// The mean of the samples above and to the left.
    Mean,
    /// The row above, repeated.
    Vertical,
    /// The column to the left, repeated.
    Horizontal,
    /// Left plus above minus the corner.
    TrueMotion,
}

/// Prediction of a block of 4x4 samples of luma. The order is that of the format's
/// probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SubblockMode {
    Mean,
    TrueMotion,
    Vertical,
    Horizontal,
    LeftDown,
    RightDown,
    VerticalRight,
    VerticalLeft,
    HorizontalDown,
    HorizontalUp,
}

/// Prediction of the luma of a macroblock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LumaMode {
    Whole(BlockMode),
    Subblocks([SubblockMode; 16]),
}

impl BlockMode {
    /// The mode that a neighbor takes each of the subblocks for.
    pub(super) fn of_subblocks(self) -> SubblockMode {
        match self {
            BlockMode::Mean => SubblockMode::Mean,
            BlockMode::Vertical => SubblockMode::Vertical,
            BlockMode::Horizontal => SubblockMode::Horizontal,
            BlockMode::TrueMotion => SubblockMode::TrueMotion,
        }
    }
}
