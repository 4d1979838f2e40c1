//! Findings about a deployment, as it should be or with one mistake planted in it.

use super::{Finding, Verdict};

/// A mistake: how it is planted, the check that finds it, and words of its name and of its
/// mending.
pub(crate) type Mistake<T> = (fn(&mut T), &'static str, &'static str, &'static str);

/// Assert that each of these mistakes, alone in a deployment that is well, is named with a way
/// to mend it. Nothing is asserted where there is no deployment.
pub(crate) async fn assert_each_is_named<T>(
    mistakes: &[Mistake<T>],
    well: impl Fn() -> Option<T>,
    examine: impl AsyncFn(T) -> Vec<Finding>,
) {
    for (plant, check, what, mend) in mistakes {
        let Some(mut patient) = well() else {
            return;
        };
        plant(&mut patient);
        assert_named(&examine(patient).await, check, what, mend);
    }
}

/// Assert that a mistake is named with a way to mend it.
#[track_caller]
pub(crate) fn assert_named(findings: &[Finding], check: &str, what: &str, mend: &str) {
    let is_named = findings.iter().any(|found| match &found.verdict {
        Verdict::Wrong {
            what: name,
            mend: way,
        }
        | Verdict::Warning {
            what: name,
            mend: way,
        } => found.check == check && name.contains(what) && way.contains(mend),
        Verdict::Ok { .. } | Verdict::Note { .. } | Verdict::NotTried { .. } => false,
    });
    assert!(is_named, "{check}: {what} / {mend}: {findings:#?}");
}

/// Assert that all is as it should be, and that these checks were made.
#[track_caller]
pub(crate) fn assert_well(findings: &[Finding], checks: &[&str]) {
    for found in findings {
        let is_well = matches!(found.verdict, Verdict::Ok { .. } | Verdict::Note { .. });
        assert!(is_well, "{found:?}");
    }
    for check in checks {
        assert!(
            findings.iter().any(|found| found.check == *check),
            "{check}"
        );
    }
}
