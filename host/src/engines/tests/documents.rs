use super::*;
use crate::engines::envelope::{Document, seal};

fn channel() -> Channel {
    Channel::begin(ChannelName::default(), reference(1), 5)
}

fn reference(number: u8) -> Reference {
    Reference {
        release: Digest::of(&[number]),
        engine: Digest::of(&[number, number]),
        name: "by-hand".to_owned(),
        version: format!("1.0.{number}"),
    }
}

fn open<T: Document>(bytes: &[u8], keys: &[&SecretKey]) -> Result<Opened<T>, DocumentError> {
    Trust::new(keys.iter().map(|key| key.public()).collect()).open(bytes)
}

#[test]
fn a_document_is_believed_if_one_of_the_trusted_keys_signed_it() {
    let (old, new) = (SecretKey::generate(), SecretKey::generate());
    let sealed = seal(&channel(), Some(&new)).unwrap();
    for keys in [&[&new][..], &[&old, &new]] {
        let opened = open::<Channel>(&sealed, keys).unwrap();
        assert_eq!(opened.signed().map(Signed::get), Some(&channel()));
    }
    assert_eq!(
        open::<Channel>(&sealed, &[&old]),
        Err(DocumentError::Untrusted)
    );
    let plain = seal(&channel(), None).unwrap();
    assert_eq!(
        open::<Channel>(&plain, &[&old]),
        Err(DocumentError::Untrusted)
    );
    assert_eq!(open(&plain, &[]), Ok(Opened::Plain(channel())));
    // Without a key nothing is vouched for, whoever signed it.
    assert_eq!(open::<Channel>(&sealed, &[]).unwrap().signed(), None);
}

#[test]
fn every_changed_byte_of_a_signed_document_is_noticed() {
    let key = SecretKey::generate();
    let sealed = seal(&channel(), Some(&key)).unwrap();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        // White space between fields is nobody's word.
        if let Ok(opened) = open::<Channel>(&changed, &[&key]) {
            assert_eq!(opened.get(), &channel(), "byte {at}");
        }
        assert!(open::<Channel>(&sealed[..at], &[&key]).is_err() || at + 1 == sealed.len());
    }
}

#[test]
fn a_document_of_another_kind_or_a_later_format_is_named() {
    let key = SecretKey::generate();
    let sealed = seal(&channel(), Some(&key)).unwrap();
    let kind = open::<Release>(&sealed, &[&key]).unwrap_err();
    assert_eq!(kind.to_string(), "the document is a channel, not a release");
    let text = String::from_utf8(sealed).unwrap();
    let passed_off = text.replacen("\"kind\": \"channel\"", "\"kind\": \"release\"", 1);
    let forged = open::<Release>(passed_off.as_bytes(), &[&key]).unwrap_err();
    assert!(
        matches!(forged, DocumentError::BadSignature(_)),
        "{forged:?}"
    );
    let later = text.replacen("\"format\": 1", "\"format\": 2", 1);
    assert_eq!(
        open::<Channel>(later.as_bytes(), &[&key]),
        Err(DocumentError::Format(2))
    );
}

#[test]
fn fields_that_a_later_version_added_are_passed_over() {
    let text = String::from_utf8(seal(&channel(), None).unwrap()).unwrap();
    let later = text
        .replacen("{\n", "{\n \"weather\": \"fine\",\n", 1)
        .replacen("\"payload\": \"{", "\"payload\": \"{\\\"mood\\\":[1],", 1);
    assert_ne!(later, text);
    assert_eq!(open(later.as_bytes(), &[]), Ok(Opened::Plain(channel())));
}

#[test]
fn nonsense_and_too_much_are_refused() {
    for bytes in [&b""[..], b"{}", b"[1]", b"\xff", b"{\"format\":1}"] {
        let error = open::<Channel>(bytes, &[]).unwrap_err();
        assert!(matches!(error, DocumentError::Malformed(_)), "{error:?}");
    }
    let huge = vec![b' '; usize::try_from(MAX_DOCUMENT).unwrap() + 1];
    assert_eq!(open::<Channel>(&huge, &[]), Err(DocumentError::TooLarge));
    let deep = "[".repeat(100_000);
    assert!(open::<Channel>(deep.as_bytes(), &[]).is_err());
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

#[test]
fn serials_only_go_up_and_a_roll_back_brings_back_the_one_before() {
    let first = channel();
    let second = first.promote(reference(2), 6).unwrap();
    assert_eq!((second.serial, &second.current), (2, &reference(2)));
    assert_eq!(second.promote(reference(2), 7), Err(NoChange::Live));
    let back = second.roll_back(8).unwrap();
    assert_eq!((back.serial, &back.current), (3, &reference(1)));
    assert_eq!(back.roll_back(9).unwrap().current, reference(2));
    assert_eq!(first.roll_back(9), Err(NoChange::NoPrevious));

    let trial = second.try_out(reference(3), 50, 9).unwrap();
    let wider = trial.try_out(reference(3), 500, 10).unwrap();
    let (trial, wider) = (trial.canary.unwrap(), wider);
    let canary = wider.canary.as_ref().unwrap();
    assert_eq!(canary.salt, trial.salt);
    assert_eq!(wider.promote(reference(3), 11).unwrap().canary, None);
    assert_eq!(wider.end_trial(11).unwrap().canary, None);
    assert_eq!(second.end_trial(11), Err(NoChange::NoCanary));
    for weight in [0, 1_001] {
        assert_eq!(
            second.try_out(reference(3), weight, 9),
            Err(NoChange::Weight)
        );
    }

    // The larger share contains the smaller, and both are about as large as said.
    let keys: Vec<String> = (0..4_000)
        .map(|number| format!("photo-{number}.jpg"))
        .collect();
    let few: Vec<&String> = keys.iter().filter(|key| trial.serves(key)).collect();
    assert!(few.iter().all(|key| canary.serves(key)));
    assert!((120..=280).contains(&few.len()), "{}", few.len());
}

#[test]
fn names_of_channels_cannot_lead_elsewhere() {
    for name in ["", "../stable", "a/b", "a.b", "1st", "ä", &"x".repeat(65)] {
        assert_eq!(name.parse::<ChannelName>(), Err(NotAChannelName), "{name}");
    }
    assert!("stable-2_b".parse::<ChannelName>().is_ok());
}
