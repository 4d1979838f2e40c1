//! The word of the build: the digest of an engine that a program carries.

use super::digest::Digest;

/// Digests of the portable and of the compiled engine, divided by a colon; set
/// by the build of the package and by nothing else.
const BUILT_IN: Option<&str> = option_env!("THIMBLE_PACKAGED_ENGINE");

/// A compiled engine that the build of this program vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Vouched {
    /// The digest of the portable component.
    pub(crate) portable: Digest,
    /// The digest of the machine code that was made of it.
    pub(crate) code: Digest,
}

impl Vouched {
    /// The engine that the build of this program vouches for, if there is one.
    pub(crate) fn by_the_build() -> Option<Self> {
        BUILT_IN.and_then(Self::parse)
    }

    fn parse(text: &str) -> Option<Self> {
        let (portable, code) = text.split_once(':')?;
        Some(Self {
            portable: portable.parse().ok()?,
            code: code.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Digest, Vouched};

    #[test]
    fn two_digests_vouch_and_nothing_else_does() {
        let [portable, code] = [Digest::of(b"portable"), Digest::of(b"code")];
        assert_eq!(
            Vouched::parse(&format!("{portable}:{code}")),
            Some(Vouched { portable, code })
        );
        for text in [
            String::new(),
            ":".into(),
            format!("{portable}"),
            format!("{portable}:"),
            format!("{portable}:{code}0"),
        ] {
            assert_eq!(Vouched::parse(&text), None, "{text}");
        }
    }
}
