//! WebP: lossy, lossless, with alpha; of an animation, the first frame.

use std::fmt::Display;
use std::io::Cursor;

use image_webp::WebPDecoder;
use thimble_webp::{self as webp, Detail, container};

use crate::color;
use crate::contract::{Error, Limits};
use crate::decode::{Decoded, Header, Wanted, admit_profile, exif, malformed, rows, samples};
use crate::format::Format;
use crate::picture::Picture;

type Decoder<'a> = WebPDecoder<Cursor<&'a [u8]>>;

/// Reads the chunks that are not pixels.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let canvas = container::with_canvas(source);
    let mut decoder = open(canvas.as_deref().unwrap_or(source))?;
    let (width, height) = decoder.dimensions();
    let exif = decoder.exif_metadata().ok().flatten();
    let orientation = exif.map_or_else(Default::default, |exif| exif::orientation(&exif));
    let frames = decoder.num_frames().max(1);
    Ok(Header {
        orientation,
        frames,
        ..Header::new(Format::Webp, width, height)
    })
}

/// Decodes the picture, or the first frame on its canvas. A lossy picture is
/// decoded by planes, and no larger than it is wanted, unless that would cost
/// color: a profile describes RGB, and so does a thumbnail that shows as many
/// pixels as the source has, unless it is going to halve color differences again.
pub(super) fn decode(
    source: &[u8],
    header: &Header,
    wanted: Wanted,
    limits: &Limits,
) -> Result<Decoded, Error> {
    let mut warnings = Vec::new();
    let canvas = container::with_canvas(source);
    let source = canvas.as_deref().unwrap_or(source);
    let mut decoder = open(source)?;
    let profile = decoder.icc_profile().ok().flatten();
    let profile = admit_profile(profile, limits, &mut warnings);
    let profile = profile.filter(|profile| !color::is_srgb(profile));
    let size = (wanted.width, wanted.height);
    let detail = Detail::for_size(size, (header.width, header.height));
    let planar = profile.is_none() && (wanted.halved_chroma || !detail.is_full());
    let picture = match webp::opaque_frame(source).filter(|_| planar) {
        Some(frame) => webp::decode(frame, detail).map_err(damaged),
        None => decode_pixels(&mut decoder, header, wanted),
    }?;
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

fn decode_pixels(
    decoder: &mut Decoder<'_>,
    header: &Header,
    wanted: Wanted,
) -> Result<Picture, Error> {
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let mut pixels = samples::allocate(header.width, header.height, channels)?;
    decoder.read_image(&mut pixels).map_err(damaged)?;
    rows::averaged(header, wanted, channels, pixels)
}

/// A chunk cannot be larger than the source, so neither can what is read of it.
fn open(source: &[u8]) -> Result<Decoder<'_>, Error> {
    let mut decoder = WebPDecoder::new(Cursor::new(source)).map_err(damaged)?;
    decoder.set_memory_limit(source.len());
    Ok(decoder)
}

fn damaged(error: impl Display) -> Error {
    malformed(Format::Webp, error)
}
