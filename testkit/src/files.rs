//! Files beside this crate, as lists of names and bytes.

/// Pairs of a name and the bytes of the file of that name, in a folder that is named as the
/// files end.
macro_rules! files {
    ($ending:literal: $($name:literal),* $(,)?) => {
        [$((
            $name,
            include_bytes!(concat!("../", $ending, "/", $name, ".", $ending)) as &[u8],
        )),*]
    };
}

pub(crate) use files;

/// The bytes of the file of a name.
///
/// # Panics
///
/// If there is none of that name.
pub(crate) fn named(files: &[(&str, &'static [u8])], name: &str) -> &'static [u8] {
    let found = files.iter().find(|(other, _)| *other == name);
    found.expect("a file of that name").1
}
