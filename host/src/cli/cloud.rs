//! S3 and SQS, for the commands that name a bucket or a queue there. A program built
//! without the feature `aws` has none of them, and says so.

#[cfg(not(feature = "aws"))]
mod absent;
#[cfg(feature = "aws")]
mod connected;
#[cfg(feature = "aws")]
mod region;

#[cfg(not(feature = "aws"))]
pub(super) use absent::Cloud;
#[cfg(feature = "aws")]
pub(super) use connected::Cloud;
