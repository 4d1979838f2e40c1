//! Reasons why no TLS is spoken with a server.

use std::error::Error;
use std::io;

use rustls::AlertDescription::{BadCertificate, CertificateRequired};
use rustls::CertificateError::{NotValidForName, NotValidForNameContext};

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
    /// It wants to see a certificate of ours.
    #[error("it asks for a certificate")]
    NoCertificate,
}

impl Trouble {
    /// The trouble beneath `error`, if there is any.
    pub fn of(error: &(dyn Error + 'static)) -> Option<Self> {
        Some(match beneath(error)? {
            rustls::Error::InvalidCertificate(NotValidForName | NotValidForNameContext { .. }) => {
                Self::OtherName
            }
            rustls::Error::InvalidCertificate(why) => Self::Untrusted(format!("{why:?}")),
            rustls::Error::InvalidMessage(_) => Self::NoTls,
            rustls::Error::AlertReceived(CertificateRequired | BadCertificate) => {
                Self::NoCertificate
            }
            _ => return None,
        })
    }
}

/// The error of rustls beneath `error`. One of input and output hides it from `source`.
fn beneath<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    let hidden = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    let hidden = hidden.map(|hidden| -> &'a (dyn Error + 'static) { hidden });
    error
        .downcast_ref()
        .or_else(|| beneath(hidden.or_else(|| error.source())?))
}
