//! No two files of a crate need each other: what a file uses lies below it, so that each
//! can be read, and moved, with nothing but what is below.
//!
//! A file uses another if a path in its code leads there, re-exports followed to the
//! definition. A file and the modules below it are one thing seen from below: that they
//! name their parent's definitions is no circle. Tests may look at everything.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::checkout;
use crate::map::folders_of;

/// Circles that may stay, by any file of them, with the reason.
const ALLOWED: [(&str, &str); 0] = [];

/// Re-exports that are followed for one name, at most.
const MOST_STEPS: usize = 8;

type Names = Vec<String>;

/// The code of a file.
#[derive(Default)]
struct Module {
    file: String,
    /// Paths in its code.
    uses: Vec<Names>,
    /// Paths that it only hands on.
    hands_on: Vec<Names>,
}

/// The modules of a crate, by their paths.
type Crate = BTreeMap<Names, Module>;

#[test]
fn no_two_files_need_each_other() {
    let mut wrong = Vec::new();
    let mut files = 0;
    for folder in sources() {
        let modules = read(&folder);
        files += modules.len();
        wrong.extend(circles(&modules));
    }
    wrong.retain(|circle| {
        !ALLOWED
            .iter()
            .any(|(file, _)| circle.contains(&(*file).to_owned()))
    });
    assert!(files > 300, "{files} files were found");
    let wrong: Vec<String> = wrong.iter().map(|circle| circle.join("\n  ")).collect();
    assert!(
        wrong.is_empty(),
        "files that need each other; move what they share below both:\n{}",
        wrong.join("\n\n")
    );
}

/// Folders with the root of a crate.
fn sources() -> Vec<String> {
    let grouped = ["crates", "codecs"].into_iter().flat_map(|group| {
        let crates = folders_of(group).into_iter();
        crates.map(move |name| format!("{group}/{name}"))
    });
    let alone = ["host", "engine-wasm", "testkit", "tests", "xtask", "fuzz"].map(str::to_owned);
    let all = grouped.chain(alone).map(|folder| folder + "/src");
    all.filter(|folder| checkout::path(folder).is_dir())
        .collect()
}

fn read(folder: &str) -> Crate {
    let mut files = Vec::new();
    visit(&checkout::path(folder), folder, &mut files);
    let paths: BTreeSet<Names> = files.iter().map(|file| names_of(file, folder)).collect();
    let mut modules = Crate::new();
    for file in files {
        let path = names_of(&file, folder);
        let module = parse(&checkout::read(&file), &path, &paths);
        modules.insert(path, Module { file, ..module });
    }
    modules
}

fn visit(folder: &Path, name: &str, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let entry = entry.expect("an entry of a folder");
        let file = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{name}/{file}");
        let is_other = ["tests", "tests.rs", "bin"].contains(&file.as_str());
        if entry.path().is_dir() && !is_other {
            visit(&entry.path(), &path, files);
        } else if file.ends_with(".rs") && !is_other {
            files.push(path);
        }
    }
}

/// The path of a module by that of its file.
fn names_of(file: &str, folder: &str) -> Names {
    let inside = file.strip_prefix(folder).unwrap_or(file);
    let stem = inside.trim_matches('/').trim_end_matches(".rs");
    let mut names: Names = stem.split('/').map(str::to_owned).collect();
    names.pop_if(|name| ["mod", "lib", "main"].contains(&name.as_str()));
    names
}

/// The paths in the text of module `path`, each from the root of the crate.
fn parse(text: &str, path: &Names, known: &BTreeSet<Names>) -> Module {
    let mut module = Module::default();
    for statement in code(text).split_inclusive([';', '}']) {
        let is_test = statement.contains("#[cfg(test)]") || statement.contains("#[cfg(all(test");
        let is_import = statement.contains("use ");
        if is_test && is_import {
            continue;
        }
        let found = paths(statement).into_iter();
        let found = found.filter_map(|names| from_root(names, path, known));
        if statement.trim_start().starts_with("pub") && is_import && statement.ends_with(';') {
            module.hands_on.extend(found);
        } else {
            module.uses.extend(found);
        }
    }
    module
}

/// The code of a file without comments and without the tests at its end. A group of
/// imports is one statement, with brackets of another kind.
fn code(text: &str) -> String {
    let text = text.split("\nmod tests {").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.trim().starts_with("//"));
    let mut code = String::new();
    let mut is_import = false;
    for line in lines {
        let statement = line.trim_start().trim_start_matches("pub(crate) ");
        let statement = statement.trim_start_matches("pub(super) ");
        is_import |= statement.trim_start_matches("pub ").starts_with("use ");
        match is_import {
            true => code += &line.replace('{', "[").replace('}', "]"),
            false => code += line,
        }
        code.push('\n');
        is_import &= !line.trim_end().ends_with(';');
    }
    code
}

