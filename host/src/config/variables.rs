//! Every variable, its default and its reason, for people.

/// A variable of the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What holds when it is not set, in words.
    pub default: &'static str,
    /// What it is for, and why the default is what it is.
    pub reason: &'static str,
}

const fn variable(name: &'static str, default: &'static str, reason: &'static str) -> Variable {
    Variable {
        name,
        default,
        reason,
    }
}

/// Every variable that [`Config`](super::Config) reads.
pub const VARIABLES: &[Variable] = &[
    variable(
        "THUMBNAILS_BUCKET",
        "needed",
        "the bucket that thumbnails are written to",
    ),
    variable(
        "SOURCE_BUCKET",
        "none",
        "the bucket of the sources; only compared with THUMBNAILS_BUCKET, because thumbnails \
         beside their sources need a folder of their own, or each would become a source",
    ),
    variable(
        "THUMBNAIL_NAME",
        "{key}/{preset}.{ext}",
        "how a thumbnail is named; the default keeps the whole source key, so that no two \
         sources meet",
    ),
    variable(
        "PRESETS",
        "75x75=75x75 125x125=125x125 1280x720=1280x720",
        "the thumbnails of each source, divided by blanks; the default is three sizes that fit \
         a list, a page and a screen",
    ),
    variable(
        "CACHE_CONTROL",
        "public, max-age=86400",
        "what caches may do with thumbnails; a day, because a thumbnail is replaced under its \
         name when its source is",
    ),
    variable(
        "KEY_PREFIXES",
        "all keys",
        "only keys that begin with one of these (a,b) are sources",
    ),
    variable(
        "KEY_SUFFIXES",
        "all keys",
        "only keys that end with one of these (.jpg,.png), in \
         any case, are sources; by default the content of an object decides",
    ),
    variable(
        "EXCLUDED_PREFIXES",
        "none",
        "keys that begin with one of these are no sources",
    ),
    variable(
        "SKIP_EXISTING",
        "no",
        "yes leaves a source alone whose thumbnails are up to date; it costs a few requests for \
         each object, and pays when events come twice or a backfill is repeated",
    ),
    variable(
        "PROPAGATE_DELETES",
        "no",
        "yes removes the thumbnails of a source that is removed; needs events of removals, and \
         the permission to list and delete thumbnails",
    ),
    variable(
        "PERMANENT_FAILURES",
        "retry",
        "dead-letter sends a message that can never succeed to the dead-letter queue at once, \
         with its reason; retry leaves it to the queue and needs no permission",
    ),
    variable(
        "SOURCE_QUEUE_URL",
        "none",
        "where a redrive sends dead letters",
    ),
    variable(
        "DEAD_LETTER_QUEUE_URL",
        "none",
        "where rejected messages are sent, and where a redrive takes them from",
    ),
    variable(
        "MAX_RECEIVE_COUNT",
        "0: not known",
        "how often the source queue hands a message out; when known, a message that fails the \
         last time becomes a dead letter with its reason",
    ),
    variable(
        "CONCURRENCY",
        "10",
        "objects worked on at one time; more than there are cores, so that downloads overlap \
         with the work of the engine",
    ),
    variable(
        "ENGINES",
        "the number of cores",
        "engines that work at one time",
    ),
    variable(
        "SOURCE_MEMORY_BYTES",
        "268435456",
        "bytes of sources in memory at one time; what does not fit waits",
    ),
    variable(
        "MAX_SOURCE_BYTES",
        "134217728",
        "the largest source that is read; larger than what cameras write",
    ),
    variable(
        "MAX_PIXELS",
        "100000000",
        "the most pixels of a source; larger than cameras make",
    ),
    variable(
        "MAX_SIDE",
        "16384",
        "the longest side of a source in pixels",
    ),
    variable(
        "MAX_FRAMES",
        "1",
        "the most frames that are decoded; 1 makes stills",
    ),
    variable(
        "MAX_PROFILE_BYTES",
        "4194304",
        "the largest color profile that is read",
    ),
    variable(
        "MAX_OUTPUT_SIDE",
        "4096",
        "the longest side of a thumbnail in pixels",
    ),
    variable(
        "THIMBLE_ENGINE",
        "the engine beside the program",
        "the file of the engine; a package carries one, so that a function starts by itself",
    ),
    variable(
        "ENGINE_MEMORY",
        "1073741824",
        "the most memory an engine may have, in bytes",
    ),
    variable(
        "ENGINE_SECONDS",
        "30",
        "the longest an engine may take for one source",
    ),
    variable(
        "ENGINE_STORE",
        "none",
        "s3://bucket/prefix where engines are published; without it the engine of the package \
         is all there is",
    ),
    variable(
        "ENGINE_CHANNEL",
        "stable",
        "the channel of the engine store that says which engine is live",
    ),
    variable(
        "ENGINE_KEYS",
        "none",
        "public keys (a,b) whose signatures count; with a key, what it did not sign is refused, \
         and only with a key are compiled engines loaded",
    ),
    variable(
        "ENGINE_UNSIGNED",
        "compile",
        "without a key: compile takes the portable engine that the channel names, whoever wrote \
         it; refuse stays with the engine of the package",
    ),
    variable(
        "ENGINE_CHECK_SECONDS",
        "60",
        "how old the news of the channel may become; a look is one request while sources are \
         on their way",
    ),
    variable(
        "LOG_LEVEL",
        "info",
        "which lines of log are written: error, warn, info, debug; those of AWS's SDK never below \
         info, because they name access keys",
    ),
];
