//! Metrics of a host: their names and units, in one place.
//!
//! Dashboards and alarms are written in these names; a test holds those of
//! `deploy/dashboard.js` against them.

/// The namespace that all metrics are under.
pub const NAMESPACE: &str = "Thimble";

/// The unit of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Milliseconds,
}

impl Unit {
    /// The word of CloudWatch.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Bytes => "Bytes",
            Self::Milliseconds => "Milliseconds",
        }
    }
}

macro_rules! metrics {
    ($($(#[$doc:meta])* $name:ident: $unit:ident,)+) => {
        /// A metric. It is called what its variant is called.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Metric {
            $($(#[$doc])* $name,)+
        }

        impl Metric {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// The unit.
            pub fn unit(self) -> Unit {
                match self {
                    $(Self::$name => Unit::$unit,)+
                }
            }
        }
    };
}

metrics! {
    /// Objects that were worked on.
    Objects: Count,
    /// Objects whose thumbnails are written.
    Done: Count,
    /// Objects, or dead letters, that were left alone.
    Skipped: Count,
    /// Objects that trying again cannot help.
    Rejected: Count,
    /// Objects that are tried again.
    Retried: Count,
    /// Messages that became dead letters.
    DeadLetters: Count,
    /// Failures, by their kind.
    Errors: Count,
    /// Thumbnails that were written.
    Thumbnails: Count,
    /// The size of sources.
    SourceBytes: Bytes,
    /// The size of thumbnails.
    ThumbnailBytes: Bytes,
    /// The time an object took, waiting included.
    Duration: Milliseconds,
    /// The part of it in which the source was read.
    GetDuration: Milliseconds,
    /// The part of it in which an engine worked, or was waited for.
    GenerateDuration: Milliseconds,
    /// The part of it in which thumbnails were written.
    PutDuration: Milliseconds,
    /// First invocations of a process.
    ColdStart: Count,
    /// Looks at the channel of engines.
    EngineChecks: Count,
    /// Looks after which the channel could not be followed.
    EngineProblems: Count,
    /// Engines that became live.
    EngineSwaps: Count,
    /// Engines that were tried and refused.
    EngineRefusals: Count,
    /// Engines whose compiling was given up.
    EngineCompilesGivenUp: Count,
    /// Sources that a canary was given.
    CanaryCalls: Count,
    /// Sources that a canary failed with, and the current engine did not.
    CanaryFailures: Count,
    /// Looks at the configuration file.
    ConfigChecks: Count,
    /// Looks after which the configuration file could not be followed.
    ConfigProblems: Count,
    /// Configuration files that were put in force.
    ConfigSwaps: Count,
    /// Dead letters that a redrive moved.
    Moved: Count,
    /// Dead letters that a redrive could not move.
    Failed: Count,
    /// Dead letters that a redrive left.
    Left: Count,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dashboard_shows_metrics_that_there_are() {
        let dashboard = include_str!("../../deploy/dashboard.js");
        assert!(dashboard.contains(&format!("Namespace=\"{NAMESPACE}\"")));
        let is_ours = |line: &&str| line.contains("own(") && !line.contains("const own");
        let mut shown = 0;
        for line in dashboard.lines().filter(is_ours) {
            // The first text of a graph is its title, and none is `Sum`.
            let quoted = line.split('\'').skip(1).step_by(2).skip(1);
            for name in quoted.filter(|text| *text != "Sum") {
                assert!(
                    Metric::ALL.iter().any(|metric| metric.name() == name),
                    "{name} is shown, and is no metric"
                );
                shown += 1;
            }
        }
        assert!(shown >= 10, "{shown} are shown");
    }
}
