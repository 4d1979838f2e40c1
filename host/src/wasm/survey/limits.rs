//! The most that a component may have of anything, each with its reason.
//!
//! "Ours" is `engine.wasm`, with every codec of ours in it, and three of it
//! composed to one engine are far from every limit. So are engines that bring an
//! interpreter along. What is allowed at its most in every respect takes the
//! compiler up to a minute; [`Compiler`](crate::wasm::Compiler) has limits for that.

use std::fmt;

/// Components and modules within each other, the outermost included. A module in
/// a component makes two, and each composition adds one. A compiler's memory
/// grows with the square of this.
const NESTING: u64 = 16;

/// Components within others. Ours has 2, the watermark composed with it 5.
const COMPONENTS: u64 = 100;

/// Core modules. A component has three as a rule: its code, and two that link
/// it. One engine has no more than 64 instances of them.
const MODULES: u64 = 200;

/// Types of functions, records and interfaces. Ours has 212.
const TYPES: u64 = 10_000;

/// Types within each other, as they are written down: 2 for an interface. The
/// compiler calls itself for each, and 30,000 overflow its stack.
const TYPE_NESTING: u64 = 16;

/// Imports, those of modules included. Ours has 61.
const IMPORTS: u64 = 5_000;

/// Exports, those of modules included. Ours has 44.
const EXPORTS: u64 = 5_000;

/// What ties the parts of a component together: instances with their arguments,
/// aliases, functions that are lifted and lowered. Ours has 148. Adapters are
/// compiled for some.
const LINKS: u64 = 10_000;

/// Functions. Ours has 1,117. Each costs a compiler about a quarter of a
/// millisecond, however small it is.
const FUNCTIONS: u64 = 20_000;

/// Bytes of code. Ours has 1.3 MB, an interpreter of JavaScript about 8. Two
/// seconds of a processor compile a megabyte of the plainest code.
const CODE: u64 = 16 << 20;

/// Bytes of code in one function. Ours has 73 kB at most. With nothing but calls
/// in it, a megabyte takes the compiler 1.2 GB.
const BODY: u64 = 256 << 10;

/// Blocks, loops and branches of one function. Ours has 3,665 at most.
const BLOCKS: u64 = 20_000;

/// Loops within each other in one function. Ours has 7 at most. Time and memory
/// grow with the square.
const LOOPS: u64 = 64;

/// Parameters and locals of one function. Ours has 224 at most.
const LOCALS: u64 = 2_000;

/// Values of one function that wait to be used, at one time. Ours has 38 at
/// most. The compiler's time grows with the square.
const OPERANDS: u64 = 1_000;

/// Blocks and branches of one function, times the values that may have to be
/// kept in each: its locals, and what waits. Ours has 0.3 million at most.
/// Four million took the compiler 15 seconds of a processor and 550 MB.
const FLOW: u64 = 2_000_000;

/// Globals, tables, memories and tags.
const GLOBALS: u64 = 10_000;

/// Entries of tables that are filled at the start, as many as a table may have.
const ELEMENTS: u64 = 100_000;

/// Pieces of data that memories are filled with at the start. Their bytes are
/// those of the file.
const SEGMENTS: u64 = 10_000;

/// What is measured of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Components and modules within each other.
    Nesting,
    /// Components.
    Components,
    /// Core modules.
    Modules,
    /// Types.
    Types,
    /// Types within each other.
    TypeNesting,
    /// Imports.
    Imports,
    /// Exports.
    Exports,
    /// Instances, their arguments, aliases, lifted and lowered functions.
    Links,
    /// Functions.
    Functions,
    /// Bytes of code.
    Code,
    /// Bytes of the largest function.
    Body,
    /// Blocks, loops and branches of the function with the most.
    Blocks,
    /// Loops within each other.
    Loops,
    /// Locals of the function with the most.
    Locals,
    /// Values that wait to be used, in the function with the most.
    Operands,
    /// Blocks times values, of the function with the most.
    Flow,
    /// Globals, tables, memories and tags.
    Globals,
    /// Entries of tables.
    Elements,
    /// Pieces of data.
    Segments,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Nesting,
        Self::Components,
        Self::Modules,
        Self::Types,
        Self::TypeNesting,
        Self::Imports,
        Self::Exports,
        Self::Links,
        Self::Functions,
        Self::Code,
        Self::Body,
        Self::Blocks,
        Self::Loops,
        Self::Locals,
        Self::Operands,
        Self::Flow,
        Self::Globals,
        Self::Elements,
        Self::Segments,
    ];

    /// The most that is allowed.
    pub fn limit(self) -> u64 {
        match self {
            Self::Nesting => NESTING,
            Self::Components => COMPONENTS,
            Self::Modules => MODULES,
            Self::Types => TYPES,
            Self::TypeNesting => TYPE_NESTING,
            Self::Imports => IMPORTS,
            Self::Exports => EXPORTS,
            Self::Links => LINKS,
            Self::Functions => FUNCTIONS,
            Self::Code => CODE,
            Self::Body => BODY,
            Self::Blocks => BLOCKS,
            Self::Loops => LOOPS,
            Self::Locals => LOCALS,
            Self::Operands => OPERANDS,
            Self::Flow => FLOW,
            Self::Globals => GLOBALS,
            Self::Elements => ELEMENTS,
            Self::Segments => SEGMENTS,
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nesting => "components and modules within each other",
            Self::Components => "components",
            Self::Modules => "modules",
            Self::Types => "types",
            Self::TypeNesting => "types within each other",
            Self::Imports => "imports",
            Self::Exports => "exports",
            Self::Links => "instances, aliases and adapters",
            Self::Functions => "functions",
            Self::Code => "bytes of code",
            Self::Body => "bytes in one function",
            Self::Blocks => "blocks and branches in one function",
            Self::Loops => "loops within each other",
            Self::Locals => "locals in one function",
            Self::Operands => "values at one time in one function",
            Self::Flow => "blocks times values in one function",
            Self::Globals => "globals, tables, memories and tags",
            Self::Elements => "entries of tables",
            Self::Segments => "pieces of data",
        })
    }
}
