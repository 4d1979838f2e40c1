//! Every word means the same in plain Rust and on this machine.

use super::{portable, x86_64};

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

/// Check a word that takes two vectors and gives one.
macro_rules! agrees {
    ($($word:ident $(::<$bits:literal>)?),* $(,)?) => {
        for (a, b) in samples().zip(samples().skip(1)) {
            $({
                let (mut here, mut there) = ([0; 8], [0; 8]);
                let result = x86_64::$word$(::<$bits>)?(x86_64::load_i16(&a), x86_64::load_i16(&b));
                x86_64::store_i16(result, &mut here);
                let result = portable::$word$(::<$bits>)?(portable::load_i16(&a), portable::load_i16(&b));
                portable::store_i16(result, &mut there);
                assert_eq!(here, there, "{} of {a:?} and {b:?}", stringify!($word));
            })*
        }
    };
}

#[test]
fn words_with_two_vectors_agree() {
    agrees!(
        dot_i16,
        multiply_i16,
        multiply_q15,
        multiply_high_i16,
        max_i16,
        min_i16,
        greater_i16,
        add_u8,
        add_i32,
        subtract_i32,
        add_i16,
        subtract_i16,
        narrow_i32,
        narrow_i16,
        even_i32,
        odd_i32,
        interleave_low_u8,
        interleave_high_u8,
        interleave_low_i16,
        interleave_high_i16,
        interleave_low_i32,
        interleave_high_i32,
        interleave_low_i64,
        interleave_high_i64,
    );
}

#[test]
fn bits_are_chosen_by_a_mask() {
    let triples = samples().zip(samples().skip(1)).zip(samples().skip(2));
    for ((mask, a), b) in triples {
        let (mut here, mut there) = ([0; 8], [0; 8]);
        let [m, x, y] = [mask, a, b].map(|lanes| x86_64::load_i16(&lanes));
        x86_64::store_i16(x86_64::select(m, x, y), &mut here);
        let [m, x, y] = [mask, a, b].map(|lanes| portable::load_i16(&lanes));
        portable::store_i16(portable::select(m, x, y), &mut there);
        assert_eq!(here, there);
    }
}

#[test]
fn words_that_answer_with_bits_agree() {
    for (a, b) in samples().zip(samples().skip(1)) {
        // Few values, so that some are equal and some are zero.
        let (a, b) = (a.map(|value| value & 0x0101), b.map(|value| value & 0x0101));
        let (here, there) = (x86_64::load_i16, portable::load_i16);
        assert_eq!(
            x86_64::equal_u8(here(&a), here(&b)),
            portable::equal_u8(there(&a), there(&b))
        );
        assert_eq!(x86_64::first_i64(here(&a)), portable::first_i64(there(&a)));
        assert_eq!(
            x86_64::zeros_i16(here(&a), here(&b)),
            portable::zeros_i16(there(&a), there(&b))
        );
    }
}

#[test]
fn words_with_one_vector_agree() {
    let (mut here, mut there) = ([0; 8], [0; 8]);
    for a in samples() {
        x86_64::store_i16(
            x86_64::shift_right_i32::<11>(x86_64::load_i16(&a)),
            &mut here,
        );
        portable::store_i16(
            portable::shift_right_i32::<11>(portable::load_i16(&a)),
            &mut there,
        );
        assert_eq!(here, there);
        x86_64::store_i16(
            x86_64::shift_right_i16::<3>(x86_64::load_i16(&a)),
            &mut here,
        );
        portable::store_i16(
            portable::shift_right_i16::<3>(portable::load_i16(&a)),
            &mut there,
        );
        assert_eq!(here, there);
        for (here_lanes, there_lanes) in [
            (
                x86_64::shift_right_i32_by(x86_64::load_i16(&a), 13),
                portable::shift_right_i32_by(portable::load_i16(&a), 13),
            ),
            (
                x86_64::widen_low_u8(x86_64::load_i16(&a)),
                portable::widen_low_u8(portable::load_i16(&a)),
            ),
            (
                x86_64::shift_right_u16::<8>(x86_64::load_i16(&a)),
                portable::shift_right_u16::<8>(portable::load_i16(&a)),
            ),
            (
                x86_64::repeat_fourth_u8(x86_64::load_i16(&a)),
                portable::repeat_fourth_u8(portable::load_i16(&a)),
            ),
            (
                x86_64::widen_high_u8(x86_64::load_i16(&a)),
                portable::widen_high_u8(portable::load_i16(&a)),
            ),
        ] {
            x86_64::store_i16(here_lanes, &mut here);
            portable::store_i16(there_lanes, &mut there);
            assert_eq!(here, there);
        }
        let bytes = a.map(|value| value as u8);
        x86_64::store_i16(x86_64::load_widened(&bytes), &mut here);
        portable::store_i16(portable::load_widened(&bytes), &mut there);
        assert_eq!(here, there);
        for (here_lanes, there_lanes) in [
            (x86_64::splat_i16(a[0]), portable::splat_i16(a[0])),
            (
                x86_64::splat_i32(i32::from(a[0]) << 9),
                portable::splat_i32(i32::from(a[0]) << 9),
            ),
            (x86_64::splat_u8(bytes[0]), portable::splat_u8(bytes[0])),
        ] {
            x86_64::store_i16(here_lanes, &mut here);
            portable::store_i16(there_lanes, &mut there);
            assert_eq!(here, there);
        }
    }
}

#[test]
fn bytes_go_in_and_out_unchanged() {
    let bytes = core::array::from_fn(|k| k as u8 * 17);
    let (mut here, mut there) = ([0; 16], [0; 16]);
    x86_64::store_u8(x86_64::load_u8(&bytes), &mut here);
    portable::store_u8(portable::load_u8(&bytes), &mut there);
    assert_eq!((here, there), (bytes, bytes));
}

#[test]
fn sixteen_rows_become_sixteen_columns() {
    let byte = |row: usize, column: usize| (row * 16 + column) as u8;
    let rows = core::array::from_fn(|row| {
        let bytes = core::array::from_fn(|column| byte(row, column));
        x86_64::load_u8(&bytes)
    });
    for (column, lanes) in super::transpose_u8(rows).into_iter().enumerate() {
        let mut bytes = [0; 16];
        x86_64::store_u8(lanes, &mut bytes);
        assert_eq!(bytes, core::array::from_fn(|row| byte(row, column)));
    }
}
