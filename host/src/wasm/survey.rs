//! A look at a component before a compiler sees it.
//!
//! A compiler is made for programs that somebody means to run. What takes it
//! minutes and gigabytes fits in a few kilobytes, so a stranger's component is
//! walked over first: once, from the front to the back, with memory for what is
//! within the [limits](Measure::limit) and an end as soon as one is passed.

use std::fmt;

use wasmparser::{
    BinaryReaderError, ComponentAlias, ComponentInstance, ComponentTypeRef, ElementItems, Encoding,
    FromReader, Instance, Parser, Payload, SectionLimited, TypeRef,
};

use super::error::LoadError;
use super::measure::{Excess, Measure};

mod body;
mod instances;
mod types;

use body::Module;
use instances::Component;

/// Counts of every measure of a component.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent([u64; Measure::ALL.len()]);

impl From<Excess> for LoadError {
    fn from(excess: Excess) -> Self {
        Self::TooMuch(excess)
    }
}

impl From<BinaryReaderError> for LoadError {
    fn from(error: BinaryReaderError) -> Self {
        Self::Compile(error.to_string())
    }
}

impl Extent {
    /// The count of one measure.
    pub fn of(&self, measure: Measure) -> u64 {
        self.0.get(measure as usize).copied().unwrap_or_default()
    }

    fn set(&mut self, measure: Measure, found: u64) -> Result<(), Excess> {
        if let Some(known) = self.0.get_mut(measure as usize) {
            *known = found.max(*known);
        }
        if found > measure.limit() {
            return Err(Excess { measure, found });
        }
        Ok(())
    }

    /// Counts what adds up.
    fn add(&mut self, measure: Measure, more: impl Into<u64>) -> Result<(), Excess> {
        self.set(measure, self.of(measure).saturating_add(more.into()))
    }

    /// Notes what counts at its largest.
    fn meet(&mut self, measure: Measure, found: usize) -> Result<(), Excess> {
        self.set(measure, found as u64)
    }
}

/// The extent of a component, or what makes it unfit for a compiler.
pub(super) fn survey(bytes: &[u8]) -> Result<Extent, LoadError> {
    if !bytes.starts_with(b"\0asm") {
        let text = "it is not a WebAssembly file; name the .wasm of an engine";
        return Err(LoadError::Compile(text.to_owned()));
    }
    let mut walk = Walk::default();
    for payload in Parser::new(0).parse_all(bytes) {
        walk.step(payload?, bytes)?;
    }
    Ok(walk.extent)
}

#[derive(Default)]
struct Walk {
    extent: Extent,
    /// Components and modules around the place of the walk.
    around: Vec<Place>,
}

/// A component, or a module.
#[derive(Default)]
struct Place {
    is_component: bool,
    module: Module,
    component: Component,
}

