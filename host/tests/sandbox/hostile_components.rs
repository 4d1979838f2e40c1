//! Hostile components: each way to misbehave has an error of its own, and the
//! engine serves the next image as if nothing had happened.

use std::time::{Duration, Instant};

use testkit::component::{BAD_SOURCE, Claim, Component, GOOD_SOURCE, png};
use thimble::contract::{self, Budget, Limits};
use thimble::wasm::{Artifact, Compiled, Error, Lie, Runtime, SandboxedEngine};

use crate::{BUDGET, generate, load, specs};

/// The failure on a bad source; and the next good one must be fine.
fn fate(hostile: &Component) -> Error {
    let engine = load(hostile.build()).expect("it behaves until it meets a bad source");
    let error = generate(&engine, BAD_SOURCE).expect_err("a bad source is its undoing");
    let next = generate(&engine, GOOD_SOURCE).expect("the next image is fine");
    assert_eq!(next.thumbnails.len(), 2);
    error
}

#[test]
fn a_good_engine_is_loaded_described_and_used() {
    let component = Component::good().build();
    let digest = thimble::trust::Digest::of(&component);
    let engine = load(component).unwrap();
    assert_eq!(
        (engine.info().name.as_str(), engine.info().version.as_str()),
        ("by-hand", "1.2.3")
    );
    assert_eq!(engine.digest(), digest);
    let output = generate(&engine, BAD_SOURCE).unwrap();
    assert_eq!(output.thumbnails[0].data, png(8, 4));
    assert!(engine.try_specs(&specs(), &Limits::default()).is_ok());
}

#[test]
fn what_this_process_compiled_is_loaded_without_compiling_again() {
    let runtime = Runtime::new().unwrap();
    let artifact = Artifact::new(Component::good().build());
    let compiled = Compiled::compile(&runtime, &artifact).unwrap();
    let engine =
        SandboxedEngine::load_compiled(&Runtime::new().unwrap(), &compiled, BUDGET).unwrap();
    assert_eq!(engine.digest(), artifact.digest());
    assert!(generate(&engine, GOOD_SOURCE).is_ok());
}

#[test]
fn each_way_to_crash_is_a_trap() {
    for (instructions, reason) in [
        ("(unreachable)", "unreachable"),
        ("(i32.load (i32.const -8))", "out of bounds memory access"),
        ("(i32.div_u (i32.const 1) (i32.const 0))", "divide by zero"),
    ] {
        let error = fate(&Component::that_runs(instructions));
        assert!(
            matches!(&error, Error::Trap(text) if text.contains(reason)),
            "{error:?}"
        );
        assert!(error.is_permanent());
    }
}

#[test]
fn an_engine_that_loops_is_stopped_when_its_time_is_up() {
    let error = fate(&Component::that_runs("(loop $l (br $l)) (unreachable)"));
    assert_eq!(
        error,
        Error::Time {
            allowed: BUDGET.time
        }
    );
    assert!(!error.is_permanent(), "another machine may be faster");
}

#[test]
fn an_engine_that_grows_meets_the_memory_limit_whatever_it_makes_of_it() {
    for instructions in [
        // Gives up when it is refused, and would blame the image.
        "(block $full (loop $l (br_if $full (i32.eq (memory.grow (i32.const 16)) (i32.const -1)))
           (br $l))) (i32.const 0x8000)",
        // Asks for a lot at once.
        "(drop (memory.grow (i32.const 60000))) (i32.const 0x8000)",
    ] {
        let error = fate(&Component::that_runs(instructions));
        assert_eq!(
            error,
            Error::Memory {
                limit: BUDGET.memory
            }
        );
        assert!(error.is_permanent());
    }
}

#[test]
fn an_engine_that_recurses_runs_out_of_stack() {
    assert_eq!(
        fate(&Component::that_runs("(call $recurse (i32.const 0))")),
        Error::Stack
    );
}

#[test]
fn three_results_for_two_specs_are_a_lie() {
    let hostile = Component::that_claims(|claim| {
        claim.thumbnails.push((png(5, 5), "image/png", 5, 5));
    });
    assert_eq!(
        fate(&hostile),
        Error::Lie(Lie::Count {
            asked: 2,
            returned: 3
        })
    );
}

