//! An engine that was loaded, tried and found good.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use wasmtime::Store;
use wasmtime::component::{Component, InstancePre};

use super::artifact::Artifact;
use super::compiled::Compiled;
use super::compiler::Compiler;
use super::error::{Error, Lie, LoadError};
use super::runtime::{Call, Runtime};
use super::{addresses, answers, imports, placeholder, self_test};
use crate::contract::{self, Budget, EngineInfo, Limits, Output, Spec, bindings};
use crate::error::with_causes;
use crate::ports::{EngineIdentity, Placeholder};
use crate::trust::Digest;

/// Rest of the caller's time when the engine is stopped: enough to say so before
/// the caller itself is.
const MARGIN: Duration = Duration::from_secs(1);

/// Longest time for a tiny image. Loading must not hang, whatever the budget.
const SELF_TEST_TIME: Duration = Duration::from_secs(5);

/// Time and memory of an engine to start, and to describe itself. Each image
/// pays for the start once more: ours takes 0.1 ms and 1.2 MiB, an interpreter of
/// JavaScript some 50 MiB.
const START: Budget = Budget {
    memory: 128 << 20,
    time: Duration::from_secs(1),
};

/// Longest detail of an error, in bytes, that something is added to: what is longer
/// is cut off when it is told.
const DETAIL: usize = 120;

/// An engine, ready to be called from any number of threads. Cheap to clone.
///
/// Each call gets an instance of its own, which is dropped with all its memory
/// when the call ends: no image ever meets what another left behind. A call
/// blocks its thread until the engine answers, dies or is stopped.
#[derive(Clone)]
pub struct SandboxedEngine {
    loaded: Arc<Loaded>,
}

struct Loaded {
    sandbox: Sandbox,
    info: EngineInfo,
    digest: Digest,
    identity: Arc<EngineIdentity>,
    imports: Vec<String>,
    /// The specs of the placeholders, once one was asked for.
    placeholders: OnceLock<Vec<Spec>>,
}

/// A component whose imports are resolved: all that is the same for each call.
struct Sandbox {
    runtime: Runtime,
    pre: InstancePre<Call>,
    budget: Budget,
}

/// Reason why an instance could not be created.
enum NotStarted {
    Died(Error),
    OtherTypes(String),
}

impl SandboxedEngine {
    /// Compiles a component and makes an engine of it.
    ///
    /// # Errors
    ///
    /// If the component is not an engine that can be trusted with images; see
    /// [`LoadError`].
    #[cfg(feature = "compiler")]
    pub fn load(runtime: &Runtime, artifact: &Artifact, budget: Budget) -> Result<Self, LoadError> {
        artifact.extent()?;
        let component = Component::from_binary(runtime.engine(), artifact.bytes())
            .map_err(|error| LoadError::Compile(format!("{error:#}")))?;
        Self::admit(runtime, &component, artifact.digest(), budget)
    }

    /// This host was built without a compiler, so no portable component loads.
    ///
    /// # Errors
    ///
    /// Always [`LoadError::NoCompiler`].
    #[cfg(not(feature = "compiler"))]
    pub fn load(
        _runtime: &Runtime,
        _artifact: &Artifact,
        _budget: Budget,
    ) -> Result<Self, LoadError> {
        Err(LoadError::NoCompiler)
    }

    /// Has a component compiled within the limits of `compiler`, and makes an engine
    /// of it. This waits with the caller's thread, which must not be one of tokio's
    /// own.
    ///
    /// # Errors
    ///
    /// Those of [`Compiler::compile`] and of [`load_compiled`](Self::load_compiled).
    pub fn load_by(
        compiler: &Compiler,
        runtime: &Runtime,
        artifact: &Artifact,
        budget: Budget,
    ) -> Result<Self, LoadError> {
        let compiled = compiler.compile_now(artifact, None)?;
        Self::load_compiled(runtime, &compiled, budget)
    }

    /// Makes an engine of code that was compiled before.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load), and if the code was compiled for another
    /// kind of machine, by another wasmtime or with another configuration.
    pub fn load_compiled(
        runtime: &Runtime,
        compiled: &Compiled,
        budget: Budget,
    ) -> Result<Self, LoadError> {
        let component = compiled.component(runtime)?;
        Self::admit(runtime, &component, compiled.digest(), budget)
    }

    /// Puts compiled code through everything that an engine has to pass.
    ///
    /// Each way to come by compiled code ends here: what a component may import
    /// and must answer does not depend on who compiled it.
    fn admit(
        runtime: &Runtime,
        component: &Component,
        digest: Digest,
        budget: Budget,
    ) -> Result<Self, LoadError> {
        let names = imports::names(runtime, component);
        check_imports(&names)?;
        check_exports(runtime, component)?;
        let mismatch = |error| LoadError::Contract {
            detail: format!("{error:#}"),
        };
        let linker = imports::without_power(runtime, component).map_err(mismatch)?;
        let pre = linker.instantiate_pre(component).map_err(mismatch)?;
        let sandbox = Sandbox {
            runtime: runtime.clone(),
            pre,
            budget,
        };
        sandbox.try_to_start()?;
        let info = sandbox.describe()?;
        let identity = Arc::new(EngineIdentity {
            name: info.name.clone(),
            version: info.version.clone(),
            digest: digest.to_string(),
        });
        let engine = Self {
            loaded: Arc::new(Loaded {
                sandbox,
                info,
                digest,
                identity,
                imports: names,
                placeholders: OnceLock::new(),
            }),
        };
        engine.test_itself()?;
        Ok(engine)
    }

