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
    let vouched = Vouched {
        portable: Digest::of(EMPTY),
        code: Digest::of(&code),
    };
    let compiled = Compiled::vouched(Some(vouched), code)?;
    assert_eq!(compiled.digest(), Digest::of(EMPTY));
    compiled.component(&Runtime::new().unwrap()).map(drop)
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

#[test]
fn code_for_another_host_is_refused_as_such() {
    type Change = fn(&mut Config);
    let changes: [(&str, Change); 4] = [
        ("another wasmtime", |config| {
            let version = ModuleVersionStrategy::Custom("47".into());
            config.module_version(version).unwrap();
        }),
        ("another system", |config| {
            config.target("x86_64-unknown-freebsd").unwrap();
        }),
        ("another configuration", |config| {
            config.epoch_interruption(false);
        }),
        ("another reservation", |config| {
            config.memory_reservation(1 << 20);
        }),
    ];
    for (what, change) in changes {
        let error = take(compiled(change)).unwrap_err();
        assert!(
            matches!(error, LoadError::Incompatible(_)),
            "{what}: {error}"
        );
    }
}

#[test]
fn what_is_no_code_at_all_is_refused() {
    for bytes in [Vec::new(), EMPTY.to_vec(), b"\x7fELF".to_vec()] {
        let error = take(bytes).unwrap_err();
        assert!(matches!(error, LoadError::Incompatible(_)), "{error}");
    }
}
