//! Resources: what a file says about its picture, each under a number.

use thimble_bytes::Bytes;

/// The content of the first resource of a number.
pub(crate) fn find(resources: &[u8], wanted: u16) -> Option<&[u8]> {
    let bytes = Bytes::big_endian(resources);
    let mut at = 0;
    loop {
        // A signature, the number, a name with its length, which are even together.
        let number = bytes.u16(at + 4)?;
        let name = usize::from(bytes.u8(at + 6)?);
        let length = at + 6 + (1 + name).next_multiple_of(2);
        let content = bytes.slice(length + 4, bytes.u32(length)? as usize)?;
        if number == wanted {
            return Some(content);
        }
        at = length + 4 + content.len().next_multiple_of(2);
    }
}
