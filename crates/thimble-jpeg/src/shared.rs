//! Tables that several streams have in common.

use std::sync::Arc;

use super::huffman::{Ac, Specification};

/// Most tables that are kept: as many as a scan may use.
const KEPT: usize = 4;

/// Tables derived for streams before, for those that have the same: the strips or tiles of a
/// larger picture mostly do. To derive a table takes as long as to decode a thousand blocks.
#[derive(Debug, Default)]
pub struct SharedTables(Vec<Derived>);

#[derive(Debug)]
struct Derived {
    specification: Specification,
    skips: bool,
    table: Arc<Ac>,
}

impl SharedTables {
    /// The table of AC coefficients of a sequential scan.
    pub(super) fn ac(&mut self, specification: &Specification, skips: bool) -> Arc<Ac> {
        let is_same = |kept: &&Derived| kept.skips == skips && kept.specification == *specification;
        if let Some(kept) = self.0.iter().find(is_same) {
            return Arc::clone(&kept.table);
        }
        let table: Arc<Ac> = Ac::sequential(specification, skips).into();
        if self.0.len() == KEPT {
            self.0.remove(0);
        }
        self.0.push(Derived {
            specification: specification.clone(),
            skips,
            table: Arc::clone(&table),
        });
        table
    }
}
