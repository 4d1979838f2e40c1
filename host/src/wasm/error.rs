//! Failures of an engine: of a call, or to be loaded.

use std::fmt;
use std::time::Duration;

use wasmtime::{Trap, WasmBacktrace};

use super::imports::Powerless;
use super::measure::Excess;
use super::meter::{Meter, Refused};
use super::runtime::OutOfTime;
use super::{addresses, header};
use crate::contract::{self, Budget};
use crate::error::{Disposition, Verdict};
use crate::ports::EngineFailure;
use crate::trust::Digest;

/// Failure of a call of an engine.
///
/// An engine is a pure function, so most of these are permanent: the same
/// arguments end in the same way. [`Error::is_permanent`] says which.
#[derive(Clone, Debug, PartialEq)]
pub enum Error {
    /// The engine answered with an error of the contract.
    Refused(contract::Error),
    /// The engine crashed: it reached what it holds to be unreachable, left its
    /// memory, called an import that has no power, and so on.
    Trap(String),
    /// The engine called itself too deeply.
    Stack,
    /// The engine asked for more memory than it may have.
    Memory {
        /// The memory it may have, in bytes.
        limit: usize,
    },
    /// The engine was stopped because its time was up.
    Time {
        /// The time it was given.
        allowed: Duration,
    },
    /// The engine returned what was not asked for.
    Lie(Lie),
    /// This machine had not what it takes to start the engine.
    Machine(String),
}

/// A false claim of an engine.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Lie {
    /// Not one thumbnail for each spec.
    #[error("{returned} thumbnails for {asked} specs")]
    Count {
        /// The number of specs.
        asked: usize,
        /// The number of thumbnails.
        returned: usize,
    },
    /// The source cannot be what the engine says it is, or is over the limits.
    #[error("an impossible source: {0}")]
    Source(String),
    /// A thumbnail does not have a size that its spec allows.
    #[error("thumbnail {index} is {width}x{height}, {why}")]
    Dimensions {
        /// The position of the spec, from 0.
        index: usize,
        /// The claim of the engine.
        width: u32,
        /// The claim of the engine.
        height: u32,
        /// The rule that it breaks.
        why: String,
    },
    /// A thumbnail is in another format than its spec asks for.
    #[error("thumbnail {index} is `{returned}`, not `{expected}`")]
    MediaType {
        /// The position of the spec, from 0.
        index: usize,
        /// The right one.
        expected: String,
        /// The claim of the engine.
        returned: String,
    },
    /// The bytes of a thumbnail are not what the engine says they are.
    #[error("the bytes of thumbnail {index} are {what}")]
    Data {
        /// The position of the spec, from 0.
        index: usize,
        /// Their true nature.
        what: String,
    },
    /// The answer is not of the form that the contract gives it, or too long.
    #[error("an answer that cannot be read: {0}")]
    Unreadable(String),
}

