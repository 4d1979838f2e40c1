//! Photoshop files: the composite, a picture of all layers together, which Photoshop and its
//! kin write beside them.
//!
//! Layers themselves are never looked at. Rows are handed out from the top, so that a caller
//! who averages them never has them all.
//!
//! | | |
//! |---|---|
//! | files | PSD, and PSB for large pictures |
//! | colors | bitmap, gray, duotone (as gray), indexed, RGB, CMYK |
//! | samples | of 1, 8 and 16 bits |
//! | compressions | none, PackBits |
//! | alpha | of the composite, where the layers say that it has one, freed from the white it was stored upon; of an indexed picture its transparent color |
//! | beside it | the ICC profile, EXIF |
//!
//! ```
//! use thimble_psd::{Colors, Composite, Error, Photoshop};
//!
//! // A header, three empty sections, and two gray pixels without compression.
//! let mut file = b"8BPS\0\x01\0\0\0\0\0\0\0\x01\0\0\0\x01\0\0\0\x02\0\x08\0\x01".to_vec();
//! file.extend([0; 12 + 2]);
//! file.extend([7, 200]);
//! let picture = Photoshop::read(&file)?;
//! assert_eq!((picture.width, picture.height, picture.colors()), (2, 1, Colors::Gray));
//! let is_whole = Composite::of(&picture)?.rows(|row| {
//!     assert_eq!(row.samples, [7, 200]);
//!     Ok::<(), Error>(())
//! })?;
//! assert!(is_whole);
//! # Ok::<(), Error>(())
//! ```
//!
//! # Limits
//!
//! A header allocates nothing: check the sides that it claims before the rows, which need memory
//! for one of them, and with PackBits for a place of each row of each channel.
//!
//! # Errors
//!
//! [`Error`], if the header or a section makes no sense, if there is no composite, or if its
//! colors are of a kind that is not read. Of a file that is cut off, the rows that are there in
//! every color can be had.
//!
//! No bench: little is computed here. The fuzz target is `psd`, in `fuzz/` of the repository.

#![forbid(unsafe_code)]

mod composite;
mod error;
mod file;
mod layers;
mod resources;

pub use composite::Composite;
pub use error::Error;
pub use file::{Colors, Photoshop, is_photoshop};
