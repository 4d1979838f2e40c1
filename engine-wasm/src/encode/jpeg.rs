//! JPEG.

use thimble_jpeg::{self as jpeg, Options, Transformed};

use super::failed;
use crate::contract::Error;
use crate::picture::{Picture, within};
use crate::settings::Settings;

/// Encodes a picture without alpha. The planes of a YCbCr picture are encoded as
/// they are.
pub(super) fn encode(picture: Picture, quality: u8, settings: &Settings) -> Result<Vec<u8>, Error> {
    let options = Options {
        quality,
        ..settings.jpeg
    };
    let Some(most) = settings.max_bytes else {
        return jpeg::encode(picture, &options).map_err(failed);
    };
    let transformed = Transformed::new(picture, &options).map_err(failed)?;
    within(most, quality, |quality| Ok(transformed.encode(quality)))
}
