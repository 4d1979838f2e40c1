//! Options shared by all commands that run an engine.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::{Failure, number};
use crate::config::file::{File, Given, Place, Version};
use crate::config::{Followed, MAX_SOURCE};
use crate::contract::{
    Budget, Limits, MAX_FRAMES, MAX_OUTPUT_SIDE, MAX_PIXELS, MAX_PROFILE, MAX_SIDE,
};
use crate::recipe::Recipes;
use crate::service::AtHand;
use crate::wasm::{Artifact, CodeCache, CompileLimits, Compiler, Runtime, SandboxedEngine};

/// Word for no cache of compiled engines.
const NO_CACHE: &str = "none";

/// File name of the engine that is looked for.
const FILE: &str = "engine.wasm";

/// Folder of the engine where a package puts the program into `bin`.
const SHARED: [&str; 2] = ["share", "thimble"];

/// The engine, and nothing more.
#[derive(Debug, Args)]
pub(super) struct EngineFile {
    /// The engine [default: engine.wasm beside this program or a folder above, or in share/thimble there]
    #[arg(long, value_name = "FILE", env = "THIMBLE_ENGINE")]
    engine: Option<PathBuf>,

    /// The folder that keeps compiled engines for the next start, or `none` [default: thimble
    /// in the folder of this user's caches]
    #[arg(long, value_name = "FOLDER", env = "THIMBLE_CACHE")]
    engine_cache: Option<PathBuf>,
}

/// The configuration file.
#[derive(Debug, Args)]
pub(super) struct ConfigFile {
    /// The configuration file, which says by rules which images get which thumbnails;
    /// `thimble help config` explains it
    #[arg(long, value_name = "FILE", env = "THIMBLE_CONFIG")]
    config: Option<PathBuf>,
}

impl ConfigFile {
    /// The name that was given.
    pub(super) fn name(&self) -> Option<String> {
        let file = self.config.as_ref();
        file.map(|file| file.display().to_string())
    }

    /// The recipes of the file with what is `given` besides, if there is a file.
    pub(super) fn recipes(&self, given: &Given) -> Result<Option<Recipes>, Failure> {
        Ok(self.read(given)?.map(|(recipes, ..)| recipes))
    }

    /// The same, and the file to be followed.
    pub(super) fn followed(
        &self,
        given: Given,
        check_every: Duration,
    ) -> Result<Option<(Recipes, Followed)>, Failure> {
        let read = self.read(&given)?;
        Ok(read.map(|(recipes, place, version)| {
            let followed = Followed {
                place,
                version,
                given,
                check_every,
            };
            (recipes, followed)
        }))
    }

    fn read(&self, given: &Given) -> Result<Option<(Recipes, Place, Version)>, Failure> {
        let Some(name) = self.name().filter(|name| !name.is_empty()) else {
            return Ok(None);
        };
        let place = Place::of(&name);
        let Place::Path(path) = &place else {
            return Err(Failure::Usage(format!(
                "--config {place}: this command works on files of this machine, and the \
                 configuration is one of them; copy the object to a file"
            )));
        };
        // If it changes in between, the next look finds another version.
        let version = Version::of(path).unwrap_or_default();
        let file = File::read(path).map_err(|mistake| Failure::Usage(mistake.to_string()))?;
        let (recipes, mistakes) = file.recipes(given);
        if mistakes.is_empty() {
            return Ok(Some((recipes, place, version)));
        }
        let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        Err(Failure::Usage(mistakes.join("\n")))
    }
}

#[derive(Debug, Args)]
pub(super) struct EngineOptions {
    #[command(flatten)]
    file: EngineFile,

    #[command(flatten)]
    budget: BudgetOptions,

    #[command(flatten)]
    limits: LimitOptions,

    #[command(flatten)]
    compiler: CompilerOptions,
}

/// Most that compiling an engine may cost.
#[derive(Debug, Args)]
#[command(next_help_heading = "Compiler")]
pub(super) struct CompilerOptions {
    /// The time to compile an engine, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = CompileLimits::TIME.as_secs(),
          value_parser = number::within::<u64>(1..=3_600))]
    compile_timeout: u64,

    /// The memory to compile an engine, in MiB; only Linux keeps this limit
    #[arg(long, value_name = "MIB", default_value_t = CompileLimits::MEMORY >> 20,
          value_parser = number::within::<u64>(64..=65_536))]
    compile_memory: u64,
}

/// Budget of an engine for one image.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sandbox")]
struct BudgetOptions {
    /// The memory of an engine, for each image, in MiB
    #[arg(long, value_name = "MIB", default_value_t = (Budget::MEMORY >> 20) as u64,
          value_parser = number::within::<u64>(1..=4096))]
    memory_limit: u64,

    /// The time of an engine, for each image, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = Budget::TIME.as_secs(),
          value_parser = number::within::<u64>(1..=86_400))]
    timeout: u64,
}

/// Limits of an image.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits of an image")]
struct LimitOptions {
    /// The size of its file, in bytes, or such as 10MB or 10MiB
    #[arg(long, value_name = "BYTES", default_value_t = MAX_SOURCE, value_parser = bytes)]
    max_bytes: u64,

