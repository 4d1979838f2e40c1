//! What the test programs share.

pub mod compare;
pub mod corpus;
pub mod hostile;
pub mod sandbox;
pub mod section;
