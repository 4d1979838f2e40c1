//! AVIF: stills, grids and overlays of AV1, of every depth, with alpha; of a sequence, the still.
//!
//! [`heif`] finds the tiles, [`avif`] decodes them a row of tiles at a time, and rows are
//! averaged as they come.

use thimble_av1 as av1;
use thimble_avif::{self as avif, Image};
use thimble_heif::{self as heif, Canvas, CodePoints, Coded, Overlay, Still};

use crate::color::{self, DeepColors, Samples};
use crate::contract::{Error, Limits};
use crate::decode::rows::{self, Rows};
use crate::decode::{
    Codec, Decoded, HELD_AS_A_WHOLE, Header, Task, admit, admit_profile, malformed,
    unsupported_feature,
};
use crate::format::Format;
use crate::orient::Orientation;
use crate::picture::Picture;

pub(super) const CODEC: Codec = Codec {
    format: Format::AVIF,
    recognize: |source| heif::has_brand(source, b"avif") || heif::has_brand(source, b"avis"),
    read_header,
    decode,
};

/// Warning of a picture that is shown opaque, alone or on a canvas.
const LACKS_ALPHA: &str = "its alpha cannot be read, and is left out";

/// Reads the items.
fn read_header(source: &[u8]) -> Result<Header, Error> {
    let still = Still::read(source, Coded::Av1).map_err(refused)?;
    let [_, _, width, height] = still.shown();
    Ok(Header {
        orientation: Orientation::from_number(still.turn().orientation().into()),
        frames: still.frames(),
        ..Header::new(Format::AVIF, width, height)
    })
}

/// Decodes tiles from the top to the bottom. Those that a damaged source lacks are
/// transparent, and there is a warning.
fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    let picture = match Still::read(task.source, Coded::Av1).map_err(refused)? {
        Still::Picture(picture) => picture,
        Still::Overlay(overlay) => return decode_overlay(&overlay, task),
    };
    check(&picture, task)?;
    let mut warnings = Vec::new();
    let mut image = Image::open(&picture, can_lack_filters(task)).map_err(undecoded)?;
    if image.lacks_alpha() {
        warnings.push(LACKS_ALPHA.to_owned());
    }
    let profile = profile(
        &picture.color,
        image.code_points(),
        task.limits,
        &mut warnings,
    );
    let pixels = u64::from(task.header.width) * u64::from(task.header.height);
    let deep = profile.as_deref().filter(|_| image.is_deep());
    let deep = deep.and_then(|profile| DeepColors::new(profile, 3, image.has_alpha(), pixels));
    let (deep, rest) = deep.unzip();
    let profile = rest.unwrap_or(profile);
    let (picture, is_whole) = read(&mut image, deep.as_ref(), task)?;
    Ok(Decoded::new(picture, is_whole, profile, warnings))
}

/// Decodes pictures on a canvas, one after the other.
fn decode_overlay(overlay: &Overlay<'_>, task: &Task<'_>) -> Result<Decoded, Error> {
    let whole = Header::new(Format::AVIF, overlay.width, overlay.height);
    whole.check(task.limits)?;
    admit(&whole, HELD_AS_A_WHOLE, task.limits)?;
    if overlay.pixels() > task.limits.max_pixels {
        let reason = format!("an overlay of {} pixels in all", overlay.pixels());
        return Err(Error::LimitExceeded(reason));
    }
    let no_room = || Error::LimitExceeded("more pixels than there is memory for".into());
    let mut canvas = Canvas::new(overlay).ok_or_else(no_room)?;
    let mut points = overlay.color.code_points;
    let mut is_whole = true;
    let mut warnings = Vec::new();
    for layer in &overlay.layers {
        check(&layer.picture, task)?;
        let mut image = Image::open(&layer.picture, false).map_err(undecoded)?;
        if image.lacks_alpha() && warnings.is_empty() {
            warnings.push(LACKS_ALPHA.to_owned());
        }
        points.get_or_insert(*image.code_points());
        is_whole &= image.put_on(&mut canvas, (layer.left, layer.top));
    }
    let points = points.ok_or_else(|| malformed(Format::AVIF, "an overlay of no pictures"))?;
    let profile = profile(&overlay.color, &points, task.limits, &mut warnings);
    let (samples, channels) = canvas.finish(overlay);
    let picture = rows::averaged(task.header, task.wanted, channels, samples)?;
    Ok(Decoded::new(picture, is_whole, profile, warnings))
}

/// Nobody sees the edges of blocks in a picture of half of the sides.
fn can_lack_filters(task: &Task<'_>) -> bool {
    let (wanted, header) = (task.wanted, task.header);
    wanted.width <= header.width / 2 && wanted.height <= header.height / 2
}

/// Averages rows as they are decoded.
fn read(
    image: &mut Image<'_, '_>,
    deep: Option<&DeepColors>,
    task: &Task<'_>,
) -> Result<(Picture, bool), Error> {
    let channels = if image.has_alpha() { 4 } else { 3 };
    let mut rows = Rows::new(task.header, task.wanted, channels)?;
    let is_whole = match deep {
        None => image.rows(|row| rows.push_partly(row.samples, row.gaps)),
        Some(deep) => {
            image.rows(|row| rows.push_converted(row.gaps, |made| deep.convert(row.samples, made)))
        }
    }?;
    Ok((rows.finish(task.header)?, is_whole))
}

/// Refuses what would hold too much memory: the whole of it counts, whatever is shown.
fn check(picture: &heif::Picture<'_>, task: &Task<'_>) -> Result<(), Error> {
    let whole = Header::new(Format::AVIF, picture.main.width, picture.main.height);
    whole.check(task.limits)?;
    let (width, height) = picture.main.tile;
    if u64::from(width) * u64::from(height) > u64::from(av1::MOST_PIXELS) {
        let reason = format!("a frame of {width}x{height} pixels: more than AV1 is decoded of");
        return Err(Error::LimitExceeded(reason));
    }
    admit(&whole, avif::held_a_pixel(picture), task.limits)
}

/// The profile that colors wait for: an ICC profile before code points, and none if they
/// are sRGB.
fn profile(
    color: &heif::Color<'_>,
    points: &CodePoints,
    limits: &Limits,
    warnings: &mut Vec<String>,
) -> Option<Vec<u8>> {
    let profile = color.profile.map(<[u8]>::to_vec);
    let profile = admit_profile(profile, limits, warnings).or_else(|| {
        // One that says nothing is that of sRGB, too.
        let transfer = match points.transfer {
            2 => 13,
            transfer => transfer,
        };
        color::of_code_points([points.primaries, transfer, 0, 1], Samples::Rgb)
    });
    profile.filter(|profile| !color::is_srgb(profile))
}

fn refused(error: heif::Error) -> Error {
    match error {
        heif::Error::Malformed(_) => malformed(Format::AVIF, error),
        heif::Error::Unsupported(_) => unsupported_feature(Format::AVIF, error),
    }
}

fn undecoded(error: avif::Error) -> Error {
    match error {
        avif::Error::Damaged(_) | avif::Error::OddTiles => malformed(Format::AVIF, error),
        avif::Error::Matrix(_) => unsupported_feature(Format::AVIF, error),
    }
}
