//! Brokers, for the commands that name a queue of one. A program built without the feature
//! `brokers` knows none, and says so.

#[cfg(not(feature = "brokers"))]
mod absent;
#[cfg(feature = "brokers")]
mod connected;

#[cfg(not(feature = "brokers"))]
pub(super) use absent::Brokers;
#[cfg(feature = "brokers")]
pub(super) use connected::Brokers;
