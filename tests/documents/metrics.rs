//! Metrics that the dashboard shows are metrics that the host writes.

use std::fs;
use std::path::Path;

use crate::checkout;

/// The text of every source file below a folder.
fn source(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            text += &source(&path);
        } else {
            text += &fs::read_to_string(path).unwrap_or_default();
        }
    }
    text
}

/// The words in single quotes within calls of `own` and within lists that are
/// mapped to it.
fn shown() -> Vec<String> {
    let dashboard = checkout::read("deploy/dashboard.js");
    let lines = dashboard.lines().filter(|line| line.contains("own("));
    let quoted = lines.flat_map(|line| line.split('\'').skip(1).step_by(2));
    quoted
        .filter(|word| word.starts_with(char::is_uppercase) && !word.contains(' '))
        .filter(|word| *word != "Sum")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_dashboard_shows_what_the_host_counts() {
    let host = source(&checkout::path("host/src"));
    let shown = shown();
    assert!(shown.len() >= 8, "these are all metrics: {shown:?}");
    for metric in shown {
        let is_written = host.contains(&format!("\"{metric}\""));
        assert!(is_written, "the host writes no metric {metric}");
    }
}
