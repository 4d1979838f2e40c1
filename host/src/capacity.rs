//! Capacity of a deployment on AWS for a number of images a second: executions, partitions,
//! ramp, cost, and the limit that comes first.
//!
//! Service times are measured, limits are published, and each figure has its source.
//! `make capacity` writes the figures, and the tables of `docs/capacity.md` from the same.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::backfill::{Choices, Estimate, Survey};

/// The figures, as `bench/capacity.py` writes them.
const FIGURES: &str = include_str!("capacity/figures.json");

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// Images for which the cost is reckoned.
const MILLION: u64 = 1_000_000;

/// Room for what a sum of decimal fractions is off.
const EPSILON: f64 = 1e-9;

/// A load to plan for.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// Images a second.
    pub rate: f64,
    /// Size of an image in megabytes.
    pub megabytes: f64,
    /// Thumbnails of each.
    pub thumbnails: usize,
    /// A manifest of each is written.
    pub manifests: bool,
}

/// A figure with its source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Its source.
    pub source: String,
}

/// A limit as images a second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Wall {
    /// Name of the limit.
    pub name: String,
    /// The limit itself.
    pub value: f64,
    /// Images a second that it allows, if nothing else did.
    pub images: f64,
    /// True if the load is above it.
    pub exceeded: bool,
    /// Its source.
    pub source: String,
}

/// A plan for a load.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// Seconds of the function for an image, planned with.
    pub seconds: f64,
    /// Source of the seconds.
    pub measured: String,
    /// Executions at one time.
    pub executions: u64,
    /// Seconds until all of them run.
    pub ramp: u64,
    /// Requests that write to the bucket of the thumbnails, a second.
    pub puts: f64,
    /// Requests that read from the bucket of the sources, a second.
    pub gets: f64,
    /// Partitions of the bucket of the thumbnails.
    pub partitions_of_thumbnails: u64,
    /// Partitions of the bucket of the sources.
    pub partitions_of_sources: u64,
    /// Cores of workers in the place of the function.
    pub cores: u64,
    /// Cost of a million images, with the items of the bill.
    pub million: Estimate,
    /// Cost of a day at this rate, in dollars.
    pub dollars_a_day: f64,
    /// Limits as they are by default, the lowest first.
    pub walls: Vec<Wall>,
}

/// The figures that plans are made of.
#[derive(Clone, Debug, Deserialize)]
pub struct Figures {
    /// Measured images, the smaller first.
    images: Vec<Image>,
    #[serde(flatten)]
    limits: BTreeMap<String, Figure>,
}

/// An image that was measured.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Image {
    /// Its name.
    pub name: String,
    /// Its size.
    pub megabytes: f64,
    /// Seconds of a call beside its store.
    pub beside: f64,
    /// Seconds on AWS, planned with.
    pub seconds: f64,
    /// Images a second on a core of a worker.
    pub core: f64,
    /// Thumbnails that were made of it.
    pub thumbnails: usize,
    /// Source of the figures.
    pub source: String,
}

impl Figures {
    /// The figures of this version.
    ///
    /// # Errors
    /// If they were not made by this version.
    pub fn of_this_version() -> Result<Self, serde_json::Error> {
        serde_json::from_str(FIGURES)
    }

    /// The measured image of this name.
    pub fn image(&self, name: &str) -> Option<&Image> {
        self.images.iter().find(|image| image.name == name)
    }

    /// The limit of this name, if there is one: one that is not there allows anything.
    pub fn limit(&self, name: &str) -> Figure {
        let unlimited = || Figure {
            name: name.to_owned(),
            value: f64::INFINITY,
            source: String::new(),
        };
        self.limits.get(name).cloned().unwrap_or_else(unlimited)
    }

    /// A figure for an image of this size: on the line through those that were measured, and
    /// that of the smallest for any smaller.
    fn at(&self, megabytes: f64, of: impl Fn(&Image) -> f64) -> f64 {
        let [.., small, large] = self.images.as_slice() else {
            return self.images.first().map_or(0.0, of);
        };
        let share = (megabytes - small.megabytes) / (large.megabytes - small.megabytes);
        of(small) + share.max(0.0) * (of(large) - of(small))
    }
}

