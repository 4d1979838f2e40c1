//! Components that are small or plain, and would take a compiler minutes,
//! gigabytes, or its stack.

use thimble::contract::INTERFACE;
use thimble::wasm::Measure;
use wasm_encoder::{
    BlockType, CodeSection, Component, ComponentTypeSection, Encode, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, ImportSection, Module, ModuleSection, RawSection,
    TypeSection, ValType,
};

/// A component, and what it has too much of.
pub(crate) struct Bomb {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    pub(crate) excess: Measure,
}

/// The numbers of sections of a component.
const NESTED: u8 = 4;
const TYPES: u8 = 7;

/// One of each kind that was found, and one for each limit.
pub(crate) fn all() -> Vec<Bomb> {
    let bomb = |name, bytes, excess| Bomb {
        name,
        bytes,
        excess,
    };
    vec![
        bomb("nest-17", nest(17), Measure::Nesting),
        bomb("nest-1000", nest(1_000), Measure::Nesting),
        bomb("nest-6000", nest(6_000), Measure::Nesting),
        bomb("nest-20000", nest(20_000), Measure::Nesting),
        bomb("components", side_by_side(101), Measure::Components),
        bomb("modules", modules(201), Measure::Modules),
        bomb("instances", chain(24, ""), Measure::Instances),
        bomb(
            "instances-of-aliases",
            chain(60, "export"),
            Measure::Instances,
        ),
        bomb("instances-of-arguments", factories(8), Measure::Instances),
        bomb("types", types(10_001), Measure::Types),
        bomb("nested-types", nested_types(30_000), Measure::TypeNesting),
        bomb("imports", imports(5_001), Measure::Imports),
        bomb("exports", exports(5_001), Measure::Exports),
        bomb(
            "functions",
            functions(100_000, &plain(1)),
            Measure::Functions,
        ),
        bomb("code", functions(100, &plain(60_000)), Measure::Code),
        bomb("body", functions(1, &plain(140_000)), Measure::Body),
        bomb("blocks", functions(1, &blocks(60_000)), Measure::Blocks),
        bomb("loops", functions(1, &loops(1_000)), Measure::Loops),
        bomb("locals", functions(1, &locals(50_000, 1)), Measure::Locals),
        bomb(
            "live-values",
            functions(1, &live_values(20_000)),
            Measure::Operands,
        ),
        bomb("flow", functions(1, &locals(1_900, 2_000)), Measure::Flow),
    ]
}

/// The component of one module.
pub(crate) fn component(module: &Module) -> Vec<u8> {
    let mut component = Component::new();
    component.section(&ModuleSection(module));
    component.finish()
}

/// Components, each the only thing in the one around it.
fn nest(depth: usize) -> Vec<u8> {
    let mut bytes = vec![Component::new().finish()];
    let mut size = Component::HEADER.len();
    for _ in 1..depth {
        let mut around = Component::HEADER.to_vec();
        around.push(NESTED);
        size.encode(&mut around);
        size += around.len();
        bytes.push(around);
    }
    bytes.into_iter().rev().flatten().collect()
}

fn side_by_side(count: usize) -> Vec<u8> {
    let mut component = Component::new();
    for _ in 0..count {
        component.section(&RawSection {
            id: NESTED,
            data: &Component::HEADER,
        });
    }
    component.finish()
}

fn modules(count: usize) -> Vec<u8> {
    let mut component = Component::new();
    for _ in 0..count {
        component.section(&ModuleSection(&Module::new()));
    }
    component.finish()
}

/// Components that each have two instances of the one before, by its own index or by
/// that of an export of it.
pub(crate) fn chain(length: usize, by: &str) -> Vec<u8> {
    let mut text = "(component $root
        (component $c0 (core module $m) (core instance (instantiate $m)))"
        .to_owned();
    for number in 1..=length {
        let before = number - 1;
        let alias = match by {
            "" => format!("(alias outer $root $c{before} (component $x))"),
            _ => format!(
                r#"(alias outer $root $c{before} (component $y))
                   (export $x "x" (component $y))"#
            ),
        };
        let twice = "(instance (instantiate $x))".repeat(2);
        text += &format!("(component $c{number} {alias} {twice})");
    }
    text += &format!("(instance (instantiate $c{length})))");
    wat::parse_str(text).unwrap()
}

/// Instances that each export a component with two instances of the one before, which
/// is their argument.
fn factories(length: usize) -> Vec<u8> {
    let mut text = r#"(component $root
        (component $c0)
        (component $factory
          (import "c" (component $c))
          (component $twice
            (alias outer $factory $c (component $x))
            (instance (instantiate $x)) (instance (instantiate $x)))
          (export "c" (component $twice)))"#
        .to_owned();
    for number in 1..=length {
        let before = number - 1;
        text += &format!(
            r#"(instance $i{number} (instantiate $factory (with "c" (component $c{before}))))
               (alias export $i{number} "c" (component $c{number}))"#
        );
    }
    text += &format!("(instance (instantiate $c{length})))");
    wat::parse_str(text).unwrap()
}

fn types(count: usize) -> Vec<u8> {
    let mut types = ComponentTypeSection::new();
    for _ in 0..count {
        types
            .defined_type()
            .primitive(wasm_encoder::PrimitiveValType::U8);
    }
    let mut component = Component::new();
    component.section(&types);
    component.finish()
}

