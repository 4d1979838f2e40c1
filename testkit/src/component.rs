//! Engines written by hand, sound ones and hostile ones.
//!
//! An engine here is a few lines of WebAssembly text that return answers laid
//! out beforehand. Around them goes the contract of `wit/`, or one that differs
//! from it, and the result is a component like any other. Nothing but this crate
//! is needed to build one, and a test can say in a line what is wrong with it.
//!
//! A component by hand behaves well on a PNG (it believes the first byte), so it
//! passes the self-test and can be asked again after a failure. A hostile one
//! shows its teeth when it meets any other source.

use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::pixels::Pixels;

mod answer;

pub use answer::{Answer, Claim, png};

/// Name of the contract's interface, as core modules spell it.
const INTERFACE: &str = "thimble:engine/thumbnailer@0.1.0";

/// Addresses of the answers in the engine's memory.
const DESCRIPTION: u32 = 0x1000;
const GOOD: u32 = 0x4000;
const OTHER: u32 = 0x8000;

/// A source that every component by hand makes good thumbnails of, unless it is
/// to fail its self-test.
pub const GOOD_SOURCE: &[u8] = b"\x89PNG";

/// A source that is what the good answer says, so that real engines make
/// thumbnails of it as well.
#[must_use]
pub fn real_source() -> Vec<u8> {
    Pixels::new(16, 8, |x, y| [x as u8 * 16, y as u8 * 32, 128, 255]).to_png()
}

/// A source that shows what is wrong with a hostile component.
pub const BAD_SOURCE: &[u8] = b"bad";

/// The presets that its good answer is for: those of the self-test.
pub const PRESETS: [&str; 2] = ["inside=8x8", "cover=5x5,cover"];

/// A component to be built.
#[derive(Clone, Debug)]
pub struct Component {
    wit: String,
    interface: String,
    imports: String,
    describe: String,
    description: Answer,
    on_good: String,
    on_bad: String,
    /// Claims about the image of the self-test.
    pub good: Claim,
    bad: Claim,
}

impl Component {
    /// An engine without a fault, which answers the bad source like the good one.
    #[must_use]
    pub fn good() -> Self {
        Self::built_against("wit")
    }

    /// The same, built against the contract in a folder of the repository.
    #[must_use]
    pub fn built_against(folder: &str) -> Self {
        let wit = ["thumbnailer.wit", "world.wit"].map(|file| {
            let path = format!("{}/../{folder}/{file}", env!("CARGO_MANIFEST_DIR"));
            std::fs::read_to_string(path).unwrap()
        });
        Self {
            wit: wit
                .join("\n")
                .replacen("\npackage thimble:engine@0.1.0;", "", 1),
            interface: INTERFACE.into(),
            imports: String::new(),
            describe: format!("(i32.const {DESCRIPTION})"),
            description: Answer::description("by-hand", "1.2.3"),
            on_good: format!("(i32.const {GOOD})"),
            on_bad: format!("(i32.const {OTHER})"),
            good: Claim::good(),
            bad: Claim::good(),
        }
    }

    /// One that runs these instructions on a bad source; they leave an `i32`.
    #[must_use]
    pub fn that_runs(instructions: &str) -> Self {
        Self::good().with(|engine| engine.on_bad = instructions.into())
    }

    /// One that claims something else about a bad source.
    #[must_use]
    pub fn that_claims(claim: impl FnOnce(&mut Claim)) -> Self {
        Self::good().with(|engine| claim(&mut engine.bad))
    }

    /// One that runs these instructions on the image of the self-test.
    #[must_use]
    pub fn that_tests_with(instructions: &str) -> Self {
        Self::good().with(|engine| engine.on_good = instructions.into())
    }

    /// One that runs these instructions when asked to describe itself.
    #[must_use]
    pub fn that_describes_with(instructions: &str) -> Self {
        Self::good().with(|engine| engine.describe = instructions.into())
    }

    /// One that goes by another name and version.
    #[must_use]
    pub fn called(name: &str, version: &str) -> Self {
        Self::good().with(|engine| engine.description = Answer::description(name, version))
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// One that was built against a contract with this difference.
    #[must_use]
    pub fn with_contract(from: &str, to: &str) -> Self {
        let engine = Self::good();
        let wit = engine.wit.replace(from, to);
        assert_ne!(wit, engine.wit, "the contract has no `{from}`");
        Self {
            wit,
            interface: engine.interface.replace(from, to),
            ..engine
        }
    }

    /// One that imports, in the words of a WIT world and of a core module.
    #[must_use]
    pub fn importing(mut self, package: &str, interface: &str, core: &str) -> Self {
        self.wit = self.wit.replace(
            "world engine {",
            &format!("world engine {{ import {interface};"),
        );
        self.wit.push_str(package);
        self.imports.push_str(core);
        self
    }

    /// The component.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let mut module = wat::parse_str(self.text()).unwrap();
        let mut resolve = Resolve::default();
        let package = resolve.push_source("engine.wit", &self.wit).unwrap();
        let world = resolve.select_world(&[package], Some("engine")).unwrap();
        embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
        ComponentEncoder::default()
            .validate(true)
            .module(&module)
            .unwrap()
            .encode()
            .unwrap()
    }

    fn text(&self) -> String {
        let Self {
            interface,
            imports,
            describe,
            on_good,
            on_bad,
            ..
        } = self;
        let description = self.description.at(DESCRIPTION);
        let good = self.good.answer().at(GOOD);
        let bad = self.bad.answer().at(OTHER);
        format!(
            r#"(module
              {imports}
              (memory (export "memory") 2)
              (global $free (mut i32) (i32.const 0x10000))
              {REALLOC}
              (func $recurse (param i32) (result i32)
                (i32.add (call $recurse (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
              (func (export "{interface}#describe") (result i32)
                {describe})
              (func (export "{interface}#generate")
                (param $source i32) (param $length i32) (param $specs i32) (param $count i32)
                (param i64 i32 i32 i32 i32) (result i32)
                (if (result i32)
                  (i32.and (i32.ne (local.get $length) (i32.const 0))
                           (i32.eq (i32.load8_u (local.get $source)) (i32.const 0x89)))
                  (then {on_good})
                  (else {on_bad})))
              (data (i32.const {DESCRIPTION}) "{description}")
              (data (i32.const {GOOD}) "{good}")
              (data (i32.const {OTHER}) "{bad}"))"#
        )
    }
}

/// Hands out memory and never takes it back.
const REALLOC: &str = r#"
  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (block $enough
      (loop $grow
        (br_if $enough (i32.le_u (global.get $free)
                                 (i32.mul (memory.size) (i32.const 0x10000))))
        (br_if $grow (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
        (unreachable)))
    (local.get $at))"#;
