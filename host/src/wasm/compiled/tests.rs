use wasmtime::{Config, ModuleVersionStrategy};

use super::*;

/// The smallest component there is.
const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

fn compiled(change: impl FnOnce(&mut Config)) -> Vec<u8> {
    let mut config = config();
    change(&mut config);
    let compiler = wasmtime::Engine::new(&config).unwrap();
    compiler.precompile_component(EMPTY).unwrap()
}

/// Takes code as a packaged program takes its own.
fn take(code: Vec<u8>) -> Result<(), LoadError> {
    take_on(&Runtime::new().unwrap(), code)
}

fn take_on(runtime: &Runtime, code: Vec<u8>) -> Result<(), LoadError> {
    let vouched = Vouched {
        portable: Digest::of(EMPTY),
        code: Digest::of(&code),
    };
    let compiled = Compiled::vouched(Some(vouched), code)?;
    assert_eq!(compiled.digest(), Digest::of(EMPTY));
    compiled.component(runtime).map(drop)
}

#[test]
fn code_that_the_build_vouches_for_is_loaded() {
    take(compiled(|_| {})).unwrap();
    let artifact = Artifact::new(EMPTY);
    let for_target = Compiled::compile_for(Target::native().unwrap(), &artifact).unwrap();
    take(for_target.code().to_vec()).unwrap();
}

#[test]
fn code_that_nobody_vouches_for_is_not_run() {
    let mut code = compiled(|_| {});
    let vouched = Vouched {
        portable: Digest::of(EMPTY),
        code: Digest::of(&code),
    };
    let refused = |vouched, code: &[u8]| {
        let error = Compiled::vouched(vouched, code.to_vec()).unwrap_err();
        matches!(error, LoadError::NotPackaged { digest } if digest == Digest::of(code))
    };
    assert!(refused(None, &code));
    let last = code.len() - 1;
    code[last] ^= 1;
    assert!(refused(Some(vouched), &code), "one bit is another program");
}

/// Refused for what this host is, and told in a word what that is.
fn assert_incompatible(refused: Result<(), LoadError>, word: &str) {
    let error = refused.unwrap_err();
    assert!(matches!(error, LoadError::Incompatible(_)), "{error}");
    let told = error.to_string();
    assert!(told.contains(word), "`{told}` does not say `{word}`");
}

#[test]
fn code_for_another_host_is_refused_as_such() {
    type Change = fn(&mut Config);
    let changes: [(&str, Change); 4] = [
        ("incompatible version '47'", |config| {
            let version = ModuleVersionStrategy::Custom("47".into());
            config.module_version(version).unwrap();
        }),
        ("operating system 'freebsd'", |config| {
            config.target("x86_64-unknown-freebsd").unwrap();
        }),
        ("without epoch interruption", |config| {
            config.epoch_interruption(false);
        }),
        ("memory reservation of '1048576'", |config| {
            config.memory_reservation(1 << 20);
        }),
    ];
    for (word, change) in changes {
        assert_incompatible(take(compiled(change)), word);
    }
}

#[cfg(feature = "cross")]
#[test]
fn code_for_another_processor_is_made_here_and_refused_by_its_name() {
    let artifact = Artifact::new(EMPTY);
    let native = Target::native().unwrap();
    for target in Target::ALL.into_iter().filter(|target| *target != native) {
        let code = Compiled::compile_for(target, &artifact).unwrap();
        let named = format!("architecture '{target}'");
        assert_incompatible(take(code.code().to_vec()), &named);
    }
}

#[test]
#[cfg(target_arch = "x86_64")]
fn a_processor_below_the_floor_is_told_what_it_lacks() {
    let code = Compiled::compile_for(Target::X86_64, &Artifact::new(EMPTY)).unwrap();
    let mut old = config();
    // SAFETY: the processor is said to have less than it has, and nothing is run.
    unsafe { old.detect_host_feature(|feature| Some(feature != "avx2")) };
    // What is compiled here and now needs no more than there is.
    old.target(Target::X86_64.triple()).unwrap();
    let old = Runtime::of(&old).unwrap();
    assert_incompatible(take_on(&old, code.code().to_vec()), "has_avx2");
}

#[test]
fn an_engine_that_the_pool_has_no_place_for_is_told_to_be_smaller() {
    let text = |module: &str, count: usize| {
        let instances = "(core instance (instantiate $m))".repeat(count);
        wat::parse_str(format!("(component (core module $m {module}) {instances})")).unwrap()
    };
    let tables = "(table 1 funcref)".repeat(70);
    for component in [text("", 65), text("(memory 1)", 40), text(&tables, 3)] {
        let compiled = Compiled::compile_for(Target::native().unwrap(), &Artifact::new(component));
        let error = take(compiled.unwrap().code().to_vec()).unwrap_err();
        assert!(matches!(error, LoadError::TooDemanding(_)), "{error}");
    }
}

#[test]
fn what_is_no_code_at_all_is_refused() {
    for bytes in [Vec::new(), EMPTY.to_vec(), b"\x7fELF".to_vec()] {
        let error = take(bytes).unwrap_err();
        assert!(matches!(error, LoadError::Incompatible(_)), "{error}");
    }
}
