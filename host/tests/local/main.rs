//! The command `thimble local`, as a user meets it: the real program, the real
//! engine, real files, and a hard life.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

mod desk;
mod hardship;
mod kills;
mod letters;
mod watching;
