//! From a name in a channel to an engine that has shown what it can do.

use std::sync::Arc;
use std::time::Duration;

use super::loads::Progress;
use super::refusal::Refusal;
use super::{Options, WithoutKey};
use crate::contract::{Limits, Spec};
use crate::engines::{EngineStore, EngineStoreError, Reference};
use crate::error::with_causes;
use crate::preset::Preset;
use crate::trust::{Form, Opened, Release, Target};
use crate::wasm::{Artifact, Compiled, Compiler, Error, Runtime, SandboxedEngine};

/// Longest wait for an engine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Way of an engine from its name in a channel into this process.
#[derive(Debug)]
pub(super) struct Loader {
    store: EngineStore,
    runtime: Runtime,
    compiler: Compiler,
    options: Arc<Options>,
}

impl Loader {
    pub(super) fn new(store: EngineStore, runtime: Runtime, options: Arc<Options>) -> Self {
        let compiler = Compiler::new(options.compile);
        Self {
            store,
            runtime,
            compiler,
            options,
        }
    }

    /// Fetch the engine that a channel names and put it to the test.
    pub(super) async fn load(
        &self,
        reference: &Reference,
        progress: &Progress,
    ) -> Result<SandboxedEngine, Refusal> {
        let options = &self.options;
        if !options.trust.asks_for_signatures() && options.without_key == WithoutKey::Refuse {
            return Err(Refusal::NoKey);
        }
        let release = in_time(self.store.release(reference, &options.trust)).await?;
        let form = release.get().form_for_this_host().cloned();
        match form.filter(|_| release.signed().is_some()) {
            Some(form) => match self.load_compiled(&release, &form).await {
                Err(refusal) if cfg!(feature = "compiler") => {
                    tracing::warn!(engine.digest = %reference.engine, error.message = with_causes(&refusal),
                        "a compiled engine is of no use and the portable one is compiled");
                    self.load_portable(&release, progress).await
                }
                loaded => loaded,
            },
            None => self.load_portable(&release, progress).await,
        }
    }

    async fn load_compiled(
        &self,
        release: &Opened<Release>,
        form: &Form,
    ) -> Result<SandboxedEngine, Refusal> {
        let Some(signed) = release.signed().cloned() else {
            return Err(Refusal::NoKey);
        };
        let code = in_time(self.store.code(&form.code)).await?;
        self.admit(move || Ok(Compiled::signed(&signed, code.into())?))
            .await
    }

    async fn load_portable(
        &self,
        release: &Opened<Release>,
        progress: &Progress,
    ) -> Result<SandboxedEngine, Refusal> {
        if !cfg!(feature = "compiler") {
            let key = Target::native().map_or_else(|| "of this machine".to_owned(), Target::key);
            return Err(Refusal::NoForm(key));
        }
        let wasm = in_time(self.store.wasm(&release.get().wasm)).await?;
        progress.compiles();
        let artifact = Artifact::new(wasm.to_vec());
        let compiled = self.compiler.compile(&artifact, None).await?;
        self.admit(move || Ok(compiled)).await
    }

    /// See [`admit`].
    async fn admit(
        &self,
        code: impl FnOnce() -> Result<Compiled, Refusal> + Send + 'static,
    ) -> Result<SandboxedEngine, Refusal> {
        let (runtime, budget) = (self.runtime.clone(), self.options.budget);
        let load = move || Ok(SandboxedEngine::load_compiled(&runtime, &code()?, budget)?);
        let presets = self.options.recipes.now().sets();
        admit(load, presets, self.options.limits).await
    }
}

/// Load an engine on a thread where that may take its time, and see whether it
/// can make every preset that is configured.
pub(crate) async fn admit(
    load: impl FnOnce() -> Result<SandboxedEngine, Refusal> + Send + 'static,
    presets: Vec<Vec<Preset>>,
    limits: Limits,
) -> Result<SandboxedEngine, Refusal> {
    let work = move || {
        let engine = load()?;
        for set in &presets {
            try_presets(&engine, set, &limits)?;
        }
        Ok(engine)
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(Refusal::Panicked(error.to_string())))
}

/// See whether an engine can make a set of presets, all together as of an image.
///
/// # Errors
/// With the preset that it cannot make.
pub(crate) fn try_presets(
    engine: &SandboxedEngine,
    presets: &[Preset],
    limits: &Limits,
) -> Result<(), Refusal> {
    let specs: Vec<Spec> = presets.iter().map(|preset| preset.spec().clone()).collect();
    engine
        .try_specs(&specs, limits)
        .map_err(|cause| Refusal::Preset {
            engine: engine.identity().clone(),
            preset: culprit(presets, |spec| engine.try_specs(&[spec], limits)),
            cause,
        })
}

/// The preset that fails by itself; all of them, if it is the company that does.
fn culprit(presets: &[Preset], fails: impl Fn(Spec) -> Result<(), Error>) -> String {
    let alone = presets
        .iter()
        .find(|preset| fails(preset.spec().clone()).is_err());
    let all = || {
        presets
            .iter()
            .map(Preset::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    alone.map_or_else(all, Preset::to_string)
}

async fn in_time<T>(
    answer: impl Future<Output = Result<T, EngineStoreError>>,
) -> Result<T, Refusal> {
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(Refusal::Silent),
    }
}
