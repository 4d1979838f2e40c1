//! Reading the body of an object.

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};

use super::problem;
use crate::object::Location;
use crate::ports::{StoreError, StoreProblem};
use crate::text::Said;

/// The most memory that is set aside for a body on the word of an answer.
const SET_ASIDE: u64 = 256 << 20;

/// The whole of a body in one buffer: exactly the bytes that were `announced`.
pub(super) async fn read(
    mut body: impl Stream<Item = object_store::Result<Bytes>> + Unpin,
    announced: u64,
    location: &Location,
) -> Result<Bytes, StoreError> {
    let set_aside = usize::try_from(announced.min(SET_ASIDE)).unwrap_or_default();
    let mut whole = BytesMut::with_capacity(set_aside);
    while let Some(part) = body.next().await {
        let part = part.map_err(|error| problem::of_read(&error, location))?;
        if (whole.len() + part.len()) as u64 > announced {
            return Err(unreadable("the body is longer than announced", location));
        }
        whole.extend_from_slice(&part);
    }
    if (whole.len() as u64) < announced {
        return Err(unreadable("the body is shorter than announced", location));
    }
    Ok(whole.freeze())
}

/// An answer that makes no sense: the next one may.
fn unreadable(what: &str, location: &Location) -> StoreError {
    StoreError::new(StoreProblem::Unavailable, location).because(Said::new(what))
}
