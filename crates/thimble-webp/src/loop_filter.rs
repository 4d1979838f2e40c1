//! The loop filter (RFC 6386, section 15): smooths the edges of blocks.
//!
//! Filtering a row of macroblocks changes up to three rows of samples of the
//! macroblocks above, which is why it works on the planes:
//! prediction looks at samples that were not filtered.

use super::header::FrameHeader;
use super::planes::FramePlane;

/// Strength with which the edges of a macroblock are smoothed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Strength {
    level: u8,
    /// Most that neighbors may differ for an edge to be smoothed.
    interior: u8,
    /// Least difference of an edge that is taken for one of the picture.
    variance: u8,
}

impl Strength {
    /// The strength of a level.
    pub(super) fn new(level: u8, sharpness: u8) -> Strength {
        let mut interior = level;
        if sharpness > 0 {
            interior >>= if sharpness > 4 { 2 } else { 1 };
            interior = interior.min(9 - sharpness);
        }
        Strength {
            level,
            interior: interior.max(1),
            variance: u8::from(level >= 15) + u8::from(level >= 40),
        }
    }

    /// Most that samples may differ across an edge within a macroblock.
    fn inner_limit(self) -> u8 {
        2 * self.level + self.interior
    }

    /// Most that samples may differ across the edge of a macroblock.
    fn outer_limit(self) -> u8 {
        self.inner_limit() + 4
    }
}

/// The strengths of a frame: by segment, then of macroblocks that are predicted
/// as a whole and in subblocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strengths([[Strength; 2]; 4]);

impl Strengths {
    pub(super) fn new(header: &FrameHeader) -> Strengths {
        let strength = |segment, subblocks| {
            let level = header
                .filter
                .level(header.segments.as_ref(), segment, subblocks);
            Strength::new(level, header.filter.sharpness)
        };
        Strengths([0, 1, 2, 3].map(|segment| [strength(segment, false), strength(segment, true)]))
    }

    pub(super) fn of(&self, segment: usize, subblocks: bool) -> Strength {
        self.0[segment][usize::from(subblocks)]
    }
}

/// Strengths of the macroblocks of a row.
#[derive(Clone, Debug)]
pub(super) struct FilterRow {
    columns: Vec<(Strength, bool)>,
}

impl FilterRow {
    pub(super) fn new(columns: usize) -> Self {
        FilterRow {
            columns: vec![(Strength::default(), false); columns],
        }
    }

    /// Decides on a macroblock; `inner` says whether the edges within it are
    /// filtered as well.
    pub(super) fn set(&mut self, column: usize, strength: Strength, inner: bool) {
        self.columns[column] = (strength, inner);
    }

    /// Filters a row of macroblocks, the last that the planes have.
    pub(super) fn smooth(&self, planes: &mut [FramePlane; 3], row: usize, is_simple: bool) {
        for (column, &(strength, inner)) in self.columns.iter().enumerate() {
            if strength.level == 0 {
                continue;
            }
            let at = (column, row);
            if is_simple {
                smooth_macroblock::<16>(&mut planes[0], at, strength, inner, &Simple);
            } else {
                smooth_macroblock::<16>(&mut planes[0], at, strength, inner, &Normal);
                smooth_macroblock::<8>(&mut planes[1], at, strength, inner, &Normal);
                smooth_macroblock::<8>(&mut planes[2], at, strength, inner, &Normal);
            }
        }
    }
}

/// One of the two filters of the format. `line` holds four samples on either
/// side of an edge.
trait Filter {
    fn outer(&self, line: &mut [u8; 8], strength: Strength);
    fn inner(&self, line: &mut [u8; 8], strength: Strength);
}

/// Filters the edges of a macroblock in the order of the format: left, inner
/// vertical ones, above, inner horizontal ones.
fn smooth_macroblock<const N: usize>(
    plane: &mut FramePlane,
    (column, row): (usize, usize),
    strength: Strength,
    inner: bool,
    filter: &impl Filter,
) {
    let stride = plane.width;
    let start = row * N * stride + column * N;
    let samples = &mut plane.samples;
    if column > 0 {
        across(samples, start, stride, N, |line| {
            filter.outer(line, strength)
        });
    }
    if inner {
        for x in (4..N).step_by(4) {
            across(samples, start + x, stride, N, |line| {
                filter.inner(line, strength)
            });
        }
    }
    if row > 0 {
        down::<N>(samples, start, stride, |line| filter.outer(line, strength));
    }
    if inner {
        for y in (4..N).step_by(4) {
            let start = start + y * stride;
            down::<N>(samples, start, stride, |line| filter.inner(line, strength));
        }
    }
}

