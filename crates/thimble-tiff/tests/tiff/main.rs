//! TIFF against the rules, as every viewer shows it nevertheless.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "this is a test, functions without the attribute included"
)]

mod fax;
#[path = "../../../thimble-picture/samples/fields.rs"]
mod fields;
mod jpeg;
mod raw;
mod shown;
#[path = "../../samples/writer.rs"]
mod writer;
mod written;
