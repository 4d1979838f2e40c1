//! Every variable of the environment: its name, its default and its reason.
//!
//! They stand here and nowhere else: [`Config`](super::Config) reads by them, the
//! command line prints them, and `docs/operations.md` has a table made of them.

use std::fmt;

use crate::contract::{self, Budget};
use crate::engines::ChannelName;
use crate::naming;
use crate::preset::Preset;
use crate::wasm::CompileLimits;

/// A variable of the environment.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// The value in effect when it is not set.
    pub default: Unset,
    /// Its purpose, and the reason for the default.
    pub reason: &'static str,
}

/// The value of a variable that is not set.
#[derive(Clone, Copy, Debug)]
pub enum Unset {
    /// A number.
    Number(u64),
    /// A text.
    Text(&'static str),
    /// A text that is made from what it stands for.
    Made(fn() -> String),
    /// No value of its own: what holds instead, in words.
    Words(&'static str),
}

impl fmt::Display for Unset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) | Self::Words(text) => text.fmt(f),
            Self::Made(text) => text().fmt(f),
        }
    }
}

/// A variable whose value is a number, and its bounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub(super) variable: Variable,
    pub(super) default: u64,
    pub(super) least: u64,
    pub(super) most: u64,
}

/// A variable whose value is one of two words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice {
    pub(super) variable: Variable,
    /// The default.
    pub(super) first: &'static str,
    pub(super) second: &'static str,
}

const fn variable(name: &'static str, default: Unset, reason: &'static str) -> Variable {
    Variable {
        name,
        default,
        reason,
    }
}

const fn number(
    name: &'static str,
    default: u64,
    (least, most): (u64, u64),
    reason: &'static str,
) -> Number {
    Number {
        variable: variable(name, Unset::Number(default), reason),
        default,
        least,
        most,
    }
}

const fn choice(
    name: &'static str,
    first: &'static str,
    second: &'static str,
    reason: &'static str,
) -> Choice {
    Choice {
        variable: variable(name, Unset::Text(first), reason),
        first,
        second,
    }
}

pub(super) const THUMBNAILS_BUCKET: Variable = variable(
    "THUMBNAILS_BUCKET",
    Unset::Words("needed"),
    "the bucket that thumbnails are written to",
);

pub(super) const SOURCE_BUCKET: Variable = variable(
    "SOURCE_BUCKET",
    Unset::Words("none"),
    "the bucket of the sources; only compared with THUMBNAILS_BUCKET, because thumbnails in the \
     bucket of their sources need a folder of their own, or each would become a source",
);

pub(super) const THUMBNAIL_NAME: Variable = variable(
    "THUMBNAIL_NAME",
    Unset::Text(naming::TEMPLATE),
    "the key of a thumbnail; the default keeps the whole source key, so that no two sources meet",
);

pub(super) const MANIFESTS: Choice = choice(
    "MANIFESTS",
    "no",
    "yes",
    "yes writes a manifest for each source when its thumbnails are there: their sizes, digests and \
     a placeholder; it costs one PUT more, and needs the permission to delete manifests",
);

pub(super) const MANIFEST_NAME: Variable = variable(
    "MANIFEST_NAME",
    Unset::Words("`{key}/manifest.json`, behind the folder that THUMBNAIL_NAME begins with"),
    "the key of a manifest; it ends in .json, and in the folder of the thumbnails, so that none is \
     taken for a thumbnail or for a source",
);

pub(super) const REJECTED_MANIFESTS: Choice = choice(
    "REJECTED_MANIFESTS",
    "no",
    "yes",
    "yes writes a manifest for a source that cannot be made into thumbnails as well, with the \
     reason and with who must act",
);

pub(super) const RESULTS_QUEUE_URL: Variable = variable(
    "RESULTS_QUEUE_URL",
    Unset::Words("none"),
    "the queue that gets one message for each source that is done or rejected, with the manifest \
     as its body; needs MANIFESTS=yes",
);

