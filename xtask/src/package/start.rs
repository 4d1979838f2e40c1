//! Start of a packaged program: that it succeeds, and how soon.

use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Context, Result, bail};

use crate::toolchain::Target;

/// Number of starts: at the first one its pages come from the disk.
const STARTS: usize = 5;

/// The longest that a start may take, on whatever machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Unpacks the package and starts it as Lambda does. A program that is ready
/// asks for work; that it asks shows that it has loaded, and tried, its engine.
///
/// # Errors
///
/// If it ends, or does not ask in time.
pub(super) fn check(program: &Path, code: &Path, machine: &Target) -> Result<()> {
    let runner = (!machine.is_native()).then(|| emulator(machine));
    if let Some((emulator, _)) = &runner
        && Command::new(emulator).arg("--version").output().is_err()
    {
        println!("{}  not started: there is no {emulator}", program.display());
        return Ok(());
    }
    let folder = program.with_file_name("task");
    fs::create_dir_all(&folder).context("cannot create a folder to start the package in")?;
    let bootstrap = folder.join("bootstrap");
    fs::copy(program, &bootstrap).context("cannot unpack the program")?;
    fs::copy(code, folder.join("engine.cwasm")).context("cannot unpack the engine")?;
    let mut fastest = PATIENCE;
    for _ in 0..STARTS {
        fastest = fastest.min(start(runner.as_ref(), &bootstrap)?);
    }
    println!("{}  ready after {fastest:.1?}", program.display());
    Ok(())
}

/// A program that interprets another processor's, and the folder of that one's libraries.
type Emulator = (String, String);

fn emulator(machine: &Target) -> Emulator {
    let processor = machine.processor();
    (
        format!("qemu-{processor}-static"),
        format!("/usr/{processor}-linux-gnu"),
    )
}

/// Starts the program once, with what runs it where it is for another processor, and says
/// how long it took to ask for work.
fn start(runner: Option<&Emulator>, bootstrap: &Path) -> Result<Duration> {
    let runtime = TcpListener::bind("127.0.0.1:0").context("cannot listen")?;
    runtime.set_nonblocking(true)?;
    let began = Instant::now();
    let mut command = match runner {
        Some((runner, libraries)) => {
            let mut command = Command::new("prlimit");
            command.arg(format!("--as={}", addresses()));
            command.args([runner, "-L", libraries]).arg(bootstrap);
            command
        }
        None => Command::new(bootstrap),
    };
    let mut program = command
        .env_clear()
        .envs(environment())
        .env("AWS_LAMBDA_RUNTIME_API", runtime.local_addr()?.to_string())
        .stdin(Stdio::null())
        .spawn()
        .context("cannot start the packaged program")?;
    let asked = wait(&runtime, &mut program, began);
    // It may have ended already, and then there is nothing to end.
    let _ = program.kill();
    let _ = program.wait();
    asked
}

fn wait(runtime: &TcpListener, program: &mut Child, began: Instant) -> Result<Duration> {
    while began.elapsed() < PATIENCE {
        match runtime.accept() {
            Ok(_) => return Ok(began.elapsed()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error).context("cannot listen"),
        }
        if let Some(status) = program.try_wait()? {
            bail!("the packaged program ended before it asked for work: {status}");
        }
        thread::sleep(Duration::from_micros(200));
    }
    bail!("the packaged program did not ask for work within {PATIENCE:?}")
}

/// Address space under an emulator: for some memories of engines, but not for the pool of a
/// thousand, for each page of which it would take memory of its own. The same as `limit` in
/// scripts/release/emulated.py.
fn addresses() -> u64 {
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    (cores + 8) * (6 << 30)
}

/// The least that a function of Lambda finds in its environment. The names are
/// no real ones: nothing is asked of them before there is work.
fn environment() -> [(&'static str, &'static str); 8] {
    [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
        ("AWS_LAMBDA_FUNCTION_NAME", "generate-thumbnails"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769"),
        ("THUMBNAILS_BUCKET", "thumbnails"),
        ("SOURCE_BUCKET", "images"),
    ]
}
