//! Imports of an engine: those it may have, and the power they give, which is
//! none.
//!
//! Engines are commands as well, and the runtimes of their languages ask for
//! parts of WASI, so components import interfaces that their thumbnailer never
//! calls. Those are allowed by name and defined as traps. One is answered: the
//! hash tables of some standard libraries ask for a seed, and get a constant, so
//! that an engine stays a pure function.

use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, Linker, LinkerInstance, ResourceType};

use super::runtime::{Call, Runtime};

/// The packages that a component may import from, in any version 0.2.x.
const ALLOWED: [&str; 5] = [
    "wasi:io",
    "wasi:cli",
    "wasi:clocks",
    "wasi:filesystem",
    "wasi:random",
];

/// The one interface that is answered.
const SEED: &str = "wasi:random/insecure-seed@";

/// The names of everything that a component imports.
pub(super) fn names(runtime: &Runtime, component: &Component) -> Vec<String> {
    component
        .component_type()
        .imports(runtime.engine())
        .map(|(name, _)| name.into())
        .collect()
}

/// True for an import that a component may have.
pub(super) fn is_allowed(name: &str) -> bool {
    let Some((package, interface)) = name.split_once('/') else {
        return false;
    };
    let Some((_, version)) = interface.split_once('@') else {
        return false;
    };
    let is_patch = |patch: &str| !patch.is_empty() && patch.bytes().all(|b| b.is_ascii_digit());
    ALLOWED.contains(&package) && version.strip_prefix("0.2.").is_some_and(is_patch)
}

/// A guest called what it was not given.
#[derive(Debug, thiserror::Error)]
#[error("it called `{0}`, which no engine may call")]
pub(super) struct Powerless(String);

/// Defines every import of the component as a trap, or a constant.
///
/// The caller has made sure that each is allowed.
pub(super) fn without_power(
    runtime: &Runtime,
    component: &Component,
) -> wasmtime::Result<Linker<Call>> {
    let mut linker = Linker::new(runtime.engine());
    for (interface, import) in component.component_type().imports(runtime.engine()) {
        let ComponentItem::ComponentInstance(members) = import.ty else {
            return Err(wasmtime::Error::msg(format!(
                "`{interface}` is not an interface"
            )));
        };
        let mut instance = linker.instance(interface)?;
        for (member, item) in members.exports(runtime.engine()) {
            define(&mut instance, interface, member, &item.ty)?;
        }
    }
    Ok(linker)
}

fn define(
    instance: &mut LinkerInstance<'_, Call>,
    interface: &str,
    member: &str,
    item: &ComponentItem,
) -> wasmtime::Result<()> {
    match item {
        ComponentItem::ComponentFunc(_) if interface.starts_with(SEED) => {
            instance.func_wrap(member, |_, ()| Ok(((0u64, 0u64),)))
        }
        ComponentItem::ComponentFunc(_) => {
            let name = format!("{interface}#{member}");
            instance.func_new(
                member,
                move |_, _, _, _| Err(Powerless(name.clone()).into()),
            )
        }
        // Nobody can make one, since what would return one is a trap.
        ComponentItem::Resource(_) => {
            instance.resource(member, ResourceType::host::<()>(), |_, _| Ok(()))
        }
        ComponentItem::Type(_) => Ok(()),
        _ => Err(wasmtime::Error::msg(format!(
            "`{interface}` has `{member}`, which is code"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn only_five_packages_of_wasi_are_allowed() {
        for (name, allowed) in [
            ("wasi:cli/environment@0.2.12", true),
            ("wasi:random/insecure-seed@0.2.0", true),
            ("wasi:filesystem/types@0.2.3", true),
            ("wasi:sockets/tcp@0.2.0", false),
            ("wasi:http/types@0.2.0", false),
            ("wasi:cli/environment@0.3.0", false),
            ("wasi:cli/environment@0.2.", false),
            ("wasi:cli/environment@0.2.0-rc-2023", false),
            ("wasi:cli/environment", false),
            ("wasi:cli-extras/environment@0.2.0", false),
            ("evil:cli/environment@0.2.0", false),
            ("thimble:engine/thumbnailer@0.1.0", false),
            ("read-file", false),
            ("", false),
        ] {
            assert_eq!(is_allowed(name), allowed, "{name}");
        }
    }
}