pub(super) const RESULTS_TOPIC_ARN: Variable = variable(
    "RESULTS_TOPIC_ARN",
    Unset::Words("none"),
    "the ARN of a topic of SNS that gets the same, in the place of a queue",
);

pub(super) const RESULTS_WEBHOOK_URL: Variable = variable(
    "RESULTS_WEBHOOK_URL",
    Unset::Words("none"),
    "the address that gets the same by POST, in the place of a queue; https, and redirects are \
     not followed",
);

pub(super) const RESULTS_WEBHOOK_SECRET: Variable = variable(
    "RESULTS_WEBHOOK_SECRET",
    Unset::Words("none"),
    "the secret that signs each result for a webhook, 24 bytes at least; `whsec_` and base64, or \
     any text",
);

pub(super) const PRESETS: Variable = variable(
    "PRESETS",
    Unset::Made(|| {
        Preset::defaults()
            .map(|preset| preset.to_string())
            .join(" ")
    }),
    "the thumbnails of each source, as name=WIDTHxHEIGHT,fit,format,quality and divided by blanks; \
     the default is three sizes that fit a list, a page and a screen",
);

pub(super) const THIMBLE_CONFIG: Variable = variable(
    "THIMBLE_CONFIG",
    Unset::Words("none"),
    "the configuration file, a path, s3://BUCKET/KEY or channel:NAME of ENGINE_STORE, which says by rules which sources get \
     which thumbnails; a variable that is set, and not to its default, holds for every source, whatever the file says",
);

pub(super) const CONFIG_CHECK_SECONDS: Number = number(
    "CONFIG_CHECK_SECONDS",
    super::CONFIG_SECONDS,
    (1, 86_400),
    "the age of the last look at the configuration file at which there is another; looking is one \
     request while sources are on their way",
);

pub(super) const CACHE_CONTROL: Variable = variable(
    "CACHE_CONTROL",
    Unset::Text(super::CACHE_CONTROL),
    "the header of every thumbnail that tells caches how long to keep it; a day, because a \
     thumbnail is replaced under its name when its source is",
);

pub(super) const REQUEST_PAYER: Choice = choice(
    "AWS_REQUEST_PAYER",
    "bucket-owner",
    "requester",
    "requester pays for requests to buckets of others that ask for it, which deny them otherwise; \
     other tools read the same variable",
);

pub(super) const KEY_PREFIXES: Variable = variable(
    "KEY_PREFIXES",
    Unset::Words("all keys"),
    "beginnings of keys (a/,b/); only a key with one of them is a source",
);

pub(super) const KEY_SUFFIXES: Variable = variable(
    "KEY_SUFFIXES",
    Unset::Words("all keys"),
    "endings of keys (.jpg,.png), in any case; only a key with one of them is a source; by \
     default the content of an object decides",
);

pub(super) const EXCLUDED_PREFIXES: Variable = variable(
    "EXCLUDED_PREFIXES",
    Unset::Words("none"),
    "beginnings of keys that are no sources",
);

pub(super) const SKIP_EXISTING: Choice = choice(
    "SKIP_EXISTING",
    "no",
    "yes",
    "yes leaves a source alone whose thumbnails are up to date; it costs a few requests for each \
     object, and pays when events come twice or a backfill is repeated",
);

pub(super) const PROPAGATE_DELETES: Choice = choice(
    "PROPAGATE_DELETES",
    "no",
    "yes",
    "yes removes the thumbnails of a source that is removed; needs events of removals, and the \
     permission to list and delete thumbnails",
);

pub(super) const PERMANENT_FAILURES: Choice = choice(
    "PERMANENT_FAILURES",
    "retry",
    "dead-letter",
    "dead-letter sends a message that can never succeed to the dead-letter queue at once, with \
     its reason; retry leaves it to the queue and needs no permission",
);

