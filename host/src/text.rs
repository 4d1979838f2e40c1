//! Text made fit for people: that of strangers, and numbers of things.
//!
//! Keys, names, versions and messages come from outside: from uploads, events,
//! stores and engines. On a terminal a control character is a command, and in a
//! log a line break is a forged line. So text from outside is escaped here, in
//! one way, before anybody sees it.

use std::fmt::{self, Write as _};

/// The longest text of an engine that is passed on, in characters.
const EXCERPT: usize = 300;

/// `text` with its control characters escaped, fit for a terminal or a log.
///
/// That includes line separators and marks that turn the direction of text.
/// What is escaped already stays as it is.
pub fn printable(text: impl fmt::Display) -> String {
    let mut shown = Printable(String::new());
    // A string takes everything; only a text that cannot say itself ends early.
    let _ = write!(shown, "{text}");
    shown.0
}

/// `text` with every line of it printable: for what was put together of several.
pub fn printable_lines(text: impl fmt::Display) -> String {
    let text = text.to_string();
    let lines: Vec<String> = text.split('\n').map(printable).collect();
    lines.join("\n")
}

/// `json` with the same meaning, and nothing in it that a terminal would obey.
pub fn printable_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    for character in json.chars() {
        if is_command(character) {
            // All of them are of 16 bits, and stand in strings.
            shown.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The beginning of `text`, printable and without white space around it.
pub fn excerpt(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(EXCERPT) {
        Some((end, _)) => printable(text.get(..end).unwrap_or(text)) + "…",
        None => printable(text),
    }
}

/// `count` and `noun`, which takes an s in the plural: "1 image", "3 images".
pub fn plural(count: u64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

struct Printable(String);

impl fmt::Write for Printable {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if is_command(character) {
                self.0.extend(character.escape_unicode());
            } else {
                self.0.push(character);
            }
        }
        Ok(())
    }
}

/// True for a character that terminals or readers of logs take for more than itself.
pub(crate) fn is_command(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{61c}'
        )
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_spelled_out() {
        for (text, shown) in [
            (
                "a\nb\u{1b}[2J\u{202e}gpj.png",
                "a\\u{a}b\\u{1b}[2J\\u{202e}gpj.png",
            ),
            ("\u{9b}31m\r\u{8}", "\\u{9b}31m\\u{d}\\u{8}"),
            ("Zürich – 東京 \\u{a}", "Zürich – 東京 \\u{a}"),
        ] {
            assert_eq!(printable(text), shown);
            assert_eq!(printable(printable(text)), shown, "escaped twice");
        }
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(printable_lines("a\n\tb\u{1b}\n"), "a\n\\u{9}b\\u{1b}\n");
    }

    #[test]
    fn json_means_the_same_and_moves_no_cursor() {
        let text = "\u{1b}[2J\u{9b}31m\u{7f}\u{202e}\n café \\ \"";
        let json = serde_json::to_string(text).unwrap();
        let shown = printable_json(&json);
        assert!(!shown.chars().any(is_command), "{shown}");
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
    }

    #[test]
    fn number_and_noun_agree() {
        assert_eq!(plural(0, "image"), "0 images");
        assert_eq!(plural(1, "dead letter"), "1 dead letter");
        assert_eq!(plural(2, "image"), "2 images");
    }

    #[test]
    fn an_excerpt_has_an_end() {
        assert_eq!(excerpt(" no\tmagic\n"), "no\\u{9}magic");
        let long = "ä".repeat(EXCERPT + 1);
        assert_eq!(excerpt(&long), "ä".repeat(EXCERPT) + "…");
        assert_eq!(excerpt(&"ä".repeat(EXCERPT)), "ä".repeat(EXCERPT));
    }
}
