//! The command line of the engine: `wasmtime run --dir=. engine.wasm ...`.
//!
//! Logic of the commands, over any [`Files`] so that it can be tested natively; the files of WASI are in `wasi.rs`. Nothing is written
//! before every thumbnail is made.

mod arguments;
mod json;
mod naming;
pub mod paths;
#[cfg(target_family = "wasm")]
pub(crate) mod wasi;

use std::collections::HashSet;

use arguments::{Job, Request};

use crate::contract::{Error, Limits, Output, Spec};

/// Files that a command reads and writes. The name `-` stands for standard
/// input and standard output.
pub trait Files {
    /// All of a file.
    ///
    /// # Errors
    ///
    /// A line for the user, if it can't be read.
    fn read(&mut self, name: &str) -> Result<Vec<u8>, String>;

    /// Creates or replaces a file.
    ///
    /// # Errors
    ///
    /// A line for the user, if it can't be written.
    fn write(&mut self, name: &str, content: &[u8]) -> Result<(), String>;

    /// Tells the user something beside the results, on standard error.
    fn tell(&mut self, line: &str);
}

/// Runs a command; `arguments` do not include the name of the program.
///
/// # Errors
///
/// A line for the user that says what to change.
pub fn run(arguments: &[String], files: &mut impl Files) -> Result<(), String> {
    match arguments::parse(arguments)? {
        Request::Help => files.write(naming::STANDARD, include_bytes!("help.txt")),
        Request::Version => {
            let engine = crate::describe();
            let line = format!("{} {}\n", engine.name, engine.version);
            files.write(naming::STANDARD, line.as_bytes())
        }
        Request::Describe => files.write(naming::STANDARD, json::engine().as_bytes()),
        Request::Info { source } => {
            let content = files.read(&source)?;
            let output = generate(&content, &[]).map_err(|error| line(&source, &error))?;
            files.write(naming::STANDARD, json::image(&output.source).as_bytes())
        }
        Request::Make(job) => make(&job, files),
    }
}

/// Makes thumbnails within the limits that a host has by default.
fn generate(source: &[u8], specs: &[Spec]) -> Result<Output, Error> {
    crate::generate(source, specs, &Limits::default())
}

fn make(job: &Job, files: &mut impl Files) -> Result<(), String> {
    let source = files.read(&job.source)?;
    let output = generate(&source, &job.specs).map_err(|error| line(&job.source, &error))?;
    for warning in &output.warnings {
        files.tell(&format!("{}: {warning}", job.source));
    }
    for (name, data) in name_all(job, &output)? {
        files.write(&name, data)?;
    }
    Ok(())
}

/// The name of each thumbnail, no two the same.
fn name_all<'a>(job: &Job, output: &'a Output) -> Result<Vec<(String, &'a [u8])>, String> {
    let mut taken = HashSet::new();
    let mut named = Vec::with_capacity(output.thumbnails.len());
    for (spec, thumbnail) in job.specs.iter().zip(&output.thumbnails) {
        let name = naming::expand(&job.output, &job.source, spec.bounds, thumbnail);
        if !taken.insert(name.clone()) {
            return Err(format!(
                "two thumbnails would both be {name}; put {{size}} in the name"
            ));
        }
        if name == job.source && name != naming::STANDARD {
            return Err(format!(
                "a thumbnail would replace the image itself: {name}"
            ));
        }
        named.push((name, thumbnail.data.as_slice()));
    }
    Ok(named)
}

fn line(source: &str, error: &Error) -> String {
    match error {
        Error::InvalidSpec(detail) => detail.clone(),
        Error::UnsupportedFormat(detail)
        | Error::MalformedSource(detail)
        | Error::LimitExceeded(detail)
        | Error::Other(detail) => format!("{source}: {detail}"),
    }
}
