//! JPEG (ITU-T T.81 | ISO/IEC 10918-1), read and written.
//!
//! Thumbnails ask for little of what a photograph holds, and this module is built
//! around not doing the rest:
//!
//! - it decodes at a half, a quarter or an eighth of the size ([`Scale`]), with
//!   inverse transforms of fewer points (`inverse`), and passes over the
//!   coefficients that these don't need without decoding them (`block`);
//! - it hands out the planes as they are stored (`decoded`), so that colors
//!   need not be converted, nor upsampled, only to be stored again;
//! - it forgives: truncated or damaged data yields what there is, and warnings.
//!
//! Baseline, extended sequential and progressive frames of 8 bits with Huffman
//! coding are decoded, with any sampling factors, interleaved or not. Arithmetic
//! coding, lossless and hierarchical frames and 12 bits are refused by name.
//!
//! The way through the files: `marker` finds segments, `header` and `frame`
//! read what a source says of itself, `decoder` goes from scan to scan. A scan's
//! bytes come through a `window` to the reader of `bits`, are taken apart with
//! `huffman` tables on a `walk` over the MCUs, and end as samples in
//! `channel`s: at once if they are `sequential`, after the last scan, as `coefficients`
//! until then, if they are `progressive`.

#![forbid(unsafe_code)]

mod bits;
mod block;
mod channel;
mod coefficients;
mod color;
mod decoded;
mod decoder;
mod encoder;
mod error;
mod frame;
mod header;
mod huffman;
mod inverse;
mod marker;
mod progressive;
mod scale;
mod scan;
mod sequential;
mod standard;
mod tables;
mod upsample;
mod walk;
mod window;
mod zigzag;

#[cfg(test)]
mod tests;

pub use decoded::Decoded;
pub use decoder::{Chroma, decode};
pub use encoder::{Options, encode};
pub use error::Error;
pub use header::{ColorModel, Header};
pub use scale::Scale;
