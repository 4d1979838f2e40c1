//! Going through the objects of a bucket in the order of their keys.

use super::Options;
use crate::ports::{Listed, ObjectStore, StoreError};

/// The pages of a listing. Each begins behind the last key of the one before, so
/// that it ends whatever is written meanwhile.
pub(super) struct Pages<'a> {
    store: &'a dyn ObjectStore,
    bucket: &'a str,
    prefix: &'a str,
    after: Option<String>,
    is_over: bool,
}

impl<'a> Pages<'a> {
    pub(super) fn new(store: &'a dyn ObjectStore, options: &'a Options) -> Self {
        Self {
            store,
            bucket: &options.bucket,
            prefix: &options.prefix,
            after: options.after.clone(),
            is_over: false,
        }
    }

    /// The next page; nothing at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Listed>>, StoreError> {
        if self.is_over {
            return Ok(None);
        }
        let after = self.after.as_deref();
        let page = self.store.list(self.bucket, self.prefix, after).await?;
        let last = page.objects.last().map(|listed| listed.key.clone());
        // A store that goes round in circles is not followed.
        let goes_on = last.is_some() && (self.after.is_none() || last > self.after);
        self.is_over = !page.more || !goes_on;
        self.after = last;
        Ok(Some(page.objects))
    }
}
