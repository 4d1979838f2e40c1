//! `cargo xtask engine`: compile the engine, make a component of it.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use wit_component::ComponentEncoder;

use crate::closed::{close, shorten};
#[cfg(feature = "examples")]
use crate::compose::compose;
use crate::metadata;
use crate::stand_in;
use crate::toolchain::{Toolchain, WASM, run};

/// An engine of this repository.
struct Engine {
    /// The package that it is built from.
    package: &'static str,
    /// Packages that are built with it: features of what they share are chosen once for all,
    /// so that nothing is built twice.
    company: &'static [&'static str],
    /// Options of cargo that choose among features.
    features: &'static [&'static str],
    /// File name of the module that cargo makes.
    module: &'static str,
    /// Name in the component's metadata.
    name: &'static str,
    /// File name in the target folder.
    file: &'static str,
    /// Folder of its workspace, below that of the repository.
    workspace: &'static str,
}

/// The engine and what is joined to it.
const COMPANY: [&str; 3] = ["thimble-engine", "join-codecs", "qoi-codec"];

const ENGINE: Engine = Engine {
    package: "thimble-engine",
    company: &COMPANY,
    features: &[],
    module: "thimble_engine.wasm",
    name: "thimble-engine",
    file: "engine.wasm",
    workspace: "",
};

/// The same, for codecs to be joined to.
const OPEN: Engine = Engine {
    file: "engine-open.wasm",
    ..ENGINE
};

/// The engine without the decoders that are more than half of it. Everything else makes the
/// same thumbnails as [`ENGINE`].
const COMMON: Engine = Engine {
    features: &["--no-default-features"],
    file: "engine-common.wasm",
    ..ENGINE
};

/// The codec that docs/engines.md writes.
const QOI: Engine = Engine {
    package: "qoi-codec",
    company: &COMPANY,
    features: &[],
    module: "qoi_codec.wasm",
    name: "qoi-codec",
    file: "qoi.wasm",
    workspace: "",
};

/// The codec for HEIC, which nobody builds who does not ask for it.
const HEIC: Engine = Engine {
    package: "heic-codec",
    company: &[],
    features: &[],
    module: "heic_codec.wasm",
    name: "heic-codec",
    file: "heic.wasm",
    workspace: "codecs/heic",
};

/// The codec for SVG, of which nothing else has a use.
const SVG: Engine = Engine {
    package: "svg-codec",
    company: &[],
    features: &[],
    module: "svg_codec.wasm",
    name: "svg-codec",
    file: "svg.wasm",
    workspace: "codecs/svg",
};

/// Two codecs made one, as a part of [`OPEN`].
const JOIN: Engine = Engine {
    package: "join-codecs",
    company: &COMPANY,
    features: &[],
    module: "join_codecs.wasm",
    name: "join-codecs",
    file: "join.wasm",
    workspace: "",
};

/// Section of an open engine with the component that joins two codecs.
const JOINT: &str = "thimble-joint";

/// The one that docs/engines.md writes.
#[cfg(feature = "examples")]
const FIRST: Engine = Engine {
    package: "first-engine",
    company: &[],
    features: &[],
    module: "first_engine.wasm",
    name: "first-engine",
    file: "first-engine.wasm",
    workspace: "",
};

/// A middleware around [`ENGINE`].
#[cfg(feature = "examples")]
const WATERMARK: Engine = Engine {
    package: "watermark",
    company: &[],
    features: &[],
    module: "watermark.wasm",
    name: "watermark",
    file: "watermark.wasm",
    workspace: "",
};

/// Builds `target/engine.wasm` and `target/engine-open.wasm`, and prints paths, sizes and
/// digests. Both have the same module: it is compiled once.
///
/// # Errors
///
/// If there is no compiler for the target, or the engine does not compile, or
/// what it exports is not the contract.
pub(crate) fn build() -> Result<()> {
    let toolchain = Toolchain::choose(&WASM)?;
    let module = ENGINE.compile(&toolchain)?;
    ENGINE.write(&encode(&close(&module)?)?)?;
    let mut open = encode(&shorten(&module)?)?;
    let joint = encode(&JOIN.compile(&toolchain)?)?;
    metadata::append(&mut open, JOINT, &joint);
    OPEN.write(&open)
}

