//! Envelopes: documents with their signatures, and the keys that are believed.
//!
//! A document is kept as the text that was signed, inside an envelope with the
//! signatures. Nothing has to be written in one canonical way: the bytes that are
//! checked are those that are read. The signed bytes begin with the kind of the
//! document, so that no release can be passed off as a channel.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::hex;
use super::keys::{Hex, PublicKey, SecretKey};

/// The largest envelope that is read, in bytes: a hundred times what one has.
pub const MAX_DOCUMENT: u64 = 256 << 10;

/// The version of envelopes and of the documents in them.
pub const FORMAT: u32 = 1;

/// The most signatures that are looked at.
const MAX_SIGNATURES: usize = 16;

/// A document that is kept in an envelope.
pub(crate) trait Document: Serialize + DeserializeOwned {
    /// Its kind.
    const KIND: &'static str;
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    format: u32,
    kind: String,
    payload: String,
    #[serde(default)]
    signatures: Vec<Signature>,
}

#[derive(Serialize, Deserialize)]
struct Signature {
    key: String,
    signature: String,
}

/// Reason why a document is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is longer than any document.
    #[error("the document has more than {MAX_DOCUMENT} bytes")]
    TooLarge,
    /// It is not of the form that it should have.
    #[error("the document cannot be read: {0}")]
    Malformed(String),
    /// It was written by a later version.
    #[error("the document has format {0} and this program knows {FORMAT}; use a newer program")]
    Format(u32),
    /// It is a document of another kind.
    #[error("the document is a {found}, not a {expected}")]
    Kind {
        /// The kind that was expected.
        expected: &'static str,
        /// The kind that it says it is.
        found: String,
    },
    /// No key that is trusted has signed it.
    #[error("the document is not signed by a trusted key")]
    Untrusted,
    /// It says that a trusted key signed it, which is not so.
    #[error("the signature by {0} is not valid: the document was changed")]
    BadSignature(PublicKey),
}

/// Keys whose signatures are believed. Without keys every document is believed,
/// but none is ever [`Signed`]: machine code is run only on the word of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust(Vec<PublicKey>);

/// A document that a trusted key signed. Only [`Trust`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<T>(T);

/// A document that is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened<T> {
    /// Because a trusted key signed it.
    Signed(Signed<T>),
    /// Because no key is asked for.
    Plain(T),
}

impl Trust {
    /// Believe these keys. Several are for the time in which one replaces the
    /// other.
    pub fn new(keys: Vec<PublicKey>) -> Self {
        Self(keys)
    }

    /// True if there is a key to believe.
    pub fn asks_for_signatures(&self) -> bool {
        !self.0.is_empty()
    }

    /// The document in an envelope.
    pub(crate) fn open<T: Document>(&self, bytes: &[u8]) -> Result<Opened<T>, DocumentError> {
        let envelope = Envelope::read(bytes)?;
        if envelope.kind != T::KIND {
            return Err(DocumentError::Kind {
                expected: T::KIND,
                found: envelope.kind.chars().take(32).collect(),
            });
        }
        if !self.asks_for_signatures() {
            return envelope.document().map(Opened::Plain);
        }
        self.check(&envelope)?;
        envelope
            .document()
            .map(|document| Opened::Signed(Signed(document)))
    }

    fn check(&self, envelope: &Envelope) -> Result<(), DocumentError> {
        let message = message(&envelope.kind, &envelope.payload);
        let mut verdict = DocumentError::Untrusted;
        for Signature { key, signature } in envelope.signatures.iter().take(MAX_SIGNATURES) {
            let Some(key) = self.0.iter().find(|known| known.to_string() == *key) else {
                continue;
            };
            if hex::read(signature).is_some_and(|signature| key.has_signed(&message, signature)) {
                return Ok(());
            }
            verdict = DocumentError::BadSignature(*key);
        }
        Err(verdict)
    }
}

impl Envelope {
    fn read(bytes: &[u8]) -> Result<Self, DocumentError> {
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        if bytes.len() as u64 > MAX_DOCUMENT {
            return Err(DocumentError::TooLarge);
        }
        let Version { format } = parse(bytes)?;
        if format != FORMAT {
            return Err(DocumentError::Format(format));
        }
        parse(bytes)
    }

    fn document<T: Document>(&self) -> Result<T, DocumentError> {
        parse(self.payload.as_bytes())
    }
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DocumentError> {
    serde_json::from_slice(bytes).map_err(|error| DocumentError::Malformed(error.to_string()))
}

/// An envelope with this document, signed if there is a key.
pub(crate) fn seal<T: Document>(
    document: &T,
    key: Option<&SecretKey>,
) -> Result<Vec<u8>, DocumentError> {
    let malformed = |error: serde_json::Error| DocumentError::Malformed(error.to_string());
    let payload = serde_json::to_string(document).map_err(malformed)?;
    let sign = |key: &SecretKey| Signature {
        key: key.public().to_string(),
        signature: Hex(&key.sign(&message(T::KIND, &payload))).to_string(),
    };
    let signatures = key.map(sign).into_iter().collect();
    let envelope = Envelope {
        format: FORMAT,
        kind: T::KIND.to_owned(),
        payload,
        signatures,
    };
    let mut bytes = serde_json::to_vec_pretty(&envelope).map_err(malformed)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// The bytes that a signature is over.
fn message(kind: &str, payload: &str) -> Vec<u8> {
    format!("thimble {kind} {FORMAT}\n{payload}").into_bytes()
}

impl<T> Signed<T> {
    /// The document.
    pub fn get(&self) -> &T {
        &self.0
    }
}

impl<T> Opened<T> {
    /// The document.
    pub fn get(&self) -> &T {
        match self {
            Self::Signed(signed) => signed.get(),
            Self::Plain(document) => document,
        }
    }

    /// The document, without the reason to believe it.
    pub fn into_inner(self) -> T {
        match self {
            Self::Signed(Signed(document)) | Self::Plain(document) => document,
        }
    }

    /// The word of a key, if one was asked for.
    pub fn signed(&self) -> Option<&Signed<T>> {
        match self {
            Self::Signed(signed) => Some(signed),
            Self::Plain(_) => None,
        }
    }
}
