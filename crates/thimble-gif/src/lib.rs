//! GIF, read for thumbnails: the first frame, composed on its canvas, or another one that a
//! caller looks for ([`find`]).
//!
//! Areas that the frame leaves uncovered stay transparent, as in browsers; the
//! background color that the header names is not used. A first frame that
//! reaches beyond the canvas makes the canvas larger. Of a frame that ends early
//! there is what there is; one without any pixels is passed over.
//!
//! The blocks are walked here rather than by a crate, because browsers forgive
//! more than crates do: bytes between blocks, frames of too few pixels, files
//! without an end.
//!
//! | | |
//! |---|---|
//! | versions | 87a and 89a |
//! | frames | counted; the first with pixels is decoded, or those up to the one that is looked for |
//! | interlaced | yes; of a frame that ends early, rows are repeated as while it is received |
//! | colors | a palette of the frame or of the file, else shades of gray |
//! | transparency | the index that a control names |
//! | disposal | as in browsers, where a later frame is looked for |
//! | delays, comments | passed over |
//!
//! ```
//! use thimble_gif::{Error, Header, Image};
//!
//! let source = [
//!     // A canvas of two pixels, with a palette of black and red.
//!     b"GIF89a\x02\0\x01\0\x80\0\0\0\0\0\xff\0\0".as_slice(),
//!     // A frame of both.
//!     b",\0\0\0\0\x02\0\x01\0\0\x02\x02\x0c\x0a\0;",
//! ]
//! .concat();
//! let header = Header::read(&source)?;
//! assert_eq!((header.width, header.height, header.frames), (2, 1, 1));
//! let image = Image::decode(&source, (header.width, header.height))?;
//! assert!(image.is_whole());
//! let mut row = [[0; 4]; 2];
//! image.paint(0, &mut row);
//! assert_eq!(row, [[255, 0, 0, 255], [0, 0, 0, 255]]);
//! # Ok::<(), Error>(())
//! ```
//!
//! # Limits
//!
//! [`Header::read`] allocates nothing: check the sides that it claims before
//! [`Image::decode`], which needs a byte for each pixel of the frame. At most four frames
//! are tried, and of each no more bytes are decompressed than its pixels can need. [`find`] has
//! a canvas of four bytes a pixel besides, and decodes no more frames than it is told.
//!
//! # Errors
//!
//! [`Error`], if no pixel can be had. There is no writer here.
//!
//! The fuzz target is `gif`, in `fuzz/` of the repository.

#![forbid(unsafe_code)]

mod animation;
mod error;
mod header;
mod image;
mod walk;

pub use animation::find;
pub use error::Error;
pub use header::Header;
pub use image::Image;
