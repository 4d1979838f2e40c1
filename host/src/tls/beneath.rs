//! The trouble with TLS beneath the error of a client.

use std::error::Error;
use std::io;

use rustls::AlertDescription::{
    BadCertificate, CertificateRequired, HandshakeFailure, ProtocolVersion,
};
use rustls::CertificateError::{NotValidForName, NotValidForNameContext};

use super::trouble::Trouble;

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
            rustls::Error::PeerIncompatible(why) => Self::Disagreed(format!("{why:?}")),
            rustls::Error::AlertReceived(why @ ProtocolVersion) => {
                Self::Disagreed(format!("{why:?}"))
            }
            // Before TLS 1.3 a server says so, too, to whoever shows no certificate.
            rustls::Error::AlertReceived(HandshakeFailure) => Self::Refused,
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

#[cfg(test)]
mod tests {
    use rustls::AlertDescription::InternalError;

    use super::*;

    #[test]
    fn an_alert_is_told_as_what_a_person_can_mend() {
        for (alert, expected) in [
            (CertificateRequired, Some(Trouble::NoCertificate)),
            (BadCertificate, Some(Trouble::NoCertificate)),
            (HandshakeFailure, Some(Trouble::Refused)),
            (
                ProtocolVersion,
                Some(Trouble::Disagreed("ProtocolVersion".to_owned())),
            ),
            (InternalError, None),
        ] {
            let error = io::Error::other(rustls::Error::AlertReceived(alert));
            assert_eq!(Trouble::of(&error), expected, "{alert:?}");
        }
    }
}
