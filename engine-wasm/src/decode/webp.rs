//! WebP: lossy, lossless, with alpha; of an animation, the first frame.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::Cursor;

use image_webp::WebPDecoder;
use thimble_webp::container::{Animation, Frame};
use thimble_webp::{self as webp, Detail, container, lossless};

use crate::color;
use crate::contract::Error;
use crate::decode::rows::{self, Rows};
use crate::decode::{
    Codec, Decoded, HELD_AS_A_WHOLE, Header, TRUNCATED, Task, Wanted, admit, admit_profile, exif,
    malformed, samples,
};
use crate::format::Format;
use crate::picture::{Picture, Plane};

type Decoder<'a> = WebPDecoder<Cursor<&'a [u8]>>;

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
            let (width, height) = read_sides(source)?;
            (width, height, 1)
        }
    };
    Ok(Header {
        orientation,
        frames,
        ..Header::new(Format::WEBP, width, height)
    })
}

/// The sides of a still picture's canvas, or of what there is of the picture.
fn read_sides(source: &[u8]) -> Result<(u32, u32), Error> {
    match open(&readable(source)) {
        Ok(decoder) => Ok(decoder.dimensions()),
        Err(error) => sides_of_frame(source).ok_or(error),
    }
}

/// The sides of a still picture by its own header, whatever the file says.
fn sides_of_frame(source: &[u8]) -> Option<(u32, u32)> {
    match container::still_frame(source)? {
        Frame::Lossy(frame) => webp::dimensions(frame),
        Frame::Lossless(frame) => lossless::header(frame).map(|(width, height, _)| (width, height)),
    }
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
    if animation.place == (0, 0) && animation.sides == animation.canvas {
        return decode_still(&task, has_profile);
    }
    let (width, height) = animation.sides;
    let frame = Header::new(Format::WEBP, width, height);
    admit_frame(&frame, &task)?;
    let source = readable(task.source);
    let whole = open(&source).and_then(|mut decoder| read_pixels(&mut decoder, &frame));
    let (pixels, channels) = match whole {
        Ok(whole) => whole,
        Err(error) => return decode_cut(&task, animation.place).unwrap_or(Err(error)),
    };
    let mut canvas = Canvas::new(&task, animation.place)?;
    for row in pixels.chunks_exact(width as usize * channels) {
        canvas.push(row, channels);
    }
    Ok((canvas.finish()?, None))
}

fn decode_still(task: &Task<'_>, has_profile: bool) -> Result<Warned, Error> {
    match decode_whole(task.source, task.header, task.wanted, has_profile) {
        Ok(picture) => Ok((picture, None)),
        Err(error) => decode_cut(task, (0, 0)).unwrap_or(Err(error)),
    }
}

/// The part that is there of a still picture, if there is one, at a place of its canvas.
fn decode_cut(task: &Task<'_>, place: (u32, u32)) -> Option<Result<Warned, Error>> {
    let (width, height) = sides_of_frame(task.source)?;
    if let Err(error) = admit_frame(&Header::new(Format::WEBP, width, height), task) {
        return Some(Err(error));
    }
    let (picture, is_whole) = match container::still_frame(task.source)? {
        Frame::Lossless(frame) => {
            let there = lossless::decode_partly(frame)?;
            (upper_rows(&there, task, place), there.is_whole())
        }
        Frame::Lossy(frame) => {
            let cut = Cut::decode(task.source, frame)?;
            (cut.on_canvas(task, place), cut.is_whole)
        }
    };
    let warning = match (container::is_cut(task.source), is_whole) {
        (true, _) => TRUNCATED,
        (false, true) => CONTRADICTED,
        (false, false) => DAMAGED,
    };
    Some(picture.map(|picture| (picture, Some(warning))))
}

/// Refuses a frame of more pixels than are allowed, however small its canvas is.
fn admit_frame(frame: &Header, task: &Task<'_>) -> Result<(), Error> {
    frame.check(task.limits)?;
    admit(frame, HELD_AS_A_WHOLE, task.limits)
}

fn upper_rows(
    there: &lossless::Rows,
    task: &Task<'_>,
    place: (u32, u32),
) -> Result<Picture, Error> {
    let mut canvas = Canvas::new(task, place)?;
    for row in there.pixels.chunks_exact(there.width as usize) {
        canvas.push(row.as_flattened(), 4);
    }
    canvas.finish()
}

/// A canvas on the way of rows that may be shorter than its own, or longer, or fewer: what
/// lies beside them is transparent.
struct Canvas<'a> {
    header: &'a Header,
    rows: Rows,
    row: Vec<u8>,
    left: usize,
    /// Rows that there are.
    filled: u32,
}

impl<'a> Canvas<'a> {
    fn new(task: &Task<'a>, (left, top): (u32, u32)) -> Result<Self, Error> {
        let header = task.header;
        let mut rows = Rows::new(header, task.wanted, 4)?;
        let filled = top.min(header.height);
        (0..filled).try_for_each(|_| rows.push_missing())?;
        Ok(Self {
            header,
            rows,
            row: vec![0; header.width as usize * 4],
            left: left as usize,
            filled,
        })
    }