/// Types of instances that each declare nothing but another. Parsers call
/// themselves for each.
fn nested_types(depth: usize) -> Vec<u8> {
    let mut data = vec![1];
    for _ in 0..depth {
        // An instance type of one declaration, which is a type.
        data.extend([0x42, 1, 1]);
    }
    data.extend([0x42, 0]);
    let mut component = Component::new();
    component.section(&RawSection {
        id: TYPES,
        data: &data,
    });
    component.finish()
}

fn imports(count: usize) -> Vec<u8> {
    let mut imports = ImportSection::new();
    for number in 0..count {
        imports.import("m", &number.to_string(), EntityType::Function(0));
    }
    let mut module = Module::new();
    module.section(&unary()).section(&imports);
    component(&module)
}

fn exports(count: usize) -> Vec<u8> {
    let mut exports = ExportSection::new();
    for number in 0..count {
        exports.export(&number.to_string(), ExportKind::Func, 0);
    }
    let mut code = CodeSection::new();
    code.function(&plain(1));
    let mut declared = FunctionSection::new();
    declared.function(0);
    let mut module = Module::new();
    module.section(&unary()).section(&declared);
    module.section(&exports).section(&code);
    component(&module)
}

/// A module of functions that are all alike.
pub(crate) fn functions(count: usize, function: &Function) -> Vec<u8> {
    let (mut declared, mut code) = (FunctionSection::new(), CodeSection::new());
    for _ in 0..count {
        declared.function(0);
        code.function(function);
    }
    let mut module = Module::new();
    module.section(&unary()).section(&declared).section(&code);
    component(&module)
}

/// The type of all functions here.
fn unary() -> TypeSection {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    types
}

/// Arithmetic without a branch.
pub(crate) fn plain(steps: usize) -> Function {
    let mut function = Function::new([]);
    let mut to = function.instructions();
    to.local_get(0);
    for _ in 0..steps {
        to.i32_const(3).i32_mul();
    }
    to.end();
    function
}

fn blocks(count: usize) -> Function {
    let mut function = Function::new([]);
    let mut to = function.instructions();
    for _ in 0..count / 2 {
        to.block(BlockType::Empty).local_get(0).br_if(0).end();
    }
    to.local_get(0).end();
    function
}

fn loops(depth: usize) -> Function {
    let mut function = Function::new([]);
    let mut to = function.instructions();
    for _ in 0..depth {
        to.loop_(BlockType::Empty);
    }
    for _ in 0..depth {
        to.local_get(0).br_if(0).end();
    }
    to.local_get(0).end();
    function
}

/// Blocks that each change one of many locals, or not, and all are used in the
/// end.
pub(crate) fn locals(count: u32, blocks: u32) -> Function {
    let mut function = Function::new([(count, ValType::I32)]);
    let mut to = function.instructions();
    for block in 0..blocks {
        let [one, other] = [7, 13].map(|step| 1 + block * step % count);
        to.block(BlockType::Empty).local_get(one).br_if(0);
        to.local_get(one)
            .local_get(other)
            .i32_add()
            .local_set(other)
            .end();
    }
    to.local_get(0);
    for local in 1..=count {
        to.local_get(local).i32_add();
    }
    to.end();
    function
}

/// Values that are all there before the first is used.
fn live_values(count: usize) -> Function {
    let mut function = Function::new([]);
    let mut to = function.instructions();
    for _ in 0..count {
        to.local_get(0).i32_const(3).i32_mul();
    }
    for _ in 1..count {
        to.i32_add();
    }
    to.end();
    function
}

/// Within every limit, and half a minute of work for one processor.
pub(crate) fn slow() -> Vec<u8> {
    functions(80, &plain(60_000))
}

/// Within every limit, and more than 64 MiB of work.
pub(crate) fn large() -> Vec<u8> {
    functions(4, &locals(1_900, 500))
}

/// Within every limit, and minutes of work for one processor.
pub(crate) fn endless() -> Vec<u8> {
    functions(250, &loops_of(90, 60, 60))
}

/// Loops in loops that each change one of many locals, which is what a compiler
/// is slowest with.
fn loops_of(count: u32, depth: u32, groups: u32) -> Function {
    let mut function = Function::new([(count, ValType::I32)]);
    let mut to = function.instructions();
    let local = |number: u32| 1 + number % count;
    for group in 0..groups {
        for number in 0..depth {
            let [one, other] = [7, 13].map(|step| local((group + number) * step));
            to.loop_(BlockType::Empty);
            to.local_get(one).local_get(other).i32_add().local_set(one);
        }
        for number in 0..depth {
            to.local_get(local(group + 5 * number)).br_if(0).end();
        }
    }
    to.local_get(0);
    for local in 1..=count {
        to.local_get(local).i32_add();
    }
    to.end();
    function
}

/// A component by the name of an engine whose module does this when it starts.
pub(crate) fn starting(instructions: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            (type $resource (resource (rep i32)))
            (core func $new (canon resource.new $resource))
            (core module $module
              (import "" "new" (func $handle (param i32) (result i32)))
              (memory 1)
              (func $start {instructions})
              (start $start))
            (core instance (instantiate $module (with "" (instance (export "new" (func $new))))))
            (instance $nothing)
            (export "{INTERFACE}" (instance $nothing)))"#
    );
    wat::parse_str(text).unwrap()
}
