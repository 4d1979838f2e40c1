//! A codec for HEIC, the photos of phones: to be joined to an engine, by whoever may.
//!
//! [`thimble_heif`] finds the tiles, `heifer-hevc-dec` decodes them, a row of tiles at a time
//! ([`tiles`]); their samples are averaged to the size that is wanted ([`average`]), and become
//! colors at last ([`colors`]).
//!
//! HEVC is covered by patents. This is source, and no part of what Thimble releases.

mod average;
mod colors;
mod tiles;

use thimble_heif::{self as heif, Canvas, Coded, Overlay, Still};

use average::Average;
use colors::Conversion;
use tiles::Tiles;

#[expect(missing_docs, reason = "generated; the documentation is in wit/codec/")]
mod contract {
    wit_bindgen::generate!({ world: "decoder", path: "../../wit/codec" });
}

pub use contract::exports::thimble::codec::codec::*;

/// The codec.
#[derive(Debug)]
pub struct Heic;

#[cfg(target_family = "wasm")]
contract::export!(Heic with_types_in contract);

/// Brands of files with a still of HEVC.
const BRANDS: [&[u8; 4]; 6] = [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"];

/// Brands of any HEIF, whose items say the rest.
const ANY: [&[u8; 4]; 3] = [b"mif1", b"mif2", b"msf1"];

/// Transfers of cameras, whose pictures are made to be seen on a screen: that of sRGB.
const OF_CAMERAS: [u8; 5] = [1, 2, 6, 14, 15];

/// The most samples that are averaged along a side.
const MOST_AVERAGED: u32 = 64;

impl Guest for Heic {
    fn describe() -> Vec<Format> {
        vec![Format {
            media_type: "image/heic".into(),
            codec: "heic".into(),
            version: env!("CARGO_PKG_VERSION").into(),
        }]
    }

    fn recognize(head: Bytes) -> Option<u32> {
        let head = of_words(&head);
        let has = |brands: &[&[u8; 4]]| brands.iter().any(|brand| heif::has_brand(&head, brand));
        let is_other = has(&[b"avif", b"avis"]);
        (has(&BRANDS) || has(&ANY) && !is_other).then_some(0)
    }

    fn read_header(_: u32, source: Bytes, _: Limits) -> Result<Header, Error> {
        let source = of_words(&source);
        let still = read(&source)?;
        let [_, _, width, height] = still.shown();
        Ok(Header {
            width,
            height,
            orientation: still.turn().orientation(),
            frames: still.frames(),
        })
    }

    fn decode(_: u32, source: Bytes, wanted: Wanted, limits: Limits) -> Result<Picture, Error> {
        let bytes = of_words(&source);
        drop(source);
        match read(&bytes)? {
            Still::Picture(picture) => decode(&picture, &wanted, &limits),
            Still::Overlay(overlay) => decode_overlay(&overlay, &limits),
        }
    }
}

fn read(source: &[u8]) -> Result<Still<'_>, Error> {
    Still::read(source, Coded::Hevc).map_err(|error| match error {
        heif::Error::Malformed(_) => Error::MalformedSource(error.to_string()),
        heif::Error::Unsupported(_) => Error::UnsupportedFormat(error.to_string()),
    })
}

fn decode(picture: &heif::Picture<'_>, wanted: &Wanted, limits: &Limits) -> Result<Picture, Error> {
    let [left, top, width, height] = picture.shown;
    check((picture.main.width, picture.main.height), limits)?;
    let averaged = averaged((width, height), wanted, picture.alpha.is_some());
    let mut main = Tiles::open(&picture.main, averaged > 1)?;
    let alpha = picture.alpha.as_ref();
    let mut alpha = alpha.and_then(|alpha| Tiles::open(alpha, false).ok());
    let mut warnings = Vec::new();
    if picture.lacks_alpha || picture.alpha.is_some() && alpha.is_none() {
        warnings.push("its alpha cannot be read, and is left out".into());
    }
    // Those of the container come before those of the stream.
    let points = picture.color.code_points.unwrap_or_else(|| main.stated());
    let conversion = Conversion::new(&points, &main)?;
    let channels = if alpha.is_some() { 4 } else { 3 };
    let mut samples = Vec::new();
    let columns = width.div_ceil(averaged) as usize;
    let length = columns * height.div_ceil(averaged) as usize * channels;
    let no_room = |_| Error::LimitExceeded("more pixels than there is memory for".into());
    samples.try_reserve_exact(length).map_err(no_room)?;
    let mut average = Average::new(left as usize..(left + width) as usize, averaged as usize);
    let mut opacity = Vec::new();
    for y in top..top + height {
        average.add(&mut main, y as usize);
        if average.is_full() || y + 1 == top + height {
            let means = average.take();
            match &mut alpha {
                None => conversion.rgb(&means, &mut samples),
                Some(alpha) => {
                    alpha.opacity(
                        left as usize..(left + width) as usize,
                        y as usize,
                        &mut opacity,
                    );
                    conversion.rgba(&means, &opacity, picture.is_premultiplied, &mut samples);
                }
            }
        }
    }
    if main.is_damaged() || alpha.is_some_and(|alpha| alpha.is_damaged()) {
        warnings.push("the source is truncated, the rest of it is missing".into());
    }
    Ok(Picture {
        columns_averaged: averaged,
        rows_averaged: averaged,
        model: if channels == 4 {
            Model::Rgba
        } else {
            Model::Rgb
        },
        planes: vec![samples[..].into()],
        color: color(&picture.color, &conversion.points, limits, &mut warnings),
        warnings,
    })
}

