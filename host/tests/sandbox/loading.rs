//! Components that must not become engines: each is refused for its own reason,
//! before it meets an image.

use std::path::Path;
use std::time::Duration;

use testkit::built;
use testkit::component::{BAD_SOURCE, Claim, Component, png, real_source};
use thimble::contract::{Budget, Limits};
use thimble::wasm::{Artifact, Error, Lie, LoadError, Runtime, SandboxedEngine};

use crate::{BUDGET, generate, load, specs};

fn refusal(component: Vec<u8>) -> LoadError {
    load(component).expect_err("it must not be loaded")
}

fn text(component: &str) -> Vec<u8> {
    wat::parse_str(component).unwrap()
}

#[test]
fn what_is_no_component_is_refused() {
    for bytes in [vec![], b"photo".to_vec(), text("(module)")] {
        let error = refusal(bytes);
        assert!(matches!(error, LoadError::Compile(_)), "{error:?}");
    }
}

#[test]
fn compiled_code_from_elsewhere_is_not_taken_for_a_component() {
    let runtime = wasmtime::Engine::new(&thimble::wasm::config()).unwrap();
    let compiled = runtime
        .precompile_component(&Component::good().build())
        .unwrap();
    let error = refusal(compiled);
    assert!(matches!(error, LoadError::Compile(_)), "{error:?}");
}

#[test]
fn imports_beyond_the_allowed_are_refused_by_name() {
    for name in [
        "wasi:sockets/tcp@0.2.0",
        "wasi:http/types@0.2.3",
        "wasi:cli/stdin@0.3.0",
    ] {
        let error = refusal(text(&format!(
            r#"(component (import "{name}" (instance)))"#
        )));
        assert!(matches!(&error, LoadError::Import { name: refused } if refused == name));
        assert!(error.to_string().contains(name));
    }
}

#[test]
fn a_component_that_is_no_engine_is_refused() {
    assert!(matches!(refusal(text("(component)")), LoadError::NoEngine));
}

