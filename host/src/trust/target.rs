//! The kinds of machine that engines are compiled for ahead of time.
//!
//! A compiled engine runs on the processor it was made for and, with wasmtime,
//! on those that can do at least as much. So each target names a floor: what
//! every machine of that kind is expected to have.

use std::fmt;
use std::str::FromStr;

/// The version of wasmtime that compiles and runs engines here. What one major
/// version compiled, another refuses.
pub const WASMTIME: &str = "48";

/// A kind of machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Target {
    /// Linux on x86-64 with the instructions of level 3 (AVX2): every machine
    /// that AWS Lambda has, and most that were made since 2015.
    X86_64,
    /// Linux on 64-bit Arm, without anything that is optional there.
    Aarch64,
}

/// A text names no target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a target; use x86_64 or aarch64: {0}")]
pub struct UnknownTarget(String);

impl Target {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::X86_64, Self::Aarch64];

    /// The kind of machine that this program was built for, if it is one.
    pub fn native() -> Option<Self> {
        if !cfg!(target_os = "linux") {
            None
        } else if cfg!(target_arch = "x86_64") {
            Some(Self::X86_64)
        } else if cfg!(target_arch = "aarch64") {
            Some(Self::Aarch64)
        } else {
            None
        }
    }

    /// The target in the words of compilers.
    pub fn triple(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Aarch64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// Least capable processor of that kind.
    pub fn cpu(self) -> &'static str {
        match self {
            Self::X86_64 => "x86-64-v3",
            Self::Aarch64 => "armv8-a",
        }
    }

    /// Key of a compiled form that a host looks for: version of wasmtime, target
    /// and floor.
    pub fn key(self) -> String {
        format!("wt{WASMTIME}-{}-{}", self.triple(), self.cpu())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
        })
    }
}

impl FromStr for Target {
    type Err = UnknownTarget;

    fn from_str(text: &str) -> Result<Self, UnknownTarget> {
        let is_meant = |target: &Self| text == target.to_string() || text == target.triple();
        let found = Self::ALL.into_iter().find(is_meant);
        found.ok_or_else(|| UnknownTarget(text.to_owned()))
    }
}
