//! Requests in, answers out, and the clock between them.

use std::io::{Write, stdin, stdout};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// One source, one workload, and how often to run it.
#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    pub(crate) source: PathBuf,
    /// Width and height of each box.
    pub(crate) sizes: Vec<(u32, u32)>,
    /// The last word of the media type to encode to.
    pub(crate) format: String,
    pub(crate) quality: u8,
    /// Names and values of settings of the engine.
    #[serde(default)]
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) iterations: u32,
    /// A folder for the files of the last run.
    pub(crate) output: Option<PathBuf>,
}

/// Result of one run.
pub(crate) struct Made {
    pub(crate) files: Vec<Vec<u8>>,
    /// Size of the engine's linear memory at the end, if it has one.
    pub(crate) memory: Option<usize>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Ready {
        name: &'static str,
        versions: Versions,
    },
    Run {
        milliseconds: f64,
        bytes: Vec<usize>,
        memory: Option<usize>,
    },
    Failed {
        error: String,
    },
}

#[derive(Serialize)]
struct Versions {
    thimble: &'static str,
}

/// Answers requests until standard input ends.
pub(crate) fn serve(
    name: &'static str,
    mut thumbnails: impl FnMut(&[u8], &Request) -> Result<Made>,
) -> Result<()> {
    say(&Answer::Ready {
        name,
        versions: Versions {
            thimble: env!("CARGO_PKG_VERSION"),
        },
    })?;
    for line in stdin().lines() {
        let answer = run(&line?, &mut thumbnails);
        say(&answer.unwrap_or_else(|error| Answer::Failed {
            error: format!("{error:#}"),
        }))?;
    }
    Ok(())
}

fn run(line: &str, thumbnails: &mut impl FnMut(&[u8], &Request) -> Result<Made>) -> Result<Answer> {
    let request: Request = serde_json::from_str(line)?;
    let source = std::fs::read(&request.source)
        .with_context(|| format!("cannot read {}", request.source.display()))?;
    let mut made = Made {
        files: vec![],
        memory: None,
    };
    let before = processor_time();
    for _ in 0..request.iterations {
        made = thumbnails(&source, &request)?;
    }
    let spent = processor_time().saturating_sub(before);
    if let Some(folder) = &request.output {
        for (index, file) in made.files.iter().enumerate() {
            std::fs::write(folder.join(index.to_string()), file)?;
        }
    }
    Ok(Answer::Run {
        milliseconds: spent.as_secs_f64() * 1000.0 / f64::from(request.iterations),
        bytes: made.files.iter().map(Vec::len).collect(),
        memory: made.memory,
    })
}

/// User and system time of all threads of this process.
pub(crate) fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        time.tv_sec.unsigned_abs(),
        time.tv_nsec.unsigned_abs().try_into().unwrap_or(0),
    )
}

fn say(answer: &Answer) -> Result<()> {
    let mut output = stdout().lock();
    serde_json::to_writer(&mut output, answer)?;
    writeln!(output)?;
    Ok(output.flush()?)
}
