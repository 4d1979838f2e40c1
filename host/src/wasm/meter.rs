//! Meter of the memory that an engine takes.
//!
//! A guest that is refused memory sees an allocation fail, and a decoder that
//! sees an allocation fail is likely to blame the image. The verdict would be
//! wrong, so the meter ends the call at the first refusal and remembers why.

use wasmtime::ResourceLimiter;

/// A component of one or two modules with their adapters needs fewer than ten.
pub(super) const MAX_INSTANCES: u32 = 64;

/// Each module has at most one table of its own; adapters add one each.
pub(super) const MAX_TABLES: u32 = 32;

/// Components composed of several others have a memory for each.
pub(super) const MAX_MEMORIES: u32 = 16;

/// Functions that an engine calls indirectly: a few hundred as a rule. A table
/// takes a pointer of the host's memory for each element.
pub(super) const MAX_TABLE_ELEMENTS: usize = 100_000;

/// Meters one call of an engine.
#[derive(Debug)]
pub(super) struct Meter {
    limit: usize,
    used: usize,
    refused: Option<Refused>,
}

/// Reason why an engine did not get the memory it asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// The engine's budget does not allow it.
    #[error("over the memory limit")]
    OverBudget,
    /// The operating system has no more memory for us.
    #[error("the machine is out of memory")]
    OutOfMemory,
}

impl Meter {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            used: 0,
            refused: None,
        }
    }

    /// Reason for the end of the call, if the meter ended it.
    pub(super) fn refused(&self) -> Option<Refused> {
        self.refused
    }

    fn refuse(&mut self, reason: Refused) -> wasmtime::Error {
        self.refused = Some(reason);
        wasmtime::Error::new(reason)
    }
}

impl ResourceLimiter for Meter {
    /// Counts all memories of the component together: a limit on each would be
    /// no limit on their sum.
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let used = self.used.saturating_add(desired.saturating_sub(current));
        if used > self.limit || maximum.is_some_and(|maximum| desired > maximum) {
            return Err(self.refuse(Refused::OverBudget));
        }
        self.used = used;
        Ok(true)
    }

    /// Called when the growth that was just allowed did not succeed.
    fn memory_grow_failed(&mut self, _error: wasmtime::Error) -> wasmtime::Result<()> {
        Err(self.refuse(Refused::OutOfMemory))
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if desired > MAX_TABLE_ELEMENTS || maximum.is_some_and(|maximum| desired > maximum) {
            return Err(self.refuse(Refused::OverBudget));
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        MAX_INSTANCES as usize
    }

    fn tables(&self) -> usize {
        MAX_TABLES as usize
    }

    fn memories(&self) -> usize {
        MAX_MEMORIES as usize
    }
}