/// Filters the vertical edge left of `start`.
fn across(
    samples: &mut [u8],
    start: usize,
    stride: usize,
    length: usize,
    filter: impl Fn(&mut [u8; 8]),
) {
    for row in samples[start - 4..].chunks_mut(stride).take(length) {
        if let Some(line) = row.first_chunk_mut() {
            filter(line);
        }
    }
}

/// Filters the horizontal edge above `start`.
fn down<const N: usize>(
    samples: &mut [u8],
    start: usize,
    stride: usize,
    filter: impl Fn(&mut [u8; 8]),
) {
    for x in start..start + N {
        let mut line = [0; 8];
        for (row, sample) in line.iter_mut().enumerate() {
            *sample = samples[x + row * stride - 4 * stride];
        }
        filter(&mut line);
        for (row, &sample) in line.iter().enumerate() {
            samples[x + row * stride - 4 * stride] = sample;
        }
    }
}

/// The simple filter (section 15.2): luma only, two samples on either side.
struct Simple;

/// The normal filter (section 15.3).
struct Normal;

impl Filter for Simple {
    fn outer(&self, line: &mut [u8; 8], strength: Strength) {
        if is_smooth_across(line, strength.outer_limit()) {
            soften(line, true);
        }
    }

    fn inner(&self, line: &mut [u8; 8], strength: Strength) {
        if is_smooth_across(line, strength.inner_limit()) {
            soften(line, true);
        }
    }
}

impl Filter for Normal {
    fn outer(&self, line: &mut [u8; 8], strength: Strength) {
        if !is_smooth(line, strength.outer_limit(), strength.interior) {
            return;
        }
        if has_high_variance(line, strength.variance) {
            soften(line, true);
        } else {
            soften_widely(line);
        }
    }

    fn inner(&self, line: &mut [u8; 8], strength: Strength) {
        if !is_smooth(line, strength.inner_limit(), strength.interior) {
            return;
        }
        let high_variance = has_high_variance(line, strength.variance);
        let step = soften(line, high_variance);
        if !high_variance {
            let half = (step + 1) >> 1;
            line[5] = unsigned(signed(line[5]) - half);
            line[2] = unsigned(signed(line[2]) + half);
        }
    }
}

/// True if the samples next to an edge differ no more than `limit`.
fn is_smooth_across(line: &[u8; 8], limit: u8) -> bool {
    let near = u16::from(line[3].abs_diff(line[4]));
    let far = u16::from(line[2].abs_diff(line[5]));
    near * 2 + far / 2 <= u16::from(limit)
}

/// True if all samples around an edge are alike enough for it to be smoothed.
fn is_smooth(line: &[u8; 8], limit: u8, interior: u8) -> bool {
    let is_even = |a: usize, b: usize| line[a].abs_diff(line[b]) <= interior;
    is_smooth_across(line, limit)
        && is_even(0, 1)
        && is_even(1, 2)
        && is_even(2, 3)
        && is_even(4, 5)
        && is_even(5, 6)
        && is_even(6, 7)
}

fn has_high_variance(line: &[u8; 8], threshold: u8) -> bool {
    line[2].abs_diff(line[3]) > threshold || line[4].abs_diff(line[5]) > threshold
}

/// Brings the two samples next to an edge together, by a step that is returned.
fn soften(line: &mut [u8; 8], use_outer_taps: bool) -> i32 {
    let [p1, p0, q0, q1] = [line[2], line[3], line[4], line[5]].map(signed);
    let outer = if use_outer_taps { clamp(p1 - q1) } else { 0 };
    let slope = clamp(outer + 3 * (q0 - p0));
    let step = clamp(slope + 4) >> 3;
    line[4] = unsigned(q0 - step);
    line[3] = unsigned(p0 + (clamp(slope + 3) >> 3));
    step
}

/// Brings three samples on either side of the edge of a macroblock together.
fn soften_widely(line: &mut [u8; 8]) {
    let [p1, p0, q0, q1] = [line[2], line[3], line[4], line[5]].map(signed);
    let slope = clamp(clamp(p1 - q1) + 3 * (q0 - p0));
    for (distance, weight) in [27, 18, 9].into_iter().enumerate() {
        let step = clamp((weight * slope + 63) >> 7);
        line[4 + distance] = unsigned(signed(line[4 + distance]) - step);
        line[3 - distance] = unsigned(signed(line[3 - distance]) + step);
    }
}

fn clamp(value: i32) -> i32 {
    value.clamp(-128, 127)
}

fn signed(sample: u8) -> i32 {
    i32::from(sample) - 128
}

fn unsigned(value: i32) -> u8 {
    (clamp(value) + 128) as u8
}
