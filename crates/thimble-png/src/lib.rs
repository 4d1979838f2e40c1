//! PNG, read and written for thumbnails. What is read is read row by row.
//!
//! The header and the metadata are read chunk by chunk, because they are wanted
//! before, and independently of, the pixels. Rows are handed out as they are
//! decoded, so that a caller who averages them never has them all. Predictions that
//! need the pixel to the left take all samples of a pixel at once, in vectors, and
//! two rows at once if their pixels are of 3 or 4 bytes; rows are inflated by
//! [`thimble_inflate`].
//!
//! | | |
//! |---|---|
//! | color types | all five, at every depth; handed out as 1 to 4 channels of 8 bits, which those of 16 may be converted to by the caller |
//! | interlaced | yes; decoded as a whole before the first row can be had |
//! | animated | the default image, and the number of frames |
//! | `tRNS` | becomes an alpha channel |
//! | `iCCP`, `eXIf`, EXIF as text | handed out as bytes |
//! | `cICP`, `sRGB`, `gAMA`, `cHRM` | handed out as numbers, not applied |
//!
//! ```
//! use thimble_png::{Header, Image};
//!
//! # let mut source = Vec::new();
//! # let mut encoder = png::Encoder::new(&mut source, 2, 2);
//! # encoder.set_color(png::ColorType::Rgb);
//! # let mut writer = encoder.write_header().unwrap();
//! # writer.write_image_data(&[255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9]).unwrap();
//! # drop(writer);
//! // Two rows of two pixels.
//! let header = Header::read(&source)?;
//! assert_eq!((header.width, header.height), (2, 2));
//! let image = Image::open(&header)?;
//! assert_eq!(image.channels(), 3);
//! let mut rows = image.rows()?;
//! assert_eq!(rows.next_row()?, Some(&[255, 0, 0, 0, 255, 0][..]));
//! assert_eq!(rows.next_row()?, Some(&[0, 0, 255, 9, 9, 9][..]));
//! assert_eq!(rows.next_row()?, None);
//! # Ok::<(), thimble_png::Error>(())
//! ```
//!
//! # Limits
//!
//! [`Header::read`] allocates nothing: check the sides that it claims before
//! [`Image::open`]. Rows need memory for five of them as they are stored, and for one
//! as it is handed out; those of an interlaced picture for all pixels as well.
//! [`Header::profile`] decompresses no more than is asked for. Files are written of 8
//! bits a channel, from rows that the caller compresses between [`filtered`] and
//! [`file()`].
//!
//! # Errors
//!
//! Rows that come before damage, or before the end of a source that is cut off, can be
//! had ([`Pixels`] tells how many there are); an error is left for a source without
//! any. Wrong checksums of image data are for the caller to ask for: those of the
//! chunks with [`Image::is_sound`], and the one at the end of the compressed data with
//! [`Rows::is_sound`] behind the last row, or [`Pixels::is_sound`]. Damage in chunks
//! that are not needed is passed over. A damaged profile costs the profile alone
//! ([`ProfileError`]).
//!
//! The fuzz targets are `png` and `png_beside_stock`, in `fuzz/` of the repository.

#![forbid(unsafe_code)]

mod chunk;
mod error;
mod filter;
mod header;
mod image;
mod interlace;
mod layout;
mod pairs;
mod scanlines;
mod write;

pub use error::{Error, ProfileError};
pub use header::{Colors, Header};
pub use image::{Convert, Image, Pixels, Rows};
pub use thimble_inflate::Damage;
pub use write::{Filters, file, filtered};
