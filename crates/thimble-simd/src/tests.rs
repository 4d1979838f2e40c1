//! Every word means the same in plain Rust and on this machine.

use super::portable;
use crate as machine;

/// Numbers that look random and are the same in every run (Marsaglia, "Xorshift
/// RNGs", 2003).
fn samples() -> impl Iterator<Item = [i16; 8]> {
    let extremes = [i16::MIN, i16::MAX, 0, -1, 1, 128, 255, 256];
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as i16
    };
    let random = (0..500).map(move |_| core::array::from_fn(|_| next()));
    core::iter::once(extremes).chain(random)
}

/// Checks words that give a vector: of vectors, of what is no vector (behind a semicolon),
/// or of both.
macro_rules! agree {
    ($($word:ident $(::<$bits:literal>)? ($($lanes:ident),* $(; $value:expr)?)),* $(,)?) => {
        $({
            let (mut here, mut there) = ([0; 8], [0; 8]);
            let result = machine::$word$(::<$bits>)?($(machine::load_i16(&$lanes),)* $($value)?);
            machine::store_i16(result, &mut here);
            let result = portable::$word$(::<$bits>)?($(portable::load_i16(&$lanes),)* $($value)?);
            portable::store_i16(result, &mut there);
            let vectors: &[[i16; 8]] = &[$($lanes),*];
            assert_eq!(here, there, "{} of {vectors:?}", stringify!($word));
        })*
    };
}

#[test]
fn words_with_two_vectors_agree() {
    for (a, b) in samples().zip(samples().skip(1)) {
        agree!(
            dot_i16(a, b),
            multiply_i16(a, b),
            multiply_q15(a, b),
            multiply_high_i16(a, b),
            max_i16(a, b),
            min_i16(a, b),
            greater_i16(a, b),
            and(a, b),
            exclusive_or(a, b),
            add_u8(a, b),
            subtract_u8(a, b),
            min_u8(a, b),
            max_u8(a, b),
            at_most_u8(a, b),
            add_i32(a, b),
            subtract_i32(a, b),
            add_i16(a, b),
            add_saturating_u16(a, b),
            subtract_i16(a, b),
            narrow_i32(a, b),
            narrow_i16(a, b),
            even_i32(a, b),
            odd_i32(a, b),
            interleave_low_u8(a, b),
            interleave_high_u8(a, b),
            interleave_low_i16(a, b),
            interleave_high_i16(a, b),
            interleave_low_i32(a, b),
            interleave_high_i32(a, b),
            interleave_low_i64(a, b),
            interleave_high_i64(a, b),
        );
    }
}

#[test]
fn bits_are_chosen_by_a_mask() {
    let triples = samples().zip(samples().skip(1)).zip(samples().skip(2));
    for ((mask, a), b) in triples {
        agree!(select(mask, a, b));
    }
}

#[test]
fn words_that_answer_with_bits_agree() {
    for (a, b) in samples().zip(samples().skip(1)) {
        assert_eq!(
            machine::negative_i16(machine::load_i16(&a), machine::load_i16(&b)),
            portable::negative_i16(portable::load_i16(&a), portable::load_i16(&b))
        );
        // Few values, so that some are equal and some are zero.
        let (a, b) = (a.map(|value| value & 0x0101), b.map(|value| value & 0x0101));
        let (here, there) = (machine::load_i16, portable::load_i16);
        assert_eq!(
            machine::equal_u8(here(&a), here(&b)),
            portable::equal_u8(there(&a), there(&b))
        );
        assert_eq!(machine::first_i64(here(&a)), portable::first_i64(there(&a)));
        assert_eq!(
            machine::zeros_i16(here(&a), here(&b)),
            portable::zeros_i16(there(&a), there(&b))
        );
    }
}

#[test]
fn words_with_one_vector_agree() {
    for a in samples() {
        agree!(
            shift_right_i32::<11>(a),
            shift_right_i16::<3>(a),
            shift_right_u16::<8>(a),
            shift_right_i32_by(a; 13),
            widen_low_u8(a),
            widen_high_u8(a),
            repeat_fourth_u8(a),
            sum_pairs_u8(a),
        );
    }
}

#[test]
fn words_that_make_a_vector_agree() {
    for a in samples() {
        let bytes = a.map(|value| value as u8);
        agree!(
            load_widened(; &bytes),
            splat_i16(; a[0]),
            splat_i32(; i32::from(a[0]) << 9),
            splat_u8(; bytes[0]),
        );
    }
}

#[test]
fn bytes_go_in_and_out_unchanged() {
    let bytes = core::array::from_fn(|k| k as u8 * 17);
    let (mut here, mut there) = ([0; 16], [0; 16]);
    machine::store_u8(machine::load_u8(&bytes), &mut here);
    portable::store_u8(portable::load_u8(&bytes), &mut there);
    assert_eq!((here, there), (bytes, bytes));
}

#[test]
fn sixteen_rows_become_sixteen_columns() {
    let byte = |row: usize, column: usize| (row * 16 + column) as u8;
    let rows = core::array::from_fn(|row| {
        let bytes = core::array::from_fn(|column| byte(row, column));
        machine::load_u8(&bytes)
    });
    for (column, lanes) in machine::transpose_u8(rows).into_iter().enumerate() {
        let mut bytes = [0; 16];
        machine::store_u8(lanes, &mut bytes);
        assert_eq!(bytes, core::array::from_fn(|row| byte(row, column)));
    }
}
