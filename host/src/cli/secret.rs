//! A secret word, in a file or in a variable of the environment.

use std::fs;
use std::path::Path;

use super::Failure;

/// The word in `file`, or else the one that `variable` holds, if there is either.
pub(super) fn word(file: Option<&Path>, variable: &str) -> Result<Option<String>, Failure> {
    let word = match file {
        Some(path) => Some(fs::read_to_string(path).map_err(|error| {
            let path = path.display();
            Failure::Usage(format!("cannot read the secret in {path}: {error}"))
        })?),
        None => std::env::var(variable).ok(),
    };
    match word.as_deref().map(str::trim) {
        Some("") => Err(Failure::Usage(
            "the secret is empty; write a word that nobody guesses".to_owned(),
        )),
        word => Ok(word.map(str::to_owned)),
    }
}
