//! The documents are true: each claim that can be compared with the code is.

mod checkout;
mod tasks;
mod threats;
