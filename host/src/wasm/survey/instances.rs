//! Instances that a component makes: those that its instances make are among them.
//!
//! A compiler follows every instance through the components that it is made of. Two
//! instances of one component, in another that there are two of, and so on, are a line of
//! text each and twice as many instances.

use wasmparser::{
    ComponentAlias, ComponentExport, ComponentExternalKind, ComponentInstance,
    ComponentOuterAliasKind,
};

use super::Extent;
use crate::wasm::measure::{Excess, Measure};

/// Facts about a component that are known so far.
#[derive(Default)]
pub(super) struct Component {
    /// Instances that one of each component makes, itself included, by the component's
    /// index. `None` if the component comes from outside or out of an instance.
    made_by: Vec<Option<u64>>,
    /// Instances that this one makes, itself not included.
    made: u64,
}

impl Component {
    /// A component within this one ended.
    pub(super) fn contains(&mut self, inner: &Component) {
        self.made_by.push(Some(inner.made.saturating_add(1)));
    }

    /// A component is known by another index from here on, or came from elsewhere.
    pub(super) fn know(&mut self, made: Option<u64>) {
        self.made_by.push(made);
    }

    fn made_by(&self, index: u32) -> Option<u64> {
        self.made_by.get(index as usize).copied().flatten()
    }

    /// An export has an index of its own.
    pub(super) fn export(&mut self, export: &ComponentExport<'_>) {
        if export.kind == ComponentExternalKind::Component {
            self.know(self.made_by(export.index));
        }
    }

    /// Counts a module's instance.
    pub(super) fn instantiate_module(&mut self, extent: &mut Extent) -> Result<(), Excess> {
        self.add(extent, 1)
    }

    /// Counts an instance with all that it makes. A component that is not known by its
    /// index may make any number.
    pub(super) fn instantiate(
        &mut self,
        extent: &mut Extent,
        instance: &ComponentInstance<'_>,
    ) -> Result<(), Excess> {
        match instance {
            ComponentInstance::Instantiate {
                component_index, ..
            } => self.add(extent, self.made_by(*component_index).unwrap_or(u64::MAX)),
            ComponentInstance::FromExports(_) => Ok(()),
        }
    }

    fn add(&mut self, extent: &mut Extent, more: u64) -> Result<(), Excess> {
        self.made = self.made.saturating_add(more);
        extent.set(Measure::Instances, self.made)
    }
}

/// A component that an alias gives an index to, if it is one: known or not.
pub(super) fn alias<'a>(
    alias: &ComponentAlias<'_>,
    mut around: impl DoubleEndedIterator<Item = &'a Component>,
) -> Option<Option<u64>> {
    match alias {
        ComponentAlias::Outer {
            kind: ComponentOuterAliasKind::Component,
            count,
            index,
        } => {
            let outer = around.nth_back(*count as usize);
            Some(outer.and_then(|outer| outer.made_by(*index)))
        }
        ComponentAlias::InstanceExport {
            kind: ComponentExternalKind::Component,
            ..
        } => Some(None),
        _ => None,
    }
}
