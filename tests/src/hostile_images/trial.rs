//! A kind of hostile image, given to an engine.

use std::collections::BTreeSet;
use std::time::Duration;

use thimble::contract::{Budget, Error, Limits};

use super::{Kind, Verdict};
use crate::sandbox::{Allowance, Answer, Cost, Sandbox};

/// Allowance of an engine for a hostile image: the memory that a host gives it by
/// default, but only two seconds.
pub const ALLOWANCE: Allowance = Allowance {
    memory: Budget::MEMORY,
    time: Duration::from_secs(2),
};

/// Result of trying a kind of hostile image.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Name of the kind.
    pub name: &'static str,
    /// Number of sources.
    pub sources: usize,
    /// Every verdict that there was.
    pub verdicts: BTreeSet<Verdict>,
    /// The most that any of them took.
    pub worst: Cost,
    /// Answers that were not as expected, or did not come.
    pub failures: Vec<String>,
}

impl Trial {
    /// Makes a thumbnail of each source of a kind, as long as there is one.
    #[must_use]
    pub fn of(kind: &Kind, sandbox: &Sandbox, allowance: Allowance) -> Trial {
        let sources = kind.sources();
        let mut trial = Trial {
            name: kind.name,
            sources: sources.len(),
            verdicts: BTreeSet::new(),
            worst: Cost::default(),
            failures: vec![],
        };
        for (number, source) in sources.iter().enumerate() {
            let (answer, cost) = sandbox.measure(
                source,
                &[crate::spec(kind.preset)],
                Limits::default(),
                allowance,
            );
            trial.worst = Cost {
                time: trial.worst.time.max(cost.time),
                memory: trial.worst.memory.max(cost.memory),
            };
            let failure = match answer {
                Err(death) => Some(format!("the engine {death}")),
                Ok(answer) => trial.judge(kind.expected, &answer),
            };
            if let Some(failure) = failure {
                trial
                    .failures
                    .push(format!("{} ({number}): {failure}", kind.name));
            }
        }
        trial
    }

    fn judge(&mut self, expected: Verdict, answer: &Answer) -> Option<String> {
        let verdict = match answer {
            Ok(output) if output.thumbnails.len() == 1 => Verdict::Thumbnail,
            Ok(output) => return Some(format!("{} thumbnails", output.thumbnails.len())),
            Err(Error::MalformedSource(_)) => Verdict::Malformed,
            Err(Error::UnsupportedFormat(_)) => Verdict::Unsupported,
            Err(Error::LimitExceeded(_)) => Verdict::Limit,
            Err(error) => return Some(error.to_string()),
        };
        self.verdicts.insert(verdict);
        let wrong = expected != Verdict::Answer && verdict != expected;
        wrong.then(|| {
            let said = answer.as_ref().err().map(ToString::to_string);
            let (found, wanted) = (verdict.words(), expected.words());
            format!("{found} instead of {wanted}: {}", said.unwrap_or_default())
        })
    }
}
