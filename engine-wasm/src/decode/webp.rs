//! WebP: lossy, lossless, with alpha; of an animation, the first frame.

use std::fmt::Display;

use thimble_webp::container::{self, Animation};
use thimble_webp::layer::{Canvas, Layer};
use thimble_webp::{self as webp, Detail, still};

use crate::color;
use crate::contract::Error;
use crate::decode::rows::{self, Rows};
use crate::decode::{
    Codec, Decoded, HELD_AS_A_WHOLE, Header, TRUNCATED, Task, Wanted, admit, admit_profile, exif,
    malformed, samples,
};
use crate::format::Format;
use crate::picture::Picture;

pub(super) const CODEC: Codec = Codec {
    format: Format::WEBP,
    recognize: |source| source.starts_with(b"RIFF") && source.get(8..12) == Some(b"WEBP"),
    read_header,
    decode,
};

/// Warnings of a picture that is there, and of one of which the rows above the damage are.
const CONTRADICTED: &str =
    "the source is damaged: its picture is whole, and what it says of it is not right";
const DAMAGED: &str = "the source is damaged, a part of it is missing";

/// Reads the chunks that are not pixels.
fn read_header(source: &[u8]) -> Result<Header, Error> {
    let orientation = exif::orientation(container::contents(source, b"EXIF"));
    let (width, height, frames) = match container::animation(source) {
        Some(animation) => {
            let (width, height) = animation.canvas;
            (width, height, animation.frames)
        }
        None => {
            let (width, height) = still::sides(source).map_err(damaged)?;
            (width, height, 1)
        }
    };
    Ok(Header {
        orientation,
        frames,
        ..Header::new(Format::WEBP, width, height)
    })
}

/// Decodes the picture, or the first frame on its canvas. A lossy picture is
/// decoded by planes, and no larger than it is wanted, unless that would cost
/// color: a profile describes RGB, and so does a thumbnail that shows as many
/// pixels as the source has, unless it is going to halve color differences again.
/// One that is cut off is decoded as far as it goes.
fn decode(task: &Task<'_>) -> Result<Decoded, Error> {
    admit(task.header, HELD_AS_A_WHOLE, task.limits)?;
    let mut warnings = Vec::new();
    let profile = container::contents(task.source, b"ICCP")
        .next()
        .map(<[u8]>::to_vec);
    let profile = admit_profile(profile, task.limits, &mut warnings);
    let profile = profile.filter(|profile| !color::is_srgb(profile));
    let animation = container::animation(task.source);
    let (picture, warning) = match &animation {
        Some(animation) => decode_first(task, animation, profile.is_some()),
        None => decode_still(task, profile.is_some()),
    }?;
    warnings.extend(warning.map(Into::into));
    Ok(Decoded {
        picture,
        profile,
        warnings,
    })
}

/// A picture, and the warning that it has.
type Warned = (Picture, Option<&'static str>);

/// The first frame on its canvas.
fn decode_first(
    task: &Task<'_>,
    animation: &Animation,
    has_profile: bool,
) -> Result<Warned, Error> {
    let task = Task {
        source: &animation.first,
        ..*task
    };
    let (place, sides) = (animation.place, animation.sides);
    if place == (0, 0) && sides == animation.canvas {
        return decode_still(&task, has_profile);
    }
    admit_frame(sides, &task)?;
    match Layer::whole(task.source, sides) {
        Ok(frame) => Ok((on_canvas(&frame, &task, place)?, None)),
        Err(error) => decode_cut(&task, place).unwrap_or_else(|| Err(refused(error, sides))),
    }
}

fn decode_still(task: &Task<'_>, has_profile: bool) -> Result<Warned, Error> {
    match decode_whole(task.source, task.header, task.wanted, has_profile) {
        Ok(picture) => Ok((picture, None)),
        Err(error) => decode_cut(task, (0, 0)).unwrap_or(Err(error)),
    }
}

/// The part that is there of a still picture, if there is one, at a place of its canvas.
fn decode_cut(task: &Task<'_>, place: (u32, u32)) -> Option<Result<Warned, Error>> {
    if let Err(error) = admit_frame(still::sides_of_frame(task.source)?, task) {
        return Some(Err(error));
    }
    let remains = Layer::remains(task.source)?;
    let warning = match (container::is_cut(task.source), remains.is_whole()) {
        (true, _) => TRUNCATED,
        (false, true) => CONTRADICTED,
        (false, false) => DAMAGED,
    };
    let picture = on_canvas(&remains, task, place);
    Some(picture.map(|picture| (picture, Some(warning))))
}

/// Refuses a frame of more pixels than are allowed, however small its canvas is.
fn admit_frame((width, height): (u32, u32), task: &Task<'_>) -> Result<(), Error> {
    let frame = Header::new(Format::WEBP, width, height);
    frame.check(task.limits)?;
    admit(&frame, HELD_AS_A_WHOLE, task.limits)
}

fn on_canvas(layer: &Layer, task: &Task<'_>, place: (u32, u32)) -> Result<Picture, Error> {
    let header = task.header;
    let mut rows = Rows::new(header, task.wanted, 4)?;
    let sides = (header.width, header.height);
    layer.rows_on(Canvas { sides, place }, |row| {
        if row.is_missing() {
            return rows.push_missing();
        }
        rows.push(row.samples);
        Ok(())
    })?;
    rows.finish(header)
}

fn decode_whole(
    source: &[u8],
    header: &Header,
    wanted: Wanted,
    has_profile: bool,
) -> Result<Picture, Error> {
    let source = &*still::readable(source);
    let (size, sides) = ((wanted.width, wanted.height), (header.width, header.height));
    let detail = Detail::for_size(size, sides);
    let planar = !has_profile && (wanted.halved_chroma || !detail.is_full());
    let fits = |frame: &&[u8]| webp::dimensions(frame) == Some(sides);
    if let Some(frame) = webp::opaque_frame(source).filter(|_| planar).filter(fits) {
        return webp::decode(frame, detail).map_err(damaged);
    }
    let pixels = still::pixels(source, sides).map_err(|error| refused(error, sides))?;
    rows::averaged(header, wanted, pixels.channels, pixels.samples)
}

fn refused(error: still::Error, (width, height): (u32, u32)) -> Error {
    match error {
        still::Error::Damaged(error) => damaged(error),
        still::Error::TooLarge => samples::too_large(width, height),
    }
}

fn damaged(error: impl Display) -> Error {
    malformed(Format::WEBP, error)
}
