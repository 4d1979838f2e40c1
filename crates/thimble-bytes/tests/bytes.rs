//! Numbers and slices of untrusted bytes, in bounds and out of them.

use thimble_bytes::Bytes;

const DATA: [u8; 9] = [1, 2, 3, 4, 5, 6, 7, 8, 9];

#[test]
fn numbers_of_each_width_are_read_in_both_orders() {
    let (big, little) = (Bytes::big_endian(&DATA), Bytes::little_endian(&DATA));
    assert!(big.is_big_endian() && !little.is_big_endian());
    assert_eq!((big.u8(8), little.u8(8)), (Some(9), Some(9)));
    assert_eq!((big.u16(1), little.u16(1)), (Some(0x0203), Some(0x0302)));
    let expected = (Some(0x0203_0405), Some(0x0504_0302));
    assert_eq!((big.u32(1), little.u32(1)), expected);
    let expected = (Some(0x0203_0405_0607_0809), Some(0x0908_0706_0504_0302));
    assert_eq!((big.u64(1), little.u64(1)), expected);
}

#[test]
fn what_is_not_there_is_none_wherever_it_would_lie() {
    let bytes = Bytes::big_endian(&DATA);
    for at in [9, 10, 1 << 40, usize::MAX - 1, usize::MAX] {
        assert_eq!(bytes.u8(at), None, "{at}");
        assert_eq!(bytes.u16(at), None, "{at}");
        assert_eq!(bytes.u32(at), None, "{at}");
        assert_eq!(bytes.u64(at), None, "{at}");
        assert_eq!(bytes.slice(at, 1), None, "{at}");
        assert_eq!(bytes.rest(at), b"", "{at}");
    }
    // The last number that is there, and the first that is cut off.
    assert_eq!((bytes.u16(7), bytes.u16(8)), (Some(0x0809), None));
    assert_eq!((bytes.u64(1).is_some(), bytes.u64(2)), (true, None));
    assert_eq!(bytes.slice(1, usize::MAX), None);
}

#[test]
fn a_slice_is_whole_or_none() {
    let bytes = Bytes::little_endian(&DATA);
    assert_eq!(bytes.slice(7, 2), Some(&DATA[7..]));
    assert_eq!(bytes.slice(7, 3), None);
    assert_eq!(bytes.slice(9, 0), Some(&[][..]));
    assert_eq!(bytes.rest(7), &DATA[7..]);
}
