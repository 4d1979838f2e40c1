//! The compiler for `wasm32-unknown-unknown`, and its origin.
//!
//! Most people have `rustup` and add the target with it. A machine that has
//! nothing but Debian's packages is served too: Debian's compiler builds the
//! standard library from its own source package.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The target that the engine is compiled for, before it becomes a component.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's packages: compiler, cargo, and the source of the standard library.
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// One way of compiling for [`TARGET`].
pub(crate) enum Toolchain {
    /// The active toolchain has the target's standard library.
    Installed,
    /// Debian's compiler, which builds the standard library first and links
    /// with `linker`.
    Debian { linker: PathBuf },
}

impl Toolchain {
    /// Chooses a toolchain, and installs Debian's if that is the one to use.
    ///
    /// `THIMBLE_TOOLCHAIN` may name one (`rustup` or `debian`); otherwise the
    /// active toolchain is preferred and Debian's is used where apt is at hand.
    ///
    /// # Errors
    ///
    /// If there is no way to compile for the target, with the remedies.
    pub(crate) fn choose() -> Result<Self> {
        match std::env::var("THIMBLE_TOOLCHAIN").as_deref() {
            Ok("rustup") => Ok(Self::Installed),
            Ok("debian") => Self::debian(),
            Ok(other) => bail!("THIMBLE_TOOLCHAIN is `rustup` or `debian`, not: {other}"),
            Err(_) if target_is_installed() => Ok(Self::Installed),
            Err(_) if is_root() && Path::new("/usr/bin/apt-get").exists() => Self::debian(),
            Err(_) => bail!(
                "the Rust target {TARGET} is missing; run `rustup target add {TARGET}`, or on \
                 Debian `sudo apt-get install {}` and set THIMBLE_TOOLCHAIN=debian",
                DEBIAN_PACKAGES.join(" ")
            ),
        }
    }

    fn debian() -> Result<Self> {
        if !Path::new("/usr/bin/rustc").exists() || !debian_library_source().exists() {
            install_debian_packages()?;
        }
        Ok(Self::Debian {
            linker: find_linker()?,
        })
    }

    /// A `cargo build` for the target, to which the caller adds what to build.
    pub(crate) fn cargo_build(&self) -> Command {
        match self {
            Self::Installed => {
                let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
                cargo.args(["build", "--target", TARGET]);
                cargo
            }
            Self::Debian { linker } => {
                let mut cargo = Command::new("/usr/bin/cargo");
                cargo
                    .args(["build", "--target", TARGET, "-Zbuild-std=std,panic_abort"])
                    .env("RUSTC", "/usr/bin/rustc")
                    // Building the standard library is an unstable feature of cargo.
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker)
                    .env_remove("RUSTUP_TOOLCHAIN")
                    .env_remove("CARGO");
                cargo
            }
        }
    }

    /// A word for the target folder, since the two must not share one.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Installed => "rustup",
            Self::Debian { .. } => "debian",
        }
    }
}

fn target_is_installed() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or("rustc".into());
    Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).exists())
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout == b"0\n")
}

fn sysroot(rustc: &str) -> Option<PathBuf> {
    let output = Command::new(rustc)
        .args(["--print", "sysroot"])
        .output()
        .ok()?;
    Some(PathBuf::from(String::from_utf8(output.stdout).ok()?.trim()))
}

fn debian_library_source() -> PathBuf {
    let sysroot = sysroot("/usr/bin/rustc").unwrap_or("/usr".into());
    sysroot.join("lib/rustlib/src/rust/library/std")
}

fn install_debian_packages() -> Result<()> {
    eprintln!(
        "installing Debian's compiler for {TARGET}: {}",
        DEBIAN_PACKAGES.join(" ")
    );
    run(Command::new("apt-get").args(["update", "--quiet"]))?;
    run(Command::new("apt-get")
        .args(["install", "--yes", "--quiet", "--no-install-recommends"])
        .args(DEBIAN_PACKAGES)
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

/// `rust-lld` of the active toolchain, or the `wasm-ld` of Debian's LLVM.
fn find_linker() -> Result<PathBuf> {
    let bundled = sysroot("rustc")
        .map(|sysroot| sysroot.join("lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld"));
    let debian = ["wasm-ld-19", "wasm-ld"].map(|name| Path::new("/usr/bin").join(name));
    bundled
        .into_iter()
        .chain(debian)
        .find(|linker| linker.exists())
        .context("no linker for WebAssembly was found; run `apt-get install lld-19`")
}

/// Runs a command and fails unless it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot run {command:?}"))?;
    if !status.success() {
        bail!("{command:?} failed: {status}");
    }
    Ok(())
}