/// Builds `target/engine-common.wasm`, with which the playground begins.
///
/// # Errors
///
/// Those of [`build`].
pub(crate) fn build_common() -> Result<()> {
    let module = COMMON.compile(&Toolchain::choose(&WASM)?)?;
    COMMON.write(&encode(&close(&module)?)?)
}

/// Builds the codecs of `codecs/` that are free of patents.
///
/// # Errors
///
/// Those of [`build`].
pub(crate) fn build_codecs() -> Result<()> {
    QOI.write(&QOI.component()?)
}

/// Builds the codec for HEIC.
///
/// # Errors
///
/// Those of [`build`].
pub(crate) fn build_heic() -> Result<()> {
    HEIC.write(&HEIC.component()?)
}

/// Builds the codec for SVG.
///
/// # Errors
///
/// Those of [`build`].
pub(crate) fn build_svg() -> Result<()> {
    SVG.write(&SVG.component()?)
}

/// Builds the engines of `examples/`. One of them is wrapped around the engine
/// that [`build`] built.
///
/// # Errors
///
/// Those of [`build`], and if that has not built anything yet.
#[cfg(feature = "examples")]
pub(crate) fn build_examples() -> Result<()> {
    FIRST.write(&FIRST.component()?)?;
    let engine = fs::read(ENGINE.path()).context("there is no engine; run `make engine`")?;
    WATERMARK.write(&compose(WATERMARK.component()?, engine)?)
}

impl Engine {
    /// Path of the component.
    fn path(&self) -> PathBuf {
        target_folder().join(self.file)
    }

    fn component(&self) -> Result<Vec<u8>> {
        let module = self.compile(&Toolchain::choose(&WASM)?)?;
        encode(&module)
    }

    /// Writes a component with what it says of itself.
    fn write(&self, component: &[u8]) -> Result<()> {
        let folder = workspace().join(self.workspace);
        let component = metadata::write(component, self.name, self.package, &folder)?;
        let path = self.path();
        fs::write(&path, &component).with_context(|| format!("cannot write {}", path.display()))?;
        let digest = Sha256::digest(&component);
        println!(
            "{}  {} bytes  sha256:{digest:x}",
            path.display(),
            component.len()
        );
        Ok(())
    }

    /// The module.
    fn compile(&self, toolchain: &Toolchain) -> Result<Vec<u8>> {
        let folder = target_folder().join(format!("engine-{}", toolchain.name()));
        let mut cargo = toolchain.cargo_build(&WASM)?;
        run(cargo
            .args(["--locked", "--profile", "engine", "--lib"])
            .args(self.features)
            .args(["--package", self.package])
            .args(
                self.company
                    .iter()
                    .flat_map(|package| ["--package", package]),
            )
            .current_dir(workspace().join(self.workspace))
            .env("CARGO_TARGET_DIR", &folder)
            .env("RUSTC_WRAPPER", env::current_exe()?)
            .env(
                stand_in::VARIABLE,
                workspace().join("xtask/src/stand_in/libc.rs"),
            )
            .env("RUSTFLAGS", rust_flags(&folder)?))?;
        let module = folder.join(WASM.triple).join("engine").join(self.module);
        fs::read(&module).with_context(|| format!("cannot read {}", module.display()))
    }
}

/// Makes a component of a module.
fn encode(module: &[u8]) -> Result<Vec<u8>> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|mut encoder| encoder.encode())
        .context("the engine does not export the contract")
}

/// 128-bit SIMD, and no path of this machine in the panic messages, so that the
/// same source gives the same engine anywhere.
fn rust_flags(folder: &Path) -> Result<String> {
    Ok(format!("-Ctarget-feature=+simd128 {}", remapped(folder)?))
}

/// Flags that take the paths of this machine out of what is compiled into a folder.
pub(crate) fn remapped(folder: &Path) -> Result<String> {
    let cargo_home = match env::var_os("CARGO_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env::var_os("HOME").context("HOME is not set")?).join(".cargo"),
    };
    Ok(format!(
        "--remap-path-prefix={}=/cargo --remap-path-prefix={}=/thimble --remap-path-prefix={}=/target",
        cargo_home.join("registry/src").display(),
        workspace().display(),
        folder.display(),
    ))
}

/// The folder of the checkout.
pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map_or(".".into(), Path::to_path_buf)
}

/// Folder of everything that is built.
pub(crate) fn target_folder() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from)
}
