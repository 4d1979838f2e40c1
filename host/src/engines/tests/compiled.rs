//! Engines that were compiled before: run on the word of a key, or not at all.

use super::following::between_two;
use super::*;

#[tokio::test]
async fn machine_code_is_run_on_the_word_of_a_key_only() {
    // Nobody's word is needed for the portable form, unless it is asked for.
    let world = World::of(Author::default());
    let one = world.publish_compiled(&good(1)).await;
    world.promote(&one).await;
    let key = code_key(first_form(&world, &one).await);
    world.remove(&key).await;
    is_served_by(&world.registry().await, &one).await;
    let strict = Options {
        without_key: WithoutKey::Refuse,
        ..world.options()
    };
    let refused = Registry::start(world.store.clone(), world.runtime.clone(), strict, None).await;
    assert!(refused.unwrap_err().channel.contains("ENGINE_KEYS"));

    // With a key, the compiled form is all that is needed.
    let world = World::new();
    let one = world.publish_compiled(&good(1)).await;
    world.promote(&one).await;
    world.remove(&wasm_key(one.engine)).await;
    is_served_by(&world.registry().await, &one).await;
}

#[tokio::test]
async fn a_compiled_form_that_is_missing_or_damaged_is_not_run() {
    let (world, registry, one, _) = between_two().await;
    let two = world.publish_compiled(&good(2)).await;
    let key = code_key(first_form(&world, &two).await);
    let code = world.read(&key).await;
    let wasm = world.read(&wasm_key(two.engine)).await;
    world.promote(&two).await;
    world.remove(&wasm_key(two.engine)).await;
    let mut flipped = code.to_vec();
    flipped[code.len() / 2] ^= 1;
    for damage in [flipped, code[..code.len() - 1].to_vec(), Vec::new()] {
        world.write(&key, damage).await;
        clings_to(&registry, &one, "is missing").await;
    }
    world.remove(&key).await;
    clings_to(&registry, &one, "is missing").await;
    // Where there is a compiler, the portable form does as well.
    world.write(&wasm_key(two.engine), wasm).await;
    is_served_by(&registry, &two).await;
}

#[tokio::test]
async fn what_was_compiled_for_another_host_is_not_run() {
    let (world, registry, one, _) = between_two().await;
    let native = Target::native().unwrap();
    let alien = |engine: &Component, change: fn(&mut wasmtime::Config)| {
        let mut config = crate::wasm::config();
        change(&mut config);
        let compiler = wasmtime::Engine::new(&config).unwrap();
        Bytes::from(compiler.precompile_component(&engine.build()).unwrap())
    };
    let other_version = alien(&good(3), |config| {
        let version = wasmtime::ModuleVersionStrategy::Custom("47".into());
        config.module_version(version).unwrap();
    });
    let other_system = alien(&good(4), |config| {
        config.target("x86_64-unknown-freebsd").unwrap();
    });
    let other_settings = alien(&good(5), |config| {
        config.epoch_interruption(false);
    });
    let no_code = Bytes::from_static(b"\x7fELF, and nothing behind it");
    let mut published = Vec::new();
    for (number, code) in [
        (3, other_version),
        (4, other_system),
        (5, other_settings),
        (6, no_code),
    ] {
        let form = (native, code);
        published.push(world.publish_with(&good(number), vec![form]).await);
    }
    for engine in &published {
        let wasm = world.read(&wasm_key(engine.engine)).await;
        world.promote(engine).await;
        // Nothing is made of it where the portable form is missing as well.
        world.remove(&wasm_key(engine.engine)).await;
        clings_to(&registry, &one, "is missing").await;
        world.write(&wasm_key(engine.engine), wasm).await;
    }
    for engine in published.iter().rev().skip(1) {
        world.promote(engine).await;
        is_served_by(&registry, engine).await;
    }
}

/// Both forms are signed in one release, and each host takes its own.
#[cfg(feature = "cross")]
#[tokio::test]
async fn an_engine_is_published_for_both_processors_at_once() {
    let (world, registry, _, _) = between_two().await;
    let artifact = Artifact::new(good(2).build());
    let form = |target| {
        let compiled = Compiled::compile_for(target, &artifact).unwrap();
        (target, Bytes::copy_from_slice(compiled.code()))
    };
    let forms = Target::ALL.map(form).to_vec();
    let engine = world.publish_with(&good(2), forms).await;
    let release = world.store.release(&engine, world.author.trust()).await;
    let release = release.unwrap();
    let signed = release.signed().unwrap();
    assert_eq!(signed.get().compiled.len(), 2);
    for form in &signed.get().compiled {
        let code = world.store.code(&form.code).await.unwrap().to_vec();
        let compiled = Compiled::signed(signed, code).unwrap();
        let loaded = crate::wasm::SandboxedEngine::load_compiled(&world.runtime, &compiled, BUDGET);
        let is_ours = form.key == Target::native().unwrap().key();
        assert_eq!(loaded.is_ok(), is_ours, "{}", form.key);
        if let Err(error) = loaded {
            let named = form.target.split('-').next().unwrap_or_default();
            assert!(error.to_string().contains(named), "{error}");
        }
    }
    world.promote(&engine).await;
    world.remove(&wasm_key(engine.engine)).await;
    is_served_by(&registry, &engine).await;
}

async fn first_form(world: &World, engine: &Reference) -> Digest {
    let release = world
        .store
        .release(engine, world.author.trust())
        .await
        .unwrap();
    release.get().compiled[0].code.sha256
}
