//! Lists of texts in a file.

use super::quoted;
use super::tree::{Fields, Mistakes, Text};

/// The entries of the list of a key, if there is one: without those that are empty, or there already, or have a
/// problem; each of these is a mistake.
pub(super) fn entries(
    mistakes: &mut Mistakes,
    fields: &Fields,
    key: &'static str,
    empty: &str,
    problem: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    let texts = fields.texts(key).map(|(texts, _)| texts);
    for Text { text, at, .. } in texts.into_iter().flatten() {
        if text.is_empty() {
            mistakes.push((*at, empty.to_owned()));
        } else if entries.contains(text) {
            mistakes.push((*at, format!("{} stands in the list already", quoted(text))));
        } else if let Some(problem) = problem(text) {
            mistakes.push((*at, format!("{} {problem}", quoted(text))));
        } else {
            entries.push(text.clone());
        }
    }
    entries
}
