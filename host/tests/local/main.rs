//! The command `thimble local`, as a user meets it: the real program, the real
//! engine, real files, and a hard life.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

#[expect(
    dead_code,
    unused_imports,
    reason = "shared with other tests, which use the rest"
)]
#[path = "../hostile/mod.rs"]
mod hostile;

mod desk;
mod engines;
mod hardship;
mod kills;
mod letters;
mod watching;
