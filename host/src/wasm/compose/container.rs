//! A component around an open engine and its codecs.
//!
//! ```text
//!  imports of the engine, without the codec's
//!  components: engine, codecs, joint
//!  instances:  codecs, joints of two, the engine with all of it
//!  exports of the engine
//! ```
//!
//! Engine and codecs lie side by side: a component must not call one that it contains. The
//! imports and their types are those of the engine, which come first in it, with the numbers
//! of instances behind the missing one moved down.

use std::convert::Infallible;

use wasm_encoder::reencode::{self, Reencode, ReencodeComponent};
use wasm_encoder::{
    Alias, Component, ComponentAliasSection, ComponentExportKind, ComponentExportSection,
    ComponentImportSection, ComponentInstanceSection, ComponentSectionId, CustomSection,
    RawSection,
};
use wasmparser::{ComponentImportSectionReader, Parser, Payload};

use super::ComposeError;
use super::codec::CODEC;

/// Name of the second codec in the joint.
const NEXT: &str = "thimble:codec/next@0.1.0";

/// Any version of the interface of codecs.
const ANY_CODEC: &str = "thimble:codec/codec@";

/// Section of an open engine with the joint.
const JOINT: &str = "thimble-joint";

/// Section in which people read what a component is.
const DESCRIPTION: &str = "description";

/// Sections that people read, and that are the same with codecs.
const METADATA: [&str; 6] = [
    "authors", "homepage", "licenses", "revision", "source", "version",
];

/// Puts codecs beside an engine.
pub(super) fn around(
    open: &[u8],
    codecs: &[&[u8]],
    described: &str,
) -> Result<Vec<u8>, ComposeError> {
    let engine = Engine::read(open)?;
    let mut parts = vec![engine.bytes.as_slice()];
    parts.extend(codecs);
    match (codecs, engine.joint) {
        ([], _) => return Err(ComposeError::NoCodecs),
        ([_], _) => {}
        (_, Some(joint)) => parts.push(joint),
        (_, None) => return Err(ComposeError::NoJoint),
    }
    let mut container = Container {
        missing: engine.codec,
        made: Component::new(),
        instances: engine.imports.len() as u32 - 1,
    };
    container.imports(open)?;
    for data in parts {
        let id = ComponentSectionId::Component.into();
        container.made.section(&RawSection { id, data });
    }
    let codec = container.join(codecs.len() as u32);
    container.engine(&engine, codec);
    for (name, data) in &engine.metadata {
        let mut data = data.to_vec();
        if *name == DESCRIPTION {
            data.extend_from_slice(format!(", with {described}").as_bytes());
        }
        container.made.section(&CustomSection {
            name: (*name).into(),
            data: data.into(),
        });
    }
    Ok(container.made.finish())
}

/// An open engine.
#[derive(Debug, Default)]
struct Engine<'a> {
    /// Its bytes, without the joint.
    bytes: Vec<u8>,
    /// Names of the instances that it imports.
    imports: Vec<&'a str>,
    /// The place of the codec among them.
    codec: u32,
    /// Names of the instances that it exports.
    exports: Vec<&'a str>,
    joint: Option<&'a [u8]>,
    metadata: Vec<(&'a str, &'a [u8])>,
}

impl<'a> Engine<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, ComposeError> {
        let mut engine = Engine::default();
        let (mut depth, mut kept) = (0, 0);
        for payload in Parser::new(0).parse_all(bytes) {
            match payload.map_err(unreadable)? {
                Payload::Version { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                _ if depth > 1 => {}
                Payload::ComponentImportSection(section) => {
                    for import in section {
                        engine.imports.push(import.map_err(unreadable)?.name.name);
                    }
                }
                Payload::ComponentExportSection(section) => {
                    for export in section {
                        engine.exports.push(export.map_err(unreadable)?.name.name);
                    }
                }
                Payload::CustomSection(section) if section.name() == JOINT => {
                    engine.joint = Some(section.data());
                    let end = section.range().end;
                    let begin = begin_of(bytes, section.range().start);
                    let before = bytes.get(kept..begin).unwrap_or_default();
                    engine.bytes.extend_from_slice(before);
                    kept = end;
                }
                Payload::CustomSection(section)
                    if METADATA.contains(&section.name()) || section.name() == DESCRIPTION =>
                {
                    engine.metadata.push((section.name(), section.data()));
                }
                _ => {}
            }
        }
        engine
            .bytes
            .extend_from_slice(bytes.get(kept..).unwrap_or_default());
        let mut imports = engine.imports.iter();
        if let Some(place) = imports.position(|name| *name == CODEC) {
            engine.codec = place as u32;
            return Ok(engine);
        }
        let mut imports = engine.imports.iter();
        Err(match imports.find(|name| name.starts_with(ANY_CODEC)) {
            Some(found) => ComposeError::OtherEngine {
                found: (*found).into(),
            },
            None => ComposeError::NotOpen,
        })
    }
}

