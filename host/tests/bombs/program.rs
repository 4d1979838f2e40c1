//! `thimble engine`, under a limit of memory that would end it.

use std::path::Path;
use std::process::{Command, Output};

use testkit::component::Component;

use crate::made;

/// Memory that a refusal may take, in KiB: 256 MiB, less than the compiler of the
/// least of these would.
const MEMORY: u32 = 256 << 10;

/// Runs the program under limits of the shell's.
fn thimble(limits: &str, arguments: &[&str]) -> Output {
    Command::new("sh")
        .args(["-c", &format!("ulimit {limits} && exec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_thimble"))
        .args(arguments)
        .output()
        .unwrap()
}

/// A component in a file of its own.
fn file(folder: &tempfile::TempDir, bytes: &[u8]) -> String {
    let path = folder.path().join("engine.wasm");
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[track_caller]
fn assert_refused(name: &str, output: &Output, because: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{name}: {said}");
    assert!(
        said.contains(because),
        "{name}: {said} does not say {because}"
    );
}

#[test]
fn a_bomb_is_refused_within_256_mib_and_two_seconds() {
    let folder = tempfile::tempdir().unwrap();
    for bomb in made::all() {
        let path = file(&folder, &bomb.bytes);
        // Seconds of a processor: a busy machine makes none longer.
        let output = thimble(
            &format!("-t 2 && ulimit -d {MEMORY}"),
            &["engine", "inspect", &path],
        );
        assert_refused(bomb.name, &output, &bomb.excess.to_string());
    }
}

#[test]
fn a_bomb_in_its_start_function_is_stopped_within_256_mib() {
    let folder = tempfile::tempdir().unwrap();
    for (name, start, because) in [
        ("spin", "(loop (br 0))", "the engine was stopped after 1s"),
        (
            "grow",
            "(loop (drop (memory.grow (i32.const 16))) (br 0))",
            "the engine asked for more than its 128 MiB",
        ),
        (
            "fill",
            "(drop (memory.grow (i32.const 16000)))
             (memory.fill (i32.const 0) (i32.const 1) (i32.const 1_000_000_000))",
            "the engine asked for more than its 128 MiB",
        ),
        (
            "handles",
            "(loop (drop (call $handle (i32.const 0))) (br 0))",
            "cannot allocate another handle",
        ),
    ] {
        let path = file(&folder, &made::starting(start));
        let output = thimble(&format!("-d {MEMORY}"), &["engine", "inspect", &path]);
        assert_refused(name, &output, "the engine does not start");
        assert_refused(name, &output, because);
    }
}

#[test]
fn every_command_that_compiles_refuses_a_bomb() {
    let folder = tempfile::tempdir().unwrap();
    let nest = made::all().swap_remove(2);
    let path = file(&folder, &nest.bytes);
    let places = ["out", "store", "thumbs"].map(|name| folder.path().join(name));
    let [out, store, thumbs] = [0, 1, 2].map(|place: usize| places[place].to_str().unwrap());
    for arguments in [
        &["engine", "compile", &path, "-o", out][..],
        &["engine", "publish", &path, "--store", store],
        &[
            "generate", "--engine", &path, "a.png", "-p", "a=8x8", "-o", thumbs,
        ],
        &["inspect", "--engine", &path, "a.png"],
    ] {
        let output = thimble(&format!("-d {MEMORY}"), arguments);
        assert_refused(arguments[0], &output, &nest.excess.to_string());
    }
    assert!(!Path::new(out).exists());
}

/// Result of inspecting an engine with a limit of the compiler.
fn inspect_within(limit: &str, most: &str, engine: &[u8]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, engine);
    thimble("-c 0", &["engine", "inspect", &path, limit, most])
}

#[test]
fn what_takes_too_long_to_compile_is_given_up() {
    let output = inspect_within("--compile-timeout", "1", &made::slow());
    assert_refused("slow", &output, "not compiled within 1 s");
}

#[cfg(target_os = "linux")]
#[test]
fn what_takes_too_much_memory_to_compile_ends_the_compiler_alone() {
    let output = inspect_within("--compile-memory", "64", &made::large());
    assert_refused("large", &output, "the compiler ended");
}

/// With all of 32 bits set aside for each memory, no engine would start here.
#[cfg(target_os = "linux")]
#[test]
fn an_engine_runs_where_addresses_are_few() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, &Component::good().build());
    let output = thimble("-v 2000000", &["engine", "inspect", &path]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
