//! Markup in which text of strangers stays text.
//!
//! [`put!`] takes markup as a literal of the code and fills its holes. What fills a hole
//! is always escaped, and there is no other way to write: no text that is made while
//! the program runs becomes markup.

use std::fmt::{self, Write as _};

use crate::text::printable;

/// Markup that was written so far.
#[derive(Debug, Default)]
pub(super) struct Markup(String);

/// Text as it stands in markup: in an element, or in an attribute with quotes.
pub(super) struct Escaped<T>(pub(super) T);

/// `put!(markup, "<b>{}</b>", text)`: writes markup with `text` in its hole, escaped. That
/// `concat!` is no literal keeps names out of its braces, which would not be escaped.
macro_rules! put {
    ($markup:expr, $literal:literal $(, $text:expr)* $(,)?) => {
        $markup.write(format_args!(
            concat!($literal)
            $(, $crate::page::markup::Escaped(&$text))*
        ))
    };
}

pub(super) use put;

impl Markup {
    /// Writes what [`put!`] has made, and is called by nothing else.
    pub(super) fn write(&mut self, markup: fmt::Arguments<'_>) {
        // A string takes everything; only a text that cannot say itself ends early.
        let _ = self.0.write_fmt(markup);
    }

    /// Writes markup that was made before.
    pub(super) fn add(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    /// The markup as text.
    pub(super) fn into_text(self) -> String {
        self.0
    }
}

impl<T: fmt::Display> fmt::Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = printable(&self.0);
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'', '`']) {
            let (before, from) = rest.split_at(at);
            f.write_str(before)?;
            let mut characters = from.chars();
            let character = characters.next().unwrap_or_default();
            write!(f, "&#{};", u32::from(character))?;
            rest = characters.as_str();
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_strangers_is_no_markup() {
        for (text, escaped) in [
            ("<b>", "&#60;b&#62;"),
            ("\"'`", "&#34;&#39;&#96;"),
            ("&lt;", "&#38;lt;"),
            ("a\u{202e}gpj\n\0", "a\\u{202e}gpj\\u{a}\\u{0}"),
            ("{} Zürich – 東京", "{} Zürich – 東京"),
            ("", ""),
        ] {
            let mut markup = Markup::default();
            put!(markup, "<i title=\"{}\">{}</i>", text, text);
            let expected = format!("<i title=\"{escaped}\">{escaped}</i>");
            assert_eq!(markup.into_text(), expected);
        }
    }
}
