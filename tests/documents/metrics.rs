//! `docs/operations.md` has every metric that is scraped, and those of a worker are few.

use thimble::telemetry::{EXPORTED, Exported};

use crate::section;

/// The most series of a process.
const MOST: usize = 60;

fn row(metric: &Exported) -> String {
    let quoted = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    format!(
        "| `{}` | {} | {} | {} | {} | {} |\n",
        metric.name,
        metric.kind.as_str(),
        quoted(metric.labels),
        metric.series,
        quoted(metric.commands),
        metric.meaning
    )
}

#[test]
fn the_page_has_every_metric_that_is_scraped() {
    let head = "| metric | kind | labels | series at most | command | meaning |\n|---|---|---|--:|---|---|\n";
    let rows = EXPORTED.iter().map(row);
    let table: String = std::iter::once(head.to_owned()).chain(rows).collect();
    section::holds("docs/operations.md", "metrics", &table);
    for command in ["worker", "local", "listen"] {
        let own = EXPORTED.iter();
        let own = own.filter(|metric| metric.commands.contains(&command));
        assert!(own.map(|metric| metric.series).sum::<usize>() <= MOST);
    }
}
