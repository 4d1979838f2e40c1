//! The compiler for a target, and its origin.
//!
//! Most people have `rustup` and add a target with it. A machine that has
//! nothing but Debian's packages is served too: Debian's compiler builds the
//! standard library from its own source package.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// One kind of machine that is compiled for.
pub(crate) struct Target {
    /// The name that compilers have for it.
    pub(crate) triple: &'static str,
    /// The crates of its standard library, where that is built from source.
    library: &'static str,
    /// The C compiler that links for it on another machine, and Debian's packages of
    /// that and of the C library.
    cross: Option<(&'static str, [&'static str; 2])>,
}

/// The target that the engine is compiled for, before it becomes a component.
pub(crate) const WASM: Target = Target {
    triple: "wasm32-unknown-unknown",
    library: "std,panic_abort",
    cross: None,
};

/// The processors that programs are released for.
#[cfg(feature = "package")]
pub(crate) const PROCESSORS: [Target; 2] = [
    Target {
        triple: "x86_64-unknown-linux-gnu",
        library: "std,panic_unwind",
        cross: Some((
            "x86_64-linux-gnu-gcc",
            ["gcc-x86-64-linux-gnu", "libc6-dev-amd64-cross"],
        )),
    },
    Target {
        triple: "aarch64-unknown-linux-gnu",
        library: "std,panic_unwind",
        cross: Some((
            "aarch64-linux-gnu-gcc",
            ["gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"],
        )),
    },
];

/// The command line is released for Windows as well.
#[cfg(feature = "package")]
pub(crate) const WINDOWS: Target = Target {
    triple: "x86_64-pc-windows-gnu",
    library: "std,panic_unwind",
    cross: Some((
        "x86_64-w64-mingw32-gcc",
        ["gcc-mingw-w64-x86-64", "mingw-w64-x86-64-dev"],
    )),
};

impl Target {
    /// Processor of the target.
    #[cfg(feature = "package")]
    pub(crate) fn processor(&self) -> &'static str {
        self.triple.split('-').next().unwrap_or(self.triple)
    }

    /// True for the machine that this runs on.
    pub(crate) fn is_native(&self) -> bool {
        let machine = format!("{}-unknown-{}-gnu", env::consts::ARCH, env::consts::OS);
        self.triple == machine
    }

    /// True if the active toolchain has its standard library.
    fn is_installed(&self) -> bool {
        let rustc = env::var_os("RUSTC").unwrap_or("rustc".into());
        Command::new(rustc)
            .args(["--print", "target-libdir", "--target", self.triple])
            .output()
            .is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).exists())
    }

    /// Finds the C compiler that links for it, and installs it where that is
    /// possible. The machine that this runs on has one.
    fn linker(&self) -> Result<Option<&'static str>> {
        let Some((compiler, packages)) = self.cross.filter(|_| !self.is_native()) else {
            return Ok(None);
        };
        let is_there = Command::new(compiler).arg("--version").output().is_ok();
        if !is_there {
            ensure!(
                may_install(),
                "{compiler} is missing; on Debian run `sudo apt-get install {}`",
                packages.join(" ")
            );
            install(&packages)?;
        }
        Ok(Some(compiler))
    }

    /// Variable in which cargo takes a setting of this target.
    fn variable(&self, setting: &str) -> String {
        let name = self.triple.replace('-', "_").to_uppercase();
        format!("CARGO_TARGET_{name}_{setting}")
    }
}

/// Debian's packages: compiler, cargo, and the source of the standard library.
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

/// One way of compiling.
pub(crate) enum Toolchain {
    /// The active toolchain has the target's standard library.
    Installed,
    /// Debian's compiler, which builds the standard library first.
    Debian,
}

impl Toolchain {
    /// Chooses a toolchain for a target, and installs Debian's if that is the one to
    /// use.
    ///
    /// `THIMBLE_TOOLCHAIN` may name one (`rustup` or `debian`); otherwise the
    /// active toolchain is preferred and Debian's is used where apt is at hand. The
    /// machine that this runs on needs no other than the active one.
    ///
    /// # Errors
    ///
    /// If there is no way to compile for the target, with the remedies.
    pub(crate) fn choose(target: &Target) -> Result<Self> {
        match env::var("THIMBLE_TOOLCHAIN").as_deref() {
            _ if target.is_native() => Ok(Self::Installed),
            Ok("rustup") => Ok(Self::Installed),
            Ok("debian") => Self::debian(),
            Ok(other) => bail!("THIMBLE_TOOLCHAIN is `rustup` or `debian`, not: {other}"),
            Err(_) if target.is_installed() => Ok(Self::Installed),
            Err(_) if may_install() => Self::debian(),
            Err(_) => bail!(
                "the Rust target {triple} is missing; run `rustup target add {triple}`, or on \
                 Debian `sudo apt-get install {}` and set THIMBLE_TOOLCHAIN=debian",
                DEBIAN_PACKAGES.join(" "),
                triple = target.triple,
            ),
        }
    }

    fn debian() -> Result<Self> {
        if !Path::new("/usr/bin/rustc").exists() || !debian_library_source().exists() {
            eprintln!(
                "installing Debian's compiler: {}",
                DEBIAN_PACKAGES.join(" ")
            );
            install(&DEBIAN_PACKAGES)?;
        }
        Ok(Self::Debian)
    }

    /// A `cargo build` for a target, to which the caller adds what to build.
    ///
    /// # Errors
    ///
    /// If there is no linker for the target.
    pub(crate) fn cargo_build(&self, target: &Target) -> Result<Command> {
        let mut cargo = match self {
            Self::Installed => Command::new(env::var_os("CARGO").unwrap_or("cargo".into())),
            Self::Debian => Command::new("/usr/bin/cargo"),
        };
        cargo.args(["build", "--target", target.triple]);
        if let Some(compiler) = target.linker()? {
            cargo.env(target.variable("LINKER"), compiler);
        }
        if let Self::Debian = self {
            cargo
                .arg(format!("-Zbuild-std={}", target.library))
                .env("RUSTC", "/usr/bin/rustc")
                // Building the standard library is an unstable feature of cargo.
                .env("RUSTC_BOOTSTRAP", "1")
                .env_remove("RUSTUP_TOOLCHAIN")
                .env_remove("CARGO");
            if target.triple == WASM.triple {
                cargo
                    .env(target.variable("LINKER"), find_wasm_linker()?)
                    // By default it brings crates for backtraces, which a sandbox has none of.
                    .arg("-Zbuild-std-features=");
            }
        }
        Ok(cargo)
    }

    /// A word for the target folder, since the two must not share one.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Installed => "rustup",
            Self::Debian => "debian",
        }
    }
}

/// Packages are installed where nobody has to be asked.
fn may_install() -> bool {
    let is_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout == b"0\n");
    is_root && Path::new("/usr/bin/apt-get").exists()
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

fn install(packages: &[&str]) -> Result<()> {
    run(Command::new("apt-get").args(["update", "--quiet"]))?;
    run(Command::new("apt-get")
        .args(["install", "--yes", "--quiet", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

/// `rust-lld` of the active toolchain, or the `wasm-ld` of Debian's LLVM.
fn find_wasm_linker() -> Result<PathBuf> {
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