#[test]
fn codecs_and_engines_that_wait_for_some_are_told_apart_from_engines() {
    let codec = "thimble:codec/codec@0.1.0";
    let codec_alone =
        format!(r#"(component (instance $none) (export "{codec}" (instance $none)))"#);
    assert!(matches!(refusal(text(&codec_alone)), LoadError::Codec));
    let open = format!(r#"(component (import "{codec}" (instance)))"#);
    assert!(matches!(refusal(text(&open)), LoadError::Open));
}

#[test]
fn another_version_of_the_contract_is_named() {
    let error = refusal(Component::with_contract("@0.1.0", "@0.2.0").build());
    let found = "thimble:engine/thumbnailer@0.2.0";
    assert!(matches!(&error, LoadError::OtherContract { found: name } if name == found));
}

#[test]
fn a_later_patch_of_the_contract_is_as_good() {
    let engine = load(Component::with_contract("@0.1.0", "@0.1.7").build()).unwrap();
    assert!(generate(&engine, BAD_SOURCE).is_ok());
}

/// An engine of this repository, as it was built last.
fn loaded(path: &Path) -> SandboxedEngine {
    let artifact = Artifact::read(path).unwrap();
    SandboxedEngine::load(&Runtime::new().unwrap(), &artifact, Budget::default()).unwrap()
}

#[test]
fn the_engine_of_the_tutorial_is_loaded_and_its_thumbnails_look_otherwise() {
    let source = real_source();
    let make = |engine: &SandboxedEngine| generate(engine, &source).unwrap().thumbnails;
    let (first, ours) = (
        loaded(&built::example("first-engine")),
        loaded(&built::engine()),
    );
    assert_eq!(first.info().name, "first");
    for (first, ours) in make(&first).iter().zip(&make(&ours)) {
        assert_eq!(first.dimensions, ours.dimensions);
        assert_ne!(first.data, ours.data);
    }
    let error = generate(&first, b"\xff\xd8\xff\xe0");
    let refused = thimble::contract::Error::UnsupportedFormat("only PNG is read".into());
    assert_eq!(error, Err(Error::Refused(refused)));
}

#[test]
fn an_engine_that_was_built_against_the_first_contract_is_loaded_for_ever() {
    let engine = load(Component::built_against("tests/contracts/0.1.0").build()).unwrap();
    let output = generate(&engine, BAD_SOURCE);
    assert_eq!(output.unwrap().thumbnails.len(), 2);
}

#[test]
fn a_contract_that_only_claims_to_be_ours_is_refused() {
    for (from, to) in [
        ("frames: u32,\n  }", "frames: u32,\n    hash: string,\n  }"),
        ("invalid-spec(string),", "invalid-spec(string),\n    tired,"),
        ("max-side: u32,", "max-side: s32,"),
    ] {
        let error = refusal(Component::with_contract(from, to).build());
        assert!(
            matches!(error, LoadError::Contract { .. }),
            "{from} {error:?}"
        );
    }
    let empty = r#"(component (instance $i)
        (export "thimble:engine/thumbnailer@0.1.0" (instance $i)))"#;
    assert!(matches!(refusal(text(empty)), LoadError::Contract { .. }));
}

#[test]
fn an_engine_that_needs_too_much_memory_to_start_is_refused() {
    let small = Budget {
        memory: 64 << 10,
        ..BUDGET
    };
    let artifact = Artifact::new(Component::good().build());
    let error = SandboxedEngine::load(&Runtime::new().unwrap(), &artifact, small).unwrap_err();
    let expected = Error::Memory {
        limit: small.memory,
    };
    assert!(
        matches!(&error, LoadError::Start(cause) if *cause == expected),
        "{error:?}"
    );
}

/// A machine may be busy, and presets may be large.
#[test]
fn presets_are_tried_for_as_long_as_an_image_may_take() {
    let slow = Component::that_tests_with(
        "(if (i32.eq (local.get $count) (i32.const 1)) (then (loop $l (br $l))))
         (i32.const 0x4000)",
    );
    let budget = Budget {
        time: Duration::from_secs(6),
        ..BUDGET
    };
    let artifact = Artifact::new(slow.build());
    let engine = SandboxedEngine::load(&Runtime::new().unwrap(), &artifact, budget).unwrap();
    let error = engine.try_specs(&specs()[..1], &Limits::default());
    let allowed = budget.time;
    assert_eq!(error.unwrap_err(), Error::Time { allowed });
}

type IsExpected = fn(&Error) -> bool;

/// Ways to die, and the errors that tell them apart.
const DEATHS: [(&str, IsExpected); 3] = [
    ("(unreachable)", |error| matches!(error, Error::Trap(_))),
    ("(loop $l (br $l)) (unreachable)", |error| {
        matches!(error, Error::Time { .. })
    }),
    ("(call $recurse (i32.const 0))", |error| {
        matches!(error, Error::Stack)
    }),
];

#[test]
fn an_engine_that_cannot_describe_itself_is_refused() {
    for (instructions, is_expected) in DEATHS {
        let error = refusal(Component::that_describes_with(instructions).build());
        assert!(
            matches!(&error, LoadError::Describe(cause) if is_expected(cause)),
            "{error:?}"
        );
    }
}

#[test]
fn a_name_that_could_not_be_a_header_is_refused() {
    for (name, version) in [
        ("", "1.0.0"),
        ("a\r\nb", "1.0.0"),
        ("a", ""),
        ("a", "1.0\n"),
    ] {
        let error = refusal(Component::called(name, version).build());
        assert!(matches!(error, LoadError::Description(_)), "{error:?}");
    }
    assert!(load(Component::called("by-hand", "1.0.0-rc.1+build.5").build()).is_ok());
}

#[test]
fn an_engine_that_fails_its_self_test_is_refused() {
    let greedy = "(drop (memory.grow (i32.const 1000))) (i32.const 0x4000)";
    let greedy: (_, fn(&Error) -> bool) = (greedy, |error| matches!(error, Error::Memory { .. }));
    for (instructions, is_expected) in DEATHS.into_iter().chain([greedy]) {
        let error = refusal(Component::that_tests_with(instructions).build());
        let is_told = matches!(&error, LoadError::SelfTest(cause) if is_expected(cause));
        assert!(is_told, "{error:?}");
    }
}

#[test]
fn an_engine_that_passes_its_self_test_by_lying_is_refused() {
    let lies: [fn(&mut Claim); 4] = [
        |claim| claim.source = ("image/gif", 16, 8, 1),
        |claim| claim.thumbnails[0] = (png(7, 4), "image/png", 7, 4),
        |claim| claim.thumbnails.truncate(1),
        |claim| claim.error = Some((0, "never heard of PNG")),
    ];
    for lie in lies {
        let mut engine = Component::good();
        lie(&mut engine.good);
        let error = refusal(engine.build());
        let is_told = matches!(
            &error,
            LoadError::SelfTest(Error::Lie(_) | Error::Refused(_))
        );
        assert!(is_told, "{error:?}");
    }
    let too_few = Lie::Count {
        asked: 2,
        returned: 1,
    };
    assert_eq!(too_few.to_string(), "1 thumbnails for 2 specs");
}

/// Two interfaces of WASI, as far as the tests call them.
const RANDOM: &str = "
package wasi:random@0.2.3 {
  interface insecure-seed { insecure-seed: func() -> tuple<u64, u64>; }
  interface random { get-random-u64: func() -> u64; }
}";

#[test]
fn the_seed_that_language_runtimes_ask_for_is_a_constant() {
    let component = Component::that_runs(
        "(call $seed (i32.const 0x100))
         (if (i64.ne (i64.const 0) (i64.or (i64.load (i32.const 0x100)) (i64.load (i32.const 0x108))))
           (then (unreachable)))
         (i32.const 0x8000)",
    )
    .importing(
        RANDOM,
        "wasi:random/insecure-seed@0.2.3",
        r#"(import "wasi:random/insecure-seed@0.2.3" "insecure-seed" (func $seed (param i32)))"#,
    );
    let engine = load(component.build()).unwrap();
    assert!(generate(&engine, BAD_SOURCE).is_ok());
}

#[test]
fn an_allowed_import_has_no_power() {
    let component = Component::that_runs("(drop (call $random)) (i32.const 0x8000)").importing(
        RANDOM,
        "wasi:random/random@0.2.3",
        r#"(import "wasi:random/random@0.2.3" "get-random-u64" (func $random (result i64)))"#,
    );
    let engine = load(component.build()).unwrap();
    let error = generate(&engine, BAD_SOURCE).unwrap_err();
    let name = "wasi:random/random@0.2.3#get-random-u64";
    assert!(
        matches!(&error, Error::Trap(text) if text.contains(name)),
        "{error:?}"
    );
}
