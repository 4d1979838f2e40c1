//! The child's side: read a component, write machine code.

use std::env;
use std::ffi::OsString;
use std::io::{self, Read, Write, stdin, stdout};
use std::process::{ExitCode, exit};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{CompileLimits, limits};
use crate::trust::Target;
use crate::wasm::artifact::{Artifact, MAX_ARTIFACT};
use crate::wasm::compiled::Compiled;
use crate::wasm::error::LoadError;

/// The first argument of a child. No command is called that.
const VERB: &str = "compile-for-parent";

/// The target of a child that compiles for the very machine it runs on.
const NATIVE: &str = "native";

/// Kinds of answer, as its first byte tells them.
pub(super) const CODE: u8 = b'c';
pub(super) const NO_COMPONENT: u8 = b'n';
pub(super) const NO_TARGET: u8 = b't';

static IS_READY: AtomicBool = AtomicBool::new(false);

/// True if this program answers when it is started as a child.
pub(super) fn is_ready() -> bool {
    IS_READY.load(Ordering::Relaxed)
}

/// The arguments that make a child of this program.
pub(super) fn arguments(target: Option<Target>, limits: &CompileLimits) -> [String; 4] {
    let target = target.map_or_else(|| NATIVE.to_owned(), |target| target.to_string());
    let CompileLimits { time, memory } = limits;
    let seconds = time.as_secs().max(1);
    [
        VERB.to_owned(),
        target,
        seconds.to_string(),
        memory.to_string(),
    ]
}

/// Compiles a component, if this process was started to do that and nothing else.
///
/// A program calls this before anything else and ends if it is told how. Having
/// done so, it compiles engines in children of its own kind.
pub fn compile_if_asked() -> Option<ExitCode> {
    IS_READY.store(true, Ordering::Relaxed);
    let mut arguments = env::args_os().skip(1);
    if arguments.next()? != VERB {
        return None;
    }
    let (target, limits) = read(arguments)?;
    Some(match answer(target, &limits) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    })
}

fn read(mut arguments: impl Iterator<Item = OsString>) -> Option<(Option<Target>, CompileLimits)> {
    let mut next = || arguments.next()?.into_string().ok();
    let target = match next()?.as_str() {
        NATIVE => None,
        target => Some(target.parse().ok()?),
    };
    let time = Duration::from_secs(next()?.parse().ok()?);
    let memory = next()?.parse().ok()?;
    Some((target, CompileLimits { time, memory }))
}

fn answer(target: Option<Target>, limits: &CompileLimits) -> io::Result<()> {
    limits::keep(limits)?;
    let artifact = Artifact::new(component()?);
    end_with_the_parent()?;
    let (kind, content) = match Compiled::compile_here(target, &artifact) {
        Ok(compiled) => (CODE, compiled.into_code()),
        Err(LoadError::NoSuchTarget { detail, .. }) => (NO_TARGET, detail.into_bytes()),
        Err(LoadError::Compile(detail)) => (NO_COMPONENT, detail.into_bytes()),
        Err(other) => return Err(io::Error::other(other)),
    };
    let mut out = stdout().lock();
    out.write_all(&[kind])?;
    out.write_all(&content)?;
    out.flush()
}

/// Reads the length of a component, and as many bytes.
fn component() -> io::Result<Vec<u8>> {
    let mut stdin = stdin().lock();
    let mut length = [0; 8];
    stdin.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length).min(MAX_ARTIFACT);
    let mut bytes = Vec::new();
    stdin.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The parent keeps its end of the pipe open for as long as it wants an answer.
fn end_with_the_parent() -> io::Result<()> {
    let wait = || {
        let _ = io::copy(&mut stdin().lock(), &mut io::sink());
        exit(1);
    };
    std::thread::Builder::new()
        .name("parent-watch".into())
        .spawn(wait)
        .map(drop)
}