/// Reason why a component is not used as an engine.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read the engine {path}; check the path given")]
    Read {
        /// The file.
        path: String,
        /// Words of the system.
        #[source]
        source: std::io::Error,
    },
    /// The file is larger than any engine.
    #[error("the engine is larger than {} MiB", limit >> 20)]
    TooLarge {
        /// The largest that is read, in bytes.
        limit: u64,
    },
    /// The bytes are no WebAssembly component, or one that uses what is
    /// switched off.
    #[error("not a component that this host can compile: {0}")]
    Compile(String),
    /// There is so much of something in the component that to compile it could
    /// take all there is of time and memory.
    #[error("the engine is too much for a compiler, make it smaller: {0}")]
    TooMuch(Excess),
    /// The engine was not compiled in time.
    #[error(
        "the engine was not compiled within {} s and is given up; allow more, or make it smaller",
        limit.as_secs()
    )]
    GaveUp {
        /// The time there was.
        limit: Duration,
    },
    /// The compiler was at work on other engines for all of the time.
    #[error(
        "the compiler was busy with other engines for {} s; it is tried again later",
        limit.as_secs()
    )]
    CompilerBusy {
        /// The time there was.
        limit: Duration,
    },
    /// The compiler ended without an answer.
    #[error(
        "the compiler ended before the engine was compiled, as a rule for want of memory; allow \
         more, or make the engine smaller: {detail}"
    )]
    CompilerEnded {
        /// The way it ended.
        detail: String,
    },
    /// The compiler could not be started.
    #[error("the compiler does not start")]
    CompilerStart(#[source] std::io::Error),
    /// This host was built without a compiler.
    #[error("this host has no compiler; give it a compiled engine, or use a host that has one")]
    NoCompiler,
    /// This host cannot compile for machines of that kind.
    #[error(
        "this program cannot compile for {target}; build it with the feature `cross`, or leave the \
         target out: {detail}"
    )]
    NoSuchTarget {
        /// The kind of machine.
        target: String,
        /// Words of the compiler.
        detail: String,
    },
    /// No trusted key vouches for machine code.
    #[error(
        "no signed release names the compiled engine {digest}; machine code is run on the word of a key only"
    )]
    Unsigned {
        /// The digest of the code.
        digest: Digest,
    },
    /// Nothing in this program vouches for the code.
    #[error(
        "the compiled engine {digest} is not the one that this program was built with; deploy the \
         two of one package together"
    )]
    NotPackaged {
        /// The digest of the code.
        digest: Digest,
    },
    /// The code was compiled for another machine, by another version of wasmtime
    /// or with another configuration.
    #[error("the compiled engine is not for this host; compile it again: {0}")]
    Incompatible(String),
    /// The component needs more memories, tables or instances than there are for one.
    #[error("the engine takes more than this host has for one; make it smaller: {0}")]
    TooDemanding(String),
    /// The component wants more than an engine gets.
    #[error(
        "the engine imports `{name}`, which no engine gets; build it without sockets, http and \
         interfaces of its own"
    )]
    Import {
        /// The import.
        name: String,
    },
    /// The component asks codecs, and none was joined to it.
    #[error(
        "the engine is open, it waits for codecs; join some with `thimble engine compose`, or use \
         engine.wasm"
    )]
    Open,
    /// The component is a codec.
    #[error("the component is a codec and no engine; join it to one with `thimble engine compose`")]
    Codec,
    /// The component does not export the contract in any version.
    #[error(
        "the component is no engine: it does not export `{}`",
        contract::INTERFACE
    )]
    NoEngine,
    /// The component exports another version of the contract.
    #[error(
        "the engine speaks `{found}` and this host `{}`; use an engine or a host that match",
        contract::INTERFACE
    )]
    OtherContract {
        /// The export.
        found: String,
    },
    /// The component exports the contract's name with other types behind it.
    #[error(
        "the engine's `{}` is not the one of the contract: {detail}",
        contract::INTERFACE
    )]
    Contract {
        /// The difference, in wasmtime's words.
        detail: String,
    },
    /// The engine could not be instantiated.
    #[error("the engine does not start")]
    Start(#[source] Error),
    /// The engine could not say what it is.
    #[error("the engine does not describe itself")]
    Describe(#[source] Error),
    /// The description that the engine gives of itself cannot be true.
    #[error("the engine describes itself wrongly: {0}")]
    Description(String),
    /// The engine failed with an image that any engine must be able to do.
    #[error("the engine fails its self-test")]
    SelfTest(#[source] Error),
}

impl Error {
    /// True if the same call of the same engine would end in the same way.
    pub fn is_permanent(&self) -> bool {
        self.verdict().disposition == Disposition::Reject
    }

    /// A stable word for programs that read what we write.
    pub fn kind(&self) -> &'static str {
        self.verdict().kind
    }

    fn verdict(&self) -> Verdict {
        Verdict::of_engine(&self.clone().into())
    }

    /// The cause of a call's end, unless it is an error that wasmtime raises
    /// outside of the guest: then `None`, and the caller knows what it was doing.
    ///
    /// The meter is asked first. Whatever the guest made of being refused, it is
    /// not what happened.
    pub(super) fn of_death(
        death: &wasmtime::Error,
        meter: &Meter,
        budget: &Budget,
    ) -> Option<Self> {
        let &Budget {
            memory,
            time: allowed,
        } = budget;
        match meter.refused() {
            Some(Refused::OverBudget) => return Some(Self::Memory { limit: memory }),
            Some(refused @ Refused::OutOfMemory) => {
                return Some(Self::Machine(format!("{refused}{}", addresses::remedy())));
            }
            None => {}
        }
        if death.is::<OutOfTime>() {
            return Some(Self::Time { allowed });
        }
        if let Some(powerless) = death.downcast_ref::<Powerless>() {
            return Some(Self::Trap(powerless.to_string()));
        }
        match death.downcast_ref::<Trap>() {
            Some(Trap::StackOverflow) => Some(Self::Stack),
            Some(Trap::Interrupt) => Some(Self::Time { allowed }),
            Some(trap) => Some(Self::Trap(
                trap.to_string().trim_start_matches("wasm trap: ").into(),
            )),
            None if death.is::<wasmtime::OutOfMemory>() => Some(Self::Machine(death.to_string())),
            // Whatever it is, code of the guest was on the stack: it ran out of
            // handles, or called for something else that there is no more of.
            None if death.is::<WasmBacktrace>() => Some(Self::Trap(death.root_cause().to_string())),
            None => None,
        }
    }
}

impl Error {
    /// The same, where it is a crash with the format that the source begins as, if it is known. An
    /// engine has many decoders, some of them by others, and nothing else hints at the one.
    pub(super) fn over(self, source: &[u8]) -> Self {
        match (self, header::format_of(source)) {
            (Self::Trap(reason), Some(format)) => {
                Self::Trap(format!("{reason}, in a source that begins as {format}"))
            }
            (error, _) => error,
        }
    }
}

impl fmt::Display for Error {
    /// In the words of the port, which are used everywhere.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        EngineFailure::from(self.clone()).fmt(f)
    }
}

impl std::error::Error for Error {}

impl From<Lie> for Error {
    fn from(lie: Lie) -> Self {
        Self::Lie(lie)
    }
}

impl From<Error> for EngineFailure {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(error) => error.into(),
            Error::Trap(reason) => Self::Trap(reason),
            Error::Stack => Self::OutOfStack,
            Error::Memory { limit } => Self::OutOfMemory {
                limit: limit as u64,
            },
            Error::Time { allowed } => Self::OutOfTime { budget: allowed },
            Error::Lie(lie) => Self::InvalidOutput(lie.to_string()),
            Error::Machine(detail) => Self::Unavailable(detail),
        }
    }
}
