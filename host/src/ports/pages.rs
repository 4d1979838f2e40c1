//! The objects of a bucket, page by page.

use super::{Listed, Listing, ObjectStore, StoreError, StoreProblem};

/// The listing of the objects in `bucket` whose keys begin with `prefix`.
pub fn pages<'a>(store: &'a dyn ObjectStore, bucket: &'a str, prefix: &'a str) -> Pages<'a> {
    Pages {
        store,
        bucket,
        prefix,
        after: None,
        is_over: false,
    }
}

/// A listing on its way.
///
/// Each page begins behind the last key of the one before, so that a listing ends
/// whatever is written meanwhile, and no key comes twice.
#[derive(Debug)]
pub struct Pages<'a> {
    store: &'a dyn ObjectStore,
    bucket: &'a str,
    prefix: &'a str,
    after: Option<String>,
    is_over: bool,
}

/// A store that says that there is more, and shows what it has shown before.
///
/// This is an error and no end: who believes that a listing is whole removes what
/// is not in it.
#[derive(Debug, thiserror::Error)]
#[error("the store lists the same objects again and again")]
struct InCircles;

impl Pages<'_> {
    /// The same listing, beginning behind a key.
    #[must_use]
    pub fn after(self, key: Option<String>) -> Self {
        Self { after: key, ..self }
    }

    /// The next page; `None` at the end.
    ///
    /// # Errors
    /// If the store cannot be listed, or goes in circles.
    pub async fn next(&mut self) -> Result<Option<Vec<Listed>>, StoreError> {
        if self.is_over {
            return Ok(None);
        }
        let after = self.after.as_deref();
        let listing = Listing {
            after,
            ..Listing::new(self.bucket, self.prefix)
        };
        let mut page = self.store.list(&listing).await?;
        page.objects
            .retain(|listed| after.is_none_or(|after| listed.key.as_str() > after));
        self.is_over = !page.more;
        match page.objects.last() {
            Some(last) => self.after = Some(last.key.clone()),
            None if page.more => {
                let error = StoreError::new(StoreProblem::Unknown, &listing.location());
                return Err(error.because(InCircles));
            }
            None => {}
        }
        Ok(Some(page.objects))
    }

    /// All objects that are left.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub async fn all(mut self) -> Result<Vec<Listed>, StoreError> {
        let mut found = Vec::new();
        while let Some(page) = self.next().await? {
            found.extend(page);
        }
        Ok(found)
    }
}
