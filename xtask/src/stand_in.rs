//! A stand-in for `libc`, which has nothing in it for a target without a C library.
//!
//! rav1d takes a few numbers and types from there. Cargo has no way to replace a crate for
//! one target alone, so it is told to compile through this program, which gives the
//! compiler another file for that one crate.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::toolchain::WASM;

/// Variable with the path of the file. Where it is set, cargo calls instead of a user.
pub(crate) const VARIABLE: &str = "THIMBLE_LIBC";

/// Calls the compiler, whose path and arguments are those of this program.
pub(crate) fn compile(file: &Path) -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let compiler = arguments.next().unwrap_or_default();
    let arguments = replaced(arguments.collect(), file);
    match Command::new(&compiler).args(arguments).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: cannot run {}: {error}", compiler.display());
            ExitCode::FAILURE
        }
    }
}

/// The arguments, with another file if the crate is `libc`. The standard library has one
/// of its own, which is left alone.
fn replaced(mut arguments: Vec<OsString>, file: &Path) -> Vec<OsString> {
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let is_libc = (arguments.windows(2)).any(|two| two[0] == "--crate-name" && two[1] == "libc");
    let is_of_std = has("feature=\"rustc-dep-of-std\"");
    if is_libc && has(WASM.triple) && !is_of_std {
        let source = arguments.iter_mut().find(|argument| is_root(argument));
        if let Some(source) = source {
            *source = file.into();
        }
    }
    arguments
}

fn is_root(argument: &OsString) -> bool {
    Path::new(argument).ends_with("src/lib.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(Into::into).collect()
    }

    #[test]
    fn libc_alone_is_replaced_and_for_the_target_alone() {
        let file = Path::new("stand-in.rs");
        let of_target = "--crate-name libc /r/libc-0.2/src/lib.rs --target wasm32-unknown-unknown";
        let wanted = "--crate-name libc stand-in.rs --target wasm32-unknown-unknown";
        assert_eq!(replaced(words(of_target), file), words(wanted));
        for line in [
            "--crate-name libc /r/libc-0.2/src/lib.rs",
            "--crate-name png /r/png/src/lib.rs --target wasm32-unknown-unknown",
            "--crate-name libc /r/libc-0.2/src/lib.rs --target wasm32-unknown-unknown --cfg feature=\"rustc-dep-of-std\"",
        ] {
            assert_eq!(replaced(words(line), file), words(line));
        }
    }
}
