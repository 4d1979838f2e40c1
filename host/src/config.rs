//! The configuration of a host that is set up by environment variables.
//!
//! It is read once, at the start. All mistakes are reported together, each with
//! its variable, its value and what was expected: otherwise each deployment of a
//! function would tell of one mistake only.
//!
//! ```
//! use thimble::config::Config;
//!
//! let set = |name: &str| match name {
//!     "THUMBNAILS_BUCKET" => Some("thumbnails".to_owned()),
//!     "CONCURRENCY" => Some("many".to_owned()),
//!     _ => None,
//! };
//! let mistakes = Config::read(set).unwrap_err();
//! assert_eq!(mistakes.to_string(), "CONCURRENCY: a whole number from 1 to 1024 is expected, not: many");
//! ```

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::batch::DeadLetterPolicy;
use crate::contract::{Budget, Limits};
use crate::engines::{self, ChannelName, EnginePlace, EngineStore, WithoutKey};
use crate::pipeline::{Filter, Settings};
use crate::ports::ObjectStore;
use crate::recipe::Recipes;
use crate::results::Target;
use crate::trust::{PublicKey, Trust};
use crate::wasm::CompileLimits;

pub mod file;
mod queues;
mod read;
mod recipes;
mod results;
mod variables;

pub use queues::Queues;

use file::{File, Given, Place, Version};
use read::Reader;
pub use read::{Mistake, Mistakes};
pub use variables::{Unset, VARIABLES, Variable};

/// The largest source that is read unless configured, in bytes: larger than
/// what cameras write, and with room for an engine beside it in a function of
/// 2 GB.
pub const MAX_SOURCE: u64 = 128 << 20;

/// The bytes of sources in memory at one time unless configured: enough for one
/// of the largest, or for a few photographs.
pub const MEMORY: u64 = 256 << 20;

/// `Cache-Control` of thumbnails unless configured: caches keep them for a day. A
/// thumbnail is replaced under its name when its source is.
pub const CACHE_CONTROL: &str = "public, max-age=86400";

/// The objects worked on at one time unless configured: as many as a batch of
/// SQS usually holds, so that downloads overlap with the work of the engine.
pub const CONCURRENCY: u64 = 10;

/// The age of news of a channel at which they are asked for again unless
/// configured, in seconds: a new engine is live within a minute, for one request
/// a minute.
pub const CHECK_SECONDS: u64 = 60;

/// The age of the last look at the configuration file at which there is another unless
/// configured, in seconds: a change is in force within a minute.
pub const CONFIG_SECONDS: u64 = 60;

/// Configuration of a host.
#[derive(Clone, Debug)]
pub struct Config {
    /// Settings of the pipeline.
    pub settings: Settings,
    /// The file that the recipes come from, if there is one.
    pub file: Option<Followed>,
    /// Receiver of results, if anybody waits for them.
    pub results: Option<Target>,
    /// Objects that are worked on side by side.
    pub concurrency: usize,
    /// Settings of dead letters.
    pub dead_letter: DeadLetter,
    /// The engine, if it is not the one that lies beside this program.
    pub engine: Option<PathBuf>,
    /// The most memory an engine may have, in bytes.
    pub engine_memory: u64,
    /// The longest an engine may take for one object.
    pub engine_time: Duration,
    /// Source of engines besides the package.
    pub engines: Engines,
    /// Filter for the log.
    pub log_filter: String,
}

/// Settings of dead letters.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// The queue that they are in.
    pub queue: Option<String>,
    /// Occasions on which this host sends any itself.
    pub policy: DeadLetterPolicy,
}

/// A configuration file that is followed.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The file.
    pub place: Place,
    /// The version that was read.
    pub version: Version,
    /// Settings from outside of it.
    pub given: Given,
    /// Age of the last look at which there is another.
    pub check_every: Duration,
}

/// Source of engines besides the package.
#[derive(Clone, Debug)]
pub struct Engines {
    /// The engine store; without one the engine of the package is all there is.
    pub store: Option<EnginePlace>,
    /// The channel that is followed.
    pub channel: ChannelName,
    /// The keys whose signatures count.
    pub keys: Vec<PublicKey>,
    /// Age at which the document of the channel is fetched anew.
    pub check_every: Duration,
    /// Fate of an engine that no key vouches for.
    pub without_key: WithoutKey,
    /// The most that compiling an engine may cost.
    pub compile: CompileLimits,
}

