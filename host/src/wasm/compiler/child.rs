//! The parent's side: start a child, give it a component, take machine code.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::Stdio;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStdin, Command};

use super::{CompileLimits, answer};
use crate::text::printable;
use crate::trust::Target;
use crate::wasm::artifact::Artifact;
use crate::wasm::compiled::Compiled;
use crate::wasm::error::LoadError;

/// Threads that compile. Each takes memory for a function of its own, and an
/// engine has few large ones.
const THREADS: usize = 4;

/// Most bytes that are kept of a child's standard error, from its end.
const LAST_WORDS: u64 = 2_000;

/// Variables that a child inherits: those it takes to start. No other belongs
/// near the bytes of a stranger.
const KEPT: [&str; 3] = ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SystemRoot"];

/// Compiles in a child process, which does not outlive the future.
pub(super) async fn compile(
    artifact: &Artifact,
    target: Option<Target>,
    limits: &CompileLimits,
) -> Result<Compiled, LoadError> {
    let mut child = command(target, limits)
        .spawn()
        .map_err(LoadError::CompilerStart)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(stdin), Some(stdout), Some(stderr)) = (stdin, stdout, stderr) else {
        return Err(LoadError::CompilerStart(io::Error::other("no pipe")));
    };
    let (mut code, mut last_words) = (Vec::new(), Vec::new());
    // More than its memory holds a child cannot have made.
    let mut stdout = stdout.take(limits.memory);
    let mut stderr = stderr.take(LAST_WORDS);
    let (given, read, heard) = tokio::join!(
        give(stdin, artifact.bytes()),
        stdout.read_to_end(&mut code),
        stderr.read_to_end(&mut last_words),
    );
    // Only now: a child ends when this end of the pipe does.
    let status = child.wait().await;
    let ended = |detail: String| LoadError::CompilerEnded { detail };
    let failed = |error: io::Error| ended(error.to_string());
    let status = status.map_err(failed)?;
    drop(heard);
    if !status.success() {
        let words = String::from_utf8_lossy(&last_words);
        let words = words.trim();
        let colon = if words.is_empty() { "" } else { ": " };
        return Err(ended(format!("{status}{colon}{}", printable(words))));
    }
    drop(given.map_err(failed)?);
    read.map_err(failed)?;
    understand(code, target, artifact)
}

fn understand(
    mut answer: Vec<u8>,
    target: Option<Target>,
    artifact: &Artifact,
) -> Result<Compiled, LoadError> {
    let kind = answer.first().copied();
    answer.drain(..1.min(answer.len()));
    let text = |answer| String::from_utf8(answer).unwrap_or_default();
    match (kind, target) {
        (Some(answer::CODE), _) => Ok(Compiled::by_a_child(answer, artifact)),
        (Some(answer::NO_COMPONENT), _) => Err(LoadError::Compile(text(answer))),
        (Some(answer::NO_TARGET), Some(target)) => Err(LoadError::NoSuchTarget {
            target: target.to_string(),
            detail: text(answer),
        }),
        _ => Err(LoadError::CompilerEnded {
            detail: "it did not answer".to_owned(),
        }),
    }
}

/// Writes the component, and returns what keeps the child alive.
async fn give(mut stdin: ChildStdin, bytes: &[u8]) -> io::Result<ChildStdin> {
    stdin.write_all(&(bytes.len() as u64).to_le_bytes()).await?;
    stdin.write_all(bytes).await?;
    stdin.flush().await?;
    Ok(stdin)
}

fn command(target: Option<Target>, limits: &CompileLimits) -> Command {
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(THREADS));
    let mut command = Command::new(this_program());
    command
        .args(answer::arguments(target, limits))
        .env_clear()
        .envs(
            KEPT.iter()
                .filter_map(|&name| Some((name, env::var_os(name)?))),
        )
        .env("RAYON_NUM_THREADS", threads.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // What a terminal tells this process is this process's to hand on.
    #[cfg(unix)]
    command.process_group(0).arg0("thimble-compiler");
    command
}

/// The program that runs, even if its file was replaced since.
fn this_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    env::current_exe().unwrap_or_default()
}