/// Expects a lie about the thumbnails or the source to be found out.
#[track_caller]
fn is_a_lie(claim: impl FnOnce(&mut Claim), expected: fn(&Lie) -> bool) {
    let error = fate(&Component::that_claims(claim));
    let is_expected = matches!(&error, Error::Lie(lie) if expected(lie));
    assert!(is_expected, "{error:?}");
}

#[test]
fn dimensions_that_no_spec_asked_for_are_a_lie() {
    for (width, height) in [(8, 9), (0, 4), (5000, 1), (9, 4)] {
        is_a_lie(
            |claim| claim.thumbnails[0] = (png(width, height), "image/png", width, height),
            |lie| matches!(lie, Lie::Dimensions { index: 0, .. }),
        );
    }
}

#[test]
fn a_thumbnail_larger_than_the_source_is_a_lie() {
    is_a_lie(
        |claim| claim.source = ("image/png", 4, 4, 1),
        |lie| matches!(lie, Lie::Dimensions { .. }),
    );
}

#[test]
fn a_media_type_that_the_engine_does_not_write_is_a_lie() {
    is_a_lie(
        |claim| claim.thumbnails[1].1 = "image/jpeg",
        |lie| matches!(lie, Lie::MediaType { index: 1, .. }),
    );
}

#[test]
fn bytes_that_are_not_what_they_are_said_to_be_are_a_lie() {
    for data in [
        b"<html>".to_vec(),
        Vec::new(),
        b"GIF89a\x08\0\x04\0".to_vec(),
        png(8, 5),
    ] {
        is_a_lie(
            |claim| claim.thumbnails[0].0 = data,
            |lie| matches!(lie, Lie::Data { index: 0, .. }),
        );
    }
}

#[test]
fn a_source_over_the_limits_that_was_decoded_all_the_same_is_a_lie() {
    for source in [
        ("image/png", 200_000, 100, 1),
        ("image/png", 0, 8, 1),
        ("text/html", 16, 8, 1),
    ] {
        is_a_lie(
            |claim| claim.source = source,
            |lie| matches!(lie, Lie::Source(_)),
        );
    }
}

#[test]
fn a_list_longer_than_the_memory_it_lies_in_is_a_lie() {
    let error = fate(&Component::that_claims(|claim| {
        claim.count = Some(100_000_000)
    }));
    let is_refused = matches!(error, Error::Lie(Lie::Unreadable(_)) | Error::Trap(_));
    assert!(is_refused, "{error:?}");
}

#[test]
fn an_answer_that_would_fill_the_hosts_memory_is_a_lie() {
    // 8192 warnings that share 32 KiB of the engine's memory: 256 MiB, if copied.
    let error = fate(&Component::that_runs(
        "(drop (memory.grow (i32.const 1)))
         (local.set $count (i32.const 0x20000))
         (loop $fill
           (i32.store (local.get $count) (i32.const 0x18000))
           (i32.store offset=4 (local.get $count) (i32.const 0x8000))
           (local.set $count (i32.add (local.get $count) (i32.const 8)))
           (br_if $fill (i32.lt_u (local.get $count) (i32.const 0x30000))))
         (i32.store (i32.const 0x8020) (i32.const 0x20000))
         (i32.store (i32.const 0x8024) (i32.const 8192))
         (i32.const 0x8000)",
    ));
    assert!(matches!(error, Error::Lie(Lie::Unreadable(_))), "{error:?}");
}

#[test]
fn an_engine_that_would_fail_at_its_second_call_never_gets_one() {
    // It counts its calls, says so in its answer, and crashes when it gets to two.
    let hostile = Component::that_runs(
        "(i32.store (i32.const 0x200) (i32.add (i32.load (i32.const 0x200)) (i32.const 1)))
         (if (i32.eq (i32.load (i32.const 0x200)) (i32.const 2)) (then (unreachable)))
         (i32.store (i32.const 0x8014) (i32.load (i32.const 0x200)))
         (i32.const 0x8000)",
    );
    let engine = load(hostile.build()).unwrap();
    let first = generate(&engine, BAD_SOURCE).unwrap();
    for _ in 0..3 {
        assert_eq!(generate(&engine, BAD_SOURCE).as_ref(), Ok(&first));
    }
}

