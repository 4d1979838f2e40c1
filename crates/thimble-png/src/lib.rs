//! PNG, read: every color type and depth, interlaced or not; of an animation, the
//! default image.
//!
//! The header and the metadata are read chunk by chunk, because they are wanted
//! before, and independently of, the pixels. Rows are handed out as they are
//! decoded, so that a caller who needs fewer of them never has them all.

#![forbid(unsafe_code)]

mod chunk;
mod error;
mod filter;
mod header;
mod image;
mod interlace;
mod layout;
mod scanlines;

pub use error::{Error, ProfileError};
pub use header::Header;
pub use image::{Image, Rows};
pub use thimble_inflate::Damage;
