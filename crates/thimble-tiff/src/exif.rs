//! EXIF: the orientation of a picture, and nothing else.

use thimble_bytes::Bytes;

/// Tag of the orientation in a TIFF directory.
const TAG: u16 = 274;
/// Types of integers in a TIFF directory.
const BYTE: u16 = 1;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const SBYTE: u16 = 6;
const SSHORT: u16 = 8;
const SLONG: u16 = 9;

/// The orientation that the first of some EXIF blocks states, of those that state any:
/// 1 to 8, and 1 is upright. A block may begin with the prefix that JPEG puts before it.
pub fn orientation<'a>(blocks: impl IntoIterator<Item = &'a [u8]>) -> Option<u8> {
    blocks.into_iter().find_map(|exif| {
        let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
        number(find_in_first_directory(exif)?)
    })
}

/// The number of an orientation, if it is one.
pub(crate) fn number(stated: u32) -> Option<u8> {
    u8::try_from(stated)
        .ok()
        .filter(|number| (1..=8).contains(number))
}

/// A TIFF directory is a count and that many entries of twelve bytes: tag,
/// type, count, value. Cameras have written the orientation as every type of
/// integer.
fn find_in_first_directory(exif: &[u8]) -> Option<u32> {
    let bytes = match exif.first_chunk()? {
        b"II*\0" => Bytes::little_endian(exif),
        b"MM\0*" => Bytes::big_endian(exif),
        _ => return None,
    };
    let directory = bytes.u32(4)? as usize;
    let count = usize::from(bytes.u16(directory)?);
    let entry = (0..count)
        .map_while(|index| directory.checked_add(2 + 12 * index))
        .find(|entry| bytes.u16(*entry) == Some(TAG))?;
    match bytes.u16(entry + 2)? {
        BYTE | SBYTE => bytes.u8(entry + 8).map(u32::from),
        SHORT | SSHORT => bytes.u16(entry + 8).map(u32::from),
        LONG | SLONG => bytes.u32(entry + 8),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory of one entry.
    fn exif(big_endian: bool, kind: u16, value: u16) -> Vec<u8> {
        let short = |value: u16| {
            if big_endian {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            }
        };
        let long = |value: u32| {
            if big_endian {
                value.to_be_bytes()
            } else {
                value.to_le_bytes()
            }
        };
        let mut exif = if big_endian {
            b"MM\0*".to_vec()
        } else {
            b"II*\0".to_vec()
        };
        exif.extend(long(8));
        exif.extend([short(1), short(TAG), short(kind)].as_flattened());
        exif.extend(long(1));
        exif.extend([short(value), short(0)].as_flattened());
        exif
    }

    #[test]
    fn orientation_is_read_in_both_byte_orders_and_behind_a_prefix() {
        for number in 1..=8 {
            for big_endian in [false, true] {
                let exif = exif(big_endian, SHORT, number.into());
                assert_eq!(orientation([&exif[..]]), Some(number));
                let prefixed = [b"Exif\0\0", exif.as_slice()].concat();
                assert_eq!(orientation([&prefixed[..]]), Some(number));
            }
        }
    }

    #[test]
    fn nonsense_states_nothing() {
        for number in [0, 9, 255] {
            assert_eq!(orientation([&exif(false, SHORT, number)[..]]), None);
        }
        assert_eq!(orientation([&exif(false, 2, 6)[..]]), None);
        let whole = exif(true, SHORT, 6);
        for length in 0..whole.len() - 2 {
            assert_eq!(orientation([&whole[..length]]), None);
        }
        let far = b"II*\0\xff\xff\xff\xff";
        assert_eq!(orientation([&far[..]]), None);
    }
}
