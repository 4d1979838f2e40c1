//! Tools of operators: one line that says what is missing, and what to do next.

use std::process::Command;

use testkit::http::{Answer, serve};

use crate::stack::{asking, stack, variable};

/// Arguments of a tool, and a part of what it says.
const CASES: [(&[&str], &str); 3] = [
    (&["dead-letters", "thimble-no-such-stage"], "check STAGE"),
    (&["invoke", "thimble-no-such-function", "{}"], "check STAGE"),
    (
        &["invoke", "thimble-any", "{max:10}"],
        "the payload is not JSON",
    ),
];

/// A tool, a variable, its value, and a part of what the tool says then.
const WITH_VARIABLE: [(&str, &str, &str, &str); 4] = [
    (
        "thumbnails",
        "AWS_ENDPOINT_URL",
        "http://127.0.0.1:9",
        "nothing answers",
    ),
    (
        "thumbnails",
        "AWS_ENDPOINT_URL",
        "127.0.0.1",
        "check AWS_ENDPOINT_URL",
    ),
    (
        "dead-letters",
        "AWS_ACCESS_KEY_ID",
        "",
        "no credentials are found",
    ),
    ("dead-letters", "AWS_PROFILE", "nobody", "check AWS_PROFILE"),
];

/// A code with which AWS refuses, and a part of what a tool says then.
const REFUSALS: [(&str, &str); 4] = [
    ("ExpiredToken", "sign in again"),
    ("InvalidClientTokenId", "does not know these credentials"),
    ("AccessDenied", "use credentials that may"),
    ("Throttling", "try again"),
];

#[tokio::test]
async fn a_tool_says_what_is_missing_instead_of_where_it_broke() {
    let _stack = stack!("tools");
    for (arguments, expected) in CASES {
        says(asking(arguments), expected);
    }
    for (tool, variable, value, expected) in WITH_VARIABLE {
        let mut tool = asking(&[tool, "thimble-any"]);
        tool.env(variable, value);
        says(tool, expected);
    }
}

#[tokio::test]
async fn a_tool_says_what_to_do_about_a_refusal_of_aws() {
    let _stack = stack!("refusals");
    for (code, expected) in REFUSALS {
        let body = format!(
            "<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
        );
        let address = serve(move |_| Answer::new(403, "text/xml", body.clone()));
        let mut tool = asking(&["dead-letters", "thimble-any"]);
        tool.env("AWS_ENDPOINT_URL", format!("http://{address}"));
        says(tool, expected);
    }
}

#[tokio::test]
async fn a_tool_that_is_asked_wrongly_shows_how_to_ask() {
    let _stack = stack!("usage");
    let output = asking(&["dead-letters"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("dead-letters STACK"), "{said}");
}

#[tokio::test]
async fn the_packages_that_run_are_known_by_their_digests() {
    let _stack = stack!("versions");
    let output = asking(&["versions", &variable("THIMBLE_STACK")])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let digests: Vec<&str> = said
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(digests.len(), 2, "{said}");
    assert!(digests.iter().all(|digest| digest.len() == 64), "{said}");
}

/// The tool fails with one line, and `expected` is a part of it.
#[track_caller]
fn says(mut tool: Command, expected: &str) {
    tool.env("AWS_MAX_ATTEMPTS", "1")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    let output = tool.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{tool:?}: {said}");
    assert!(said.contains(expected), "{tool:?}: {said}");
    assert_eq!(said.trim().lines().count(), 1, "{tool:?}: {said}");
}
