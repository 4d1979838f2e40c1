//! Encoding of keys in notifications of S3, and in listings on request: that of
//! web forms.
//!
//! A blank is `+`, a plus is `%2B`, and whatever is not a letter, a digit or
//! one of a few marks is written as the bytes of its UTF-8 in hexadecimal.

/// The key that `text` spells, or what is wrong with it.
pub(crate) fn decode(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (digits, behind) = rest
                    .split_first_chunk::<2>()
                    .ok_or("a percent sign without its two digits")?;
                bytes.push(hexadecimal(*digits).ok_or("a percent sign without its two digits")?);
                rest = behind;
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).map_err(|_| "bytes that are not UTF-8".to_owned())
}

fn hexadecimal([high, low]: [u8; 2]) -> Option<u8> {
    let high = char::from(high).to_digit(16)?;
    let low = char::from(low).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

/// `key` as S3 writes it.
pub(crate) fn encode(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    for &byte in key.as_bytes() {
        match byte {
            b' ' => text.push('+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'*' => {
                text.push(char::from(byte));
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_pluses_and_percent_signs_are_told_apart() {
        for (text, key) in [
            ("a+b", "a b"),
            ("a%20b", "a b"),
            ("a%2Bb", "a+b"),
            ("a%2bb", "a+b"),
            ("a%252Bb", "a%2Bb"),
            ("%C3%A4.jpg", "ä.jpg"),
            ("ä.jpg", "ä.jpg"),
            ("", ""),
        ] {
            assert_eq!(decode(text).as_deref(), Ok(key), "{text}");
        }
    }

    #[test]
    fn a_key_that_is_not_encoded_right_is_refused_and_not_guessed() {
        for text in ["a%", "a%2", "a%zz", "a%+1", "%ff"] {
            assert!(decode(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_key_comes_through_the_encoding(key in proptest::prelude::any::<String>()) {
            proptest::prop_assert_eq!(decode(&encode(&key)), Ok(key));
        }
    }
}
