//! One model of capacity: `thimble plan`, and the tables of `docs/capacity.md`.

use thimble::capacity::{Figures, Load, Plan};
use thimble::text::grouped;

use crate::checkout;

/// Rows of the table of loads: images a second, their kind, and the cells behind.
fn rows() -> Vec<(f64, String, Vec<String>)> {
    let page = checkout::read("docs/capacity.md");
    let (_, table) = page
        .split_once("<!-- loads:start -->")
        .expect("the page has a table of loads");
    let (table, _) = table.split_once("<!-- loads:end -->").expect("an end");
    let cells = |line: &str| -> Vec<String> {
        let inner = line.trim().trim_matches('|').split('|');
        inner.map(|cell| cell.trim().to_owned()).collect()
    };
    let rows = table.trim().lines().skip(2).map(|line| {
        let cells = cells(line);
        let (rate, kind) = cells[0].split_once(' ').expect("a rate and a kind");
        let rate = rate.replace(',', "").parse().expect("a rate");
        (rate, kind.to_owned(), cells[1..].to_vec())
    });
    let rows: Vec<_> = rows.collect();
    assert!(rows.len() >= 8, "these are all rows: {rows:?}");
    rows
}

#[test]
fn a_plan_says_what_the_page_says() {
    let figures = Figures::of_this_version().expect("the figures are those of this version");
    for (rate, kind, cells) in rows() {
        let name = if kind == "photos" { "photo" } else { &kind };
        let kind = figures.image(name).expect("a measured image");
        let load = Load {
            rate,
            megabytes: kind.megabytes,
            thumbnails: kind.thumbnails,
            manifests: true,
        };
        let plan = Plan::new(&load, &figures);
        let found = [
            plan.executions as f64,
            plan.ramp as f64,
            plan.partitions_of_thumbnails as f64,
            plan.partitions_of_sources as f64,
            plan.dollars_a_day,
        ]
        .map(|figure| grouped(figure.round_ties_even() as u64));
        let told = [&cells[0], &cells[1], &cells[2], &cells[3], &cells[5]];
        assert_eq!(found.each_ref(), told, "{rate} {}", kind.name);
        let first = plan.first_wall().map(|wall| wall.name.as_str());
        let (said, _) = cells[6].split_once(',').unwrap_or((&cells[6], ""));
        assert_eq!(
            first.unwrap_or("none"),
            said.trim_matches('`'),
            "{rate} {}",
            kind.name
        );
    }
}
