//! The files of WASI.

use std::io::{Read, Write};

use wasip2::cli::{environment, stderr, stdin, stdout};
use wasip2::filesystem::preopens;
use wasip2::filesystem::types::{
    Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags,
};

use super::Files;
use super::naming::STANDARD;
use super::paths;

/// The largest image that is read: what does not fit in memory several times
/// over can't be decoded either.
const MAX_SOURCE: u64 = 512 << 20;

/// Runs the command that this component was started with, and tells the user
/// what went wrong.
pub(crate) fn run() -> Result<(), ()> {
    let arguments: Vec<String> = environment::get_arguments().into_iter().skip(1).collect();
    let mut files = Granted;
    super::run(&arguments, &mut files).map_err(|error| files.tell(&error))
}

/// Standard input and output, and the files below the directories that were
/// granted.
struct Granted;

impl Files for Granted {
    fn read(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let wrong = |error: &dyn std::fmt::Display| format!("cannot read {name}: {error}");
        let stream = if name == STANDARD {
            stdin::get_stdin()
        } else {
            let file = open(name, OpenFlags::empty(), DescriptorFlags::READ)
                .map_err(|error| wrong(&error))?;
            // A directory opens as readily as a file does.
            match file.get_type() {
                Ok(DescriptorType::Directory) => return Err(wrong(&"it is a directory")),
                _ => file
                    .read_via_stream(0)
                    .map_err(|code| wrong(&reason(code)))?,
            }
        };
        let mut content = Vec::new();
        stream
            .take(MAX_SOURCE + 1)
            .read_to_end(&mut content)
            .map_err(|error| wrong(&error))?;
        if content.len() as u64 > MAX_SOURCE {
            return Err(wrong(&"it is larger than 512 MiB"));
        }
        Ok(content)
    }

    fn write(&mut self, name: &str, content: &[u8]) -> Result<(), String> {
        let wrong = |error: &dyn std::fmt::Display| format!("cannot write {name}: {error}");
        let mut stream = if name == STANDARD {
            stdout::get_stdout()
        } else {
            let flags = OpenFlags::CREATE | OpenFlags::TRUNCATE;
            open(name, flags, DescriptorFlags::WRITE)
                .map_err(|error| wrong(&error))?
                .write_via_stream(0)
                .map_err(|code| wrong(&reason(code)))?
        };
        stream
            .write_all(content)
            .and_then(|()| Write::flush(&mut stream))
            .map_err(|error| wrong(&error))
    }

    fn tell(&mut self, line: &str) {
        // There is nowhere left to say that standard error can't be written.
        let _ = stderr::get_stderr().write_all(format!("{line}\n").as_bytes());
    }
}

fn open(name: &str, how: OpenFlags, access: DescriptorFlags) -> Result<Descriptor, String> {
    let (directories, names): (Vec<Descriptor>, Vec<String>) =
        preopens::get_directories().into_iter().unzip();
    let outside = || "it is in no directory that was granted, see --dir of wasmtime".to_string();
    let (index, rest) = paths::resolve(name, &names).ok_or_else(outside)?;
    let directory = directories.get(index).ok_or_else(outside)?;
    directory
        .open_at(PathFlags::SYMLINK_FOLLOW, rest, how, access)
        .map_err(reason)
}

fn reason(code: ErrorCode) -> String {
    match code {
        ErrorCode::NoEntry => "there is no such file or directory".into(),
        ErrorCode::IsDirectory => "it is a directory".into(),
        ErrorCode::NotDirectory => "part of the path is no directory".into(),
        ErrorCode::Access | ErrorCode::NotPermitted => "it is not permitted".into(),
        ErrorCode::ReadOnly => "the directory was granted for reading only".into(),
        other => other.name().replace('-', " "),
    }
}
