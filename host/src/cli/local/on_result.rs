//! Results for a command of the user.

use std::fmt;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::results::{Outcome, ResultError, Results};
use crate::text::printable;

/// Time for one run. What takes longer is better handed on.
const TIME: Duration = Duration::from_secs(50);

/// A command of the shell that gets each result: the manifest as its input, and the rest in
/// variables. It has taken a result when it ends with 0.
#[derive(Debug)]
pub(super) struct OnResult(String);

impl OnResult {
    pub(super) fn new(command: &str) -> Self {
        Self(command.to_owned())
    }

    fn command(&self, result: &Outcome) -> Command {
        let (shell, option) = if cfg!(windows) {
            ("cmd", "/C")
        } else {
            ("sh", "-c")
        };
        let mut command = Command::new(shell);
        command
            .arg(option)
            .arg(&self.0)
            .env("THIMBLE_RESULT", result.id.to_string())
            .env("THIMBLE_STATE", result.state.as_str())
            .env("THIMBLE_KEY", &result.key)
            .stdin(Stdio::piped())
            // The output of this program is read by others.
            .stdout(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// One run; an error is one of the system.
    async fn once(&self, result: &Outcome) -> std::io::Result<std::process::ExitStatus> {
        let mut child = self.command(result).spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // Whoever needs no input does not read it.
            let _ = input.write_all(result.body.as_bytes()).await;
        }
        child.wait().await
    }
}

impl fmt::Display for OnResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.0))
    }
}

#[async_trait]
impl Results for OnResult {
    async fn tell(&self, result: &Outcome) -> Result<(), ResultError> {
        let failed = |how: &str, cause| ResultError::Unavailable {
            why: format!("the command of --on-result {how}: {self}"),
            cause,
        };
        match tokio::time::timeout(TIME, self.once(result)).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(ResultError::Refused(format!(
                "the command of --on-result ended with {status}: {self}"
            ))),
            Ok(Err(error)) => Err(failed("cannot be run", Some(Arc::new(error)))),
            Err(_) => Err(failed("takes too long", None)),
        }
    }
}
