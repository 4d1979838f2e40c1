//! Memory of what a host did last: bounded, whatever comes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use crate::letter;
use crate::object::Location;
use crate::ports::EngineIdentity;
use crate::report::{Counts, MessageReport, ObjectReport, Stages};
use crate::trust::Digest;

use super::rate::Rate;

/// Images that are remembered.
pub(super) const IMAGES: usize = 100;

/// Swaps of engines that are remembered, the engine of the start included.
pub(super) const SWAPS: usize = 20;

/// Dead letters that are remembered, for queues that show theirs only by handing them out.
pub(super) const LETTERS: usize = 1_000;

/// Thumbnails of an image that are remembered.
const THUMBNAILS: usize = 8;

/// The longest key that is remembered, in bytes: more than a bucket or a path has. An event may
/// have a longer one.
const LONGEST_KEY: usize = 4_096;

/// Warnings about an image that are remembered.
const WARNINGS: usize = 3;

/// Minutes of which the number of images is remembered.
pub(super) const MINUTES: usize = 60;

/// An image that was worked on.
#[derive(Clone, Debug)]
pub(super) struct Image {
    /// Its number, which no other has.
    pub(super) number: u64,
    /// The source.
    pub(super) source: Location,
    /// The end of the work.
    pub(super) at: SystemTime,
    /// Time that it took, waiting included.
    pub(super) took: Duration,
    /// Result of the work.
    pub(super) result: Result<Thumbnails, Failed>,
}

/// Thumbnails of an image.
#[derive(Clone, Debug)]
pub(super) struct Thumbnails {
    /// The keys of the first ones.
    pub(super) keys: Vec<String>,
    /// Number of all.
    pub(super) count: usize,
    /// Bytes of the source, and of all thumbnails.
    pub(super) bytes: (u64, u64),
    /// Time of each stage.
    pub(super) stages: Stages,
    /// The first warnings.
    pub(super) warnings: Vec<String>,
    /// The engine that made them.
    pub(super) engine: Option<Arc<EngineIdentity>>,
}

/// Failure of an image.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    /// The kind of failure.
    pub(super) kind: &'static str,
    /// The reason, for people.
    pub(super) reason: String,
    /// True if it is a dead letter now, and false if it is tried again.
    pub(super) is_dead: bool,
}

/// A dead letter that was sent by this process.
#[derive(Clone, Debug)]
pub(super) struct Sent {
    /// Its number, which no other has.
    pub(super) number: u64,
    /// The work that was asked for.
    pub(super) work: Digest,
    /// The image it speaks of, if it could be read so far.
    pub(super) source: Option<Location>,
    /// Time of sending.
    pub(super) at: SystemTime,
    /// The kind of failure.
    pub(super) kind: &'static str,
    /// The reason, for people.
    pub(super) reason: String,
    /// Digest of the engine that failed, if one did.
    pub(super) engine: Option<String>,
}

/// The moment at which an engine became live.
#[derive(Clone, Debug)]
pub(super) struct Swap {
    /// The moment, or that at which it was noticed.
    pub(super) at: SystemTime,
    /// The engine.
    pub(super) engine: Arc<EngineIdentity>,
}

/// Memory of what a host did last.
#[derive(Debug)]
pub(super) struct Recent {
    /// Images, the newest first, each once.
    pub(super) images: VecDeque<Image>,
    /// Dead letters, the newest first.
    pub(super) letters: VecDeque<Sent>,
    /// Engines, the newest first.
    pub(super) swaps: VecDeque<Swap>,
    /// Images with thumbnails, and dead letters, in each second and in each minute.
    pub(super) seconds: Rate,
    pub(super) minutes: Rate,
    /// Counts since the start.
    pub(super) counts: Counts,
    /// The start.
    pub(super) begun: SystemTime,
    next: u64,
}

