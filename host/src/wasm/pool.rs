//! Pool of the memories of instances.
//!
//! A memory that is fresh from the kernel costs a page fault for every four
//! kilobytes that a decoder touches. So memories are taken from a pool: the first
//! part of one stays resident when its instance is dropped, and is cleared before
//! another instance gets it. What lies beyond goes back to the kernel.

use wasmtime::{Enabled, InstanceAllocationStrategy, PoolingAllocationConfig};

use super::meter::{MAX_INSTANCES, MAX_MEMORIES, MAX_TABLE_ELEMENTS, MAX_TABLES};

/// Calls that may be at work at one time: as many as can be configured, and some
/// that try an engine meanwhile.
const CALLS: u32 = 1_024 + 64;

/// Part of a memory that stays resident: more than a photo of 24 megapixels
/// needs.
const KEPT: usize = 16 << 20;

/// Part of a table that stays resident: all of an engine's, as a rule.
const KEPT_OF_TABLE: usize = 64 << 10;

/// Free memories that are left unused before a new one is begun: with few, there
/// are hardly more than calls at one time.
const UNUSED: u32 = 2;

/// Instances from a pool.
pub(super) fn strategy() -> InstanceAllocationStrategy {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(CALLS)
        .total_core_instances(4 * CALLS)
        // Address space is set aside for each, 4 GiB.
        .total_memories(CALLS)
        .total_tables(4 * CALLS)
        .max_core_instances_per_component(MAX_INSTANCES)
        .max_memories_per_component(MAX_MEMORIES)
        .max_memories_per_module(MAX_MEMORIES)
        .max_tables_per_component(MAX_TABLES)
        .max_tables_per_module(MAX_TABLES)
        .table_elements(MAX_TABLE_ELEMENTS)
        .max_unused_warm_slots(UNUSED)
        .linear_memory_keep_resident(KEPT)
        .table_keep_resident(KEPT_OF_TABLE)
        // Where the kernel can tell which pages were written, no others are cleared.
        .pagemap_scan(Enabled::Auto);
    InstanceAllocationStrategy::Pooling(pool)
}
