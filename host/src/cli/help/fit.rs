//! Pages of help that fit the terminal, as clap's own do.

use std::env;
use std::iter::once;

use terminal_size::{Width, terminal_size};

/// Columns that every page has room in, and lines of text are not longer than.
const WIDEST: usize = 100;

/// Columns below which there is no room for words beside a label.
const NARROWEST: usize = 40;

/// Indent of what stands below a label that leaves no room beside it.
const BELOW: usize = 6;

/// Columns of the terminal, or those that `COLUMNS` says where there is none.
pub(super) fn columns() -> usize {
    let terminal = terminal_size().map(|(Width(columns), _)| columns.into());
    let told = || env::var("COLUMNS").ok()?.parse().ok();
    let columns = terminal.or_else(told).unwrap_or(WIDEST);
    columns.clamp(NARROWEST, WIDEST)
}

/// The page without a line that is longer than `columns`, unless a word is. Text that stands
/// beside a label stays there.
pub(super) fn fit(page: &str, columns: usize) -> String {
    let lines: Vec<&str> = page.lines().collect();
    let mut fitted = String::new();
    let mut rest = &lines[..];
    while let [first, following @ ..] = rest {
        let start = start(first, following.first().copied());
        let more = following
            .iter()
            .take_while(|line| continues(first, line, start))
            .count();
        let (more, after) = following.split_at(more);
        let has_room = |line: &&str| line.chars().count() <= columns;
        if once(first).chain(more).all(has_room) {
            for line in once(first).chain(more) {
                fitted.push_str(line);
                fitted.push('\n');
            }
        } else {
            let (label, text) = first.split_at_checked(start).unwrap_or((first, ""));
            let words = once(text).chain(more.iter().copied());
            wrap(
                label,
                words.flat_map(str::split_whitespace),
                columns,
                &mut fitted,
            );
        }
        rest = after;
    }
    fitted
}

/// Column at which the text of a line begins: behind its label, if it has one.
fn start(line: &str, next: Option<&str>) -> usize {
    let own = indent(line);
    let beneath = next.map_or(0, indent);
    let around = line.get(beneath.saturating_sub(1)..).unwrap_or_default();
    if beneath > own && around.starts_with(' ') && indent(around) == 1 {
        return beneath;
    }
    let behind = line[own..].find("  ").map(|at| own + at);
    behind.map_or(own, |at| at + indent(&line[at..]))
}

/// True if a line goes on with the text of `first`, which begins at `start`.
fn continues(first: &str, line: &str, start: usize) -> bool {
    let is_text = !first.is_empty() && !line.is_empty() && indent(line) == start;
    let is_prose = start == 0 && !line[indent(line)..].contains("  ");
    is_text && (start > indent(first) || is_prose)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Writes words in lines, the first of them behind `label`.
fn wrap<'a>(
    label: &str,
    words: impl Iterator<Item = &'a str>,
    columns: usize,
    written: &mut String,
) {
    let mut line = label.to_owned();
    let mut indent = label.chars().count();
    if indent > columns / 2 {
        written.push_str(label.trim_end());
        written.push('\n');
        indent = BELOW;
        line = " ".repeat(BELOW);
    }
    let mut is_empty = true;
    for word in words {
        let length = line.chars().count() + word.chars().count();
        if !is_empty && length >= columns {
            written.push_str(&line);
            written.push('\n');
            line = " ".repeat(indent);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    written.push_str(&line);
    written.push('\n');
}

#[cfg(test)]
mod tests {
    use super::{WIDEST, fit};

    const PAGE: &str = "\
A page

Words of some length, which stand in a
paragraph of two lines

  an=example               and what it means, in
                           as many words
name the label, and a line that goes
     on beneath
";

    #[test]
    fn text_stays_beside_its_label() {
        let narrow = "\
A page

Words of some length, which
stand in a paragraph of two
lines

  an=example
      and what it means, in as
      many words
name the label, and a line
     that goes on beneath
";
        assert_eq!(fit(PAGE, 30), narrow);
        assert_eq!(fit(PAGE, WIDEST), PAGE);
    }

    #[test]
    fn a_word_that_is_too_long_has_a_line_of_its_own() {
        assert_eq!(
            fit("a https://a.example/b c\n", 12),
            "a\nhttps://a.example/b\nc\n"
        );
    }
}
