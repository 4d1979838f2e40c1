//! Reading the body of an object.

use aws_sdk_s3::primitives::ByteStream;
use bytes::{Bytes, BytesMut};

use crate::aws::answer::Said;
use crate::error::with_causes;
use crate::object::Location;
use crate::ports::{StoreError, StoreProblem};

/// The most memory that is set aside for a body on the word of an answer.
const SET_ASIDE: u64 = 256 << 20;

/// The whole of a body in one buffer: exactly the bytes that were `announced`,
/// or up to `limit` where the answer has no length. Gateways and proxies leave
/// it out, and send a body in chunks.
pub(super) async fn read(
    mut body: ByteStream,
    announced: Option<u64>,
    limit: u64,
    location: &Location,
) -> Result<Bytes, StoreError> {
    let set_aside = announced.unwrap_or_default().min(SET_ASIDE);
    let mut whole = BytesMut::with_capacity(usize::try_from(set_aside).unwrap_or_default());
    while let Some(part) = body.next().await {
        let part = part.map_err(|error| {
            let said = Said::new(with_causes(&error));
            StoreError::new(StoreProblem::Unavailable, location).because(said)
        })?;
        let size = (whole.len() + part.len()) as u64;
        if size > announced.unwrap_or(limit) {
            return Err(match announced {
                Some(_) => unreadable("the body is longer than announced", location),
                None => StoreError::new(StoreProblem::TooLarge { size, limit }, location),
            });
        }
        whole.extend_from_slice(&part);
    }
    if announced.is_some_and(|size| (whole.len() as u64) < size) {
        return Err(unreadable("the body is shorter than announced", location));
    }
    Ok(whole.freeze())
}

/// An answer that makes no sense: the next one may.
pub(super) fn unreadable(what: impl Into<String>, location: &Location) -> StoreError {
    StoreError::new(StoreProblem::Unavailable, location).because(Said::new(what))
}