    /// Description that the engine gives of itself.
    pub fn info(&self) -> &EngineInfo {
        &self.loaded.info
    }

    /// The digest of the portable component.
    pub fn digest(&self) -> Digest {
        self.loaded.digest
    }

    /// Name, version and digest, as thumbnails and lines of log carry them.
    pub fn identity(&self) -> &Arc<EngineIdentity> {
        &self.loaded.identity
    }

    /// Imports of the component, all of them without power.
    pub fn imports(&self) -> &[String] {
        &self.loaded.imports
    }

    /// Budget of each call.
    pub fn budget(&self) -> Budget {
        self.loaded.sandbox.budget
    }

    /// Makes one thumbnail for each spec; with no specs, says what the image is.
    ///
    /// The call ends within the budget, and a second before `deadline`.
    ///
    /// # Errors
    ///
    /// If the engine cannot do it, dies, runs out of its budget, or returns what
    /// was not asked for. The engine is as good as before, whatever happened.
    pub fn generate_blocking(
        &self,
        source: &[u8],
        specs: &[Spec],
        limits: &Limits,
        deadline: Option<Instant>,
    ) -> Result<Output, Error> {
        self.generate_within(left(deadline), source, specs, limits)
    }

    /// The same, and in the same call the placeholders of the image, as far as this
    /// engine makes any.
    ///
    /// # Errors
    ///
    /// Those of [`generate_blocking`](Self::generate_blocking).
    pub fn generate_with_placeholder(
        &self,
        source: &[u8],
        specs: &[Spec],
        limits: &Limits,
        deadline: Option<Instant>,
    ) -> Result<(Output, Placeholder), Error> {
        let hidden = placeholder::of_frame(self.placeholders(limits), specs);
        let all: Vec<Spec> = specs.iter().chain(&hidden).cloned().collect();
        let mut output = self.generate_within(left(deadline), source, &all, limits)?;
        let placeholder = placeholder::taken(&mut output, &hidden);
        Ok((output, placeholder))
    }

    /// The specs of the placeholders that this engine lists, and can make of the image of
    /// the self-test. One that only lists them must not fail with every source for it.
    fn placeholders(&self, limits: &Limits) -> &[Spec] {
        self.loaded.placeholders.get_or_init(|| {
            let specs = placeholder::specs(&self.info().encodes, limits);
            match self.try_specs(&specs, limits) {
                Ok(()) => specs,
                Err(error) => {
                    tracing::warn!(engine.digest = %self.digest(), error.message = with_causes(&error),
                        "the engine lists placeholders that it cannot make, and is asked for none");
                    Vec::new()
                }
            }
        })
    }

    /// Asks for these thumbnails of the self-test's image, so that a preset that
    /// this engine cannot serve is found before the first real image. It may take
    /// as long as a real image: a preset may be large, and the machine busy.
    ///
    /// # Errors
    ///
    /// Those of [`generate_blocking`](Self::generate_blocking).
    pub fn try_specs(&self, specs: &[Spec], limits: &Limits) -> Result<(), Error> {
        self.generate_within(Duration::MAX, self_test::IMAGE, specs, limits)
            .map(drop)
    }

    fn test_itself(&self) -> Result<(), LoadError> {
        let specs = self_test::specs();
        self.generate_within(SELF_TEST_TIME, self_test::IMAGE, &specs, &Limits::default())
            .and_then(|output| self_test::check(&output))
            .map_err(LoadError::SelfTest)
    }

    fn generate_within(
        &self,
        time: Duration,
        source: &[u8],
        specs: &[Spec],
        limits: &Limits,
    ) -> Result<Output, Error> {
        let sandbox = &self.loaded.sandbox;
        let budget = Budget {
            time: sandbox.budget.time.min(time),
            ..sandbox.budget
        };
        let called = sandbox.call(&budget, source.len(), |store, engine| {
            engine
                .thimble_engine_thumbnailer()
                .call_generate(store, source, specs, *limits)
        });
        let answer = called.map_err(|error| error.over(source))?;
        let mut output =
            answer.map_err(|error| Error::Refused(with_formats(error, self.info())))?;
        answers::output(&mut output, specs, limits, self.info())?;
        Ok(output)
    }
}

/// Time until a second before `deadline`.
fn left(deadline: Option<Instant>) -> Duration {
    deadline.map_or(Duration::MAX, |deadline| {
        deadline
            .saturating_duration_since(Instant::now())
            .saturating_sub(MARGIN)
    })
}