pub(super) const SOURCE_QUEUE_URL: Variable = variable(
    "SOURCE_QUEUE_URL",
    Unset::Words("none"),
    "the queue that a redrive sends dead letters to",
);

pub(super) const DEAD_LETTER_QUEUE_URL: Variable = variable(
    "DEAD_LETTER_QUEUE_URL",
    Unset::Words("none"),
    "the queue that rejected messages are sent to, and that a redrive takes them from",
);

pub(super) const MAX_RECEIVE_COUNT: Number = number(
    "MAX_RECEIVE_COUNT",
    0,
    (0, 1_000),
    "the number of times the source queue hands a message out, 0 if it is not known; when it is, \
     a message that fails the last time becomes a dead letter with its reason",
);

pub(super) const CONCURRENCY: Number = number(
    "CONCURRENCY",
    super::CONCURRENCY,
    (1, 1_024),
    "objects worked on at one time; more than there are cores, so that downloads overlap with \
     the work of the engine",
);

/// The default is the number of cores, which only the machine knows.
pub(super) const ENGINES: Number = Number {
    variable: variable(
        "ENGINES",
        Unset::Words("the number of cores"),
        "engines at work at one time",
    ),
    default: 1,
    least: 1,
    most: 1_024,
};

pub(super) const SOURCE_MEMORY_BYTES: Number = number(
    "SOURCE_MEMORY_BYTES",
    super::MEMORY,
    (1 << 20, 64 << 30),
    "bytes of sources in memory at one time; a source that does not fit waits",
);

pub(super) const MAX_SOURCE_BYTES: Number = number(
    "MAX_SOURCE_BYTES",
    super::MAX_SOURCE,
    (1, 4 << 30),
    "the largest source that is read; larger than the files that cameras write",
);

pub(super) const MAX_PIXELS: Number = number(
    "MAX_PIXELS",
    contract::MAX_PIXELS,
    (1, u64::MAX),
    "the most pixels of a source; a decoded pixel takes four bytes at most",
);

pub(super) const MAX_SIDE: Number = number(
    "MAX_SIDE",
    contract::MAX_SIDE as u64,
    (1, u32::MAX as u64),
    "the longest side of a source in pixels",
);

pub(super) const MAX_FRAMES: Number = number(
    "MAX_FRAMES",
    contract::MAX_FRAMES as u64,
    (1, u32::MAX as u64),
    "the most frames that are decoded; 1 makes stills",
);

pub(super) const MAX_PROFILE_BYTES: Number = number(
    "MAX_PROFILE_BYTES",
    contract::MAX_PROFILE as u64,
    (0, u32::MAX as u64),
    "the largest color profile that is read; a larger one is ignored",
);

pub(super) const MAX_OUTPUT_SIDE: Number = number(
    "MAX_OUTPUT_SIDE",
    contract::MAX_OUTPUT_SIDE as u64,
    (1, u32::MAX as u64),
    "the longest side of a thumbnail in pixels",
);

pub(super) const THIMBLE_ENGINE: Variable = variable(
    "THIMBLE_ENGINE",
    Unset::Words("the engine beside the program"),
    "the file of the engine; a package carries one, so that a function starts by itself",
);

pub(super) const ENGINE_MEMORY: Number = number(
    "ENGINE_MEMORY",
    Budget::MEMORY as u64,
    (1 << 20, 4 << 30),
    "the most memory that one engine may have, in bytes",
);

pub(super) const ENGINE_SECONDS: Number = number(
    "ENGINE_SECONDS",
    Budget::TIME.as_secs(),
    (1, 900),
    "the longest that an engine may take for one source",
);

pub(super) const ENGINE_STORE: Variable = variable(
    "ENGINE_STORE",
    Unset::Words("none"),
    "s3://BUCKET/PREFIX where engines are published, or for a worker the same with gs:// or az://, \
     oci://REGISTRY/NAME or a folder; without it there is only the engine of the package",
);