impl Recent {
    /// A memory that begins now.
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            images: VecDeque::with_capacity(IMAGES),
            letters: VecDeque::new(),
            swaps: VecDeque::with_capacity(SWAPS),
            seconds: Rate::new(Duration::from_secs(1), 60, now),
            minutes: Rate::new(Duration::from_secs(60), MINUTES, now),
            counts: Counts::default(),
            begun: SystemTime::now(),
            next: 0,
        }
    }

    /// Remember what became of a message.
    pub(super) fn hear(&mut self, report: &MessageReport) {
        self.counts.add(report);
        let at = SystemTime::now();
        for object in &report.objects {
            self.object(report, object, at);
        }
    }

    fn object(&mut self, report: &MessageReport, object: &ObjectReport, at: SystemTime) {
        let result = match &object.result {
            // There was nothing to do, or something was removed.
            Ok(outcome) if outcome.written.is_empty() => return,
            Ok(outcome) => Ok(Thumbnails {
                keys: outcome.written.iter().take(THUMBNAILS).cloned().collect(),
                count: outcome.written.len(),
                bytes: (outcome.bytes, outcome.bytes_written),
                stages: outcome.took,
                warnings: outcome.warnings.iter().take(WARNINGS).cloned().collect(),
                engine: outcome.engine.clone(),
            }),
            Err(error) => Err(Failed {
                kind: error.verdict().kind,
                reason: letter::reason(error),
                is_dead: report.dead_lettered,
            }),
        };
        let source = object.location.as_ref().map(remembered);
        match &result {
            Ok(_) => self.count(1, 0),
            Err(failed) if failed.is_dead => {
                self.count(0, 1);
                let engine = object.result.as_ref().err();
                let engine = engine.and_then(|error| error.engine_digest());
                self.next += 1;
                let sent = Sent {
                    number: self.next,
                    work: letter::work(&report.origin),
                    source: source.clone(),
                    at,
                    kind: failed.kind,
                    reason: failed.reason.clone(),
                    engine: engine.map(str::to_owned),
                };
                keep(&mut self.letters, sent, LETTERS);
            }
            Err(_) => {}
        }
        if let Some(source) = source {
            self.images.retain(|known| known.source != source);
            self.next += 1;
            let image = Image {
                number: self.next,
                source,
                at,
                took: object.took,
                result,
            };
            keep(&mut self.images, image, IMAGES);
        }
    }

    fn count(&mut self, made: u64, failed: u64) {
        let now = Instant::now();
        self.seconds.count(now, made, failed);
        self.minutes.count(now, made, failed);
    }

    /// Remember the engine that is live. True if it is another one.
    pub(super) fn live(&mut self, engine: &Arc<EngineIdentity>) -> bool {
        let known = self.swaps.front();
        if known.is_some_and(|swap| swap.engine == *engine) {
            return false;
        }
        let swap = Swap {
            at: SystemTime::now(),
            engine: engine.clone(),
        };
        keep(&mut self.swaps, swap, SWAPS);
        true
    }
}

/// `location` as it is remembered: a key that no store can have is cut off.
pub(super) fn remembered(location: &Location) -> Location {
    let cut_off = |text: &str| match text.len() > LONGEST_KEY {
        true => format!("{}…", &text[..text.floor_char_boundary(LONGEST_KEY)]),
        false => text.to_owned(),
    };
    Location::new(cut_off(&location.bucket), cut_off(&location.key))
}

/// Put `newest` before the others, of which the oldest goes when there are more than `most`.
fn keep<T>(all: &mut VecDeque<T>, newest: T, most: usize) {
    all.push_front(newest);
    all.truncate(most);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::ports::Message;
    use crate::report::Outcome;

    fn report(key: &str, result: Result<Outcome, Error>) -> MessageReport {
        let object = ObjectReport {
            location: Some(Location::new("images", key)),
            result,
            took: Duration::ZERO,
        };
        MessageReport::new(&Message::direct(key, ""), vec![object])
    }

    fn made(thumbnails: usize) -> Result<Outcome, Error> {
        Ok(Outcome {
            written: vec!["k".repeat(1_024); thumbnails],
            ..Outcome::default()
        })
    }

    #[test]
    fn a_memory_has_bounds_and_the_newest_in_it() {
        let mut recent = Recent::new();
        for number in 0..10 * LETTERS {
            recent.hear(&report(&format!("made-{number}"), made(50)));
            let error = Error::UnknownEvent("x".to_owned());
            let mut failed = report(&format!("failed-{number}"), Err(error));
            failed.dead_lettered = true;
            recent.hear(&failed);
            let engine = EngineIdentity {
                name: "e".to_owned(),
                version: number.to_string(),
                digest: String::new(),
            };
            recent.live(&Arc::new(engine));
        }
        assert_eq!(recent.images.len(), IMAGES);
        assert_eq!(recent.images[1].source.key, "made-9999");
        let of_one = recent.images[1].result.as_ref().unwrap();
        assert_eq!((of_one.keys.len(), of_one.count), (THUMBNAILS, 50));
        assert_eq!(recent.letters.len(), LETTERS);
        assert_eq!(recent.swaps.len(), SWAPS);
        assert_eq!(recent.swaps[0].engine.version, "9999");
    }

    /// Whoever may send events may name what no store can have.
    #[test]
    fn the_longest_names_are_cut_off() {
        let mut recent = Recent::new();
        let long = "ä".repeat(100_000);
        let mut failed = report(&long, Err(Error::UnknownEvent(long.clone())));
        failed.dead_lettered = true;
        recent.hear(&failed);
        let (image, letter) = (&recent.images[0], &recent.letters[0]);
        let key = &letter.source.as_ref().unwrap().key;
        assert!(
            key.len() <= LONGEST_KEY + 3 && key.ends_with('…'),
            "{}",
            key.len()
        );
        assert_eq!(*key, image.source.key);
        assert!(letter.reason.len() < 1_100, "{}", letter.reason.len());
        assert!(image.result.as_ref().unwrap_err().reason.len() < 1_100);
    }

    #[test]
    fn an_image_is_remembered_once_and_one_without_work_never() {
        let mut recent = Recent::new();
        recent.hear(&report("cat", Err(Error::OutOfTime)));
        recent.hear(&report("dog", made(1)));
        recent.hear(&report("cat", made(1)));
        recent.hear(&report("up-to-date", made(0)));
        let keys = recent.images.iter().map(|image| image.source.key.as_str());
        assert_eq!(keys.collect::<Vec<_>>(), ["cat", "dog"]);
        assert!(recent.images[0].result.is_ok());
    }
}
