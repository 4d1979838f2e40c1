//! JPEG: baseline, extended and progressive, in gray, YCbCr, RGB, CMYK or YCCK.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use crate::color;
use crate::contract::{Error, Limits};
use crate::decode::{Decoded, Header, malformed, samples, segments, unsupported_feature};
use crate::format::Format;
use crate::orient::Orientation;

/// Scans of a progressive picture, more than any encoder makes: each costs a
/// walk over every coefficient.
const MAX_SCANS: usize = 64;

/// Reads the segments up to the first scan.
pub(super) fn read_header(source: &[u8]) -> Result<Header, Error> {
    let frame = segments::frame(source)?;
    let orientation = segments::exif(source).map_or_else(Default::default, Orientation::from_exif);
    Ok(Header {
        orientation,
        ..Header::new(Format::Jpeg, frame.width, frame.height)
    })
}

/// Decodes all there is; what a truncated source lacks stays gray.
pub(super) fn decode(
    source: &[u8],
    header: &Header,
    _wanted: (u32, u32),
    limits: &Limits,
) -> Result<Decoded, Error> {
    let mut warnings = Vec::new();
    let (space, pixels) = decode_samples(source, header)?;
    if !segments::is_complete(source) {
        warnings.push("the source is truncated, the rest of it is blank".into());
    }
    let profile = segments::profile(source, limits, &mut warnings);
    let (channels, pixels, profile) = match space {
        ColorSpace::Luma => (1, pixels, profile),
        ColorSpace::RGB => (3, pixels, profile),
        _ => {
            let inks = color::Inks::from_jpeg(pixels, space == ColorSpace::YCCK);
            (3, inks.to_srgb(profile.as_deref(), &mut warnings)?, None)
        }
    };
    let picture = samples::picture(header, channels, pixels)?;
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

fn decode_samples(source: &[u8], header: &Header) -> Result<(ColorSpace, Vec<u8>), Error> {
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(source), options(header));
    decoder.decode_headers().map_err(damaged)?;
    let (space, channels) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (ColorSpace::Luma, 1),
        Some(ColorSpace::YCbCr | ColorSpace::RGB) => (ColorSpace::RGB, 3),
        Some(space @ (ColorSpace::CMYK | ColorSpace::YCCK)) => (space, 4),
        _ => {
            return Err(unsupported_feature(
                Format::Jpeg,
                "an unknown number of components",
            ));
        }
    };
    decoder.set_options(options(header).jpeg_set_out_colorspace(space));
    if decoder.dimensions() != Some((header.width as usize, header.height as usize)) {
        return Err(malformed(Format::Jpeg, "two frames of different sizes"));
    }
    let mut pixels = samples::allocate(header.width, header.height, channels)?;
    decoder.decode_into(&mut pixels).map_err(damaged)?;
    Ok((space, pixels))
}

fn options(header: &Header) -> DecoderOptions {
    DecoderOptions::default()
        .set_strict_mode(false)
        .set_max_width(header.width as usize)
        .set_max_height(header.height as usize)
        .jpeg_set_max_scans(MAX_SCANS)
}

fn damaged(error: DecodeErrors) -> Error {
    malformed(Format::Jpeg, error)
}
