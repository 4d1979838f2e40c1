//! The tables of `BENCHMARKS.md`, which the benchmarks wrote.

use std::collections::BTreeSet;
use std::fs;

use crate::checkout;

/// The lowest and the highest of some figures, with two digits.
pub(crate) struct Range {
    least: f64,
    most: f64,
}

impl Range {
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Self {
        let empty = Self {
            least: f64::INFINITY,
            most: f64::NEG_INFINITY,
        };
        figures.into_iter().fold(empty, |range, figure| Self {
            least: range.least.min(figure),
            most: range.most.max(figure),
        })
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { least, most } = self;
        assert!(least.is_finite(), "there is no figure to tell of");
        if least == most {
            write!(f, "{least:.2}")
        } else {
            write!(f, "{least:.2} to {most:.2}")
        }
    }
}

/// The rows of the table whose head begins with `| {head} |`: the first cell,
/// and the first number of each of the others.
pub(crate) fn table(head: &str) -> Vec<(String, Vec<f64>)> {
    let page = checkout::read("BENCHMARKS.md");
    let head = format!("| {head} |");
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with(&head))
        .skip(2)
        .map_while(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows: Vec<_> = rows.map(row).collect();
    assert!(!rows.is_empty(), "BENCHMARKS.md has no table {head}");
    rows
}

fn row(line: &str) -> (String, Vec<f64>) {
    let mut cells = line.split(" | ");
    let name = cells.next().unwrap_or_default().trim().to_owned();
    let figure = |cell: &str| {
        let word = cell.split_whitespace().next().unwrap_or_default();
        word.parse().unwrap_or(f64::NAN)
    };
    (name, cells.map(figure).collect())
}

/// Python finds modules of both folders by their names alone.
#[test]
fn no_module_of_the_harness_hides_another() {
    let [scripts, harness] = ["bench", "bench/harness"].map(|folder| {
        let entries = fs::read_dir(checkout::path(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let modules = names.filter(|name| name.ends_with(".py"));
        modules.collect::<BTreeSet<_>>()
    });
    assert!(scripts.len() > 3 && harness.len() > 3);
    let both: Vec<_> = scripts.intersection(&harness).collect();
    assert!(both.is_empty(), "in both folders: {both:?}");
}
