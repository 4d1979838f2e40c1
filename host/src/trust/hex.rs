//! Bytes as hexadecimal digits, in lower case: one spelling for each value, so
//! that names made of digests can be compared as text.

use std::fmt;

/// Writes two digits for each byte.
pub(super) fn write(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Reads exactly as many bytes as the array has.
pub(super) fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = (digit(*high)? << 4) | digit(*low)?;
    }
    Some(bytes)
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn one_spelling_for_each_value() {
        assert_eq!(read("00ff1a"), Some([0, 255, 26]));
        for text in ["00ff1A", "00ff1", "00ff1a00", "00ff1g", "+0ff1a", "ää11"] {
            assert_eq!(read::<3>(text), None, "{text}");
        }
    }
}
