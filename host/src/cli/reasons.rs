//! Reasons of failures, of which many may be alike.

use std::collections::BTreeSet;

/// End of a reason that names all formats that are read.
const FORMATS: &str = " are read";

/// Reasons that are told one after the other.
#[derive(Debug, Default)]
pub(super) struct Reasons {
    /// Lists of formats that were told.
    told: BTreeSet<String>,
}

impl Reasons {
    /// The reason, without the formats that are read if it is not the first to name them.
    pub(super) fn next<'a>(&mut self, reason: &'a str) -> &'a str {
        match reason.rsplit_once("; ") {
            Some((short, formats))
                if formats.ends_with(FORMATS) && !self.told.insert(formats.to_owned()) =>
            {
                short
            }
            _ => reason,
        }
    }
}