impl Config {
    /// Options for following the channel of engines.
    pub fn follow(&self) -> engines::Options {
        let Engines {
            channel,
            keys,
            check_every,
            without_key,
            ..
        } = &self.engines;
        engines::Options {
            channel: channel.clone(),
            trust: Trust::new(keys.clone()),
            check_every: *check_every,
            without_key: *without_key,
            recipes: self.settings.recipes.clone().into(),
            limits: self.settings.limits,
            budget: Budget {
                memory: usize::try_from(self.engine_memory).unwrap_or(usize::MAX),
                time: self.engine_time,
            },
            compile: self.engines.compile,
        }
    }

    /// The queue for dead letters and the policy for it, if this host sends any
    /// itself: at once, or the last time a message is handed out.
    pub fn dead_letters(&self) -> Option<(&str, DeadLetterPolicy)> {
        let DeadLetter { queue, policy } = &self.dead_letter;
        let is_ours = policy.at_once || policy.max_receive_count.is_some();
        let queue = queue.as_deref().filter(|_| is_ours);
        queue.map(|queue| (queue, *policy))
    }

    /// Read the variables that `lookup` knows, and the file that one of them names: if it is
    /// one, an object in `objects`, or what `engines` has for a channel.
    ///
    /// # Errors
    /// With all mistakes at once.
    pub async fn load(
        lookup: impl Fn(&str) -> Option<String>,
        objects: Option<&Arc<dyn ObjectStore>>,
        engines: Option<&EngineStore>,
    ) -> Result<Self, Mistakes> {
        let Some(place) = Self::place(&lookup) else {
            return Self::with(&lookup, None);
        };
        match place.read(objects, engines, None).await {
            Ok(Some((file, version))) => Self::with(&lookup, Some((&file, place, version))),
            Ok(None) => Self::with(&lookup, None),
            Err(unread) => {
                let mut reader = Reader::new(&lookup);
                let expected = format!("a configuration file ({unread})");
                let variable = &variables::THIMBLE_CONFIG;
                reader.mistake(variable, &place.to_string(), &expected);
                reader.fail(Self::with(&lookup, None))
            }
        }
    }

    /// The place of the configuration file, if the variables that `lookup` knows name one.
    pub fn place(lookup: impl Fn(&str) -> Option<String>) -> Option<Place> {
        let mut reader = Reader::new(lookup);
        let text = reader.text(&variables::THIMBLE_CONFIG)?;
        // Mistakes in these are told where all of them are read.
        let Engines { keys, .. } = engines(&mut reader);
        Some(Place::of(&text).believing(Trust::new(keys)))
    }

    /// The place of the engine store, if the variables that `lookup` knows name one.
    pub fn engine_store(lookup: impl Fn(&str) -> Option<String>) -> Option<EnginePlace> {
        engines(&mut Reader::new(lookup)).store
    }

    /// Read the variables that `lookup` knows.
    ///
    /// # Errors
    /// With all mistakes at once.
    pub fn read(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Mistakes> {
        Self::with(lookup, None)
    }

    /// Read the variables that `lookup` knows, which hold together with `file`.
    ///
    /// # Errors
    /// With all mistakes at once.
    pub fn with(
        lookup: impl Fn(&str) -> Option<String>,
        file: Option<(&File, Place, Version)>,
    ) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(lookup);
        let check_every = Duration::from_secs(reader.number(&variables::CONFIG_CHECK_SECONDS));
        // It is read by who calls this.
        reader.text(&variables::THIMBLE_CONFIG);
        let (recipes, given) = recipes::recipes(&mut reader, file.as_ref().map(|it| it.0));
        let settings = settings(&mut reader, recipes);
        let file = file.map(|(_, place, version)| Followed {
            place,
            version,
            given,
            check_every,
        });
        let results = results::results(&mut reader, settings.recipes.have_manifests());
        let policy = DeadLetterPolicy {
            at_once: reader.choice(&variables::PERMANENT_FAILURES),
            max_receive_count: match reader.number(&variables::MAX_RECEIVE_COUNT) {
                0 => None,
                count => u32::try_from(count).ok(),
            },
        };
        let queue = reader.text(&variables::DEAD_LETTER_QUEUE_URL);
        let dead_letter = DeadLetter { queue, policy };
        let config = Self {
            settings,
            file,
            results,
            concurrency: count(reader.number(&variables::CONCURRENCY)),
            dead_letter,
            engine: reader.text(&variables::THIMBLE_ENGINE).map(PathBuf::from),
            engine_memory: reader.number(&variables::ENGINE_MEMORY),
            engine_time: Duration::from_secs(reader.number(&variables::ENGINE_SECONDS)),
            engines: engines(&mut reader),
            log_filter: reader.log_filter(),
        };
        // The connection reads it, as it reads all of AWS; it is checked here.
        reader.choice(&variables::REQUEST_PAYER);
        if policy.at_once && config.dead_letter.queue.is_none() {
            reader.lacks(
                &variables::DEAD_LETTER_QUEUE_URL,
                "PERMANENT_FAILURES is dead-letter",
            );
        }
        reader.finish(config)
    }
}

