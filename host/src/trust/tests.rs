use serde::{Deserialize, Serialize};

use super::*;

/// A document of no meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    text: String,
    number: u64,
}

impl Document for Note {
    const KIND: &'static str = "note";
}

fn note() -> Note {
    Note {
        text: "a \"text\"".to_owned(),
        number: 5,
    }
}

fn open<T: Document>(bytes: &[u8], keys: &[&SecretKey]) -> Result<Opened<T>, DocumentError> {
    Trust::new(keys.iter().map(|key| key.public()).collect()).open(bytes)
}

#[test]
fn a_document_is_believed_if_one_of_the_trusted_keys_signed_it() {
    let (old, new) = (SecretKey::generate(), SecretKey::generate());
    let sealed = seal(&note(), Some(&new)).unwrap();
    for keys in [&[&new][..], &[&old, &new]] {
        let opened = open::<Note>(&sealed, keys).unwrap();
        assert_eq!(opened.signed().map(Signed::get), Some(&note()));
    }
    assert_eq!(
        open::<Note>(&sealed, &[&old]),
        Err(DocumentError::Untrusted)
    );
    let plain = seal(&note(), None).unwrap();
    assert_eq!(open::<Note>(&plain, &[&old]), Err(DocumentError::Untrusted));
    assert_eq!(open(&plain, &[]), Ok(Opened::Plain(note())));
    // Without a key nothing is vouched for, whoever signed it.
    assert_eq!(open::<Note>(&sealed, &[]).unwrap().signed(), None);
}

#[test]
fn every_changed_byte_of_a_signed_document_is_noticed() {
    let key = SecretKey::generate();
    let sealed = seal(&note(), Some(&key)).unwrap();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        // White space between fields is nobody's word.
        if let Ok(opened) = open::<Note>(&changed, &[&key]) {
            assert_eq!(opened.get(), &note(), "byte {at}");
        }
        assert!(open::<Note>(&sealed[..at], &[&key]).is_err() || at + 1 == sealed.len());
    }
}

#[test]
fn a_document_of_another_kind_or_a_later_format_is_named() {
    let key = SecretKey::generate();
    let sealed = seal(&note(), Some(&key)).unwrap();
    let kind = open::<Release>(&sealed, &[&key]).unwrap_err();
    assert_eq!(kind.to_string(), "the document is a note, not a release");
    let text = String::from_utf8(sealed).unwrap();
    let passed_off = text.replacen("\"kind\": \"note\"", "\"kind\": \"release\"", 1);
    let forged = open::<Release>(passed_off.as_bytes(), &[&key]).unwrap_err();
    assert!(
        matches!(forged, DocumentError::BadSignature(_)),
        "{forged:?}"
    );
    let later = text.replacen("\"format\": 1", "\"format\": 2", 1);
    assert_eq!(
        open::<Note>(later.as_bytes(), &[&key]),
        Err(DocumentError::Format(2))
    );
}

#[test]
fn fields_that_a_later_version_added_are_passed_over() {
    let text = String::from_utf8(seal(&note(), None).unwrap()).unwrap();
    let later = text
        .replacen("{\n", "{\n \"weather\": \"fine\",\n", 1)
        .replacen("\"payload\": \"{", "\"payload\": \"{\\\"mood\\\":[1],", 1);
    assert_ne!(later, text);
    assert_eq!(open(later.as_bytes(), &[]), Ok(Opened::Plain(note())));
}

#[test]
fn nonsense_and_too_much_are_refused() {
    for bytes in [&b""[..], b"{}", b"[1]", b"\xff", b"{\"format\":1}"] {
        let error = open::<Note>(bytes, &[]).unwrap_err();
        assert!(matches!(error, DocumentError::Malformed(_)), "{error:?}");
    }
    let huge = vec![b' '; usize::try_from(MAX_DOCUMENT).unwrap() + 1];
    assert_eq!(open::<Note>(&huge, &[]), Err(DocumentError::TooLarge));
    let deep = "[".repeat(100_000);
    assert!(open::<Note>(deep.as_bytes(), &[]).is_err());
}

#[test]
fn keys_are_read_as_they_are_written_and_secrets_are_not_shown() {
    let key = SecretKey::generate();
    let again: SecretKey = key.reveal().parse().unwrap();
    assert_eq!(again.public(), key.public());
    assert_eq!(key.public().to_string().parse(), Ok(key.public()));
    let secret = key.reveal();
    let digits = secret.trim().rsplit(':').next().unwrap();
    assert!(!format!("{key:?}").contains(digits));
    assert_eq!("ed25519:12".parse::<PublicKey>(), Err(NotAKey::Public));
    assert!(key.public().to_string().parse::<SecretKey>().is_err());
}
