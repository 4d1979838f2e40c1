//! Text made fit for people: that of strangers, and numbers of things.
//!
//! Keys, names, versions and messages come from outside: from uploads, events,
//! stores and engines. On a terminal a control character is a command, and in a
//! log a line break is a forged line. So text from outside is escaped here, in
//! one way, before it is shown.

use std::fmt::{self, Write as _};

use serde::Serialize;

/// The longest text of an engine that is passed on, in characters.
const EXCERPT: usize = 300;

/// `text` with its control characters escaped, fit for a terminal or a log.
///
/// Among them are line separators and marks that turn the direction of text.
/// Escaped text stays as it is.
pub fn printable(text: impl fmt::Display) -> String {
    let mut shown = Printable(String::new());
    // A string takes everything; only a text that cannot say itself ends early.
    let _ = write!(shown, "{text}");
    shown.0
}

/// `Display` of a type that goes by one of its fields, and with `..` its `Debug`, which leaves
/// the other fields out: clients, of which nobody wants to read.
macro_rules! shown_by {
    ($shown:ident, $field:ident) => {
        impl std::fmt::Display for $shown {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.$field, f)
            }
        }
    };
    ($shown:ident, $field:ident, ..) => {
        $crate::text::shown_by!($shown, $field);

        impl std::fmt::Debug for $shown {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($shown))
                    .field(stringify!($field), &self.$field)
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use shown_by;

/// `text` of several lines, each of them [`printable`].
pub fn printable_lines(text: impl fmt::Display) -> String {
    let text = text.to_string();
    let lines: Vec<String> = text.split('\n').map(printable).collect();
    lines.join("\n")
}

/// `error` with all that lies beneath it, in one line that is fit for a terminal
/// and a log.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    let text = causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"));
    printable(text)
}

/// `value` as a line of JSON in which all that a terminal would obey is escaped:
/// JSON itself asks for that of some control characters only.
///
/// # Errors
/// If the value has no form in JSON.
pub fn json(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(json_lines(&serde_json::to_string(value)?))
}

/// Lines of JSON with the same escapes; the ends of lines stay.
pub fn json_lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_command(character) && character != '\n' {
            // All of them have four digits at most.
            let _ = write!(shown, "\\u{:04x}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The beginning of `text`, printable and in one line: white space is a space.
pub fn excerpt(text: &str) -> String {
    let (mut line, mut length) = (String::new(), 0);
    let mut is_between = false;
    for character in text.chars() {
        if character.is_whitespace() {
            is_between = length > 0;
            continue;
        }
        if length >= EXCERPT {
            line.push('…');
            break;
        }
        if std::mem::take(&mut is_between) {
            line.push(' ');
            length += 1;
        }
        line.push(character);
        length += 1;
    }
    printable(line)
}

/// A number with its thousands apart.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// `count` and `noun`, which takes an s in the plural: "1 image", "3 images".
pub fn plural(count: u64, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// The one of `known` that is a slip of the finger or two away from `word`.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known = known.into_iter();
    known
        .map(|known| (distance(word, known), known))
        .filter(|(distance, known)| *distance <= 2 && distance + 1 < known.len())
        .min()
        .map(|(_, known)| known)
}

/// Number of letters to change, add or remove to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (index, left) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, right) in to.chars().enumerate() {
            let changed = diagonal + usize::from(left != right);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Words of a service or a program, as the cause of an error.
#[derive(Debug)]
pub struct Said(String);

impl Said {
    /// These words.
    pub fn new(words: impl Into<String>) -> Self {
        Self(words.into())
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Said {}

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

/// True for a character that terminals or readers of logs take for more than
/// itself.
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
    fn number_and_noun_agree() {
        assert_eq!(plural(0, "image"), "0 images");
        assert_eq!(plural(1, "dead letter"), "1 dead letter");
        assert_eq!(plural(2, "image"), "2 images");
    }

    #[test]
    fn lines_stay_lines_and_json_stays_json() {
        assert_eq!(printable_lines("a\u{1b}[2J\nb\r"), "a\\u{1b}[2J\nb\\u{d}");
        let text = "a\n\u{7f}\u{9b}31m\u{202e}é\"";
        let line = json(&text).unwrap();
        assert!(!line.chars().any(is_command), "{line:?}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }

    #[test]
    fn an_excerpt_has_an_end() {
        assert_eq!(excerpt(" no\n\tmagic\u{1b}[31m\n"), "no magic\\u{1b}[31m");
        let long = "ä".repeat(EXCERPT + 1);
        assert_eq!(excerpt(&long), "ä".repeat(EXCERPT) + "…");
        assert_eq!(excerpt(&"ä".repeat(EXCERPT)), "ä".repeat(EXCERPT));
    }
}
