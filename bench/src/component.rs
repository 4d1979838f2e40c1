//! The engine in its sandbox: compiled ahead, a fresh store for each image.

use std::path::Path;

use anyhow::{Result, anyhow};
use thimble::contract::{Limits, Spec};
use thimble::preset::Preset;
use thimble::testing::EnginePre;
use thimble::wasm;
use wasmtime::component::{Component as Code, Linker};
use wasmtime::{Engine, ResourceLimiter, Store};

use crate::protocol::{Made, Request};

/// A compiled engine.
pub(crate) struct Component {
    engine: Engine,
    instance: EnginePre<Memory>,
}

/// Watches how far the linear memory of an instance grows.
#[derive(Default)]
struct Memory {
    bytes: usize,
}

impl ResourceLimiter for Memory {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        self.bytes = self.bytes.max(desired);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        _desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

impl Component {
    /// Compiles the component at `path`.
    ///
    /// # Errors
    ///
    /// If it cannot be read or is not an engine.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let engine = engine()?;
        let code = Code::from_file(&engine, path)?;
        Self::link(engine, &code)
    }

    /// Compiles the component at `path` so that its instructions are counted.
    ///
    /// # Errors
    ///
    /// If it cannot be read or is not an engine.
    pub(crate) fn counting(path: &Path) -> Result<Self> {
        let mut config = wasm::config();
        config.consume_fuel(true);
        let engine = Engine::new(&wasm::pooled(config))?;
        let code = Code::from_file(&engine, path)?;
        Self::link(engine, &code)
    }

    /// The instructions of a call that makes thumbnails within these boxes, or only reads the
    /// header if there is none; of an engine that counts them.
    ///
    /// # Errors
    ///
    /// If the engine refuses or traps, or does not count.
    pub(crate) fn instructions(&self, source: &[u8], sizes: &[(u32, u32)]) -> Result<u64> {
        let mut store = self.store();
        store.set_fuel(u64::MAX)?;
        let engine = self.instance.instantiate(&mut store)?;
        let specs = sizes.iter().map(|(width, height)| {
            let preset = format!("one={width}x{height}").parse::<Preset>()?;
            Ok(preset.spec().clone())
        });
        let specs = specs.collect::<Result<Vec<Spec>>>()?;
        engine
            .thimble_engine_thumbnailer()
            .call_generate(&mut store, source, &specs, Limits::default())?
            .map_err(|error| anyhow!("{error:?}"))?;
        Ok(u64::MAX - store.get_fuel()?)
    }

    /// The engine in the form that loads without a compiler.
    ///
    /// # Errors
    ///
    /// If wasmtime cannot write it.
    pub(crate) fn compiled(&self) -> Result<Vec<u8>> {
        Ok(self.instance.instance_pre().component().serialize()?)
    }

    /// Loads what `compiled` made.
    ///
    /// # Errors
    ///
    /// If it was made by another version of wasmtime.
    pub(crate) fn from_compiled(compiled: &[u8]) -> Result<Self> {
        let engine = engine()?;
        // SAFETY: the bytes come from `compiled`, of this very process.
        let code = unsafe { Code::deserialize(&engine, compiled)? };
        Self::link(engine, &code)
    }

    fn link(engine: Engine, code: &Code) -> Result<Self> {
        let mut linker = Linker::new(&engine);
        linker.define_unknown_imports_as_traps(code)?;
        let instance = EnginePre::new(linker.instantiate_pre(code)?)?;
        Ok(Self { engine, instance })
    }

    fn store(&self) -> Store<Memory> {
        let mut store = Store::new(&self.engine, Memory::default());
        store.limiter(|memory| memory);
        store.set_epoch_deadline(1);
        store
    }

    /// The smallest call there is.
    ///
    /// # Errors
    ///
    /// If the engine traps.
    pub(crate) fn describe(&self) -> Result<()> {
        let mut store = self.store();
        let engine = self.instance.instantiate(&mut store)?;
        engine
            .thimble_engine_thumbnailer()
            .call_describe(&mut store)?;
        Ok(())
    }

    /// A call that copies `source` in and comes back with a refusal.
    ///
    /// # Errors
    ///
    /// If the engine traps.
    pub(crate) fn refusal(&self, source: &[u8]) -> Result<()> {
        let mut store = self.store();
        let engine = self.instance.instantiate(&mut store)?;
        let answer = engine.thimble_engine_thumbnailer().call_generate(
            &mut store,
            source,
            &[],
            Limits::default(),
        )?;
        anyhow::ensure!(
            answer.is_err(),
            "the engine took {} bytes for an image",
            source.len()
        );
        Ok(())
    }

    /// Makes the thumbnails that `request` asks for, in a store of their own.
    ///
    /// # Errors
    ///
    /// If the engine refuses or traps.
    pub(crate) fn thumbnails(&mut self, source: &[u8], request: &Request) -> Result<Made> {
        let mut store = self.store();
        let engine = self.instance.instantiate(&mut store)?;
        let specs = request.sizes.iter().map(|&size| spec(size, request));
        let specs = specs.collect::<Result<Vec<Spec>>>()?;
        let output = engine
            .thimble_engine_thumbnailer()
            .call_generate(&mut store, source, &specs, Limits::default())?
            .map_err(|error| anyhow!("{error:?}"))?;
        let thumbnails = output.thumbnails.into_iter();
        Ok(Made {
            files: thumbnails.map(|thumbnail| thumbnail.data).collect(),
            memory: Some(store.data().bytes),
        })
    }
}

fn engine() -> Result<Engine> {
    Ok(Engine::new(&wasm::pooled(wasm::config()))?)
}

fn spec((width, height): (u32, u32), request: &Request) -> Result<Spec> {
    let quality = match request.format.as_str() {
        "png" => String::new(),
        _ => format!(",q{}", request.quality),
    };
    let settings = request.settings.iter();
    let settings = settings.map(|(name, value)| format!(",{name}={value}"));
    let settings = settings.collect::<String>();
    let preset = format!(
        "one={width}x{height},image/{}{quality}{settings}",
        request.format
    );
    Ok(preset.parse::<Preset>()?.spec().clone())
}
