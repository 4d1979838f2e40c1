//! Keys: secret ones that sign documents, and public ones that are believed.

use std::fmt;
use std::str::FromStr;

use ed25519_compact::{KeyPair, Seed};

use super::hex;

/// Beginning of a public key as text; 64 digits follow.
const PUBLIC: &str = "ed25519:";

/// Beginning of a secret key as text; 64 digits follow.
const SECRET: &str = "thimble-secret-key:";

/// Secret key. Its holder decides which engines hosts run.
#[derive(Clone)]
pub struct SecretKey(KeyPair);

/// Public key: a host that knows it believes the holder of the secret key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey([u8; 32]);

/// A text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    /// It should have been a public key.
    #[error(
        "a public key is expected: `ed25519:` and 64 digits, as `thimble engine keygen` prints it"
    )]
    Public,
    /// It should have been a secret key. What it is instead is not shown.
    #[error("a secret key is expected, as `thimble engine keygen` writes it to a file")]
    Secret,
}

impl SecretKey {
    /// A new key.
    pub fn generate() -> Self {
        Self(KeyPair::generate())
    }

    /// The key that belongs to it.
    pub fn public(&self) -> PublicKey {
        PublicKey(*self.0.pk)
    }

    /// The text to be kept in a safe place.
    pub fn reveal(&self) -> String {
        format!("{SECRET}{}\n", Hex(&*self.0.sk.seed()))
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        *self.0.sk.sign(message, None)
    }
}

impl FromStr for SecretKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let digits = text.trim().strip_prefix(SECRET).ok_or(NotAKey::Secret)?;
        let seed = hex::read(digits).ok_or(NotAKey::Secret)?;
        Ok(Self(KeyPair::from_seed(Seed::new(seed))))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the secret key of {}", self.public())
    }
}

impl PublicKey {
    pub(super) fn has_signed(&self, message: &[u8], signature: [u8; 64]) -> bool {
        let signature = ed25519_compact::Signature::new(signature);
        ed25519_compact::PublicKey::new(self.0)
            .verify(message, &signature)
            .is_ok()
    }
}

impl FromStr for PublicKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let digits = text.trim().strip_prefix(PUBLIC).ok_or(NotAKey::Public)?;
        hex::read(digits).map(Self).ok_or(NotAKey::Public)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC}{}", Hex(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Bytes, to be shown as digits.
pub(super) struct Hex<'a>(pub(super) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(f, self.0)
    }
}
