//! The most that a component may have of anything, each with its reason.
//!
//! "Ours" is `engine.wasm`, with every codec of ours in it, and three of it
//! composed to one engine are far from every limit. So are engines that bring an
//! interpreter along. What is allowed at its most in every respect takes the
//! compiler up to a minute; [`Compiler`](crate::wasm::Compiler) has limits for that.

use std::fmt;

/// More of something than a compiler should be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found} {measure}, and {} are allowed", measure.limit())]
pub struct Excess {
    /// The measure that is over its limit.
    pub measure: Measure,
    /// The count when the walk ended.
    pub found: u64,
}

/// Defines [`Measure`] by a table: each measure with the reason for its limit, the
/// limit, and the words for it in a message.
macro_rules! measures {
    ($($(#[doc = $reason:literal])+ $name:ident: $limit:expr, $words:literal;)+) => {
        /// A quantity that is measured of a component.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Measure {
            $($(#[doc = $reason])+ $name,)+
        }

        impl Measure {
            /// All of them.
            pub const ALL: [Self; [$(Self::$name),+].len()] = [$(Self::$name),+];

            /// The most that is allowed.
            pub fn limit(self) -> u64 {
                match self {
                    $(Self::$name => $limit,)+
                }
            }
        }

        impl fmt::Display for Measure {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$name => $words,)+
                })
            }
        }
    };
}

measures! {
    /// Components and modules within each other, the outermost included. A module in
    /// a component makes two, and each composition adds one. A compiler's memory
    /// grows with the square of this.
    Nesting: 16, "components and modules within each other";

    /// Components within others. Ours has 2, the watermark composed with it 5.
    Components: 100, "components";

    /// Core modules. A component has three as a rule: its code, and two that link
    /// it. One engine has no more than 64 instances of them.
    Modules: 200, "modules";

    /// Types of functions, records and interfaces. Ours has 212.
    Types: 10_000, "types";

    /// Types within each other, as they are written down: 2 for an interface. The
    /// compiler calls itself for each, and 30,000 overflow its stack.
    TypeNesting: 16, "types within each other";

    /// Imports, those of modules included. Ours has 61.
    Imports: 5_000, "imports";

    /// Exports, those of modules included. Ours has 44.
    Exports: 5_000, "exports";

    /// Instances of components and modules, those that instances make included. Ours
    /// has 5, and no engine has more than 64 of modules when it runs. The compiler
    /// follows each: 130,000 of them, in 2 kB, took it 7 seconds of a processor and
    /// a gigabyte.
    Instances: 4_000, "instances, those within others included";

    /// Ties between the parts of a component: instances with their arguments,
    /// aliases, functions that are lifted and lowered. Ours has 148. Adapters are
    /// compiled for some.
    Links: 10_000, "instances, aliases and adapters";

    /// Functions. Ours has 1,117. Each costs a compiler about a quarter of a
    /// millisecond, however small it is.
    Functions: 20_000, "functions";

    /// Bytes of code. Ours has 1.3 MB, an interpreter of JavaScript about 8. Two
    /// seconds of a processor compile a megabyte of the plainest code.
    Code: 16 << 20, "bytes of code";

    /// Bytes of code in one function. Ours has 114 kB at most. With nothing but calls
    /// in it, a megabyte takes the compiler 1.2 GB.
    Body: 384 << 10, "bytes in one function";

    /// Blocks, loops and branches of one function. Ours has 3,665 at most.
    Blocks: 20_000, "blocks and branches in one function";

    /// Loops within each other in one function. Ours has 7 at most. Time and memory
    /// grow with the square.
    Loops: 64, "loops within each other";

    /// Parameters and locals of one function. Ours has 224 at most.
    Locals: 2_000, "locals in one function";

    /// Values of one function that wait to be used, at one time. Ours has 38 at
    /// most. The compiler's time grows with the square.
    Operands: 1_000, "values at one time in one function";

    /// Blocks and branches of one function, times the values that may have to be
    /// kept in each: its locals, and what waits. Ours has 0.3 million at most.
    /// Four million took the compiler 15 seconds of a processor and 550 MB.
    Flow: 2_000_000, "blocks times values in one function";

    /// Globals, tables, memories and tags.
    Globals: 10_000, "globals, tables, memories and tags";

    /// Entries of tables that are filled at the start, as many as a table may have.
    Elements: 100_000, "entries of tables";

    /// Pieces of data that memories are filled with at the start. Their bytes are
    /// those of the file. Ours has 2. The memory of an interpreter that was started
    /// when its component was made has 5,500 (QuickJS) to 10,000, which is where such
    /// tools end. A compiler takes 0.05 seconds for all that are allowed.
    Segments: 100_000, "pieces of data";
}