/// Decodes pictures on a canvas, one after the other.
fn decode_overlay(overlay: &Overlay<'_>, limits: &Limits) -> Result<Picture, Error> {
    check((overlay.width, overlay.height), limits)?;
    if overlay.pixels() > limits.max_pixels {
        let reason = format!("an overlay of {} pixels in all", overlay.pixels());
        return Err(Error::LimitExceeded(reason));
    }
    let no_room = || Error::LimitExceeded("more pixels than there is memory for".into());
    let mut canvas = Canvas::new(overlay).ok_or_else(no_room)?;
    let mut colors = Color::Srgb;
    let mut warnings = Vec::new();
    for (index, layer) in overlay.layers.iter().enumerate() {
        let everything = Wanted {
            width: u32::MAX,
            height: u32::MAX,
        };
        let made = decode(&layer.picture, &everything, limits)?;
        put(&made, layer, &mut canvas);
        if index == 0 {
            colors = made.color;
        }
        warnings.extend(made.warnings);
    }
    if overlay.color != heif::Color::default() {
        let points = overlay.color.code_points.unwrap_or(SRGB);
        colors = color(&overlay.color, &points, limits, &mut warnings);
    }
    warnings.sort();
    warnings.dedup();
    let (samples, channels) = canvas.finish(overlay);
    Ok(Picture {
        columns_averaged: 1,
        rows_averaged: 1,
        model: if channels == 4 {
            Model::Rgba
        } else {
            Model::Rgb
        },
        planes: vec![samples[..].into()],
        color: colors,
        warnings,
    })
}

/// Puts a picture on a canvas.
fn put(picture: &Picture, layer: &heif::Layer<'_>, canvas: &mut Canvas) {
    let channels = match picture.model {
        Model::Rgba => 4,
        _ => 3,
    };
    let [_, _, width, _] = layer.picture.shown;
    let samples = picture.planes.first().map(of_words).unwrap_or_default();
    let rows = samples.chunks(width as usize * channels);
    for (row, y) in rows.zip(i64::from(layer.top)..) {
        canvas.put(layer.left.into(), y, row, channels);
    }
}

/// Refuses what is larger than allowed: the whole of it counts, whatever is shown.
fn check((width, height): (u32, u32), limits: &Limits) -> Result<(), Error> {
    let is_long = width.max(height) > limits.max_side;
    if is_long || u64::from(width) * u64::from(height) > limits.max_pixels {
        return Err(Error::LimitExceeded(format!("{width}x{height} pixels")));
    }
    Ok(())
}

/// Samples along a side of which one is made. Those that an alpha hides must not count, so
/// pictures with alpha are not averaged.
fn averaged((width, height): (u32, u32), wanted: &Wanted, has_alpha: bool) -> u32 {
    if has_alpha {
        return 1;
    }
    let most = (width / wanted.width.max(1)).min(height / wanted.height.max(1));
    most.clamp(1, MOST_AVERAGED)
}

/// sRGB, for what says nothing of its colors.
const SRGB: heif::CodePoints = heif::CodePoints {
    primaries: 1,
    transfer: 13,
    matrix: 6,
    is_full_range: true,
};

/// The color space: an ICC profile before code points.
fn color(
    color: &heif::Color<'_>,
    points: &heif::CodePoints,
    limits: &Limits,
    warnings: &mut Vec<String>,
) -> Color {
    if let Some(profile) = color.profile.filter(|profile| !profile.is_empty()) {
        if profile.len() as u64 <= u64::from(limits.max_profile) {
            return Color::Icc(profile.into());
        }
        warnings.push(format!(
            "the color profile is ignored, it is larger than {} bytes",
            limits.max_profile
        ));
    }
    let is_of_camera = OF_CAMERAS.contains(&points.transfer);
    let transfer = if is_of_camera { 13 } else { points.transfer };
    match points.primaries {
        1 | 2 if transfer == 13 => Color::Srgb,
        primaries => Color::Described(CodePoints {
            primaries: if primaries == 2 { 1 } else { primaries },
            transfer,
        }),
    }
}

fn of_words(bytes: &Bytes) -> Vec<u8> {
    let mut made = vec![0; bytes.words.len() * 4];
    let (chunks, _) = made.as_chunks_mut::<4>();
    for (chunk, word) in chunks.iter_mut().zip(&bytes.words) {
        *chunk = word.to_le_bytes();
    }
    made.truncate(bytes.length as usize);
    made
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        let words = bytes.chunks(4).map(|chunk| {
            let mut word = [0; 4];
            word[..chunk.len()].copy_from_slice(chunk);
            u32::from_le_bytes(word)
        });
        Self {
            length: bytes.len() as u32,
            words: words.collect(),
        }
    }
}
