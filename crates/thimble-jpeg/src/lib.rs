//! JPEG (ITU-T T.81 | ISO/IEC 10918-1), read and written for thumbnails.
//!
//! A thumbnail asks for little of what a photograph holds, and this codec is built
//! around not doing the rest. It decodes at one, two, three or four eighths of the
//! size ([`Scale`]), with inverse transforms of fewer points, and passes over the
//! coefficients that these don't need without decoding them. It hands out planes as
//! they are stored, so that colors are neither converted nor upsampled only to be
//! stored again. It forgives: truncated or damaged data yields what there is, and
//! warnings.
//!
//! | | read | written |
//! |---|---|---|
//! | coding | baseline, extended sequential, progressive; Huffman | baseline, progressive; tables of T.81 or fitting ones |
//! | samples | 8 bits | 8 bits |
//! | components | gray, YCbCr, RGB, CMYK, YCCK | gray, YCbCr |
//! | sampling | any factors, interleaved or not | 4:4:4, 4:2:0 |
//! | metadata | EXIF block, ICC profile, handed out as bytes | none |
//!
//! ```
//! use thimble_jpeg::{Chroma, Effort, Header, Options, Scale, decode, encode};
//! use thimble_picture::{Model, Picture, Plane};
//!
//! let gray = Plane {
//!     channels: 1,
//!     width: 64,
//!     height: 48,
//!     extent: (64.0, 48.0),
//!     samples: vec![200; 64 * 48],
//! };
//! let picture = Picture { model: Model::Gray, planes: vec![gray] };
//! let options = Options {
//!     quality: 80,
//!     progressive: false,
//!     subsampled: true,
//!     optimal: true,
//!     effort: Effort::Small,
//! };
//! let source = encode(picture, &options)?;
//!
//! let header = Header::read(&source)?;
//! assert_eq!(header.dimensions(), (64, 48));
//! let scale = Scale::for_size((8, 6), header.dimensions());
//! let decoded = decode(&header, scale, Chroma::Full)?;
//! assert_eq!(decoded.warnings, []);
//! assert_eq!(decoded.into_planes()[0].extent, (8.0, 6.0));
//! # Ok::<(), thimble_jpeg::Error>(())
//! ```
//!
//! # Limits
//!
//! [`Header::read`] allocates nothing by the sizes that a source claims: check them
//! before [`decode`], which needs about as much memory as the planes have samples,
//! and of a progressive source twice as much again for its coefficients. Scans are
//! decoded up to a number, and visits of blocks in all of them: a source that asks
//! for more is shown as far as it was refined. Arithmetic coding, lossless and
//! hierarchical frames and samples of 12 bits are refused by name.
//!
//! # Errors
//!
//! [`Error`] says what a caller can do: nothing with this codec, nothing with this
//! source, or try with less. Everything else is a [`Warning`] beside the picture.
//!
//! # The way through the files
//!
//! `marker` finds segments, `header` and `frame` read what a source says of itself,
//! `decoder` goes from scan to scan. A scan's bytes come through a `window` to the
//! reader of `bits`, are taken apart with `huffman` tables, which may be `shared`, on a
//! `walk` over the MCUs, and end as samples in `channel`s: at once if they are `sequential`,
//! or the `means` of blocks, and after the last scan, as `coefficients` until then, if they
//! are `progressive`. The other way begins in `encoder`, which rounds coefficients or chooses among them
//! ([`Effort`]), and makes several files of one transform ([`Transformed`]).
//!
//! The fuzz targets are `jpeg`, `jpeg_beside_stock` and `jpeg_encode`, in `fuzz/` of
//! the repository.

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
mod means;
mod progressive;
mod scale;
mod scan;
mod sequential;
mod shared;
mod standard;
mod tables;
mod upsample;
mod walk;
mod window;
mod zigzag;

#[cfg(test)]
mod tests;

pub use decoded::Decoded;
pub use decoder::{Chroma, bytes_per_pixel, decode, decode_sharing};
pub use encoder::{Effort, Options, Transformed, encode};
pub use error::{Error, Warning};
pub use header::{ColorModel, Header};
pub use scale::Scale;
pub use shared::SharedTables;
