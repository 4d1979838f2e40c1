//! Configuration of a redrive: two queues, and no buckets.

use super::read::{Mistakes, Reader};
use super::variables::{self, Variable};

/// The two queues of a redrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queues {
    /// The dead-letter queue.
    pub dead_letters: String,
    /// The source queue, which letters are sent to.
    pub source: String,
    /// Filter for the log.
    pub log_filter: String,
}

impl Queues {
    /// Read the variables that `lookup` knows.
    ///
    /// # Errors
    /// With all mistakes at once.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(lookup);
        let mut needed = |variable: &Variable, why| {
            let value = reader.text(variable);
            if value.is_none() {
                reader.lacks(variable, why);
            }
            value.unwrap_or_default()
        };
        let queues = Self {
            dead_letters: needed(
                &variables::DEAD_LETTER_QUEUE_URL,
                "dead letters are taken from it",
            ),
            source: needed(&variables::SOURCE_QUEUE_URL, "dead letters are sent to it"),
            log_filter: reader.log_filter(),
        };
        reader.finish(queues)
    }

    /// Read the variables of this process.
    ///
    /// # Errors
    /// With all mistakes at once.
    pub fn from_environment() -> Result<Self, Mistakes> {
        Self::read(|name| std::env::var(name).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Mistake;
    use super::*;

    #[test]
    fn a_redrive_needs_both_queues_and_no_bucket() {
        let mistakes = Queues::read(|_| None).unwrap_err();
        let variables: Vec<_> = mistakes.0.iter().filter_map(Mistake::variable).collect();
        assert_eq!(variables, ["DEAD_LETTER_QUEUE_URL", "SOURCE_QUEUE_URL"]);
        let queues = Queues::read(|name| name.ends_with("_URL").then(|| name.to_owned()));
        assert_eq!(queues.unwrap().source, "SOURCE_QUEUE_URL");
    }
}
