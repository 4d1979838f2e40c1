//! Sources as programs in the field write them: against the rules, and shown by
//! every viewer nevertheless.
//!
//! Each test makes sources of one kind by code, and states what is right for them. Formats
//! with a codec of ours have more such tests beside it, in `crates/`.

mod codecs;
#[expect(
    dead_code,
    reason = "tests of codecs need more of it than those of the engine"
)]
#[path = "../../../../crates/thimble-picture/samples/fields.rs"]
mod fields;
mod grays;
mod jpeg;
mod orientation;
mod png;
mod raw;
mod shown;
#[expect(
    dead_code,
    reason = "tests of codecs need more of it than those of the engine"
)]
#[path = "../../../../crates/thimble-tiff/samples/writer.rs"]
mod tiff_writer;
mod webp;