#[test]
fn an_engine_that_would_answer_differently_each_time_has_nothing_to_tell_calls_apart_by() {
    // These could differ: memory left behind, a global, an address, how far memory
    // can grow, the bits of a number that is none. All of it goes into the answer.
    let hostile = Component::that_runs(
        "(global.set $free (i32.add (global.get $free) (i32.const 8)))
         (i32.store (i32.const 0xfff0) (i32.add (i32.load (i32.const 0xfff0)) (i32.const 1)))
         (i32.store (i32.const 0x8014)
           (i32.add (i32.and (i32.const 0xff)
             (i32.xor
               (i32.xor (local.get $source) (global.get $free))
               (i32.xor (i32.load (i32.const 0xfff0))
                 (i32.xor (memory.grow (i32.const 1))
                   (i32.reinterpret_f32 (f32.div (f32.const 0) (f32.const 0)))))))
             (i32.const 1)))
         (i32.const 0x8000)",
    );
    let engine = load(hostile.build()).unwrap();
    let first = generate(&engine, BAD_SOURCE);
    for _ in 0..20 {
        assert_eq!(generate(&engine, BAD_SOURCE), first);
        assert!(generate(&engine, GOOD_SOURCE).is_ok());
    }
}

#[test]
fn memory_that_held_one_image_is_clear_for_the_next() {
    // It takes more than what stays resident between calls, looks for anything but
    // zeros from 128 KiB on, says so in its answer, and leaves all of it full.
    let hostile = Component::that_runs(
        "(drop (memory.grow (i32.const 400)))
         (local.set $specs (i32.const 0))
         (local.set $count (i32.const 0x20000))
         (loop $look
           (local.set $specs (i32.or (local.get $specs) (i32.load (local.get $count))))
           (i32.store (local.get $count) (i32.const 0x5ec2e7))
           (local.set $count (i32.add (local.get $count) (i32.const 4)))
           (br_if $look (i32.lt_u (local.get $count) (i32.const 0x1900000))))
         (if (local.get $specs) (then (unreachable)))
         (i32.const 0x8000)",
    );
    let budget = Budget {
        memory: 32 << 20,
        time: Duration::from_secs(10),
    };
    let artifact = Artifact::new(hostile.build());
    let engine = SandboxedEngine::load(&Runtime::new().unwrap(), &artifact, budget).unwrap();
    for _ in 0..5 {
        generate(&engine, BAD_SOURCE).unwrap();
        generate(&engine, GOOD_SOURCE).unwrap();
    }
}

#[test]
fn errors_of_the_contract_come_through() {
    let hostile = Component::that_claims(|claim| claim.error = Some((1, "no\nend\x1b[31m marker")));
    let error = fate(&hostile);
    let expected = contract::Error::MalformedSource("no\nend\x1b[31m marker".into());
    assert_eq!(error, Error::Refused(expected));
    assert_eq!(
        error.to_string(),
        r"the source is corrupt: no end\u{1b}[31m marker"
    );
}

#[test]
fn warnings_are_passed_on_in_moderation() {
    let hostile = Component::that_claims(|claim| claim.warnings = vec!["one\ntwo"; 1000]);
    let output = generate(&load(hostile.build()).unwrap(), BAD_SOURCE).unwrap();
    assert_eq!(output.warnings.len(), 20);
    assert_eq!(output.warnings[0], "one two");
}

#[test]
fn a_source_larger_than_the_engines_memory_is_not_copied_into_it() {
    let engine = load(Component::good().build()).unwrap();
    let source = vec![0; BUDGET.memory + 1];
    assert_eq!(
        generate(&engine, &source),
        Err(Error::Memory {
            limit: BUDGET.memory
        })
    );
}

#[test]
fn a_deadline_that_has_all_but_passed_leaves_no_time() {
    let engine = load(Component::good().build()).unwrap();
    let soon = Some(Instant::now() + Duration::from_millis(900));
    let error = engine.generate_blocking(GOOD_SOURCE, &specs(), &Limits::default(), soon);
    assert_eq!(
        error,
        Err(Error::Time {
            allowed: Duration::ZERO
        })
    );
    let later = Some(Instant::now() + Duration::from_secs(60));
    assert!(
        engine
            .generate_blocking(GOOD_SOURCE, &specs(), &Limits::default(), later)
            .is_ok()
    );
}

#[test]
fn engines_can_be_called_from_many_threads_at_once() {
    let engine = load(Component::that_runs("(unreachable)").build()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert!(matches!(generate(&engine, BAD_SOURCE), Err(Error::Trap(_))));
                    assert!(generate(&engine, GOOD_SOURCE).is_ok());
                }
            });
        }
    });
}
