//! Metrics of the process itself.

use std::sync::atomic::AtomicU64;
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::exported::{MEMORY, START};

/// Memory of a process.
#[derive(Debug, Default)]
pub(super) struct Process {
    memory: Gauge,
}

impl Process {
    /// The process that starts now.
    pub(super) fn register(registry: &mut Registry) -> Self {
        let process = Self::default();
        START.register(registry, now());
        MEMORY.register(registry, process.memory.clone());
        process
    }

    /// Look again.
    pub(super) fn sample(&self) {
        // Elsewhere than on Linux there is no such file, and 0 is shown.
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        self.memory.set(resident(&status));
    }
}

/// A gauge of this moment, in seconds since 1970.
pub(super) fn now() -> Gauge<f64, AtomicU64> {
    let gauge = Gauge::default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    gauge.set(now.unwrap_or_default().as_secs_f64());
    gauge
}

/// Resident memory in bytes, by the words of Linux.
fn resident(status: &str) -> i64 {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse::<i64>().ok());
    number.unwrap_or_default().saturating_mul(1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_what_linux_says() {
        let status = "Name:\tthimble\nVmHWM:\t   99 kB\nVmRSS:\t   73316 kB\nThreads:\t4\n";
        assert_eq!(resident(status), 73_316 * 1_024);
        assert_eq!(resident(""), 0);
    }
}