    /// Takes the next row, of three or four channels.
    fn push(&mut self, row: &[u8], channels: usize) {
        if self.filled == self.header.height {
            return;
        }
        self.filled += 1;
        if channels == 4 && self.left == 0 && row.len() == self.row.len() {
            return self.rows.push(row);
        }
        let places = self.row.chunks_exact_mut(4).skip(self.left);
        for (place, pixel) in places.zip(row.chunks_exact(channels)) {
            place[..channels].copy_from_slice(pixel);
            place[channels..].fill(u8::MAX);
        }
        self.rows.push(&self.row);
    }

    fn finish(mut self) -> Result<Picture, Error> {
        (self.filled..self.header.height).try_for_each(|_| self.rows.push_missing())?;
        self.rows.finish(self.header)
    }
}

fn decode_whole(
    source: &[u8],
    header: &Header,
    wanted: Wanted,
    has_profile: bool,
) -> Result<Picture, Error> {
    let source = &*readable(source);
    let size = (wanted.width, wanted.height);
    let detail = Detail::for_size(size, (header.width, header.height));
    let planar = !has_profile && (wanted.halved_chroma || !detail.is_full());
    let fits = |frame: &&[u8]| webp::dimensions(frame) == Some((header.width, header.height));
    match webp::opaque_frame(source).filter(|_| planar).filter(fits) {
        Some(frame) => webp::decode(frame, detail).map_err(damaged),
        None => decode_pixels(&mut open(source)?, header, wanted),
    }
}

/// The source as the decoding crate reads it: with a canvas if it needs one, and with
/// what it says of itself put right if that is wrong.
fn readable(source: &[u8]) -> Cow<'_, [u8]> {
    if let Some(canvas) = container::with_canvas(source) {
        return Cow::Owned(canvas);
    }
    container::mended(source).map_or(Cow::Borrowed(source), Cow::Owned)
}

/// A lossy picture of which only the upper rows are there, or that is not what the file
/// says of it.
struct Cut {
    /// Those rows.
    picture: Picture,
    is_whole: bool,
    /// The whole picture, with alpha, and with colors that cannot be trusted.
    alpha: Option<Vec<u8>>,
}

impl Cut {
    fn decode(source: &[u8], frame: &[u8]) -> Option<Self> {
        let (width, height) = webp::dimensions(frame)?;
        let full = Detail::for_size((width, height), (width, height));
        let (picture, is_whole) = webp::decode_partly(frame, full).ok()?;
        let alpha = container::filled_up(source, (width, height)).and_then(|filled| {
            let mut decoder = open(&filled).ok()?;
            let is_alike = decoder.has_alpha() && decoder.dimensions() == (width, height);
            let mut pixels = samples::allocate(width, height, 4).ok()?;
            decoder.read_image(&mut pixels).ok().filter(|()| is_alike)?;
            Some(pixels)
        });
        Some(Self {
            picture,
            is_whole,
            alpha,
        })
    }

    /// The picture over nothing.
    fn on_canvas(&self, task: &Task<'_>, place: (u32, u32)) -> Result<Picture, Error> {
        let Some([luma, blue, red]) = self.picture.planes.first_chunk() else {
            return Err(damaged("there is no picture"));
        };
        let (width, there) = (luma.extent.0 as usize, luma.extent.1 as usize);
        let mut canvas = Canvas::new(task, place)?;
        let mut row = vec![[0; 4]; width];
        for y in 0..there {
            for (x, pixel) in row.iter_mut().enumerate() {
                let at = |plane: &Plane| plane.samples.get(y * plane.width + x).copied();
                let [luma, blue, red] = [luma, blue, red].map(|plane| at(plane).unwrap_or(128));
                let alpha = self.alpha.as_ref();
                let alpha = alpha.and_then(|pixels| pixels.get((y * width + x) * 4 + 3));
                let [red, green, blue] = color::from_ycbcr(luma, blue, red);
                *pixel = [red, green, blue, alpha.copied().unwrap_or(u8::MAX)];
            }
            canvas.push(row.as_flattened(), 4);
        }
        canvas.finish()
    }
}

fn decode_pixels(
    decoder: &mut Decoder<'_>,
    header: &Header,
    wanted: Wanted,
) -> Result<Picture, Error> {
    let (pixels, channels) = read_pixels(decoder, header)?;
    rows::averaged(header, wanted, channels, pixels)
}

/// All pixels, and the number of their channels.
fn read_pixels(decoder: &mut Decoder<'_>, header: &Header) -> Result<(Vec<u8>, usize), Error> {
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let mut pixels = samples::allocate(header.width, header.height, channels)?;
    decoder.read_image(&mut pixels).map_err(damaged)?;
    Ok((pixels, channels))
}

/// A chunk cannot be larger than the source, so neither can what is read of it.
fn open(source: &[u8]) -> Result<Decoder<'_>, Error> {
    let mut decoder = WebPDecoder::new(Cursor::new(source)).map_err(damaged)?;
    decoder.set_memory_limit(source.len());
    Ok(decoder)
}

fn damaged(error: impl Display) -> Error {
    malformed(Format::WEBP, error)
}
