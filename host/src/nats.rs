//! Messages in NATS JetStream.
//!
//! ```text
//! queue                      JetStream
//! messages that wait         a stream with the retention of a work queue
//! receive                    a pull from the durable consumer `thimble` of that stream
//! visibility timeout         the time until a message that is not confirmed comes again: the
//!                            ack wait of the consumer, or the delay of a negative one
//! heartbeat                  in progress
//! delete                     a confirmation that is confirmed itself
//! receive count              deliveries
//! attributes                 headers
//! dead-letter queue          another stream of the same kind, with the reasons in headers
//! ```
//!
//! The server gives no message up: it has no place for a reason. The host does, by the
//! receive count, and the letter is in its stream before the message leaves its own.

mod access;
mod connection;
mod delivery;
mod hidden;
mod problem;
mod queue;
mod status;
mod streams;
mod wire;

pub use access::{Access, AccessError, VARIABLES};
pub use connection::{Connection, Servers};
pub use queue::{NatsQueue, Reception, RedrivePolicy};
pub use status::{ConsumerStatus, Right, Rights, ServerStatus, StreamStatus};
pub use streams::{Misfit, StreamName};

#[cfg(test)]
mod tests;
