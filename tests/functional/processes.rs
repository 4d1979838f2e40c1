//! The processes in which an emulator on this machine runs functions.

use std::fs;
use std::process::Command;

/// The functions of one emulator.
pub(crate) struct Functions {
    emulator: u32,
}

impl Functions {
    /// Those of the emulator whose process id is in `THIMBLE_EMULATOR`.
    pub(crate) fn of_the_emulator() -> Option<Self> {
        let emulator = std::env::var("THIMBLE_EMULATOR").ok()?.parse().ok()?;
        Some(Self { emulator })
    }

    /// Ends all of them at once, as a crash does; says how many.
    pub(crate) fn kill(&self) -> usize {
        let processes = self.processes();
        for id in &processes {
            // It may have ended by itself meanwhile.
            let _ = Command::new("kill")
                .args(["-KILL", &id.to_string()])
                .status();
        }
        processes.len()
    }

    fn processes(&self) -> Vec<u32> {
        let entries = fs::read_dir("/proc").unwrap();
        let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        ids.filter(|&id| self.is_parent_of(id)).collect()
    }

    /// In `/proc/ID/stat` the parent is the second word after the name, and the
    /// name is in parentheses and may hold anything.
    fn is_parent_of(&self, id: u32) -> bool {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let parent = stat
            .rsplit_once(')')
            .and_then(|(_, rest)| rest.split_whitespace().nth(1));
        parent == Some(self.emulator.to_string().as_str())
    }
}