impl Plan {
    /// The plan for a load.
    pub fn new(load: &Load, figures: &Figures) -> Self {
        let limit = |name| figures.limit(name).value;
        let measured = figures.images.first();
        // Decoding is most of the time; thumbnails beyond those measured are assumed to take
        // their share of all of it.
        let usual = measured
            .map_or(load.thumbnails, |image| image.thumbnails)
            .max(1);
        let more = (load.thumbnails as f64 / usual as f64).max(1.0);
        let network = load.megabytes / limit("network");
        let seconds = (figures.at(load.megabytes, |image| image.seconds) * more).max(network);
        let worked = figures.at(load.megabytes, |image| 1.0 / image.core) * more;
        let writes = load.thumbnails as f64 + f64::from(u8::from(load.manifests));
        let reads = if load.manifests { 3.0 } else { 2.0 };
        let executions = whole(load.rate * seconds);
        let choices = Choices {
            told: load.manifests,
            checked: false,
        };
        let survey = Survey {
            objects: MILLION,
            ..Survey::default()
        };
        let million = Estimate::of_seconds(&survey, MILLION, load.thumbnails, choices, seconds);
        Self {
            seconds,
            measured: measured
                .map(|image| image.source.clone())
                .unwrap_or_default(),
            executions,
            ramp: whole((executions as f64 - limit("start")) / limit("ramp")),
            puts: load.rate * writes,
            gets: load.rate * reads,
            partitions_of_thumbnails: whole(load.rate * writes / limit("puts")),
            partitions_of_sources: whole(load.rate * reads / limit("gets")),
            cores: whole(load.rate * worked),
            dollars_a_day: load.rate * DAY * million.dollars / MILLION as f64,
            million,
            walls: walls(load, figures, seconds, (writes, reads)),
        }
    }

    /// The first limit that the load is above.
    pub fn first_wall(&self) -> Option<&Wall> {
        self.walls.iter().find(|wall| wall.exceeded)
    }
}

/// The limits as images a second, the lowest first.
fn walls(load: &Load, figures: &Figures, seconds: f64, (writes, reads): (f64, f64)) -> Vec<Wall> {
    let batch = figures.limit("batch").value;
    let mut walls: Vec<Wall> = [
        ("maxConcurrency", seconds),
        ("puts", writes),
        ("gets", reads),
        ("kms", writes + 1.0),
        ("batches", seconds),
        ("executions", seconds),
        ("inFlight", batch * seconds),
    ]
    .into_iter()
    .map(|(name, each)| {
        let Figure {
            name,
            value,
            source,
        } = figures.limit(name);
        let images = value / each;
        Wall {
            name,
            value,
            images,
            exceeded: load.rate > images * (1.0 + EPSILON),
            source,
        }
    })
    .collect();
    walls.sort_by(|one, other| one.images.total_cmp(&other.images));
    walls
}

/// The whole number that is enough.
fn whole(number: f64) -> u64 {
    // A float becomes the nearest number that there is.
    (number - EPSILON).ceil().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(rate: f64, image: &str, thumbnails: usize) -> (Load, Figures) {
        let figures = Figures::of_this_version().unwrap();
        let megabytes = figures.image(image).unwrap().megabytes;
        let load = Load {
            rate,
            megabytes,
            thumbnails,
            manifests: true,
        };
        (load, figures)
    }

    #[test]
    fn executions_are_the_rate_times_the_time_and_the_bill_is_that_of_a_backfill() {
        let (load, figures) = load(1_000.0, "photo", 3);
        let plan = Plan::new(&load, &figures);
        assert_eq!(plan.executions, whole(1_000.0 * Estimate::SECONDS));
        let survey = Survey::default();
        let choices = Choices {
            told: true,
            checked: false,
        };
        let bill = Estimate::new(&survey, MILLION, 3, choices).dollars;
        assert_eq!(plan.dollars_a_day, 86.4 * bill);
        assert_eq!(plan.first_wall().unwrap().name, "maxConcurrency");
        assert_eq!((plan.puts, plan.gets), (4_000.0, 3_000.0));
        assert_eq!(
            (plan.partitions_of_thumbnails, plan.partitions_of_sources),
            (2, 1)
        );
    }

    #[test]
    fn a_plan_grows_with_its_load() {
        let (small, figures) = load(10.0, "small", 3);
        let of = |load: &Load| Plan::new(load, &figures);
        let least = of(&small);
        assert!(least.first_wall().is_none());
        assert_eq!(least.ramp, 0);
        for (grown, is_more) in [
            (
                Load {
                    megabytes: 40.0,
                    ..small.clone()
                },
                true,
            ),
            (
                Load {
                    thumbnails: 9,
                    ..small.clone()
                },
                true,
            ),
            (
                Load {
                    megabytes: 0.001,
                    ..small.clone()
                },
                false,
            ),
            (
                Load {
                    thumbnails: 1,
                    ..small.clone()
                },
                false,
            ),
        ] {
            let plan = of(&grown);
            assert_eq!(plan.seconds > least.seconds, is_more, "{grown:?}");
        }
        let without = Load {
            manifests: false,
            ..small
        };
        assert!(of(&without).dollars_a_day < least.dollars_a_day);
    }

    #[test]
    fn every_limit_has_a_value_and_a_source() {
        let (load, figures) = load(1.0, "photo", 3);
        let plan = Plan::new(&load, &figures);
        assert_eq!(plan.walls.len(), 7);
        for wall in &plan.walls {
            assert!(
                wall.images.is_finite() && !wall.source.is_empty(),
                "{wall:?}"
            );
        }
        for name in ["start", "ramp", "network", "batch"] {
            assert!(figures.limit(name).value.is_finite(), "{name}");
        }
    }
}
