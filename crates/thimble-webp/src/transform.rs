//! The transforms of the format (RFC 6386, section 14): exact to the bit on
//! the way back, and their forward counterparts for the encoder.

/// Coefficients or residue of a 4x4 block, row by row.
pub(super) type Block = [i16; 16];

/// Transforms each column, then each row, to eighths that are rounded down once there
/// is `more` to them.
#[inline(always)]
fn columns_then_rows(block: &Block, more: i32, line: impl Fn([i32; 4]) -> [i32; 4]) -> Block {
    let mut columns = [[0_i32; 4]; 4];
    for (i, column) in columns.iter_mut().enumerate() {
        let at = |row: usize| i32::from(block[4 * row + i]);
        *column = line([at(0), at(1), at(2), at(3)]);
    }
    let mut turned = [0; 16];
    for (row, turned) in turned.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        let values = line(columns.map(|column| column[row]));
        *turned = values.map(|value| ((value + more) >> 3) as i16);
    }
    turned
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
    columns_then_rows(block, 3, |[a, b, c, d]| {
        let (outer, inner) = (a + d, b + c);
        let (far, near) = (a - d, b - c);
        [outer + inner, far + near, outer - inner, far - near]
    })
}
