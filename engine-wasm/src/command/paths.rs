//! Granted directories of paths.

/// Finds the granted directory with the longest name that `path` lies below, and
/// the rest of the path within it.
///
/// `--dir=.` grants a directory called `.`, to which every relative path belongs
/// that no other directory claims. A path that climbs out again is left for WASI
/// to refuse.
#[must_use]
pub fn resolve<'a>(path: &'a str, granted: &[String]) -> Option<(usize, &'a str)> {
    granted
        .iter()
        .enumerate()
        .filter_map(|(index, directory)| Some((index, directory, below(path, directory)?)))
        .max_by_key(|(_, directory, _)| simplify(directory).len())
        .map(|(index, _, rest)| (index, rest))
}

/// The rest of `path` below `directory`.
fn below<'a>(path: &'a str, directory: &str) -> Option<&'a str> {
    let path = simplify(path);
    let directory = simplify(directory);
    let rest = match directory {
        "" if path.starts_with('/') => return None,
        "" => path,
        _ if directory.ends_with('/') => path.strip_prefix(directory)?,
        _ => path.strip_prefix(directory)?.strip_prefix('/')?,
    };
    Some(rest.trim_start_matches('/')).filter(|rest| !rest.is_empty())
}

/// Drops the `./` that a relative path may begin with; the directory `.`
/// becomes empty.
fn simplify(path: &str) -> &str {
    let mut path = path;
    while let Some(rest) = path.strip_prefix("./") {
        path = rest.trim_start_matches('/');
    }
    let path = if path == "." { "" } else { path };
    match path.strip_suffix('/') {
        Some("") | None => path,
        Some(shorter) => shorter,
    }
}
