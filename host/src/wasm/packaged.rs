//! The engine that was packaged with this program.
//!
//! A program that is deployed without a compiler carries its engine as machine
//! code. The digest of that code is built into the program: whoever could change
//! the one could have changed the other, so it is trusted exactly as far.

use std::env;
use std::path::{Path, PathBuf};

use super::artifact::{Artifact, read};
use super::compiled::Compiled;
use super::engine::Engine;
use super::error::LoadError;
use super::runtime::Runtime;
use crate::contract::Budget;
use crate::trust::Digest;

/// The engine as machine code, and as the component it was compiled from.
const CODE: &str = "engine.cwasm";
const PORTABLE: &str = "engine.wasm";

/// Digests of the portable and of the compiled engine, divided by a colon; set
/// by the build of the package and by nothing else.
const BUILT_IN: Option<&str> = option_env!("THIMBLE_PACKAGED_ENGINE");

/// A compiled engine that the build of this program vouches for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Vouched {
    /// The digest of the portable component.
    pub(super) portable: Digest,
    /// The digest of the machine code that was made of it.
    pub(super) code: Digest,
}

impl Vouched {
    fn parse(text: &str) -> Option<Self> {
        let (portable, code) = text.split_once(':')?;
        Some(Self {
            portable: portable.parse().ok()?,
            code: code.parse().ok()?,
        })
    }
}

impl Engine {
    /// Loads the engine that was packaged with this program, or the one in
    /// `file`.
    ///
    /// Without a file that is `engine.cwasm` beside the program where the build
    /// of the program vouches for one, and otherwise `engine.wasm`. Machine code
    /// is run only if it is what the build vouches for, wherever it lies; a
    /// portable engine takes a compiler.
    ///
    /// # Errors
    ///
    /// If there is no such file, if it is machine code that does not belong to
    /// this program, and those of [`load`](Self::load).
    pub fn packaged(
        runtime: &Runtime,
        file: Option<&Path>,
        budget: Budget,
    ) -> Result<Self, LoadError> {
        let vouched = BUILT_IN.and_then(Vouched::parse);
        let name = if vouched.is_some() { CODE } else { PORTABLE };
        let bytes = read(&file.map_or_else(|| beside_the_program(name), Path::to_path_buf))?;
        if is_code(&bytes) {
            let compiled = Compiled::vouched(vouched, bytes)?;
            Self::load_compiled(runtime, &compiled, budget)
        } else {
            Self::load(runtime, &Artifact::new(bytes), budget)
        }
    }
}

/// Machine code comes in the format of programs.
fn is_code(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x7fELF")
}

/// Where the system cannot say, it is looked for in the working directory.
fn beside_the_program(name: &str) -> PathBuf {
    env::current_exe().unwrap_or_default().with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::{Digest, Vouched};

    #[test]
    fn two_digests_vouch_and_nothing_else_does() {
        let [portable, code] = [Digest::of(b"portable"), Digest::of(b"code")];
        assert_eq!(
            Vouched::parse(&format!("{portable}:{code}")),
            Some(Vouched { portable, code })
        );
        for text in [
            String::new(),
            ":".into(),
            format!("{portable}"),
            format!("{portable}:"),
            format!("{portable}:{code}0"),
        ] {
            assert_eq!(Vouched::parse(&text), None, "{text}");
        }
    }
}
