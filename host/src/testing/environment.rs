//! Variables of an environment, for what reads them, and those that name something to test with.

/// A look at variables that are these.
pub(crate) fn variables<'a>(set: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
    |name| {
        let found = set.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    }
}

/// The value of a variable that names something to test with; `None`, and a word about that, if
/// it is not set.
pub(crate) fn tested_over(what: &str, variable: &str) -> Option<String> {
    let value = std::env::var(variable).ok();
    if value.is_none() {
        eprintln!("not tested over {what}: {variable} is not set");
    }
    value
}
