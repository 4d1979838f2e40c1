//! Programs that run beside a test, and end with it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Output};
use std::time::{Duration, Instant};

use serde_json::Value;

/// The longest that anything here may take, on the slowest machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// The folder of compiled engines that programs of these tests share.
pub(crate) const CACHE: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/compiled-engines");

/// A program that is killed when it is dropped.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }

    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    /// The first text that its log has in `field`.
    pub(crate) fn logged(&mut self, field: &str) -> String {
        let log = BufReader::new(self.0.stderr.take().unwrap());
        let mut lines = log.lines().map(Result::unwrap);
        let found = lines.find_map(|line| {
            let line: Value = serde_json::from_str(&line).unwrap();
            line[field].as_str().map(str::to_owned)
        });
        // Nobody may close the pipe that it logs into, or let it become full.
        std::thread::spawn(move || lines.count());
        found.unwrap_or_else(|| panic!("it ended without {field}"))
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        signal("TERM", &self.0);
        eventually("it stops", || self.has_ended());
        self.0.wait().unwrap()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Sends a signal to a program.
pub(crate) fn signal(name: &str, child: &Child) {
    let arguments = [format!("-{name}"), child.id().to_string()];
    let status = Command::new("kill").args(arguments).status().unwrap();
    assert!(status.success(), "the program is not there");
}

/// Waits for a program that must not run for ever.
pub(crate) fn finish(child: Child) -> Output {
    let id = child.id();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    let output = receiver.recv_timeout(PATIENCE);
    output
        .unwrap_or_else(|_| panic!("process {id} does not end"))
        .unwrap()
}

/// Waits until something holds.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(30));
    }
}
