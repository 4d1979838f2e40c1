//! Streams of GIF made of codes, for tests.

/// Codes of so many bits each, put together: the lowest bits first.
pub(crate) fn packed<C: Into<u64>>(codes: impl IntoIterator<Item = (C, u32)>) -> Vec<u8> {
    let (mut bytes, mut held, mut count) = (Vec::new(), 0u64, 0);
    for (code, width) in codes {
        held |= code.into() << count;
        count += width;
        while count >= 8 {
            bytes.push(held as u8);
            held >>= 8;
            count -= 8;
        }
    }
    bytes.push(held as u8);
    bytes
}
