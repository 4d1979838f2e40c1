//! One model of costs: `thimble backfill`, `docs/operations.md`, the benchmark.

use thimble::backfill::{Choices, Estimate, Item, Survey};

use crate::stack::{self, Parameter};
use crate::{benchmarks, checkout, section};

const MILLION: u64 = 1_000_000;
const THUMBNAILS: usize = 3;

/// The cost of a million images that events tell of, one message and manifest each.
fn a_million() -> Estimate {
    let survey = Survey {
        objects: MILLION,
        ..Survey::default()
    };
    let choices = Choices {
        told: true,
        ..Choices::default()
    };
    Estimate::new(&survey, MILLION, THUMBNAILS, choices)
}

/// The items that cost something, with the count and the price of each.
fn items(estimate: &Estimate) -> impl Iterator<Item = &Item> {
    estimate.items.iter().filter(|item| item.count > 0.0)
}

/// A price without an exponent.
fn price(dollars: f64) -> String {
    format!("{dollars:.10}").trim_end_matches('0').to_owned()
}

#[test]
fn the_cost_of_a_million_images_is_that_of_the_estimate() {
    let estimate = a_million();
    let mut text = "| item | count | price, $ | cost, $ |\n|---|--:|--:|--:|\n".to_owned();
    for item in items(&estimate) {
        text += &format!(
            "| {} | {} | {} | {:.2} |\n",
            item.what,
            item.count,
            price(item.price),
            item.dollars()
        );
    }
    text += &format!("| **together** | | | **{:.2}** |\n", estimate.dollars);
    section::holds("docs/operations.md", "cost", &text);
}

/// The benchmark of the function works its figures out with the same prices.
#[test]
fn the_benchmark_has_the_prices_of_the_estimate() {
    let script = checkout::read("bench/function.py");
    let prices = script
        .lines()
        .find_map(|line| line.strip_prefix("GB_SECOND, INVOCATION, PUT, GET, HEAD, MESSAGE = "))
        .expect("function.py has its prices in one line");
    let prices: Vec<f64> = prices
        .split(", ")
        .map(|price| price.parse().expect("a price"))
        .collect();
    let estimate = a_million();
    let of = |words: &str| {
        let item = items(&estimate).find(|item| item.what.contains(words));
        item.map(|item| item.price)
            .expect("an item of the estimate")
    };
    let read = of("S3 GET and HEAD");
    let expected = [
        of("Lambda GB-seconds"),
        of("Lambda invocations"),
        of("S3 PUT"),
        read,
        read,
        of("SQS requests"),
    ];
    assert_eq!(prices.len(), expected.len());
    for (price, expected) in prices.iter().zip(expected) {
        assert!(
            (price - expected).abs() < 1e-15,
            "{price} is not {expected}"
        );
    }
}

/// The estimate allows for more than was measured beside a store, by no more
/// than a factor of three.
#[test]
fn the_seconds_of_the_estimate_are_those_that_were_measured_with_room_to_spare() {
    let measured = benchmarks::table("image | ms of a call");
    let (_, figures) = measured
        .iter()
        .find(|(image, _)| image == "p12.jpg")
        .expect("a photograph of 12 megapixels was measured");
    let seconds = figures[0] / 1_000.0;
    let range = seconds..=3.0 * seconds;
    assert!(
        range.contains(&Estimate::SECONDS),
        "{} s are assumed, and {seconds} s were measured",
        Estimate::SECONDS
    );
}

#[test]
fn the_memory_of_the_estimate_is_that_of_the_stack() {
    let parameters = stack::parameters();
    let memory = parameters
        .iter()
        .find(|Parameter { name, .. }| name == "memory")
        .and_then(|Parameter { default, .. }| default.as_deref())
        .and_then(|default| default.parse::<f64>().ok());
    assert_eq!(
        memory.map(|megabytes| megabytes / 1_024.0),
        Some(Estimate::GIGABYTES)
    );
}