/// Every path of more than one name in a statement, groups resolved.
fn paths(statement: &str) -> Vec<Names> {
    let mut found = Vec::new();
    let mut group: Vec<Names> = vec![Names::new()];
    let mut path = Names::new();
    let mut rest = statement;
    while let Some(first) = rest.chars().next() {
        let word = rest
            .find(|other: char| !other.is_alphanumeric() && other != '_')
            .unwrap_or(rest.len());
        if word > 0 {
            path.push(rest[..word].to_owned());
            rest = &rest[word..];
            if let Some(after) = rest.strip_prefix("::") {
                rest = after;
                continue;
            }
        } else {
            rest = &rest[first.len_utf8()..];
        }
        let outer = group.last().cloned().unwrap_or_default();
        let whole: Names = outer.into_iter().chain(std::mem::take(&mut path)).collect();
        if word == 0 && first == '[' {
            group.push(whole);
            continue;
        }
        if word == 0 && first == ']' && group.len() > 1 {
            group.pop();
        }
        if word > 0 && whole.len() > 1 {
            found.push(whole);
        }
    }
    found
}

/// A path from the root of the crate, if it leads into it.
fn from_root(names: Names, path: &Names, known: &BTreeSet<Names>) -> Option<Names> {
    let (first, rest) = names.split_first()?;
    let child: Names = path.iter().chain([first]).cloned().collect();
    let mut base = match first.as_str() {
        "crate" => Names::new(),
        "self" => path.clone(),
        "super" => path.split_last()?.1.to_vec(),
        _ if known.contains(&child) => child,
        _ => return None,
    };
    for name in rest {
        match name.as_str() {
            "super" => drop(base.pop()),
            "self" => {}
            name => base.push(name.to_owned()),
        }
    }
    Some(base)
}

/// The module that has the definition at the end of a path.
fn resolve(names: &[String], modules: &Crate, steps: usize) -> Names {
    let mut at = Names::new();
    for name in names {
        let child: Names = at.iter().chain([name]).cloned().collect();
        if modules.contains_key(&child) {
            at = child;
            continue;
        }
        let imports = modules.get(&at).into_iter();
        let mut imports = imports.flat_map(|module| module.hands_on.iter().chain(&module.uses));
        return match imports.find(|path| path.last() == Some(name) && steps > 0) {
            Some(path) => resolve(path, modules, steps - 1),
            None => at,
        };
    }
    at
}

/// Circles, each as the files and what ties them.
fn circles(modules: &Crate) -> Vec<Vec<String>> {
    let all: Vec<(&Names, &Module)> = modules.iter().collect();
    let place: BTreeMap<&Names, usize> = all.iter().map(|(path, _)| *path).zip(0..).collect();
    let below = |(path, module): &(&Names, &Module)| {
        let used = module.uses.iter();
        let used = used.map(|names| resolve(names, modules, MOST_STEPS));
        let used = used.filter(|used| !path.starts_with(used));
        used.map(|used| place[&used]).collect::<BTreeSet<usize>>()
    };
    let below: Vec<BTreeSet<usize>> = all.iter().map(below).collect();
    let reached: Vec<Vec<bool>> = (0..all.len()).map(|from| reach(from, &below)).collect();
    let meets = |one: usize, other: usize| reached[one][other] && reached[other][one];
    let mut found = BTreeSet::new();
    for start in (0..all.len()).filter(|start| meets(*start, *start)) {
        let mut circle = Vec::new();
        for from in (0..all.len()).filter(|from| meets(start, *from)) {
            circle.push(all[from].1.file.clone());
            let to = below[from].iter().filter(|to| meets(start, **to));
            circle.extend(to.map(|to| format!("  needs {}", all[*to].1.file)));
        }
        found.insert(circle);
    }
    found.into_iter().collect()
}

/// The places that are reached from one, itself only by a circle.
fn reach(from: usize, below: &[BTreeSet<usize>]) -> Vec<bool> {
    let mut reached = vec![false; below.len()];
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        for next in &below[at] {
            if !std::mem::replace(&mut reached[*next], true) {
                open.push(*next);
            }
        }
    }
    reached
}

#[test]
fn a_circle_is_found_through_groups_and_re_exports() {
    let known: BTreeSet<Names> = ["", "a", "b", "b/c", "d"]
        .map(|file| names_of(&format!("src/{file}.rs"), "src"))
        .map(|names| names.into_iter().filter(|name| !name.is_empty()).collect())
        .into();
    let texts = [
        ("a", "use crate::b::{self, Thing};\nfn f() {}\n"),
        ("b", "mod c;\npub use c::Thing;\n"),
        (
            "b/c",
            "use super::Other;\nfn g() -> u8 {\n    crate::d::number()\n}\n",
        ),
        (
            "d",
            "#[cfg(test)]\nuse crate::b::Other;\nuse crate::{\n    a::f,\n};\n",
        ),
    ];
    let mut modules = Crate::new();
    for (file, text) in texts {
        let path = names_of(&format!("src/{file}.rs"), "src");
        let module = parse(text, &path, &known);
        let file = file.to_owned();
        modules.insert(path, Module { file, ..module });
    }
    let found = circles(&modules);
    let files = ["a", "  needs b/c", "b/c", "  needs d", "d", "  needs a"].map(str::to_owned);
    assert_eq!(found, [files.to_vec()]);
}
