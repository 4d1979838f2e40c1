//! `thimble health`: asks a worker how it is, where a supervisor can only run a command.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use clap::Args;

use super::voice::{Voice, unless_unheard};
use super::{Failure, Outcome, number};
use crate::text::printable;

/// Longest answer that is read, in bytes: that of a worker is a tenth of it.
const LONGEST: u64 = 4_096;

/// Ask a worker whether it works
///
/// Ends with 0 if the worker at `--health` answers 200, and with 1 if it answers anything
/// else, or not at all. An image without a shell has its health check in it.
#[derive(Debug, Args)]
pub(super) struct Health {
    /// The address that the worker answers at
    #[arg(value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    address: SocketAddr,

    /// Time to answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5,
          value_parser = number::within::<u64>(1..=3_600))]
    timeout: u64,
}

impl Health {
    pub(super) fn run(&self, voice: &Voice) -> Result<Outcome, Failure> {
        let (address, patience) = (self.address, Duration::from_secs(self.timeout));
        let (is_well, words) = match ask(address, patience) {
            Ok(answer) => judge(&answer),
            Err(error) => (false, format!("nobody answers at {address}: {error}")),
        };
        unless_unheard(voice.say(printable(words)))?;
        Ok(if is_well {
            Outcome::Done
        } else {
            Outcome::Incomplete
        })
    }
}

/// The answer of whoever listens at `address`, as far as it is worth reading.
fn ask(address: SocketAddr, patience: Duration) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Health of a worker that answers like this, and its own words.
fn judge(answer: &str) -> (bool, String) {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, ""));
    let status = head.lines().next().unwrap_or_default();
    let is_well = status.starts_with("HTTP/1.") && status.split(' ').nth(1) == Some("200");
    let words = if body.trim().is_empty() { status } else { body };
    (is_well, words.trim().to_owned())
}
