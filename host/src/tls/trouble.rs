//! Reasons why no TLS is spoken with a server.

/// Reason why no TLS is spoken with a server, which only a person can mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Its certificate is not to be believed.
    #[error("its certificate is not trusted here ({0})")]
    Untrusted(String),
    /// Its certificate is that of others.
    #[error("its certificate is for another name than this one")]
    OtherName,
    /// It is a server without TLS.
    #[error("it speaks no TLS")]
    NoTls,
    /// It speaks another TLS.
    #[error("it and this host speak no TLS in common ({0})")]
    Disagreed(String),
    /// It ends the handshake, and does not say why.
    #[error("it refuses the handshake")]
    Refused,
    /// It wants to see a certificate of ours.
    #[error("it asks for a certificate")]
    NoCertificate,
    /// The certificates of this side cannot be used.
    #[error("{0}")]
    Unloaded(String),
}
