//! Sources as programs in the field write them: against the rules, and shown by
//! every viewer nevertheless.
//!
//! Each test makes sources of one kind by code, and states what is right for them.

mod bmp;
mod gif;
mod jpeg;
mod orientation;
mod png;
mod raw;
mod shown;
mod tiff;
mod tiff_fax;
mod tiff_jpeg;
mod tiff_writer;
mod webp;
