//! The cost of a backfill, with the formula.
//!
//! Prices are those of AWS in US East (N. Virginia) without any free tier, as
//! published in 2026; other regions differ by a few tens of percent. They are
//! shown with every estimate, because an amount without its formula is a rumor.
//! `docs/operations.md` has the same model in a table that is made by this code.

use serde::Serialize;

use super::{BATCH, Survey};

/// S3 Standard: PUT, COPY, POST and LIST, in dollars for a request.
const PUT: f64 = 0.005 / 1_000.0;
/// S3 Standard: GET and HEAD, in dollars for a request.
const GET: f64 = 0.000_4 / 1_000.0;
/// SQS standard queues, in dollars for a request.
const QUEUE: f64 = 0.4 / 1_000_000.0;
/// Lambda: an invocation, in dollars.
const INVOCATION: f64 = 0.2 / 1_000_000.0;
/// Lambda on x86: a second of one GB, in dollars.
const GIGABYTE_SECOND: f64 = 0.000_016_666_7;

/// The cost of a backfill.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// Objects that are sources.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Messages that are sent at most.
    pub messages: u64,
    /// Thumbnails that are written at most.
    pub thumbnails: u64,
    /// The items of the bill.
    pub items: Vec<Item>,
    /// The sum, in dollars.
    pub dollars: f64,
}

/// One item of the bill.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// Its name, and the reason for the count.
    pub what: String,
    /// Number of them.
    pub count: f64,
    /// The price of one, in dollars.
    pub price: f64,
}

impl Item {
    /// The price of all, in dollars.
    pub fn dollars(&self) -> f64 {
        self.count * self.price
    }
}

/// Choices that cost requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choices {
    /// A manifest is written for each source.
    pub told: bool,
    /// Each object is looked at first.
    pub checked: bool,
}

impl Estimate {
    /// Memory of the function in GB, as AWS bills it: 1769 MB, with which it has
    /// one whole processor. `serverless.yml` deploys it with as much.
    pub const GIGABYTES: f64 = 1_769.0 / 1_024.0;

    /// Seconds of the function for each object. A photograph of 12 megapixels
    /// with three thumbnails takes 0.041 s beside its store (BENCHMARKS.md); the
    /// rest allows for TLS and the distance to S3, which were not measured.
    pub const SECONDS: f64 = 0.1;

    /// The cost of sending `messages` messages after `survey`, and of making
    /// `presets` thumbnails for each, and a manifest, if `told`; and of asking first
    /// whether each object has them, if `checked`.
    pub fn new(survey: &Survey, messages: u64, presets: usize, choices: Choices) -> Self {
        Self::of_seconds(survey, messages, presets, choices, Self::SECONDS)
    }

    /// The same for objects that take the function so many seconds each.
    pub fn of_seconds(
        survey: &Survey,
        messages: u64,
        presets: usize,
        Choices { told, checked }: Choices,
        seconds: f64,
    ) -> Self {
        let (sources, count) = (survey.objects as f64, messages as f64);
        let thumbnails = messages.saturating_mul(presets as u64);
        let batches = messages.div_ceil(BATCH as u64) as f64;
        let item = |what: &str, count: f64, price: f64| Item {
            what: what.to_owned(),
            count,
            price,
        };
        let mut items = vec![item(
            "S3 LIST, for the survey and for the run",
            2.0 * survey.pages as f64,
            PUT,
        )];
        if checked {
            // A manifest is looked for, and read.
            let heads = sources * (presets as f64 + if told { 3.0 } else { 1.0 });
            items.push(item(
                "S3 HEAD and GET, at most, to find what is missing",
                heads,
                GET,
            ));
        }
        items.extend([
            item(
                "SQS requests, at most: send, receive, delete",
                3.0 * count,
                QUEUE,
            ),
            item(
                "S3 GET and HEAD: read a source, look at it again",
                if told { 3.0 } else { 2.0 } * count,
                GET,
            ),
            item("S3 PUT: write its thumbnails", thumbnails as f64, PUT),
        ]);
        if told {
            let what = "S3 PUT: write its manifest; to remove an older one is free";
            items.push(item(what, count, PUT));
        }
        items.extend([
            item("Lambda invocations of ten messages", batches, INVOCATION),
            item(
                &format!(
                    "Lambda GB-seconds: {:.3} GB for {} s an object, assumed",
                    Self::GIGABYTES,
                    (seconds * 1e4).round() / 1e4
                ),
                (Self::GIGABYTES * seconds * count).ceil(),
                GIGABYTE_SECOND,
            ),
        ]);
        Self {
            objects: survey.objects,
            bytes: survey.bytes,
            messages,
            thumbnails,
            dollars: items.iter().map(Item::dollars).sum(),
            items,
        }
    }
}
