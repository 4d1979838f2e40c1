//! A watermark on every thumbnail, whatever engine makes it.
//!
//! A *middleware* imports the interface that it exports. Composed with an engine
//! it is an engine, and no host can tell. This one decodes and encodes nothing
//! but PNG, because the engine behind it does the rest: it is asked for lossless
//! thumbnails first, these are marked, and then it is asked to make the
//! thumbnails that were wanted of the marked ones, pixel for pixel.

mod contract {
    wit_bindgen::generate!({
        world: "middleware",
        path: "../../wit",
        // One `Spec` and not two, one imported and one exported.
        merge_structurally_equal_types: true,
    });
}

use contract::exports::thimble::engine::thumbnailer::{
    Bounds, Encoding, EngineInfo, Error, Fit, Focus, Guest, Limits, Output, Spec, Thumbnail,
};
use contract::thimble::engine::thumbnailer as inner;
use image::{DynamicImage, GenericImage, ImageFormat, Rgba};
use std::io::Cursor;

/// Format of the picture that is marked.
const LOSSLESS: &str = "image/png";

/// The mark: a thimble of eight by eight dots, white on black.
const MARK: [u8; 8] = [
    0b0000_0000,
    0b0011_1100,
    0b0010_1100,
    0b0011_0100,
    0b0010_1100,
    0b0011_0100,
    0b0111_1110,
    0b0000_0000,
];

/// The mark's side is that part of the thumbnail's shorter one.
const PART: u32 = 4;

struct Watermark;

#[cfg(target_family = "wasm")]
contract::export!(Watermark with_types_in contract);

impl Guest for Watermark {
    fn describe() -> EngineInfo {
        let engine = inner::describe();
        EngineInfo {
            name: format!("{}-watermark", engine.name),
            ..engine
        }
    }

    fn generate(source: Vec<u8>, specs: Vec<Spec>, limits: Limits) -> Result<Output, Error> {
        let lossless: Vec<Spec> = specs.iter().map(lossless).collect();
        let output = inner::generate(&source, &lossless, limits)?;
        let made = specs.iter().zip(&output.thumbnails);
        let marked = made.map(|(spec, thumbnail)| {
            let marked = mark(&thumbnail.data)?;
            encode(&marked, thumbnail, spec, &output.source.media_type, limits)
        });
        let thumbnails = marked.collect::<Result<_, Error>>()?;
        Ok(Output {
            thumbnails,
            ..output
        })
    }
}

/// The same thumbnail, with every pixel as it is.
fn lossless(spec: &Spec) -> Spec {
    let encoding = Encoding {
        media_type: Some(LOSSLESS.into()),
        quality: spec.encoding.quality,
    };
    Spec {
        encoding,
        ..spec.clone()
    }
}

/// Draws the mark into the lower right corner of a PNG.
fn mark(png: &[u8]) -> Result<Vec<u8>, Error> {
    let failed = |error: image::ImageError| Error::Other(error.to_string());
    let mut picture = image::load_from_memory_with_format(png, ImageFormat::Png).map_err(failed)?;
    let (width, height) = (picture.width(), picture.height());
    let side = (width.min(height) / PART).max(1);
    for y in 0..side {
        for x in 0..side {
            let color = if is_white(x * 8 / side, y * 8 / side) {
                Rgba([255; 4])
            } else {
                Rgba([0, 0, 0, 255])
            };
            picture.put_pixel(width - side + x, height - side + y, color);
        }
    }
    written(&picture).map_err(failed)
}

fn is_white(x: u32, y: u32) -> bool {
    let row = MARK.get(y as usize).copied().unwrap_or_default();
    row >> (7 - x) & 1 == 1
}

fn written(picture: &DynamicImage) -> Result<Vec<u8>, image::ImageError> {
    let mut png = Cursor::new(vec![]);
    picture.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

/// The marked thumbnail in the format that was asked for, or in that of the source,
/// as the engine encodes it without changing its size.
fn encode(
    marked: &[u8],
    thumbnail: &Thumbnail,
    spec: &Spec,
    source: &str,
    limits: Limits,
) -> Result<Thumbnail, Error> {
    let own = || {
        let encodes = inner::describe().encodes;
        let is_made = encodes.iter().any(|known| known == source);
        (if is_made { source } else { LOSSLESS }).to_owned()
    };
    let encoding = Encoding {
        media_type: Some(spec.encoding.media_type.clone().unwrap_or_else(own)),
        quality: spec.encoding.quality,
    };
    let same = Spec {
        bounds: Bounds {
            width: Some(thumbnail.dimensions.width),
            height: Some(thumbnail.dimensions.height),
        },
        fit: Fit::Inside,
        focus: Focus::Center,
        enlarge: false,
        encoding,
        ..spec.clone()
    };
    // The limits are for what a stranger sent.
    let limits = Limits {
        max_pixels: u64::MAX,
        max_side: u32::MAX,
        ..limits
    };
    let made = inner::generate(marked, &[same], limits)?;
    let first = made.thumbnails.into_iter().next();
    first.ok_or_else(|| Error::Other("the engine made no thumbnail".into()))
}
