//! `docs/decisions/README.md` lists every decision.

use std::collections::BTreeSet;
use std::fs;

use crate::checkout;

const INDEX: &str = "docs/decisions/README.md";

/// A line of the index: `| [0001](0001-name.md) | title | status | date |`.
#[derive(Debug)]
struct Line {
    number: String,
    file: String,
    title: String,
    status: String,
    date: String,
}

fn lines() -> Vec<Line> {
    let index = checkout::read(INDEX);
    let rows = index.lines().filter_map(|line| line.strip_prefix("| ["));
    let rows = rows.map(|row| {
        let line = line(row);
        line.unwrap_or_else(|| panic!("{INDEX}: not of the form of its neighbors: {row}"))
    });
    rows.collect()
}

fn line(row: &str) -> Option<Line> {
    let (number, rest) = row.split_once("](")?;
    let (file, rest) = rest.split_once(") | ")?;
    let mut cells = rest.strip_suffix(" |")?.split(" | ");
    let mut next = || cells.next().map(str::to_owned);
    Some(Line {
        number: number.to_owned(),
        file: file.to_owned(),
        title: next()?,
        status: next()?,
        date: next()?,
    })
}

/// The names of the pages.
fn pages() -> BTreeSet<String> {
    let entries = fs::read_dir(checkout::path("docs/decisions")).expect("the folder of decisions");
    let names = entries.flatten().map(|entry| entry.file_name());
    names
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".md") && name != "README.md")
        .collect()
}

#[test]
fn each_decision_is_in_the_index_and_each_line_has_its_page() {
    let listed: BTreeSet<String> = lines().into_iter().map(|line| line.file).collect();
    let pages = pages();
    let missing: Vec<_> = pages.difference(&listed).collect();
    assert!(missing.is_empty(), "add a line to {INDEX} for: {missing:?}");
    let gone: Vec<_> = listed.difference(&pages).collect();
    assert!(
        gone.is_empty(),
        "{INDEX} lists pages that are not there: {gone:?}"
    );
}

#[test]
fn the_index_is_in_order_and_has_no_number_twice() {
    let numbers: Vec<String> = lines().into_iter().map(|line| line.number).collect();
    let unordered: Vec<_> = numbers.windows(2).filter(|two| two[0] >= two[1]).collect();
    assert!(
        unordered.is_empty(),
        "{INDEX} is not in order: {unordered:?}"
    );
}

#[test]
fn each_line_of_the_index_says_what_its_page_says() {
    for line in lines() {
        let page = checkout::read(&format!("docs/decisions/{}", line.file));
        let number: u32 = line.number.parse().unwrap_or_default();
        let heading = format!("# {number}. {}", line.title);
        assert_eq!(page.lines().next(), Some(heading.as_str()), "{}", line.file);
        assert!(
            line.file.starts_with(&format!("{:04}-", number)),
            "{line:?}"
        );
        let is_known = line.status == "accepted"
            || ["superseded by ", "amended by "]
                .iter()
                .any(|word| line.status.starts_with(word));
        assert!(
            is_known,
            "{INDEX}: a status is accepted, amended by or superseded by: {line:?}"
        );
        let digits = line.date.split('-').map(str::len).collect::<Vec<_>>();
        assert_eq!(digits, [4, 2, 2], "{INDEX}: not a date: {line:?}");
    }
}
