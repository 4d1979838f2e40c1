//! The tasks that decide about a change: `.ci/run`, the workflow and the Makefile.

use crate::{checkout, links};

/// The tasks of `.ci/run`, in its order.
fn tasks_of_the_script() -> Vec<String> {
    let script = checkout::read(".ci/run");
    let list = script
        .lines()
        .find_map(|line| line.strip_prefix("for task in ")?.strip_suffix("; do"));
    let list = list.expect(".ci/run goes through its tasks in one loop");
    list.split_whitespace().map(str::to_owned).collect()
}

/// The tasks of the jobs, in the order of the workflow.
fn tasks_of_the_workflow() -> Vec<String> {
    let workflow = checkout::read(".github/workflows/ci.yml");
    let list = workflow
        .lines()
        .skip_while(|line| line.trim() != "tasks:")
        .skip(1)
        .map_while(|line| line.trim().strip_prefix("- "));
    list.flat_map(str::split_whitespace)
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_workflow_runs_what_the_script_runs() {
    assert_eq!(tasks_of_the_workflow(), tasks_of_the_script());
}

/// Names behind `make` that stand as code: in backticks, or behind a prompt.
fn tasks_named_in(text: &str) -> impl Iterator<Item = &str> {
    let after = ["`make ", "$ make "].map(|before| text.split(before).skip(1));
    let names = after.into_iter().flatten().map(|rest| {
        let mut words = rest.split(|c: char| !(c.is_ascii_lowercase() || c == '-'));
        words.next().unwrap_or_default()
    });
    names.filter(|name| !name.is_empty())
}

#[test]
fn each_task_that_a_document_names_is_one_of_the_makefile() {
    let makefile = checkout::read("Makefile");
    let mut unknown = Vec::new();
    for document in links::documents() {
        let text = checkout::read(&document);
        for task in tasks_named_in(&text) {
            let rule = format!("{task}:");
            if !makefile.lines().any(|line| line.starts_with(&rule)) {
                unknown.push(format!("{document}: make {task}"));
            }
        }
    }
    assert!(unknown.is_empty(), "no such tasks: {unknown:#?}");
}

#[test]
fn each_task_that_is_run_is_one_of_the_makefile_and_explained_there() {
    let makefile = checkout::read("Makefile");
    for task in tasks_of_the_script() {
        let rule = makefile
            .lines()
            .find(|line| line.starts_with(&format!("{task}:")));
        let explained = rule.is_some_and(|rule| rule.contains("## "));
        assert!(explained, "the Makefile explains no task {task}");
    }
}