/// Settings that the variables that `lookup` knows add to a file, the limits of sources, and
/// their mistakes.
#[cfg(feature = "cli")]
pub(crate) fn given(lookup: impl Fn(&str) -> Option<String>) -> (Given, Limits, Vec<Mistake>) {
    let mut reader = Reader::new(lookup);
    let given = recipes::given(&mut reader);
    let limits = limits(&mut reader);
    (given, limits, reader.mistakes())
}

fn settings(reader: &mut Reader<'_>, recipes: Recipes) -> Settings {
    Settings {
        recipes,
        limits: limits(reader),
        max_source: reader.number(&variables::MAX_SOURCE_BYTES),
        sources: Filter {
            prefixes: reader.list(&variables::KEY_PREFIXES),
            suffixes: reader.list(&variables::KEY_SUFFIXES),
            excluded: reader.list(&variables::EXCLUDED_PREFIXES),
        },
        skip_existing: reader.choice(&variables::SKIP_EXISTING),
        propagate_deletes: reader.choice(&variables::PROPAGATE_DELETES),
        memory: reader.number(&variables::SOURCE_MEMORY_BYTES),
        // Whoever reads over a network does well to read ahead.
        in_memory: usize::MAX,
        engines: count(reader.number_or(&variables::ENGINES, cores())),
    }
}

fn engines(reader: &mut Reader<'_>) -> Engines {
    let named = reader.text(&variables::ENGINE_STORE);
    let store = named.and_then(|text| match text.parse::<EnginePlace>() {
        Ok(place) => Some(place),
        Err(error) => {
            let expected = format!("the place of an engine store ({error})");
            reader.mistake(&variables::ENGINE_STORE, &text, &expected);
            None
        }
    });
    let mut keys = Vec::new();
    for text in reader.list(&variables::ENGINE_KEYS) {
        match text.parse() {
            Ok(key) => keys.push(key),
            Err(error) => reader.mistake(
                &variables::ENGINE_KEYS,
                &text,
                &format!("a list of keys ({error})"),
            ),
        }
    }
    let refuse = reader.choice(&variables::ENGINE_UNSIGNED);
    Engines {
        store,
        channel: reader.parsed(&variables::ENGINE_CHANNEL, "the name of a channel"),
        keys,
        compile: CompileLimits {
            time: Duration::from_secs(reader.number(&variables::ENGINE_COMPILE_SECONDS)),
            memory: reader.number(&variables::ENGINE_COMPILE_MEMORY),
        },
        check_every: Duration::from_secs(reader.number(&variables::ENGINE_CHECK_SECONDS)),
        without_key: if refuse {
            WithoutKey::Refuse
        } else {
            WithoutKey::Compile
        },
    }
}

fn limits(reader: &mut Reader<'_>) -> Limits {
    let mut number = |number| u32::try_from(reader.number(number)).unwrap_or(u32::MAX);
    Limits {
        max_side: number(&variables::MAX_SIDE),
        max_frames: number(&variables::MAX_FRAMES),
        max_profile: number(&variables::MAX_PROFILE_BYTES),
        max_output_side: number(&variables::MAX_OUTPUT_SIDE),
        max_pixels: reader.number(&variables::MAX_PIXELS),
    }
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn cores() -> u64 {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64)
}

#[cfg(test)]
mod tests;
