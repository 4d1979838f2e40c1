//! An open engine without its import: what it asks codecs is answered within, by a codec of
//! no formats.
//!
//! So one module is compiled, and made a component twice: `engine-open.wasm` imports codecs,
//! and `engine.wasm` imports nothing of them.

use std::convert::Infallible;

use anyhow::{Result, anyhow, bail};
use wasm_encoder::reencode::{self, Reencode, RoundtripReencoder, utils};
use wasm_encoder::{CodeSection, Function, FunctionSection, ImportSection, MemArg, Module};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Imports, Parser, Payload, TypeRef};

/// The module that codecs are imported from.
const CODEC: &str = "thimble:codec/codec@0.1.0";

/// An address that an empty list may have: aligned, and not null.
const NOWHERE: i32 = 8;

/// Answers of a codec of no formats.
#[derive(Clone, Copy, Debug)]
enum Answer {
    /// An empty list, where the one argument says.
    EmptyList,
    /// Nothing, where the last argument says.
    Nothing { last: u32 },
    /// Nobody asks for a format that there is not.
    Never,
}

/// An import that is answered within.
#[derive(Clone, Copy, Debug)]
struct Replaced {
    /// Its number among the functions.
    function: u32,
    kind: u32,
    answer: Answer,
}

/// The same module, with the answers in place of the imports.
///
/// # Errors
///
/// If the module is none, or does not import a codec.
pub(crate) fn close(module: &[u8]) -> Result<Vec<u8>> {
    let mut closing = Closing::of(module)?;
    if closing.replaced.is_empty() {
        bail!("the engine does not import {CODEC}");
    }
    let mut closed = Module::new();
    closing
        .parse_core_module(&mut closed, Parser::new(0), module)
        .map_err(|error| anyhow!("cannot close the engine: {error}"))?;
    Ok(closed.finish())
}

/// The same module, with numbers as short as they can be. The linker pads them.
///
/// # Errors
///
/// If the module is none.
pub(crate) fn shorten(module: &[u8]) -> Result<Vec<u8>> {
    let mut shortened = Module::new();
    RoundtripReencoder
        .parse_core_module(&mut shortened, Parser::new(0), module)
        .map_err(|error| anyhow!("cannot shorten the engine: {error}"))?;
    Ok(shortened.finish())
}

/// A module that is being written.
#[derive(Debug, Default)]
struct Closing {
    replaced: Vec<Replaced>,
    /// Imported functions.
    imported: u32,
    /// Functions of the module's own.
    own: u32,
}

impl Closing {
    fn of(module: &[u8]) -> Result<Self> {
        let mut closing = Closing::default();
        let mut parameters = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => {
                    for kind in types.into_iter_err_on_gc_types() {
                        parameters.push(kind?.params().len() as u32);
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let import = import?;
                        let TypeRef::Func(kind) = import.ty else {
                            continue;
                        };
                        if import.module == CODEC {
                            let last = parameters.get(kind as usize).copied().unwrap_or(1) - 1;
                            closing.replaced.push(Replaced {
                                function: closing.imported,
                                kind,
                                answer: answer(import.name, last)?,
                            });
                        }
                        closing.imported += 1;
                    }
                }
                Payload::FunctionSection(functions) => closing.own = functions.count(),
                _ => {}
            }
        }
        Ok(closing)
    }
}

fn answer(function: &str, last: u32) -> Result<Answer> {
    Ok(match function {
        "describe" => Answer::EmptyList,
        "recognize" => Answer::Nothing { last },
        "read-header" | "decode" => Answer::Never,
        _ => bail!("no answer is known for {function} of {CODEC}"),
    })
}

impl Answer {
    fn code(self) -> Function {
        let mut function = Function::new([]);
        let at = |offset| MemArg {
            offset,
            align: 0,
            memory_index: 0,
        };
        let mut code = function.instructions();
        match self {
            Answer::EmptyList => {
                code.local_get(0).i32_const(NOWHERE).i32_store(at(0));
                code.local_get(0).i32_const(0).i32_store(at(4)).end();
            }
            Answer::Nothing { last } => {
                code.local_get(last).i32_const(0).i32_store8(at(0)).end();
            }
            Answer::Never => {
                code.unreachable().end();
            }
        }
        function
    }
}

impl Reencode for Closing {
    type Error = Infallible;

    /// Functions move up by as many imports as are missing before them; the answers come
    /// last.
    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error> {
        let before = |replaced: &&Replaced| replaced.function < function;
        let missing = self.replaced.iter().filter(before).count() as u32;
        let mut replaced = self.replaced.iter();
        Ok(
            match replaced.position(|replaced| replaced.function == function) {
                Some(place) => self.imported + self.own - self.replaced.len() as u32 + place as u32,
                None => function - missing,
            },
        )
    }

    fn parse_imports(
        &mut self,
        section: &mut ImportSection,
        imports: Imports<'_>,
    ) -> Result<(), reencode::Error> {
        match &imports {
            Imports::Single(_, import) if import.module == CODEC => Ok(()),
            _ => utils::parse_imports(self, section, imports),
        }
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        utils::parse_function_section(self, functions, section)?;
        for replaced in &self.replaced {
            functions.function(replaced.kind);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        utils::parse_code_section(self, code, section)?;
        for replaced in &self.replaced {
            code.function(&replaced.answer.code());
        }
        Ok(())
    }
}
