//! `docs/failures.md` explains every kind of failure.

use crate::checkout;

/// The kind, the disposition and the blame of each failure, as `Error::verdict`
/// has them: `=> (Reject, Source, "kind")`.
fn in_the_code() -> Vec<[String; 3]> {
    let code = checkout::read("host/src/error.rs");
    let arms = code.lines().filter_map(|line| {
        let (_, verdict) = line.split_once(" => (")?;
        let (verdict, _) = verdict.split_once("),")?;
        let words: Vec<&str> = verdict.split(", ").collect();
        let [disposition, blame, kind] = words.as_slice() else {
            return None;
        };
        let blame = blame.strip_prefix("Blame::").unwrap_or(blame);
        let kind = kind.trim_matches('"').to_owned();
        Some([kind, disposition.to_lowercase(), blame.to_lowercase()])
    });
    arms.collect()
}

#[test]
fn every_kind_of_failure_is_explained_with_who_can_act() {
    let code = in_the_code();
    assert!(code.len() > 30, "{} kinds were found", code.len());
    let page = checkout::read("docs/failures.md");
    for [kind, disposition, blame] in &code {
        let begin = format!("| `{kind}` | {disposition} | {blame} | ");
        let row = page.lines().find(|line| line.starts_with(&begin));
        assert!(row.is_some(), "no row begins with {begin}");
    }
    let rows = checkout::rows_below(&page, "| kind | disposition | who can act |");
    let known = |row: &&str| {
        let kind = row.trim_start_matches("| `").split('`').next();
        kind == Some("received-too-often") || code.iter().any(|[known, ..]| kind == Some(known))
    };
    let stale: Vec<&str> = rows.filter(|row| !known(row)).collect();
    assert!(stale.is_empty(), "no such kinds: {stale:?}");
}

#[test]
fn commands_know_every_kind_that_a_letter_may_have() {
    let code = in_the_code();
    let mut kinds: Vec<&str> = code.iter().map(|[kind, ..]| kind.as_str()).collect();
    kinds.push("received-too-often");
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(thimble::error::KINDS[..], kinds[..]);
}
