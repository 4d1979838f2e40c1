//! The transforms of the format (RFC 6386, section 14): exact to the bit on
//! the way back, and their forward counterparts for the encoder.

/// Coefficients or residue of a 4x4 block, row by row.
pub(super) type Block = [i16; 16];

/// `x * sqrt(2) * cos(pi / 8)` in the integer arithmetic of the format.
#[inline(always)]
fn by_cosine(x: i32) -> i32 {
    x + (x.wrapping_mul(20_091) >> 16)
}

/// `x * sqrt(2) * sin(pi / 8)` in the integer arithmetic of the format.
#[inline(always)]
fn by_sine(x: i32) -> i32 {
    x.wrapping_mul(35_468) >> 16
}

#[inline(always)]
fn inverse_of_four([a, b, c, d]: [i32; 4]) -> [i32; 4] {
    let (even, odd) = (a + c, a - c);
    let high = by_sine(b) - by_cosine(d);
    let low = by_cosine(b) + by_sine(d);
    [even + low, odd + high, odd - high, even - low]
}

/// Turns the coefficients of a 4x4 block into its residue.
#[inline(always)]
pub(super) fn inverse_cosine(block: &Block) -> Block {
    let mut columns = [[0_i32; 4]; 4];
    for (i, column) in columns.iter_mut().enumerate() {
        let at = |row: usize| i32::from(block[4 * row + i]);
        *column = inverse_of_four([at(0), at(1), at(2), at(3)]);
    }
    let mut residue = [0; 16];
    for (row, residue) in residue.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let line = inverse_of_four(columns.map(|column| column[row]));
        *residue = line.map(|value| ((value + 4) >> 3) as i16);
    }
    residue
}

/// Turns the DC coefficients of the sixteen luma blocks into the coefficients of
/// the second luma block.
pub(super) fn forward_hadamard(levels: &Block) -> Block {
    let butterfly = |[a, b, c, d]: [i32; 4]| {
        let (even, odd) = (a + c, b + d);
        let (far, near) = (a - c, b - d);
        [even + odd, far + near, far - near, even - odd]
    };
    let mut rows = [[0_i32; 4]; 4];
    for (row, levels) in rows.iter_mut().zip(levels.as_chunks::<4>().0) {
        *row = butterfly(levels.map(i32::from));
    }
    let mut block = [0; 16];
    for column in 0..4 {
        let line = butterfly(rows.map(|row| row[column]));
        for (row, value) in line.into_iter().enumerate() {
            block[4 * row + column] = (value >> 1) as i16;
        }
    }
    block
}

/// Turns the coefficients of the second luma block into the DC coefficients of
/// the sixteen luma blocks.
pub(super) fn inverse_hadamard(block: &Block) -> Block {
    let butterfly = |[a, b, c, d]: [i32; 4]| {
        let (outer, inner) = (a + d, b + c);
        let (far, near) = (a - d, b - c);
        [outer + inner, far + near, outer - inner, far - near]
    };
    let mut columns = [[0_i32; 4]; 4];
    for (i, column) in columns.iter_mut().enumerate() {
        let at = |row: usize| i32::from(block[4 * row + i]);
        *column = butterfly([at(0), at(1), at(2), at(3)]);
    }
    let mut levels = [0; 16];
    for (row, levels) in levels.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let line = butterfly(columns.map(|column| column[row]));
        *levels = line.map(|value| ((value + 3) >> 3) as i16);
    }
    levels
}