    /// Its pixels, those of all its frames together
    #[arg(long, value_name = "PIXELS", default_value_t = MAX_PIXELS,
          value_parser = number::within::<u64>(1..=u64::MAX))]
    max_pixels: u64,

    /// Its longer side, in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = MAX_SIDE,
          value_parser = number::within::<u32>(1..=u32::MAX))]
    max_side: u32,

    /// The frames of an animation that are decoded
    #[arg(long, value_name = "FRAMES", default_value_t = MAX_FRAMES,
          value_parser = number::within::<u32>(1..=u32::MAX))]
    max_frames: u32,

    /// Its color profile, in bytes; a larger one is ignored
    #[arg(long, value_name = "BYTES", default_value_t = MAX_PROFILE,
          value_parser = number::within::<u32>(0..=u32::MAX))]
    max_profile: u32,

    /// The longer side of a thumbnail, in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = MAX_OUTPUT_SIDE,
          value_parser = number::within::<u32>(1..=u32::MAX))]
    max_output_side: u32,
}

/// Parser for a number of bytes with or without a unit.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.find(|character: char| !character.is_ascii_digit());
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let factor = match unit.trim().to_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        _ => 0,
    };
    let number = number.parse::<u64>().ok();
    let bytes = number.and_then(|number| number.checked_mul(factor));
    bytes
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "a size is for example 10000000, 10MB or 10MiB".to_owned())
}

impl EngineOptions {
    /// Finds the engine and loads it.
    pub(super) fn load(&self) -> Result<SandboxedEngine, Failure> {
        let load = self.at_hand()?;
        Ok(load(&Runtime::new()?, &self.compiler.compiler())?)
    }

    /// See [`EngineFile::at_hand`].
    pub(super) fn at_hand(&self) -> Result<AtHand, Failure> {
        self.file.at_hand(self.budget())
    }

    pub(super) fn limits(&self) -> Limits {
        let LimitOptions {
            max_pixels,
            max_side,
            max_frames,
            max_profile,
            max_output_side,
            ..
        } = self.limits;
        Limits {
            max_pixels,
            max_side,
            max_frames,
            max_profile,
            max_output_side,
        }
    }

    /// The largest file that is read, in bytes.
    pub(super) fn max_bytes(&self) -> u64 {
        self.limits.max_bytes
    }

    /// The most that compiling an engine may cost.
    pub(super) fn compile(&self) -> CompileLimits {
        self.compiler.limits()
    }

    pub(super) fn budget(&self) -> Budget {
        Budget {
            memory: usize::try_from(self.budget.memory_limit << 20).unwrap_or(usize::MAX),
            time: Duration::from_secs(self.budget.timeout),
        }
    }
}

impl CompilerOptions {
    pub(super) fn limits(&self) -> CompileLimits {
        CompileLimits {
            time: Duration::from_secs(self.compile_timeout),
            memory: self.compile_memory << 20,
        }
    }

    pub(super) fn compiler(&self) -> Compiler {
        Compiler::new(self.limits())
    }
}

impl EngineFile {
    /// Finds the engine, for a host to load.
    pub(super) fn at_hand(&self, budget: Budget) -> Result<AtHand, Failure> {
        let (path, cache) = (self.find()?, self.cache());
        Ok(Box::new(move |runtime, compiler| {
            let compiler = compiler.with_cache(cache);
            SandboxedEngine::load_by(&compiler, runtime, &Artifact::read(&path)?, budget)
        }))
    }

    /// The cache that is asked for or, on Unix, where caches of users are by the XDG
    /// Base Directory Specification.
    fn cache(&self) -> Option<CodeCache> {
        self.cache_folder().map(CodeCache::new)
    }

    /// The folder of the cache, if there is to be one.
    pub(super) fn cache_folder(&self) -> Option<PathBuf> {
        let folder = self.engine_cache.clone().or_else(|| {
            let absolute =
                |name| Some(PathBuf::from(env::var_os(name)?)).filter(|path| path.is_absolute());
            let caches =
                absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
            Some(caches?.join("thimble"))
        })?;
        (folder != Path::new(NO_CACHE)).then_some(folder)
    }

    /// The engine that a command takes without an option that names one.
    pub(super) fn of_the_environment() -> Self {
        Self {
            engine: env::var_os("THIMBLE_ENGINE").map(PathBuf::from),
            engine_cache: None,
        }
    }

    pub(super) fn find(&self) -> Result<PathBuf, Failure> {
        if let Some(engine) = &self.engine {
            return Ok(engine.clone());
        }
        let program = env::current_exe().unwrap_or_default();
        let beside = program.parent();
        let above = beside.and_then(Path::parent);
        let folders = [
            beside.map(Path::to_owned),
            above.map(Path::to_owned),
            above.map(|above| above.join(PathBuf::from_iter(SHARED))),
        ];
        let places: Vec<_> = folders
            .into_iter()
            .flatten()
            .map(|dir| dir.join(FILE))
            .collect();
        places
            .iter()
            .find(|place| place.is_file())
            .cloned()
            .ok_or_else(|| {
                let looked: Vec<_> = places
                    .iter()
                    .map(|place| place.display().to_string())
                    .collect();
                Failure::Usage(format!(
                    "no engine is found; run `make engine`, or name one with --engine or in \
                 THIMBLE_ENGINE (looked at {})",
                    looked.join(", ")
                ))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn sizes_have_units() {
        for (text, size) in [
            ("1", 1),
            ("10MB", 10_000_000),
            ("10MiB", 10 << 20),
            ("10 mib", 10 << 20),
            ("3GB", 3_000_000_000),
        ] {
            assert_eq!(bytes(text), Ok(size), "{text}");
        }
        for text in [
            "",
            "0",
            "MB",
            "-1",
            "1.5MB",
            "10 elephants",
            "99999999999999GB",
        ] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