/// The same error, with the formats that the engine reads if it did not name any of
/// them: whoever has a file of another one wants to know what to convert it to.
fn with_formats(error: contract::Error, info: &EngineInfo) -> contract::Error {
    let contract::Error::UnsupportedFormat(detail) = error else {
        return error;
    };
    let said = detail.to_lowercase();
    let is_named = |format: &String| said.contains(format.trim_start_matches("image/"));
    if detail.len() > DETAIL || info.decodes.iter().any(is_named) {
        return contract::Error::UnsupportedFormat(detail);
    }
    let formats = info.decodes.join(", ");
    let divider = if detail.is_empty() { "" } else { "; " };
    contract::Error::UnsupportedFormat(format!(
        "{detail}{divider}it reads {formats}: convert the source, or use an engine that reads it \
         (docs/engines.md)"
    ))
}

impl Sandbox {
    /// Types of records and variants are only compared when an instance exists.
    fn try_to_start(&self) -> Result<(), LoadError> {
        let _running = self.runtime.running();
        let budget = self.to_start();
        let mut store = self.runtime.store(&budget, Instant::now() + budget.time);
        match self.instantiate(&mut store, &budget) {
            Ok(_) => Ok(()),
            Err(NotStarted::Died(error)) => Err(LoadError::Start(error)),
            Err(NotStarted::OtherTypes(detail)) => Err(LoadError::Contract { detail }),
        }
    }

    fn describe(&self) -> Result<EngineInfo, LoadError> {
        let info = self
            .call(&self.to_start(), 0, |store, engine| {
                engine.thimble_engine_thumbnailer().call_describe(store)
            })
            .map_err(LoadError::Describe)?;
        answers::description(&info).map_err(LoadError::Description)?;
        Ok(info)
    }

    fn to_start(&self) -> Budget {
        Budget {
            memory: self.budget.memory.min(START.memory),
            time: self.budget.time.min(START.time),
        }
    }

    /// Calls a fresh instance, within `budget`. `input` is what the instance has to
    /// hold of the caller's bytes at least.
    fn call<T>(
        &self,
        budget: &Budget,
        input: usize,
        call: impl FnOnce(&mut Store<Call>, &bindings::Engine) -> wasmtime::Result<T>,
    ) -> Result<T, Error> {
        let &Budget { memory, time } = budget;
        if time.is_zero() {
            return Err(Error::Time { allowed: time });
        }
        if input > memory {
            return Err(Error::Memory { limit: memory });
        }
        let _running = self.runtime.running();
        let mut store = self.runtime.store(budget, Instant::now() + time);
        let engine = self
            .instantiate(&mut store, budget)
            .map_err(|error| match error {
                NotStarted::Died(error) => error,
                NotStarted::OtherTypes(detail) => Error::Machine(detail),
            })?;
        call(&mut store, &engine).map_err(|death| {
            Error::of_death(&death, &store.data().meter, budget)
                .unwrap_or_else(|| Error::Lie(Lie::Unreadable(format!("{death:#}"))))
        })
    }

    fn instantiate(
        &self,
        store: &mut Store<Call>,
        budget: &Budget,
    ) -> Result<bindings::Engine, NotStarted> {
        let instance = self.pre.instantiate(&mut *store).map_err(|death| {
            let error = Error::of_death(&death, &store.data().meter, budget);
            NotStarted::Died(
                error
                    .unwrap_or_else(|| Error::Machine(format!("{death:#}{}", addresses::remedy()))),
            )
        })?;
        bindings::Engine::new(store, &instance)
            .map_err(|error| NotStarted::OtherTypes(format!("{error:#}")))
    }
}

fn check_imports(names: &[String]) -> Result<(), LoadError> {
    match names.iter().find(|name| !imports::is_allowed(name)) {
        Some(name) if name.starts_with(contract::CODEC_PACKAGE) => Err(LoadError::Open),
        Some(name) => Err(LoadError::Import { name: name.clone() }),
        None => Ok(()),
    }
}

/// Finds the contract among the exports, in a version that is as good as ours.
fn check_exports(runtime: &Runtime, component: &Component) -> Result<(), LoadError> {
    if component
        .get_export_index(None, contract::INTERFACE)
        .is_some()
    {
        return Ok(());
    }
    let (interface, _) = contract::INTERFACE
        .split_once('@')
        .unwrap_or((contract::INTERFACE, ""));
    let exports = component.component_type();
    let mut names = exports.exports(runtime.engine()).map(|(name, _)| name);
    if names.any(|name| name.starts_with(contract::CODEC_PACKAGE)) {
        return Err(LoadError::Codec);
    }
    let other = exports.exports(runtime.engine()).find_map(|(name, _)| {
        let (base, _) = name.split_once('@')?;
        (base == interface).then(|| name.to_owned())
    });
    Err(
        other.map_or(LoadError::NoEngine, |found| LoadError::OtherContract {
            found,
        }),
    )
}

impl fmt::Debug for SandboxedEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxedEngine")
            .field("name", &self.info().name)
            .field("version", &self.info().version)
            .field("digest", &self.digest())
            .finish()
    }
}

impl fmt::Display for SandboxedEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.identity().fmt(f)
    }
}
