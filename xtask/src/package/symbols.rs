//! Symbols that a program needs of the C library, which Lambda must have.

use anyhow::{Context, Result, bail};
use object::Endianness;
use object::elf::FileHeader64;
use object::read::elf::FileHeader;

/// The version of the C library of Amazon Linux 2023, where Lambda runs.
const NEWEST: (u32, u32) = (2, 34);

/// Checks the versions of the C library that a program asks for.
///
/// # Errors
///
/// If it asks for a newer one than there is, or is no program for Linux.
pub(super) fn check(program: &[u8]) -> Result<()> {
    for version in needed(program)? {
        if is_newer(&version) {
            let (major, minor) = NEWEST;
            bail!(
                "it needs {version} of the C library, and Amazon Linux 2023 has {major}.{minor}; \
                 build on a machine that is no newer, such as Debian 12"
            );
        }
    }
    Ok(())
}

/// Names as `GLIBC_2.34`, in no order.
fn needed(program: &[u8]) -> Result<Vec<String>> {
    let header = FileHeader64::<Endianness>::parse(program).context("it is no ELF file")?;
    let endian = header.endian()?;
    let sections = header.sections(endian, program)?;
    let mut names = Vec::new();
    let Some((mut libraries, link)) = sections.gnu_verneed(endian, program)? else {
        return Ok(names);
    };
    let strings = sections.strings(endian, program, link)?;
    while let Some((_, mut versions)) = libraries.next()? {
        while let Some(version) = versions.next()? {
            let name = version.name(endian, strings)?;
            names.push(String::from_utf8_lossy(name).into_owned());
        }
    }
    Ok(names)
}

/// True for a version of the C library that Lambda does not have. One that cannot
/// be understood, such as `GLIBC_ABI_DT_RELR`, is newer.
fn is_newer(version: &str) -> bool {
    let Some(number) = version.strip_prefix("GLIBC_") else {
        return false;
    };
    let mut parts = number.split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) > NEWEST,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::{check, is_newer, needed};

    #[test]
    fn what_lambda_does_not_have_is_newer() {
        for (version, newer) in [
            ("GLIBC_2.2.5", false),
            ("GLIBC_2.34", false),
            ("GLIBC_2.35", true),
            ("GLIBC_2.39", true),
            ("GLIBC_3.0", true),
            ("GLIBC_ABI_DT_RELR", true),
            ("GCC_3.3", false),
        ] {
            assert_eq!(is_newer(version), newer, "{version}");
        }
    }

    #[test]
    fn the_versions_that_a_program_asks_for_are_found() {
        let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let names = needed(&this).unwrap();
        assert!(names.iter().any(|name| name.starts_with("GLIBC_2.")));
        assert!(check(b"#!/bin/sh").is_err());
    }
}