/// The beginning of a section whose content begins there: before it are its kind, and its
/// length in seven bits a byte, all but the last with the eighth set.
fn begin_of(bytes: &[u8], content: usize) -> usize {
    let mut at = content.saturating_sub(2);
    while at > 0 && bytes.get(at).is_some_and(|byte| byte & 0x80 != 0) {
        at -= 1;
    }
    at
}

fn unreadable(error: wasmparser::BinaryReaderError) -> ComposeError {
    ComposeError::Unreadable(error.message().to_owned())
}

/// The component that is being written.
struct Container {
    made: Component,
    /// The instance that is not imported any more.
    missing: u32,
    /// Instances so far.
    instances: u32,
}

impl Container {
    /// Writes what the engine imports, with the types of it: all that comes before its code.
    fn imports(&mut self, open: &[u8]) -> Result<(), ComposeError> {
        for payload in Parser::new(0).parse_all(open) {
            let payload = payload.map_err(unreadable)?;
            let is_of_imports = matches!(
                payload,
                Payload::Version { .. }
                    | Payload::ComponentTypeSection(_)
                    | Payload::ComponentImportSection(_)
                    | Payload::ComponentAliasSection(_)
            );
            if !is_of_imports {
                break;
            }
            let mut made = std::mem::take(&mut self.made);
            let written = self.parse_component_payload(&mut made, payload, open);
            self.made = made;
            written.map_err(|error| ComposeError::Unreadable(error.to_string()))?;
        }
        Ok(())
    }

    /// Joins codecs in pairs, until there is one.
    fn join(&mut self, codecs: u32) -> u32 {
        let joint = codecs + 1;
        let mut joined = Vec::new();
        for codec in 1..=codecs {
            let instance = self.instantiate(codec, &[]);
            joined.push(self.alias(instance, CODEC));
        }
        while joined.len() > 1 {
            let pairs = joined.chunks(2).map(|pair| match *pair {
                [first, second] => {
                    let both = [(CODEC, first), (NEXT, second)];
                    let instance = self.instantiate(joint, &both);
                    self.alias(instance, CODEC)
                }
                _ => pair[0],
            });
            joined = pairs.collect();
        }
        joined[0]
    }

    /// Gives the engine its imports and a codec, and exports what it exports.
    fn engine(&mut self, engine: &Engine<'_>, codec: u32) {
        let mut arguments: Vec<(&str, u32)> = Vec::new();
        for name in &engine.imports {
            let place = arguments.len() as u32;
            let place = place - u32::from(place > self.missing);
            arguments.push((name, if *name == CODEC { codec } else { place }));
        }
        let instance = self.instantiate(0, &arguments);
        for name in &engine.exports {
            let exported = self.alias(instance, name);
            let mut exports = ComponentExportSection::new();
            exports.export(*name, ComponentExportKind::Instance, exported, None);
            self.made.section(&exports);
            // What is exported is an instance once more.
            self.instances += 1;
        }
    }

    fn instantiate(&mut self, component: u32, arguments: &[(&str, u32)]) -> u32 {
        let mut section = ComponentInstanceSection::new();
        let arguments = arguments.iter().map(|(name, instance)| {
            let kind = ComponentExportKind::Instance;
            (*name, kind, *instance)
        });
        section.instantiate(component, arguments);
        self.made.section(&section);
        self.instances += 1;
        self.instances - 1
    }

    fn alias(&mut self, instance: u32, name: &str) -> u32 {
        let mut section = ComponentAliasSection::new();
        section.alias(Alias::InstanceExport {
            instance,
            kind: ComponentExportKind::Instance,
            name,
        });
        self.made.section(&section);
        self.instances += 1;
        self.instances - 1
    }
}

impl Reencode for Container {
    type Error = Infallible;
}

impl ReencodeComponent for Container {
    fn component_instance_index(&mut self, instance: u32) -> u32 {
        instance - u32::from(instance > self.missing)
    }

    fn parse_component_import_section(
        &mut self,
        imports: &mut ComponentImportSection,
        section: ComponentImportSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        for import in section {
            let import = import?;
            if import.name.name != CODEC {
                imports.import(import.name, self.component_type_ref(import.ty)?);
            }
        }
        Ok(())
    }
}
