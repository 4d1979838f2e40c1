//! The sections of the documents that are made from the code.

use std::env;
use std::sync::{Mutex, PoisonError};

use tests::section;

use crate::checkout;

/// Two sections of one document are not written at the same time.
static WRITING: Mutex<()> = Mutex::new(());

/// Compares a section with `text`, or writes it where `THIMBLE_BLESS` is set.
#[track_caller]
pub(crate) fn holds(document: &str, name: &str, text: &str) {
    if env::var_os("THIMBLE_BLESS").is_some() {
        let _writing = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let text = format!("{}\n", text.trim_end());
        section::write(&checkout::path(document), name, &text)
            .unwrap_or_else(|error| panic!("{error:#}"));
        return;
    }
    let page = checkout::read(document);
    let found = between(&page, name)
        .unwrap_or_else(|| panic!("{document} has no section that is called {name}"));
    assert_eq!(
        found.trim(),
        text.trim(),
        "{document}, section {name}, is stale: run `make documents`"
    );
}

fn between<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(&format!("<!-- begin: {name} -->"))?;
    let (found, _) = rest.split_once(&format!("<!-- end: {name} -->"))?;
    Some(found)
}
