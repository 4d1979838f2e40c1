//! Files of the page that came with the program.

use std::fmt;

use crate::trust::Digest;

/// A file of the page.
#[derive(Debug)]
pub(in crate::page) struct File {
    /// Its path.
    pub(in crate::page) path: &'static str,
    /// Its media type.
    pub(in crate::page) media_type: &'static str,
    /// Its content.
    pub(in crate::page) text: &'static str,
}

/// The look of the page.
pub(in crate::page) const STYLE: File = File {
    path: "/page.css",
    media_type: "text/css; charset=utf-8",
    text: include_str!("page.css"),
};

/// The script that keeps the page up to date.
pub(in crate::page) const SCRIPT: File = File {
    path: "/page.js",
    media_type: "text/javascript; charset=utf-8",
    text: include_str!("page.js"),
};

/// The picture in a tab.
pub(in crate::page) const ICON: File = File {
    path: "/icon.svg",
    media_type: "image/svg+xml",
    text: include_str!("icon.svg"),
};

/// The path with a name of the content, so that a browser keeps the one it has.
pub(super) struct Address(&'static File);

impl File {
    pub(super) fn address(&'static self) -> Address {
        Address(self)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digest = Digest::of(self.0.text.as_bytes()).to_string();
        write!(f, "{}?{}", self.0.path, digest.get(..8).unwrap_or_default())
    }
}
