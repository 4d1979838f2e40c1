//! Limits that a compiling child sets itself, before it reads a byte.

use std::io;

use super::CompileLimits;

/// Keeps this process within the limits, for good.
///
/// The parent's clock is what ends a compiler that takes too long; the limit of
/// processor time is for a parent that does not look any more.
#[cfg(unix)]
pub(super) fn keep(limits: &CompileLimits) -> io::Result<()> {
    use rustix::process::Resource;

    let cores = std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    // Nobody wants gigabytes of a compiler that ran out of memory on a disk.
    set(Resource::Core, 0)?;
    set(Resource::Cpu, (limits.time.as_secs() + 1) * cores)?;
    // Elsewhere this limit is of a part of the memory that nobody uses any more.
    if cfg!(target_os = "linux") {
        set(Resource::Data, limits.memory)?;
    }
    Ok(())
}

/// Limits of a process are a matter of Unix; elsewhere the parent's clock is all.
#[cfg(not(unix))]
pub(super) fn keep(_limits: &CompileLimits) -> io::Result<()> {
    Ok(())
}

/// Sets a limit, or leaves one that is lower.
#[cfg(unix)]
fn set(resource: rustix::process::Resource, most: u64) -> io::Result<()> {
    let known = rustix::process::getrlimit(resource).maximum;
    let most = Some(known.map_or(most, |known| known.min(most)));
    let limit = rustix::process::Rlimit {
        current: most,
        maximum: most,
    };
    Ok(rustix::process::setrlimit(resource, limit)?)
}