pub(super) const ENGINE_CHANNEL: Variable = variable(
    "ENGINE_CHANNEL",
    Unset::Text(ChannelName::DEFAULT),
    "the channel of the engine store that says which engine is live",
);

pub(super) const ENGINE_KEYS: Variable = variable(
    "ENGINE_KEYS",
    Unset::Words("none"),
    "public keys (a,b) whose signatures count; with a key, whatever it did not sign is refused, \
     and only with a key are compiled engines loaded",
);

pub(super) const ENGINE_UNSIGNED: Choice = choice(
    "ENGINE_UNSIGNED",
    "compile",
    "refuse",
    "without a key: compile takes the portable engine that the channel names, whoever wrote it; \
     refuse stays with the engine of the package",
);

pub(super) const ENGINE_CHECK_SECONDS: Number = number(
    "ENGINE_CHECK_SECONDS",
    super::CHECK_SECONDS,
    (1, 86_400),
    "the age at which news of the channel is asked for again; asking is one request while \
     sources are on their way",
);

pub(super) const ENGINE_COMPILE_SECONDS: Number = number(
    "ENGINE_COMPILE_SECONDS",
    CompileLimits::TIME.as_secs(),
    (1, 3_600),
    "the longest that compiling an engine may take, where the store has none that is compiled; \
     ten times what ours takes on a slow core. The engine that serves works meanwhile, and after \
     three tries an engine is refused for good",
);

pub(super) const ENGINE_COMPILE_MEMORY: Number = number(
    "ENGINE_COMPILE_MEMORY",
    CompileLimits::MEMORY,
    (64 << 20, 64 << 30),
    "the most memory that compiling an engine may take, in bytes, on Linux; ten times what ours \
     takes",
);

pub(super) const LOG_LEVEL: Variable = variable(
    "LOG_LEVEL",
    Unset::Text("info"),
    "the lines of log that are written: error, warn, info or debug; lines of the SDK of AWS never \
     below info, because they contain access keys",
);

/// Every variable that [`Config`](super::Config) reads.
pub const VARIABLES: &[Variable] = &[
    THUMBNAILS_BUCKET,
    SOURCE_BUCKET,
    THUMBNAIL_NAME,
    MANIFESTS.variable,
    MANIFEST_NAME,
    REJECTED_MANIFESTS.variable,
    RESULTS_QUEUE_URL,
    RESULTS_TOPIC_ARN,
    RESULTS_WEBHOOK_URL,
    RESULTS_WEBHOOK_SECRET,
    PRESETS,
    THIMBLE_CONFIG,
    CONFIG_CHECK_SECONDS.variable,
    CACHE_CONTROL,
    REQUEST_PAYER.variable,
    KEY_PREFIXES,
    KEY_SUFFIXES,
    EXCLUDED_PREFIXES,
    SKIP_EXISTING.variable,
    PROPAGATE_DELETES.variable,
    PERMANENT_FAILURES.variable,
    SOURCE_QUEUE_URL,
    DEAD_LETTER_QUEUE_URL,
    MAX_RECEIVE_COUNT.variable,
    CONCURRENCY.variable,
    ENGINES.variable,
    SOURCE_MEMORY_BYTES.variable,
    MAX_SOURCE_BYTES.variable,
    MAX_PIXELS.variable,
    MAX_SIDE.variable,
    MAX_FRAMES.variable,
    MAX_PROFILE_BYTES.variable,
    MAX_OUTPUT_SIDE.variable,
    THIMBLE_ENGINE,
    ENGINE_MEMORY.variable,
    ENGINE_SECONDS.variable,
    ENGINE_STORE,
    ENGINE_CHANNEL,
    ENGINE_KEYS,
    ENGINE_UNSIGNED.variable,
    ENGINE_CHECK_SECONDS.variable,
    ENGINE_COMPILE_SECONDS.variable,
    ENGINE_COMPILE_MEMORY.variable,
    LOG_LEVEL,
];