impl Walk {
    fn step(&mut self, payload: Payload<'_>, bytes: &[u8]) -> Result<(), LoadError> {
        match payload {
            Payload::Version { encoding, .. } => {
                self.around.push(Place {
                    is_component: encoding == Encoding::Component,
                    ..Place::default()
                });
                self.extent.meet(Measure::Nesting, self.around.len())?;
            }
            Payload::End(_) => self.end(),
            Payload::ModuleSection { .. } => self.extent.add(Measure::Modules, 1u32)?,
            Payload::ComponentSection { .. } => self.extent.add(Measure::Components, 1u32)?,
            Payload::ComponentTypeSection(section) => {
                types::count(&mut self.extent, section, bytes)?
            }
            Payload::CoreTypeSection(section) => types::count_core(&mut self.extent, section)?,
            Payload::InstanceSection(section) => self.instances(section)?,
            Payload::ComponentInstanceSection(section) => self.component_instances(section)?,
            Payload::ComponentAliasSection(section) => self.aliases(section)?,
            Payload::ComponentCanonicalSection(section) => {
                self.extent.add(Measure::Links, section.count())?;
            }
            Payload::ComponentImportSection(section) => {
                self.extent.add(Measure::Imports, section.count())?;
                for import in section {
                    if let ComponentTypeRef::Component(_) = import?.ty {
                        self.component(|component| component.know(None));
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                self.extent.add(Measure::Exports, section.count())?;
                for export in section {
                    let export = export?;
                    self.component(|component| component.export(&export));
                }
            }
            other => self.step_in_module(other)?,
        }
        Ok(())
    }

    fn step_in_module(&mut self, payload: Payload<'_>) -> Result<(), LoadError> {
        let extent = &mut self.extent;
        let Some(Place { module, .. }) = self.around.last_mut() else {
            return Ok(());
        };
        match payload {
            Payload::TypeSection(section) => {
                for group in section {
                    for kind in group?.into_types() {
                        extent.add(Measure::Types, 1u32)?;
                        module.types.push(kind);
                    }
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    extent.add(Measure::Imports, 1u32)?;
                    if let TypeRef::Func(kind) | TypeRef::FuncExact(kind) = import?.ty {
                        module.functions.push(kind);
                    }
                }
                module.imported = module.functions.len();
            }
            Payload::FunctionSection(section) => {
                extent.add(Measure::Functions, section.count())?;
                for kind in section {
                    module.functions.push(kind?);
                }
            }
            Payload::ExportSection(section) => extent.add(Measure::Exports, section.count())?,
            Payload::GlobalSection(section) => extent.add(Measure::Globals, section.count())?,
            Payload::TableSection(section) => extent.add(Measure::Globals, section.count())?,
            Payload::MemorySection(section) => extent.add(Measure::Globals, section.count())?,
            Payload::TagSection(section) => extent.add(Measure::Globals, section.count())?,
            Payload::ElementSection(section) => {
                extent.add(Measure::Elements, section.count())?;
                for segment in section {
                    let entries = match segment?.items {
                        ElementItems::Functions(entries) => entries.count(),
                        ElementItems::Expressions(_, entries) => entries.count(),
                    };
                    extent.add(Measure::Elements, entries)?;
                }
            }
            Payload::DataSection(section) => extent.add(Measure::Segments, section.count())?,
            Payload::CodeSectionStart { size, .. } => extent.add(Measure::Code, size)?,
            Payload::CodeSectionEntry(body) => module.body(extent, &body)?,
            // The rest has no size of its own, is passed over by the compiler, or
            // is nothing that it knows.
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self) {
        let ended = self.around.pop().filter(|place| place.is_component);
        if let Some((around, ended)) = self.around.last_mut().zip(ended) {
            around.component.contains(&ended.component);
        }
    }

    fn component(&mut self, learn: impl FnOnce(&mut Component)) {
        if let Some(place) = self.around.last_mut() {
            learn(&mut place.component);
        }
    }

    fn aliases(
        &mut self,
        section: SectionLimited<'_, ComponentAlias<'_>>,
    ) -> Result<(), LoadError> {
        self.extent.add(Measure::Links, section.count())?;
        for alias in section {
            let around = self.around.iter().map(|place| &place.component);
            if let Some(made) = instances::alias(&alias?, around) {
                self.component(|component| component.know(made));
            }
        }
        Ok(())
    }

    fn instances(&mut self, section: SectionLimited<'_, Instance<'_>>) -> Result<(), LoadError> {
        self.links(section, |instance, component, extent| {
            Ok(match instance {
                Instance::Instantiate { args, .. } => {
                    component.instantiate_module(extent)?;
                    args.len()
                }
                Instance::FromExports(exports) => exports.len(),
            })
        })
    }

    fn component_instances(
        &mut self,
        section: SectionLimited<'_, ComponentInstance<'_>>,
    ) -> Result<(), LoadError> {
        self.links(section, |instance, component, extent| {
            component.instantiate(extent, &instance)?;
            Ok(match instance {
                ComponentInstance::Instantiate { args, .. } => args.len(),
                ComponentInstance::FromExports(exports) => exports.len(),
            })
        })
    }

    /// Counts the entries of a section, and what ties each to others.
    fn links<'a, T: FromReader<'a>>(
        &mut self,
        section: SectionLimited<'a, T>,
        ties: impl Fn(T, &mut Component, &mut Extent) -> Result<usize, Excess>,
    ) -> Result<(), LoadError> {
        self.extent.add(Measure::Links, section.count())?;
        let Some(Place { component, .. }) = self.around.last_mut() else {
            return Ok(());
        };
        for entry in section {
            let ties = ties(entry?, component, &mut self.extent)?;
            self.extent.add(Measure::Links, ties as u64)?;
        }
        Ok(())
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, measure) in Measure::ALL.into_iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{} {measure}", self.of(measure))?;
        }
        Ok(())
    }
}
