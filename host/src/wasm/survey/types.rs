//! Types of the component model, counted without a call for each that lies in
//! another: the parser of the library calls itself, and a few kilobytes of types
//! would take all of the stack.

use wasmparser::{
    BinaryReader, ComponentAlias, ComponentExternName, ComponentImport, ComponentType,
    ComponentTypeRef, ComponentTypeSectionReader, CoreType, CoreTypeSectionReader,
};

use super::{Extent, LoadError, Measure};

/// The first byte of a type that holds declarations: of a component, of an
/// instance.
const HOLDERS: [u8; 2] = [0x41, 0x42];

/// Counts the types of a section of `bytes`.
pub(super) fn count(
    extent: &mut Extent,
    section: ComponentTypeSectionReader<'_>,
    bytes: &[u8],
) -> Result<(), LoadError> {
    let range = section.range();
    let start = range.start;
    let mut reader = BinaryReader::new(bytes.get(range).unwrap_or_default(), start);
    // Where the walk is: how many declarations are left of each type around it.
    // The section itself holds types and nothing else.
    let mut left = vec![reader.read_var_u32()?];
    while let Some(here) = left.last_mut() {
        if *here == 0 {
            left.pop();
            continue;
        }
        *here -= 1;
        if left.len() == 1 || declares_type(&mut reader)? {
            extent.add(Measure::Types, 1u32)?;
            if let Some(declarations) = holder(&mut reader)? {
                left.push(declarations);
                extent.meet(Measure::TypeNesting, left.len())?;
            }
        }
    }
    Ok(())
}

/// Reads what is declared in a type, unless it is a type.
fn declares_type(reader: &mut BinaryReader<'_>) -> Result<bool, LoadError> {
    match reader.read_u8()? {
        0x00 => {
            reader.read::<CoreType<'_>>()?;
        }
        0x01 => return Ok(true),
        0x02 => {
            reader.read::<ComponentAlias<'_>>()?;
        }
        0x03 => {
            reader.read::<ComponentImport<'_>>()?;
        }
        0x04 => {
            reader.read::<ComponentExternName<'_>>()?;
            reader.read::<ComponentTypeRef>()?;
        }
        _ => {
            // Let the library say it.
            reader.read::<ComponentTypeRef>()?;
        }
    }
    Ok(false)
}

/// Reads a type, or of one that holds declarations how many they are.
fn holder(reader: &mut BinaryReader<'_>) -> Result<Option<u32>, LoadError> {
    let first = reader.clone().read_u8()?;
    if HOLDERS.contains(&first) {
        reader.read_u8()?;
        return Ok(Some(reader.read_var_u32()?));
    }
    reader.read::<ComponentType<'_>>()?;
    Ok(None)
}

/// Counts types of core modules that a component declares.
pub(super) fn count_core(
    extent: &mut Extent,
    section: CoreTypeSectionReader<'_>,
) -> Result<(), LoadError> {
    for kind in section {
        let declarations = match kind? {
            CoreType::Rec(group) => group.types().len(),
            CoreType::Module(declarations) => declarations.len() + 1,
        };
        extent.add(Measure::Types, declarations as u64)?;
    }
    Ok(())
}
