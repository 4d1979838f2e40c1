//! The limit of addresses that a process may be under, as by `ulimit -v`.

/// Addresses that this process may use, if there is a limit.
#[cfg(unix)]
fn limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::As).current
}

/// Elsewhere nobody sets such a limit.
#[cfg(not(unix))]
fn limit() -> Option<u64> {
    None
}

/// True if there are too few addresses for a host in which each memory of an
/// engine takes this many: one on each core, one that is tried, and the rest.
pub(super) fn are_scarce(memory: u64) -> bool {
    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    limit().is_some_and(|limit| limit < memory.saturating_mul(cores + 2))
}

/// The remedy for want of addresses, if that may be what is wrong.
pub(super) fn remedy() -> String {
    match limit() {
        Some(limit) => format!(
            "; this process may use {} MiB of addresses, raise that limit (`ulimit -v`)",
            limit >> 20
        ),
        None => String::new(),
    }
}
