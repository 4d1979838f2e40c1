//! WebP: lossy, lossless, with alpha; of an animation, the first frame.

use std::io::Cursor;

use image_webp::{DecodingError, WebPDecoder};

use crate::contract::{Error, Limits};
use crate::decode::{Decoded, Header, admit_profile, malformed, samples};
use crate::format::Format;
use crate::orient::Orientation;

type Decoder<'a> = WebPDecoder<Cursor<&'a [u8]>>;

/// Reads the chunks that are not pixels.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let mut decoder = open(source)?;
    let (width, height) = decoder.dimensions();
    let exif = decoder.exif_metadata().ok().flatten();
    let orientation = exif.map_or_else(Default::default, |exif| Orientation::from_exif(&exif));
    let frames = decoder.num_frames().max(1);
    Ok(Header {
        orientation,
        frames,
        ..Header::new(Format::Webp, width, height)
    })
}

/// Decodes the picture, or the first frame on its canvas.
pub(super) fn decode(source: &[u8], header: &Header, limits: &Limits) -> Result<Decoded, Error> {
    let mut warnings = Vec::new();
    let mut decoder = open(source)?;
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let mut pixels = samples::allocate(header.width, header.height, channels)?;
    decoder.read_image(&mut pixels).map_err(damaged)?;
    let profile = decoder.icc_profile().ok().flatten();
    let profile = admit_profile(profile, limits, &mut warnings);
    let picture = samples::picture(header, channels, pixels)?;
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

/// A chunk cannot be larger than the source, so neither can what is read of it.
fn open(source: &[u8]) -> Result<Decoder<'_>, Error> {
    let mut decoder = WebPDecoder::new(Cursor::new(source)).map_err(damaged)?;
    decoder.set_memory_limit(source.len());
    Ok(decoder)
}

fn damaged(error: DecodingError) -> Error {
    malformed(Format::Webp, error)
}
